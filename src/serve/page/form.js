/// A form for one change, made of what the format says of its fields. It writes the change as scenario files have it.
const changeForm = (record, { word, complete, explained, changed }) => {
  const { make } = PATHPROOF;
  const RULES = ['ingress rule', 'egress rule', 'acl rule'];
  /// What is written without quotes.
  const BARE = /^(bool|port|next hop|number|[0-9])/;

  /// A field of a simple type: its element, and its text as it is written, empty if nothing was entered.
  const simple = field => {
    const many = field.type.startsWith('list of ');
    const type = many ? field.type.slice('list of '.length) : field.type;
    const choices = type === 'bool' ? ['true', 'false'] : /^\w+(\/\w+)+$/.test(type) ? type.split('/') : null;
    const quoted = text => choices || BARE.test(type) ? text : JSON.stringify(text);
    const input = choices && !many
      ? make('select', { onchange: changed }, make('option', { value: '' }, '—'), choices.map(it => make('option', { value: it }, it)))
      : make('input', { autocomplete: 'off', spellcheck: false, oninput: changed, placeholder: type });
    if (/\bid\b/.test(type)) {
      input.setAttribute('list', 'ids');
      input.addEventListener('input', complete);
      input.addEventListener('focus', complete);
    } else if (type.includes('service')) input.setAttribute('list', 'services');
    const text = () => {
      const value = input.value.trim();
      if (!many || !value) return value && quoted(value);
      return `[${value.split(/[\s,，、]+/).filter(Boolean).map(quoted).join(', ')}]`;
    };
    return { element: make('label', { title: field.meaning }, make('span', {}, `${field.name}${field.required ? ' *' : ''}`), input), text };
  };

  /// Several parts, each with fields of its own.
  const parts = field => {
    const name = field.type.slice('list of record '.length);
    const rows = [];
    const box = make('div', { className: 'parts' });
    const add = async focus => {
      const told = await explained(name);
      const action = RULES.includes(name)
        ? make('select', { onchange: changed, 'aria-label': word('action') }, ['Accept', 'Drop'].map(it => make('option', { value: it }, it))) : null;
      const fields = told.fields.map(of);
      const filled = () => fields.filter(it => it.text());
      rows.push(() => filled().length || action ? `${action?.value ?? ''}(${written(fields)})` : '');
      const part = make('div', { className: 'part' }, action, fields.map(it => it.element));
      box.append(part);
      if (focus) part.querySelector('select, input').focus();
      changed();
    };
    const more = make('button', { type: 'button', onclick: () => add(true) }, `+ ${name}`);
    const element = make('fieldset', { title: field.meaning }, make('legend', {}, `${field.name}${field.required ? ' *' : ''}`), box, more);
    if (field.required) add(false);
    return { element, text: () => rows.length ? `[${rows.map(row => row()).filter(Boolean).join(', ')}]` : '' };
  };

  const of = field => ({ name: field.name, ...(field.type.startsWith('list of record ') ? parts : simple)(field) });
  const written = fields => fields.filter(it => it.text()).map(it => `${it.name}: ${it.text()}`).join(', ');

  const fields = record.fields.map(of);
  return {
    element: make('fieldset', { className: 'change' }, make('legend', {}, record.record), make('p', { className: 'soft' }, `${record.one}. ${record.meaning}`),
      fields.map(it => it.element)),
    text: () => `${record.record}(${written(fields)})`,
  };
};

/// Whether a change can be entered field by field; others are written from an example.
const hasForm = record => record.fields?.length > 0 && record.fields.every(field => !/^(map of |record )/.test(field.type));
