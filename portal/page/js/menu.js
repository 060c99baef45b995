/** Draws a pop-up menu with arrows, Home, End and Escape; closing it returns the focus. */

import { h } from './dom.js';

let shown = null;

/** Open a menu at an anchor. items: {text, do, node?, hint?, chosen?, off?, danger?}, {label, strip: choices} or "-". */
export function menu(anchor, items, { label, at } = {}) {
  close();
  const list = h(
    'div',
    { class: 'menu', role: 'menu', 'aria-label': label ?? 'Actions', tabindex: '-1' },
    items.map((item) => (item === '-' ? h('hr', { role: 'separator' }) : item.strip ? strip(item) : entry(item))),
  );
  list.addEventListener('keydown', keys);
  document.body.append(list);
  place(list, at ?? anchor.getBoundingClientRect());
  shown = { list, anchor };
  anchor.setAttribute('aria-expanded', 'true');
  enabled(list)[0]?.focus({ preventScroll: true });
  document.addEventListener('pointerdown', outside, true);
  window.addEventListener('resize', close);
}

/** Close the open menu, if any. */
export function close({ back = false } = {}) {
  if (!shown) return;
  const { list, anchor } = shown;
  shown = null;
  list.remove();
  anchor.setAttribute('aria-expanded', 'false');
  if (back) anchor.focus({ preventScroll: true });
  document.removeEventListener('pointerdown', outside, true);
  window.removeEventListener('resize', close);
}

/** Draw a strip: several small choices in one line. */
function strip({ label, strip: choices }) {
  const one = (choice) =>
    h(
      'button',
      {
        type: 'button',
        class: 'menu-item strip-item',
        role: 'menuitemradio',
        'aria-checked': String(choice.chosen),
        'aria-label': choice.label,
        title: choice.label,
        on: action(choice),
      },
      choice.node,
    );
  return h('div', { class: 'menu-strip', role: 'group', 'aria-label': label }, choices.map(one));
}

const action = (item) => ({
  click: () => {
    close({ back: true });
    item.do();
  },
});

function entry(item) {
  const on = action(item);
  const chosen = item.chosen === undefined ? {} : { role: 'menuitemradio', 'aria-checked': String(item.chosen) };
  return h(
    'button',
    {
      type: 'button',
      class: `menu-item ${item.danger ? 'danger' : ''}`,
      role: 'menuitem',
      ...chosen,
      'aria-disabled': item.off ? 'true' : null,
      disabled: item.off,
      on,
    },
    item.node,
    h('span', {}, item.text),
    item.hint && h('span', { class: 'menu-hint' }, item.hint),
  );
}

const enabled = (list) => [...list.querySelectorAll('.menu-item:not(:disabled)')];

function keys(event) {
  const all = enabled(event.currentTarget);
  const at = all.indexOf(document.activeElement);
  const moves = { ArrowDown: at + 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
  if (event.key in moves) {
    event.preventDefault();
    all.at(moves[event.key] % all.length)?.focus();
  } else if (event.key === 'Escape' || event.key === 'Tab') {
    event.preventDefault();
    close({ back: true });
  }
}

function outside(event) {
  if (!shown?.list.contains(event.target)) close();
}

/** Place the menu below the anchor, or above without space below; always inside the window. */
function place(list, box) {
  const { offsetWidth: width, offsetHeight: height } = list;
  const below = box.bottom + 6 + height < innerHeight;
  const top = below ? box.bottom + 6 : Math.max(8, box.top - height - 6);
  const left = Math.min(Math.max(8, box.left), innerWidth - width - 8);
  list.style.setProperty('--x', `${left}px`);
  list.style.setProperty('--y', `${top}px`);
}
