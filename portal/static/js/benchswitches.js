/** Switches: where portals differ from one another, and how this one behaves. */

import { announce, fill, h, toast } from './dom.js';
import { post } from './api.js';

const KNOWN = {
  crm_feed: ['CRM feed', 'Whether crm.livefeedmessage.add still works.', ['alive', 'dead']],
  size_rule: ['Size rule', 'How large attachments, buttons and menus may be.', ['60000', '30kb']],
  bucket_capacity: ['Bucket size', "Requests that fit into one source's bucket; 0 switches it off."],
  bucket_rate: ['Bucket rate', 'Requests a second that leak out of it.'],
  bot_api: ['Bot API', 'With v1, the methods of imbot.v2 are unknown, as on an old portal.', ['both', 'v1']],
  double_commands: ['Double commands', 'A typed command arrives as a message too.'],
  refresh_in_events: ['Refresh tokens in events', 'Tokens of acting users come with a refresh token.'],
  old_refresh: ['Used refresh token', 'Whether a used refresh token may be used again.', ['dies', 'lives']],
  scope_status: ['Missing scope answers', 'The HTTP status of insufficient_scope.', ['401', '403']],
  localhost_handlers: ['Handlers on localhost', 'event.bind accepts the name localhost.'],
  update_on_add: ['Update event for new posts', 'Who listens to updates only hears of new posts too.'],
  update_on_comment: ['Update event for comments', 'A comment counts as an update of its post.'],
  https_webhooks: ['Webhooks need HTTPS', 'Incoming webhooks over plain HTTP are refused.'],
};

/** The panel; each change goes to the portal at once. */
export function switchesPanel() {
  const list = h('div', { class: 'settings card' });
  const element = h(
    'div',
    { class: 'column' },
    h('p', { class: 'soft' }, 'Portals differ by age, plan and release. A turned switch counts from the next call on.'),
    list,
  );

  function show({ state }) {
    const signature = JSON.stringify(state.switches);
    if (list.signature === signature) return;
    list.signature = signature;
    const focused = document.activeElement?.id;
    fill(
      list,
      Object.entries(state.switches).map(([name, value]) => row(name, value)),
    );
    if (focused?.startsWith('switch-')) document.getElementById(focused)?.focus();
  }

  return { element, show };
}

function row(name, value) {
  const [title, words, choices] = KNOWN[name] ?? [name, ''];
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
      on: { change: (event) => turn(name, event.target.checked) },
    });
  }
  if (choices) {
    return h(
      'select',
      { id, on: { change: (event) => turn(name, event.target.value) } },
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
    on: { change: (event) => turn(name, type === 'number' ? Number(event.target.value) : event.target.value) },
  });
}

async function turn(name, value) {
  try {
    await post('switches', { [name]: value });
    announce(`${KNOWN[name]?.[0] ?? name} is ${value}.`);
  } catch (problem) {
    toast(problem.message, 'error');
  }
}
