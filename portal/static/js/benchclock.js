/** The portal's clock, and a way to begin again. */

import { announce, fill, h, toast } from './dom.js';
import { long } from './time.js';
import { post } from './api.js';

const STEPS = [
  ['1 minute', 60],
  ['10 minutes', 600],
  ['1 hour', 3600],
  ['1 day', 86_400],
  ['3 days', 259_200],
];

/** The panel: what time it is in the portal, steps forward, reset. */
export function clockPanel() {
  const now = h('p', { class: 'clock', role: 'timer' });
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
      h('div', { class: 'buttons left' }, steps),
    ),
    h(
      'section',
      { class: 'card', 'aria-label': 'Reset' },
      h('h3', {}, 'Begin again'),
      h('p', { class: 'soft' }, 'Chats, posts, applications and the traffic go back to how the portal started.'),
      h('div', { class: 'buttons left' }, reset, sure),
    ),
  );

  async function advance(seconds) {
    await tried(async () => {
      const { now: later } = await post('clock', { advance: seconds });
      fill(now, long(later));
      announce(`It is ${long(later)}.`);
    });
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
            tried(() => post('reset'));
          },
        },
      },
      'Yes, begin again',
    );
    fill(sure, 'Everything written is lost. ', yes);
    sure.hidden = false;
    yes.focus();
  }

  return { element, show: ({ state }) => fill(now, long(state.portal.now)) };
}

async function tried(deed) {
  try {
    await deed();
  } catch (problem) {
    toast(problem.message, 'error');
  }
}
