/** Calls the control API of the portal: JSON requests and the stream of changes. */

/** The portal refused a request; the message is its sentence. */
export class RequestRefused extends Error {
  constructor(message, { status = 0, cause } = {}) {
    super(message, { cause });
    this.status = status;
  }
}

async function answer(response) {
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  throw new RequestRefused(body?.error ?? `The portal answered ${response.status}.`, {
    status: response.status,
  });
}

/** Read a path below /-/ with query parameters. */
export async function get(path, params = {}) {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== undefined));
  return answer(await reach(`/-/${path}?${query}`, {}));
}

/** Read the recorded session as the text of a pytest file. */
export async function recorded() {
  const response = await reach('/-/recording', {});
  if (!response.ok) return answer(response);
  return response.text();
}

/** Run a command below /-/ with a JSON body. */
export async function post(path, body = {}) {
  const headers = { 'Content-Type': 'application/json' };
  return answer(await reach(`/-/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }));
}

async function reach(url, options) {
  try {
    return await fetch(url, options);
  } catch (cause) {
    throw new RequestRefused('The portal cannot be reached. Is it still running?', { cause });
  }
}

/** Call onChanges with groups of changes, and onLine with the state of the connection: "open" or "lost". */
export function listen({ onChanges, onLine }) {
  const stream = new EventSource('/-/stream');
  let waiting = [];
  let broken = false;
  const hand = () => {
    const bundle = waiting;
    waiting = [];
    onChanges(bundle);
  };
  stream.onmessage = (event) => {
    if (waiting.push(JSON.parse(event.data)) === 1) setTimeout(hand, 40);
  };
  stream.onerror = () => {
    broken = true;
    onLine('lost');
  };
  stream.onopen = () => {
    onLine('open');
    if (broken) onChanges([{ type: 'back' }]);
    broken = false;
  };
}

/** Keep only the newest of overlapping requests, because an old answer must not overwrite a newer one. */
export function newest() {
  let turn = 0;
  return async (promise) => {
    const mine = ++turn;
    const value = await promise;
    return mine === turn ? value : null;
  };
}
