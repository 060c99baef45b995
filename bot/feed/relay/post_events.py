"""Posts that appear, change or go away are told to the dialogs that follow them: one living card a post and dialog."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from bot import errors
from bot.feed import audience
from bot.feed.audience import Reach
from bot.feed.relay import cards, changes, quiet, withdrawing
from bot.feed.relay.cards import Look
from bot.feed.relay.changes import Change
from bot.framework.context import Context, Effects
from bot.framework.router import Result, Router
from bot.model.effects import DeleteCard, EditCard, Share, ShowCard
from bot.model.events import Dialog, Failed, MessageId, PostAdded, PostDeleted, PostId, PostToCheck, PostUpdated
from bot.model.records import Card, Follow, KnownPortal, Post
from bot.model.state_changes import CardLost, CardMade, PostMarkedDeleted, PostSeen

NEWS = 24 * 3600
"""How old a post may be, in seconds, of which we hear first by an edit: its first event may have been lost."""
ASK_AGAIN = 60
"""How long a card may have waited, in seconds, before who reads in its dialog is asked once more."""
CLOCKS = 60
"""How far the portal's clock may be behind ours, in seconds; it also tells whole seconds only."""
ECHO_WINDOW = 3600
"""How long after a post left through the bot its event may come, in seconds."""
TOO_LATE = {"CANT_EDIT_MESSAGE", "ACCESS_DENIED"}
"""What a portal says of a message that is too old to edit, or gone (reference: imbot.v2.Chat.Message.update)."""

router = Router()
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A post as it is now: `changed` since it was seen last, `spread` to dialogs that have no card of it yet.

    With `late` it is spread only to dialogs that followed before it was written: each dialog's view is its own.
    """

    post: Post
    changed: tuple[Change, ...]
    spread: bool
    late: bool = False
    echoes: frozenset[Dialog] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalFollows:
    """The portal, and what each of its dialogs follows."""

    portal: KnownPortal
    follows: dict[Dialog, list[Follow]]

    def language(self, dialog: Dialog) -> str:
        """What is spoken in a dialog: the language of its oldest subscription, else the portal's."""
        follows = self.follows.get(dialog)
        return follows[0].language if follows else self.portal.language


@router.on(PostAdded)
async def post_added(ctx: Context, event: PostAdded) -> Effects:
    """Show a new post to whoever follows; a card each, also if the event comes late or twice."""
    async for effect in _relay(ctx, event.post, added=True):
        yield effect


@router.on(PostUpdated)
async def post_updated(ctx: Context, event: PostUpdated) -> Effects:
    """Bring every card up to date; an update without visible change yields nothing."""
    async for effect in _relay(ctx, event.post, added=False):
        yield effect


@router.on(PostToCheck)
async def post_to_check(ctx: Context, event: PostToCheck) -> Effects:
    """Compare every card with its post, of which an event may have been lost."""
    async for effect in _relay(ctx, event.post, added=False):
        yield effect


@router.done(Share)
async def post_shared(ctx: Context, result: Result[Share]) -> Effects:
    """Judge every card again when we gave a post more readers: the portal tells of no sharing."""
    async for effect in _relay(ctx, result.effect.post, added=False):
        yield effect


@router.on(PostDeleted)
async def post_deleted(ctx: Context, event: PostDeleted) -> Effects:
    """Every card that can be reached says that its post is gone, and shows nothing of it any more.

    A post that we never saw is remembered as gone too: a card of it may be about to be made (`cards.first`).
    """
    cards_of_it = await ctx.memory.cards(event.post)
    if await ctx.memory.post(event.post) is None:
        if cards_of_it:
            return  # told already
        ctx.store(changes.never_seen(event.post))
    for effect in _gone(ctx, event.post, cards_of_it, await _portal_follows(ctx)):
        yield effect


