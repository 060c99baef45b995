/** Draws the window for a new chat: a private dialog with one person, or a group with several. */

import { about, avatar } from './people.js';
import { h } from './dom.js';
import { post } from './api.js';

/** Ask for the members of a new chat; go(dialog) is called when it exists. */
export function newChat({ state, people }, go) {
  const title = h('input', {
    type: 'text',
    name: 'title',
    placeholder: 'Title of the group',
    'aria-label': 'Title',
    autocomplete: 'off',
    maxlength: '255',
  });
  const others = [...people.values()].filter((user) => user.known && user.id !== state.me.id);
  const boxes = others.map((user) =>
    h(
      'label',
      { class: 'pick' },
      h('input', { type: 'checkbox', name: 'member', value: String(user.id) }),
      avatar(user, 'small'),
      h('span', {}, user.name, h('small', {}, about(user))),
    ),
  );
  const refusal = h('p', { class: 'refusal', role: 'alert', hidden: true });
  const refuse = (words) => {
    refusal.hidden = false;
    refusal.textContent = words; // a toast would be behind this window
  };
  const form = h(
    'form',
    { method: 'dialog' },
    h('h2', { id: 'new-chat' }, 'New chat'),
    h('p', { class: 'soft' }, 'Choose one person for a private chat, or several for a group. A title always makes a group.'),
    title,
    refusal,
    h('fieldset', { class: 'picks' }, h('legend', { class: 'hidden' }, 'Who'), boxes),
    h(
      'div',
      { class: 'buttons' },
      h('button', { type: 'button', class: 'button', on: { click: () => box.close() } }, 'Cancel'),
      h('button', { type: 'submit', class: 'button primary' }, 'Start'),
    ),
  );
  const box = h('dialog', { class: 'window', 'aria-labelledby': 'new-chat' }, form);
  box.addEventListener('close', () => box.remove());
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    start();
  });
  document.body.append(box);
  box.showModal();

  async function start() {
    const members = [...form.querySelectorAll('[name=member]:checked')].map((input) => Number(input.value));
    if (!members.length) {
      refuse('Choose at least one person.');
      return;
    }
    try {
      go(await create(state.me.id, members, title.value.trim()));
      box.close();
    } catch (problem) {
      refuse(problem.message);
    }
  }
}

async function create(as, members, title) {
  if (members.length === 1 && !title) {
    await post('open', { as, dialog: String(members[0]) });
    return String(members[0]);
  }
  return (await post('chats', { as, title: title || 'New group', members: [as, ...members] })).dialog;
}
