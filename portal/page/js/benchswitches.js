/** Draws the panel of switches: behaviour that differs between portals. */

import { SWITCH_TEXTS } from './switchtexts.js';
import { announce, fill, h, run } from './dom.js';
import { post } from './api.js';

/** Create the panel; each change is sent to the portal at once. */
export function switchesPanel() {
  const list = h('div', { class: 'settings card' });
  const element = h(
    'div',
    { class: 'column' },
    h('p', { class: 'soft' }, 'Portals differ by version and plan. A changed switch takes effect with the next call.'),
    list,
  );

  function show({ state }) {
    const signature = JSON.stringify(state.switches);
    if (list.signature === signature) return;
    list.signature = signature;
    const focused = document.activeElement?.id;
    fill(
      list,
      Object.entries(state.switches).map(([name, value]) => row(name, value, state.bench.choices[name])),
    );
    if (focused?.startsWith('switch-')) document.getElementById(focused)?.focus();
  }

  return { element, show };
}

function row(name, value, choices) {
  const [title, words] = SWITCH_TEXTS[name] ?? [name.replaceAll('_', ' '), ''];
  const id = `switch-${name}`;
  return h(
    'div',
    { class: 'setting' },
    h('label', { for: id }, h('strong', {}, title), h('span', { class: 'soft' }, words), h('code', {}, name)),
    control(id, name, value, choices),
  );
}

function control(id, name, value, choices) {
  if (typeof value === 'boolean') {
    return h('input', {
      type: 'checkbox',
      class: 'toggle',
      role: 'switch',
      id,
      checked: value,
      on: { change: (event) => setSwitch(name, event.target.checked) },
    });
  }
  if (choices) {
    return h(
      'select',
      { id, on: { change: (event) => setSwitch(name, event.target.value) } },
      choices.map((choice) => h('option', { value: choice, selected: choice === String(value) }, choice)),
    );
  }
  const type = typeof value === 'number' ? 'number' : 'text';
  return h('input', {
    id,
    type,
    min: '0',
    step: 'any',
    value: String(value),
    on: { change: (event) => setSwitch(name, type === 'number' ? Number(event.target.value) : event.target.value) },
  });
}

const setSwitch = (name, value) =>
  run(async () => {
    await post('switches', { [name]: value });
    announce(`${SWITCH_TEXTS[name]?.[0] ?? name} is ${value}.`);
  });
