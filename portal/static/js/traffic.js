/** The wire: REST calls that came in and events that went out, newest first; open one to read it. */

import { dayHour, second } from './time.js';
import { fill, h, toast } from './dom.js';
import { get } from './api.js';
import { icon } from './icons.js';

const KEPT = 400;

/** The panel; show({state, changes}) fetches only what is newer than what it has. */
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
      ),
    ),
    rows,
  );
  const search = h('input', {
    type: 'search',
    class: 'search',
    placeholder: 'Filter by method, event, text',
    'aria-label': 'Filter',
    autocomplete: 'off',
    on: { input: () => paint() },
  });
  const kinds = h('div', { class: 'choice', role: 'radiogroup', 'aria-label': 'Show' });
  const detail = h('section', { class: 'wire-detail', 'aria-label': 'Details', hidden: true, tabindex: '-1' });
  const empty = h('p', { class: 'empty small' }, 'Nothing has gone over the wire yet.');
  const element = h(
    'div',
    { class: 'traffic' },
    h(
      'div',
      { class: 'wire-list' },
      h('div', { class: 'wire-tools' }, h('div', { class: 'search-line' }, icon('search', 16), search), kinds),
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
      (row) => fits(row, kind) && (!words || JSON.stringify(row).toLowerCase().includes(words)),
    );
    empty.hidden = shown.length > 0;
    table.hidden = !shown.length;
    const focused = document.activeElement?.closest?.('tr')?.dataset.key;
    fill(rows, shown.map(line));
    if (focused) rows.querySelector(`tr[data-key="${focused}"] button`)?.focus({ preventScroll: true });
  }

  function line(row) {
    const name = row.kind === 'call' ? row.method : row.event;
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
          name,
          row.in_batch && h('span', { class: 'tag' }, 'batch'),
        ),
        h('span', { class: 'wire-brief' }, brief(row)),
      ),
      h('td', { class: 'wire-who' }, who(row, view.state)),
      h('td', {}, h('span', { class: `status ${level(row)}` }, row.status || 'cut')),
      h('td', { class: 'wire-ms' }, took(row)),
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

const time = (row) => (typeof row.at === 'number' ? row.at : Date.parse(row.at) / 1000);
const byTime = (a, b) => time(b) - time(a) || b.n - a.n;
const took = (row) => (row.ms < 10 ? row.ms.toFixed(1) : String(Math.round(row.ms)));
const failed = (row) => row.status >= 400 || !row.status || Boolean(row.error);
const fits = (row, kind) => kind === 'all' || kind === row.kind || (kind === 'bad' && failed(row));
const level = (row) => (!failed(row) ? 'good' : row.status >= 500 || !row.status ? 'bad' : 'odd');

/** The most telling values of a request in one line. */
function brief(row) {
  const flat = (value) =>
    value && typeof value === 'object'
      ? Object.entries(value)
          .filter(([key]) => !/auth|token|client_id/i.test(key))
          .map(([, one]) => flat(one))
          .flat()
      : [String(value)];
  const source = row.kind === 'call' ? row.params : eventWords(row.form);
  const text = row.error
    ? `${row.error} ${row.error_description ?? ''}`
    : flat(source ?? {})
        .filter(Boolean)
        .join(' · ');
  return text.replace(/\s+/g, ' ').slice(0, 140);
}

/** Of an event, in both generations, what was said or which post it is about. */
function eventWords({ data = {} } = {}) {
  const command = data.command ?? Object.values(data.COMMAND ?? {})[0];
  if (command) return [command.command ?? command.COMMAND, command.params ?? command.COMMAND_PARAMS ?? ''];
  const { FIELDS = {}, PARAMS = {} } = data;
  return [data.message?.text ?? PARAMS.MESSAGE ?? FIELDS.POST_ID ?? FIELDS.ID ?? data.chat?.name ?? ''];
}

function who(row, state) {
  if (row.kind === 'event') return host(row.url);
  const { user, app, webhook } = row.who ?? {};
  const name = state.users.find((one) => one.id === user)?.name ?? (user ? `user ${user}` : '');
  const by = state.apps.find((one) => one.client_id === app)?.name ?? app ?? (webhook ? 'webhook' : '');
  return [name, by].filter(Boolean).join(' · ') || 'nobody';
}

function host(url) {
  try {
    return new URL(url).host;
  } catch {
    return url ?? 'fetched'; // events of a bot in fetch mode have no address
  }
}

function details(row, state, shut) {
  const name = row.kind === 'call' ? row.method : row.event;
  const close = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': 'Close the details', on: { click: shut } },
    icon('close', 18),
  );
  const facts = [
    ['When', dayHour(row.at, state.portal.now)],
    ['Who', who(row, state)],
    ['Status', row.status || 'connection cut'],
    ['Took', `${took(row)} ms`],
    ['Fault', row.fault],
    ['Address', row.url],
  ].filter(([, value]) => value);
  const parts =
    row.kind === 'call'
      ? [
          ['Request', row.params],
          [
            row.error ? 'Error' : 'Answer',
            row.error
              ? { error: row.error, ...(row.error_description && { error_description: row.error_description }) }
              : row.result,
          ],
        ]
      : [
          ['Form', row.form],
          ['Error', row.error || undefined],
        ];
  return [
    h('header', {}, h('h3', {}, name), close),
    h(
      'dl',
      { class: 'facts' },
      facts.map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))),
    ),
    parts.filter(([, value]) => value !== undefined).map(([title, value]) => [h('h4', {}, title), json(value)]),
  ];
}

const json = (value) =>
  h('pre', { class: 'json', tabindex: '0' }, typeof value === 'string' ? value : JSON.stringify(value, null, 2));
