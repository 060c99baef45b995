/** The Workbench tab: what goes over the wire, and everything that can be turned, broken or wound forward. */

import { appsPanel } from './benchapps.js';
import { clockPanel } from './benchclock.js';
import { faultsPanel } from './benchfaults.js';
import { fill, h, tell, toast } from './dom.js';
import { get, newest } from './api.js';
import { switchesPanel } from './benchswitches.js';
import { traffic } from './traffic.js';

const PANELS = [
  ['traffic', 'Traffic', traffic],
  ['apps', 'Applications', appsPanel],
  ['switches', 'Switches', switchesPanel],
  ['faults', 'Faults', faultsPanel],
  ['clock', 'Clock', clockPanel],
];

/** The workbench; person() says as whom it acts. */
export function bench({ person }) {
  const tabs = h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Workbench' });
  const place = h('div', { class: 'bench-place', role: 'tabpanel', tabindex: '0', id: 'bench-panel' });
  const element = h(
    'section',
    { class: 'bench', 'aria-label': 'Workbench' },
    h('header', { class: 'page-head' }, h('h2', {}, 'Workbench'), tabs),
    place,
  );
  const made = new Map();
  const latest = newest();
  let current = 'traffic';
  let state = null;

  const panel = () => {
    if (!made.has(current)) made.set(current, PANELS.find(([id]) => id === current)[2]({ person }));
    return made.get(current);
  };

  async function show(changes) {
    try {
      if (!state || changes.some((change) => !['call', 'delivery', 'typing'].includes(change.type))) {
        state = (await latest(get('state', { as: person() }))) ?? state;
      }
      if (state) paint(changes);
    } catch (problem) {
      toast(problem.message, 'error');
    }
  }

  function paint(changes) {
    tell(element, 'fresh', { state });
    paintTabs();
    const shown = panel();
    if (shown.element.parentNode !== place) fill(place, shown.element);
    place.setAttribute('aria-labelledby', `bench-${current}`);
    shown.show({ state, changes });
  }

  function paintTabs() {
    if (!tabs.children.length) fill(tabs, PANELS.map(tab));
    for (const one of tabs.children) {
      const chosen = one.id === `bench-${current}`;
      one.setAttribute('aria-selected', String(chosen));
      one.tabIndex = chosen ? 0 : -1;
    }
  }

  const tab = ([id, name]) =>
    h(
      'button',
      {
        type: 'button',
        role: 'tab',
        class: 'tab',
        id: `bench-${id}`,
        'aria-controls': 'bench-panel',
        on: { click: () => turn(id), keydown: keys },
      },
      name,
    );

  function turn(id) {
    current = id;
    show([{ type: 'open' }]);
  }

  function keys(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = (PANELS.findIndex(([id]) => id === current) + step + PANELS.length) % PANELS.length;
    turn(PANELS[at][0]);
    tabs.children[at].focus();
  }

  return { element, show };
}