@router.done(ShowCard)
async def card_stands(ctx: Context, result: Result[ShowCard]) -> Effects:
    """Remember where the card is; bring it up to date if its post changed while it was on its way."""
    card, message = result.effect, _message_id(result.value)
    if message is None:
        log.warning("the portal gave no message id for a card", post=card.post, dialog=card.dialog)
        return
    ctx.store(CardMade(post=card.post, dialog=card.dialog, version=card.version, message=message))
    if quiet.is_line(card.post):
        async for effect in quiet.stands(ctx, card, message):
            yield effect
        return
    seen = await ctx.memory.post(card.post)
    wanted = [one for one in await ctx.memory.cards(card.post) if one.dialog == card.dialog]
    if seen is None:
        yield cards.close(ctx, card.post, dialog=card.dialog, message=message, language=card.language)
    elif seen.version != cards.base(card.version) or not all(_stands_as_decided(ctx, card, one) for one in wanted):
        async for effect in _catch_up(ctx, card, message):
            yield effect


@router.failed(ShowCard)
async def card_not_made(ctx: Context, result: Result[ShowCard]) -> None:
    """The card is not there, unless nobody can tell; the subscription stays: the next post is tried again."""
    event = result.event
    if isinstance(event, Failed) and not event.outcome_unknown:
        await _lose(ctx, result.effect, event, message=None)


@router.failed(EditCard)
async def card_not_edited(ctx: Context, result: Result[EditCard]) -> Effects:
    """A card that is gone or too old is left alone; a change that matters makes a new one. Others are tried again.

    What was to go from such a card may still stand there: the next event of its post finds it as what it shows at most.
    """
    event, edit = result.event, result.effect
    if not isinstance(event, Failed):
        return
    if event.error == errors.Gone.__name__ or event.code in TOO_LATE:
        await _lose(ctx, edit, event, message=edit.message)
        if not cards.shows_content(edit.version):
            yield cards.erase(ctx, edit.post, dialog=edit.dialog, message=edit.message, language=edit.language)
        return
    for card in await ctx.memory.cards(edit.post):
        if (card.dialog, card.message, card.version) == (edit.dialog, edit.message, edit.version):
            ctx.store(CardMade(post=card.post, dialog=card.dialog, version=cards.UNKNOWN, message=edit.message))


@router.failed(DeleteCard)
async def card_not_deleted(_ctx: Context, result: Result[DeleteCard]) -> None:
    """Nothing more can be done: the portal is old and lets nobody delete old messages, or the chat is gone."""
    log.warning("a card cannot be deleted", post=result.effect.post, dialog=result.effect.dialog)


async def _relay(ctx: Context, post_id: PostId, *, added: bool) -> Effects:
    before = await ctx.memory.post(post_id)
    standing = {card.dialog: card for card in await ctx.memory.cards(post_id)}
    if before is None and standing:
        return  # deleted already: events of one post may come in any order
    found = await _portal_follows(ctx)
    if not (found.follows or standing):  # nobody would be told, and a read takes a place in the portal's bucket
        if before is None:
            ctx.store(changes.never_seen(post_id))
        return
    post = await _read(ctx, post_id, before)
    if post is None:
        for hidden in _unreadable(ctx, before, standing.values(), found):
            yield hidden
        return
    ctx.store(changes.seen(post))
    news = await _news(ctx, post, before, added=added)
    dialogs = list(dict.fromkeys((*(found.follows if news.spread else ()), *standing)))
    await audience.prepare(ctx, post, dialogs)
    for dialog in dialogs:
        await asyncio.sleep(0)  # thousands of chats may follow; others are served in between
        async for effect in _in_dialog(ctx, news, dialog, card=standing.get(dialog), found=found):
            yield effect


async def _news(ctx: Context, post: Post, before: PostSeen | None, *, added: bool) -> News:
    if before is None:
        spread = added or _is_new(ctx, post)
    else:
        spread = added or before.version not in ("", changes.version(post))
    changed = changes.between(before, post) if before and before.version else ()
    return News(post=post, changed=changed, spread=spread, late=not added, echoes=await _echoes(ctx, post, before))


