/** The Workbench tab: what goes over the wire, and everything that can be turned, broken or wound forward. */

import { appsPanel } from './benchapps.js';
import { clockPanel } from './benchclock.js';
import { eventPanel } from './benchevent.js';
import { faultsPanel } from './benchfaults.js';
import { fill, h, tell, toast } from './dom.js';
import { get, newest } from './api.js';
import { recordPanel } from './benchrecord.js';
import { switchesPanel } from './benchswitches.js';
import { traffic } from './traffic.js';

const PANELS = [
  ['traffic', 'Traffic', traffic],
  ['apps', 'Applications', appsPanel],
  ['switches', 'Switches', switchesPanel],
  ['faults', 'Faults', faultsPanel],
  ['clock', 'Clock', clockPanel],
  ['event', 'Send an event', eventPanel],
  ['record', 'Record', recordPanel],
];

const WIRE = new Set(['call', 'delivery', 'typing']);
const CALM = 400; // ms between two looks while calls rain

/** The workbench; person() says as whom it acts, show(changes, panel) which of its panels. */
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
  let asked = 0;
  let later = 0;

  const panel = () => {
    if (!made.has(current)) made.set(current, PANELS.find(([id]) => id === current)[2]({ person }));
    return made.get(current);
  };

  async function show(changes, wanted = current) {
    const turned = wanted !== current;
    current = wanted;
    try {
      if (!state || turned || changes.some((change) => !WIRE.has(change.type))) await refresh();
      else if (changes.some((change) => change.type === 'call')) await calmly();
      if (state) paint(changes);
    } catch (problem) {
      toast(problem.message, 'error');
    }
  }

  async function refresh() {
    asked = performance.now();
    state = (await latest(get('state', { as: person() }))) ?? state;
  }

  /** Calls fill the bucket and use faults up, but a thousand of them need no thousand looks. */
  async function calmly() {
    clearTimeout(later);
    if (performance.now() - asked > CALM) await refresh();
    else later = setTimeout(() => element.isConnected && show([{ type: 'bench' }]), CALM);
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
      one.classList.toggle('recording', one.id === 'bench-record' && Boolean(state.bench.recording?.on));
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

  const turn = (id) => tell(element, 'go', { tab: 'bench', panel: id });

  function keys(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = (PANELS.findIndex(([id]) => id === current) + step + PANELS.length) % PANELS.length;
    turn(PANELS[at][0]);
    tabs.children[at].focus();
  }

  return { element, show };
}
