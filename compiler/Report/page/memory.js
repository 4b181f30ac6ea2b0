// The arena over time, and what sinking the window movement saved.
'use strict';

/** "layers.0.blocks.1" of a layer in it: up to the last number. */
const blockOf = (layer) => (/^(.*\.\d+)(?:\.|$)/.exec(layer) || [layer, layer])[1];

page.views.set('memory', {
  title: 'Memory',
  show(view) {
    const { arena, launches } = page.program;
    view.classList.add('scroll');
    if (!launches.length) {
      view.append(h('p.hint', 'The compilation ended before phase exec: no arena yet.'));
    } else {
      view.append(h('h2', 'Arena over time'), h('p.hint',
        `${bytes(arena.bytesPerItem)} an image, and ${bytes(arena.fixedBytes)} beside; without sharing its ${arena.blocks.length} buffers would take ` +
        `${bytes(d3.sum(arena.blocks, (block) => block.size))}. ` +
        'Across: launches in order. Up: addresses. A box is a buffer from its first use to its last.'), arenaChart(arena, launches));
    }
    const savings = new Map();
    for (const remark of page.data.remarks.filter((each) => each.saved_bytes)) {
      const block = blockOf(remark.layer);
      savings.set(block, (savings.get(block) || 0) + remark.saved_bytes);
    }
    view.append(h('h2', 'Saved by sinking the window movement'), savings.size ? h('div', h('p.hint',
      `${bytes(page.totals.savedBytes)} of a run's traffic: roll, partition, reverse, unfold and fold would read and write them as kernels of their own; ` +
      'now the attention reads and writes through them. ' +
      `For comparison, the kernels move ${bytes(page.totals.bytes)} of activations.`), savingsChart([...savings]))
      : h('p.hint', 'The model moves no windows.'));
  },
});

/** What stands in a type's angle brackets. */
const shapeOf = (type) => type.slice(type.indexOf('<') + 1, -1);

function arenaChart(arena, launches) {
  const [width, height, left, bottom] = [1100, 380, 70, 28];
  const x = d3.scaleLinear([0, launches.length], [left, width - 10]);
  const y = d3.scaleLinear([0, arena.bytesPerItem], [height - bottom, 8]);
  const figure = h('div.chart');
  const told = h('p.told', 'Point at a buffer.');
  const svg = d3.select(figure).append('svg').attr('viewBox', `0 0 ${width} ${height}`);
  svg.append('g').attr('transform', `translate(0,${height - bottom})`).call(d3.axisBottom(x).ticks(12));
  svg.append('g').attr('transform', `translate(${left},0)`).call(d3.axisLeft(y).ticks(6).tickFormat((value) => bytes(value)));
  const family = (block) => launches[block.first].family;
  svg.selectAll('rect.block').data(arena.blocks).enter().append('rect').attr('class', 'block')
    .attr('x', (block) => x(block.first)).attr('width', (block) => Math.max(1, x(block.last + 1) - x(block.first) - 1))
    .attr('y', (block) => y(block.offset + block.size)).attr('height', (block) => Math.max(1, y(block.offset) - y(block.offset + block.size) - 1))
    .attr('fill', (block) => familyColors(family(block)))
    .on('mouseenter', (block) => told.replaceChildren(h('b', block.layer), ` ${shapeOf(block.type)}: ${bytes(block.size)} at ${bytes(block.offset)}, `,
      `written by ${launches[block.first].kernel}, last read by ${launches[block.last].kernel} (${launches[block.last].layer})`))
    .on('click', (block) => { window.location.hash = `graph/layer/${block.layer}`; })
    .append('title').text((block) => `${block.layer}: ${bytes(block.size)}`);
  // What is live at each launch.
  const live = launches.map((_, time) => d3.sum(arena.blocks, (block) => block.first <= time && time <= block.last ? block.size : 0));
  svg.append('path').attr('class', 'live').attr('d', d3.line().curve(d3.curveStepAfter)
    .x((_, time) => x(time)).y((value) => y(value))([...live, live[live.length - 1]]));
  figure.append(told, h('p.hint', `Line: bytes in use, at most ${bytes(d3.max(live))} (${(100 * d3.max(live) / arena.bytesPerItem).toFixed(0)} % of the arena).`));
  return figure;
}

function savingsChart(savings) {
  const [width, row, left] = [1100, 22, 220];
  const height = savings.length * row + 30;
  const x = d3.scaleLinear([0, d3.max(savings, ([, saved]) => saved)], [left, width - 90]);
  const figure = h('div.chart');
  const svg = d3.select(figure).append('svg').attr('viewBox', `0 0 ${width} ${height}`);
  const rows = svg.selectAll('g').data(savings).enter().append('g').attr('transform', (_, number) => `translate(0,${number * row})`).attr('class', 'saving')
    .on('click', ([block]) => { window.location.hash = `graph/module/${block}`; });
  rows.append('text').attr('x', left - 8).attr('y', 15).attr('text-anchor', 'end').text(([block]) => block);
  rows.append('rect').attr('x', left).attr('y', 3).attr('height', row - 6).attr('width', ([, saved]) => x(saved) - left);
  rows.append('text').attr('x', ([, saved]) => x(saved) + 6).attr('y', 15).text(([, saved]) => bytes(saved));
  return figure;
}
