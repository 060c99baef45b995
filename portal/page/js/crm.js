/** Draws the CRM tab: deals, leads, contacts and companies, with the timeline of a card. */

import { avatar } from './people.js';
import { bb } from './bb.js';
import { dayHour, long } from './time.js';
import { fill, updateList, h, emit, toast } from './dom.js';
import { get, newest, post } from './api.js';
import { icon } from './icons.js';
import { commentForm, person } from './post.js';

const KINDS = { lead: 'Leads', deal: 'Deals', contact: 'Contacts', company: 'Companies' };
const MARKS = { comment: 'comment', feed: 'feed' };

/** Create the tab; show(view) shows the card view.entity {type, id}, or no card for null. */
export function crmTab(pane) {
  const list = h('nav', { class: 'list-column', 'aria-label': 'CRM cards' });
  const items = h('ol', { class: 'timeline' });
  const head = h('header', { class: 'talk-head' });
  const nothing = h('p', { class: 'empty' });
  const unchosen = h('section', { class: 'nothing' });
  const reply = commentForm((text) => post('timeline/comment', { as: pane.person, ...entity, text }));
  let entity = null;
  const detail = h(
    'section',
    { class: 'talk', 'aria-label': 'Timeline' },
    head,
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Timeline entries' },
      h('div', { class: 'card timeline-writer' }, reply.form),
      items,
      nothing,
    ),
  );
  const element = h('div', { class: 'chat-tab crm-tab' }, list, unchosen, detail);
  const latest = newest();

  async function show(view) {
    element.classList.toggle('inside', Boolean(view.entity));
    paintList(view);
    entity = view.entity;
    detail.hidden = !entity;
    unchosen.hidden = Boolean(entity);
    if (!entity) {
      fill(unchosen, icon('crm', 40), h('p', {}, 'Choose a card to see its timeline.'));
      return;
    }
    try {
      const answer = await latest(get('timeline', { as: pane.person, ...view.entity }));
      if (answer) paintTimeline(answer, view);
    } catch (problem) {
      toast(problem.message, 'error');
      emit(list, 'go', { tab: 'crm', type: entity.type, id: null });
    }
  }

  function paintList(view) {
    const signature = JSON.stringify([view.state.crm, view.entity]);
    if (list.signature === signature) return;
    list.signature = signature;
    const kinds = Object.keys(KINDS).filter((kind) => view.state.crm.some((card) => card.type === kind));
    fill(
      list,
      h('header', { class: 'list-head' }, h('h2', {}, 'CRM'), pane.personButton()),
      kinds.map((kind) => [
        h('h3', { class: 'list-kind' }, KINDS[kind]),
        h(
          'ul',
          { class: 'chat-list' },
          view.state.crm.filter((card) => card.type === kind).map((card) => entry(card, view)),
        ),
      ]),
      !kinds.length && h('p', { class: 'empty small' }, 'This person has no access to the CRM.'),
    );
  }

  function entry(card, { entity }) {
    const current = entity?.type === card.type && entity.id === card.id;
    const on = { click: () => emit(list, 'go', { tab: 'crm', type: card.type, id: card.id }) };
    return h(
      'li',
      {},
      h(
        'button',
        { type: 'button', class: 'chat-entry plain', 'aria-current': current ? 'true' : null, on },
        h('span', { class: `crm-mark ${card.type}`, 'aria-hidden': 'true' }, card.type[0].toUpperCase()),
        h('span', { class: 'chat-title' }, card.title),
        h('span', { class: 'chat-last' }, [`${card.type} ${card.id}`, card.stage, card.amount].filter(Boolean).join(' · ')),
      ),
    );
  }

  function paintTimeline({ entity, items: rows }, view) {
    const back = h(
      'button',
      {
        type: 'button',
        class: 'icon-button back',
        'aria-label': 'Back to the cards',
        on: { click: () => emit(head, 'go', { tab: 'crm', type: entity.type, id: null }) },
      },
      icon('back'),
    );
    fill(
      head,
      back,
      h('span', { class: `crm-mark ${entity.type}`, 'aria-hidden': 'true' }, entity.type[0].toUpperCase()),
      h('div', { class: 'talk-name' }, h('h2', {}, entity.title), h('p', {}, about(entity, view))),
      pane.personButton(),
    );
    nothing.hidden = rows.length > 0;
    fill(nothing, 'Nothing in this timeline yet.');
    updateList(items, rows, {
      key: (row) => `${row.kind} ${row.id}`,
      signature: (row) => JSON.stringify([row, view.state.portal.now.slice(0, 10)]),
      draw: (row) => timelineItem(row, view),
    });
  }

  return { element, show };
}

/** Name the kind, number, stage, amount and responsible person of a card. */
function about(card, view) {
  const responsible = view.state.users.find((user) => user.id === card.responsible);
  return [`${card.type} ${card.id}`, card.stage, card.amount, responsible?.name].filter(Boolean).join(' · ');
}

function timelineItem(row, view) {
  const author = person(row.author, view);
  return h(
    'li',
    {},
    h('span', { class: 'timeline-mark' }, icon(MARKS[row.kind] ?? 'comment', 16)),
    h(
      'article',
      { class: 'card' },
      h(
        'p',
        { class: 'comment-head' },
        avatar(author, 'tiny'),
        h('strong', {}, author.name),
        h('span', { class: 'tag' }, row.kind === 'feed' ? 'feed message' : 'comment'),
        h(
          'time',
          { class: 'soft', datetime: row.date, title: long(row.date) },
          dayHour(row.date, view.state.portal.now),
        ),
      ),
      row.title && h('h3', {}, row.title),
      h('div', { class: 'comment-text' }, bb(row.text)),
      row.files.length > 0 && h('p', { class: 'soft small' }, `Files: ${row.files.join(', ')}`),
      row.to.length > 0 && h('p', { class: 'soft small' }, `For: ${row.to.join(', ')}`),
    ),
  );
}