async def _in_dialog(ctx: Context, news: News, dialog: Dialog, *, card: Card | None, found: PortalFollows) -> Effects:
    """What one dialog is told: its first card, the next version of it, a new one for one out of reach, or nothing."""
    if card is None:
        follows = [one for one in found.follows.get(dialog, ()) if not news.late or _followed_before(one, news.post)]
        if news.spread and follows and dialog not in news.echoes and (shown := await _show(ctx, news, dialog, found)):
            yield shown
        return
    if _is_true(card, news.post) and not _is_to_be_asked(card, news.post):
        return
    look = await _look(ctx, news, dialog, found)
    if look.version == card.version:
        return
    if withdrawing.is_on_its_way(card):
        shown_now = cards.post_card(found.portal, replace(look, changed=()))  # nobody has read an older version
        cards.instead(ctx, news.post.id, dialog=dialog, version=look.version, shown=shown_now)
    elif card.message is not None and withdrawing.is_in_reach(ctx, card):
        yield cards.edit(ctx, look, dialog=dialog, message=card.message, portal=found.portal)
    else:
        for effect in _anew(ctx, news, look, card=card, found=found):
            yield effect


def _anew(ctx: Context, news: News, look: Look, *, card: Card, found: PortalFollows) -> Iterator[ShowCard | DeleteCard]:
    """In the place of a card that cannot be edited: what it shows goes where it is no longer so, or not for them."""
    outdated = news.changed or look.reach is not Reach.FULL
    if card.message is not None and cards.shows_content(card.version) and outdated:
        yield cards.erase(ctx, card.post, dialog=card.dialog, message=card.message, language=look.language)
    if news.changed and look.topic and look.reach is Reach.FULL:
        yield cards.show(ctx, look, card.dialog, portal=found.portal)


async def _show(ctx: Context, news: News, dialog: Dialog, found: PortalFollows) -> ShowCard | None:
    """A new card, where a subscription of the dialog is about this post: one, however many are."""
    look = replace(await _look(ctx, news, dialog, found), changed=())
    if look.topic and look.reach is Reach.FULL:
        return cards.show(ctx, look, dialog, portal=found.portal)
    if look.topic and not dialog.isdigit() and await audience.is_for_many(ctx, news.post):
        quiet.note(ctx, news.post, dialog)
    return None


async def _look(ctx: Context, news: News, dialog: Dialog, found: PortalFollows) -> Look:
    reach = await audience.reach(ctx, news.post, dialog)
    follows = found.follows.get(dialog, ())
    follow = audience.first_that_wants(follows, news.post, content=reach is Reach.FULL)
    return Look(
        post=news.post,
        reach=reach,
        language=found.language(dialog),
        topic=follow.topic if follow else None,
        changed=news.changed,
    )


async def _catch_up(ctx: Context, card: ShowCard, message: MessageId) -> Effects:
    found = await _portal_follows(ctx)
    before = await ctx.memory.post(card.post)
    post = await _read(ctx, card.post, before)
    if post is None:
        if cards.shows_content(card.version):
            yield cards.close(
                ctx, card.post, dialog=card.dialog, message=message, language=card.language, version=cards.HIDDEN
            )
        return
    told = cards.base(card.version) not in ("", changes.version(post))
    news = News(post=post, changed=(Change.SINCE,) if told else (), spread=False)
    look = await _look(ctx, news, card.dialog, found)
    if look.version == card.version:
        return
    yield cards.edit(
        ctx, replace(look, language=card.language), dialog=card.dialog, message=message, portal=found.portal
    )


def _gone(
    ctx: Context, post: PostId, standing: Iterable[Card], found: PortalFollows
) -> Iterator[EditCard | DeleteCard]:
    """Say of a deleted post that it is gone, where something of it was shown."""
    ctx.store(PostMarkedDeleted(post=post))
    for card in standing:
        if card.version != cards.WITHHELD:  # who may not read a post is not told of its end
            yield from withdrawing.withdraw(ctx, card, version=cards.GONE, language=found.language(card.dialog))


