/** Runs client-side actions: PUT, SEND, COPY, CALL, DIALOG. */

import { emit, toast } from './dom.js';

/** Run an action in a conversation; `talk` has put(text) and send(text). */
export async function act({ action, value }, talk, from) {
  const actions = {
    PUT: () => talk.put(value),
    SEND: () => talk.send(value),
    COPY: () => copy(value),
    CALL: () => toast(`Calling ${value} (this portal has no telephone)`),
    DIALOG: () => emit(from, 'go', { tab: 'chat', dialog: value }),
    LIVECHAT: () => toast(`Opens the live chat ${value} (not part of this portal)`),
    HELP: () => toast(`Opens the help article ${value} (not part of this portal)`),
    APP: () => toast(`Opens the application ${value} (this portal has no application pages)`),
  };
  await (actions[action] ?? (() => toast(`Unknown action: ${action}.`, 'error')))();
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`Copied: ${text}`);
  } catch {
    toast(`The browser does not allow access to the clipboard. The text is: ${text}`, 'error');
  }
}
