// The graph as a picture: modules, kernels and ops, the closer the more of them.
'use strict';

page.graph = { layout: null, transform: null };

/** At which scale of the picture kernels and ops appear. */
const graphScales = { modules: 0, kernels: 0.32, ops: 0.85 };

page.views.set('graph', {
  title: 'Graph',
  show(view, kind, ...rest) {
    if (!page.nodes.length) {
      view.append(h('p.hint', page.data.graph ? 'The compilation ended before kernels were formed.'
        : 'The compilation began after the kernels were formed: there is no graph of them.'));
      return;
    }
    const picture = h('section.picture');
    const panel = h('aside.panel');
    view.append(h('div.split.graph', picture, panel));
    const graph = drawGraph(picture, (box) => { window.location.hash = boxPath(box); });
    const box = kind ? findBox(kind, rest.join('/')) : null;
    if (box) {
      graph.select(box);
      showBox(panel, box);
    } else {
      panel.append(h('h2', page.data.model), h('p.hint', 'Drag to move, scroll to zoom, click a module, a kernel or an op.'), legend());
    }
  },
});

const boxPath = (box) => {
  if (box.kind === 'op') { return `graph/op/${box.around.node.number}.${box.around.children.indexOf(box)}`; }
  return box.kind === 'kernel' ? `graph/kernel/${box.node.number}` : `graph/module/${box.path}`;
};

/** The box of a path; of a layer, the kernel that computes it. */
function findBox(kind, name) {
  const boxes = getLayout().flat;
  if (kind === 'module') { return boxes.find((box) => box.kind === 'module' && box.path === name); }
  if (kind === 'kernel') { return boxes.find((box) => box.kind === 'kernel' && box.node.number === Number(name)); }
  if (kind === 'op') {
    const [kernel, op] = name.split('.').map(Number);
    return findBox('kernel', kernel).children[op];
  }
  return boxes.find((box) => box.kind === 'kernel' && box.node.layer === name) ||
    boxes.find((box) => box.kind === 'kernel' && box.node.layers.includes(name)) ||
    boxes.find((box) => box.kind === 'module' && box.path === name);
}

function getLayout() {
  page.graph.layout = page.graph.layout || layoutGraph(page.nodes);
  return page.graph.layout;
}

const legend = () => h('div.legend', [...new Set(page.nodes.map((node) => node.family))].map((family) =>
  h('span', familyDot(family), family)));

/** A text with a width that does not exceed the box at the zoom where it appears. */
const fit = (text, width, size) => {
  const most = Math.floor(width / (size * 0.58));
  return text.length <= most ? text : `…${text.slice(-Math.max(0, most - 1))}`;
};

