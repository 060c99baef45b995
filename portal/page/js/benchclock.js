/** Draws the panel with the clock of the portal and the reset. */

import { announce, fill, h, run } from './dom.js';
import { icon } from './icons.js';
import { long } from './time.js';
import { post } from './api.js';

const STEPS = [
  ['1 minute', 60],
  ['10 minutes', 600],
  ['1 hour', 3600],
  ['1 day', 86_400],
  ['3 days', 259_200],
];

/** Create the panel: the time in the portal, steps forward, reset. */
export function clockPanel() {
  const now = h('p', { class: 'clock', role: 'timer' });
  const toggleButton = h('button', { type: 'button', class: 'button', on: { click: toggleClock } });
  const steps = STEPS.map(([words, seconds]) =>
    h('button', { type: 'button', class: 'button', on: { click: () => advance(seconds) } }, `+ ${words}`),
  );
  const reset = h('button', { type: 'button', class: 'button alert', on: { click: askReset } }, 'Reset the portal');
  const confirmation = h('span', { class: 'confirmation', hidden: true });
  const element = h(
    'div',
    { class: 'column' },
    h(
      'section',
      { class: 'card', 'aria-label': 'Clock' },
      h('h3', {}, 'Clock'),
      now,
      h('p', { class: 'soft' }, 'Tokens and time limits use this clock.'),
      h('div', { class: 'buttons left' }, toggleButton, steps),
    ),
    h(
      'section',
      { class: 'card', 'aria-label': 'Reset' },
      h('h3', {}, 'Reset the portal'),
      h('p', { class: 'soft' }, 'Chats, posts, applications and the traffic return to their state at the start.'),
      h('div', { class: 'buttons left' }, reset, confirmation),
    ),
  );

  let base = { at: 0, receivedAt: 0, stopped: true };
  let timer = 0;

  const advance = (seconds) =>
    run(async () => {
      const answer = await post('clock', { advance: seconds });
      set(answer);
      announce(`It is ${long(answer.now)}.`);
    });

  /** Stop the clock, or start it again. */
  function toggleClock() {
    run(async () => {
      set(await post('clock', { stop: !base.stopped }));
      announce(base.stopped ? 'The clock is stopped.' : 'The clock is running.');
    });
  }

  function set({ now: moment, stopped }) {
    base = { at: Date.parse(moment) / 1000, receivedAt: performance.now(), stopped };
    clearInterval(timer);
    if (!stopped) timer = setInterval(tick, 1000);
    fill(toggleButton, icon(stopped ? 'play' : 'pause', 16), stopped ? 'Start the clock' : 'Stop the clock');
    now.classList.toggle('stopped', stopped);
    tick();
  }

  function tick() {
    if (!now.isConnected) clearInterval(timer);
    const elapsed = base.stopped ? 0 : (performance.now() - base.receivedAt) / 1000;
    fill(now, long(base.at + elapsed), base.stopped && h('span', { class: 'tag' }, 'stopped'));
  }

  function askReset() {
    const yes = h(
      'button',
      {
        type: 'button',
        class: 'button alert',
        on: {
          click: () => {
            confirmation.hidden = true;
            run(() => post('reset'));
          },
        },
      },
      'Yes, reset',
    );
    fill(confirmation, 'All changes will be lost. ', yes);
    confirmation.hidden = false;
    yes.focus();
  }

  return { element, show: ({ state }) => set({ now: state.portal.now, stopped: state.bench.clock.stopped }) };
}
