/** Draws what a post has besides text: gratitude and poll. */

import { avatar } from './people.js';
import { h, labelled } from './dom.js';
import { icon } from './icons.js';

const MEDALS = {
  ...{ thumbsup: 'Thumbs up', gift: 'Gift', cup: 'Cup', money: 'Money', crown: 'Crown' },
  ...{ drink: 'Drink', cake: 'Cake', thefirst: 'First place', flag: 'Flag', star: 'Star' },
  ...{ heart: 'Heart', beer: 'Beer', flowers: 'Flowers', smile: 'Smile' },
};

/** Return the name of a medal; an unknown one is shown as its code. */
export const medalName = (code) => MEDALS[code] ?? code;

/** Return the medals to choose from. */
export const medals = () => Object.entries(MEDALS);

/** Draw a gratitude, or return null without one. */
export function thanks(gratitude) {
  if (!gratitude) return null;
  return h(
    'section',
    { class: 'thanks', 'aria-label': 'Thanks' },
    h('span', { class: 'medal' }, icon('medal', 24)),
    h(
      'div',
      {},
      h('p', { class: 'thanks-medal' }, medalName(gratitude.medal)),
      h(
        'ul',
        {},
        gratitude.people.map((one) => h('li', {}, avatar(one, 'tiny'), one.name)),
      ),
    ),
  );
}

/** Draw a poll. The results are shown after the user has voted. vote(answers) returns a promise of success. */
export function pollForm(poll, vote) {
  if (!poll) return null;
  const name = `poll-${crypto.randomUUID().slice(0, 8)}`;
  const button = h(
    'button',
    { type: 'submit', class: 'button' },
    icon('poll', 16),
    poll.voted ? 'Change my vote' : 'Vote',
  );
  const form = h(
    'form',
    { class: 'poll', 'aria-label': 'Poll' },
    poll.questions.map((question, at) => fieldset(question, `${name}-${at}`, poll)),
    h('div', { class: 'poll-foot' }, button, h('span', { class: 'soft' }, voters(poll))),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    vote(ticked(form));
  });
  const ready = () => {
    button.disabled = !form.querySelector(':checked');
  };
  form.addEventListener('change', ready);
  ready();
  return form;
}

function voters({ voters: count, anonymous }) {
  const words = count === 1 ? '1 person has voted' : `${count || 'Nobody'} ${count ? 'people have' : 'has'} voted`;
  return anonymous ? `${words}, anonymously` : words;
}

function fieldset(question, name, poll) {
  return h(
    'fieldset',
    { data: { name } },
    h('legend', {}, question.text),
    question.answers.map((answer, at) => choice(answer, { at, name, question, poll })),
  );
}

function choice(answer, { at, name, question, poll }) {
  const input = h('input', {
    type: question.many ? 'checkbox' : 'radio',
    name,
    value: String(at),
    checked: answer.mine,
  });
  const label = h('label', { class: 'check' }, input, h('span', {}, answer.text));
  if (!poll.voted) return h('div', { class: 'poll-answer' }, label);
  const share = poll.voters ? Math.round((answer.votes / poll.voters) * 100) : 0;
  const result = h('span', { class: 'poll-share' }, `${answer.votes} \u00b7 ${share} %`);
  return h('div', { class: 'poll-answer shown', vars: { '--share': `${share}%` } }, label, result);
}

function ticked(form) {
  const sets = [...form.querySelectorAll('fieldset')];
  return Object.fromEntries(
    sets.map((set, at) => [at, [...set.querySelectorAll(':checked')].map((input) => Number(input.value))]),
  );
}

/** Draw the number of readers of an important post, and the button to confirm. */
export function readMark(post, confirm) {
  const people = post.readers === 1 ? '1 person has' : `${post.readers} people have`;
  const count = post.readers ? `${people} read it` : 'Nobody has read it yet';
  if (post.read || post.can_edit) return h('span', { class: 'soft read-count' }, post.read && icon('check', 14), count);
  const mark = h('button', { type: 'button', class: 'button small', on: { click: confirm } }, 'I have read it');
  return [h('span', { class: 'soft read-count' }, count), mark];
}

/** Draw the folded parts of the form for a new post: gratitude and poll. */
export function extrasForm({ state }) {
  const medal = h(
    'select',
    { 'aria-label': 'Medal' },
    medals().map(([code, words]) => h('option', { value: code }, words)),
  );
  const whom = h(
    'select',
    { 'aria-label': 'Person to thank' },
    h('option', { value: '' }, 'nobody'),
    state.users.filter((user) => !user.bot).map((user) => h('option', { value: String(user.id) }, user.name)),
  );
  const question = h('input', { type: 'text', autocomplete: 'off' });
  const answers = h('textarea', { rows: '3', placeholder: 'One answer per line' });
  const many = h('input', { type: 'checkbox' });
  const box = h(
    'details',
    { class: 'writer-more' },
    h('summary', {}, 'Add thanks or a poll'),
    h('div', { class: 'rule-form' }, labelled('Thank', whom), labelled('Medal', medal)),
    h('div', { class: 'poll-fields' }, labelled('Question', question), labelled('Answers', answers)),
    h('label', { class: 'check' }, many, 'People may choose several answers'),
  );
  const lines = () => answers.value.split('\n').filter((line) => line.trim());
  const value = () => ({
    ...(whom.value && { gratitude: { medal: medal.value, people: [Number(whom.value)] } }),
    ...(question.value.trim() &&
      lines().length && { poll: { question: question.value.trim(), answers: lines(), many: many.checked } }),
  });
  return { box, value };
}
