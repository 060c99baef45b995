/** Draws a post of the News Feed, with forms to edit, delete and comment on it. */

import { avatar } from './people.js';
import { fileList } from './attach.js';
import { bb, plain } from './bb.js';
import { dayHour, long } from './time.js';
import { announce, fill, updateList, h, run } from './dom.js';
import { icon } from './icons.js';
import { menu } from './menu.js';
import { post as ask } from './api.js';
import { pollForm, readMark, thanks } from './postextras.js';
import { recipients } from './recipients.js';

/** Create the card of a post; show(post, view) draws it again, but never a form in use. */
export function postCard(pane) {
  const head = h('header', { class: 'post-head' });
  const body = h('div', { class: 'post-body' });
  const extras = h('div', { class: 'post-extras' });
  const comments = h('ul', { class: 'comments', 'aria-label': 'Comments' });
  const reply = commentForm((text) => ask('posts/comment', { as: pane.person, post_id: one.id, text }));
  const element = h('article', { class: 'card post', tabindex: '-1' }, head, body, extras, comments, reply.form);
  let one = null;
  let view = null;
  let editing = false;

  function show(next, nextView) {
    const signature = JSON.stringify([next, nextView.state.portal.now.slice(0, 10)]);
    view = nextView;
    if (element.signature === signature) return;
    element.signature = signature;
    one = next;
    element.setAttribute('aria-label', `${authorOf().name}: ${plain(one.title || one.text).slice(0, 80)}`);
    element.classList.toggle('important', one.important);
    paintHead();
    if (!editing) paintBody();
    paintExtras();
    paintComments();
  }

  const authorOf = () => person(one.author, view);

  function paintHead() {
    const author = authorOf();
    const click = (event) => actions(event.currentTarget);
    fill(
      head,
      avatar(author, 'medium'),
      h(
        'div',
        { class: 'post-who' },
        h('p', {}, h('strong', {}, author.name), icon('reply', 14), audience()),
        h(
          'p',
          { class: 'soft' },
          h('time', { datetime: one.date, title: long(one.date) }, dayHour(one.date, view.state.portal.now)),
          one.edited && ' · edited',
          ` · post ${one.id}`,
        ),
      ),
      one.important && h('span', { class: 'tag important' }, icon('flag', 14), 'Important'),
      one.important && readMark(one, confirm),
      one.can_edit &&
        h(
          'button',
          {
            type: 'button',
            class: 'icon-button',
            'aria-label': 'Post actions',
            'aria-haspopup': 'menu',
            'aria-expanded': 'false',
            on: { click },
          },
          icon('more'),
        ),
    );
  }

  const confirm = () => run(ask('posts/read', { as: pane.person, post_id: one.id }));
  const vote = (answers) => run(ask('posts/vote', { as: pane.person, post_id: one.id, answers }));

  /** Draw gratitude and poll again if they have changed; otherwise a poll keeps its selection. */
  function paintExtras() {
    const signature = JSON.stringify([one.gratitude, one.poll]);
    if (extras.signature === signature) return;
    extras.signature = signature;
    fill(extras, thanks(one.gratitude), pollForm(one.poll, vote));
  }

  function audience() {
    const names = one.dest_names ?? one.dest;
    return h(
      'span',
      { class: 'audience', title: `${names.join(', ')} (${one.dest.join(', ')})` },
      h('span', { class: 'hidden' }, 'to '),
      names.slice(0, 4).map((name) => h('span', { class: 'dest' }, name)),
      names.length > 4 && h('span', { class: 'dest' }, `and ${names.length - 4} more`),
    );
  }

  function paintBody() {
    fill(
      body,
      one.title && one.title !== one.text && h('h3', {}, plain(one.title)),
      h('div', { class: 'post-text', 'data-background': one.background || null }, bb(one.text)),
      fileList(one.files),
      one.tags?.length > 0 &&
        h(
          'p',
          { class: 'tags' },
          one.tags.map((tag) => h('span', {}, `#${tag}`)),
        ),
    );
  }

  function actions(anchor) {
    menu(
      anchor,
      [
        { text: 'Edit', node: icon('edit', 16), do: edit },
        { text: 'Delete', node: icon('trash', 16), danger: true, do: () => confirmDelete() },
      ],
      { label: 'Post actions' },
    );
  }

  function edit() {
    editing = true;
    const title = h('input', {
      type: 'text',
      value: one.title,
      'aria-label': 'Title',
      placeholder: 'Title',
      autocomplete: 'off',
    });
    const text = h('textarea', { rows: '5', value: one.text, 'aria-label': 'Text of the post' });
    const to = recipients(view, one.dest);
    const form = h(
      'form',
      { class: 'post-edit', 'aria-label': 'Edit the post' },
      title,
      text,
      h(
        'div',
        { class: 'writer-foot' },
        to.box,
        h('button', { type: 'button', class: 'button', on: { click: done } }, 'Cancel'),
        h('button', { type: 'submit', class: 'button primary' }, 'Save'),
      ),
    );
    form.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.defaultPrevented) done();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      save(title.value.trim(), text.value.trim(), to.codes());
    });
    fill(body, form);
    text.focus();
  }

  function done() {
    editing = false;
    paintBody();
    head.querySelector('.icon-button')?.focus();
  }

  async function save(title, text, dest) {
    const change = {
      ...(title !== one.title && { title }),
      ...(text !== one.text && { text }),
      ...(dest.join() !== one.dest.join() && { dest }),
    };
    if (!Object.keys(change).length) {
      done();
      return;
    }
    if (await run(ask('posts/edit', { as: pane.person, post_id: one.id, ...change }))) {
      Object.assign(one, change);
      element.signature = '';
      done();
      announce('The post is saved.');
    }
  }

  function confirmDelete() {
    const yes = h('button', { type: 'button', class: 'button alert', on: { click: remove } }, 'Delete');
    const no = h('button', { type: 'button', class: 'button', on: { click: () => bar.remove() } }, 'Keep');
    const bar = h(
      'div',
      { class: 'confirm', role: 'group', 'aria-label': 'Delete this post?' },
      h('p', {}, 'Delete this post with its comments?'),
      no,
      yes,
    );
    head.after(bar);
    yes.focus();
  }

  const remove = () => run(ask('posts/delete', { as: pane.person, post_id: one.id }));

  function paintComments() {
    updateList(comments, one.comments, {
      key: (comment) => comment.id,
      signature: (comment) => JSON.stringify(comment),
      draw: (comment) => commentItem(comment, view),
    });
  }

  return { element, show };
}

