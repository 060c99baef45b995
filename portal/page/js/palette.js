/** Draws the palette of slash commands above the input: "/" opens it, arrows select, Enter or Tab inserts. */

import { fill, h } from './dom.js';

/** Return the commands whose name begins with the typed text. */
export function matching(commands, typed) {
  const word = /^\/(\S*)$/.exec(typed)?.[1].toLowerCase();
  if (word === undefined) return [];
  return commands.filter((command) => commandName(command).startsWith(word));
}

const commandName = (command) => command.command.replace(/^\//, '').toLowerCase();

/** Return the command that a text names completely, to show its parameters. */
export function typedCommand(commands, typed) {
  const word = /^\/(\S+)\s/.exec(typed)?.[1].toLowerCase();
  return word === undefined ? undefined : commands.find((command) => commandName(command) === word);
}

/** Create a palette for a text field; choose(command) is called with the selected command. */
export function palette(field, choose) {
  const id = `palette-${crypto.randomUUID().slice(0, 8)}`;
  const box = h('div', { class: 'palette', id, role: 'listbox', 'aria-label': 'Commands' });
  const hint = h('p', { class: 'palette-hint' });
  let found = [];
  let at = 0;
  let dismissed = '';

  field.setAttribute('aria-autocomplete', 'list');
  field.setAttribute('aria-controls', id);
  box.hidden = true;
  hint.hidden = true;

  function show(commands) {
    found = dismissed === field.value ? [] : matching(commands, field.value);
    if (dismissed !== field.value) dismissed = '';
    at = 0;
    box.hidden = !found.length;
    fill(box, found.map(option));
    markSelected();
    const command = typedCommand(commands, field.value);
    hint.hidden = !command;
    if (command) fill(hint, h('code', {}, usage(command)), h('span', {}, command.title));
  }

  function option(command, index) {
    const on = { pointerdown: (event) => event.preventDefault(), click: () => take(index) };
    return h(
      'div',
      { class: 'palette-item', id: `${id}-${index}`, role: 'option', 'aria-selected': 'false', on },
      h('span', { class: 'palette-name' }, `/${commandName(command)}`),
      command.params && h('span', { class: 'palette-params' }, command.params),
      h('span', { class: 'palette-title' }, command.title || 'hidden command'),
    );
  }

  function markSelected() {
    [...box.children].forEach((item, index) => item.setAttribute('aria-selected', String(index === at)));
    const current = box.hidden ? null : box.children[at];
    if (current) field.setAttribute('aria-activedescendant', current.id);
    else field.removeAttribute('aria-activedescendant');
    current?.scrollIntoView({ block: 'nearest' });
  }

  function take(index) {
    const command = found[index];
    hide();
    choose(command);
  }

  function hide() {
    box.hidden = true;
    found = [];
    markSelected();
  }

  /** Handle a key of the field; return true when the palette has used it. */
  function key(event) {
    if (box.hidden || event.isComposing) return false;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      at = (at + steps[event.key] + found.length) % found.length;
      markSelected();
      return true;
    }
    if (event.key === 'Escape') {
      dismissed = field.value;
      hide();
      return true;
    }
    // A command typed in full is sent: its parameters may be optional, and Tab still completes.
    if (event.key === 'Enter' && field.value === `/${commandName(found[at])}`) {
      hide();
      return false;
    }
    if (event.key === 'Enter' || event.key === 'Tab') {
      take(at);
      return true;
    }
    return false;
  }

  return { box, hint, show, hide, key };
}

const usage = (command) => `/${commandName(command)} ${command.params ?? ''}`.trim();
