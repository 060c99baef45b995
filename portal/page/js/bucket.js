/** The leaky bucket of the rate limit, with its level as it empties. */

import { count } from './time.js';
import { fill, h } from './dom.js';

const TICK = 250; // ms

/** Create a small meter; show(bench) gets the last state from the portal. */
export function bucketMeter() {
  const track = h('span', { class: 'meter-track wide', role: 'meter', 'aria-label': 'Requests in the bucket' });
  const words = h('span', { class: 'meter-count' });
  const element = h('span', { class: 'meter bucket' }, h('span', { class: 'meter-name' }, 'Bucket'), track, words);
  let said = { level: 0, capacity: 0, rate: 0, stopped: false, at: 0 };
  let ticking = 0;

  function show({ bucket, clock }) {
    said = { ...bucket, stopped: clock.stopped, at: performance.now() };
    clearInterval(ticking);
    if (bucket.level > 0 && !clock.stopped) ticking = setInterval(paint, TICK);
    paint();
  }

  function paint() {
    const drained = said.stopped ? 0 : ((performance.now() - said.at) / 1000) * said.rate;
    const level = Math.max(0, said.level - drained);
    if (level === 0 || !element.isConnected) clearInterval(ticking);
    const share = said.capacity ? Math.min(1, level / said.capacity) : 0;
    track.style.setProperty('--share', `${share * 100}%`);
    for (const [name, value] of Object.entries({ valuemin: 0, valuemax: said.capacity || 1, valuenow: Math.round(level) }))
      track.setAttribute(`aria-${name}`, value);
    element.classList.toggle('high', share >= 0.7 && share < 0.9);
    element.classList.toggle('full', share >= 0.9);
    element.title = `${count(said.capacity)} requests fit, ${said.rate} a second leak out`;
    fill(words, said.capacity ? `${Math.ceil(level)} / ${count(said.capacity)}` : 'off');
  }

  return { element, show };
}
