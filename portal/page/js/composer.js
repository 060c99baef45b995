/** Draws the input of a conversation: text, palette of commands, reply and edit. Enter sends. */

import { fill, h } from './dom.js';
import { icon } from './icons.js';
import { palette } from './palette.js';
import { summary } from './message.js';

const MAX_HEIGHT = 180; // px; a longer text scrolls inside the field

/** Create a composer; send({text, replyTo, editing}) and upload(files, text) return promises of success. */
export function composer({ send, upload, label }) {
  const field = h('textarea', {
    class: 'compose-field',
    rows: '1',
    'aria-label': label ?? 'Message',
    placeholder: 'Message or /command',
    autocomplete: 'off',
    maxlength: '20000',
  });
  const button = h(
    'button',
    { type: 'submit', class: 'send-button', 'aria-label': 'Send', title: 'Send (Enter)' },
    icon('send'),
  );
  const picker = h('input', { type: 'file', multiple: true, hidden: true, 'aria-label': 'Files' });
  const clip = h(
    'button',
    {
      type: 'button',
      class: 'icon-button clip-button',
      'aria-label': 'Attach files',
      title: 'Attach files, or drop them here',
      on: { click: () => picker.click() },
    },
    icon('clip'),
  );
  const about = h('div', { class: 'compose-about', hidden: true });
  const menu = palette(field, (command) => put(`/${command.command.replace(/^\//, '')} `));
  const form = h(
    'form',
    { class: 'composer' },
    menu.box,
    menu.hint,
    about,
    h('div', { class: 'compose-row' }, field, clip, picker, button),
  );
  let commands = [];
  let subject = null; // {kind: "reply" | "edit", message}

  picker.addEventListener('change', async () => {
    await attach(picker.files);
    picker.value = '';
  });
  field.addEventListener('input', changed);
  field.addEventListener('blur', () => menu.hide());
  field.addEventListener('keydown', keys);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });

  function changed() {
    field.style.setProperty('height', 'auto');
    field.style.setProperty('height', `${Math.min(MAX_HEIGHT, field.scrollHeight)}px`);
    button.disabled = !field.value.trim();
    menu.show(commands);
  }

  function keys(event) {
    if (menu.key(event)) {
      event.preventDefault();
      return;
    }
    if (event.key === 'Escape' && subject) {
      event.preventDefault();
      setSubject(null);
      return;
    }
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  }

  async function submit() {
    const text = field.value.trim();
    if (!text || form.classList.contains('busy')) return;
    const topic = subject;
    form.classList.add('busy');
    const sent = await send({
      text,
      replyTo: topic?.kind === 'reply' ? topic.message.id : undefined,
      editing: topic?.kind === 'edit' ? topic.message.id : undefined,
    });
    if (sent && field.value.trim() === text) field.value = '';
    if (sent) setSubject(null);
    form.classList.remove('busy');
    changed();
  }

  /** Send files at once, with the current text of the field. */
  async function attach(files) {
    const text = subject ? '' : field.value.trim();
    if (!files.length || form.classList.contains('busy')) return;
    form.classList.add('busy');
    try {
      if ((await upload(files, text)) && text && field.value.trim() === text) field.value = '';
    } finally {
      form.classList.remove('busy');
      changed();
      field.focus({ preventScroll: true });
    }
  }

  function put(text) {
    field.value = text;
    changed();
    field.focus();
    field.setSelectionRange(text.length, text.length);
  }

  function setSubject(next) {
    if (subject?.kind === 'edit' && !next) field.value = '';
    subject = next;
    about.hidden = !next;
    if (!next) {
      changed();
      return;
    }
    const cancel = h(
      'button',
      {
        type: 'button',
        class: 'icon-button',
        'aria-label': 'Cancel',
        on: {
          click: () => {
            setSubject(null);
            field.focus();
          },
        },
      },
      icon('close', 16),
    );
    const words = next.kind === 'edit' ? 'Editing your message' : `Reply to ${next.message.author.name}`;
    fill(
      about,
      icon(next.kind === 'edit' ? 'edit' : 'reply', 16),
      h('p', {}, h('strong', {}, words), h('span', {}, summary(next.message))),
      cancel,
    );
    if (next.kind === 'edit') put(next.message.text);
    else field.focus();
  }

  changed();
  return {
    form,
    put,
    attach,
    focus: () => field.focus({ preventScroll: true }),
    commands: (list) => {
      const first = !commands.length;
      commands = list;
      if (first && document.activeElement === field) menu.show(commands); // the user has typed before the commands arrived
    },
    reply: (message) => setSubject({ kind: 'reply', message }),
    edit: (message) => setSubject({ kind: 'edit', message }),
  };
}
