/** Draws the panel of applications with their bots and commands, and of incoming webhooks. */

import { act } from './actions.js';
import { fill, h, labelled, emit, run } from './dom.js';
import { get, post } from './api.js';
import { icon } from './icons.js';
import { outcome } from './trafficrow.js';

/** Create the panel. person() returns the user who installs applications and owns new webhooks. */
export function appsPanel({ person }) {
  const list = h('div', { class: 'apps' });
  const made = h('div', { class: 'made', role: 'status' });
  const steps = firstSteps();
  const element = h('div', { class: 'column' }, steps, list, newApp(), webhookCard(made, person));
  const results = new Map(); // handler -> the result of its last installation

  function show({ state, changes }) {
    paint(state);
    for (const { type, event, n } of changes) if (type === 'delivery' && event === 'ONAPPINSTALL') showResult(n, state);
  }

  function paint(state) {
    const signature = JSON.stringify([state.apps, [...results]]);
    if (list.signature === signature) return;
    if (!list.signature) steps.open = !state.apps.some((app) => app.bots.length);
    list.signature = signature;
    fill(
      list,
      state.apps.map((app) => appCard(app, person, results.get(app.handler))),
    );
  }

  /** Show how the handler of an application has answered the installation event. */
  const showResult = (n, state) =>
    run(async () => {
      const row = (await get('deliveries', { since: n - 1 })).deliveries.find((one) => one.n === n);
      if (row) results.set(row.url, { good: row.status >= 200 && row.status < 300, words: outcome(row) });
      paint(state);
    });

  return { element, show };
}

/** Create the list of first steps; it is open until there is a bot. */
function firstSteps() {
  return h(
    'details',
    { class: 'card steps' },
    h('summary', {}, 'Connect your own bot, in any programming language'),
    h(
      'ol',
      {},
      h('li', {}, 'Start your bot on this machine, for example at http://127.0.0.1:3000/. It must answer every POST with status 200.'),
      h('li', {}, 'Add an application below, with the address of your bot as its handler. Your bot needs the client ID and the client secret to refresh its tokens.'),
      h(
        'li',
        {},
        'Press Install. The event ONAPPINSTALL contains an access token and the address for calls: ',
        h('code', {}, 'auth[access_token]'),
        ', ',
        h('code', {}, 'auth[client_endpoint]'),
        '.',
      ),
      h('li', {}, 'Your bot calls imbot.register (or imbot.v2.Bot.register), and then appears here. Write to it. The tab Traffic shows all calls and events.'),
    ),
    h('p', { class: 'soft' }, 'A program that only calls methods needs no application: create an incoming webhook.'),
  );
}

function appCard(app, person, results) {
  const button = (words, look, action) =>
    h('button', { type: 'button', class: `button ${look}`, on: { click: () => run(action) } }, words);
  const actions = app.installed
    ? [
        button('Send the install event again', '', () =>
          post('apps/install', { client_id: app.client_id, as: person() }),
        ),
        button('Uninstall', 'alert', () => post('apps/uninstall', { client_id: app.client_id, clean: 0 })),
      ]
    : [button('Install', 'primary', () => post('apps/install', { client_id: app.client_id, as: person() }))];
  const talks = app.bots.map((bot) => {
    const click = (event) => emit(event.currentTarget, 'go', { tab: 'chat', dialog: String(bot.id) });
    return h('button', { type: 'button', class: 'button primary', on: { click } }, icon('chat', 16), `Write to ${bot.name}`);
  });
  return h(
    'section',
    { class: 'card', 'aria-label': app.name },
    h(
      'header',
      { class: 'card-head' },
      h('h3', {}, app.name),
      h('span', { class: `tag ${app.installed ? 'good' : ''}` }, app.installed ? 'installed' : 'not installed'),
    ),
    h(
      'dl',
      { class: 'properties' },
      copied('Client ID', app.client_id),
      app.client_secret && copied('Client secret', app.client_secret),
      copied('Application token', app.application_token),
      property('Handler', app.handler || 'none'),
      app.bots.map((bot) => property('Bot', `${bot.name} (id ${bot.id}, ${bot.code}, imbot ${bot.api})`)),
    ),
    app.commands.length > 0 &&
      h('details', {}, h('summary', {}, `${app.commands.length} commands`), commands(app.commands)),
    results && h('p', { class: `install-result ${results.good ? 'good' : 'bad'}`, role: 'status' }, `ONAPPINSTALL: ${results.words}`),
    h('div', { class: 'buttons left' }, talks, actions),
  );
}

const property = (term, value) => h('div', {}, h('dt', {}, term), h('dd', {}, value));

/** Create a property with a button to copy its value. */
const copied = (term, value) => property(term, [h('code', {}, value), copyButton(term, value)]);

function copyButton(term, value) {
  const click = () => act({ action: 'COPY', value });
  const words = `Copy: ${term}`;
  return h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': words, title: words, on: { click } },
    icon('copy', 16),
  );
}

const commands = (list) =>
  h(
    'ul',
    { class: 'command-list' },
    list.map((one) =>
      h(
        'li',
        {},
        h('code', {}, `/${one.command.replace(/^\//, '')} ${one.params ?? ''}`),
        h('span', { class: 'soft' }, one.title || ''),
        one.hidden && h('span', { class: 'tag' }, 'hidden'),
      ),
    ),
  );

function newApp() {
  const name = h('input', {
    type: 'text',
    required: true,
    'aria-label': 'Name',
    placeholder: 'My bot',
    autocomplete: 'off',
  });
  const handler = h('input', {
    type: 'url',
    required: true,
    'aria-label': 'Handler',
    placeholder: 'http://127.0.0.1:3000/',
    autocomplete: 'off',
  });
  const form = h(
    'form',
    { class: 'rule-form' },
    labelled('Name', name),
    labelled('Handler', handler),
    h('button', { type: 'submit', class: 'button primary' }, 'Add'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    run(async () => {
      await post('apps', { name: name.value.trim(), handler: handler.value.trim() });
      form.reset();
    });
  });
  return h('section', { class: 'card', 'aria-label': 'New application' }, h('h3', {}, 'New application'), form);
}

function webhookCard(made, person) {
  const make = () =>
    run(async () => {
      const { url } = await post('webhooks', { as: person() });
      fill(
        made,
        h('p', {}, h('code', {}, url), copyButton('the address', url)),
        h('p', { class: 'soft' }, 'Try it: ', h('code', {}, `curl ${url}profile`)),
      );
    });
  return h(
    'section',
    { class: 'card', 'aria-label': 'Incoming webhook' },
    h('h3', {}, 'Incoming webhook'),
    h('p', { class: 'soft' }, 'A call to this address acts in your name. Everybody who knows the address has your rights.'),
    h(
      'div',
      { class: 'buttons left' },
      h('button', { type: 'button', class: 'button', on: { click: make } }, 'Create a webhook'),
    ),
    made,
  );
}
