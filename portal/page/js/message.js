/** Draws one message of a conversation with its objects. */

import { attachCard, fileList } from './attach.js';
import { avatar } from './people.js';
import { bb, plain } from './bb.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { hour, long } from './time.js';
import { keyboard } from './keyboard.js';
import { chips } from './reactions.js';

const SAME_BLOCK = 5 * 60_000; // messages of one author within this time are shown as one block

/** Tell whether a message continues the block of the message before it. */
export function continues(message, before) {
  if (!before || before.system || message.system || before.author.id !== message.author.id) return false;
  return new Date(message.date) - new Date(before.date) < SAME_BLOCK;
}

/** Draw a message as a list item. view: {me, people, joined, blocked, replied}; on: {press, react, menu, jump}. */
export function messageItem(message, view, on) {
  if (message.system) return systemItem(message, view, on);
  const own = message.author.id === view.me.id;
  const kind = own ? 'own' : message.author.bot ? 'bot' : 'other';
  const classes = `msg ${kind} ${view.joined ? 'joined' : ''} ${message.deleted ? 'deleted' : ''}`;
  const item = h(
    'li',
    { class: classes, data: { id: message.id }, tabindex: '-1' },
    own || h('span', { class: 'msg-avatar' }, view.joined || avatar(message.author, 'small')),
    h('div', { class: 'msg-column' }, bubble(message, view, on, own), partsBelow(message, view, on)),
  );
  item.addEventListener('contextmenu', (event) => openMenu(event, message, item, on));
  return item;
}

function bubble(message, view, on, own) {
  const name =
    !own &&
    !view.joined &&
    h('p', { class: 'msg-author' }, message.author.name, message.author.bot && h('span', { class: 'tag' }, 'bot'));
  const body = message.deleted
    ? h('p', { class: 'msg-text gone' }, 'This message was deleted.')
    : [
        message.forwarded_from && h('p', { class: 'msg-forwarded' }, `Forwarded from ${message.forwarded_from}`),
        quoted(view.replied, on),
        message.text && h('div', { class: 'msg-text' }, bb(message.text)),
        attachCard(message.attach),
        fileList(message.files),
      ];
  return h(
    'div',
    { class: 'msg-line' },
    h('article', { class: 'bubble', 'aria-label': ariaLabel(message) }, name, body, footer(message)),
    message.deleted || moreButton(message, on),
  );
}

const ariaLabel = (message) => `${message.author.name}, ${hour(message.date)}`;

function footer(message) {
  return h(
    'p',
    { class: 'msg-foot' },
    message.edited && !message.deleted && h('span', {}, 'edited'),
    h('time', { datetime: message.date, title: long(message.date) }, hour(message.date)),
  );
}

function partsBelow(message, view, on) {
  if (message.deleted) return null;
  const press = (index, button) => on.press(message, { index, button });
  return [
    chips(message, view, (reaction, yes) => on.react(message, reaction, yes)),
    keyboard(message.keyboard, { press, blocked: view.blocked }),
  ];
}

function quoted(replied, on) {
  if (!replied) return null;
  const click = () => on.jump(replied.id);
  return h(
    'button',
    { type: 'button', class: 'msg-quote', on: { click } },
    h('strong', {}, replied.author.name),
    h('span', {}, summary(replied)),
  );
}

/** Return a summary of a message: its text on one line, or the kind of its content. */
export function summary(message) {
  if (message.deleted) return 'Message deleted';
  const text = plain(message.text).replace(/\s+/g, ' ').trim();
  return text || (message.attach && 'Attachment') || (message.files?.length && message.files[0].name) || 'Message';
}

function moreButton(message, on) {
  const click = (event) => on.menu(message, event.currentTarget);
  return h(
    'button',
    {
      type: 'button',
      class: 'icon-button msg-more',
      'aria-label': 'Message actions',
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
      on: { click },
    },
    icon('more'),
  );
}

function openMenu(event, message, item, on) {
  if (message.deleted || event.target.closest('a, img')) return;
  event.preventDefault();
  on.menu(message, item.querySelector('.msg-more'), { left: event.clientX, top: event.clientY, bottom: event.clientY });
}

function systemItem(message, view, on) {
  return h(
    'li',
    { class: 'msg system', data: { id: message.id }, tabindex: '-1' },
    h(
      'div',
      { class: 'msg-column' },
      h(
        'div',
        { class: 'system-text' },
        bb(message.text),
        attachCard(message.attach),
        h('time', { datetime: message.date, title: long(message.date) }, hour(message.date)),
      ),
      partsBelow(message, view, on),
    ),
  );
}
