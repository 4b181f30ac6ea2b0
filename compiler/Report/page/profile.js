// Measured times of the kernels, and how far from the machine's limits they are.
'use strict';

/**
 * What kernel-bench --json measured of this module's kernels, as the views want it: seconds, operations and bytes a second, of a number
 * of threads. Throws where it is of another module.
 */
function readProfile(measured, threads) {
  const runs = new Map((measured.kernels || []).map((kernel) => [kernel.name, kernel]));
  const differs = [...page.kernels.values()].find((kernel) => !runs.has(kernel.name) || runs.get(kernel.name).flops !== kernel.work.flops);
  if (!measured.peaks || differs) {
    throw new Error(differs ? `it has no ${differs.name} of ${quantity(differs.work.flops, 'FLOP')}` : 'it has no peaks');
  }
  const runOf = (kernel) => runs.get(kernel.name).runs.find((run) => run.threads === threads);
  const time = (number) => runOf(page.kernels.get(page.program.launches[number].kernel)).ms / 1e3;
  const kernelTime = (kernel) => kernel.launches.length * runOf(kernel).ms / 1e3;
  return {
    measured, threads, runOf, time, kernelTime,
    total: d3.sum(page.kernels.values(), kernelTime),
    rate: (kernel) => runOf(kernel).gflops * 1e9,
    share: (kernel) => 100 * runOf(kernel).fma_share,
    peakFlops: measured.peaks.fma_gflops * 1e9 * threads,
    roofs: distinctRoofs(measured.peaks.bandwidths, threads),
  };
}

/** Of the sizes that were read, those at which the rate falls: about one a level of memory. */
function distinctRoofs(bandwidths, threads) {
  const roofs = [];
  for (const bandwidth of bandwidths) {
    const roof = { size: bandwidth.bytes, rate: bandwidth.read_gbs[threads - 1] * 1e9 };
    if (!roofs.length || roof.rate < roofs[roofs.length - 1].rate / 1.25) { roofs.push(roof); }
  }
  return roofs;
}

async function openProfile(file) {
  try {
    page.profile = readProfile(JSON.parse(await file.text()), 1);
    window.location.hash = 'profile';
    show();
  } catch (error) {
    document.getElementById('view').prepend(h('div.error', h('b', `${file.name} has no times of this module: `), error.message));
  }
}

page.views.set('profile', {
  title: 'Profile',
  show(view) {
    view.classList.add('scroll');
    const { profile } = page;
    if (!profile) {
      view.append(h('h2', 'No times yet'), h('p', 'Measure the kernels, then open the file with the button above, or drop it here:'),
        h('pre', 'kernel-bench DIR/[0-9][0-9]-exec.mlir --json > times.json'), h('p.hint', 'DIR is the folder of this page; x86-64-v3 unless --target names another.'));
      return;
    }
    const choose = (threads) => h('button', {
      class: threads === profile.threads ? 'selected' : undefined,
      onclick: () => { page.profile = readProfile(profile.measured, threads); show(); },
    }, `${threads} ${threads === 1 ? 'thread' : 'threads'}`);
    view.append(h('div.bar', h('h2', `Roofline: ${seconds(profile.total)} a run`), [1, 2].map(choose)), h('p.hint',
      `A circle is a kernel, its area its share of the time. Roofs, as measured beside: ${quantity(profile.peakFlops, 'FLOP/s')} of multiply-adds, and reading ` +
      'what fits into each level of memory. Each kernel is measured alone, its buffers where the run before left them.'),
    rooflineChart([...page.kernels.values()], profile), h('h2', 'Kernels'), timeTable(profile));
  },
});

/** "32 KiB". */
const sizeName = (size) => size < 1 << 20 ? `${size >> 10} KiB` : `${size >> 20} MiB`;

