/** Draws the Workbench tab: calls and events, and the settings of the portal. */

import { appsPanel } from './benchapps.js';
import { clockPanel } from './benchclock.js';
import { eventPanel } from './benchevent.js';
import { faultsPanel } from './benchfaults.js';
import { fill, h, emit, toast } from './dom.js';
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

const TRAFFIC_CHANGES = new Set(['call', 'delivery', 'typing']);
const REFRESH_PAUSE = 400; // ms between two requests while many calls arrive

/** Create the workbench. person() returns the acting user, show(changes, panel) draws a panel again. */
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
    const panelChanged = wanted !== current;
    current = wanted;
    try {
      if (!state || panelChanged || changes.some((change) => !TRAFFIC_CHANGES.has(change.type))) await refresh();
      else if (changes.some((change) => change.type === 'call')) await refreshAfterPause();
      if (state) paint(changes);
    } catch (problem) {
      toast(problem.message, 'error');
    }
  }

  async function refresh() {
    asked = performance.now();
    state = (await latest(get('state', { as: person() }))) ?? state;
  }

  /** Load the state after a pause, because a thousand calls must not cause a thousand requests. */
  async function refreshAfterPause() {
    clearTimeout(later);
    if (performance.now() - asked > REFRESH_PAUSE) await refresh();
    else later = setTimeout(() => element.isConnected && show([{ type: 'bench' }]), REFRESH_PAUSE);
  }

  function paint(changes) {
    emit(element, 'state-loaded', { state });
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
        on: { click: () => selectPanel(id), keydown: keys },
      },
      name,
    );

  const selectPanel = (id) => emit(element, 'go', { tab: 'bench', panel: id });

  function keys(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = (PANELS.findIndex(([id]) => id === current) + step + PANELS.length) % PANELS.length;
    selectPanel(PANELS[at][0]);
    tabs.children[at].focus();
  }

  return { element, show };
}
