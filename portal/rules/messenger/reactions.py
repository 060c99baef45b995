"""Reactions to messages, at most one per person (reference: E2, E4).

Bots of the second generation get events about reactions.
"""

from portal.engine.core import Actor, Portal
from portal.events import im_v2, imbot_v2
from portal.rules.messenger import messages
from portal.world.bots import Bot
from portal.world.messenger import LIKE, Chat, Message

REACTIONS = frozenset(
    (
        LIKE,
        *("dislike", "faceWithTearsOfJoy", "redHeart", "neutralFace", "fire", "cry", "slightlySmilingFace"),
        *("winkingFace", "laugh", "kiss", "wonder", "slightlyFrowningFace", "loudlyCryingFace"),
        *("faceWithStuckOutTongue", "faceWithStuckOutTongueAndWinkingEye", "smilingFaceWithSunglasses"),
        *("confusedFace", "flushedFace", "thinkingFace", "angry", "smilingFaceWithHorns", "faceWithThermometer"),
        *("facepalm", "poo", "flexedBiceps", "clappingHands", "raisedHand", "smilingFaceWithHeartEyes"),
        *("smilingFaceWithHearts", "pleadingFace", "relievedFace", "foldedHands", "okHand", "signHorns"),
        *("loveYouGesture", "clownFace", "partyingFace", "questionMark", "exclamationMark", "lightBulb", "bomb"),
        *("sleepingSymbol", "crossMark", "whiteHeavyCheckMark", "eyes", "handshake", "hundredPoints"),
    )
)
"""All reactions of the messenger."""


def react(portal: Portal, message: Message, actor: Actor, *, reaction: str, on: bool) -> bool:
    """Set a reaction of the actor to a message, or with on=False remove it; return False when nothing changed.

    A new reaction replaces the earlier one of the same user.
    """
    before = dict(message.reactions).get(actor.user)
    if (before == reaction) == on:
        return False
    others = tuple(pair for pair in message.reactions if pair[0] != actor.user)
    new = messages.replace_objects(portal, message, reactions=(*others, (actor.user, reaction)) if on else others)
    # A user has one reaction, so bots first get the removal of the earlier one.
    if on and before is not None:
        _send_events(portal, new, actor, reaction=before, added=False)
    _send_events(portal, new, actor, reaction=reaction, added=on)
    return True


def like(portal: Portal, message: Message, actor: Actor, *, wanted: bool | None) -> bool:
    """Like a message (`wanted` true), remove the like (false), or switch it (None).

    Return False when nothing changed.
    """
    on = actor.user not in message.likes if wanted is None else wanted
    return react(portal, message, actor, reaction=LIKE, on=on)


def _send_events(portal: Portal, message: Message, actor: Actor, *, reaction: str, added: bool) -> None:
    """Send events about a reaction to subscribed people, and to bots when a person has reacted."""
    im_v2.reacted(portal, message, reaction=reaction, added=added, user=actor.user)
    bots, chat = portal.world.bots.bots, portal.world.messenger.chats[message.chat]
    if actor.user in bots:
        return
    for bot in (bots[member] for member in chat.members if member in bots):
        if bot.api == "v2" and bot.reactions and _gets_reaction(chat, message, bot):
            imbot_v2.reacted(portal, bot, message, reaction=reaction, added=added, actor=actor)


def _gets_reaction(chat: Chat, message: Message, bot: Bot) -> bool:
    """Tell whether a bot gets events about reactions to a message.

    These are reactions to its own messages and in its private dialogs; some bots get events about all messages.
    """
    return message.author == bot.id or chat.private or bot.gets_all_messages
