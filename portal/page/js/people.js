/** Draws avatars, and describes people in words. */

import { avatarColor } from './colors.js';
import { h } from './dom.js';
import { icon } from './icons.js';

/** Return the initials of a name, at most two letters. */
export function initials(name) {
  const words = String(name ?? '')
    .split(/[\s\-_.]+/)
    .filter((word) => /\p{L}|\p{N}/u.test(word));
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0] ?? '?'];
  return letters
    .map((word) => [...word].find((sign) => /\p{L}|\p{N}/u.test(sign)) ?? '?')
    .join('')
    .toUpperCase();
}

/** Draw an avatar with initials. who: {id, name, bot?, round?}. size: tiny, small, medium, large. */
export function avatar(who, size = 'medium') {
  const look = who.bot ? 'bot' : who.round === false ? 'square' : '';
  return h(
    'span',
    {
      class: `avatar ${size} ${look}`,
      vars: { '--tint': avatarColor(who.id) },
      data: who.group ? {} : { initials: initials(who.name) }, // drawn by CSS, so screen readers skip it
      'aria-hidden': 'true',
    },
    who.group && icon('people', 18),
  );
}

let known = new Map();

/** Return the name of a person or bot in the last state, or "user" with the number. */
export const nameOf = (id) => known.get(Number(id))?.name ?? `user ${id}`;

/** Return the people and bots of a state by id. */
export function directory(state) {
  known = new Map(state.users.map((user) => [user.id, user]));
  for (const app of state.apps) {
    for (const bot of app.bots) known.set(bot.id, { ...known.get(bot.id), id: bot.id, name: bot.name, bot: true });
  }
  return known;
}

/** Describe a person: position, administrator, extranet user, or bot. */
export function about(user) {
  if (user.bot) return 'Bot';
  const marks = [user.admin && 'administrator', user.extranet && 'extranet user'].filter(Boolean);
  return [user.position, ...marks].filter(Boolean).join(', ');
}
