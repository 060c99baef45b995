/** Draws the News Feed tab: the form for a new post, and the posts that a person may see. */

import { avatar } from './people.js';
import { count } from './time.js';
import { fill, h, toast } from './dom.js';
import { get, newest, post } from './api.js';
import { extrasForm } from './postextras.js';
import { postCard } from './post.js';
import { recipients } from './recipients.js';

const STEP = 20;

/** Create the tab; show(view) loads again when the feed has changed. */
export function feedTab(pane) {
  const list = h('div', { class: 'posts' });
  const form = h('div', {});
  const head = h('header', { class: 'page-head' });
  const empty = h('p', { class: 'empty', hidden: true }, 'Nothing here yet. Write the first post.');
  const older = h('button', { type: 'button', class: 'button older', hidden: true, on: { click: showOlder } });
  const column = h('div', { class: 'column' }, form, list, older, empty);
  const element = h('section', { class: 'page', 'aria-label': 'News Feed' }, head, column);
  const latest = newest();
  const cards = new Map();
  let view = null;
  let loaded = false;
  let scrolledTo = null;
  let limit = STEP;

  async function show(next) {
    const first = !view;
    view = next;
    if (first) {
      fill(head, h('h2', {}, 'News Feed'), pane.personButton());
      fill(form, postForm(view, pane));
    }
    const concerns = next.changes.some((change) => ['feed', 'reset', 'back', 'open'].includes(change.type));
    if (!loaded || concerns || (view.post && view.post !== scrolledTo)) await load();
    scrollToPost();
  }

  async function load() {
    try {
      const asked = { as: pane.person, limit, post: view.post ?? undefined };
      const answer = await latest(get('feed', asked));
      if (answer) paint(answer);
    } catch (problem) {
      toast(problem.message, 'error');
    }
  }

  /** Load twenty more posts, and move the keyboard focus to the first of them when the button disappears. */
  async function showOlder() {
    const first = list.children.length;
    limit += STEP;
    await load();
    if (older.hidden) list.children[first]?.focus({ preventScroll: true });
  }

  function paint({ posts: newest, asked, more }) {
    const posts = asked ? [asked, ...newest] : newest;
    loaded = true;
    older.hidden = !more;
    fill(older, `Show older posts (${count(more)})`);
    empty.hidden = posts.length > 0;
    const present = new Set(posts.map((one) => one.id));
    for (const [id, card] of cards)
      if (!present.has(id)) {
        card.element.remove();
        cards.delete(id);
      }
    posts.forEach((one, index) => {
      if (!cards.has(one.id)) cards.set(one.id, postCard(pane));
      const card = cards.get(one.id);
      card.show(one, view);
      if (list.children[index] !== card.element) list.insertBefore(card.element, list.children[index] ?? null);
    });
  }

  /** Scroll to the requested post, once. */
  function scrollToPost() {
    if (!loaded || !view.post || scrolledTo === view.post) return;
    scrolledTo = view.post;
    const card = cards.get(view.post);
    if (!card) {
      toast(`Post ${view.post} does not exist, or ${view.state.me.name} may not see it.`);
      return;
    }
    card.element.scrollIntoView({ block: 'start' });
    card.element.focus({ preventScroll: true });
  }

  return { element, show };
}

function greeting({ name }) {
  const first = name.split(' ')[0];
  return first.length > 16 ? 'What is new?' : `What is new, ${first}?`;
}

/** Create the form for a new post; it is small until it gets the focus. */
function postForm(view, pane) {
  const title = h('input', {
    type: 'text',
    class: 'post-title-field',
    placeholder: 'Title (optional)',
    'aria-label': 'Title',
    autocomplete: 'off',
  });
  const text = h('textarea', {
    rows: '2',
    placeholder: greeting(view.state.me),
    'aria-label': 'Text of the post',
  });
  const important = h('input', { type: 'checkbox' });
  const extras = extrasForm(view);
  const to = recipients(view);
  const send = h('button', { type: 'submit', class: 'button primary' }, 'Publish');
  const form = h(
    'form',
    { class: 'card writer', 'aria-label': 'New post' },
    h(
      'div',
      { class: 'writer-main' },
      avatar(view.state.me, 'medium'),
      h('div', { class: 'writer-fields' }, title, text),
    ),
    extras.box,
    h('div', { class: 'writer-foot' }, to.box, h('label', { class: 'check' }, important, 'Important'), send),
  );
  form.addEventListener('focusin', () => form.classList.add('open'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    publish();
  });

  async function publish() {
    if (!text.value.trim() && !title.value.trim()) {
      text.focus();
      return;
    }
    send.disabled = true;
    try {
      await post('posts', {
        as: pane.person,
        text: text.value.trim(),
        dest: to.codes(),
        important: important.checked,
        ...extras.value(),
        ...(title.value.trim() ? { title: title.value.trim() } : {}),
      });
      fill(form.parentNode, postForm(view, pane));
    } catch (problem) {
      toast(problem.message, 'error');
      send.disabled = false;
    }
  }

  return form;
}
