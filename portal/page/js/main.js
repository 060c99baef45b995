/** Starts the page: reads the address, creates the panes, and sends them the changes of the portal. */

import { about, avatar } from './people.js';
import { bench } from './bench.js';
import { fill, h, toast } from './dom.js';
import { get, listen } from './api.js';
import { rail } from './rail.js';
import { read, write } from './location.js';
import { pane } from './pane.js';

const root = document.getElementById('main');
const railNode = document.getElementById('rail');
const lost = document.getElementById('lost');
let place = read();
let panes = [];
let workbench = null;
let connection = 'open';
let unread = 0;
let portal = null;

/** Show a place; panes and workbench load the data that they show. */
function show(changes) {
  paintRail();
  if (!place.as) return void welcome();
  createPanes();
  root.classList.toggle('double', panes.length > 1);
  if (place.tab === 'bench') {
    workbench ??= bench({ person: () => place.as });
    if (workbench.element.parentNode !== root) fill(root, workbench.element);
    workbench.show(changes, place.panel);
    return;
  }
  const elements = panes.map((one) => one.element);
  if (elements.some((element) => element.parentNode !== root) || root.children.length !== elements.length) {
    fill(root, elements);
  }
  panes.forEach((one, index) => one.show({ tab: place.tab, pane: place.panes[index] }, changes));
}

function createPanes() {
  const wanted = [place.as, ...(place.with ? [place.with] : [])];
  panes = wanted.map((person, index) => (panes[index]?.person === person ? panes[index] : pane(person, index)));
}

function paintRail() {
  railNode.hidden = !place.as;
  rail(railNode, { place, unread, connection, name: portal?.name });
}

/** Show all people to choose from, when the address of the page names none. */
async function welcome() {
  try {
    const state = await get('state');
    const card = (user) =>
      h(
        'li',
        {},
        h(
          'button',
          { type: 'button', class: 'person-card', on: { click: () => become(0, user.id) } },
          avatar(user, 'large'),
          h('strong', {}, user.name),
          h('span', {}, about(user)),
        ),
      );
    fill(
      root,
      h(
        'section',
        { class: 'welcome' },
        h('h1', {}, state.portal.name),
        h('p', { class: 'soft' }, 'An emulated Bitrix24 portal on this machine. Choose a person to act as.'),
        h('ul', {}, state.users.filter((user) => !user.bot).map(card)),
        h(
          'p',
          { class: 'soft' },
          'To connect a bot: ',
          h('button', { type: 'button', class: 'link', on: { click: () => connect(state) } }, 'first steps, keys and webhooks'),
        ),
      ),
    );
  } catch (problem) {
    toast(problem.message, 'error');
  }
}

/** Open the panel of applications as the administrator. */
function connect({ users }) {
  place = { ...place, as: users.find((user) => user.admin).id, tab: 'bench', panel: 'apps' };
  write(place);
  show([{ type: 'open' }]);
}

function become(index, user) {
  place = { ...place, ...(index ? { with: user } : { as: user }) };
  place.panes = place.panes.map((one, at) => (at === index ? { dialog: null, post: null, entity: null } : one));
  write(place);
  show([{ type: 'open' }]);
}

/** Go to a place: detail is {tab?, panel?, dialog?, post?, type?, id?} for the pane that sent it. */
function go(event) {
  const index = Number(event.target.closest('[data-pane]')?.dataset.pane ?? 0);
  const { tab = place.tab, panel = place.panel, dialog, post, type, id } = event.detail;
  const change = {
    ...(dialog !== undefined && { dialog }),
    ...(post && { post }),
    ...(type && { entity: id ? { type, id } : null }),
  };
  place = { ...place, tab, panel, panes: place.panes.map((one, at) => (at === index ? { ...one, ...change } : one)) };
  write(place);
  show([]);
}

async function split() {
  if (place.with) place = { ...place, with: null };
  else place = { ...place, with: await another(), tab: place.tab === 'bench' ? 'chat' : place.tab };
  write(place);
  show([{ type: 'open' }]);
}

async function another() {
  const { users } = await get('state', { as: place.as });
  return users.find((user) => !user.bot && user.id !== place.as).id;
}

document.addEventListener('go', go);
document.addEventListener('become', (event) => become(event.detail.index, event.detail.user));
document.addEventListener('split', split);
document.addEventListener('unknown-person', ({ detail: { index } }) => {
  place = index ? { ...place, with: null } : { ...place, as: null, with: null };
  write(place, { replace: true });
  show([]);
});
document.addEventListener('state-loaded', ({ detail: { state } }) => {
  portal = state.portal;
  unread = state.chats.reduce((sum, chat) => sum + chat.unread, 0);
  document.title = `${unread ? `(${unread}) ` : ''}${state.me.name} · ${portal.name}`;
  paintRail();
});
window.addEventListener('popstate', () => {
  place = read();
  show([]);
});

listen({
  onChanges: (changes) => show(changes),
  onConnection: (now) => {
    if (now !== connection) {
      connection = now;
      lost.hidden = now === 'open';
      paintRail();
    }
  },
});
show([{ type: 'open' }]);
