/** Draws a pane: the tabs of one person, kept up to date. The page has one pane, or two side by side. */

import { about, avatar, directory } from './people.js';
import { chatTab } from './chat.js';
import { crmTab } from './crm.js';
import { feedTab } from './feed.js';
import { fill, h, emit, toast } from './dom.js';
import { get, newest } from './api.js';
import { icon } from './icons.js';
import { menu } from './menu.js';

const TABS = { chat: chatTab, feed: feedTab, crm: crmTab };
const STATEFUL = new Set(['message', 'chats', 'reset', 'open', 'back', 'read']);

/** Create a pane for a person; index 0 is the main one, 1 the second one. */
export function pane(person, index) {
  const element = h('div', { class: 'pane', data: { pane: index } });
  const tabs = {};
  const latest = newest();
  let state = null;
  let people = new Map();
  let place = null;
  const pending = []; // changes that are not shown yet

  element.addEventListener('read', () => show(place, [{ type: 'read' }]));
  const self = { person, main: index === 0, view: () => ({ state, people, ...place?.pane }), personButton };

  /** Show a place, or repaint after changes; [{type: "open"}] is the first call. */
  async function show(next, changes) {
    place = next;
    pending.push(...changes);
    try {
      if (!state || changes.some((change) => STATEFUL.has(change.type))) {
        const fresh = await latest(get('state', { as: person }));
        if (!fresh) return; // a newer request is running and will repaint
        state = fresh;
        people = directory(state);
      }
      paint(pending.splice(0));
    } catch (problem) {
      toast(problem.message, 'error');
      if (!state && problem.status === 400) emit(element, 'unknown-person', { index });
    }
  }

  function paint(changes) {
    tabs[place.tab] ??= TABS[place.tab](self);
    const { element: shown } = tabs[place.tab];
    const tabChanged = shown.parentNode !== element;
    if (tabChanged) fill(element, shown);
    const allChanges = tabChanged ? [...changes, { type: 'open' }] : changes;
    tabs[place.tab].show({ state, people, ...place.pane, changes: allChanges });
    if (index === 0) emit(element, 'state-loaded', { state });
  }

  /** Draw the button with the person's name; it opens a menu to change the person. */
  function personButton() {
    const me = state.me;
    const click = (event) => choose(event.currentTarget);
    return h(
      'button',
      {
        type: 'button',
        class: 'who',
        'aria-haspopup': 'menu',
        'aria-expanded': 'false',
        'aria-label': `You act as ${me.name}. Change`,
        title: `You act as ${me.name}`,
        on: { click },
      },
      avatar(me, 'small'),
      h('span', { class: 'who-name' }, me.name),
      icon('down', 16),
    );
  }

  function choose(anchor) {
    const items = state.users
      .filter((user) => !user.bot)
      .map((user) => ({
        text: user.name,
        hint: about(user),
        node: avatar(user, 'small'),
        chosen: user.id === person,
        do: () => emit(element, 'become', { index, user: user.id }),
      }));
    menu(anchor, items, { label: 'Act as' });
  }

  return { element, person, show };
}
