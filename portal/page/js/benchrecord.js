/** Draws the panel that records a session as a pytest file: actions of people and answers of bots. */

import { announce, fill, h, labelled, toast, run } from './dom.js';
import { act } from './actions.js';
import { icon } from './icons.js';
import { newest, post, getRecording } from './api.js';

/** Create the panel: a title, start and stop, and the recorded file to copy or save. */
export function recordPanel() {
  const title = h('input', { type: 'text', placeholder: 'Clara publishes a post', autocomplete: 'off' });
  const button = h('button', { type: 'submit', class: 'button primary' });
  const status = h('p', { class: 'soft', role: 'status' });
  const form = h('form', { class: 'rule-form' }, labelled('Title', title), button);
  const source = h('pre', { class: 'json source', tabindex: '0', role: 'region', 'aria-label': 'The test' });
  const save = h(
    'a',
    { class: 'button', href: '/-/recording', download: 'test_recorded_session.py' },
    icon('save', 16),
    'Save the file',
  );
  const copy = h('button', { type: 'button', class: 'button' }, icon('copy', 16), 'Copy');
  const file = h(
    'section',
    { class: 'card', 'aria-label': 'The recorded test', hidden: true },
    h('header', { class: 'card-head' }, h('h3', {}, 'The test'), h('div', { class: 'buttons' }, copy, save)),
    source,
  );
  const element = h(
    'div',
    { class: 'column' },
    h(
      'section',
      { class: 'card', 'aria-label': 'Record a session' },
      h('h3', {}, 'Record a session'),
      h(
        'p',
        { class: 'soft' },
        'What people do and what bots answer is recorded as a pytest test that you can run.',
      ),
      form,
      status,
    ),
    file,
  );
  const latest = newest();
  let on = false;

  copy.addEventListener('click', () => act({ action: 'COPY', value: source.textContent }));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    run(toggleRecording);
  });

  async function toggleRecording() {
    await post('record', on ? { on: false } : { on: true, title: title.value.trim() });
    announce(on ? 'The recording has ended.' : 'Recording.');
    if (on) toast('The recorded test is below.');
  }

  async function show({ state }) {
    const { recording } = state.bench;
    on = Boolean(recording?.on);
    fill(button, icon('record', 16), on ? 'Stop' : 'Start');
    button.classList.toggle('alert', on);
    button.classList.toggle('primary', !on);
    title.disabled = on;
    if (recording && !title.value) title.value = recording.title;
    fill(status, on && [h('span', { class: 'live' }), `Recording \u201c${recording.title}\u201d. Continue in the chats.`]);
    file.hidden = !recording;
    if (recording) await run(read);
  }

  async function read() {
    const text = await latest(getRecording());
    if (text !== null && text !== source.textContent) fill(source, text);
  }

  return { element, show };
}
