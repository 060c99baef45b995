/** Draws the head of a conversation and its menus. */

import { act } from './actions.js';
import { avatar, about } from './people.js';
import { avatarData } from './chatlist.js';
import { fill, h, emit, toast } from './dom.js';
import { icon } from './icons.js';
import { menu } from './menu.js';
import { offer } from './reactions.js';
import { plain } from './bb.js';
import { post } from './api.js';
import { safe, unescaped } from './links.js';

/** Draw the head: back button, avatar, title, members. */
export function conversationHead(head, { view, dialog, pane }) {
  const chat = view.state.chats.find((row) => row.dialog === dialog) ?? newDialog(dialog, view);
  const signature = JSON.stringify([chat.title, chat.members, chat.rules, view.state.users.length, pane.person]);
  if (head.signature === signature) return;
  head.signature = signature;
  const back = h(
    'button',
    {
      type: 'button',
      class: 'icon-button back',
      'aria-label': 'Back to the chats',
      on: { click: () => emit(head, 'go', { tab: 'chat', dialog: null }) },
    },
    icon('back'),
  );
  fill(
    head,
    back,
    avatar(avatarData(chat, view.people), 'medium'),
    h('div', { class: 'talk-name' }, h('h2', {}, chat.title), h('p', {}, subtitle(chat, view))),
    chat.type === 'chat' && membersButton(chat, view),
    pane.personButton(),
  );
}

function newDialog(dialog, view) {
  const user = view.people.get(Number(dialog));
  return { dialog, title: user?.name ?? dialog, type: 'private', members: [] };
}

function subtitle(chat, view) {
  if (chat.type === 'private') return about(view.people.get(Number(chat.dialog)) ?? {}) || 'Private chat';
  return chat.members.map((id) => (id === view.state.me.id ? 'you' : firstName(view.people.get(id)))).join(', ');
}

const firstName = (user) => user?.name.split(' ')[0] ?? 'someone';

function membersButton(chat, view) {
  const click = (event) => membersMenu(event.currentTarget, chat, view);
  return h(
    'button',
    {
      type: 'button',
      class: 'icon-button',
      'aria-label': 'Members',
      title: 'Members',
      'aria-haspopup': 'menu',
      on: { click },
    },
    icon('people'),
  );
}

/** Show a menu of all people with a mark at members. Choosing a person adds or removes them, if allowed. */
function membersMenu(anchor, chat, view) {
  const inside = new Set(chat.members);
  const me = view.state.me.id;
  const shown = [...view.people.values()].filter((user) => inside.has(user.id) || (chat.invites && user.known));
  const items = shown.map((user) => ({
    text: user.name,
    chosen: inside.has(user.id),
    node: avatar(user, 'tiny'),
    ...memberAction(user, { me, chat, inside: inside.has(user.id) }),
    do: () =>
      change(inside.has(user.id) ? 'chats/leave' : 'chats/join', { as: me, dialog: chat.dialog, user: user.id }),
  }));
  menu(
    anchor,
    items.sort((a, b) => b.chosen - a.chosen),
    { label: 'Members' },
  );
}

/** Return what choosing a person does, and whether it is allowed. The owner and managers may remove all but the owner. */
function memberAction(user, { me, chat, inside }) {
  if (!inside) return { hint: 'add' };
  if (user.id === me) return { hint: 'leave' };
  const owner = user.id === chat.owner;
  return owner || !chat.rules ? { hint: owner ? 'owner' : 'member', off: true } : { hint: 'remove' };
}

async function change(path, body) {
  try {
    await post(path, body);
  } catch (problem) {
    toast(problem.message, 'error');
  }
}

/** Show the context menu of a message: the entries of the portal, then those of the bot's MENU. */
export function messageMenu(message, { view, anchor, at, input, talk, press, react }) {
  const own = message.author.id === view.state.me.id;
  const items = [
    { text: 'Reply', node: icon('reply', 16), do: () => input.reply(message) },
    { text: 'Forward', node: icon('forward', 16), do: () => forward(message, { view, anchor, at }) },
    {
      text: 'Copy text',
      node: icon('copy', 16),
      do: () => act({ action: 'COPY', value: plain(message.text) }, talk, anchor),
    },
  ];
  if (own) {
    items.push(
      { text: 'Edit', node: icon('edit', 16), do: () => input.edit(message) },
      {
        text: 'Delete',
        node: icon('trash', 16),
        danger: true,
        do: () => change('delete', { as: view.state.me.id, message_id: message.id }),
      },
    );
  }
  items.push('-', offer(message, react));
  const entries = (message.menu ?? []).map((entry, index) => menuEntry(message, entry, index, press));
  menu(anchor, entries.length ? [...items, '-', ...entries] : items, { label: 'Message actions', at });
}

/** Offer the person's chats in a menu; the message is forwarded to the chosen one, which opens. */
function forward(message, { view, anchor, at }) {
  const me = view.state.me.id;
  const send = async (dialog) => {
    await change('forward', { as: me, message_id: message.id, dialog });
    emit(anchor, 'go', { tab: 'chat', dialog });
  };
  const chats = view.state.chats.map((chat) => ({ text: chat.title, do: () => send(chat.dialog) }));
  menu(anchor, chats, { label: 'Forward to', at });
}

function menuEntry(message, entry, index, press) {
  const url = entry.LINK && safe(unescaped(entry.LINK));
  const pressed = () => press(message, { menu: index, button: entry });
  return {
    text: unescaped(entry.TEXT),
    off: entry.DISABLED === 'Y',
    node: icon(url ? 'open' : 'chat', 16),
    do: url ? () => window.open(url.href, '_blank', 'noopener,noreferrer') : pressed,
  };
}
