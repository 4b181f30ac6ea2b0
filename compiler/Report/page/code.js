// A view of a text of any length: only the lines in sight are in the page. Lines fold by indentation.
'use strict';

/** Spans of a line by [class, pattern] rules; the first that matches at a place wins. */
function highlight(line, rules) {
  const spans = [];
  let plain = '';
  for (let at = 0; at < line.length;) {
    let matched = null;
    for (const [kind, pattern] of rules) {
      pattern.lastIndex = at;
      const match = pattern.exec(line);
      if (match && match[0]) {
        matched = [kind, match[0]];
        break;
      }
    }
    if (!matched) {
      plain += line[at];
      at += 1;
      continue;
    }
    if (plain) { spans.push(plain); }
    plain = '';
    spans.push(h(`span.${matched[0]}`, matched[1]));
    at += matched[1].length;
  }
  if (plain) { spans.push(plain); }
  return spans;
}

const languages = {
  mlir: [
    ['text', /"[^"]*"/y], ['type', /(?:tensor|memref|vector)<[^>]*>|![\w.]+|\b[fi]\d+\b/y], ['value', /%[\w#]+/y],
    ['symbol', /@[\w.]+|#[\w.]+/y], ['keyword', /(?:oriel|exec|func|llvm)\.[\w.]+|\bmodule\b|\breturn\b/y],
    ['plain', /\w+/y], ['punctuation', /->/y],
  ],
  halide: [
    ['loop', /(?:parallel|unrolled|vectorized|gpu_\w+|for)\b(?= ?\()/y], ['keyword', /(?:produce|consume|allocate|let|if|else|free|module|internal|func|assert|in)\b/y],
    ['call', /(?:ramp|x\d+|broadcast|select|max|min|reinterpret|[fui]?int\d+|float\d+(?:x\d+)?|uint\d+(?:x\d+)?|call|fma|vector_reduce\w*)\b(?=[(<\[*])/y],
    ['text', /"[^"]*"/y], ['number', /-?\b\d[\d.]*(?:e[+-]?\d+)?f?\b/y], ['plain', /[\w.$]+/y],
  ],
  source: [
    ['comment', /\/\/.*|#.*/y], ['text', /"[^"]*"/y], ['loop', /\b(?:for|while|barrier)\b/y],
    ['keyword', /\b(?:__?\w*(?:kernel|global|local|private|attribute)\w*|kernel|global|local|const|restrict|void|if|else|return|struct)\b/y],
    ['type', /\b(?:u?int|float|half|double|bool|char|long|short)\d*(?:_t)?\b/y], ['number', /\b\d[\w.]*/y], ['plain', /\w+/y],
  ],
  assembly: [
    ['address', /^\s*[0-9a-f]+(?=\t)/y], ['comment', /#.*/y], ['fma', /\bvfn?m(?:add|sub)\w*/y], ['stack', /\[r[sb]p(?: [+-] \d+)?\]/y],
    ['jump', /\b(?:j\w+|call|ret)\b/y], ['type', /\b[xyz]mm\d+\b/y], ['value', /\b(?:r\w{1,3}|e[a-ds][xip])\b/y], ['number', /-?\b\d+\b/y],
    ['plain', /[\w.$]+/y],
  ],
};

const indentOf = (line) => line.length - line.trimStart().length;

/**
 * Shows lines of a text. Options: language; marks (line number -> class); foldable; height; gutter (line -> text).
 * Returns the element, with goTo(line), search(text) -> number of hits, and next().
 */
function codeView(text, options = {}) {
  const rowHeight = 18;
  const lines = Array.isArray(text) ? text : text.replace(/\n$/, '').split('\n');
  const marks = options.marks || new Map();
  const folded = new Set();
  let visible = lines.map((_, number) => number);
  let hits = [];
  let hit = -1;
  const canvas = h('div.lines');
  const root = h('div.code', { tabindex: 0, style: options.height ? `height:${options.height}` : undefined }, canvas);

  const foldsAt = (number) => options.foldable && number + 1 < lines.length &&
    indentOf(lines[number + 1]) > indentOf(lines[number]) && lines[number].trim() !== '';

  function layout() {
    visible = [];
    for (let number = 0; number < lines.length; number += 1) {
      visible.push(number);
      if (folded.has(number)) {
        const indent = indentOf(lines[number]);
        while (number + 1 < lines.length && (indentOf(lines[number + 1]) > indent || !lines[number + 1].trim())) {
          number += 1;
        }
      }
    }
    canvas.style.height = `${visible.length * rowHeight}px`;
    draw();
  }

  function drawLine(number, place) {
    const fold = foldsAt(number) ? h('span.fold', {
      onclick: () => {
        if (!folded.delete(number)) { folded.add(number); }
        layout();
      },
    }, folded.has(number) ? '▸' : '▾') : h('span.fold');
    const classes = [marks.get(number), hits[hit] === number ? 'hit' : ''].filter((name) => name).join(' ');
    return h('div.line', { class: classes || undefined, style: `top:${place * rowHeight}px` },
      h('span.number', number + 1), options.foldable ? fold : [],
      h('span.source', highlight(lines[number], languages[options.language] || []), folded.has(number) ? h('span.more', ' … ') : []),
      options.gutter ? h('span.gutter', options.gutter(number)) : []);
  }

  function draw() {
    const first = Math.max(0, Math.floor(root.scrollTop / rowHeight) - 20);
    const count = Math.ceil((root.clientHeight || 600) / rowHeight) + 40;
    canvas.replaceChildren(...visible.slice(first, first + count).map((number, place) => drawLine(number, first + place)));
  }

  root.addEventListener('scroll', () => window.requestAnimationFrame(draw));
  new ResizeObserver(draw).observe(root);

  root.goTo = (number) => {
    for (const line of folded) {
      if (line < number) { folded.delete(line); }
    }
    layout();
    root.scrollTop = Math.max(0, visible.indexOf(number) * rowHeight - root.clientHeight / 3);
    draw();
  };
  root.search = (wanted) => {
    hits = wanted ? lines.flatMap((line, number) => line.toLowerCase().includes(wanted.toLowerCase()) ? [number] : []) : [];
    hit = -1;
    root.next();
    return hits.length;
  };
  root.next = () => {
    if (hits.length) {
      hit = (hit + 1) % hits.length;
      root.goTo(hits[hit]);
    } else {
      draw();
    }
    return hit;
  };
  root.lines = lines;
  layout();
  return root;
}

/** A field that searches a view; Enter goes to the next hit. */
function searchField(view, placeholder = 'search') {
  const count = h('span.count');
  const field = h('input', {
    type: 'search', placeholder,
    oninput: () => {
      const found = view.search(field.value);
      count.textContent = field.value ? `${found ? 1 : 0} of ${found}` : '';
    },
    onkeydown: (event) => {
      if (event.key === 'Enter' && field.value) {
        const [, total] = count.textContent.split(' of ');
        count.textContent = `${view.next() + 1} of ${total}`;
      }
    },
  });
  return h('span.search', field, count);
}
