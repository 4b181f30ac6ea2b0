// Kernels: a table of all, and of one its plan, schedule, statement and machine code.
'use strict';

const intensityOf = (kernel) => {
  const { activationBytes, parameterBytes, resultBytes } = kernel.work;
  return kernel.work.flops / (activationBytes + parameterBytes + resultBytes);
};
const layerOf = (kernel) => kernel.launches.length ? kernel.launches[0].layer : '';
const spillsOf = (kernel) => d3.max(kernel.code, (code) => code.machine && code.machine.hotLoop ? code.machine.hotLoop.spills : 0) || 0;

page.views.set('kernels', {
  title: 'Kernels',
  show(view, name, part, target) {
    const kernel = page.kernels.get(name);
    if (kernel) {
      showKernel(view, kernel, part || 'plan', target);
      return;
    }
    const kernels = [...page.kernels.values()];
    if (!kernels.length) {
      view.append(h('p.hint', 'The compilation ended before phase exec: no kernels yet.'));
      return;
    }
    const timed = page.profile ? [
      { name: 'time', number: true, value: (k) => page.profile.kernelTime(k), cell: (k) => seconds(page.profile.kernelTime(k)) },
      { name: '% of peak', number: true, value: (k) => page.profile.share(k), cell: (k) => shareText(page.profile.share(k)) },
    ] : [];
    const table = (rows) => sortableTable(rows, [
      { name: 'kernel', value: (k) => k.name, cell: (k) => [familyDot(k.family), k.name] },
      { name: 'layer', value: layerOf, cell: (k) => [layerOf(k), k.launches.length > 1 ? h('span.more', ` and ${k.launches.length - 1} more`) : ''] },
      { name: 'launches', number: true, value: (k) => k.launches.length },
      { name: 'MFLOP', number: true, title: 'of one launch', value: (k) => k.work.flops, cell: (k) => (k.work.flops / 1e6).toFixed(2) },
      { name: 'MB', number: true, title: 'read and written by one launch, each value once', value: bytesOf, cell: (k) => (bytesOf(k) / 1e6).toFixed(2) },
      { name: 'FLOP/B', number: true, title: 'arithmetic intensity', value: intensityOf, cell: (k) => intensityOf(k).toFixed(1) },
      { name: 'spills', number: true, title: 'stores to the stack in the hot loop', value: spillsOf },
      ...timed,
    ], { onclick: (k) => { window.location.hash = `kernels/${k.name}`; }, sort: timed.length ? 7 : 3 });
    const body = h('div.scroll', table(kernels));
    const filter = h('input', {
      type: 'search', placeholder: 'filter by name, family or layer', oninput: () => {
        const wanted = filter.value.toLowerCase();
        body.replaceChildren(table(kernels.filter((k) =>
          `${k.name} ${k.family} ${k.launches.map((launch) => launch.layer).join(' ')}`.toLowerCase().includes(wanted))));
      },
    });
    view.append(h('div.bar', h('h2', `${kernels.length} kernels, ${page.program.launches.length} launches`), filter), body);
  },
});

const bytesOf = (kernel) => kernel.work.activationBytes + kernel.work.parameterBytes + kernel.work.resultBytes;

