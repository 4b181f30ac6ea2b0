// Phases and passes in order, and what each changed: two texts side by side.
'use strict';

/** Lines of a module's text without locations; the layer of each; and a key that numbering of values does not change. */
function readModule(text) {
  const layers = new Map();
  for (const match of text.matchAll(/^#(loc\d*) = loc\("([^"]*)"/gm)) {
    layers.set(match[1], match[2]);
  }
  // A fused location names its parts.
  for (const match of text.matchAll(/^#(loc\d*) = loc\(fused(?:<[^>]*>)?\[#(loc\d*)/gm)) {
    layers.set(match[1], layers.get(match[2]) || '');
  }
  const definitions = new Map();
  const lines = [];
  for (const line of text.split('\n')) {
    if (/^#loc\d* = /.test(line) || (!line && !lines.length)) {
      continue;
    }
    const location = /^(.*?) loc\((?:#(loc\d*)|"([^"]*)"|unknown)\)$/.exec(line);
    const source = (location ? location[1] : line).replace(/ loc\((?:#loc\d*|unknown|"[^"]*")\)/g, '');
    const layer = location ? location[3] || layers.get(location[2]) || '' : '';
    const key = source.replace(/%[\w#]+/g, (name) => definitions.get(name) || '%');
    const defined = /^\s*(%[\w]+)(?::\d+)? = ("?[\w.]+"?)/.exec(source);
    if (defined) {
      definitions.set(defined[1], `%${defined[2]}@${layer}`);
    }
    lines.push({ source, layer, key: `${key.trim()}@${layer}` });
  }
  while (lines.length && !lines[lines.length - 1].source) { lines.pop(); }
  return lines;
}

/** Runs of [-1 removed, 0 kept, 1 added; lines] between two lists of strings. */
function diffStrings(before, after) {
  const codes = new Map();
  const encode = (strings) => strings.map((string) => {
    if (!codes.has(string)) {
      // Surrogates are no characters of their own.
      const code = codes.size + 1;
      codes.set(string, String.fromCharCode(code < 0xd800 ? code : code + 0x800));
    }
    return codes.get(string);
  }).join('');
  const matcher = new diff_match_patch();
  matcher.Diff_Timeout = 0.2;
  return matcher.diff_main(encode(before), encode(after), false).map(([kind, text]) => [kind, text.length]);
}

/** Rows [line before or null, line after or null, changed]. Within a change, lines of one layer stand side by side. */
function alignModules(before, after) {
  const rows = [];
  let a = 0;
  let b = 0;
  const runs = diffStrings(before.map((line) => line.key), after.map((line) => line.key));
  for (let i = 0; i < runs.length;) {
    if (runs[i][0] === 0) {
      for (let n = runs[i][1]; n > 0; n -= 1) { rows.push([before[a++], after[b++], false]); }
      i += 1;
      continue;
    }
    let removed = 0;
    let added = 0;
    for (; i < runs.length && runs[i][0] !== 0; i += 1) {
      if (runs[i][0] < 0) { removed += runs[i][1]; } else { added += runs[i][1]; }
    }
    rows.push(...alignChange(before.slice(a, a + removed), after.slice(b, b + added)));
    a += removed;
    b += added;
  }
  return rows;
}

function alignChange(before, after) {
  const rows = [];
  let a = 0;
  let b = 0;
  const kind = (line) => `${line.layer} ${(/[\w]+\.[\w.]+/.exec(line.source) || [''])[0]}`;
  for (const [sign, count] of diffStrings(before.map(kind), after.map(kind))) {
    for (let n = 0; n < count; n += 1) {
      rows.push([sign > 0 ? null : before[a++], sign < 0 ? null : after[b++], true]);
    }
  }
  return rows;
}

/** The words of a line, those that the other line lacks marked. */
function markWords(line, other, side) {
  const words = (text) => text.match(/[\w.%#@]+|\s+|./g) || [];
  const result = [];
  let a = 0;
  const own = words(line);
  for (const [sign, count] of diffStrings(own, words(other))) {
    if (sign > 0) { continue; }
    const text = own.slice(a, a + count).join('');
    a += count;
    result.push(sign < 0 ? h(`span.${side}`, text) : text);
  }
  return result;
}

/** Two modules side by side; unchanged parts are folded to `context` lines. */
function diffView(before, after) {
  const rowHeight = 18;
  const context = 3;
  const rows = alignModules(before, after);
  let items = [];
  let selected = null;
  let hits = [];
  let hit = -1;
  const open = new Set();
  const canvas = h('div.lines');
  const root = h('div.code.diff', { tabindex: 0 }, canvas);
  const detail = h('div.diff-detail', h('p.hint', 'Click a line to see the whole of it.'));

  function fold() {
    items = [];
    for (let i = 0; i < rows.length;) {
      if (rows[i][2]) {
        items.push(i);
        i += 1;
        continue;
      }
      let end = i;
      while (end < rows.length && !rows[end][2]) { end += 1; }
      const first = i === 0 ? i : i + context;
      const last = end === rows.length ? end : end - context;
      if (last - first < 2 || open.has(i)) {
        for (let row = i; row < end; row += 1) { items.push(row); }
      } else {
        for (let row = i; row < first; row += 1) { items.push(row); }
        items.push({ start: i, count: last - first });
        for (let row = last; row < end; row += 1) { items.push(row); }
      }
      i = end;
    }
    canvas.style.height = `${items.length * rowHeight}px`;
    draw();
  }

  function drawSide(line, other, changed, side) {
    if (!line) { return h('span.side.none'); }
    const source = changed && other ? markWords(line.source, other.source, side) : highlight(line.source, languages.mlir);
    return h(`span.side${changed ? `.${side}` : ''}`, source);
  }

  function drawItem(item, place) {
    const style = `top:${place * rowHeight}px`;
    if (typeof item === 'object') {
      return h('div.line.folded', { style, onclick: () => { open.add(item.start); fold(); } }, `⋯ ${item.count} unchanged lines`);
    }
    const [a, b, changed] = rows[item];
    return h('div.line', {
      style, class: [item === selected ? 'selected' : '', hits[hit] === item ? 'hit' : ''].join(' ').trim() || undefined,
      onclick: () => { selected = item; showDetail(); draw(); },
    }, drawSide(a, b, changed, 'removed'), drawSide(b, a, changed, 'added'));
  }

  function showDetail() {
    const [a, b, changed] = rows[selected];
    const layer = (b || a).layer;
    detail.replaceChildren(h('p', layer ? link(`graph/layer/${layer}`, layer) : '(no layer)', changed ? '' : ' — unchanged'),
      a && changed ? h('pre.removed', b ? markWords(a.source.trim(), b.source.trim(), 'removed') : a.source.trim()) : [],
      b ? h(changed ? 'pre.added' : 'pre', a && changed ? markWords(b.source.trim(), a.source.trim(), 'added') : b.source.trim()) : []);
  }

  function draw() {
    const first = Math.max(0, Math.floor(root.scrollTop / rowHeight) - 20);
    const count = Math.ceil((root.clientHeight || 600) / rowHeight) + 40;
    canvas.replaceChildren(...items.slice(first, first + count).map((item, place) => drawItem(item, first + place)));
  }

  root.addEventListener('scroll', () => window.requestAnimationFrame(draw));
  new ResizeObserver(draw).observe(root);
  root.search = (wanted) => {
    const lower = wanted.toLowerCase();
    const has = (line) => line && `${line.source} ${line.layer}`.toLowerCase().includes(lower);
    hits = wanted ? rows.flatMap(([a, b], number) => has(a) || has(b) ? [number] : []) : [];
    hit = -1;
    root.next();
    return hits.length;
  };
  root.next = () => {
    if (hits.length) {
      hit = (hit + 1) % hits.length;
      if (!items.includes(hits[hit])) {
        let start = hits[hit];
        while (start > 0 && !rows[start - 1][2]) { start -= 1; }
        open.add(start);
        fold();
      }
      root.scrollTop = Math.max(0, items.indexOf(hits[hit]) * rowHeight - root.clientHeight / 3);
    }
    draw();
    return hit;
  };
  root.changes = [d3.sum(rows, (row) => row[2] && row[0] ? 1 : 0), d3.sum(rows, (row) => row[2] && row[1] ? 1 : 0)];
  fold();
  return [root, detail];
}

page.views.set('passes', {
  title: 'Passes',
  show(view, selection) {
    const steps = page.data.steps;
    const changed = steps.map((step, at) => at).filter((at) => steps[at].text !== undefined);
    const number = changed.includes(Number(selection || -1)) ? Number(selection) : changed[Math.min(1, changed.length - 1)];
    const list = h('ol.steps', steps.map((step, at) => {
      const label = step.pass ? step.pass : `phase ${step.phase}`;
      return h('li', { class: [step.pass ? 'pass' : 'phase', step.text === undefined ? 'unchanged' : '', at === number ? 'selected' : ''].join(' ') },
        step.text === undefined ? h('span', { title: 'changed nothing' }, label) : link(`passes/${at}`, label));
    }));
    const right = h('section.fill');
    view.append(h('div.split', h('aside', h('h2', 'Phases and passes'), list), right));
    showStep(right, number);
  },
});

async function showStep(target, number) {
  const steps = page.data.steps;
  const step = steps[number];
  const previous = steps.slice(0, number).reverse().find((other) => other.text !== undefined);
  const after = readModule(await page.text(step.text));
  const title = h('h2', step.pass ? `after ${step.pass}` : `phase ${step.phase}`);
  const remarks = step.pass ? page.data.remarks.filter((remark) => remark.pass === step.pass) : [];
  const told = remarks.length ? h('details.remarks', h('summary', `${remarks.length} remarks`), remarkList(remarks)) : [];
  if (!previous) {
    const view = codeView(after.map((line) => line.source), { language: 'mlir', gutter: (line) => after[line].layer });
    target.append(h('div.bar', title, searchField(view)), view);
    return;
  }
  const before = readModule(await page.text(previous.text));
  const [view, detail] = diffView(before, after);
  const [removed, added] = view.changes;
  target.append(h('div.bar', title, h('span.counts', h('span.removed', `−${removed}`), ' ', h('span.added', `+${added}`), ' lines'), searchField(view)),
    told, view, detail);
}

function remarkList(remarks) {
  return h('ul.remark-list', remarks.map((remark) => h('li', h(`span.kind.${remark.kind}`, remark.kind),
    remark.layer ? link(`graph/layer/${remark.layer}`, remark.layer) : '', h('span.pass', remark.pass), ` ${remark.text}`)));
}
