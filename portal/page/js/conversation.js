/** Draws an open conversation: messages, who is typing, input. */

import { act } from './actions.js';
import { announce, fill, updateList, h, emit, toast, run } from './dom.js';
import { composer } from './composer.js';
import { continues, messageItem, summary } from './message.js';
import { conversationHead, messageMenu } from './conversationmenus.js';
import { dayName } from './time.js';
import { base64, dropping } from './upload.js';
import { get, newest, post } from './api.js';
import { icon } from './icons.js';
import { blocks } from './keyboard.js';

const STEP = 50;
const TYPING_REFRESH = 4000; // ms; typing ends without an event, so it is requested again

/** Create the conversation in a dialog, for the person of a pane. */
export function conversation(pane, dialog) {
  const list = h('ol', { class: 'messages', 'aria-label': 'Messages' });
  const older = h(
    'button',
    { type: 'button', class: 'older', hidden: true, on: { click: showOlder } },
    'Show earlier messages',
  );
  const empty = h('p', { class: 'empty', hidden: true });
  const typing = h('p', { class: 'typing', 'aria-live': 'polite' });
  const scroll = h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Conversation' },
    older,
    list,
    empty,
    typing,
  );
  const jump = h(
    'button',
    { type: 'button', class: 'to-end', hidden: true, on: { click: () => toEnd(true) } },
    icon('down', 18),
    h('span', {}, 'New messages'),
  );
  const input = composer({ send, upload: (files, text) => guarded(() => upload(files, text)) });
  const head = h('header', { class: 'talk-head' });
  const element = h('section', { class: 'talk', 'aria-label': 'Conversation' }, head, scroll, jump, input.form);
  const latest = newest();
  const blocked = new Map(); // message id -> {index, signature} of a pressed BLOCK button
  dropping(element, (files) => input.attach(files));
  let limit = STEP;
  let view = null;
  let refreshTimer = 0;
  let pinned = true; // stay at the newest message until the user scrolls up
  let shown = null; // the last answer of the portal
  let firstNew = null; // position of the "New" line, set when the conversation is opened

  element.addEventListener('act', (event) => {
    event.stopPropagation();
    act(event.detail, talk, element);
  });
  scroll.addEventListener('scroll', () => {
    pinned = nearEnd();
    if (pinned) jump.hidden = true;
  });
  const sizes = new ResizeObserver(() => pinned && toEnd(false)); // pictures and the input change the height
  sizes.observe(list);
  sizes.observe(scroll);

  const talk = { put: input.put, send: (text) => guarded(() => say(text)) };
  const on = {
    press,
    jump: jumpTo,
    react,
    menu: (message, anchor, at) =>
      messageMenu(message, {
        ...{ view, anchor, at, input, talk, press },
        react: (reaction, yes) => react(message, reaction, yes),
      }),
  };

  const unread = () => view.state.chats.find((chat) => chat.dialog === dialog)?.unread ?? 0;

  async function show(next) {
    view = next;
    conversationHead(head, { view, dialog, pane });
    if (!shown) firstNew = unread();
    const concerns = next.changes.some((change) =>
      ['message', 'typing', 'chats', 'reset', 'back', 'open'].includes(change.type),
    );
    if (shown && !concerns) return;
    await guarded(load);
  }

  /** Load the messages. A new private dialog is opened first, so that its bot gets an event. */
  async function load() {
    const known = view.state.chats.some((chat) => chat.dialog === dialog);
    if (!shown && !known && /^\d+$/.test(dialog)) await post('open', { as: pane.person, dialog });
    const answer = await latest(get('messages', { as: pane.person, dialog, limit }));
    if (!answer || !element.isConnected) return;
    paint(answer);
    if (unread()) emit(element, 'read');
  }

  function paint(answer) {
    const stay = !shown || pinned;
    const height = scroll.scrollHeight;
    const before = new Set(shown?.messages.map((message) => message.id));
    const grown = shown && answer.messages[0]?.id < shown.messages[0]?.id;
    const fresh = shown ? answer.messages.filter((message) => !before.has(message.id)) : [];
    if (!shown && firstNew) firstNew = answer.messages.at(-firstNew)?.id ?? null;
    shown = answer;
    input.commands(answer.commands);
    older.hidden = answer.messages.length < limit;
    empty.hidden = answer.messages.length > 0;
    fill(empty, answer.commands.length ? 'No messages yet. Write one, or / for the commands.' : 'No messages yet.');
    paintMessages(answer.messages);
    paintTyping(answer.typing);
    clearTimeout(refreshTimer);
    if (answer.typing.length) refreshTimer = setTimeout(() => guarded(load), TYPING_REFRESH);
    if (grown) scroll.scrollTop += scroll.scrollHeight - height;
    else if (stay) toEnd(false);
    else offerJump(fresh);
    if (!grown) announceNew(fresh);
  }

  function paintMessages(messages) {
    const byId = new Map(messages.map((message) => [message.id, message]));
    updateList(list, rows(messages, byId), {
      key: (row) => row.key,
      signature: (row) => JSON.stringify(row),
      draw: (row) => (row.line ? divider(row) : messageItem(row.message, { ...row, me: view.state.me, people: view.people }, on)),
    });
  }

  /** Return the rows of the list: messages, and dividers between days and before new messages. */
  function rows(messages, byId) {
    const out = [];
    messages.forEach((message, index) => {
      const day = dayName(message.date, view.state.portal.now);
      const before = messages[index - 1];
      const newDay = !before || dayName(before.date, view.state.portal.now) !== day;
      if (newDay) out.push({ key: `day ${day}`, line: day, kind: 'day' });
      if (message.id === firstNew && index) out.push({ key: 'new', line: 'New', kind: 'new' });
      const joined = !newDay && message.id !== firstNew && continues(message, before);
      out.push({ key: message.id, message, joined, blocked: blockedButton(message), replied: byId.get(message.reply_to) });
    });
    return out;
  }

  const divider = (row) => h('li', { class: `divider ${row.kind}` }, h('span', {}, row.line));

  /** Return the pressed button of a blocked keyboard; unblock it when its message has changed. */
  function blockedButton(message) {
    const entry = blocked.get(message.id);
    if (!entry) return undefined;
    if (entry.signature === JSON.stringify(message)) return entry.index;
    blocked.delete(message.id);
    return undefined;
  }

  function paintTyping(ids) {
    const names = ids.filter((id) => id !== pane.person).map((id) => view.people.get(id)?.name ?? 'Someone');
    fill(
      typing,
      names.length > 0 && [
        h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')),
        `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} typing`,
      ],
    );
    if (pinned) toEnd(false);
  }

  const offerJump = (fresh) => {
    if (fresh.some((message) => message.author.id !== pane.person)) jump.hidden = false;
  };

  function announceNew(fresh) {
    const said = fresh.filter((message) => message.author.id !== pane.person);
    if (said.length)
      announce(said.map((message) => `${message.author.name || 'Notice'}: ${summary(message)}`).join('. '));
  }

  const nearEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 90;

  function toEnd(smooth) {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    scroll.scrollTo({ top: scroll.scrollHeight, behavior: smooth && !calm ? 'smooth' : 'instant' });
    jump.hidden = true;
  }

  function showOlder() {
    limit += STEP;
    guarded(load);
  }

  function jumpTo(id) {
    const item = list.querySelector(`[data-id="${Number(id)}"]`);
    item?.scrollIntoView({ block: 'center' });
    item?.focus({ preventScroll: true });
  }

  async function say(text, replyTo) {
    await post('say', { as: pane.person, dialog, text, ...(replyTo ? { reply_to: replyTo } : {}) });
    toEnd(false);
  }

  function send({ text, replyTo, editing }) {
    return run(editing ? post('edit', { as: pane.person, message_id: editing, text }) : say(text, replyTo));
  }

  /** Press a button or menu item; the portal sends an event to the bot, or returns what the client must do. */
  async function press(message, { index, menu, button }) {
    const which = menu === undefined ? { button: index } : { menu };
    if (blocks(button)) blocked.set(message.id, { index, signature: JSON.stringify(message) });
    const done = await guarded(async () => {
      const { client } = await post('press', { as: pane.person, message_id: message.id, ...which });
      if (client && client.action !== 'SEND') await act(client, talk, element); // for SEND, the portal has written the message
    });
    if (!done) blocked.delete(message.id);
    return done;
  }

  function react(message, reaction, yes) {
    return guarded(() => post('react', { as: pane.person, message_id: message.id, reaction, on: yes }));
  }

  /** Upload files, one message each; the text of the input goes with the first one. */
  async function upload(files, text) {
    for (const [index, file] of [...files].entries()) {
      const content = await base64(file);
      await post('files', { as: pane.person, dialog, name: file.name, content, ...(index ? {} : { text }) });
    }
    toEnd(false);
  }

  /** Run an action and return whether it succeeded; show a refusal. */
  async function guarded(action) {
    try {
      await action();
      return true;
    } catch (problem) {
      toast(problem.message, 'error');
      if (!shown) emit(element, 'go', { tab: 'chat', dialog: null });
      return false;
    }
  }

  return { element, dialog, show, focus: input.focus };
}
