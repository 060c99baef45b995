/** Draws the chat tab of one person: the list of chats beside the conversation. */

import { chatList } from './chatlist.js';
import { conversation } from './conversation.js';
import { h, emit } from './dom.js';
import { newChat } from './newchat.js';
import { icon } from './icons.js';

/** Create the tab; show(view) draws the changes of a view {state, people, dialog, changes}. */
export function chatTab(pane) {
  const body = h('div', { class: 'chat-tab' });
  const go = (dialog) => emit(body, 'go', { tab: 'chat', dialog });
  const list = chatList({ open: go, create: () => newChat(pane.view(), go), pane });
  const nothing = h('section', { class: 'nothing' }, icon('chat', 40), h('p', {}, 'Choose a chat to read and write.'));
  let talk = null;
  body.append(list.column, nothing);

  function show(view) {
    list.show(view);
    body.classList.toggle('inside', Boolean(view.dialog));
    if (talk?.dialog !== (view.dialog ?? undefined)) changeDialog(view);
    talk?.show(view);
  }

  function changeDialog(view) {
    talk?.element.remove();
    talk = view.dialog ? conversation(pane, view.dialog) : null;
    nothing.hidden = Boolean(talk);
    if (talk) body.append(talk.element);
    if (talk && pane.main && matchMedia('(pointer: fine)').matches) talk.focus();
  }

  return { element: body, show };
}
