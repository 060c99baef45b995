/** Draws the traffic: REST calls and events, newest first, each with its details. */

import { brief, byTime, matches, level, nameOf, duration, who } from './trafficrow.js';
import { bucketMeter } from './bucket.js';
import { dayHour, second } from './time.js';
import { details, replay } from './trafficdetails.js';
import { fill, h, toast } from './dom.js';
import { get } from './api.js';
import { icon } from './icons.js';

const KEPT = 400;

/** Create the panel; show({state, changes}) loads only newer rows. */
export function traffic() {
  const rows = h('tbody', {});
  const table = h(
    'table',
    { class: 'wire' },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ['Time', 'What', 'Who', 'Status', 'ms'].map((name) => h('th', { scope: 'col' }, name)),
        h('th', { scope: 'col' }, h('span', { class: 'hidden' }, 'Again')),
      ),
    ),
    rows,
  );
  const search = h('input', {
    type: 'search',
    class: 'search',
    placeholder: 'Filter the traffic',
    'aria-label': 'Filter',
    autocomplete: 'off',
    on: { input: () => paint() },
  });
  const kinds = h('div', { class: 'choice', role: 'radiogroup', 'aria-label': 'Show' });
  const bucket = bucketMeter();
  const detail = h('section', { class: 'wire-detail', 'aria-label': 'Details', hidden: true, tabindex: '-1' });
  const empty = h('p', { class: 'empty small' }, 'No calls or events yet.');
  const element = h(
    'div',
    { class: 'traffic' },
    h(
      'div',
      { class: 'wire-list' },
      h('div', { class: 'wire-tools' }, h('div', { class: 'search-line' }, icon('search', 16), search), kinds, bucket.element),
      h('div', { class: 'wire-scroll', tabindex: '0', role: 'region', 'aria-label': 'Calls and events' }, table, empty),
    ),
    detail,
  );
  const from = { calls: 0, deliveries: 0 };
  let seen = [];
  let kind = 'all';
  let opened = null;
  let view = null;
  let busy = null;

  fill(
    kinds,
    [
      ['all', 'All'],
      ['call', 'Calls'],
      ['event', 'Events'],
      ['bad', 'Failed'],
    ].map(([id, name]) =>
      h(
        'label',
        {},
        h('input', {
          type: 'radio',
          name: 'wire-kind',
          value: id,
          checked: id === kind,
          on: {
            change: () => {
              kind = id;
              paint();
            },
          },
        }),
        h('span', {}, name),
      ),
    ),
  );

  async function show(next) {
    view = next;
    bucket.show(next.state.bench);
    if (next.changes.some((change) => change.type === 'reset' || change.type === 'back'))
      (Object.assign(from, { calls: 0, deliveries: 0 }), (seen = []));
    busy = (busy ?? Promise.resolve()).then(fetchNew);
    await busy;
  }

  async function fetchNew() {
    try {
      const [{ calls, next: nextCall }, { deliveries, next: nextDelivery }] = await Promise.all([
        get('calls', { since: from.calls }),
        get('deliveries', { since: from.deliveries }),
      ]);
      Object.assign(from, { calls: nextCall, deliveries: nextDelivery });
      const fresh = [
        ...calls.map((call) => ({ ...call, kind: 'call', key: `c${call.n}` })),
        ...deliveries.map((event) => ({ ...event, kind: 'event', key: `e${event.n}` })),
      ];
      if (!fresh.length && rows.children.length) return;
      const known = new Set(seen.map((row) => row.key));
      seen = [...seen, ...fresh.filter((row) => !known.has(row.key))].sort(byTime).slice(0, KEPT);
      paint();
    } catch (problem) {
      toast(problem.message, 'error');
    }
  }

  function paint() {
    const words = search.value.trim().toLowerCase();
    const shown = seen.filter(
      (row) => matches(row, kind) && (!words || JSON.stringify(row).toLowerCase().includes(words)),
    );
    empty.hidden = shown.length > 0;
    table.hidden = !shown.length;
    const focused = document.activeElement?.closest?.('tr')?.dataset.key;
    fill(rows, shown.map(line));
    if (focused) rows.querySelector(`tr[data-key="${focused}"] button`)?.focus({ preventScroll: true });
  }

  function line(row) {
    const on = { click: () => open(row) };
    return h(
      'tr',
      { class: `${row.kind} ${opened === row.key ? 'open' : ''}`, data: { key: row.key }, on },
      h('td', {}, h('time', { title: dayHour(row.at, view.state.portal.now) }, second(row.at))),
      h(
        'td',
        {},
        h(
          'button',
          { type: 'button', class: 'wire-name', 'aria-expanded': String(opened === row.key) },
          h(
            'span',
            { class: 'wire-way', 'aria-label': row.kind === 'call' ? 'call' : 'event' },
            row.kind === 'call' ? '→' : '←',
          ),
          nameOf(row),
          row.in_batch && h('span', { class: 'tag' }, 'batch'),
        ),
        h('span', { class: 'wire-brief' }, brief(row)),
      ),
      h('td', { class: 'wire-who' }, who(row, view.state)),
      h('td', {}, h('span', { class: `status ${level(row)}` }, row.status || (row.kind === 'call' ? 'cut' : 'none'))),
      h('td', { class: 'wire-ms' }, duration(row)),
      h('td', { class: 'wire-again' }, row.kind === 'event' && row.url && againButton(row)),
    );
  }

  function open(row) {
    opened = opened === row.key ? null : row.key;
    detail.hidden = !opened;
    element.classList.toggle('with-detail', Boolean(opened));
    if (opened) {
      fill(
        detail,
        details(row, view.state, () => open(row)),
      );
      detail.scrollTop = 0;
    }
    paint();
  }

  return { element, show };
}

function againButton(row) {
  const click = (event) => {
    event.stopPropagation(); // a click on the row opens it
    replay(row);
  };
  const words = `Send ${nameOf(row)} again`;
  return h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': words, title: words, on: { click } },
    icon('replay', 16),
  );
}