/** Return an author, given as an id or as {id, name}. */
export function person(author, view) {
  const id = typeof author === 'object' ? author.id : author;
  return view.people.get(id) ?? { id, name: author?.name ?? `user ${id}` };
}

function commentItem(comment, view) {
  const author = person(comment.author, view);
  return h(
    'li',
    {},
    avatar(author, 'small'),
    h(
      'div',
      {},
      h(
        'p',
        { class: 'comment-head' },
        h('strong', {}, author.name),
        h('time', { class: 'soft', datetime: comment.date }, dayHour(comment.date, view.state.portal.now)),
      ),
      comment.text && h('div', { class: 'comment-text' }, bb(comment.text)),
      fileList(comment.files),
      comment.shared?.length > 0 && h('p', { class: 'soft' }, `Shared with ${comment.shared.join(', ')}`),
    ),
  );
}

/** Create a line to write a comment; send(text) returns a promise. */
export function commentForm(send) {
  const field = h('input', {
    type: 'text',
    placeholder: 'Write a comment',
    'aria-label': 'Write a comment',
    autocomplete: 'off',
  });
  const form = h(
    'form',
    { class: 'comment-form' },
    field,
    h('button', { type: 'submit', class: 'icon-button', 'aria-label': 'Send the comment' }, icon('send', 18)),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (text && (await run(send(text)))) field.value = '';
  });
  return { form };
}
