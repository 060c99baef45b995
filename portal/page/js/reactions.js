/** Draws reactions: their pictures, the chips below a message, and the choice in its menu. */

import { h } from './dom.js';
import { icon } from './icons.js';

const GLYPHS = {
  ...{ redHeart: '\u2764', laugh: '\u{1F606}', wonder: '\u{1F62E}', cry: '\u{1F622}', angry: '\u{1F620}' },
  ...{ dislike: '\u{1F44E}', faceWithTearsOfJoy: '\u{1F602}', neutralFace: '\u{1F610}', fire: '\u{1F525}' },
  ...{ slightlySmilingFace: '\u{1F642}', winkingFace: '\u{1F609}', kiss: '\u{1F618}', poo: '\u{1F4A9}' },
  ...{ slightlyFrowningFace: '\u{1F641}', loudlyCryingFace: '\u{1F62D}', faceWithStuckOutTongue: '\u{1F61B}' },
  ...{ faceWithStuckOutTongueAndWinkingEye: '\u{1F61C}', smilingFaceWithSunglasses: '\u{1F60E}' },
  ...{ confusedFace: '\u{1F615}', flushedFace: '\u{1F633}', thinkingFace: '\u{1F914}' },
  ...{ smilingFaceWithHorns: '\u{1F608}', faceWithThermometer: '\u{1F912}', facepalm: '\u{1F926}' },
  ...{ flexedBiceps: '\u{1F4AA}', clappingHands: '\u{1F44F}', raisedHand: '\u270B', bomb: '\u{1F4A3}' },
  ...{ smilingFaceWithHeartEyes: '\u{1F60D}', smilingFaceWithHearts: '\u{1F970}', pleadingFace: '\u{1F97A}' },
  ...{ relievedFace: '\u{1F60C}', foldedHands: '\u{1F64F}', okHand: '\u{1F44C}', signHorns: '\u{1F918}' },
  ...{ loveYouGesture: '\u{1F91F}', clownFace: '\u{1F921}', partyingFace: '\u{1F973}', questionMark: '\u2753' },
  ...{ exclamationMark: '\u2757', lightBulb: '\u{1F4A1}', sleepingSymbol: '\u{1F4A4}', crossMark: '\u274C' },
  ...{ whiteHeavyCheckMark: '\u2705', eyes: '\u{1F440}', handshake: '\u{1F91D}', hundredPoints: '\u{1F4AF}' },
};

/** The reactions that are offered first. */
export const OFFERED = ['like', 'redHeart', 'laugh', 'wonder', 'cry', 'angry'];

/** Return the name of a reaction as words: "smilingFaceWithHearts" becomes "smiling face with hearts". */
export const reactionName = (name) => name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);

/** Return the picture of a reaction; an unknown one is shown as its name. */
export const glyph = (name, size = 16) =>
  name === 'like' ? icon('like', size) : h('span', { class: 'glyph', 'aria-hidden': 'true' }, GLYPHS[name] ?? name);

/** Draw the chips below a message; pressing one adds or removes the user's reaction. */
export function chips(message, view, react) {
  if (!message.reactions?.length) return null;
  return h(
    'div',
    { class: 'reactions', role: 'group', 'aria-label': 'Reactions' },
    message.reactions.map((one) => chip(one, view, react)),
  );
}

function chip({ reaction, users, mine }, view, react) {
  const names = users.map((id) => view.people?.get(id)?.name ?? 'someone').join(', ');
  return h(
    'button',
    {
      type: 'button',
      class: 'reaction',
      'aria-pressed': String(mine),
      'aria-label': `${reactionName(reaction)}: ${users.length}`,
      title: names,
      on: { click: () => react(reaction, !mine) },
    },
    glyph(reaction),
    h('span', {}, users.length),
  );
}

/** Return the choice of six reactions for the menu of a message, with the user's own marked. */
export function offer(message, react) {
  const mine = message.reactions?.find((one) => one.mine)?.reaction;
  return {
    label: 'React',
    strip: OFFERED.map((name) => ({
      label: reactionName(name),
      node: glyph(name, 20),
      chosen: name === mine,
      do: () => react(name, name !== mine),
    })),
  };
}
