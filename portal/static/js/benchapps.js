/** Applications with their bots and commands, and incoming webhooks. */

import { act } from './actions.js';
import { fill, h, labelled, tried } from './dom.js';
import { icon } from './icons.js';
import { post } from './api.js';

/** The panel; person() is who installs and whose webhooks are made. */
export function appsPanel({ person }) {
  const list = h('div', { class: 'apps' });
  const made = h('p', { class: 'made', role: 'status' });
  const element = h('div', { class: 'column' }, list, newApp(), webhookCard(made, person));

  function show({ state }) {
    const signature = JSON.stringify(state.apps);
    if (list.signature === signature) return;
    list.signature = signature;
    fill(
      list,
      state.apps.length
        ? state.apps.map((app) => appCard(app, person))
        : h('p', { class: 'empty small' }, 'No application yet. Add one below, or start the portal with one.'),
    );
  }

  return { element, show };
}

function appCard(app, person) {
  const button = (words, look, deed) =>
    h('button', { type: 'button', class: `button ${look}`, on: { click: () => tried(deed) } }, words);
  const deeds = app.installed
    ? [
        button('Send the install event again', '', () =>
          post('apps/install', { client_id: app.client_id, as: person() }),
        ),
        button('Uninstall', 'alert', () => post('apps/uninstall', { client_id: app.client_id, clean: 0 })),
      ]
    : [button('Install', 'primary', () => post('apps/install', { client_id: app.client_id, as: person() }))];
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
      { class: 'facts' },
      fact('Client ID', app.client_id),
      app.client_secret && fact('Client secret', app.client_secret),
      fact('Handler', app.handler || 'none'),
      app.bots.map((bot) => fact('Bot', `${bot.name} (id ${bot.id}, ${bot.code}, imbot ${bot.api})`)),
    ),
    app.commands.length > 0 &&
      h('details', {}, h('summary', {}, `${app.commands.length} commands`), commands(app.commands)),
    h('div', { class: 'buttons left' }, deeds),
  );
}

const fact = (term, value) => h('div', {}, h('dt', {}, term), h('dd', {}, value));

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
    placeholder: 'Feedbridge',
    autocomplete: 'off',
  });
  const handler = h('input', {
    type: 'url',
    required: true,
    'aria-label': 'Handler',
    placeholder: 'http://127.0.0.1:8000/events',
    autocomplete: 'off',
  });
  const keys = h('dl', { class: 'facts', role: 'status' });
  const form = h(
    'form',
    { class: 'rule-form' },
    labelled('Name', name),
    labelled('Handler', handler),
    h('button', { type: 'submit', class: 'button primary' }, 'Add'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    tried(async () => {
      const app = await post('apps', { name: name.value.trim(), handler: handler.value.trim() });
      fill(
        keys,
        fact('Client ID', app.client_id),
        fact('Client secret', app.client_secret),
        fact('Application token', app.application_token),
      );
    });
  });
  return h('section', { class: 'card', 'aria-label': 'New application' }, h('h3', {}, 'New application'), form, keys);
}

function webhookCard(made, person) {
  const make = () =>
    tried(async () => {
      const { url } = await post('webhooks', { as: person() });
      const copy = () => act({ action: 'COPY', value: url });
      fill(
        made,
        h('code', {}, url),
        h(
          'button',
          { type: 'button', class: 'icon-button', 'aria-label': 'Copy the address', on: { click: copy } },
          icon('copy', 16),
        ),
      );
    });
  return h(
    'section',
    { class: 'card', 'aria-label': 'Incoming webhook' },
    h('h3', {}, 'Incoming webhook'),
    h('p', { class: 'soft' }, 'An address that acts as you. Whoever has it can do what you can.'),
    h(
      'div',
      { class: 'buttons left' },
      h('button', { type: 'button', class: 'button', on: { click: make } }, 'Make one'),
    ),
    made,
  );
}