function rooflineChart(kernels, profile) {
  const [width, height, left, bottom] = [1100, 480, 80, 40];
  const rated = kernels.filter((kernel) => kernel.work.flops > 0).sort((a, b) => profile.kernelTime(b) - profile.kernelTime(a));
  const ridge = profile.peakFlops / d3.min(profile.roofs, (roof) => roof.rate);
  const x = d3.scaleLog([Math.min(ridge / 16, d3.min(rated, intensityOf) / 1.5), Math.max(ridge * 8, d3.max(rated, intensityOf) * 1.5)], [left, width - 20]);
  const y = d3.scaleLog([Math.min(profile.peakFlops / 20, d3.min(rated, profile.rate) / 1.5), profile.peakFlops * 1.5], [height - bottom, 12]);
  const area = d3.scaleSqrt([0, d3.max(kernels, profile.kernelTime)], [2, 26]);
  const told = h('p.told', 'Point at a kernel.');
  const figure = h('div.chart');
  const svg = d3.select(figure).append('svg').attr('viewBox', `0 0 ${width} ${height}`);
  svg.append('g').attr('transform', `translate(0,${height - bottom})`).call(d3.axisBottom(x).ticks(8, '~g'));
  svg.append('g').attr('transform', `translate(${left},0)`).call(d3.axisLeft(y).ticks(5).tickFormat((value) => quantity(value)));
  svg.append('text').attr('class', 'roof-name').attr('x', width - 20).attr('y', height - 6).attr('text-anchor', 'end').text('FLOP a byte');
  svg.append('text').attr('class', 'roof-name').attr('x', 4).attr('y', 14).text('FLOP/s');
  const [least] = y.domain();
  const [low, high] = x.domain();
  for (const roof of profile.roofs) {
    const corner = profile.peakFlops / roof.rate;
    const start = Math.max(low, least / roof.rate);
    svg.append('path').attr('class', 'roof').attr('d', d3.line()([[x(start), y(start * roof.rate)], [x(corner), y(profile.peakFlops)]]));
    svg.append('text').attr('class', 'roof-name').attr('transform', `translate(${x(start)},${y(start * roof.rate)}) rotate(-${slope(x, y, roof.rate)})`)
      .attr('dx', 10).attr('dy', -5).text(`${sizeName(roof.size)}: ${quantity(roof.rate, 'B/s')}`);
  }
  const peak = y(profile.peakFlops);
  svg.append('path').attr('class', 'roof').attr('d', d3.line()([[x(profile.peakFlops / profile.roofs[0].rate), peak], [x(high), peak]]));
  svg.append('text').attr('class', 'roof-name').attr('x', x(high)).attr('y', y(profile.peakFlops) - 6).attr('text-anchor', 'end').text('multiply-adds');
  svg.selectAll('circle').data(rated).enter().append('circle')
    .attr('cx', (kernel) => x(intensityOf(kernel))).attr('cy', (kernel) => y(profile.rate(kernel))).attr('r', (kernel) => area(profile.kernelTime(kernel)))
    .attr('fill', (kernel) => familyColors(kernel.family))
    .on('mouseenter', (kernel) => told.replaceChildren(familyDot(kernel.family), h('b', kernel.name),
      ` ${layerOf(kernel)}: ${seconds(profile.kernelTime(kernel))} in all, ${quantity(profile.rate(kernel), 'FLOP/s')}, ${profile.share(kernel).toFixed(0)} % of the peak; `,
      `${profile.runOf(kernel).ratio.toFixed(2)} times its limit, which is ${profile.runOf(kernel).bound_by}`))
    .on('click', (kernel) => { window.location.hash = `kernels/${kernel.name}`; })
    .append('title').text((kernel) => kernel.name);
  figure.append(told);
  return figure;
}

/** Degrees of a line of one slope on logarithmic axes. */
const slope = (x, y, rate) => Math.atan2(y(rate) - y(10 * rate), x(10) - x(1)) * 180 / Math.PI;

function timeTable(profile) {
  return sortableTable([...page.kernels.values()], [
    { name: 'kernel', value: (k) => k.name, cell: (k) => [familyDot(k.family), k.name] },
    { name: 'layer', value: layerOf },
    { name: 'launches', number: true, value: (k) => k.launches.length },
    { name: 'time', number: true, title: 'of all launches', value: profile.kernelTime, cell: (k) => seconds(profile.kernelTime(k)) },
    { name: '% of the run', number: true, value: profile.kernelTime, cell: (k) => (100 * profile.kernelTime(k) / profile.total).toFixed(1) },
    { name: 'GFLOP/s', number: true, value: profile.rate, cell: (k) => (profile.rate(k) / 1e9).toFixed(1) },
    { name: '% of peak', number: true, value: profile.share, cell: (k) => profile.share(k).toFixed(0) },
    { name: 'GB/s', number: true, value: (k) => profile.runOf(k).gbs, cell: (k) => profile.runOf(k).gbs.toFixed(1) },
    {
      name: '× limit', number: true, title: 'time over the least that arithmetic and memory allow',
      value: (k) => profile.runOf(k).ratio, cell: (k) => profile.runOf(k).ratio.toFixed(2),
    },
    { name: 'bound by', value: (k) => profile.runOf(k).bound_by },
  ], { onclick: (k) => { window.location.hash = `kernels/${k.name}`; }, sort: 3 });
}