def _unreadable(
    ctx: Context, before: PostSeen | None, standing: Iterable[Card], found: PortalFollows
) -> Iterator[EditCard | DeleteCard]:
    """We see the post no longer, though nobody said that it was deleted: its content must not stay in any dialog."""
    if before is not None:
        ctx.store(replace(before, version=cards.HIDDEN))
    for card in standing:
        if cards.shows_content(card.version):
            yield from withdrawing.withdraw(ctx, card, version=cards.HIDDEN, language=found.language(card.dialog))


async def _read(ctx: Context, post: PostId, before: PostSeen | None) -> Post | None:
    """Read the post as who caused the event, else as its author.

    Who does not find it is never told that it was deleted: an unpublished post is not found by its author either.
    """
    found = await ctx.portal.post(post)
    if found is None and before is not None:
        with contextlib.suppress(errors.PortalError):  # we may hold no token of theirs
            return await ctx.portal.post(post, reader=before.author)
    return found


async def _portal_follows(ctx: Context) -> PortalFollows:
    follows: dict[Dialog, list[Follow]] = {}
    for follow in await ctx.memory.followers():
        follows.setdefault(follow.dialog, []).append(follow)
    return PortalFollows(portal=await cards.known(ctx), follows=follows)


async def _echoes(ctx: Context, post: Post, before: PostSeen | None) -> frozenset[Dialog]:
    """Dialogs from which this very post was just published: there its command shows the card."""
    texts = {changes.mark(post.text), before.digest if before else ""}
    titles = {changes.mark(""), changes.mark(post.title), before.title if before else ""}
    publishing = await ctx.memory.publishing(post.author, ctx.now - ECHO_WINDOW)
    return frozenset(
        sent.dialog for sent in publishing if changes.mark(sent.text) in texts and changes.mark(sent.title) in titles
    )


def _stands_as_decided(ctx: Context, card: ShowCard, wanted: Card) -> bool:
    """Whether nothing else is wanted by now, and who reads there was asked lately: no event tells of a new guest."""
    asked_lately = ctx.now - wanted.made_at < ASK_AGAIN or not cards.shows_content(card.version)
    return card.version == wanted.version and asked_lately


def _is_new(ctx: Context, post: Post) -> bool:
    """Whether a post that we never saw was just written: an old one that is pinned or moved is no news."""
    try:
        written = datetime.fromisoformat(post.date)
    except ValueError:
        return True  # the portal does not say
    return written.tzinfo is None or ctx.now - written.timestamp() < NEWS


def _followed_before(follow: Follow, post: Post) -> bool:
    """Whether a subscription is older than the post: of what was written before, a dialog hears nothing."""
    try:
        written = datetime.fromisoformat(post.date)
    except ValueError:
        return True  # the portal does not say
    return written.tzinfo is None or follow.since - CLOCKS < written.timestamp()


def _is_true(card: Card, post: Post) -> bool:
    return cards.base(card.version) == changes.version(post)


def _is_to_be_asked(card: Card, post: Post) -> bool:
    """Whether who may read is asked again though nothing changed: a chosen reader was removed, a guest has come."""
    return cards.shows_content(card.version) or post.for_all


async def _lose(ctx: Context, effect: ShowCard | EditCard, event: Failed, *, message: MessageId | None) -> None:
    """Forget a card, unless a newer one took its place meanwhile."""
    log.info("a card is out of reach", post=effect.post, dialog=effect.dialog, code=event.code, error=event.error)
    for card in await ctx.memory.cards(effect.post):
        if card.dialog == effect.dialog and card.message == message:
            ctx.store(CardLost(post=effect.post, dialog=effect.dialog))


def _message_id(result: Any) -> MessageId | None:
    """The id in the answer of either generation: a number, or an object with `id`."""
    found = result.get("id") if isinstance(result, dict) else result
    return MessageId(int(found)) if isinstance(found, int | str) and str(found).isdigit() else None
