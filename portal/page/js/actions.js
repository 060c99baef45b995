/** Does what a client-side action asks for: PUT, SEND, COPY, CALL, DIALOG. */

import { tell, toast } from './dom.js';

/** Do an action inside a conversation; talk has put(text) and send(text). */
export async function act({ action, value }, talk, from) {
  const deeds = {
    PUT: () => talk.put(value),
    SEND: () => talk.send(value),
    COPY: () => copy(value),
    CALL: () => toast(`Calling ${value} (this portal has no telephone)`),
    DIALOG: () => tell(from, 'go', { tab: 'chat', dialog: value }),
    LIVECHAT: () => toast(`Opens the live chat ${value} (not part of this portal)`),
    HELP: () => toast(`Opens the help article ${value} (not part of this portal)`),
    APP: () => toast(`Opens the application ${value} (this portal has no application pages)`),
  };
  await (deeds[action] ?? (() => toast(`Nothing is known about the action ${action}.`, 'error')))();
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`Copied: ${text}`);
  } catch {
    toast(`The browser keeps its clipboard closed. The text is: ${text}`, 'error');
  }
}
