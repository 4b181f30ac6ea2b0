// Tabs, and the address of what is shown: #view/part/part.
'use strict';

function show() {
  const [name, ...rest] = decodeURIComponent(window.location.hash.slice(1)).split('/');
  const key = page.views.has(name) ? name : 'overview';
  const view = document.getElementById('view');
  view.className = key;
  view.replaceChildren();
  document.querySelectorAll('#tabs a').forEach((tab) => tab.classList.toggle('selected', tab.dataset.view === key));
  page.views.get(key).show(view, ...rest);
  view.dataset.shown = window.location.hash;
}

/** Goes to a layer, a kernel or an op's kernel of this name. */
function goTo(wanted) {
  if (page.kernels.has(wanted)) {
    window.location.hash = `kernels/${wanted}`;
    return;
  }
  const exact = page.nodes.find((node) => node.layers.includes(wanted));
  const near = page.nodes.find((node) => node.layers.some((layer) => layer.includes(wanted)) || node.ops.some((op) => op.name === wanted));
  if (exact || near) {
    window.location.hash = `graph/kernel/${(exact || near).number}`;
  }
}

function start() {
  document.title = `${page.data.model} — Oriel`;
  document.getElementById('model').textContent = page.data.model;
  document.getElementById('tabs').append(...[...page.views].map(([key, view]) =>
    h('a', { href: `#${key}`, 'data-view': key }, view.title)));
  const find = document.getElementById('find');
  const names = new Set([...page.kernels.keys(), ...page.nodes.flatMap((node) => node.layers)]);
  document.getElementById('find-list').append(...[...names].map((name) => h('option', { value: name })));
  find.addEventListener('change', () => goTo(find.value.trim()));
  const open = ([file]) => file && openProfile(file);
  document.getElementById('profile-file').addEventListener('change', (event) => open(event.target.files));
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    open(event.dataTransfer.files);
  });
  window.addEventListener('hashchange', show);
  show();
}
start();
