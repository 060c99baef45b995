/** Draws the leaky bucket of the rate limit, with its falling level. */

import { count } from './time.js';
import { fill, h } from './dom.js';

const TICK = 250; // ms

/** Create the meter; show(bench) gets the state from the portal. */
export function bucketMeter() {
  const track = h('span', { class: 'meter-track wide', role: 'meter', 'aria-label': 'Requests in the bucket' });
  const words = h('span', { class: 'meter-count' });
  const element = h('span', { class: 'meter bucket' }, h('span', { class: 'meter-name' }, 'Bucket'), track, words);
  let reported = { level: 0, capacity: 0, rate: 0, stopped: false, at: 0 };
  let timer = 0;

  function show({ bucket, clock }) {
    reported = { ...bucket, stopped: clock.stopped, at: performance.now() };
    clearInterval(timer);
    if (bucket.level > 0 && !clock.stopped) timer = setInterval(paint, TICK);
    paint();
  }

  function paint() {
    const drained = reported.stopped ? 0 : ((performance.now() - reported.at) / 1000) * reported.rate;
    const level = Math.max(0, reported.level - drained);
    if (level === 0 || !element.isConnected) clearInterval(timer);
    const share = reported.capacity ? Math.min(1, level / reported.capacity) : 0;
    track.style.setProperty('--share', `${share * 100}%`);
    for (const [name, value] of Object.entries({ valuemin: 0, valuemax: reported.capacity || 1, valuenow: Math.round(level) }))
      track.setAttribute(`aria-${name}`, value);
    element.classList.toggle('high', share >= 0.7 && share < 0.9);
    element.classList.toggle('full', share >= 0.9);
    element.title = `The bucket holds ${count(reported.capacity)} requests; ${reported.rate} leak out per second`;
    fill(words, reported.capacity ? `${Math.ceil(level)} / ${count(reported.capacity)}` : 'off');
  }

  return { element, show };
}
