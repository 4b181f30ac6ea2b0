// Data of the page, and what all of its views share.
'use strict';

const page = {
  data: JSON.parse(document.getElementById('data').textContent),
  texts: new Map(),
  views: new Map(),
  profile: null,
};

/** A long text of the page, inflated once. */
page.text = (number) => {
  if (!page.texts.has(number)) {
    const encoded = document.getElementById(`text-${number}`).textContent;
    const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
    page.texts.set(number, new Response(stream).text());
  }
  return page.texts.get(number);
};

/** An element: h('td.number', {title: '…'}, 'text', child, …). */
function h(tag, ...content) {
  const [name, ...classes] = tag.split('.');
  const element = document.createElement(name || 'div');
  element.classList.add(...classes);
  for (const part of content.flat(Infinity)) {
    if (part instanceof Node || typeof part === 'string' || typeof part === 'number') {
      element.append(part);
    } else if (part && typeof part === 'object') {
      for (const [key, value] of Object.entries(part)) {
        if (key.startsWith('on')) {
          element.addEventListener(key.slice(2), value);
        } else if (key === 'class') {
          element.classList.add(...(value || '').split(' ').filter((each) => each));
        } else if (value !== undefined && value !== false) {
          element.setAttribute(key, value === true ? '' : value);
        }
      }
    }
  }
  return element;
}

/** 1234567 as 1.23 M, with a unit. */
function quantity(value, unit = '', digits = 3) {
  const prefixes = ['', ' k', ' M', ' G', ' T'];
  let step = 0;
  while (Math.abs(value) >= 999.5 && step < prefixes.length - 1) {
    value /= 1000;
    step += 1;
  }
  const shown = Number.isInteger(value) && step === 0 ? String(value) : value.toPrecision(digits);
  return `${shown}${prefixes[step] || (unit ? ' ' : '')}${unit}`;
}
const bytes = (value) => quantity(value, 'B');

function seconds(value) {
  if (value >= 1) { return `${value.toPrecision(3)} s`; }
  return value >= 1e-3 ? `${(value * 1e3).toPrecision(3)} ms` : `${(value * 1e6).toPrecision(3)} µs`;
}

/** A link within the page. */
const link = (path, ...content) => h('a', { href: `#${path}` }, content.length ? content : path);

/** Colours of the kernel families, the same everywhere. */
const familyNames = ['gemm', 'mlp', 'attention', 'conv', 'winograd', 'depthwise', 'matmul', 'row-reduction', 'elementwise'];
const familyColors = d3.scaleOrdinal(familyNames,
  ['#4269d0', '#2f4b9b', '#efb118', '#3ca951', '#267a38', '#6cc5b0', '#a463f2', '#ff725c', '#9498a0']);
const familyDot = (family) => h('span.dot', { style: `background:${familyColors(family)}` });

/** The module of a layer: what stands before its last point. */
const parentOf = (layer) => layer.includes('.') ? layer.slice(0, layer.lastIndexOf('.')) : '';

/** Module, launches and code by name, as the views want them. */
function index() {
  const data = page.data;
  const program = data.program || { kernels: [], launches: [], arena: { blocks: [] } };
  page.program = program;
  page.kernels = new Map(program.kernels.map((kernel) => [kernel.name, { ...kernel, launches: [], code: [] }]));
  program.launches.forEach((launch, number) => {
    launch.number = number;
    launch.family = page.kernels.get(launch.kernel).family;
    page.kernels.get(launch.kernel).launches.push(launch);
  });
  for (const code of data.code) {
    page.kernels.get(code.kernel).code.push(code);
  }
  // The kernels of phase fused are launched in their order; copies of results may follow.
  page.nodes = data.kernels || [];
  page.nodes.forEach((node, number) => {
    node.number = number;
    node.launch = program.launches[number];
    node.layers = [...new Set([node.layer, ...node.ops.map((op) => op.layer)])].filter((layer) => layer);
  });
  // What became the kernel of these layers, and what it nearly became part of.
  page.remarksOf = (layers) => data.remarks.filter((remark) => {
    const own = remark.layers || [remark.layer];
    return remark.layer === layers[0] || own.every((layer) => layers.includes(layer)) || (remark.kind === 'not-fused' && own.includes(layers[0]));
  });
  page.totals = {
    flops: d3.sum(program.launches, (launch) => launch.flops),
    bytes: d3.sum(program.launches, (launch) => launch.bytes),
    parameterBytes: d3.sum(program.launches, (launch) => launch.parameterBytes),
    savedBytes: d3.sum(data.remarks, (remark) => remark.saved_bytes || 0),
  };
}
index();

/** A table whose columns sort: [{name, value: row => number or text, cell: row => content, number}]. */
function sortableTable(rows, columns, { onclick, sort, ascending } = {}) {
  const body = h('tbody');
  let key = sort === undefined ? null : sort;
  let up = Boolean(ascending);
  const heads = columns.map((column, number) => h('th', {
    class: column.number ? 'number' : undefined, title: column.title, onclick: () => {
      up = key === number ? !up : !column.number;
      key = number;
      fill();
    },
  }, column.name));
  function fill() {
    const sorted = [...rows];
    if (key !== null) {
      sorted.sort((a, b) => (up ? 1 : -1) * d3.ascending(columns[key].value(a), columns[key].value(b)));
    }
    heads.forEach((head, number) => head.dataset.sort = number === key ? (up ? '↑' : '↓') : '');
    body.replaceChildren(...sorted.map((row) => h('tr', onclick ? { onclick: () => onclick(row), class: 'link' } : {},
      columns.map((column) => h('td', { class: column.number ? 'number' : undefined },
        column.cell ? column.cell(row) : column.value(row))))));
  }
  fill();
  return h('table.sortable', h('thead', h('tr', heads)), body);
}
