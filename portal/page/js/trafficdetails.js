/** Draws the details of a call or event: values, sizes, request and answer. */

import { dayHour } from './time.js';
import { fill, h, run } from './dom.js';
import { icon } from './icons.js';
import { meter } from './meter.js';
import { nameOf, duration, who } from './trafficrow.js';
import { post } from './api.js';

/** Return the nodes of the details; their button calls close(). */
export function details(row, state, close) {
  const closeButton = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': 'Close the details', on: { click: close } },
    icon('close', 18),
  );
  return [
    h('header', {}, h('h3', {}, nameOf(row)), closeButton),
    h(
      'dl',
      { class: 'properties' },
      properties(row, state).map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))),
    ),
    row.kind === 'call' ? sizesOf(row) : again(row),
    parts(row).map(([title, value]) => [h('h4', {}, title), json(title, value)]),
  ];
}

function properties(row, state) {
  return [
    ['When', dayHour(row.at, state.portal.now)],
    ['Who', who(row, state)],
    ['Status', row.status || (row.kind === 'call' ? 'connection cut' : 'no answer')],
    ['Took', `${duration(row)} ms`],
    ['Fault', row.fault],
    ['Address', row.url],
  ].filter(([, value]) => value);
}

function parts(row) {
  if (row.kind === 'event') {
    return [
      ['Error', row.error],
      ['Form', row.form],
    ].filter(([, value]) => value);
  }
  const { error, error_description: why, params, result } = row;
  return [
    ['Request', params],
    error !== undefined ? ['Error', { error, ...(why && { error_description: why }) }] : ['Answer', result],
  ].filter(([, value]) => value !== undefined);
}

const HAS_OBJECTS = /"(attach|keyboard|menu|message)":/i;

/** Show sizes and limits of the objects in a call, as the portal measures them; also for a refused call. */
function sizesOf(row) {
  const place = h('div', { class: 'sizes', hidden: true });
  if (HAS_OBJECTS.test(JSON.stringify(row.params ?? {}))) {
    run(async () => {
      const bars = meter((await post('measure', { n: row.n })).sizes, { limits: true });
      place.hidden = !bars;
      fill(place, bars);
    });
  }
  return place;
}

/** Create a button to send a delivery again; fetched events have no address. */
export function again(row) {
  if (!row.url) return null;
  return h(
    'button',
    { type: 'button', class: 'button small', on: { click: () => replay(row) } },
    icon('replay', 14),
    'Send again',
  );
}

/** Ask the portal to send a delivery again, unchanged. */
export const replay = (row) => run(() => post('replay', { n: row.n }));

const json = (title, value) =>
  h(
    'pre',
    { class: 'json', tabindex: '0', role: 'region', 'aria-label': title },
    typeof value === 'string' ? value : JSON.stringify(value, null, 2),
  );
