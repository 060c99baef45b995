"""Handles the results of cards that were sent, edited or deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import structlog

from bot import errors
from bot.feed.audience import Reach
from bot.feed.relay import card_updates, cards, lost_chats, quiet, reach, revisions, withdrawing
from bot.feed.relay.revisions import Revision
from bot.framework.context import Context, Effects
from bot.framework.router import Result, Router
from bot.model import ordering
from bot.model.effects import DeleteCard, EditCard, Priority, ShowCard
from bot.model.events import CardToSend, Failed, MessageId
from bot.model.records import Card
from bot.model.state_changes import CardLost, CardMade

ASK_AGAIN = 60
"""Seconds that a card may wait in the outbox before the readers of its dialog are asked once more."""
AGAIN_AFTER = (30, 300, 3600)
"""Seconds after each refusal of a new card until it is sent again; after the last one only an edit of its post does."""
NOT_AGAIN = {errors.Gone.__name__, errors.TooBig.__name__}
"""Errors that a retry would get too: the chat is gone, or the card is too big."""

router = Router()
log = structlog.get_logger(__name__)


@router.done(ShowCard)
async def card_sent(ctx: Context, result: Result[ShowCard]) -> Effects:
    """Remember the message of a card that was sent; edit the message if its content is outdated already."""
    card, message = result.effect, _message_id(result.value)
    if message is None:
        log.warning("the portal gave no message id for a card", post=card.post, dialog=card.dialog)
        return
    wanted = [one for one in await ctx.memory.cards(card.post) if one.dialog == card.dialog]
    over = wanted[0].version if wanted else None
    ctx.store(CardMade(post=card.post, dialog=card.dialog, version=card.version, message=message, over=over))
    if quiet.is_line(card.post):
        async for effect in quiet.sent(ctx, card, message):
            yield effect
        return
    seen = await ctx.memory.post(card.post)
    if seen is None:
        yield cards.close(ctx, card.post, dialog=card.dialog, message=message, language=card.language)
    elif seen.version != cards.base(card.version) or not all(_is_as_wanted(ctx, card, one) for one in wanted):
        async for effect in _catch_up(ctx, card, message):
            yield effect


@router.failed(ShowCard)
async def card_not_sent(ctx: Context, result: Result[ShowCard]) -> None:
    """Forget a card that was certainly not sent, and schedule to send it again; the subscription stays."""
    event, card = result.event, result.effect
    if not isinstance(event, Failed) or event.outcome_unknown:
        return
    await _forget_card(ctx, card, event, message=None)
    if quiet.is_line(card.post) or event.error in NOT_AGAIN or card.attempt >= len(AGAIN_AFTER):
        return
    again = msgspec.to_builtins(replace(card, attempt=card.attempt + 1, sent=None))
    ctx.schedule(
        ctx.now + AGAIN_AFTER[card.attempt],
        CardToSend(portal=event.portal, post=card.post, card=again),
        key=ordering.timer_of_card(card.post, card.dialog),
        ordering_key=ordering.of_post(card.post),
    )


@router.on(CardToSend)
async def card_to_send(ctx: Context, event: CardToSend) -> Effects:
    """Send a refused card once more, if it is still missing and its dialog may still show the post."""
    card = msgspec.convert(event.card, ShowCard)
    known = [one for one in await ctx.memory.cards(card.post) if one.dialog == card.dialog]
    if known and card_updates.is_unseen(known[0]):
        async for effect in _send_again(ctx, card):
            yield effect


async def _send_again(ctx: Context, card: ShowCard) -> Effects:
    """Send a card as its post is now, if its dialog may still show the post and, for a relayed card, follows it."""
    found, before = await revisions.portal_follows(ctx), await ctx.memory.post(card.post)
    post = await revisions.read_post(ctx, card.post, before) if before else None
    if post is None:
        return
    look = await revisions.look(ctx, Revision(post=post, changed=(), spread=False), card.dialog, found)
    if card.priority >= Priority.RELAY and not look.topic:
        return  # the dialog follows it no longer
    if look.version == card.version:
        ctx.store(CardMade(post=card.post, dialog=card.dialog, version=card.version))
        yield card
    elif look.reach is Reach.FULL:
        shown = cards.show(ctx, replace(look, language=card.language), card.dialog, portal=found.portal)
        yield replace(shown, attempt=card.attempt)


@router.failed(EditCard)
async def card_not_edited(ctx: Context, result: Result[EditCard]) -> Effects:
    """Replace a card that is out of reach: its message is deleted, and a new card shows the post.

    A card that must lose its content is deleted after any refusal. After any other error it is unknown which content
    the card shows, so the next event of its post edits the card.
    """
    event, edit = result.event, result.effect
    if not isinstance(event, Failed):
        return
    content_must_go = not (cards.shows_content(edit.version) or quiet.is_line(edit.post))
    if reach.is_lost(event, refused=reach.MOST_REFUSED if content_must_go else edit.refused):
        async for effect in _replace(ctx, edit, event):
            yield effect
        return
    of = quiet if quiet.is_line(edit.post) else cards
    version = of.REFUSED if event.error == errors.Refused.__name__ else of.UNKNOWN
    for card in await ctx.memory.cards(edit.post):
        if (card.dialog, card.message, card.version) == (edit.dialog, edit.message, edit.version):
            ctx.store(CardMade(post=card.post, dialog=card.dialog, version=version, message=edit.message))


async def _replace(ctx: Context, edit: EditCard, event: Failed) -> Effects:
    """Forget a card whose message cannot be edited, delete the message, and send the successor of the card.

    A message that must lose its content is deleted in any case. In a chat without the bot, nothing else is sent.
    """
    ours = any(_is_of(card, edit) for card in await ctx.memory.cards(edit.post))
    await _forget_card(ctx, edit, event, message=edit.message)
    shows = cards.shows_content(edit.version) or quiet.is_line(edit.post)
    shut_out = shows and await lost_chats.has_left(ctx, event, edit.dialog)
    if reach.may_be_deleted(event) and not shut_out:
        gone = cards.delete(ctx, edit.post, dialog=edit.dialog, message=edit.message, language=edit.language, ours=ours)
        yield gone
    if shut_out or not ours:
        return
    successor = ShowCard(
        dialog=edit.dialog,
        language=edit.language,
        post=edit.post,
        version=edit.version,
        content=edit.content,
        priority=edit.priority,
        report=True,
    )
    if quiet.is_line(edit.post):  # it counts posts and shows none, so nobody has to be asked who reads there
        ctx.store(CardMade(post=edit.post, dialog=edit.dialog, version=edit.version))
        yield successor
    elif shows:
        async for effect in _send_again(ctx, successor):
            yield effect


def _is_of(card: Card, edit: EditCard) -> bool:
    return not card.lost and (card.dialog, card.message) == (edit.dialog, edit.message)


@router.failed(DeleteCard)
async def card_not_deleted(ctx: Context, result: Result[DeleteCard]) -> None:
    """Remember a card that could not be deleted; it is deleted when the bot joins its chat again.

    Usually the bot has left the chat, or has joined it again without its history.
    """
    event, gone = result.event, result.effect
    log.warning("a card cannot be deleted", post=gone.post, dialog=gone.dialog)
    if not isinstance(event, Failed) or event.error == errors.Gone.__name__:
        return
    for card in await ctx.memory.cards(gone.post):
        if card.dialog == gone.dialog and card.message == gone.message and card.lost:
            ctx.store(CardMade(post=card.post, dialog=card.dialog, version=cards.LEFT, message=card.message))
            ctx.store(CardLost(post=card.post, dialog=card.dialog))


async def _catch_up(ctx: Context, card: ShowCard, message: MessageId) -> Effects:
    """Edit or close the message of a card whose content was outdated when it was sent."""
    found = await revisions.portal_follows(ctx)
    before = await ctx.memory.post(card.post)
    post = await revisions.read_post(ctx, card.post, before)
    if post is None:
        if cards.shows_content(card.version):
            yield cards.close(
                ctx, card.post, dialog=card.dialog, message=message, language=card.language, version=cards.HIDDEN
            )
        return
    published = await withdrawing.published_from(ctx, post.id)
    # A first card says nothing of earlier versions.
    news = Revision(post=post, changed=(), published=published, spread=False)
    look = await revisions.look(ctx, news, card.dialog, found)
    if look.version == card.version:
        return
    yield cards.edit(
        ctx, replace(look, language=card.language), dialog=card.dialog, message=message, portal=found.portal
    )


def _is_as_wanted(ctx: Context, card: ShowCard, wanted: Card) -> bool:
    """Check whether the version that was sent is the wanted one, and the card's readers were checked lately.

    Bitrix24 sends no event when an extranet user is added to a chat, so an older check does not count.
    """
    asked_lately = ctx.now - wanted.made_at < ASK_AGAIN or not cards.shows_content(card.version)
    return card.version == wanted.version and asked_lately


async def _forget_card(ctx: Context, effect: ShowCard | EditCard, event: Failed, *, message: MessageId | None) -> None:
    """Mark a card as lost, unless a newer card with another message has replaced it."""
    log.info("a card cannot be edited", post=effect.post, dialog=effect.dialog, code=event.code, error=event.error)
    for card in await ctx.memory.cards(effect.post):
        if card.dialog == effect.dialog and card.message == message:
            ctx.store(CardLost(post=effect.post, dialog=effect.dialog))


def _message_id(result: Any) -> MessageId | None:
    """Return the message id in an answer, which is a number or an object with `id`; None if there is none."""
    found = result.get("id") if isinstance(result, dict) else result
    return MessageId(int(found)) if isinstance(found, int | str) and str(found).isdigit() else None
