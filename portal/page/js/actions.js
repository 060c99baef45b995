/** Runs actions that need no bot: PUT, SEND, COPY, CALL, DIALOG. */

import { emit, toast } from './dom.js';

/** Run an action in a conversation; `talk` has put(text) and send(text). */
export async function act({ action, value }, talk, from) {
  const actions = {
    PUT: () => talk.put(value),
    SEND: () => talk.send(value),
    COPY: () => copy(value),
    CALL: () => toast(`A Bitrix24 client would call ${value}. The emulator has no telephone.`),
    DIALOG: () => emit(from, 'go', { tab: 'chat', dialog: value }),
    LIVECHAT: () => toast(`A Bitrix24 client would open the live chat ${value}. The emulator has none.`),
    HELP: () => toast(`A Bitrix24 client would open the help article ${value}. The emulator has none.`),
    APP: () => toast(`A Bitrix24 client would open the application ${value}. The emulator has no application pages.`),
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