function showKernel(view, kernel, part, target) {
  const code = kernel.code.find((each) => each.target === target) || kernel.code[0];
  const content = h('section.fill');
  const parts = [['plan', 'Plan'], ['schedule', 'Schedule'], ['statement', 'Statement'], ...code && code.source !== undefined ? [['source', 'Device source']] : [],
    ['assembly', 'Assembly'], ['ir', 'IR']];
  const node = page.nodes.find((each) => each.launch && each.launch.kernel === kernel.name);
  const choice = (path, selected, label) => h('a', { href: `#kernels/${kernel.name}/${path}`, class: selected ? 'selected' : undefined }, label);
  view.append(h('div.bar', h('h2', link('kernels', 'Kernels'), ' / ', familyDot(kernel.family), kernel.name),
    h('nav.parts', parts.map(([key, label]) => choice(target ? `${key}/${target}` : key, key === part, label))),
    kernel.code.length > 1 ? h('nav.parts', kernel.code.map((each) => choice(`${part}/${each.target}`, each === code, each.target))) : [],
    node ? link(`graph/kernel/${node.number}`, 'show in the graph') : []), content);
  const shows = { plan: showPlan, schedule: showSchedule, statement: showStatement, source: showSource, assembly: showAssembly, ir: showKernelIR };
  if ((part === 'statement' || part === 'assembly' || part === 'schedule') && !code) {
    content.append(h('p.hint', 'The compilation ended before this kernel was made.'));
    return;
  }
  (shows[part] || showPlan)(content, kernel, code, node);
}

function showPlan(target, kernel, code, node) {
  const { work } = kernel;
  const plan = node ? node.plan : {};
  const anchor = plan.scale === undefined ? plan.anchor : 'softmax(q kᵀ) v';
  const chain = [plan.indexMaps, plan.prologue, plan.rowStatistics, plan.hidden, anchor && h('b', anchor), plan.epilogue, plan.outputMaps]
    .flat().filter((each) => each);
  target.classList.add('scroll');
  target.append(h('div.columns',
    h('div', h('h3', 'Plan'), facts([
      ['family', familyDot(kernel.family), kernel.family],
      chain.length && ['computes', chain.flatMap((each, number) => number ? [' → ', each] : [each])],
      plan.scale !== undefined && ['scores', `scaled by ${plan.scale.toPrecision(4)}, bias: ${plan.bias}`],
      plan.rowStatistics && ['rows', 'are normalised once a block, into scratch'],
      code && ['schedule', code.schedule],
      code && ['scratch of a worker', bytes(code.scratchBytes)],
      code && ['object', bytes(code.objectBytes)],
    ]), h('h3', 'Reads'), h('ul', kernel.inputs.map((type) => h('li', h('code', type)))),
    h('h3', 'Writes'), h('ul', kernel.outputs.map((type) => h('li', h('code', type))))),
    h('div', h('h3', 'Work of one launch'), facts([
      ['operations', quantity(work.flops, 'FLOP')],
      work.exponentials && ['exponentials', quantity(work.exponentials)],
      work.silus && ['SiLUs', quantity(work.silus)],
      work.gelus && ['GELUs', quantity(work.gelus)],
      ['activations', bytes(work.activationBytes)],
      ['parameters', bytes(work.parameterBytes)],
      ['results', bytes(work.resultBytes)],
      ['intensity', `${intensityOf(kernel).toFixed(1)} FLOP/B`],
      page.profile && ['time of all launches', seconds(page.profile.kernelTime(kernel))],
      page.profile && ['of the peak', `${shareText(page.profile.share(kernel))} of the arithmetic, ${shareText(page.profile.bandwidthShare(kernel))} of the bandwidth`],
    ]), h('h3', `${kernel.launches.length} ${kernel.launches.length === 1 ? 'launch' : 'launches'}`), h('ul.launches', kernel.launches.map((launch) => h('li',
      page.nodes[launch.number] ? link(`graph/kernel/${launch.number}`, launch.layer || `launch ${launch.number}`) : launch.layer || `launch ${launch.number}`,
      page.profile ? h('span.more', ` ${seconds(page.profile.time(launch.number))}`) : []))))));
}

