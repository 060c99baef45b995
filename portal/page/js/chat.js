/** The chat tab of one person: the list beside the conversation. */

import { chatList } from './chatlist.js';
import { conversation } from './conversation.js';
import { h, emit } from './dom.js';
import { newChat } from './newchat.js';
import { icon } from './icons.js';

/** Create the tab; show(view) with view {state, people, dialog, changes} repaints what changed. */
export function chatTab(seat) {
  const body = h('div', { class: 'chat-tab' });
  const go = (dialog) => emit(body, 'go', { tab: 'chat', dialog });
  const list = chatList({ open: go, create: () => newChat(seat.view(), go), seat });
  const nothing = h('section', { class: 'nothing' }, icon('chat', 40), h('p', {}, 'Choose a chat to read and write.'));
  let talk = null;
  body.append(list.column, nothing);

  function show(view) {
    list.show(view);
    body.classList.toggle('inside', Boolean(view.dialog));
    if (talk?.dialog !== (view.dialog ?? undefined)) turn(view);
    talk?.show(view);
  }

  function turn(view) {
    talk?.element.remove();
    talk = view.dialog ? conversation(seat, view.dialog) : null;
    nothing.hidden = Boolean(talk);
    if (talk) body.append(talk.element);
    if (talk && seat.main && matchMedia('(pointer: fine)').matches) talk.focus();
  }

  return { element: body, show };
}
