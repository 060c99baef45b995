/** Checks the colours in messages, and chooses readable text colours for them. */

const HEX = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i;

/** Return the colour if it is #rgb or #rrggbb, else null. */
export const hex = (value) => (typeof value === 'string' && HEX.test(value.trim()) ? value.trim() : null);

function channels(color) {
  const digits = color.slice(1);
  const wide = digits.length === 3 ? [...digits].map((c) => c + c).join('') : digits;
  return [0, 2, 4].map((at) => parseInt(wide.slice(at, at + 2), 16) / 255);
}

function luminance(color) {
  const [r, g, b] = channels(color).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Return the more readable text colour on a background, dark or white (WCAG relative luminance). */
export function textColorOn(color) {
  const light = luminance(color);
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? '#ffffff' : '#15202b';
}

/** Return one of the four tokens of Bitrix24; any other value becomes "base". */
export const token = (value) => (['primary', 'secondary', 'alert', 'base'].includes(value) ? value : 'base');

const AVATARS = ['#1d6fc4', '#0f7a6c', '#8a4fbf', '#b3541e', '#2f7d32', '#b0306a', '#4a5fb8', '#8a6210'];

/** Return the avatar colour of an id; all are dark enough for white letters. */
export const avatarColor = (id) => AVATARS[Math.abs(Number(String(id).replace(/\D/g, '')) || 0) % AVATARS.length];
