/** Draws the bar of sections at the side, or at the bottom on a phone. */

import { fill, h, emit } from './dom.js';
import { icon } from './icons.js';

const NAMES = { chat: 'Chats', feed: 'News Feed', crm: 'CRM', bench: 'Workbench' };
const SHORT = { chat: 'Chats', feed: 'Feed', crm: 'CRM', bench: 'Workbench' };

/** Draw the bar; unread counts the messages of the main person, connection is "open" or "lost". */
export function rail(node, { place, unread, connection, name }) {
  const tab = (id) =>
    h(
      'button',
      {
        type: 'button',
        class: 'rail-tab',
        'aria-current': place.tab === id ? 'page' : null,
        'aria-label': id === 'chat' && unread ? `${NAMES[id]}, ${unread} unread` : NAMES[id],
        on: { click: () => emit(node, 'go', { tab: id }) },
      },
      icon(id, 22),
      h('span', {}, SHORT[id]),
      id === 'chat' && unread > 0 && h('span', { class: 'badge', 'aria-hidden': 'true' }, unread > 99 ? '99+' : unread),
    );
  const split = h(
    'button',
    {
      type: 'button',
      class: 'rail-tab split-button',
      'aria-pressed': String(Boolean(place.with)),
      'aria-label': 'Split view: show a second person beside the first',
      title: 'Show a second person beside the first',
      on: { click: () => emit(node, 'split') },
    },
    icon('split', 22),
    h('span', {}, 'Split view'),
  );
  const at = [...node.querySelectorAll('button')].indexOf(document.activeElement);
  fill(
    node,
    h('img', { src: '/static/icon.svg', alt: '', class: 'rail-mark', title: name ?? '' }),
    Object.keys(NAMES).map(tab),
    h('span', { class: 'rail-space' }),
    split,
    connectionMark(connection),
  );
  if (at >= 0) node.querySelectorAll('button')[at]?.focus();
}

function connectionMark(connection) {
  const words =
    connection === 'open' ? 'Connected: changes appear at once' : 'No connection to the portal. Trying again …';
  return h('span', { class: `connection-mark ${connection}`, role: 'img', 'aria-label': words, title: words });
}
