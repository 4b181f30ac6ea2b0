// What was compiled, in one screen.
'use strict';

page.views.set('overview', {
  title: 'Overview',
  show(view) {
    view.classList.add('scroll');
    const { data, program, totals } = page;
    if (data.error) {
      view.append(h('div.error', h('b', 'The compilation failed: '), data.error));
    }
    const targets = [...new Set(data.code.map((code) => code.target))];
    const tiles = [
      program.launches.length && [program.launches.length, 'launches', `of ${page.kernels.size} kernels`, 'kernels'],
      totals.flops && [quantity(totals.flops, 'FLOP'), 'an image', `in ${page.nodes.length} fused kernels of ${(data.graph || []).length} ops`, 'graph'],
      program.launches.length && [bytes(totals.bytes), 'activations moved', `arena ${bytes(program.arena.bytesPerItem)}`, 'memory'],
      program.launches.length && [bytes(totals.parameterBytes), 'parameters read', targets.join(', '), 'kernels'],
      totals.savedBytes && [bytes(totals.savedBytes), 'saved by sinking windows', `${d3.sum(data.remarks, (each) => each.saved_bytes ? 1 : 0)} attentions`, 'memory'],
      page.profile && [seconds(page.profile.total), 'in kernels', `threads: ${page.profile.measured.threads}`, 'profile'],
    ].filter((tile) => tile);
    view.append(h('div.tiles', tiles.map(([value, name, more, where]) => h('a.tile', { href: `#${where}` }, h('b', value), h('span', name), h('small', more)))));
    if (program.launches.length) {
      view.append(h('h2', page.profile ? 'Time by kernel family' : 'Arithmetic by kernel family'), familyBar(), h('h2', 'Module tree'), treeTable());
    }
    view.append(h('h2', 'Remarks'), remarkBrowser());
  },
});

/** One bar of the run, by family. */
function familyBar() {
  const weight = (launch) => page.profile ? page.profile.time(launch.number) : launch.flops;
  const sums = d3.nest().key((launch) => launch.family).rollup((launches) => ({ weight: d3.sum(launches, weight), count: launches.length }))
    .entries(page.program.launches).sort((a, b) => b.value.weight - a.value.weight);
  const total = d3.sum(sums, (each) => each.value.weight) || 1;
  const percent = (each) => 100 * each.value.weight / total;
  const launches = ({ value: { count } }) => `${count} ${count === 1 ? 'launch' : 'launches'}`;
  return h('div',
    h('div.family-bar', sums.map((each) => h('span', { title: each.key, style: `width:${percent(each)}%;background:${familyColors(each.key)}` }))),
    h('div.legend', sums.map((each) => h('span', familyDot(each.key), `${each.key} ${percent(each).toFixed(1)} % `, h('small', launches(each))))));
}

/** Modules to the depth of blocks, with what they cost; a click opens what is inside. */
function treeTable() {
  const root = { path: '', name: page.data.model, inside: new Map(), launches: [] };
  for (const launch of page.program.launches) {
    let module = root;
    module.launches.push(launch);
    const parts = launch.layer.split('.');
    parts.forEach((part, depth) => {
      const path = parts.slice(0, depth + 1).join('.');
      if (!module.inside.has(part)) { module.inside.set(part, { path, name: path, inside: new Map(), launches: [] }); }
      module = module.inside.get(part);
      module.launches.push(launch);
    });
  }
  const body = h('tbody');
  const cost = (module) => d3.sum(module.launches, (launch) => page.profile ? page.profile.time(launch.number) : launch.flops);
  const total = cost(root) || 1;
  function rowOf(module, depth) {
    const row = h('tr');
    let inner = null;
    const toggle = h('span.fold', module.inside.size ? '▸' : '');
    const name = module.inside.size ? module.name : link(`graph/layer/${module.path}`, module.name || '(no layer)');
    row.append(h('td', { style: `padding-left:${8 + depth * 18}px` }, toggle, name),
      h('td.number', module.launches.length), h('td.number', (d3.sum(module.launches, (each) => each.flops) / 1e6).toFixed(1)),
      h('td.number', (d3.sum(module.launches, (each) => each.bytes) / 1e6).toFixed(2)),
      page.profile ? h('td.number', seconds(cost(module))) : [],
      h('td', h('div.meter', h('span', { style: `width:${100 * cost(module) / total}%` }))));
    const open = () => {
      inner = [...module.inside.values()].flatMap((each) => rowOf(each, depth + 1));
      row.after(...inner);
      toggle.textContent = '▾';
    };
    const close = () => {
      while (row.nextSibling && Number(row.nextSibling.dataset.depth) > depth) { row.nextSibling.remove(); }
      inner = null;
      toggle.textContent = '▸';
    };
    row.dataset.depth = depth;
    if (module.inside.size) {
      row.classList.add('link');
      row.addEventListener('click', () => inner ? close() : open());
    }
    return [row];
  }
  body.append(...[...root.inside.values()].flatMap((module) => rowOf(module, 0)));
  const numbers = ['launches', 'MFLOP', 'MB', ...(page.profile ? ['time'] : [])];
  return h('table.tree', h('thead', h('tr', h('th', 'module'), numbers.map((name) => h('th.number', name)),
    h('th', page.profile ? 'share of the time' : 'share of the arithmetic'))), body);
}

/** Remarks by kind and text. */
function remarkBrowser() {
  const { remarks } = page.data;
  const kinds = [...new Set(remarks.map((remark) => remark.kind))];
  const field = h('input', { type: 'search', placeholder: 'filter by layer, pass or text' });
  const picks = kinds.map((kind) => h('label.pick', h('input', { type: 'checkbox', checked: kind !== 'fused', value: kind }),
    h(`span.kind.${kind}`, kind), ` ${remarks.filter((remark) => remark.kind === kind).length}`));
  const list = h('div.remarks');
  const fill = () => {
    const shown = picks.filter((pick) => pick.firstChild.checked).map((pick) => pick.firstChild.value);
    const wanted = field.value.toLowerCase();
    const matching = remarks.filter((remark) => shown.includes(remark.kind) && `${remark.layer} ${remark.pass} ${remark.text}`.toLowerCase().includes(wanted));
    list.replaceChildren(matching.length ? remarkList(matching) : h('p.hint', 'none'));
  };
  [field, ...picks].forEach((each) => each.addEventListener('input', fill));
  fill();
  return h('div', h('div.bar', picks, field), list);
}
