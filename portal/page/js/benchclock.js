/** The clock of the portal, and the reset. */

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
  const hold = h('button', { type: 'button', class: 'button', on: { click: turn } });
  const steps = STEPS.map(([words, seconds]) =>
    h('button', { type: 'button', class: 'button', on: { click: () => advance(seconds) } }, `+ ${words}`),
  );
  const reset = h('button', { type: 'button', class: 'button alert', on: { click: askReset } }, 'Reset the portal');
  const sure = h('span', { class: 'sure', hidden: true });
  const element = h(
    'div',
    { class: 'column' },
    h(
      'section',
      { class: 'card', 'aria-label': 'Clock' },
      h('h3', {}, 'Clock'),
      now,
      h('p', { class: 'soft' }, 'Tokens, time limits and digests use this clock.'),
      h('div', { class: 'buttons left' }, hold, steps),
    ),
    h(
      'section',
      { class: 'card', 'aria-label': 'Reset' },
      h('h3', {}, 'Reset the portal'),
      h('p', { class: 'soft' }, 'Chats, posts, applications and the traffic return to the state at the start.'),
      h('div', { class: 'buttons left' }, reset, sure),
    ),
  );

  let base = { at: 0, heard: 0, stopped: true };
  let ticking = 0;

  const advance = (seconds) =>
    run(async () => {
      const answer = await post('clock', { advance: seconds });
      set(answer);
      announce(`It is ${long(answer.now)}.`);
    });

  /** Stop the clock, or start it again. */
  function turn() {
    run(async () => {
      set(await post('clock', { stop: !base.stopped }));
      announce(base.stopped ? 'The clock is stopped.' : 'The clock runs.');
    });
  }

  function set({ now: moment, stopped }) {
    base = { at: Date.parse(moment) / 1000, heard: performance.now(), stopped };
    clearInterval(ticking);
    if (!stopped) ticking = setInterval(tick, 1000);
    fill(hold, icon(stopped ? 'play' : 'pause', 16), stopped ? 'Start the clock' : 'Stop the clock');
    now.classList.toggle('stopped', stopped);
    tick();
  }

  function tick() {
    if (!now.isConnected) clearInterval(ticking);
    const gone = base.stopped ? 0 : (performance.now() - base.heard) / 1000;
    fill(now, long(base.at + gone), base.stopped && h('span', { class: 'tag' }, 'stopped'));
  }

  function askReset() {
    const yes = h(
      'button',
      {
        type: 'button',
        class: 'button alert',
        on: {
          click: () => {
            sure.hidden = true;
            run(() => post('reset'));
          },
        },
      },
      'Yes, reset',
    );
    fill(sure, 'All changes are lost. ', yes);
    sure.hidden = false;
    yes.focus();
  }

  return { element, show: ({ state }) => set({ now: state.portal.now, stopped: state.bench.clock.stopped }) };
}
