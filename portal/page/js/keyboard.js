/** Draws KEYBOARD: rows of buttons below a message. */

import { fill, h, emit } from './dom.js';
import { hex, textColorOn, token } from './colors.js';
import { icon } from './icons.js';
import { route, safe, unescaped } from './links.js';

/** Draw the keyboard of a message; press(index, button) returns false when the press failed. */
export function keyboard(buttons, { press, blocked }) {
  if (!Array.isArray(buttons) || !buttons.length) return null;
  const board = h('div', { class: 'keyboard', role: 'group', 'aria-label': 'Buttons' });
  const pressed = async (index, button) => {
    if (board.classList.contains('blocked')) return;
    if (blocks(button)) block(board, index);
    if ((await press(index, button)) === false) unblock(board);
  };
  fill(
    board,
    rows(buttons).map((row) =>
      h(
        'div',
        { class: 'key-row' },
        row.map(([index, button]) => key(index, button, pressed)),
      ),
    ),
  );
  if (blocked !== undefined) block(board, blocked);
  return board;
}

/** Split the stored list into rows at NEWLINE, and keep the index of each button. */
function rows(buttons) {
  const out = [[]];
  buttons.forEach((button, index) => {
    if (button?.TYPE === 'NEWLINE') out.push([]);
    else if (button?.TEXT) out.at(-1).push([index, button]);
  });
  return out.filter((row) => row.length);
}

function key(index, button, pressed) {
  const off = button.DISABLED === 'Y';
  const props = {
    class: keyClass(button),
    data: { index, token: token(button.BG_COLOR_TOKEN) },
    vars: colours(button, off),
  };
  const label = h('span', { class: 'key-text' }, button.TEXT);
  if (button.LINK && !off) return linkKey(button, props, label);
  const on = { click: () => pressed(index, button) };
  return h('button', { ...props, type: 'button', disabled: off, on }, label, mark(button));
}

function keyClass(button) {
  const line = button.DISPLAY === 'LINE' ? 'line' : 'wide';
  const only = { MOBILE: 'only-narrow', DESKTOP: 'only-wide' }[button.CONTEXT] ?? '';
  return `key ${line} ${only} ${hex(button.BG_COLOR) ? 'own' : ''}`;
}

/** Return the colours of a button. They replace those of its token; a missing text colour is chosen to be readable. */
function colours(button, off) {
  const background = (off && hex(button.OFF_BG_COLOR)) || hex(button.BG_COLOR);
  const textColor = (off && hex(button.OFF_TEXT_COLOR)) || hex(button.TEXT_COLOR) || (background && textColorOn(background));
  const width = Number(button.WIDTH) > 0 ? `${Math.min(800, Number(button.WIDTH))}px` : null;
  return { '--key-background': background, '--key-text': textColor, '--key-width': width };
}

function linkKey(button, props, label) {
  const url = safe(unescaped(button.LINK));
  if (!url) return h('button', { ...props, type: 'button', disabled: true }, label);
  const place = route(url);
  const go = (event) => {
    event.preventDefault();
    emit(event.currentTarget, 'go', place);
  };
  const outside = place ? { on: { click: go } } : { target: '_blank', rel: 'noopener noreferrer' };
  return h('a', { ...props, ...outside, href: url.href }, label, place ? null : icon('open', 14));
}

const MARKS = { COPY: 'copy', CALL: 'phone', PUT: 'edit', SEND: 'send', DIALOG: 'chat' };

const mark = (button) => (MARKS[button.ACTION] ? icon(MARKS[button.ACTION], 14) : null);

/** Tell whether a press of a button disables the keyboard: BLOCK=Y works for commands only (documented). */
export const blocks = (button) => button.BLOCK === 'Y' && button.COMMAND !== undefined;

/** Disable the keyboard after a press of a button with BLOCK=Y, until the message changes. */
function block(board, index) {
  board.classList.add('blocked');
  for (const button of board.querySelectorAll('button')) {
    button.setAttribute('aria-disabled', 'true');
    button.classList.toggle('pressed', Number(button.dataset.index) === index);
  }
}

function unblock(board) {
  board.classList.remove('blocked');
  for (const button of board.querySelectorAll('button')) {
    button.removeAttribute('aria-disabled');
    button.classList.remove('pressed');
  }
}
