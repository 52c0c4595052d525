(() => {
  const { $, make, reveal, MARKS, SIGNS } = PATHPROOF;
  const data = JSON.parse(document.getElementById('data').textContent);
  // Places and reasons stand in lists of their own, each once; from here on they are where they are meant.
  const placed = thing => { for (const key of ['place', 'near_place']) if (thing[key] !== undefined) thing[key] = data.places[thing[key]] ?? null; };
  data.reasons.forEach(placed);
  data.files.forEach(it => {
    it.lint.forEach(placed);
    it.suite?.survivors.forEach(placed);
    it.stages.forEach(stage => [...stage.changes, ...stage.expectations].forEach(placed));
  });
  const WORDS = {
    en: {
      list: 'Expectations', network: 'Network', lint: 'Lint', suite: 'Coverage', search: 'Search: ids, files, codes…',
      from: 'From contains…', to: 'To contains…', of: (n, all) => `${n} of ${all} shown`, all: 'all',
      warning: 'warning', note: 'note', changes: 'changes', expected: 'expected', found: 'found', via: 'ways pass',
      reasons: 'What blocks it', remedies: 'To make it work', back: 'on the way back',
      witness: 'for example', zoom: 'Actual size', fit: 'Fit', way: 'The way of one packet',
      ways: n => `one of ${n} ways`, pairs: n => n === 1 ? '1 pair of ends judged' : `${big(n)} pairs of ends judged`,
      left: (from, to) => `Not shown: ${big(from)} endpoints that open, ${big(to)} that are meant.`,
      many: 'Ends that nothing tells apart stand together: what is said of them holds for each of their pairs.',
      every: 'From source ports 1024-65535, there and back; in the network of the file, before its steps.',
      service: 'Service', everything: 'every service', unasked: n => `Services that rules name and the chooser does not have: ${n}.`,
      more: n => `and ${big(n)} more`, members: 'all of them', works: 'Works', not: 'Does not', untold: 'Why is not on this page; ask:',
      link: 'Link to this', changed: 'What it opens and closes', unchanged: 'It opens and closes nothing.',
      whole: ([all, drawn]) => `${big(all)} blocks are drawn as ${big(drawn)}; pathproof graph --around ID draws what stands around one.`, undrawn: 'It is not drawn: --pictures none, or the page has its 50 pictures.',
      survivors: n => n === 0 ? 'Every small mistake in the network would be noticed.' : `Small mistakes that nobody would notice: ${n}`,
      unmeasured: 'Not measured: something does not hold as it is, or there is too much of it; pathproof coverage and pathproof mutate tell.',
      pinned: 'pinned', part: 'in part', touched: 'touched', untouched: 'untouched', dead: 'decides nothing', rest: n => `and ${big(n)} more: pathproof mutate tells all`,
      clean: 'Nothing looks wrong.', findings: (n, all) => `${n} of ${all} findings`, do: 'What to do',
      nothing: 'Nothing fits.', same: 'one and the same endpoint', none: 'Nobody is in this network.', openers: 'from ╲ to', unusable: 'cannot be used',
      refused: 'changes that did not come as the file says', platform: 'a limit of the platform',
      help: [['/', 'search'], ['Esc', 'clear, close'], ['← ↑ → ↓', 'move in the matrix'], ['Enter', 'why']],
    },
    zh: {
      list: '期望', network: '网络图', lint: '检查', suite: '覆盖', search: '搜索：ID、文件、原因代码……',
      from: '源端包含……', to: '目的端包含……', of: (n, all) => `显示 ${n} / ${all}`, all: '全部',
      warning: '警告', note: '提示', changes: '变更', expected: '期望', found: '实际', via: '途经',
      reasons: '阻断原因', remedies: '如何放通', back: '回程',
      witness: '例如', zoom: '原始大小', fit: '适应宽度', way: '一个报文的路径',
      ways: n => `共 ${n} 条路径，此为其一`, pairs: n => `已判断 ${big(n)} 对`,
      left: (from, to) => `未显示：源端 ${big(from)} 个，目的端 ${big(to)} 个。`,
      many: '没有任何区别的对象合并显示；结论对其中每一对都成立。',
      every: '源端口 1024-65535，往返；为文件本身的网络，不含其步骤。',
      service: '服务', everything: '所有服务', unasked: n => `规则中还有 ${n} 个服务未列入选择。`,
      more: n => `等（另有 ${big(n)} 个）`, members: '全部成员', works: '可达', not: '不可达', untold: '本页没有其原因；可用以下命令查询：',
      link: '此项的链接', changed: '互通的变化', unchanged: '不影响任何互通。',
      whole: ([all, drawn]) => `${big(all)} 个图块合并绘制为 ${big(drawn)} 个；pathproof graph --around ID 绘制某个对象周围的内容。`, undrawn: '未绘制：使用了 --pictures none，或本页已有 50 幅图。',
      survivors: n => n === 0 ? '网络中的每处小错误都会被发现。' : `不会被发现的小错误：${n} 处`,
      unmeasured: '未计算：有期望当前不成立，或内容过多；请用 pathproof coverage 与 pathproof mutate。',
      pinned: '已固定', part: '部分固定', touched: '仅涉及', untouched: '未涉及', dead: '不起作用', rest: n => `另有 ${big(n)} 处：pathproof mutate 列出全部`,
      clean: '没有发现问题。', findings: (n, all) => `显示 ${n} / ${all} 个问题`, do: '如何处理',
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
  let service = 0;
  let opened = null;
  /// The expectation that the address leads to.
  let linked = '';

  const big = number => String(number).replace(/\B(?=(\d{3})+$)/g, ',');
  const word = key => WORDS[language][key] ?? PATHPROOF.WORDS[language][key] ?? key;
  const several = names => names.join(language === 'zh' ? '、' : ', ');
  const text = number => {
    const told = data.texts[number];
    return Array.isArray(told) ? told[language === 'zh' ? 1 : 0] : told ?? '';
  };
  const badge = (kind, sign) => make('span', { className: `badge ${kind}` }, `${sign} ${word(kind)}`);
  const at = place => `${place.file}:${place.line}`;
  const source = place => place && make('div', {}, make('span', { className: 'where' }, at(place)), place.text === null ? null : make('pre', {}, place.text));

  /// What a link to a part of the page is.
  const address = (view, fields) => {
    const told = new URLSearchParams(Object.entries(fields).filter(([, value]) => value));
    if (language !== data.language) told.set('lang', language);
    return `#${view}${told.size ? `?${told}` : ''}`;
  };
  const zoom = frame => {
    const button = make('button', { type: 'button', className: 'zoom' }, word('zoom'));
    button.addEventListener('click', () => {
      button.textContent = word(frame.classList.toggle('large') ? 'fit' : 'zoom');
    });
    return button;
  };

  // ---- reasons, in the list and beside the matrix

  const reasonItem = ([number, count]) => {
    const reason = data.reasons[number];
    const item = make('li', {},
      make('code', {}, reason.code), ' ', text(reason.message), count > 1 ? ` × ${big(count)}` : null,
      reason.direction === 'return' ? make('span', { className: 'where' }, ` (${word('back')})`) : null,
      reason.class === 'platform' ? make('span', { className: 'where' }, ` — ${word('platform')}`) : null);
    if (reason.near !== null) item.append(make('div', { className: 'where' }, `${word('nearest')}: ${text(reason.near)}`));
    if (reason.rule) item.append(make('div', { className: 'rule' }, make('b', {}, `${reason.rule}  `), text(data.rules[reason.rule])));
    for (const place of new Set([reason.place, reason.near_place])) if (place) item.append(source(place));
    return item;
  };
  /// What is the same at many ends is told once.
  const reasonList = numbers => {
    const counts = new Map();
    for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
    return numbers.length === 0 ? [] : [make('h3', {}, word('reasons')), make('ol', { className: 'reasons' }, [...counts].map(reasonItem))];
  };

  // ---- expectations

  const entries = [];
  data.files.forEach((it, index) => it.stages.forEach(stage => stage.expectations.forEach(expectation => {
    const codes = expectation.reasons.map(number => data.reasons[number].code);
    const words = [it.path, it.name, stage.name, expectation.from, expectation.to, expectation.service,
      expectation.verdict, expectation.outcome, data.texts[expectation.subject], ...codes, ...expectation.via];
    const place = expectation.place ? at(expectation.place) : '';
    entries.push({ file: index, stage, expectation, at: place && stage.name ? `${place} ${stage.name}` : place, words: words.flat().join(' ').toLowerCase() });
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
      body.append(frame, zoom(frame));
    }
    body.append(...reasonList(expectation.reasons));
    if (expectation.remedies.length) {
      body.append(make('h3', {}, word('remedies')), make('ul', {}, expectation.remedies.map(number => make('li', {}, text(number)))));
    }
    return body;
  };

  const expectationRow = entry => {
    const { expectation } = entry;
    const link = expectation.place && make('a', { className: 'link place', title: word('link') }, at(expectation.place));
    if (link) link.href = address('list', { at: entry.at });
    const row = make('details', { 'data-at': entry.at }, make('summary', {},
      badge(expectation.outcome, MARKS[expectation.outcome]), make('span', {}, text(expectation.subject)), link));
    const fill = () => {
      if (row.open && row.children.length === 1) row.append(expectationBody(entry));
    };
    row.addEventListener('toggle', fill);
    row.open = !['pass', 'waived'].includes(expectation.outcome) || entry.at === linked;
    fill();
    return row;
  };

  const stageTitle = stage => stage.kind === 'base' ? null
    : make('h3', {}, `${word(stage.kind)}: ${stage.name ?? ''}`);
  const changeItem = change => make('li', {}, badge(change.passed ? 'pass' : 'fail', change.passed ? '✓' : '✗'), ' ',
    make('code', {}, change.action), ' ', text(change.why), ' ', source(change.place));
  const stageChanges = stage => {
    if (stage.kind === 'base') return [];
    const told = stage.difference && make('pre', {}, stage.difference.lines[language === 'zh' ? 1 : 0].map(number => data.lines[number]).join('\n'));
    const summary = stage.difference ? `${word('changed')} (${stage.difference.pieces})` : word('unchanged');
    return [
      stage.changes.length ? make('ul', { className: 'plain changes' }, stage.changes.map(changeItem)) : null,
      told ? make('details', { className: 'difference' }, make('summary', {}, summary), make('div', { className: 'body' }, told)) : make('p', { className: 'where' }, summary),
    ];
  };

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
      // Steps tell what they change even if nobody asked anything of them.
      const wrong = plain ? it.stages.filter(stage => stage.changes.some(change => outcomes.size === 0 || !change.passed)) : [];
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

  // ---- the matrix: only the cells that can be seen are there

  const CELL = 32;
  const LETTERS = { r: 'reachable', u: 'unreachable', p: 'partial', x: 'undetermined' };
  let shown = { rows: [], columns: [] };
  let here = [0, 0];
  let head = [120, 120];

  const grid = () => data.files[file]?.matrix;
  const unpacked = new Map();
  /// The verdicts of a row, letter by letter.
  const line = (matrix, table, row) => {
    const packed = matrix.lines[matrix.tables[table][row]];
    if (!unpacked.has(packed)) unpacked.set(packed, packed.replace(/([a-z-])(\d+)/g, (_, letter, count) => letter.repeat(count)));
    return unpacked.get(packed);
  };
  const verdict = (matrix, row, column, table = service) => LETTERS[line(matrix, table, row)[column]] ?? null;
  const first = end => end[0].split(', ', 1)[0];
  const count = end => end[1] ?? 1;
  const name = end => {
    const more = end[0].split(', ').length - 1;
    return more > 0 ? `${first(end)} ${word('more')(more)}` : end[0];
  };
  const named = table => table === 0 ? word('everything') : grid().services[table];
  /// Which of the services that somebody names work.
  const ports = (matrix, row, column) => {
    const works = matrix.services.filter((_, table) => table > 0 && verdict(matrix, row, column, table) === 'reachable');
    const all = verdict(matrix, row, column, 0);
    return all === 'partial' && works.length ? several(works) : '';
  };
  const told = (matrix, row, column) => {
    const found = verdict(matrix, row, column);
    const works = ports(matrix, row, column);
    return `${name(matrix.ends[matrix.from[row]])} → ${name(matrix.ends[matrix.to[column]])}: ${found ? word(found) : word('same')}`
      + (works ? ` — ${word('works')}: ${works}` : '');
  };

  const showMatrix = () => {
    close();
    const matrix = grid();
    const it = data.files[file];
    showNames();
    const usable = matrix && matrix.from.length > 0 && matrix.to.length > 0;
    $('service').hidden = !usable;
    shown = { rows: [], columns: [] };
    if (!usable) {
      $('limits').textContent = '';
      $('grid').replaceChildren(make('p', {}, word('none')));
      return;
    }
    service = Math.min(service, matrix.services.length - 1);
    $('service').replaceChildren(...matrix.services.map((_, table) => make('option', { value: table, selected: table === service }, named(table))));
    const notes = [word('every')];
    if (matrix.ends.some(end => end[0].includes(', '))) notes.push(word('many'));
    if (matrix.left_out[0] + matrix.left_out[1] > 0) notes.push(word('left')(...matrix.left_out));
    if (matrix.unasked) notes.push(word('unasked')(matrix.unasked));
    $('limits').textContent = notes.join(' ');
    const wanted = found => found !== null && (verdicts.size === 0 || verdicts.has(found));
    const fits = (end, id) => {
      const term = $(id).value.trim().toLowerCase();
      return !term || matrix.ends[end][0].toLowerCase().includes(term);
    };
    const columns = [...matrix.to.keys()].filter(column => fits(matrix.to[column], 'search-to'));
    const rows = [...matrix.from.keys()].filter(row => fits(matrix.from[row], 'search-from')
      && (verdicts.size === 0 || columns.some(column => wanted(verdict(matrix, row, column)))));
    shown = { rows, columns: columns.filter(column => verdicts.size === 0 || rows.some(row => wanted(verdict(matrix, row, column)))) };
    here = [0, 0];
    if (rows.length === 0 || shown.columns.length === 0) {
      $('grid').replaceChildren(make('p', {}, word('nothing')));
      return;
    }
    const longest = numbers => numbers.reduce((most, end) => Math.max(most, name(matrix.ends[end]).length), 0);
    const most = window.innerWidth < 800 ? 130 : 280;
    head = [[longest(matrix.from), most], [longest(matrix.to), Math.min(most, 180)]].map(([length, most]) => Math.max(70, Math.min(most, 24 + 8 * length)));
    $('grid').scrollTo(0, 0);
    drawMatrix();
  };

  const drawMatrix = all => {
    const matrix = grid();
    if (!matrix || shown.rows.length === 0 || shown.columns.length === 0) return;
    const frame = $('grid');
    const focused = frame.contains(document.activeElement);
    const [left, top] = head;
    const inner = make('div', { className: 'inner', role: 'grid', 'aria-rowcount': shown.rows.length, 'aria-colcount': shown.columns.length });
    inner.style.width = `${left + CELL * shown.columns.length}px`;
    inner.style.height = `${top + CELL * shown.rows.length}px`;
    const put = (element, x, y, width, height) => {
      Object.assign(element.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
      inner.append(element);
    };
    const [x, y] = all ? [0, 0] : [frame.scrollLeft, frame.scrollTop];
    const part = (from, size, many) => [Math.max(0, Math.floor(from / CELL) - 2), Math.min(many, all ?? Infinity, Math.ceil((from + size) / CELL) + 2)];
    const columns = part(x, all ? all * CELL : frame.clientWidth - left, shown.columns.length);
    const rows = part(y, all ? all * CELL : frame.clientHeight - top, shown.rows.length);
    for (let row = rows[0]; row < rows[1]; row += 1) {
      for (let column = columns[0]; column < columns[1]; column += 1) {
        const ends = [shown.rows[row], shown.columns[column]];
        const found = verdict(matrix, ...ends);
        const title = told(matrix, ...ends);
        const dim = found && verdicts.size > 0 && !verdicts.has(found) ? ' dim' : '';
        const at = row === here[0] && column === here[1];
        const cell = make('div', { className: `cell ${found ?? 'none'}${dim}${at ? ' here' : ''}${at && opened ? ' open' : ''}`, title, role: 'gridcell',
          tabIndex: at ? 0 : -1, 'aria-label': title, 'aria-rowindex': row + 1, 'aria-colindex': column + 1,
          'data-row': row, 'data-column': column }, SIGNS[found] ?? '·');
        put(cell, left + CELL * column, top + CELL * row, CELL, CELL);
      }
    }
    const label = end => ({ title: end[0].slice(0, 2000) });
    for (let column = columns[0]; column < columns[1]; column += 1) {
      const end = matrix.ends[matrix.to[shown.columns[column]]];
      put(make('div', { className: 'column-name', role: 'columnheader', ...label(end) }, name(end)), left + CELL * column, y, CELL, top);
    }
    for (let row = rows[0]; row < rows[1]; row += 1) {
      const end = matrix.ends[matrix.from[shown.rows[row]]];
      put(make('div', { className: 'row-name', role: 'rowheader', ...label(end) }, make('span', {}, name(end))), x, top + CELL * row, left, CELL);
    }
    put(make('div', { className: 'corner' }, word('openers')), x, y, left, top);
    frame.replaceChildren(inner);
    if (focused) frame.querySelector('.here')?.focus({ preventScroll: true });
  };

  const showVerdicts = () => {
    $('verdicts').replaceChildren(...Object.keys(SIGNS).map(verdict => {
      const button = make('button', { type: 'button', 'aria-pressed': String(verdicts.has(verdict)), 'data-verdict': verdict },
        `${SIGNS[verdict]} ${word(verdict)}`);
      button.addEventListener('click', () => {
        if (!verdicts.delete(verdict)) verdicts.add(verdict);
        showVerdicts();
        showMatrix();
        remember();
      });
      return button;
    }));
  };

  const quoted = word => /^[\w.:-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`;

  const open = () => {
    const matrix = grid();
    const [row, column] = [shown.rows[here[0]], shown.columns[here[1]]];
    const found = verdict(matrix, row, column);
    if (!found) {
      close();
      drawMatrix();
      return;
    }
    const [from, to] = [matrix.ends[matrix.from[row]], matrix.ends[matrix.to[column]]];
    opened = [row, column];
    const shut = make('button', { type: 'button', className: 'close' }, `${word('close')} (Esc)`);
    shut.addEventListener('click', close);
    const panel = [shut, make('h2', {}, `${name(from)} → ${name(to)}`),
      make('p', {}, badge(found, SIGNS[found]), ` ${named(service)} · ${word('pairs')(count(from) * count(to))}`)];
    for (const end of [from, to]) {
      if (end[0].includes(', ')) panel.push(make('details', {}, make('summary', {}, `${first(end)}: ${word('members')} (${big(count(end))})`), make('p', { className: 'body' }, end[0])));
    }
    const byVerdict = Object.keys(SIGNS).map(sort => {
      const own = [...matrix.services.keys()].filter(table => table > 0 && verdict(matrix, row, column, table) === sort);
      return own.length ? make('li', {}, badge(sort, SIGNS[sort]), ` ${several(own.map(named))}`) : null;
    });
    panel.push(make('ul', { className: 'plain services' }, byVerdict));
    const why = matrix.cells.find(cell => cell[0] === row && cell[1] === column);
    if (why) {
      const [,, works, via, reasons, ends, ways, lines] = why;
      if (works !== null) panel.push(make('p', {}, text(works)));
      if (via !== null) panel.push(make('p', { className: 'where' }, `${word('via')} ${text(via)}`));
      panel.push(...reasonList(reasons));
      if (ends) {
        panel.push(make('h3', {}, `${word('way')}${ways > 1 ? ` — ${word('ways')(ways)}` : ''}`), make('p', {}, ends));
        if (lines) panel.push(make('pre', {}, lines[language === 'zh' ? 1 : 0].map(number => data.lines[number]).join('\n')));
      }
    } else {
      // Two of the same are never one and the same.
      const others = to[0].split(', ').filter(other => other !== first(from));
      const asked = `pathproof reach ${quoted(data.files[file].path)} --from ${quoted(first(from))} --to ${quoted(others[0] ?? first(to))}`
        + (service > 0 ? ` --service ${quoted(matrix.services[service])}` : '');
      panel.push(make('p', {}, word('untold')), make('pre', {}, asked));
    }
    $('detail').replaceChildren(...panel);
    $('detail').hidden = false;
    $('detail').scrollTop = 0;
    drawMatrix();
    remember();
  };

  const close = () => {
    const was = opened;
    opened = null;
    $('detail').hidden = true;
    if (!was) return;
    drawMatrix();
    $('grid').querySelector('.here')?.focus({ preventScroll: true });
    remember();
  };

  const step = ([down, right]) => {
    const within = (number, list) => Math.max(0, Math.min(list.length - 1, number));
    here = [within(here[0] + down, shown.rows), within(here[1] + right, shown.columns)];
    reveal($('grid'), CELL, here, head);
    if (opened) open();
    else drawMatrix();
  };

  const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  $('grid').addEventListener('keydown', event => {
    if (!event.target.closest('.cell')) return;
    if (MOVES[event.key]) step(MOVES[event.key]);
    else if (event.key === 'Enter' || event.key === ' ') open();
    else return;
    event.preventDefault();
  });
  $('grid').addEventListener('click', event => {
    const cell = event.target.closest('.cell');
    if (!cell) return;
    here = [Number(cell.dataset.row), Number(cell.dataset.column)];
    cell.focus({ preventScroll: true });
    open();
  });
  $('grid').addEventListener('scroll', () => drawMatrix());
  addEventListener('resize', () => drawMatrix());

  // ---- the network

  const showNetwork = () => {
    showNames();
    const network = data.files[file]?.network;
    if (!network) {
      $('drawing').replaceChildren(make('p', {}, word(data.files[file]?.matrix ? 'undrawn' : 'none')));
      return;
    }
    const frame = make('div', { className: 'picture' });
    // Drawn by pathproof itself, every text in it escaped.
    frame.innerHTML = text(network.picture);
    $('drawing').replaceChildren(...(network.folded ? [make('p', { className: 'where' }, word('whole')(network.folded))] : []), frame, zoom(frame));
  };

  // ---- what looks wrong

  const LEVELS = { error: '✗', warning: '!', note: 'i' };
  const showLint = () => {
    const terms = $('search-lint').value.toLowerCase().split(/\s+/).filter(Boolean);
    const all = data.files.reduce((sum, it) => sum + it.lint.length, 0);
    let told = 0;
    const list = data.files.flatMap(it => {
      const own = it.lint.filter(finding => {
        const words = [it.path, it.name, finding.code, finding.level, finding.at, data.texts[finding.message]].flat().join(' ').toLowerCase();
        return terms.every(term => words.includes(term));
      });
      told += own.length;
      if (own.length === 0) return [];
      return [make('h2', {}, it.name ?? it.path, ' ', it.name ? make('small', {}, it.path) : null), ...own.map(finding => make('details', {},
        make('summary', {}, badge(finding.level, LEVELS[finding.level]), make('code', {}, finding.code), make('span', {}, text(finding.message)),
          finding.place ? make('span', { className: 'place' }, at(finding.place)) : null),
        make('div', { className: 'body' }, source(finding.place), text(finding.help) ? make('p', {}, make('b', {}, `${word('do')}: `), text(finding.help)) : null)))];
    });
    $('count-lint').textContent = word('findings')(told, all);
    $('findings').replaceChildren(...(list.length ? list : [make('p', {}, word(all ? 'nothing' : 'clean'))]));
  };

  // ---- what the expectations would notice, beside the source

  const HOLDS = ['pinned', 'part', 'touched', 'untouched', 'dead'];
  const sourceTable = it => {
    const rows = [];
    let last = 0;
    for (const [number, line, hold, said] of it.lines) {
      if (last && number > last + 1) rows.push(make('tr', {}, make('td', {}, '⋮'), make('td', {}), make('td', {})));
      last = number;
      rows.push(make('tr', { className: hold }, make('td', {}, String(number)), make('td', {}, make('code', {}, line)), make('td', {}, said === null ? '' : text(said))));
    }
    return [make('h3', {}, it.path), make('table', { className: 'source' }, rows)];
  };
  const survivorItem = ({ place, lines }) => make('details', {},
    make('summary', {}, make('span', {}, data.lines[lines[language === 'zh' ? 1 : 0][0]].trim()), place ? make('span', { className: 'place' }, at(place)) : null),
    make('div', { className: 'body' }, source(place), make('pre', {}, lines[language === 'zh' ? 1 : 0].slice(1).map(number => data.lines[number]).join('\n'))));
  const showSuite = () => {
    showNames();
    const suite = data.files[file]?.suite;
    if (!suite) {
      $('measure').replaceChildren(make('p', {}, word('unmeasured')));
      return;
    }
    const count = suite.survivors.length + suite.more;
    $('measure').replaceChildren(make('p', {}, suite.headline), make('p', { className: 'where' }, text(suite.tally)),
      make('h3', {}, word('survivors')(count)), ...suite.survivors.map(survivorItem),
      ...(suite.more ? [make('p', { className: 'where' }, word('rest')(suite.more))] : []),
      make('p', { className: 'legend' }, HOLDS.map(hold => make('span', { className: hold }, word(hold)))),
      ...suite.files.flatMap(sourceTable));
  };

  // ---- the page around

  const VIEWS = { list: showList, matrix: showMatrix, network: showNetwork, lint: showLint, suite: showSuite };

  const showNames = () => {
    const it = data.files[file];
    for (const place of document.querySelectorAll('.name')) place.replaceChildren(it?.name ?? it?.path ?? '', ' ', make('small', {}, it?.name ? it.path : ''));
    for (const chooser of document.querySelectorAll('select.file')) {
      chooser.value = file;
      chooser.hidden = data.files.length < 2;
    }
  };

  const select = which => {
    view = which;
    for (const name of Object.keys(VIEWS)) {
      $(name).hidden = name !== view;
      $(`tab-${name}`).setAttribute('aria-selected', String(name === view));
    }
    show();
    remember();
  };

  const show = () => {
    showNumbers();
    close();
    if (view === 'matrix') showVerdicts();
    VIEWS[view]();
  };

  // ---- the address tells what is shown, so that it can be passed on

  const remember = () => {
    const matrix = grid();
    const more = view === 'list' ? { at: linked, outcome: [...outcomes].join(' '), search: $('search').value.trim() }
      : view === 'lint' ? { search: $('search-lint').value.trim() }
      : view === 'network' || view === 'suite' ? { file: data.files[file]?.path }
      : { file: data.files.length > 1 ? data.files[file]?.path : '', service: service > 0 ? matrix?.services[service] : '',
        verdict: [...verdicts].join(' '), from: $('search-from').value.trim(), to: $('search-to').value.trim(),
        cell: opened ? `${first(matrix.ends[matrix.from[opened[0]]])} > ${first(matrix.ends[matrix.to[opened[1]]])}` : '' };
    const told = address(view, more);
    // A page within a page may not.
    try { if (location.hash !== told) history.replaceState(null, '', told); } catch { /* the page works without */ }
  };

  const recall = () => {
    const [name, rest] = location.hash.slice(1).split('?');
    const told = new URLSearchParams(rest ?? '');
    const words = key => (told.get(key) ?? '').split(' ').filter(Boolean);
    view = Object.hasOwn(VIEWS, name) ? name : 'list';
    if (WORDS[told.get('lang')]) language = told.get('lang');
    linked = told.get('at') ?? '';
    file = Math.max(0, data.files.findIndex(it => it.path === told.get('file')));
    service = Math.max(0, (grid()?.services ?? []).indexOf(told.get('service')));
    for (const [set, key] of [[outcomes, 'outcome'], [verdicts, 'verdict']]) {
      set.clear();
      words(key).forEach(one => set.add(one));
    }
    $('search').value = view === 'list' ? told.get('search') ?? '' : '';
    $('search-lint').value = view === 'lint' ? told.get('search') ?? '' : '';
    for (const side of ['from', 'to']) $(`search-${side}`).value = told.get(side) ?? '';
    speak();
    if (linked) document.querySelector(`#files [data-at="${CSS.escape(linked)}"]`)?.scrollIntoView({ block: 'start' });
    const ends = (told.get('cell') ?? '').split(' > ');
    const matrix = grid();
    if (view === 'matrix' && matrix && ends.length === 2) {
      const at = (numbers, list, end) => list.findIndex(index => matrix.ends[numbers[index]][0].split(', ').includes(end));
      const cell = [at(matrix.from, shown.rows, ends[0]), at(matrix.to, shown.columns, ends[1])];
      if (cell.every(number => number >= 0)) {
        here = cell;
        step([0, 0]);
        open();
      }
    }
  };

  const speak = () => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    for (const name of Object.keys(VIEWS)) $(`tab-${name}`).textContent = word(name);
    const wrong = data.files.reduce((sum, it) => sum + it.lint.length, 0);
    if (wrong) $('tab-lint').textContent += ` (${wrong})`;
    $('language').textContent = word('other');
    for (const [id, key] of [['search', 'search'], ['search-lint', 'search'], ['search-from', 'from'], ['search-to', 'to']]) {
      $(id).placeholder = word(key);
      $(id).setAttribute('aria-label', word(key));
    }
    for (const chooser of document.querySelectorAll('select.file')) chooser.setAttribute('aria-label', word('matrix'));
    $('service').setAttribute('aria-label', word('service'));
    $('help').replaceChildren(...word('help').flatMap(([key, told]) => [make('kbd', {}, key), ` ${told}   `]));
    select(view);
  };

  for (const chooser of document.querySelectorAll('select.file')) {
    chooser.append(...data.files.map((it, index) => make('option', { value: index }, it.name ? `${it.name} — ${it.path}` : it.path)));
    chooser.addEventListener('change', () => { file = Number(chooser.value); select(view); });
  }
  $('service').addEventListener('change', () => {
    service = Number($('service').value);
    const [at, place] = [here, [$('grid').scrollLeft, $('grid').scrollTop]];
    showMatrix();
    if (at[0] < shown.rows.length && at[1] < shown.columns.length) here = at;
    $('grid').scrollTo(...place);
    drawMatrix();
    remember();
  });
  for (const [id, tell] of [['search', showList], ['search-from', showMatrix], ['search-to', showMatrix], ['search-lint', showLint]]) {
    $(id).addEventListener('input', () => { tell(); remember(); });
  }
  for (const name of Object.keys(VIEWS)) $(`tab-${name}`).addEventListener('click', () => select(name));
  $('language').addEventListener('click', () => { language = language === 'zh' ? 'en' : 'zh'; speak(); });
  document.addEventListener('keydown', event => {
    const typing = ['INPUT', 'SELECT'].includes(event.target.tagName);
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      ({ list: $('search'), matrix: $('search-from'), lint: $('search-lint') })[view]?.focus();
    } else if (event.key === 'Escape') {
      if (opened) close();
      else if (event.target.tagName === 'INPUT' && event.target.value) {
        event.target.value = '';
        show();
        remember();
      } else event.target.blur?.();
    }
  });
  addEventListener('hashchange', recall);
  // On paper everything is there, of a large matrix as much as a page takes.
  addEventListener('beforeprint', () => {
    Object.values(VIEWS).forEach(tell => tell());
    drawMatrix(40);
  });
  addEventListener('afterprint', () => drawMatrix());

  recall();
})();
