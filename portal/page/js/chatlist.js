/** Draws the list of a person's chats. */

import { about, avatar } from './people.js';
import { brief } from './time.js';
import { fill, updateList, h } from './dom.js';
import { icon } from './icons.js';
import { summary } from './message.js';

/** Create the column: a heading with a button for a new chat, a search field, the chats. */
export function chatList({ open, create, pane }) {
  const list = h('ul', { class: 'chat-list' });
  const empty = h('p', { class: 'empty small', hidden: true });
  const search = h('input', {
    type: 'search',
    class: 'search',
    placeholder: 'Find a chat or a person',
    'aria-label': 'Find a chat or a person',
    autocomplete: 'off',
  });
  const plus = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': 'New chat', title: 'New chat', on: { click: create } },
    icon('plus'),
  );
  const head = h('header', { class: 'list-head' });
  const column = h(
    'section',
    { class: 'list-column', 'aria-label': 'Chats' },
    head,
    h('div', { class: 'search-line' }, icon('search', 16), search),
    list,
    empty,
  );
  let last = null;
  search.addEventListener('input', () => last && show(last));

  function show(view) {
    last = view;
    if (!head.children.length) fill(head, h('h2', { class: 'hidden' }, 'Chats'), pane.personButton(), plus);
    const words = search.value.trim().toLowerCase();
    const rows = [...chats(view), ...(words ? newContacts(view) : [])].filter((row) =>
      row.title.toLowerCase().includes(words),
    );
    updateList(list, rows, {
      key: (row) => row.dialog,
      signature: (row) => JSON.stringify([row, row.dialog === view.dialog, view.state.portal.now.slice(0, 10)]),
      draw: (row) => entry(row, view),
    });
    empty.hidden = rows.length > 0;
    fill(empty, words ? 'No chats or people with this name.' : 'No chats yet. Start one with the plus button.');
  }

  function entry(row, view) {
    const current = row.dialog === view.dialog;
    const on = {
      click: () => {
        search.value = '';
        open(row.dialog);
      },
    };
    return h(
      'li',
      {},
      h(
        'button',
        { type: 'button', class: 'chat-entry', 'aria-current': current ? 'true' : null, on },
        avatar(row.avatarData, 'medium'),
        h('span', { class: 'chat-title' }, row.title),
        row.last &&
          h('time', { class: 'chat-time', datetime: row.last.date }, brief(row.last.date, view.state.portal.now)),
        h('span', { class: 'chat-last' }, row.about ?? lastWords(row, view)),
        row.unread > 0 &&
          h(
            'span',
            { class: 'badge' },
            row.unread > 99 ? '99+' : row.unread,
            h('span', { class: 'hidden' }, ' unread'),
          ),
      ),
    );
  }

  return { column, show };
}

function chats({ state, people, dialog }) {
  const newest = (row) => row.last?.date ?? '';
  return state.chats
    .map((chat) => ({ ...chat, avatarData: avatarData(chat, people), unread: chat.dialog === dialog ? 0 : chat.unread }))
    .sort((a, b) => (newest(a) < newest(b) ? 1 : newest(a) > newest(b) ? -1 : 0));
}

/** Return the people and bots without a dialog, for the search. */
function newContacts({ state, people }) {
  const have = new Set(state.chats.map((chat) => chat.dialog));
  return [...people.values()]
    .filter((user) => user.known && user.id !== state.me.id && !have.has(String(user.id)))
    .map((user) => ({
      dialog: String(user.id),
      title: user.name,
      unread: 0,
      last: null,
      avatarData: user,
      about: about(user),
    }));
}

/** Return the person, bot or group whose avatar is shown for a chat. */
export function avatarData(chat, people) {
  if (chat.type === 'private') return { ...people.get(Number(chat.dialog)), id: Number(chat.dialog), name: chat.title };
  return { id: chat.dialog, name: chat.title, round: false, group: true };
}

function lastWords(row, { state }) {
  if (!row.last) return 'No messages yet';
  const mine = row.last.author.id === state.me.id;
  const who = mine
    ? 'You: '
    : row.type === 'private' || row.last.system
      ? ''
      : `${row.last.author.name.split(' ')[0]}: `;
  return `${who}${summary(row.last)}`;
}
