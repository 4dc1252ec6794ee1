// The little that pages cannot do without a script: colour scheme, live updates, following logs, moving graphs, the matrix of tasks by runs.
// Every page can be read and every form sent without it.
(() => {
  'use strict';
  const root = document.documentElement;
  const kept = () => { try { return localStorage.getItem('dp-theme'); } catch { return null; } };
  if (kept()) root.dataset.theme = kept();

  function switchTheme() {
    const next = { undefined: 'dark', dark: 'light', light: undefined }[root.dataset.theme];
    if (next) root.dataset.theme = next; else delete root.dataset.theme;
    try { if (next) localStorage.setItem('dp-theme', next); else localStorage.removeItem('dp-theme'); } catch { /* Storage may be forbidden: the choice then holds for this page. */ }
  }

  // ---- Live: the page is asked again a moment after something happened; not while somebody types, selects or has a menu open.
  const listeners = [];
  function follow() {
    const address = document.body.dataset.live;
    if (!address || !window.EventSource) return;
    let due;
    const source = new EventSource(address);
    source.onopen = () => { root.dataset.connected = 'yes'; };
    source.onerror = () => { root.dataset.connected = 'no'; };
    source.addEventListener('changed', () => { clearTimeout(due); due = setTimeout(refresh, 400); });
    addEventListener('pagehide', () => source.close());
  }
  function poll() {
    const seconds = Number(document.body.dataset.poll ?? 0);
    if (seconds > 0) setInterval(refresh, seconds * 1000);
  }
  const isBusy = () => String(getSelection()) !== '' || /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '');
  async function refresh() {
    if (isBusy() || document.hidden) return;
    listeners.forEach(told => told());
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const part of document.querySelectorAll('[data-fresh]')) {
      const next = fresh.getElementById(part.id);
      if (next && next.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) {
        const open = [...part.querySelectorAll('details[open]')].map(d => d.id);
        part.replaceWith(next);
        open.forEach(id => document.getElementById(id)?.setAttribute('open', ''));
        wire(next);
      }
    }
  }

  // ---- Logs: lines as they come; the end stays in sight unless the reader scrolled away from it.
  function followLog(log) {
    const badge = document.getElementById('following');
    const source = new EventSource(log.dataset.log);
    source.onopen = () => { log.textContent = ''; badge.textContent = 'live'; };
    source.onmessage = e => {
      const end = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
      log.append(e.data + '\n');
      if (end) log.scrollTop = log.scrollHeight;
    };
    source.addEventListener('end', () => { source.close(); badge.textContent = log.textContent ? 'ended' : 'this try wrote nothing'; });
    source.onerror = () => { badge.textContent = 'connecting again'; };
  }

  // ---- Graphs: wheel and buttons scale, dragging and arrow keys move, hovering shows a node's edges.
  function moveGraph(box) {
    const svg = box.querySelector('svg');
    if (!svg || box.dataset.liveView) return;
    const full = svg.viewBox.baseVal, width = full.width, height = full.height;
    box.dataset.liveView = 'yes';
    box.tabIndex = 0;
    let view, drag;
    const show = () => svg.setAttribute('viewBox', `${view.x} ${view.y} ${view.w} ${view.h}`);
    function fit() {
      const wide = box.clientWidth, tall = Math.min(Math.max(height, 160), innerHeight * 0.7);
      svg.setAttribute('width', wide); svg.setAttribute('height', tall);
      const scale = Math.max(width / wide, height / tall, 0.75);
      const shown = Math.min(scale, wide < 600 ? 1.3 : 2.2);
      view = { w: wide * shown, h: tall * shown };
      view.x = scale > shown ? 0 : (width - view.w) / 2; view.y = (height - view.h) / 2;
      show();
    }
    function zoom(factor, px = 0.5, py = 0.5) {
      const w = Math.min(Math.max(view.w * factor, 120), Math.max(width, view.w) * 4), h = view.h * w / view.w;
      view = { x: view.x + (view.w - w) * px, y: view.y + (view.h - h) * py, w, h };
      show();
    }
    const pan = (dx, dy) => { view.x += dx * view.w; view.y += dy * view.h; show(); };
    box.addEventListener('wheel', e => {
      if (!e.ctrlKey && !e.metaKey) return;
      e.preventDefault();
      const at = svg.getBoundingClientRect();
      zoom(e.deltaY > 0 ? 1.15 : 0.87, (e.clientX - at.left) / at.width, (e.clientY - at.top) / at.height);
    }, { passive: false });
    box.addEventListener('pointerdown', e => { drag = { x: e.clientX, y: e.clientY, moved: false }; });
    box.addEventListener('pointermove', e => {
      if (!drag) return;
      const k = view.w / svg.clientWidth, dx = e.clientX - drag.x, dy = e.clientY - drag.y;
      if (Math.abs(dx) + Math.abs(dy) < 4 && !drag.moved) return;
      view.x -= dx * k; view.y -= dy * k; drag = { x: e.clientX, y: e.clientY, moved: true }; show();
    });
    const drop = () => setTimeout(() => { drag = undefined; });
    box.addEventListener('pointerup', drop); box.addEventListener('pointerleave', drop);
    box.addEventListener('click', e => { if (drag?.moved) e.preventDefault(); }, true);
    box.addEventListener('keydown', e => {
      const done = { '+': () => zoom(0.8), '=': () => zoom(0.8), '-': () => zoom(1.25), 0: fit, ArrowLeft: () => pan(-0.1, 0), ArrowRight: () => pan(0.1, 0), ArrowUp: () => pan(0, -0.1), ArrowDown: () => pan(0, 0.1) }[e.key];
      if (done && !e.ctrlKey && !e.metaKey) { e.preventDefault(); done(); }
    });
    for (const node of svg.querySelectorAll('[data-node]')) {
      const light = on => svg.querySelectorAll(`.edge[data-from="${node.dataset.node}"],.edge[data-to="${node.dataset.node}"]`).forEach(edge => edge.classList.toggle('on', on));
      node.addEventListener('pointerenter', () => light(true)); node.addEventListener('pointerleave', () => light(false));
    }
    const tools = document.createElement('div');
    tools.className = 'zoom';
    for (const [text, name, act] of [['+', 'Closer', () => zoom(0.8)], ['−', 'Farther', () => zoom(1.25)], ['⤢', 'Whole graph', fit]]) {
      const button = document.createElement('button');
      button.type = 'button'; button.className = 'small'; button.textContent = text; button.title = name; button.setAttribute('aria-label', name); button.onclick = act;
      tools.append(button);
    }
    box.append(tools);
    addEventListener('resize', fit);
    fit();
  }

  // ---- The matrix: one byte a cell; only rows in view are in the document.
  const states = ['none', 'ready', 'queued', 'running', 'deferred', 'waits to retry', 'waits to look again', 'awaits input', 'success', 'failed', 'skipped', 'upstream failed', 'removed', 'cancelled'];
  const runStates = ['queued', 'running', 'success', 'failed', 'cancelled'];
  const rowHeight = 18;
  function drawMatrix(box) {
    const bar = document.getElementById(box.dataset.tools);
    const find = bar.querySelector('input[type=search]'), failed = bar.querySelector('input[type=checkbox]');
    const older = bar.querySelector('[data-older]'), newer = bar.querySelector('[data-newer]'), said = bar.querySelector('[data-said]');
    const open = new Set(), befores = [];
    let data, cells, counts, rows = [], before = null, at = { row: 0, run: 0 };
    const head = document.createElement('div'), space = document.createElement('div');
    head.className = 'head'; space.className = 'space'; head.setAttribute('role', 'row');
    box.replaceChildren(head, space);
    box.setAttribute('role', 'grid'); box.tabIndex = 0;
    const limit = () => Math.max(8, Math.min(90, Math.floor((box.clientWidth - 240) / 16)));

    async function load() {
      const answer = await fetch(`${box.dataset.matrix}?limit=${limit()}${before ? `&before=${before}` : ''}`);
      if (!answer.ok) { said.textContent = `the server answered ${answer.status}`; return; }
      data = await answer.json();
      cells = Uint8Array.from(atob(data.cells), c => c.charCodeAt(0));
      counts = new Map(data.mapped.map(m => [m.task * data.runs.length + m.run, m.counts]));
      older.disabled = !data.next; newer.disabled = befores.length === 0;
      drawHead(); choose();
    }
    function drawHead() {
      const longest = Math.max(1, ...data.runs.map(r => r.seconds ?? 0));
      const corner = document.createElement('div');
      corner.className = 'corner'; corner.textContent = data.runs.length ? `${data.runs[0].date.slice(0, 10)} →` : 'no runs yet';
      head.replaceChildren(corner, ...data.runs.map(run => {
        const col = document.createElement('div'), link = document.createElement('a');
        col.className = 'col'; link.className = 'r' + run.state; link.href = box.dataset.run + run.id;
        link.style.height = 5 + Math.round(36 * (run.seconds ?? longest) / longest) + 'px';
        link.title = `run ${run.id} · ${run.date} · ${runStates[run.state]}${run.seconds == null ? '' : ` · ${run.seconds} s`}`;
        link.setAttribute('aria-label', link.title);
        col.append(link);
        return col;
      }));
    }
    function choose() {
      const wanted = find.value.trim().toLowerCase(), n = data.runs.length;
      rows = [];
      for (let t = 0; t < data.tasks.length; t++) {
        const task = data.tasks[t];
        if (wanted && !task.id.toLowerCase().includes(wanted)) continue;
        if (failed.checked && ![9, 11, 13].some(s => cells.subarray(t * n, t * n + n).includes(s))) continue;
        rows.push({ task: t });
        if (open.has(task.id)) {
          const seen = new Set();
          for (let r = 0; r < n; r++) Object.keys(counts.get(t * n + r) ?? {}).forEach(s => seen.add(+s));
          [...seen].sort((a, b) => a - b).forEach(state => rows.push({ task: t, state }));
        }
      }
      said.textContent = `${rows.length.toLocaleString('en')} of ${data.tasks.length.toLocaleString('en')} tasks, ${n} runs`;
      box.setAttribute('aria-rowcount', rows.length);
      at.row = Math.min(at.row, Math.max(0, rows.length - 1)); at.run = Math.min(at.run, Math.max(0, n - 1));
      space.style.height = rows.length * rowHeight + 'px';
      draw();
    }
    function draw() {
      const first = Math.max(0, Math.floor(box.scrollTop / rowHeight) - 8), last = Math.min(rows.length, first + Math.ceil(box.clientHeight / rowHeight) + 16);
      space.replaceChildren(...Array.from({ length: Math.max(0, last - first) }, (_, i) => row(first + i)));
    }
    function row(index) {
      const { task: t, state } = rows[index], task = data.tasks[t], n = data.runs.length;
      const line = document.createElement('div'), label = document.createElement('div');
      line.className = state === undefined ? 'row' : 'row sub'; line.style.top = index * rowHeight + 'px'; line.setAttribute('role', 'row'); line.setAttribute('aria-rowindex', index + 1);
      line.dataset.task = task.id;
      label.className = 'label'; label.title = task.id; label.setAttribute('role', 'rowheader');
      if (state !== undefined) label.textContent = states[state];
      else {
        const mark = document.createElement('button');
        mark.type = 'button'; mark.tabIndex = -1; mark.textContent = task.mapped ? (open.has(task.id) ? '▾' : '▸') : '';
        if (task.mapped) { mark.dataset.expand = task.id; mark.setAttribute('aria-label', `instances of ${task.id}`); }
        label.append(mark, task.id);
      }
      line.append(label);
      for (let r = 0; r < n; r++) {
        const cell = document.createElement('div');
        cell.className = index === at.row && r === at.run ? 'cell at' : 'cell';
        cell.setAttribute('role', 'gridcell');
        const by = counts.get(t * n + r);
        if (state === undefined) {
          const mark = document.createElement('i'), value = cells[t * n + r];
          if (value !== 255) {
            mark.className = 'c' + value; mark.dataset.at = `${index},${r}`;
            mark.title = `${task.id} · run ${data.runs[r].id} · ${by ? Object.entries(by).map(([s, c]) => `${c} ${states[s]}`).join(', ') : states[value]}`;
            cell.append(mark);
          }
        } else cell.textContent = by?.[state] ?? '';
        line.append(cell);
      }
      return line;
    }
    const go = () => { const { task, state } = rows[at.row] ?? {}; if (task !== undefined) location.href = `${box.dataset.run}${data.runs[at.run].id}?task=${encodeURIComponent(data.tasks[task].id)}${state === undefined ? '' : `&state=${state}`}`; };
    const toggle = id => { if (!open.delete(id)) open.add(id); choose(); };
    box.addEventListener('scroll', () => requestAnimationFrame(draw));
    box.addEventListener('click', e => {
      if (e.target.dataset.expand) toggle(e.target.dataset.expand);
      else if (e.target.dataset.at) { const [r, c] = e.target.dataset.at.split(','); at = { row: +r, run: +c }; go(); }
    });
    box.addEventListener('keydown', e => {
      const page = Math.floor(box.clientHeight / rowHeight) - 3;
      const step = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], PageDown: [page, 0], PageUp: [-page, 0], Home: [-1e9, 0], End: [1e9, 0] }[e.key];
      if (e.target !== box) return;
      if (step) {
        e.preventDefault();
        at.row = Math.min(Math.max(at.row + step[0], 0), rows.length - 1); at.run = Math.min(Math.max(at.run + step[1], 0), data.runs.length - 1);
        const top = at.row * rowHeight;
        if (top < box.scrollTop) box.scrollTop = top; else if (top + 80 > box.scrollTop + box.clientHeight) box.scrollTop = top + 80 - box.clientHeight;
        draw();
      } else if (e.key === 'Enter') go();
      else if (e.key === ' ' && data.tasks[rows[at.row]?.task]?.mapped) { e.preventDefault(); toggle(data.tasks[rows[at.row].task].id); }
    });
    find.addEventListener('input', choose); failed.addEventListener('change', choose);
    older.onclick = () => { befores.push(before); before = data.next; load(); };
    newer.onclick = () => { before = befores.pop() ?? null; load(); };
    listeners.push(() => { if (!before) load(); });
    addEventListener('resize', () => data && draw());
    load();
  }

  function wire(part) {
    part.querySelectorAll('[data-graph]').forEach(moveGraph);
    part.querySelectorAll('[data-matrix]').forEach(drawMatrix);
    part.querySelectorAll('[data-log]').forEach(followLog);
    part.querySelectorAll('[data-submit]').forEach(field => field.addEventListener('change', () => field.form.requestSubmit()));
    part.querySelectorAll('[data-back]').forEach(link => link.addEventListener('click', e => { if (history.length > 1) { e.preventDefault(); history.back(); } }));
  }
  addEventListener('keydown', e => {
    if (e.key === '/' && !isBusy() && !e.ctrlKey && !e.metaKey) {
      const field = document.querySelector('main input[type=search]');
      if (field) { e.preventDefault(); field.focus(); }
    }
  });
  addEventListener('DOMContentLoaded', () => {
    document.querySelector('[data-theme-switch]')?.addEventListener('click', switchTheme);
    wire(document);
    follow();
    poll();
  });
})();
