/** Formats dates and sizes for readers. */

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const exact = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long' });
const dayYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const shortDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'medium' });
const number = new Intl.NumberFormat(undefined);

const sameDay = (a, b) => a.toDateString() === b.toDateString();

/** Return a date from ISO text or seconds since 1970. */
export const toDate = (value) => new Date(typeof value === 'number' ? value * 1000 : value);

/** Format a time like 14:05. */
export const hour = (value) => clock.format(toDate(value));

/** Format a time like 14:05:09. */
export const second = (value) => exact.format(toDate(value));

/** Format a complete date and time, for tooltips. */
export const long = (value) => full.format(toDate(value));

/** Format a day: "Today", "Yesterday", "3 May", with the year if it differs from the portal's clock. */
export function dayName(value, now) {
  const date = toDate(value);
  const today = toDate(now);
  if (sameDay(date, today)) return 'Today';
  if (sameDay(date, new Date(today.getTime() - 86_400_000))) return 'Yesterday';
  return (date.getFullYear() === today.getFullYear() ? day : dayYear).format(date);
}

/** Format a time for lists: 14:05 today, else 3 May. */
export function brief(value, now) {
  return sameDay(toDate(value), toDate(now)) ? hour(value) : shortDay.format(toDate(value));
}

/** Format "3 May, 14:05" or "Today, 14:05". */
export const dayHour = (value, now) => `${dayName(value, now)}, ${hour(value)}`;

/** Format a number like 60,000 in the locale of the reader. */
export const count = (value) => number.format(value);

/** Format a size like 1.4 MB. */
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

/** Format the time of [timestamp=... format=...]. */
export function stamp(seconds, format = '') {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return ''; // outside of the range of dates
  if (/^(SHORT_TIME|LONG_TIME)/.test(format)) return (format.startsWith('LONG') ? exact : clock).format(date);
  if (/^(SHORT_DATE|DAY_MONTH|DATE)/.test(format) && !/TIME/.test(format)) return dayYear.format(date);
  return `${dayYear.format(date)}, ${clock.format(date)}`;
}
