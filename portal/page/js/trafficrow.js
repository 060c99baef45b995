/** Describes a call or event in a few words: name, time, result. */

const time = (row) => (typeof row.at === 'number' ? row.at : Date.parse(row.at) / 1000);

/** Compare rows, newest first. */
export const byTime = (a, b) => time(b) - time(a) || b.n - a.n;

/** Format milliseconds. */
export const duration = (row) => (row.ms < 10 ? row.ms.toFixed(1) : String(Math.round(row.ms)));

const failed = (row) => row.status >= 400 || !row.status || Boolean(row.error);

/** Tell whether a row matches a filter: all, call, event, bad. */
export const matches = (row, kind) => kind === 'all' || kind === row.kind || (kind === 'bad' && failed(row));

/** Rate the result of a row: good, odd (refused) or bad (failed). */
export const level = (row) => (!failed(row) ? 'good' : row.status >= 500 || !row.status ? 'bad' : 'odd');

/** Return the name of the method or event. */
export const nameOf = (row) => (row.kind === 'call' ? row.method : row.event);

/** Return the most important values of a request in one line. */
export function brief(row) {
  const flat = (value) =>
    value && typeof value === 'object'
      ? Object.entries(value)
          .filter(([key]) => !/auth|token|client_id/i.test(key))
          .map(([, one]) => flat(one))
          .flat()
      : [String(value)];
  const source = row.kind === 'call' ? row.params : eventWords(row.form);
  if (row.kind === 'event' && row.error) return outcome(row);
  const text = row.error
    ? `${row.error} ${row.error_description ?? ''}`
    : flat(source ?? {})
        .filter(Boolean)
        .join(' · ');
  return text.replace(/\s+/g, ' ').slice(0, 140);
}

/** Describe an event of either generation: its text or its post. */
function eventWords({ data = {} } = {}) {
  const command = data.command ?? Object.values(data.COMMAND ?? {})[0];
  if (command) return [command.command ?? command.COMMAND, command.params ?? command.COMMAND_PARAMS ?? ''];
  const { FIELDS = {}, PARAMS = {} } = data;
  return [data.message?.text ?? PARAMS.MESSAGE ?? FIELDS.POST_ID ?? FIELDS.ID ?? data.chat?.name ?? ''];
}

const LOST = [
  [/^ClientConnector/, 'nothing listens at this address'],
  [/Timeout/, 'no answer within ten seconds'],
  [/^(ServerDisconnected|ClientOSError|ConnectionReset)/, 'the connection was closed without an answer'],
];

/** Describe the result of a delivery. */
export function outcome(row) {
  if (row.status) return row.status < 300 ? `answered ${row.status}` : `refused with ${row.status}`;
  const known = LOST.find(([pattern]) => pattern.test(row.error ?? ''))?.[1];
  return `not delivered to ${row.url}: ${known ?? row.error ?? 'no answer'}`;
}

/** Return the caller, or the address of an event. */
export function who(row, state) {
  if (row.kind === 'event') return host(row.url);
  const { user, app, webhook } = row.who ?? {};
  const name = state.users.find((one) => one.id === user)?.name ?? (user ? `user ${user}` : '');
  const by = state.apps.find((one) => one.client_id === app)?.name ?? app ?? (webhook ? 'webhook' : '');
  return [name, by].filter(Boolean).join(' · ') || (row.fault ? 'not checked' : 'unknown');
}

function host(url) {
  try {
    return new URL(url).host;
  } catch {
    return url ?? 'fetched'; // events of a bot in fetch mode have no address
  }
}
