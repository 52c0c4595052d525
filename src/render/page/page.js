(() => {
  const { $, make, MARKS, SIGNS } = PATHPROOF;
  const data = JSON.parse(document.getElementById('data').textContent);
  const WORDS = {
    en: {
      list: 'Expectations', search: 'Search: ids, files, codes…',
      from: 'From contains…', to: 'To contains…', of: (n, all) => `${n} of ${all} shown`, all: 'all',
      changes: 'changes', expected: 'expected', found: 'found', via: 'ways pass',
      reasons: 'What blocks it', remedies: 'To make it work', back: 'on the way back',
      witness: 'for example', zoom: 'Actual size', fit: 'Fit', way: 'The way of one packet',
      ways: n => `one of ${n} ways`, pairs: n => n === 1 ? '1 pair of ends judged' : `${n} pairs of ends judged`,
      left: (from, to) => `Not shown, beyond the limit of the page: ${from} endpoint(s) that open, ${to} that are meant. --limit raises it.`,
      many: 'Machines of one subnet with the same security groups stand together; a verdict is over all of their pairs.',
      every: 'Every service, source ports 1024-65535, there and back; in the network of the file, before its steps.',
      nothing: 'Nothing fits.', same: 'one and the same endpoint', none: 'Nobody is in this network.', openers: 'from ╲ to', unusable: 'cannot be used',
      refused: 'changes that did not come as the file says', platform: 'a limit of the platform',
      help: [['/', 'search'], ['Esc', 'clear, close'], ['← ↑ → ↓', 'move in the matrix'], ['Enter', 'why']],
    },
    zh: {
      list: '期望', search: '搜索：ID、文件、原因代码……',
      from: '源端包含……', to: '目的端包含……', of: (n, all) => `显示 ${n} / ${all}`, all: '全部',
      changes: '变更', expected: '期望', found: '实际', via: '途经',
      reasons: '阻断原因', remedies: '如何放通', back: '回程',
      witness: '例如', zoom: '原始大小', fit: '适应宽度', way: '一个报文的路径',
      ways: n => `共 ${n} 条路径，此为其一`, pairs: n => `已判断 ${n} 对`,
      left: (from, to) => `超出页面上限而未显示：源端 ${from} 个，目的端 ${to} 个；可用 --limit 提高上限。`,
      many: '同一子网且安全组相同的云服务器合并显示；结论覆盖其中每一对。',
      every: '所有服务，源端口 1024-65535，往返；为文件本身的网络，不含其步骤。',
      nothing: '没有符合的内容。', same: '同一个对象', none: '该网络中没有对象。', openers: '源端 ╲ 目的端', unusable: '无法使用',
      refused: '未按文件所述生效的变更', platform: '平台限制',
      help: [['/', '搜索'], ['Esc', '清除、关闭'], ['← ↑ → ↓', '在矩阵中移动'], ['Enter', '原因']],
    },
  };
  const OUTCOMES = [['pass', 'passed'], ['fail', 'failed'], ['vacuous', 'vacuous'], ['undetermined', 'undetermined'], ['waived', 'waived'], ['error', 'errors']];

  let language = data.language;
  let view = 'list';
  const outcomes = new Set();
  const verdicts = new Set();
  let file = 0;
  let opened = null;

  const word = key => WORDS[language][key] ?? PATHPROOF.WORDS[language][key] ?? key;
  const text = number => {
    const told = data.texts[number];
    return Array.isArray(told) ? told[language === 'zh' ? 1 : 0] : told ?? '';
  };
  const badge = (kind, sign) => make('span', { className: `badge ${kind}` }, `${sign} ${word(kind)}`);
  const at = place => `${place.file}:${place.line}`;
  const source = place => place && make('div', {}, make('span', { className: 'where' }, at(place)), place.text === null ? null : make('pre', {}, place.text));

  // ---- reasons, in the list and beside the matrix

  const reasonItem = number => {
    const reason = data.reasons[number];
    const item = make('li', {},
      make('code', {}, reason.code), ' ', text(reason.message),
      reason.direction === 'return' ? make('span', { className: 'where' }, ` (${word('back')})`) : null,
      reason.class === 'platform' ? make('span', { className: 'where' }, ` — ${word('platform')}`) : null);
    if (reason.near !== null) item.append(make('div', { className: 'where' }, `${word('nearest')}: ${text(reason.near)}`));
    if (reason.rule) item.append(make('div', { className: 'rule' }, make('b', {}, `${reason.rule}  `), text(data.rules[reason.rule])));
    for (const place of [reason.place, reason.near_place]) {
      if (place && !(place === reason.near_place && reason.place && at(place) === at(reason.place))) item.append(source(place));
    }
    return item;
  };
  const reasonList = numbers => numbers.length === 0 ? [] : [
    make('h3', {}, word('reasons')), make('ol', { className: 'reasons' }, numbers.map(reasonItem))];

  // ---- expectations

  const entries = [];
  data.files.forEach((it, index) => it.stages.forEach(stage => stage.expectations.forEach(expectation => {
    const codes = expectation.reasons.map(number => data.reasons[number].code);
    const words = [it.path, it.name, stage.name, expectation.from, expectation.to, expectation.service,
      expectation.verdict, expectation.outcome, data.texts[expectation.subject], ...codes, ...expectation.via];
    entries.push({ file: index, stage, expectation, words: words.flat().join(' ').toLowerCase() });
  })));

  const expectationBody = ({ expectation }) => {
    const body = make('div', { className: 'body' });
    if (text(expectation.why)) body.append(make('p', {}, text(expectation.why)));
    const facts = [`${word('expected')}: ${word(expectation.expected)}`];
    if (expectation.verdict) facts.push(`${word('found')}: ${word(expectation.verdict)}`);
    if (expectation.pairs) facts.push(word('pairs')(expectation.pairs));
    if (expectation.witness) facts.push(`${word('witness')} ${expectation.witness}`);
    if (expectation.via.length) facts.push(`${word('via')} ${expectation.via.join('; ')}`);
    body.append(make('p', { className: 'where' }, facts.join(' · ')));
    if (expectation.place) body.append(source(expectation.place));
    if (expectation.picture !== null) {
      const frame = make('div', { className: 'picture' });
      // Drawn by pathproof itself, every text in it escaped.
      frame.innerHTML = text(expectation.picture);
      const zoom = make('button', { type: 'button', className: 'zoom' }, word('zoom'));
      zoom.addEventListener('click', () => {
        zoom.textContent = word(frame.classList.toggle('large') ? 'fit' : 'zoom');
      });
      body.append(frame, zoom);
    }
    body.append(...reasonList(expectation.reasons));
    if (expectation.remedies.length) {
      body.append(make('h3', {}, word('remedies')), make('ul', {}, expectation.remedies.map(number => make('li', {}, text(number)))));
    }
    return body;
  };

  const expectationRow = entry => {
    const { expectation } = entry;
    const row = make('details', {}, make('summary', {},
      badge(expectation.outcome, MARKS[expectation.outcome]), make('span', {}, text(expectation.subject)),
      expectation.place ? make('span', { className: 'place' }, at(expectation.place)) : null));
    const fill = () => {
      if (row.open && row.children.length === 1) row.append(expectationBody(entry));
    };
    row.addEventListener('toggle', fill);
    row.open = !['pass', 'waived'].includes(expectation.outcome);
    fill();
    return row;
  };

  const stageTitle = stage => stage.kind === 'base' ? null
    : make('h3', {}, `${word(stage.kind)}: ${stage.name ?? ''}`);
  const stageChanges = stage => stage.changes.filter(change => !change.passed).map(change =>
    make('p', {}, badge('fail', '✗'), ' ', make('code', {}, change.action), ' ', text(change.why), ' ', source(change.place)));

  const showList = () => {
    const terms = $('search').value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = entry => (outcomes.size === 0 || outcomes.has(entry.expectation.outcome))
      && terms.every(term => entry.words.includes(term));
    const shown = entries.filter(fits);
    $('count').textContent = word('of')(shown.length, entries.length);
    const list = [];
    data.files.forEach((it, index) => {
      const own = shown.filter(entry => entry.file === index);
      const broken = it.diagnostics.filter(diagnostic => diagnostic.severity === 'error');
      const plain = terms.length === 0 && (outcomes.size === 0 || outcomes.has('fail') || outcomes.has('error'));
      const wrong = plain ? it.stages.filter(stage => stage.changes.some(change => !change.passed)) : [];
      if (own.length === 0 && wrong.length === 0 && !(plain && broken.length)) return;
      list.push(make('h2', {}, it.name ?? it.path, ' ', it.name ? make('small', {}, it.path) : null));
      if (plain) {
        for (const told of it.diagnostics) {
          const kind = told.severity === 'error' ? 'error' : 'waived';
          list.push(make('p', {}, badge(kind, '!'), ' ', make('code', {}, told.code), ` ${told.message} `,
            told.line === null ? null : make('span', { className: 'where' }, at(told))));
        }
      }
      for (const stage of it.stages) {
        const rows = own.filter(entry => entry.stage === stage);
        if (rows.length || wrong.includes(stage)) {
          list.push(stageTitle(stage), ...(plain ? stageChanges(stage) : []), ...rows.map(expectationRow));
        }
      }
    });
    if (list.length === 0) list.push(make('p', {}, word('nothing')));
    $('files').replaceChildren(...list.filter(Boolean));
  };

  const showNumbers = () => {
    const buttons = OUTCOMES.filter(([, count]) => data.summary[count] > 0).map(([outcome, count]) => {
      const button = make('button', { type: 'button', 'aria-pressed': String(outcomes.has(outcome)), 'data-outcome': outcome },
        `${MARKS[outcome]} ${data.summary[count]} ${word(outcome)}`);
      button.addEventListener('click', () => {
        if (!outcomes.delete(outcome)) outcomes.add(outcome);
        select('list');
      });
      return button;
    });
    if (data.summary.unusable > 0) buttons.push(badge('error', `${data.summary.unusable}`), word('unusable'));
    if (data.summary.changes_failed > 0) buttons.push(badge('fail', `${data.summary.changes_failed}`), word('refused'));
    $('numbers').replaceChildren(...buttons);
  };

  // ---- the matrix

  const grid = () => data.files[file]?.matrix;

  const showMatrix = () => {
    close();
    const matrix = grid();
    const table = $('grid');
    const it = data.files[file];
    $('name').replaceChildren(it?.name ?? it?.path ?? '', ' ', make('small', {}, it?.name ? it.path : ''));
    if (!matrix || matrix.from.length === 0 || matrix.to.length === 0) {
      $('limits').textContent = '';
      table.replaceChildren(make('p', {}, word('none')));
      return;
    }
    const notes = [word('every')];
    if ([...matrix.from, ...matrix.to].some(end => end.count > 1)) notes.push(word('many'));
    if (matrix.left_out[0] + matrix.left_out[1] > 0) notes.push(word('left')(...matrix.left_out));
    $('limits').textContent = notes.join(' ');
    const cell = (row, column) => matrix.cells[row * matrix.to.length + column];
    const wanted = found => found !== null && (verdicts.size === 0 || verdicts.has(found.verdict));
    const fits = (end, id) => {
      const term = $(id).value.trim().toLowerCase();
      return !term || `${end.name} ${end.members ?? ''}`.toLowerCase().includes(term);
    };
    let columns = matrix.to.map((_, index) => index).filter(index => fits(matrix.to[index], 'search-to'));
    const rows = matrix.from.map((_, index) => index).filter(row => fits(matrix.from[row], 'search-from')
      && (verdicts.size === 0 || columns.some(column => wanted(cell(row, column)))));
    columns = columns.filter(column => verdicts.size === 0 || rows.some(row => wanted(cell(row, column))));
    if (rows.length === 0 || columns.length === 0) {
      table.replaceChildren(make('p', {}, word('nothing')));
      return;
    }
    const head = make('tr', {}, make('th', {}, word('openers')),
      columns.map(column => make('th', { scope: 'col', title: matrix.to[column].name }, make('span', {}, matrix.to[column].name))));
    const body = rows.map(row => make('tr', {}, make('th', { scope: 'row', title: matrix.from[row].name }, matrix.from[row].name),
      columns.map(column => {
        const found = cell(row, column);
        if (found === null) return make('td', { className: 'none', tabIndex: -1, title: word('same') }, '·');
        const title = `${matrix.from[row].name} → ${matrix.to[column].name}: ${word(found.verdict)}`;
        const dim = wanted(found) ? '' : ' dim';
        return make('td', { className: found.verdict + dim, tabIndex: -1, title, 'aria-label': title,
          'data-row': row, 'data-column': column }, SIGNS[found.verdict]);
      })));
    table.replaceChildren(make('table', { role: 'grid' }, make('thead', {}, head), make('tbody', {}, body)));
    const first = table.querySelector('td');
    if (first) first.tabIndex = 0;
  };

  const showVerdicts = () => {
    $('verdicts').replaceChildren(...Object.keys(SIGNS).map(verdict => {
      const button = make('button', { type: 'button', 'aria-pressed': String(verdicts.has(verdict)), 'data-verdict': verdict },
        `${SIGNS[verdict]} ${word(verdict)}`);
      button.addEventListener('click', () => {
        if (!verdicts.delete(verdict)) verdicts.add(verdict);
        showVerdicts();
        showMatrix();
      });
      return button;
    }));
  };

  const open = cell => {
    if (cell.dataset.row === undefined) return;
    close();
    const matrix = grid();
    const [row, column] = [Number(cell.dataset.row), Number(cell.dataset.column)];
    const found = matrix.cells[row * matrix.to.length + column];
    opened = cell;
    cell.classList.add('open');
    const shut = make('button', { type: 'button', className: 'close' }, `${word('close')} (Esc)`);
    shut.addEventListener('click', close);
    const panel = [shut, make('h2', {}, `${matrix.from[row].name} → ${matrix.to[column].name}`),
      make('p', {}, badge(found.verdict, SIGNS[found.verdict]), ' ', found.works === null ? '' : text(found.works))];
    const facts = [word('pairs')(found.pairs)];
    if (found.via) facts.push(`${word('via')} ${found.via}`);
    panel.push(make('p', { className: 'where' }, facts.join(' · ')));
    panel.push(...reasonList(found.reasons));
    if (found.shown) {
      const ways = found.shown.ways > 1 ? ` — ${word('ways')(found.shown.ways)}` : '';
      panel.push(make('h3', {}, `${word('way')}${ways}`), make('p', {}, found.shown.ends));
      if (found.shown.lines) {
        const lines = found.shown.lines[language === 'zh' ? 1 : 0].map(number => data.lines[number]);
        panel.push(make('pre', {}, lines.join('\n')));
      }
    }
    $('detail').replaceChildren(...panel);
    $('detail').hidden = false;
    $('detail').scrollTop = 0;
  };

  const close = () => {
    $('detail').hidden = true;
    opened?.classList.remove('open');
    const cell = opened;
    opened = null;
    if (cell?.isConnected) cell.focus();
  };

  const step = (cell, [down, right]) => {
    const line = cell.parentElement.parentElement.children[cell.parentElement.rowIndex - 1 + down];
    const next = line?.children[cell.cellIndex + right];
    if (!next || next.tagName !== 'TD') return;
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    if (opened) open(next);
  };

  const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  $('grid').addEventListener('keydown', event => {
    const cell = event.target.closest('td');
    if (!cell) return;
    if (MOVES[event.key]) step(cell, MOVES[event.key]);
    else if (event.key === 'Enter' || event.key === ' ') open(cell);
    else return;
    event.preventDefault();
  });
  $('grid').addEventListener('click', event => {
    const cell = event.target.closest('td');
    if (!cell) return;
    $('grid').querySelectorAll('td[tabindex="0"]').forEach(old => { old.tabIndex = -1; });
    cell.tabIndex = 0;
    open(cell);
  });

  // ---- the page around

  const select = which => {
    view = which;
    for (const name of ['list', 'matrix']) {
      $(name).hidden = name !== view;
      $(`tab-${name}`).setAttribute('aria-selected', String(name === view));
    }
    show();
  };

  const show = () => {
    showNumbers();
    if (view === 'list') {
      close();
      showList();
    } else {
      showVerdicts();
      showMatrix();
    }
  };

  const speak = () => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    $('tab-list').textContent = word('list');
    $('tab-matrix').textContent = word('matrix');
    $('language').textContent = word('other');
    for (const [id, key] of [['search', 'search'], ['search-from', 'from'], ['search-to', 'to']]) {
      $(id).placeholder = word(key);
      $(id).setAttribute('aria-label', word(key));
    }
    $('file').setAttribute('aria-label', word('matrix'));
    $('help').replaceChildren(...word('help').flatMap(([key, told]) => [make('kbd', {}, key), ` ${told}   `]));
    show();
  };

  $('file').append(...data.files.map((it, index) => make('option', { value: index }, it.name ? `${it.name} — ${it.path}` : it.path)));
  $('file').addEventListener('change', () => { file = Number($('file').value); showMatrix(); });
  $('search').addEventListener('input', showList);
  $('search-from').addEventListener('input', showMatrix);
  $('search-to').addEventListener('input', showMatrix);
  $('tab-list').addEventListener('click', () => select('list'));
  $('tab-matrix').addEventListener('click', () => select('matrix'));
  $('language').addEventListener('click', () => { language = language === 'zh' ? 'en' : 'zh'; speak(); });
  document.addEventListener('keydown', event => {
    const typing = ['INPUT', 'SELECT'].includes(event.target.tagName);
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      $(view === 'list' ? 'search' : 'search-from').focus();
    } else if (event.key === 'Escape') {
      if (opened) close();
      else if (event.target.tagName === 'INPUT' && event.target.value) {
        event.target.value = '';
        show();
      } else event.target.blur?.();
    }
  });
  // On paper both parts are there.
  addEventListener('beforeprint', () => { showList(); showMatrix(); });

  select('list');
  speak();
})();
