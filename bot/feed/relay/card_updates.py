"""Decides what a dialog gets when a post changes: a first card, an edit, a new card, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.feed import audience
from bot.feed.audience import Reach
from bot.feed.relay import cards, changes, quiet, reach, revisions, withdrawing
from bot.feed.relay.cards import Look
from bot.feed.relay.changes import Change
from bot.feed.relay.revisions import PortalFollows, Revision
from bot.framework.context import Context, Effects
from bot.model.effects import DeleteCard, ShowCard
from bot.model.events import Dialog
from bot.model.records import Card, Post


async def update(ctx: Context, news: Revision, dialog: Dialog, *, card: Card | None, found: PortalFollows) -> Effects:
    """Bring the card of a post in one dialog up to date.

    `card` is the dialog's card of the post; None if it has none. A card that was refused counts as none. `found` are
    the subscriptions of the portal.
    """
    if card is None or is_unseen(card):
        shown = await _first_card(ctx, news, dialog, found)
        if shown:
            yield shown
        return
    if _is_current(card, news.post) and not _may_lose_readers(card, news.post):
        return
    look = replace(await revisions.look(ctx, news, dialog, found), changed=_changed_for(card, news))
    if look.version == card.version:
        return
    if withdrawing.is_on_its_way(card):
        shown_now = cards.post_card(found.portal, replace(look, changed=()))  # nobody has read an older version
        cards.replace_unsent(ctx, card, version=look.version, shown=shown_now)
    elif card.message is not None and reach.is_editable(card, found.portal, ctx.now):
        yield cards.edit(ctx, look, dialog=dialog, message=card.message, portal=found.portal, over=card)
    else:
        for effect in _replace_card(ctx, news, look, card=card, found=found):
            yield effect


def is_unseen(card: Card) -> bool:
    """Check whether a card was refused, so that nobody in its dialog has seen it."""
    return card.lost and card.message is None


def _changed_for(card: Card, news: Revision) -> tuple[Change, ...]:
    """Return what changed for the readers of one card.

    Empty if the card shows no content. If the card missed an earlier version, it is only SINCE: the card is outdated.
    """
    if not (news.changed and cards.shows_content(card.version)):
        return ()
    return news.changed if cards.base(card.version) == news.before else (Change.SINCE,)


async def _first_card(ctx: Context, news: Revision, dialog: Dialog, found: PortalFollows) -> ShowCard | None:
    """Make the first card of a post in a dialog, however many of its subscriptions match.

    None if none of them matches, or the dialog may not show the post; a group then counts the post in its quiet line.
    """
    follows = found.follows.get(dialog, ())
    if news.late:
        follows = [one for one in follows if revisions.followed_before(one, news.post)]
    if not (news.spread and follows) or dialog in news.echoes:
        return None
    look = replace(await revisions.look(ctx, news, dialog, found), changed=())
    if look.topic and look.reach is Reach.FULL:
        return cards.show(ctx, look, dialog, portal=found.portal)
    if look.topic and not dialog.isdigit() and await audience.is_for_many(ctx, news.post):
        quiet.note(ctx, news.post, dialog)
    return None


def _replace_card(
    ctx: Context, news: Revision, look: Look, *, card: Card, found: PortalFollows
) -> Iterator[ShowCard | DeleteCard]:
    """Replace a card whose message can no longer be edited.

    Outdated content is deleted, and a change that matters to readers is shown in a new card.
    """
    outdated = news.changed or look.reach is not Reach.FULL
    if card.message is not None and cards.shows_content(card.version) and outdated:
        yield cards.delete(ctx, card.post, dialog=card.dialog, message=card.message, language=look.language)
    if news.changed and look.topic and look.reach is Reach.FULL:
        yield cards.show(ctx, look, card.dialog, portal=found.portal)


def _is_current(card: Card, post: Post) -> bool:
    return cards.base(card.version) == changes.version(post)


def _may_lose_readers(card: Card, post: Post) -> bool:
    """Check whether the readers of a card must be checked again, although its post did not change.

    A recipient may have been removed, or an extranet user may have joined.
    """
    return cards.shows_content(card.version) or post.for_all
