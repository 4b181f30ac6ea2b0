// Where the boxes of the graph lie: modules within modules, kernels in them, ops in kernels.
'use strict';

/** Layouts by what is laid out: the blocks of a stage are all the same. */
const knownLayouts = new Map();

/** Places of a box's children and paths of its edges, by dagre, in the direction that gives the better proportions. */
function findLayout(box, proportion) {
  const key = JSON.stringify([box.kind, proportion, box.children.map((child) => [child.width, child.height]), box.edges]);
  if (!knownLayouts.has(key)) {
    knownLayouts.set(key, computeLayout(box, proportion));
  }
  return knownLayouts.get(key);
}

function computeLayout(box, proportion) {
  const place = (rankdir) => {
    const nodes = box.children.map((child, number) => ({ v: String(number), width: child.width, height: child.height }));
    const edges = box.edges.map(([from, to]) => ({ v: String(from), w: String(to), minlen: 1, weight: 1, width: 0, height: 0, labeloffset: 0, labelpos: 'r' }));
    const gap = box.kind === 'kernel' ? 10 : 26;
    dagre.layout(nodes, edges, { rankdir, nodesep: gap, ranksep: box.kind === 'kernel' ? 16 : 34, edgesep: 8 }, {});
    const left = d3.min([...nodes.map((node) => node.x - node.width / 2), ...edges.flatMap((edge) => edge.points.map((point) => point.x))]);
    const top = d3.min([...nodes.map((node) => node.y - node.height / 2), ...edges.flatMap((edge) => edge.points.map((point) => point.y))]);
    const right = d3.max([...nodes.map((node) => node.x + node.width / 2), ...edges.flatMap((edge) => edge.points.map((point) => point.x))]);
    const bottom = d3.max([...nodes.map((node) => node.y + node.height / 2), ...edges.flatMap((edge) => edge.points.map((point) => point.y))]);
    return { nodes, edges, left, top, width: right - left, height: bottom - top };
  };
  const distance = (layout) => Math.abs(Math.log(layout.width / layout.height / proportion));
  let best = place('TB');
  if (box.kind !== 'kernel' && box.children.length > 1) {
    const across = place('LR');
    best = distance(across) < distance(best) ? across : best;
  }
  return best;
}

/** Sets the x and y (left, top) of a box's children, and its own size. */
function layoutChildren(box, proportion, depth) {
  const best = findLayout(box, proportion);
  const margin = box.kind === 'kernel' ? 10 : 22;
  box.head = box.kind === 'kernel' ? 30 : [20, 96, 72][depth] || 38;
  const { head } = box;
  box.children.forEach((child, number) => {
    child.x = best.nodes[number].x - child.width / 2 - best.left + margin;
    child.y = best.nodes[number].y - child.height / 2 - best.top + head;
  });
  box.paths = best.edges.map((edge) => edge.points.map((point) => [point.x - best.left + margin, point.y - best.top + head]));
  box.width = Math.max(best.width + 2 * margin, box.minimumWidth || 0);
  box.height = best.height + margin + head;
}

/** The box of a kernel with its ops. */
function kernelBox(node) {
  const box = { kind: 'kernel', node, name: node.layer, children: [], edges: [], minimumWidth: 150 };
  node.ops.forEach((op, number) => {
    box.children.push({ kind: 'op', op, name: op.name, width: Math.max(84, op.name.length * 7 + 24), height: 24 });
    const sources = new Set(op.inputs.filter((input) => input.op !== undefined).map((input) => input.op));
    sources.forEach((source) => box.edges.push([source, number]));
  });
  if (!box.children.length) {
    box.children.push({ kind: 'op', op: { name: 'copy', layer: node.layer, inputs: [] }, name: 'copy', width: 84, height: 24 });
  }
  return box;
}

/** The tree of modules, cut where a module holds one thing only. */
function moduleTree(nodes) {
  const root = { kind: 'module', path: '', name: page.data.model, inside: new Map(), boxes: [] };
  // A kernel of a module as a whole, such as attention, belongs into it.
  const modules = new Set(nodes.map((node) => parentOf(node.layer)));
  for (const node of nodes) {
    let module = root;
    const path = modules.has(node.layer) ? node.layer : parentOf(node.layer);
    for (const part of path.split('.').filter((name) => name)) {
      if (!module.inside.has(part)) {
        module.inside.set(part, { kind: 'module', path: module.path ? `${module.path}.${part}` : part, inside: new Map(), boxes: [] });
      }
      module = module.inside.get(part);
    }
    module.boxes.push(kernelBox(node));
  }
  const simplify = (module) => {
    module.children = [...module.boxes];
    for (const inner of module.inside.values()) {
      simplify(inner);
      // "layers" and "blocks" hold numbered modules and nothing else.
      const isNumber = (name) => /^\d+$/.test(name);
      const onlyGroups = !inner.boxes.length && !isNumber(inner.path.split('.').pop()) && [...inner.inside.keys()].every(isNumber);
      module.children.push(...(inner.children.length === 1 || onlyGroups ? inner.children : [inner]));
    }
    module.name = module.path || page.data.model;
    module.nodes = module.children.flatMap((child) => child.kind === 'kernel' ? [child.node] : child.nodes);
    module.children.sort((a, b) => firstOf(a) - firstOf(b));
  };
  const firstOf = (box) => box.kind === 'kernel' ? box.node.number : box.nodes[0].number;
  simplify(root);
  return root;
}

/** All boxes laid out; `x`, `y` are relative to the box around. Also a flat list with absolute places. */
function layoutGraph(nodes) {
  const root = moduleTree(nodes);
  const arrange = (box, depth) => {
    if (box.kind === 'module') {
      const place = new Map();
      box.children.forEach((child, number) => {
        arrange(child, depth + 1);
        (child.kind === 'kernel' ? [child.node] : child.nodes).forEach((node) => place.set(node.number, number));
      });
      const edges = new Set();
      for (const node of box.nodes) {
        for (const next of node.next) {
          const [from, to] = [place.get(node.number), place.get(next.kernel)];
          if (to !== undefined && from !== to) { edges.add(`${from} ${to}`); }
        }
      }
      box.edges = [...edges].map((edge) => edge.split(' ').map(Number));
    }
    layoutChildren(box, depth === 0 ? 1.5 : 1.4, depth);
  };
  arrange(root, 0);
  const flat = [];
  const flatten = (box, x, y, depth, around) => {
    Object.assign(box, { left: x, top: y, depth, around });
    flat.push(box);
    (box.children || []).forEach((child) => flatten(child, x + child.x, y + child.y, depth + 1, box));
  };
  flatten(root, 0, 0, 0, null);
  return { root, flat };
}
