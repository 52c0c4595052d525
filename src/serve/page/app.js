(() => {
  const { $, make, reveal, MARKS, SIGNS } = PATHPROOF;
  const WORDS = {
    en: {
      ask: 'Ask', whatif: 'What if', watch: 'Watch', file: 'File', at: 'Network', base: 'as it is',
      from: 'From', to: 'To', service: 'Service', go: 'Ask', swap: '⇄', swapName: 'Ask the other way round', skip: 'Skip to the question',
      there: 'There', back: 'Back', blockers: 'What blocks it', ways: n => `${n} ways; the one that tells most:`, noway: 'No packet to show.',
      shown: 'One packet', lost: 'lost', rule: 'rule', asIf: 'judged as if the packet had arrived',
      changes: 'Changes, in the words of scenario files; the answer comes while you write', action: 'Add', save: 'Save as a file', saveStage: 'Save as a what-if', stageNote: 'Put this into `what_if: [ … ]` of the scenario file.',
      choose: 'a change…', pieces: 'What opens and closes', large: 'Open the picture by itself', blockedNow: 'blocked now', blockedBefore: 'blocked before',
      passedNow: 'let through now by', passedBefore: 'let through before by', gained: 'opens', lostPiece: 'closes', unknown: 'not known', nothing: 'Nothing changes for anybody.', broken: 'Promises that break',
      none: 'No promise breaks.', applied: 'applied', refused: 'refused', effectless: 'opens and closes nothing', fixes: 'Changes that open it', closing: 'Changes that close it',
      nofix: 'No such change was found.', find: 'Find changes that open it', mend: 'Find changes that mend it', tryIt: 'Try in “What if”', addIt: 'Add to the changes', done: 'Nothing has to change.', more: n => `and ${n} more`,
      by: 'By', endpoint: 'endpoint', subnet: 'subnet', vpc: 'VPC', group: 'security group', search: 'Contains', show: 'Show', source: 'from ╲ to',
      count: (rows, columns) => `${rows} × ${columns}`, same: 'no pair', nobody: 'Nobody fits.',
      found: 'is', otherwise: 'not the way the file says',
      semicolon: '; ', sourcePort: ports => ` (source port ${ports})`, ofSet: (set, count) => `${set} (${count})`,
      unusable: 'The file cannot be used as it is on the disk:', gone: 'The server does not answer.', unasked: 'The file expects nothing.',
      tally: s => `${s.passed} of ${s.expectations} passed, ${s.failed} failed, ${s.undetermined + s.vacuous + s.errors} undecided or vacuous, ${s.waived} waived`,
      help: [['1 – 4', 'view'], ['/', 'first field'], ['Enter', 'ask'], ['← ↑ → ↓', 'move in the matrix'], ['Esc', 'leave a field, close']],
    },
    zh: {
      ask: '提问', whatif: '假设变更', watch: '监视', file: '文件', at: '网络', base: '当前状态',
      from: '源端', to: '目的端', service: '服务', go: '提问', swap: '⇄', swapName: '交换两端', skip: '跳到提问',
      there: '去程', back: '回程', blockers: '阻断原因', ways: n => `共 ${n} 条路径，以下一条信息最多：`, noway: '没有可显示的报文。',
      shown: '一个报文', lost: '被丢弃', rule: '规则', asIf: '按报文已到达来判断',
      changes: '变更，写法同场景文件；边写边给出结果', action: '添加', save: '存为文件', saveStage: '存为假设', stageNote: '将其放入场景文件的 `what_if: [ … ]`。',
      choose: '选择变更……', pieces: '放通与阻断', large: '单独打开图片', blockedNow: '现被阻断', blockedBefore: '此前被阻断',
      passedNow: '现由其放行', passedBefore: '此前由其放行', gained: '放通', lostPiece: '阻断', unknown: '未知', nothing: '任何互通都没有变化。', broken: '不再成立的期望',
      none: '没有期望被破坏。', applied: '已应用', refused: '被拒绝', effectless: '不影响任何互通', fixes: '可以放通的变更', closing: '可以阻断的变更',
      nofix: '没有找到这样的变更。', find: '查找可以放通的变更', mend: '查找可以补救的变更', tryIt: '在“假设变更”中试用', addIt: '添加到变更', done: '无须变更。', more: n => `另有 ${n} 个`,
      by: '按', endpoint: '实例', subnet: '子网', vpc: '私有网络', group: '安全组', search: '包含', show: '显示', source: '源端 ╲ 目的端',
      count: (rows, columns) => `${rows} × ${columns}`, same: '没有可判断的对象', nobody: '没有符合的对象。',
      found: '实际', otherwise: '但原因或路径与文件所述不同',
      semicolon: '；', sourcePort: ports => `（源端口 ${ports}）`, ofSet: (set, count) => `${set}（${count}）`,
      unusable: '磁盘上的文件目前无法使用：', gone: '服务器没有响应。', unasked: '文件中没有期望。',
      tally: s => `${s.expectations} 条期望：${s.passed} 条通过，${s.failed} 条失败，${s.undetermined + s.vacuous + s.errors} 条未决或空集，${s.waived} 条豁免`,
      help: [['1 – 4', '切换视图'], ['/', '第一个输入框'], ['Enter', '提问'], ['← ↑ → ↓', '在矩阵中移动'], ['Esc', '离开输入框、关闭']],
    },
  };
  const VIEWS = ['ask', 'whatif', 'matrix', 'watch'];
  /// What stands in a stage beside changes.
  const KEPT = ['Reachable', 'Unreachable', 'Partial', 'Refused'];
  let language = 'en';
  let view = 'ask';
  let versions = '';
  let files = [];
  let matrix = null;
  let here = [0, 0];
  let actions = [];
  let opener = null;
  let stageWords = {};

  const word = key => WORDS[language][key] ?? PATHPROOF.WORDS[language][key] ?? key;
  const several = names => names.join(language === 'zh' ? '、' : ', ');
  const badge = (kind, sign, told) => make('span', { className: `badge ${kind}` }, `${sign} ${told ?? word(kind)}`);
  const soft = text => make('span', { className: 'soft' }, text);

  // ---- the server

  /// The document, or null after what is wrong has been told.
  const fetched = async (command, fields, signal) => {
    try {
      const response = await fetch(`/api/${command}`, { method: 'POST', body: JSON.stringify({ ...fields, lang: language }), signal });
      // within: a question that is called off may end while its answer comes in
      return await response.json();
    } catch {
      return { schema: 'pathproof.diagnostics/1', diagnostics: [{ message: word('gone') }] };
    }
  };
  const asked = () => ({ ...($('file').value ? { file: $('file').value } : {}), ...($('at').value ? { at: $('at').value } : {}) });
  const isWrong = value => value.schema === 'pathproof.diagnostics/1';
  const wrong = value => make('ul', { className: 'list' }, value.diagnostics.map(one => make('li', {},
    badge('error', '!', one.code ?? ''), ' ', one.message, one.file ? [' ', place(one)] : null,
    one.help ? make('div', { className: 'soft' }, one.help) : null)));

  /// Only the answer to the last question is shown; nobody works on the one before any more.
  const turns = {};
  const into = async (box, work) => {
    turns[box]?.abort();
    const turn = turns[box] = new AbortController();
    $(box).classList.add('busy');
    const parts = await work(turn.signal);
    if (turns[box] !== turn) return;
    $(box).classList.remove('busy');
    $(box).replaceChildren(...parts.flat().filter(Boolean));
  };

  // ---- places

  const place = one => !one?.file || !one.line ? null : make('button', {
    type: 'button', className: 'place', onclick: () => openSource(one.file, one.line),
  }, `${one.file}:${one.line}`);

  /// A line of the changes that are being written.
  const openChange = line => {
    const lines = $('changes').value.split('\n');
    const start = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
    $('changes').focus();
    $('changes').setSelectionRange(start, start + (lines[line - 1] ?? '').length);
  };

  const openSource = async (path, line) => {
    if (path.startsWith('--change')) return openChange(line);
    const told = await fetched('source', { ...($('file').value ? { file: $('file').value } : {}), path, line });
    const close = make('button', { type: 'button', className: 'close', onclick: closeSource }, word('close'));
    const body = isWrong(told) ? wrong(told) : make('pre', {}, told.lines.map((text, index) => make('span', {
      className: told.first + index === line ? 'line meant' : 'line',
    }, make('span', { className: 'number' }, told.first + index), text)));
    $('source').replaceChildren(close, make('h2', {}, `${path}:${line}`), body);
    if ($('source').hidden) opener = document.activeElement;
    $('source').hidden = false;
    return $('source').focus();
  };
  const closeSource = () => {
    $('source').hidden = true;
    if (opener?.isConnected) opener.focus();
  };

  // ---- ask

  const packet = p => `${p.protocol} ${p.src}${p.source_port === undefined ? '' : `:${p.source_port}`} → ${p.dst}${p.destination_port === undefined ? '' : `:${p.destination_port}`}`;

  const hop = one => {
    const passes = one.decision === 'pass';
    const line = [
      make('span', { className: `sign ${passes ? 'yes' : 'no'}` }, passes ? '✓' : '✗'),
      make('span', {}, `${one.hop}. ${stageWords[one.stage]?.[language] ?? one.stage}`), one.at ? make('b', {}, one.at) : null,
      one.endpoint && one.endpoint !== one.at ? soft(one.endpoint) : null, one.code ? make('code', {}, one.code) : null, place(one),
    ];
    const details = make('details', {}, make('summary', {}, line.filter(Boolean)), make('div', { className: 'inside' },
      make('div', {}, packet(one.packet_in)), packet(one.packet_in) === packet(one.packet_out) ? null : make('div', {}, `→ ${packet(one.packet_out)}`),
      one.rule ? make('div', {}, `${word('rule')} ${one.rule.owner} ${one.rule.list} #${one.rule.index + 1} ${one.rule.action}`) : null,
      one.entry ? make('div', {}, one.entry) : null, one.as_if ? make('div', {}, word('asIf')) : null));
    return make('li', { className: passes ? '' : 'block-hop' }, details);
  };

  const reason = (one, number) => make('li', {}, `${number + 1}. `, make('code', {}, one.code), ' ', one.message,
    one.direction === 'return' ? soft(` (${word('back')})`) : null, one.semantics ? soft(` ${one.semantics}`) : null, ' ', place(one),
    one.near_miss ? make('div', { className: 'soft' }, `${word('nearest')}: ${one.near_miss.message}`) : null);

  const question = () => ({
    ...asked(), from: $('from').value.trim(), to: $('to').value.trim(), ...($('service').value.trim() ? { service: $('service').value.trim() } : {}),
  });

  const ask = () => into('ask-answer', async signal => {
    const given = question();
    if (!given.from || !given.to) return [];
    remember();
    const told = await fetched('trace', given, signal);
    if (isWrong(told)) return [wrong(told)];
    const headline = make('div', { className: 'headline', id: 'verdict' }, badge(told.verdict, SIGNS[told.verdict]),
      make('span', {}, `${told.from} → ${told.to} ${told.service}`));
    const left = make('div', {}, headline);
    if (told.reasons.length) left.append(make('h2', {}, word('blockers')), make('ol', { className: 'reasons' }, told.reasons.map(reason)));
    if (told.shown?.packet) {
      left.append(make('h2', {}, word('there'), ' ', make('small', {}, packet(told.shown.packet))));
      if (told.paths.length > 1) left.append(soft(word('ways')(told.paths.length)));
      left.append(make('ol', { className: 'hops' }, told.forward.map(hop)));
      if (told.return.length) left.append(make('h2', {}, word('back')), make('ol', { className: 'hops' }, told.return.map(hop)));
    } else left.append(soft(word('noway')));
    if (['unreachable', 'partial'].includes(told.verdict)) {
      const box = make('div', { id: 'fixes' });
      const use = text => { $('changes').value = `[\n${text}\n]`; show('whatif'); };
      const button = make('button', { type: 'button', id: 'find', onclick: () => fixes(given, box, button, ['tryIt', use]) }, word('find'));
      left.append(make('p', {}, button), box);
    }
    const address = `/picture?${new URLSearchParams({ ...given, lang: language })}`;
    const image = make('img', { alt: `${told.from} → ${told.to}`, src: address });
    const link = make('a', { href: address, target: '_blank', rel: 'noopener', title: word('large') }, image);
    return [make('div', { className: 'two' }, left, make('div', { className: 'picture' }, link))];
  });

  /// The fixes of a question, each with what is to be done with it: its name, and the deed.
  const fixes = async (given, box, button, [name, use]) => {
    button.disabled = true;
    const told = await fetched('fix', given);
    button.disabled = false;
    if (isWrong(told)) return box.replaceChildren(wrong(told));
    if (!told.fixes?.length) return box.replaceChildren(soft(word(told.done ? 'done' : 'nofix')));
    box.replaceChildren(make('h2', {}, word(given.close ? 'closing' : 'fixes')), make('ul', { className: 'list' }, told.fixes.map(fix => {
      const text = fix.changes.map(change => change.change ?? change.text ?? change).join(',\n');
      return make('li', {}, make('pre', {}, text), make('button', { type: 'button', className: 'try', onclick: () => {
        use(text);
        whatif();
      } }, word(name)));
    })));
  };

  // ---- what if

  /// The documents say packets in English.
  const inWords = packets => packets.replace(/ \(source port ([^)]*)\)$/, (_, ports) => word('sourcePort')(ports));
  const side = (names, sets) => {
    const told = sets?.length ? sets.map(set => word('ofSet')(set.id, set.members)) : names;
    return told.length > 3 ? `${several(told.slice(0, 3))} ${word('more')(told.length - 3)}` : several(told);
  };
  const piece = one => make('li', {}, badge(one.turn === 'gained' || one.turn === 'lost' ? one.turn : 'unknown', { gained: '+', lost: '−' }[one.turn] ?? '?',
    word({ gained: 'gained', lost: 'lostPiece' }[one.turn] ?? 'unknown')), ' ',
  make('b', {}, side(one.from, one.from_sets)), ' → ', make('b', {}, side(one.to, one.to_sets)), ' ',
  (one.packets ?? []).map(row => inWords(row.traffic)).join(word('semicolon')),
  (one.reasons ?? []).map(it => make('div', { className: 'soft' }, `${word(one.turn === 'lost' ? 'blockedNow' : 'blockedBefore')}: `,
    make('code', {}, it.code), ' ', it.message, ' ', place(it))),
  (one.passed_by ?? []).map(it => make('div', { className: 'soft' }, `${word(one.turn === 'lost' ? 'passedBefore' : 'passedNow')}: `, it.message, ' ', place(it))));

  /// What lets a promise hold again after the changes; it is added to them.
  const mending = (one, text) => {
    if (one.expected === one.verdict || !['reachable', 'unreachable'].includes(one.expected)) return null;
    const box = make('div', { className: 'fixes' });
    const given = { ...asked(), from: one.from, to: one.to, service: one.service, changes: [text], ...(one.expected === 'unreachable' ? { close: true } : {}) };
    const use = more => {
      $('change-form').replaceChildren();
      $('changes').value = joined($('changes').value.trim(), more.replaceAll('\n', '\n    '));
    };
    const button = make('button', { type: 'button', className: 'mend', onclick: () => fixes(given, box, button, ['addIt', use]) }, word('mend'));
    return [button, box];
  };

  const whatif = () => into('whatif-answer', async signal => {
    const text = $('changes').value.trim();
    remember();
    if (!text) return [];
    const told = await fetched('whatif', { ...asked(), changes: [text] }, signal);
    if (isWrong(told)) return [wrong(told)];
    const changes = told.changes.map(one => make('li', {},
      badge(one.outcome === 'refused' ? 'refused' : 'pass', one.outcome === 'refused' ? '✗' : '✓', word(one.outcome)), ' ', make('b', {}, one.action), ' ',
      one.code ? make('code', {}, one.code) : null, ' ', one.message ?? (one.effect === false ? word('effectless') : '')));
    const pieces = told.pieces.filter(one => one.turn === 'gained' || one.turn === 'lost' || one.turn === 'unknown');
    return [
      make('ul', { className: 'list' }, changes),
      make('h2', {}, word('broken')),
      told.broken.length ? make('ul', { className: 'list', id: 'broken' }, told.broken.map(one => make('li', {}, badge('fail', '✗'), ' ',
        `${one.from} → ${one.to} ${one.service}: ${word(one.expected)} — ${one.expected === one.verdict ? word('otherwise') : `${word('found')} ${word(one.verdict)}`} `,
        place({ file: $('file').value, line: one.line }), ' ', mending(one, text)))) : soft(word('none')),
      make('h2', {}, word('pieces')),
      pieces.length ? make('ul', { className: 'list', id: 'pieces' }, pieces.map(piece)) : soft(word(told.determined ? 'nothing' : 'unknown')),
    ];
  });

  const given = (text, name) => {
    const link = make('a', { href: URL.createObjectURL(new Blob([text], { type: 'text/plain' })), download: name });
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const save = () => given(`${$('changes').value.trim()}\n`, 'changes.ron');
  const saveStage = () => {
    const changes = $('changes').value.trim();
    const list = changes.startsWith('[') ? changes : `[\n${changes},\n]`;
    given(`// ${word('stageNote')}\n(\n    name: ${JSON.stringify(`what if ${new Date().toISOString().slice(0, 10)}`)},\n    changes: ${list.replaceAll('\n', '\n    ')},\n),\n`, 'what-if.ron');
  };

  /// Several changes stand in a list.
  const joined = (before, text) => {
    const inner = before.startsWith('[') ? before.slice(1, before.lastIndexOf(']')).trim().replace(/,$/, '') : before;
    return inner ? `[\n    ${inner},\n    ${text},\n]` : text;
  };

  /// A change to be added: by its fields where it has simple ones, else from an example. Whoever writes by hand goes on by hand.
  const addChange = async name => {
    const record = await fetched('explain', { code: name });
    if (isWrong(record)) return;
    const before = $('changes').value.trim();
    if (!hasForm(record)) {
      $('change-form').replaceChildren();
      $('changes').value = joined(before, record.example);
      $('changes').focus();
      whatif();
      return;
    }
    const soon = later(whatif, 250);
    // within: leaving a field that says what it said asks nothing, so that what is open beneath the answer stays
    const changed = () => {
      const text = joined(before, form.text());
      if (text === $('changes').value) return;
      $('changes').value = text;
      soon();
    };
    const form = changeForm(record, {
      word, complete, explained: code => fetched('explain', { code }), changed,
    });
    $('change-form').replaceChildren(form.element);
    $('changes').value = joined(before, form.text());
    $('change-form').querySelector('input, select')?.focus();
    whatif();
  };

  // ---- who reaches whom: only the cells that can be seen are there

  const CELL = 32;
  let head = [120, 120];

  const loadMatrix = async () => {
    remember();
    $('grid').classList.add('busy');
    const service = $('matrix-service').value.trim();
    const told = await fetched('matrix', { ...asked(), by: $('by').value, ...(service ? { service } : {}) });
    $('grid').classList.remove('busy');
    if (isWrong(told)) {
      matrix = null;
      $('grid').replaceChildren(wrong(told));
      return;
    }
    matrix = told;
    filterMatrix();
  };

  const filterMatrix = () => {
    if (!matrix) return;
    const text = $('search').value.trim().toLowerCase();
    const fits = name => name.toLowerCase().includes(text);
    // A row or a column that fits is shown whole; where none fits, the other side's fit is enough.
    const rows = matrix.rows.map((row, index) => index).filter(index => fits(matrix.rows[index].from));
    const columns = matrix.columns.map((name, index) => index).filter(index => fits(matrix.columns[index]));
    matrix.shownRows = rows.length ? rows : columns.length ? matrix.rows.map((row, index) => index) : [];
    matrix.shownColumns = matrix.columns.map((name, index) => index);
    if (!rows.length && columns.length) matrix.shownColumns = columns;
    const longest = names => names.reduce((most, name) => Math.max(most, name.length), 0);
    head = [Math.min(260, 24 + 8 * longest(matrix.rows.map(row => row.from))), Math.min(200, 24 + 8 * longest(matrix.columns))];
    if (window.innerWidth < 800) head = [Math.min(130, head[0]), Math.min(130, head[1])];
    $('count').textContent = matrix.shownRows.length ? word('count')(matrix.shownRows.length, matrix.shownColumns.length) : word('nobody');
    here = [0, 0];
    $('grid').scrollTo(0, 0);
    drawMatrix();
  };

  const drawMatrix = () => {
    if (!matrix) return;
    const grid = $('grid');
    const [left, top] = head;
    const inner = make('div', { className: 'inner' });
    inner.style.width = `${left + CELL * matrix.shownColumns.length}px`;
    inner.style.height = `${top + CELL * matrix.shownRows.length}px`;
    const put = (element, x, y, width, height) => {
      Object.assign(element.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
      inner.append(element);
    };
    const [x, y] = [grid.scrollLeft, grid.scrollTop];
    const columns = [Math.max(0, Math.floor(x / CELL) - 2), Math.min(matrix.shownColumns.length, Math.ceil((x + grid.clientWidth) / CELL) + 2)];
    const rows = [Math.max(0, Math.floor(y / CELL) - 2), Math.min(matrix.shownRows.length, Math.ceil((y + grid.clientHeight) / CELL) + 2)];
    for (let row = rows[0]; row < rows[1]; row += 1) {
      const told = matrix.rows[matrix.shownRows[row]];
      for (let column = columns[0]; column < columns[1]; column += 1) {
        const verdict = told.verdicts[matrix.shownColumns[column]];
        const name = `${told.from} → ${matrix.columns[matrix.shownColumns[column]]}: ${word(verdict ?? 'same')}`;
        const cell = make('div', {
          className: `cell ${verdict ?? 'none'}${row === here[0] && column === here[1] ? ' here' : ''}`, title: name, role: 'gridcell', 'aria-label': name,
          onclick: () => { here = [row, column]; openCell(); },
        }, SIGNS[verdict] ?? '·');
        put(cell, left + CELL * column, top + CELL * row, CELL, CELL);
      }
    }
    for (let column = columns[0]; column < columns[1]; column += 1) {
      const name = matrix.columns[matrix.shownColumns[column]];
      put(make('div', { className: 'column-name', title: name }, name), left + CELL * column, y, CELL, top);
    }
    for (let row = rows[0]; row < rows[1]; row += 1) {
      const name = matrix.rows[matrix.shownRows[row]].from;
      put(make('div', { className: 'row-name', title: name }, name), x, top + CELL * row, left, CELL);
    }
    put(make('div', { className: 'corner' }, word('source')), x, y, left, top);
    grid.replaceChildren(inner);
  };

  const moveCell = (down, right) => {
    if (!matrix?.shownRows.length) return;
    here = [
      Math.max(0, Math.min(matrix.shownRows.length - 1, here[0] + down)),
      Math.max(0, Math.min(matrix.shownColumns.length - 1, here[1] + right)),
    ];
    reveal($('grid'), CELL, here, head);
    drawMatrix();
  };

  /// An end of the matrix may be one of many alike: the first of them is asked.
  const openCell = () => {
    const row = matrix.rows[matrix.shownRows[here[0]]];
    if (!row?.verdicts[matrix.shownColumns[here[1]]]) return drawMatrix();
    $('from').value = row.from;
    $('to').value = matrix.columns[matrix.shownColumns[here[1]]];
    $('service').value = $('matrix-service').value;
    show('ask');
    return ask();
  };

  // ---- watch

  const watch = () => into('promises', async signal => {
    const told = await fetched('check', $('file').value ? { file: $('file').value } : {}, signal);
    if (isWrong(told)) return [wrong(told)];
    $('tally').textContent = told.summary.unusable ? '' : told.summary.expectations ? word('tally')(told.summary) : word('unasked');
    return told.files.flatMap(file => {
      const broken = file.diagnostics.filter(one => one.severity === 'error');
      const list = file.stages.flatMap(stage => stage.expectations.map(one => ({ ...one, stage })));
      list.sort((a, b) => (a.outcome === 'pass') - (b.outcome === 'pass'));
      return [
        make('h2', {}, file.path, ' ', make('small', {}, file.name ?? '')),
        broken.length ? wrong({ diagnostics: broken }) : null,
        make('ul', { className: 'list' }, list.map(one => make('li', {}, badge(one.outcome, MARKS[one.outcome]), ' ',
          `${one.from} → ${one.to} ${one.service}: ${word(one.expected)} `,
          one.outcome === 'pass' || !one.verdict ? null : `— ${one.expected === one.verdict ? word('otherwise') : `${word('found')} ${word(one.verdict)}`} `,
          one.stage.name ? soft(` ${word(one.stage.kind)}: ${one.stage.name} `) : null,
          place({ file: file.path, line: one.line })))),
      ];
    });
  });

  // ---- the address tells the question, so that it can be passed on

  const remember = () => {
    const told = new URLSearchParams();
    const add = (name, value) => { if (value) told.set(name, value); };
    add('file', files.length > 1 ? $('file').value : '');
    add('at', $('at').value);
    if (view === 'ask') for (const name of ['from', 'to', 'service']) add(name, $(name).value.trim());
    if (view === 'whatif') add('changes', $('changes').value.trim());
    if (view === 'matrix') { add('by', $('by').value); add('service', $('matrix-service').value.trim()); add('search', $('search').value.trim()); }
    add('lang', language);
    const address = `#${view}?${told}`;
    if (location.hash !== address) history.replaceState(null, '', address);
  };

  const recall = async () => {
    const [name, rest] = location.hash.slice(1).split('?');
    const told = new URLSearchParams(rest ?? '');
    if (WORDS[told.get('lang')]) language = told.get('lang');
    view = VIEWS.includes(name) ? name : 'ask';
    if (files.some(file => file.path === told.get('file'))) $('file').value = told.get('file');
    await stages(told.get('at'));
    for (const name of ['from', 'to']) $(name).value = told.get(name) ?? $(name).value;
    if (view === 'ask') $('service').value = told.get('service') ?? '';
    if (view === 'matrix') $('matrix-service').value = told.get('service') ?? '';
    if (told.get('by')) $('by').value = told.get('by');
    $('search').value = told.get('search') ?? '';
    if (told.has('changes')) $('changes').value = told.get('changes');
    translate();
    show(view);
    await refresh();
  };

  // ---- the whole

  /// What is shown is asked again.
  const refresh = () => ({ ask, whatif, matrix: loadMatrix, watch })[view]();

  const show = name => {
    view = name;
    for (const it of VIEWS) {
      $(it).hidden = it !== name;
      $(`tab-${it}`).setAttribute('aria-selected', it === name);
    }
    remember();
  };

  const stages = async chosen => {
    const told = await fetched('list', $('file').value ? { file: $('file').value } : {});
    const names = (told.files?.[0]?.stages ?? []).filter(stage => stage.name).map(stage => stage.name);
    $('at').replaceChildren(make('option', { value: '' }, word('base')), ...names.map(name => make('option', { value: name }, name)));
    $('at').value = names.includes(chosen) ? chosen : '';
    $('at-box').hidden = !names.length;
  };

  /// Ids that have what is written in them.
  let completing = 0;
  const complete = event => {
    clearTimeout(completing);
    completing = setTimeout(async () => {
      const text = event.target.value.split(/[&|!()\s]+/).pop();
      const told = await fetched('list', { ...($('file').value ? { file: $('file').value } : {}), ...(text ? { only: [text] } : {}) });
      const ids = (told.files ?? []).flatMap(file => file.entities).flatMap(one => one.ids.map(id => [id, one.kind]));
      $('ids').replaceChildren(make('option', { value: 'internet' }), ...ids.slice(0, 200).map(([id, kind]) => make('option', { value: id, label: kind })));
    }, 120);
  };

  const poll = async () => {
    let state;
    try {
      state = await (await fetch('/api/state')).json();
    } catch {
      $('banner').textContent = word('gone');
      $('banner').hidden = false;
      return;
    }
    const known = JSON.stringify(state.files);
    if (known === versions) {
      if ($('banner').textContent === word('gone')) $('banner').hidden = true;
      return;
    }
    const first = versions === '';
    versions = known;
    files = state.files;
    const chosen = $('file').value;
    $('file').replaceChildren(...files.map(file => make('option', { value: file.path }, file.path)));
    if (files.some(file => file.path === chosen)) $('file').value = chosen;
    await usable();
    if (first) return;
    await stages($('at').value);
    await refresh();
  };

  /// The server tells when files change; while it cannot be heard, it is asked.
  const listen = () => {
    let timer = setInterval(poll, 1000);
    const events = new EventSource('/api/events');
    events.addEventListener('files', poll);
    events.onopen = () => { clearInterval(timer); timer = 0; poll(); };
    events.onerror = () => { timer ||= setInterval(poll, 1000); };
  };

  const usable = async () => {
    const broken = files.find(file => file.path === $('file').value && !file.usable);
    if (!broken) {
      $('banner').hidden = true;
      return;
    }
    const told = await fetched('links', { file: broken.path });
    const all = (told.diagnostics ?? []).map(one => `${one.file ?? ''}:${one.line ?? ''} ${one.message}`);
    $('banner').textContent = [word('unusable'), ...all].join('\n');
    $('banner').hidden = false;
  };

  const translate = () => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    for (const [id, key] of [['file-label', 'file'], ['at-label', 'at'], ['from-label', 'from'], ['to-label', 'to'], ['service-label', 'service'], ['ask-go', 'go'],
      ['swap', 'swap'], ['skip', 'skip'], ['action-label', 'action'], ['save', 'save'], ['save-stage', 'saveStage'], ['changes-label', 'changes'], ['by-label', 'by'],
      ['matrix-service-label', 'service'], ['search-label', 'search'], ['matrix-go', 'show'], ['language', 'other']]) $(id).textContent = word(key);
    $('swap').setAttribute('aria-label', word('swapName'));
    $('swap').title = word('swapName');
    for (const name of VIEWS) $(`tab-${name}`).textContent = word(name);
    const by = $('by').value || 'subnet';
    $('by').replaceChildren(...['endpoint', 'subnet', 'vpc', 'group'].map(name => make('option', { value: name }, word(name))));
    $('by').value = by;
    $('action').replaceChildren(make('option', { value: '' }, word('choose')), ...actions.map(name => make('option', { value: name }, name)));
    if ($('at').options.length) $('at').options[0].textContent = word('base');
    $('help').replaceChildren(...word('help').flatMap(([key, told]) => [make('kbd', {}, key), ` ${told}  `]));
  };

  const later = (work, pause) => {
    let timer = 0;
    return () => { clearTimeout(timer); timer = setTimeout(work, pause); };
  };

  const start = async () => {
    $('tabs').append(...VIEWS.map(name => make('button', {
      type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': name, onclick: () => { show(name); refresh(); },
    })));
    $('ask-form').onsubmit = event => { event.preventDefault(); ask(); };
    $('matrix-form').onsubmit = event => { event.preventDefault(); loadMatrix(); };
    $('swap').onclick = () => { [$('from').value, $('to').value] = [$('to').value, $('from').value]; ask(); };
    for (const id of ['from', 'to']) { $(id).oninput = complete; $(id).onfocus = complete; }
    const written = later(whatif, 250);
    $('changes').oninput = () => { $('change-form').replaceChildren(); written(); };
    $('save').onclick = save;
    $('save-stage').onclick = saveStage;
    $('action').onchange = async () => {
      const name = $('action').value;
      $('action').value = '';
      if (name) await addChange(name);
    };
    $('search').oninput = later(() => { filterMatrix(); remember(); }, 80);
    $('by').onchange = loadMatrix;
    $('grid').onscroll = () => requestAnimationFrame(drawMatrix);
    $('grid').onkeydown = event => {
      const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-10, 0], PageDown: [10, 0] };
      if (moves[event.key]) { event.preventDefault(); moveCell(...moves[event.key]); }
      if (event.key === 'Enter' && matrix) { event.preventDefault(); openCell(); }
    };
    $('file').onchange = async () => { await stages(''); await usable(); await refresh(); };
    $('at').onchange = refresh;
    $('language').onclick = async () => { language = language === 'en' ? 'zh' : 'en'; translate(); await usable(); await refresh(); remember(); };
    document.onkeydown = event => {
      if (event.key === 'Escape') {
        if ($('source').hidden) event.target.blur?.();
        else closeSource();
      }
      const writing = ['INPUT', 'TEXTAREA', 'SELECT'].includes(event.target.tagName);
      if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
      const chosen = VIEWS[Number(event.key) - 1];
      if (chosen) { show(chosen); refresh(); }
      if (event.key === '/') {
        event.preventDefault();
        ({ ask: $('from'), whatif: $('changes'), matrix: $('search'), watch: $('tab-watch') })[view].focus();
      }
    };
    window.onhashchange = recall;
    const state = await (await fetch('/api/state')).json().catch(() => ({}));
    language = WORDS[state.lang] ? state.lang : 'en';
    stageWords = await (await fetch('/api/stages')).json().catch(() => ({}));
    const scenario = await fetched('schema', { name: 'scenario' });
    actions = [...new Set(JSON.stringify(scenario.$defs?.stage ?? {}).match(/\$defs\/[A-Z]\w+/g) ?? [])].map(name => name.slice(6)).filter(name => !KEPT.includes(name));
    translate();
    await poll();
    await recall();
    document.documentElement.dataset.ready = 'yes';
    listen();
  };

  start();
})();