function showSchedule(target, kernel, code) {
  target.classList.add('scroll');
  const choices = code.choices.length ? sortableTable(code.choices, [
    { name: 'size', value: (choice) => choice.name },
    { name: 'chosen', number: true, value: (choice) => choice.chosen },
    { name: 'cost model', number: true, value: (choice) => choice.preferred },
    { name: 'it could also be', value: (choice) => choice.accepted.length, cell: (choice) => choice.accepted.filter((value) => value !== choice.chosen).join(', ') },
  ]) : h('p.hint', 'This family’s schedule has no sizes to choose.');
  target.append(h('p.sentence', code.schedule), h('h3', 'Sizes'), choices, h('h3', 'Loops'),
    h('p.hint', 'Of the lowered statement, with what is computed and kept in them; a click shows the place.'));
  page.text(code.statement).then((text) => {
    const lines = text.split('\n');
    const rows = lines.flatMap((line, number) => /^\s*(?:parallel|for|unrolled|vectorized|produce|allocate)\b/.test(line) ? [[line, number]] : []);
    const least = d3.min(rows, ([line]) => indentOf(line)) || 0;
    target.append(h('div.outline', rows.map(([line, number]) => h('div', { style: `padding-left:${(indentOf(line) - least) * 12}px`, class: /^\s*(\w+)/.exec(line)[1] },
      h('a', { href: `#kernels/${kernel.name}/statement/${code.target}/${number + 1}` }, highlight(line.trim().replace(/ \{$/, ''), languages.halide))))));
  });
}

async function showStatement(target, kernel, code) {
  const text = await page.text(code.statement);
  const marks = new Map();
  text.split('\n').forEach((line, number) => {
    const kind = /^\s*(parallel|for|produce|allocate)\b/.exec(line);
    if (kind) { marks.set(number, `statement-${kind[1]}`); }
  });
  const view = codeView(text, { language: 'halide', foldable: true, marks });
  target.append(h('div.bar', h('p.sentence', code.schedule), searchField(view)), view);
  const line = Number(window.location.hash.split('/')[4]);
  if (line) { view.goTo(line - 1); }
}

/** What the device's driver compiles. */
async function showSource(target, kernel, code) {
  if (code.source === undefined) {
    target.append(h('p.hint', 'For a processor it is compiled to machine code.'));
    return;
  }
  const view = codeView(await page.text(code.source), { language: 'source' });
  target.append(h('div.bar', searchField(view)), view);
}

async function showAssembly(target, kernel, code) {
  if (code.assembly === undefined) {
    target.append(h('p.hint', `This code is not x86-64's: ${code.assemblyError}`));
    return;
  }
  const text = await page.text(code.assembly);
  const { hotLoop, functions, spills, reloads } = code.machine;
  const marks = new Map();
  reloads.forEach((line) => marks.set(line, 'reload'));
  spills.forEach((line) => marks.set(line, 'spill'));
  functions.forEach((each) => marks.set(each.line, 'function'));
  if (hotLoop) {
    for (let line = hotLoop.first; line <= hotLoop.last; line += 1) {
      marks.set(line, `${marks.get(line) || ''} hot`.trim());
    }
  }
  const view = codeView(text, { language: 'assembly', marks });
  const count = hotLoop ? hotLoop.last - hotLoop.first + 1 : 0;
  target.append(h('div.bar',
    hotLoop ? h('p.sentence', h('button', { id: 'hot-loop', onclick: () => view.goTo(hotLoop.first) }, 'hot loop'),
      ` ${count} instructions, ${hotLoop.multiplyAdds} multiply-adds of vectors, `,
      h(hotLoop.spills ? 'b.bad' : 'b.good', `${hotLoop.spills} spills`), ` and ${hotLoop.reloads} reloads; ${hotLoop.depth} loops around it`)
      : h('p.sentence', 'no loop computes on vectors'),
    h('span.hint', `${spills.length} spills, ${reloads.length} reloads in all`), searchField(view)),
  h('div.functions', functions.map((each) => h('button', { onclick: () => view.goTo(each.line) }, each.name))), view);
  if (hotLoop) { view.goTo(hotLoop.first); }
}

function showKernelIR(target, kernel) {
  target.append(codeView(kernel.text, { language: 'mlir' }));
}
