/** Draws the choice of recipients of a post: all, departments, groups, people. */

import { fill, h } from './dom.js';

/** Create a list of check boxes that can be opened; codes() returns UA, DR.., SG.., U... */
export function recipients({ state, people }, chosen = ['UA']) {
  const groups = [
    ['Everybody', [['UA', 'All employees']]],
    ['Departments', state.departments.map((one) => [`DR${one.id}`, one.name])],
    ['Groups', state.groups.map((one) => [`SG${one.id}`, one.name])],
    ['People', [...people.values()].filter((user) => !user.bot).map((user) => [`U${user.id}`, user.name])],
  ];
  const names = new Map(groups.flatMap(([, rows]) => rows));
  const summary = h('summary', {});
  const box = h(
    'details',
    { class: 'recipients' },
    summary,
    h(
      'div',
      { class: 'recipient-groups' },
      groups
        .filter(([, rows]) => rows.length)
        .map(([title, rows]) =>
          h(
            'fieldset',
            {},
            h('legend', {}, title),
            rows.map(([code, name]) => option(code, name, chosen)),
          ),
        ),
    ),
  );
  const codes = () => [...box.querySelectorAll('input:checked')].map((input) => input.value);
  const sum = () =>
    fill(
      summary,
      h('span', { class: 'soft' }, 'To '),
      codes()
        .map((code) => names.get(code))
        .join(', ') || 'nobody yet',
    );
  box.addEventListener('change', sum);
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      box.open = false;
      summary.focus();
    }
  });
  sum();
  return { box, codes };
}

const option = (code, name, chosen) =>
  h('label', { class: 'check' }, h('input', { type: 'checkbox', value: code, checked: chosen.includes(code) }), name);