function drawGraph(target, onselect) {
  const { root, flat } = getLayout();
  const svg = d3.select(target).append('svg').attr('class', 'graph').attr('tabindex', 0);
  svg.append('defs').append('marker').attr('id', 'arrow').attr('viewBox', '0 0 8 8').attr('refX', 7).attr('refY', 4)
    .attr('markerUnits', 'userSpaceOnUse').attr('markerWidth', 12).attr('markerHeight', 12).attr('orient', 'auto').append('path').attr('d', 'M0,0L8,4L0,8z');
  const canvas = svg.append('g');
  const line = d3.line().curve(d3.curveBasis);
  const groups = canvas.selectAll('g').data(flat).enter().append('g')
    .attr('class', (box) => `box ${box.kind} depth-${Math.min(box.depth, 4)}`)
    .attr('transform', (box) => `translate(${box.left},${box.top})`)
    .on('click', (box) => { d3.event.stopPropagation(); onselect(box); });
  groups.append('rect').attr('width', (box) => box.width).attr('height', (box) => box.height).attr('rx', (box) => box.kind === 'op' ? 12 : 6)
    .style('--family', (box) => box.kind === 'kernel' ? familyColors(box.node.family) : null);
  groups.selectAll('path').data((box) => box.paths || []).enter().append('path').attr('class', 'edge').attr('d', line).attr('marker-end', 'url(#arrow)');
  groups.filter((box) => box.kind === 'op').append('text').attr('x', (box) => box.width / 2).attr('y', 16).attr('text-anchor', 'middle').text((box) => box.name);
  const names = groups.filter((box) => box.kind === 'kernel').append('text').attr('class', 'name').attr('x', 10);
  const works = groups.filter((box) => box.kind === 'kernel').append('text').attr('class', 'work').attr('x', 10);
  const titles = groups.filter((box) => box.kind === 'module').append('text').attr('class', 'title');
  groups.append('title').text((box) => box.kind === 'op' ? `${box.name} — ${box.op.layer}` : box.kind === 'kernel'
    ? `${box.node.layer} (${box.node.family})` : box.name);
  const zoom = d3.zoom().scaleExtent([0.02, 4]).on('zoom', () => {
    const { k } = d3.event.transform;
    page.graph.transform = d3.event.transform;
    canvas.attr('transform', d3.event.transform);
    svg.classed('show-kernels', k >= graphScales.kernels).classed('show-ops', k >= graphScales.ops);
    // Module titles keep their size on the screen, as far as their box has room.
    titles.each(function place(box) {
      const size = Math.max(14, Math.min(15 / k, box.head * 0.72, box.width / 7));
      d3.select(this).attr('x', 14).attr('y', box.head / 2 + size * 0.36).style('font-size', `${size}px`).text(fit(nameInside(box), box.width - 20, size));
    });
    // So do kernels' names while their ops do not show.
    const size = k >= graphScales.ops ? 12 : Math.min(13 / k, 26);
    names.attr('y', size * 0.4 + 15).style('font-size', `${size}px`).text((box) => fit(shortName(box), box.width - 14, size * 1.1));
    works.attr('y', size * 1.5 + 18).style('font-size', `${size * 0.85}px`).text((box) => fit(workOf(box.node), box.width - 14, size * 0.85));
    buttons.selectAll('button').classed('selected', (name) => name === level(k));
  });
  const buttons = d3.select(target).append('div').attr('class', 'zooms');
  buttons.selectAll('button').data(['modules', 'kernels', 'ops']).enter().append('button').text((name) => name).on('click', (name) => zoomTo(name));
  buttons.append('button').attr('title', 'Show all of it').text('fit').on('click', () => zoomTo('fit'));
  svg.call(zoom).on('dblclick.zoom', null);

  const size = () => [target.clientWidth || 800, target.clientHeight || 600];
  const level = (k) => k >= graphScales.ops ? 'ops' : k >= graphScales.kernels ? 'kernels' : 'modules';
  let selected = null;
  function center(x, y, k) {
    const [width, height] = size();
    svg.call(zoom.transform, d3.zoomIdentity.translate(width / 2 - x * k, height / 2 - y * k).scale(k));
  }
  function fitBox(box, most = 1.2) {
    const [width, height] = size();
    center(box.left + box.width / 2, box.top + box.height / 2, Math.min(most, width / (box.width + 40), height / (box.height + 40)));
  }
  function zoomTo(name) {
    const [width, height] = size();
    if (name === 'fit') { fitBox(root); return; }
    const { k, x, y } = page.graph.transform;
    const at = selected ? [selected.left + selected.width / 2, selected.top + selected.height / 2] : [(width / 2 - x) / k, (height / 2 - y) / k];
    const whole = Math.min(width / root.width, height / root.height);
    center(...at, { modules: Math.min(whole, 0.3), kernels: 0.5, ops: 1 }[name]);
  }
  if (page.graph.transform) {
    svg.call(zoom.transform, page.graph.transform);
  } else {
    fitBox(root);
  }
  return {
    select(box) {
      selected = box;
      groups.classed('selected', (other) => other === box);
      const near = new Set(box.kind === 'kernel' ? box.node.next.map((next) => next.kernel) : []);
      groups.classed('near', (other) => other.kind === 'kernel' && near.has(other.node.number));
      const { k, x, y } = page.graph.transform;
      const [width, height] = size();
      const [middleX, middleY] = [(box.left + box.width / 2) * k + x, (box.top + box.height / 2) * k + y];
      const inSight = middleX > 0 && middleX < width && middleY > 0 && middleY < height && box.width * k > 24;
      if (!inSight) { fitBox(box.kind === 'op' ? box.around : box); }
    },
  };
}

