/** Draws the panel that sends an event by hand: a name with JSON data, to all applications or to one address. */

import { fill, h, labelled, run } from './dom.js';
import { post } from './api.js';

const EXAMPLES = {
  ONLIVEFEEDPOSTADD: { FIELDS: { POST_ID: '217' } },
  ONLIVEFEEDPOSTUPDATE: { FIELDS: { POST_ID: '217' } },
  ONLIVEFEEDPOSTDELETE: { FIELDS: { POST_ID: '217' } },
  ONCRMTIMELINECOMMENTADD: { ID: '1' },
  ONAPPINSTALL: { VERSION: '1', LANGUAGE_ID: 'en' },
  ONAPPUNINSTALL: { LANGUAGE_ID: 'en', CLEAN: '0' },
};

/** Create the panel with the form for an event. */
export function eventPanel() {
  const name = h('input', { type: 'text', required: true, list: 'event-names', autocomplete: 'off', spellcheck: 'false' });
  const names = h(
    'datalist',
    { id: 'event-names' },
    Object.keys(EXAMPLES).map((one) => h('option', { value: one })),
  );
  const url = h('input', { type: 'url', placeholder: 'all installed applications', autocomplete: 'off' });
  const data = h('textarea', { rows: '8', class: 'code', spellcheck: 'false', 'aria-describedby': 'event-result' });
  const result = h('p', { class: 'soft', role: 'status', id: 'event-result' });
  const form = h(
    'form',
    { class: 'tall-form' },
    labelled('Event', name),
    names,
    labelled('Data, as JSON', data),
    labelled('Address', url),
    h('div', { class: 'buttons left' }, h('button', { type: 'submit', class: 'button primary' }, 'Send')),
    result,
  );
  const element = h(
    'div',
    { class: 'column' },
    h(
      'section',
      { class: 'card', 'aria-label': 'Send an event' },
      h('h3', {}, 'Send an event'),
      h('p', { class: 'soft' }, 'The event is sent at once, with the application token. The portal does not check whether it has happened.'),
      form,
    ),
  );
  let example = '';

  /** Insert example data for a known event, unless the user has written data. */
  function suggest() {
    const known = EXAMPLES[name.value.trim().toUpperCase()];
    if (!known || data.value !== example) return;
    example = JSON.stringify(known, null, 2);
    data.value = example;
  }

  function read() {
    try {
      const value = JSON.parse(data.value || '{}');
      data.removeAttribute('aria-invalid');
      return value;
    } catch (problem) {
      data.setAttribute('aria-invalid', 'true');
      fill(result, `The data is not valid JSON: ${problem.message}`);
      data.focus();
      return null;
    }
  }

  name.addEventListener('input', suggest);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const value = read();
    if (value !== null) run(() => send(value));
  });

  async function send(value) {
    const address = url.value.trim();
    const { sent } = await post('event', { event: name.value.trim(), data: value, ...(address && { url: address }) });
    fill(result, sent ? `Sent ${sent === 1 ? 'once' : `${sent} times`}.` : 'Nothing was sent, because no application is installed.');
  }

  return { element, show: () => {} };
}
