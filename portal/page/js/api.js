/** Calls the control API of the portal: JSON requests and the stream of changes. */

/** A request that the portal has refused; the message is the error text of the portal. */
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
  return answer(await request(`/-/${path}?${query}`, {}));
}

/** Read the recorded session as the text of a pytest file. */
export async function getRecording() {
  const response = await request('/-/recording', {});
  if (!response.ok) return answer(response);
  return response.text();
}

/** Run a command below /-/ with a JSON body. */
export async function post(path, body = {}) {
  const headers = { 'Content-Type': 'application/json' };
  return answer(await request(`/-/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }));
}

async function request(url, options) {
  try {
    return await fetch(url, options);
  } catch (cause) {
    throw new RequestRefused('The portal cannot be reached. Is it still running?', { cause });
  }
}

/** Call onChanges with groups of changes, and onConnection with the state of the connection: "open" or "lost". */
export function listen({ onChanges, onConnection }) {
  const stream = new EventSource('/-/stream');
  let waiting = [];
  let broken = false;
  const deliver = () => {
    const group = waiting;
    waiting = [];
    onChanges(group);
  };
  stream.onmessage = (event) => {
    if (waiting.push(JSON.parse(event.data)) === 1) setTimeout(deliver, 40);
  };
  stream.onerror = () => {
    broken = true;
    onConnection('lost');
  };
  stream.onopen = () => {
    onConnection('open');
    if (broken) onChanges([{ type: 'back' }]);
    broken = false;
  };
}

/** Return a function that returns null for the answers of all requests but the newest. An old answer must not replace a newer one. */
export function newest() {
  let last = 0;
  return async (promise) => {
    const own = ++last;
    const value = await promise;
    return own === last ? value : null;
  };
}
