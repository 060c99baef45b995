/** Shows the sizes of a message's objects and their limits. */

import { count } from './time.js';
import { h } from './dom.js';

const NAMES = { text: 'Text', attach: 'Attachment', keyboard: 'Buttons', menu: 'Menu' };

/** Draw a bar per object, with the sizes from the portal. `limits` also shows the limit of each. */
export function meter(sizes, { limits = false } = {}) {
  const parts = Object.keys(NAMES).filter((name) => sizes?.[name]?.chars > 0 && sizes[name].limit > 0);
  if (!parts.length) return null;
  return h(
    'div',
    { class: 'meters', role: 'group', 'aria-label': 'Size against limit' },
    parts.map((name) => bar(NAMES[name], sizes[name], limits)),
  );
}

function bar(name, { chars, limit }, limits) {
  const share = Math.min(1, chars / limit);
  const level = share >= 0.9 ? 'full' : share >= 0.7 ? 'high' : 'fine';
  const words = `${name}: ${count(chars)} of ${count(limit)} characters`;
  const track = h('span', {
    class: 'meter-track',
    role: 'meter',
    'aria-label': words,
    'aria-valuemin': 0,
    'aria-valuemax': limit,
    'aria-valuenow': Math.min(chars, limit),
    vars: { '--share': `${share * 100}%` },
  });
  return h(
    'span',
    { class: `meter ${level}`, title: words },
    h('span', { class: 'meter-name' }, name),
    track,
    h('span', { class: 'meter-count' }, count(chars), limits && ` of ${count(limit)}`),
  );
}
