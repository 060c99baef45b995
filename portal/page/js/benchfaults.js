/** Draws the panel with faults for the next calls, and with a switch that takes the portal down. */

import { fill, h, labelled, toast, run } from './dom.js';
import { icon } from './icons.js';
import { post } from './api.js';

const KINDS = {
  503: 'answers 503',
  429: 'answers 429',
  500: 'answers 500',
  html: 'answers with an HTML page',
  slow: 'answers slowly',
  cut: 'closes the connection before the method runs',
  cut_after: 'closes the connection after the method has run',
  expired: 'answers that the token has expired',
  empty_error: 'answers an error without a code',
  error_in_200: 'answers an error with status 200',
  error: 'refuses with the code below',
  refuse_refresh: 'refuses to refresh the token',
  renamed: 'redirects to another host name',
};

/** Create the panel. Each change replaces all rules of the portal by the shown ones. */
export function faultsPanel() {
  const rules = h('ul', { class: 'rules' });
  const none = h('p', { class: 'soft' }, 'No faults: all calls are answered normally.');
  const down = downCard();
  const form = ruleForm((rule) => {
    current = [...current, rule];
    apply();
  });
  const clear = h(
    'button',
    {
      type: 'button',
      class: 'button',
      on: {
        click: () => {
          current = [];
          apply();
        },
      },
    },
    'Clear all',
  );
  const element = h(
    'div',
    { class: 'column' },
    h(
      'section',
      { class: 'card', 'aria-label': 'Faults' },
      h('header', { class: 'card-head' }, h('h3', {}, 'Faults'), clear),
      none,
      rules,
      form,
    ),
    down.element,
  );
  let current = [];

  async function apply() {
    try {
      ({ rules: current } = await post('faults', { rules: current }));
    } catch (problem) {
      toast(problem.message, 'error');
      current = current.slice(0, -1);
    }
    paint();
  }

  function paint() {
    none.hidden = current.length > 0;
    clear.disabled = !current.length;
    fill(
      rules,
      current.map((rule, index) =>
        h(
          'li',
          {},
          h('code', {}, rule.method),
          h('span', {}, rule.kinds.map((kind) => words(kind, rule)).join(', or ')),
          rule.chance < 1 && h('span', { class: 'soft' }, `${Math.round(rule.chance * 1000) / 10} % of calls`),
          h('span', { class: 'soft' }, howOften(rule.times)),
          h(
            'button',
            {
              type: 'button',
              class: 'icon-button',
              'aria-label': `Remove the fault of ${rule.method}`,
              on: {
                click: () => {
                  current = current.filter((_, at) => at !== index);
                  apply();
                },
              },
            },
            icon('close', 16),
          ),
        ),
      ),
    );
  }

  paint();
  return {
    element,
    show: ({ state }) => {
      down.show(state.bench.down);
      if (JSON.stringify(state.bench.faults) === JSON.stringify(current)) return;
      current = state.bench.faults;
      paint();
    },
  };
}

function words(kind, rule) {
  return kind === 'error' ? `refuses with ${rule.status} ${rule.code || 'and no code'}` : KINDS[kind];
}

function howOften(times) {
  if (times === null) return 'until cleared';
  return times === 1 ? 'next call' : `next ${times} calls`;
}

function ruleForm(add) {
  const method = h('input', {
    type: 'text',
    value: '*',
    'aria-label': 'Method, * for all',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const kind = h(
    'select',
    { 'aria-label': 'What happens' },
    Object.entries(KINDS).map(([value, words]) => h('option', { value }, words)),
  );
  const times = h('input', { type: 'number', min: '0', value: '1', 'aria-label': 'How many times; 0 until cleared' });
  const seconds = h('input', {
    type: 'number',
    min: '0',
    step: '0.5',
    value: '1',
    'aria-label': 'Seconds, for slow answers',
  });
  const chance = h('input', {
    type: 'number',
    min: '0.1',
    max: '100',
    step: 'any',
    value: '100',
    'aria-label': 'Chance in percent',
  });
  const code = h('input', { type: 'text', value: '', 'aria-label': 'Error code, for a refusal', autocomplete: 'off' });
  const text = h('input', { type: 'text', value: '', 'aria-label': 'Error text, for a refusal', autocomplete: 'off' });
  const status = h('input', {
    type: 'number',
    min: '200',
    max: '599',
    value: '400',
    'aria-label': 'HTTP status, for a refusal',
  });
  const form = h(
    'form',
    { class: 'rule-form' },
    labelled('Method', method),
    labelled('What happens', kind),
    labelled('Times (0: all)', times),
    labelled('Chance, %', chance),
    labelled('Seconds', seconds),
    labelled('Error code', code),
    labelled('Error text', text),
    labelled('HTTP status', status),
    h('button', { type: 'submit', class: 'button primary' }, 'Add'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    add({
      method: method.value.trim() || '*',
      kinds: [kind.value],
      chance: Number(chance.value) / 100,
      times: Number(times.value) || null,
      seconds: Number(seconds.value),
      code: code.value.trim(),
      text: text.value.trim(),
      status: Number(status.value),
    });
  });
  return form;
}

/** Create the card that takes the portal down. show(seconds) gets the remaining time, or null without an end. */
function downCard() {
  const status = h('p', { class: 'down', role: 'status' });
  const say = (words, seconds) =>
    h('button', { type: 'button', class: 'button', on: { click: () => down(seconds) } }, words);
  const element = h(
    'section',
    { class: 'card', 'aria-label': 'Portal down' },
    h('h3', {}, 'Portal down'),
    h('p', { class: 'soft' }, 'The portal closes the connection of every REST call. This page continues to work.'),
    status,
    h(
      'div',
      { class: 'buttons left' },
      say('For 10 seconds', 10),
      say('For a minute', 60),
      say('Until I end it', null),
      say('End now', 0),
    ),
  );
  let ends = 0;
  const show = (seconds) => {
    clearTimeout(ends);
    if (seconds > 0) ends = setTimeout(() => show(0), seconds * 1000);
    fill(status, seconds === null ? 'The portal is down until you end it.' : seconds > 0 && 'The portal is down.');
  };
  const down = (seconds) =>
    run(async () => {
      await post('down', { seconds });
      show(seconds);
      if (seconds === 0) toast('The portal answers again.');
    });
  return { element, show };
}
