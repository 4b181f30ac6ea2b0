// Measured times of the kernels, and how far from the machine's limits they are.
'use strict';

/** What oriel-run --profile=FILE measured of this module, as the views want it. Throws where it is of another module. */
function readProfile(measured) {
  const launches = measured.launches || [];
  const differs = page.program.launches.findIndex((launch, number) => launches[number]?.kernel !== launch.kernel ||
    launches[number].flops !== launch.flops * measured.batch);
  if (!measured.runs || differs >= 0 || launches.length !== page.program.launches.length) {
    throw new Error(differs >= 0 ? `its launch ${differs} is not ${page.program.launches[differs].kernel} of ${quantity(page.program.launches[differs].flops, 'FLOP')}`
      : 'it has no runs, or more launches');
  }
  const runs = measured.runs.length;
  const hasPeaks = !measured.peaks.missing;
  const time = (number) => launches[number].ns / runs / 1e9;
  const kernels = new Map(measured.kernels.map((kernel) => [kernel.name, kernel]));
  const of = (kernel) => kernels.get(kernel.name);
  return {
    measured, time, of, hasPeaks,
    kernelTime: (kernel) => of(kernel).ns / runs / 1e9,
    total: d3.sum(launches, (launch) => launch.ns) / runs / 1e9,
    wall: d3.mean(measured.runs, (run) => run.wall_ns) / 1e9,
    rate: (kernel) => of(kernel).gflop_s * 1e9,
    share: (kernel) => (hasPeaks ? 100 * of(kernel).flop_share : NaN),
    bandwidthShare: (kernel) => (hasPeaks ? 100 * of(kernel).bandwidth_share : NaN),
    peakFlops: hasPeaks ? measured.peaks.gflop_s * 1e9 : 0,
    roofs: hasPeaks ? measured.peaks.read.map((reading) => ({ size: reading.bytes, rate: reading.gb_s * 1e9 })) : [],
  };
}

/** "41 %", or "-" of what was not measured. */
const shareText = (value) => (Number.isNaN(value) ? '-' : `${value.toFixed(0)} %`);

async function openProfile(file) {
  try {
    page.profile = readProfile(JSON.parse(await file.text()));
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
      view.append(h('h2', 'No times yet'), h('p', 'Measure a run, then open the file with the button above, or drop it here:'),
        h('pre', 'oriel-run MODULE.so --input INPUT.npy --repeat 100 --profile=times.json'), h('p.hint', 'MODULE.so is what was compiled with this page.'));
      return;
    }
    const { measured } = profile;
    view.append(h('div.bar', h('h2', `Roofline: ${seconds(profile.wall)} a run`)), h('p.hint',
      `${measured.target} on ${measured.threads} ${measured.threads === 1 ? 'thread' : 'threads'}, mean of ${measured.runs.length}; kernels take ` +
      `${(100 * profile.total / profile.wall).toFixed(1)} % of it. A circle is a kernel, its area its share of the time.`));
    if (profile.hasPeaks) {
      view.append(h('p.hint', `Roofs, as measured beside: ${quantity(profile.peakFlops, 'FLOP/s')} of multiply-adds, and reading what fits into each level of memory.`),
        rooflineChart([...page.kernels.values()], profile));
    } else {
      view.append(h('p.hint', measured.peaks.missing));
    }
    view.append(h('h2', 'Kernels'), timeTable(profile));
  },
});

/** "32 KiB". */
const sizeName = (size) => size < 1 << 20 ? `${size >> 10} KiB` : `${size >> 20} MiB`;

function rooflineChart(kernels, profile) {
  const [width, height, left, bottom] = [1100, 480, 80, 40];
  const rated = kernels.filter((kernel) => kernel.work.flops > 0).sort((a, b) => profile.kernelTime(b) - profile.kernelTime(a));
  const ridge = profile.peakFlops / d3.min(profile.roofs, (roof) => roof.rate);
  const x = d3.scaleLog([Math.min(ridge / 16, d3.min(rated, intensityOf) / 1.5), Math.max(ridge * 8, d3.max(rated, intensityOf) * 1.5)], [left, width - 20]);
  const y = d3.scaleLog([Math.min(profile.peakFlops / 20, d3.min(rated, profile.rate) / 1.5), profile.peakFlops * 1.5], [height - bottom, 28]);
  const area = d3.scaleSqrt([0, d3.max(kernels, profile.kernelTime)], [2, 26]);
  const told = h('p.told', 'Point at a kernel.');
  const figure = h('div.chart');
  const svg = d3.select(figure).append('svg').attr('viewBox', `0 0 ${width} ${height}`);
  svg.append('g').attr('transform', `translate(0,${height - bottom})`).call(d3.axisBottom(x).ticks(8, '~g'));
  svg.append('g').attr('transform', `translate(${left},0)`).call(d3.axisLeft(y).ticks(5).tickFormat((value) => quantity(value)));
  svg.append('text').attr('class', 'roof-name').attr('x', width - 20).attr('y', height - 6).attr('text-anchor', 'end').text('FLOP a byte');
  svg.append('text').attr('class', 'roof-name').attr('x', left).attr('y', 14).attr('text-anchor', 'end').text('FLOP/s');
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
      ` ${layerOf(kernel)}: ${seconds(profile.kernelTime(kernel))} in all, ${quantity(profile.rate(kernel), 'FLOP/s')}, ${profile.share(kernel).toFixed(0)} % of the peak; ${profile.of(kernel).gb_s.toFixed(1)} GB/s, ` +
      `${profile.bandwidthShare(kernel).toFixed(0)} % of the bandwidth`))
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
    { name: '% of peak', number: true, value: profile.share, cell: (k) => shareText(profile.share(k)) },
    { name: 'GB/s', number: true, value: (k) => profile.of(k).gb_s, cell: (k) => profile.of(k).gb_s.toFixed(1) },
    {
      name: '% of bandwidth', number: true, title: 'of reading what is as large as its buffers',
      value: profile.bandwidthShare, cell: (k) => shareText(profile.bandwidthShare(k)),
    },
  ], { onclick: (k) => { window.location.hash = `kernels/${k.name}`; }, sort: 3 });
}
