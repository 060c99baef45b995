/** One row of the wire, opened: facts, weights, request and answer. */

import { dayHour } from './time.js';
import { fill, h, tried } from './dom.js';
import { icon } from './icons.js';
import { meter } from './meter.js';
import { nameOf, took, who } from './wirewords.js';
import { post } from './api.js';

/** The nodes of the details; shut() closes them. */
export function details(row, state, shut) {
  const close = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': 'Close the details', on: { click: shut } },
    icon('close', 18),
  );
  return [
    h('header', {}, h('h3', {}, nameOf(row)), close),
    h(
      'dl',
      { class: 'facts' },
      facts(row, state).map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))),
    ),
    row.kind === 'call' ? weights(row) : again(row),
    parts(row).map(([title, value]) => [h('h4', {}, title), json(title, value)]),
  ];
}

function facts(row, state) {
  return [
    ['When', dayHour(row.at, state.portal.now)],
    ['Who', who(row, state)],
    ['Status', row.status || (row.kind === 'call' ? 'connection cut' : 'no answer')],
    ['Took', `${took(row)} ms`],
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

const CARRIES = /"(attach|keyboard|menu|message)":/i;

/** What the call's objects weigh against the limits: the portal measures, refused ones too. */
function weights(row) {
  const place = h('div', { class: 'weights', hidden: true });
  if (CARRIES.test(JSON.stringify(row.params ?? {}))) {
    tried(async () => {
      const bars = meter((await post('weigh', { n: row.n })).sizes, { limits: true });
      place.hidden = !bars;
      fill(place, bars);
    });
  }
  return place;
}

/** Send a delivery once more; events that bots fetch have no address. */
export function again(row) {
  if (!row.url) return null;
  return h(
    'button',
    { type: 'button', class: 'button small', on: { click: () => replay(row) } },
    icon('replay', 14),
    'Send again',
  );
}

/** Ask the portal to send a delivery word for word once more. */
export const replay = (row) => tried(() => post('replay', { n: row.n }));

const json = (title, value) =>
  h(
    'pre',
    { class: 'json', tabindex: '0', role: 'region', 'aria-label': title },
    typeof value === 'string' ? value : JSON.stringify(value, null, 2),
  );