/** A module's name as seen from the one around it. */
const nameInside = (box) => box.around && box.around.path && box.path.startsWith(`${box.around.path}.`) ? box.path.slice(box.around.path.length + 1) : box.name;

const workOf = (node) => {
  if (!node.launch) { return node.family; }
  return node.launch.flops ? quantity(node.launch.flops, 'FLOP') : bytes(node.launch.bytes);
};

const shortName = (box) => {
  const { layer } = box.node;
  const around = box.around.path;
  return around && layer.startsWith(`${around}.`) ? layer.slice(around.length + 1) : layer.split('.').pop() || box.node.family;
};

function showBox(panel, box) {
  if (box.kind === 'module') {
    showModule(panel, box);
  } else {
    showNode(panel, box.kind === 'op' ? box.around.node : box.node, box.kind === 'op' ? box.op : null);
  }
}

function facts(pairs) {
  return h('dl.facts', pairs.filter((pair) => pair).map(([name, ...value]) => [h('dt', name), h('dd', value)]));
}

/** What a module computes, and what is in it. */
function showModule(panel, box) {
  const launches = box.nodes.map((node) => node.launch).filter((launch) => launch);
  panel.append(h('h2', box.name), facts([
    ['kernels', box.nodes.length],
    launches.length && ['operations', quantity(d3.sum(launches, (launch) => launch.flops), 'FLOP')],
    launches.length && ['activations moved', bytes(d3.sum(launches, (launch) => launch.bytes))],
    page.profile && ['time', seconds(d3.sum(launches, (launch) => page.profile.time(launch.number)))],
  ]), h('h3', 'Holds'), h('ul', box.children.map((child) => h('li', link(boxPath(child), child.kind === 'kernel' ? child.node.layer : child.name)))), legend());
}

/** A kernel: its layers, the IR before and after, what became one and why no more did. */
function showNode(panel, node, op) {
  const launch = node.launch;
  const remarks = page.remarksOf(node.layers);
  // Of a layer that another has taken in, no op is left.
  const layers = new Set([...node.layers, ...remarks.flatMap((remark) => remark.kind === 'fused' ? remark.layers || [] : [])]);
  const before = (page.data.graph || []).filter((other) => layers.has(other.layer));
  panel.append(h('h2', node.layer || node.family), facts([
    launch && ['kernel', link(`kernels/${launch.kernel}`, familyDot(node.family), launch.kernel), ` — launch ${launch.number}`],
    ['result', h('code', node.type)],
    node.layers.length > 1 && ['layers', node.layers.map((layer) => h('div', layer))],
    launch && ['operations', quantity(launch.flops, 'FLOP')],
    launch && ['moves', `${bytes(launch.bytes)} + ${bytes(launch.parameterBytes)} of parameters`],
    page.profile && launch && ['time', seconds(page.profile.time(launch.number))],
  ]));
  if (op) {
    panel.append(h('h3', `Op ${op.name}`), facts([['layer', op.layer], ['result', h('code', op.type || '')]]));
  }
  panel.append(h('h3', 'Not one with the next'), node.next.length
    ? h('ul.next', node.next.map((next) => h('li', link(`graph/kernel/${next.kernel}`, page.nodes[next.kernel].layer || `kernel ${next.kernel}`), `: ${next.reason}`)))
    : h('p', node.isResult ? 'It computes a result of the model.' : 'Nothing reads it.'));
  panel.append(h('h3', 'What the passes said'), remarks.length ? remarkList(remarks) : h('p.hint', 'nothing'));
  panel.append(h('h3', 'IR before'), before.length ? codeView(before.map((each) => each.text), { language: 'mlir', height: `${Math.min(14, before.length) * 18 + 16}px` })
    : h('p.hint', 'no op of these layers in phase graph'));
  const after = node.text.split('\n');
  panel.append(h('h3', 'IR after'), codeView(after, { language: 'mlir', height: `${Math.min(22, after.length) * 18 + 16}px` }));
}
