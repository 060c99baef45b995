/** Dates and sizes as people read them. */

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const exact = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long' });
const dayYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const shortDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'medium' });
const number = new Intl.NumberFormat(undefined);

const sameDay = (a, b) => a.toDateString() === b.toDateString();

/** A date from what the portal sends: ISO text or seconds since 1970. */
export const toDate = (value) => new Date(typeof value === 'number' ? value * 1000 : value);

/** 14:05 */
export const hour = (value) => clock.format(toDate(value));

/** 14:05:09 */
export const second = (value) => exact.format(toDate(value));

/** Everything, for tooltips. */
export const long = (value) => full.format(toDate(value));

/** "Today", "Yesterday", "3 May", with the year where it differs from the portal's clock. */
export function dayName(value, now) {
  const date = toDate(value);
  const today = toDate(now);
  if (sameDay(date, today)) return 'Today';
  if (sameDay(date, new Date(today.getTime() - 86_400_000))) return 'Yesterday';
  return (date.getFullYear() === today.getFullYear() ? day : dayYear).format(date);
}

/** Short form for lists: 14:05 today, else 3 May. */
export function brief(value, now) {
  return sameDay(toDate(value), toDate(now)) ? hour(value) : shortDay.format(toDate(value));
}

/** "3 May, 14:05", "Today, 14:05". */
export const dayHour = (value, now) => `${dayName(value, now)}, ${hour(value)}`;

/** 60,000 in the reader's own way. */
export const count = (value) => number.format(value);

/** 1.4 MB */
export function bytes(size) {
  const units = ['B', 'KB', 'MB', 'GB'];
  let step = 0;
  let rest = Number(size) || 0;
  while (rest >= 1000 && step < units.length - 1) {
    rest /= 1000;
    step += 1;
  }
  return `${step && rest < 10 ? rest.toFixed(1) : Math.round(rest)} ${units[step]}`;
}

/** What [timestamp=... format=...] asks for. */
export function stamp(seconds, format = '') {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return ''; // beyond the calendar
  if (/^(SHORT_TIME|LONG_TIME)/.test(format)) return (format.startsWith('LONG') ? exact : clock).format(date);
  if (/^(SHORT_DATE|DAY_MONTH|DATE)/.test(format) && !/TIME/.test(format)) return dayYear.format(date);
  return `${dayYear.format(date)}, ${clock.format(date)}`;
}
