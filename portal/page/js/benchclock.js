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
  const reset = h('button', { type: 'button', class: 'button alert', on: { click: askReset } }, 'Begin again');
  const sure = h('span', { class: 'sure', hidden: true });
  const element = h(
    'div',
    { class: 'column' },
    h(
      'section',
      { class: 'card', 'aria-label': 'Clock' },
      h('h3', {}, 'Clock'),
      now,
      h('p', { class: 'soft' }, 'Tokens expire, edit windows close and digests come due by this clock.'),
      h('div', { class: 'buttons left' }, hold, steps),
    ),
    h(
      'section',
      { class: 'card', 'aria-label': 'Reset' },
      h('h3', {}, 'Begin again'),
      h('p', { class: 'soft' }, 'Chats, posts, applications and the traffic return to the state at the start.'),
      h('div', { class: 'buttons left' }, reset, sure),
    ),
  );

  let base = { at: 0, heard: 0, stands: true };
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
      set(await post('clock', { stop: !base.stands }));
      announce(base.stands ? 'The clock stands.' : 'The clock goes.');
    });
  }

  function set({ now: moment, stands }) {
    base = { at: Date.parse(moment) / 1000, heard: performance.now(), stands };
    clearInterval(ticking);
    if (!stands) ticking = setInterval(tick, 1000);
    fill(hold, icon(stands ? 'play' : 'pause', 16), stands ? 'Let it go' : 'Stop it');
    now.classList.toggle('stands', stands);
    tick();
  }

  function tick() {
    if (!now.isConnected) clearInterval(ticking);
    const gone = base.stands ? 0 : (performance.now() - base.heard) / 1000;
    fill(now, long(base.at + gone), base.stands && h('span', { class: 'tag' }, 'stands'));
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
      'Yes, begin again',
    );
    fill(sure, 'Everything written is lost. ', yes);
    sure.hidden = false;
    yes.focus();
  }

  return { element, show: ({ state }) => set({ now: state.portal.now, stands: state.bench.clock.stands }) };
}
