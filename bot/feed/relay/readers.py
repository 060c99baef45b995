"""Checks who reads in a group, and removes content from cards there that not everybody may read.

Bitrix24 sends no event when somebody is added to a chat.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from bot.errors import PortalDown, PortalError
from bot.feed import dialog_language
from bot.feed.relay import cards, quiet, withdrawing
from bot.framework.context import Context, Effects
from bot.framework.router import Router
from bot.model.effects import DeleteCard, EditCard
from bot.model.events import ChatsToCheck, Commanded, Dialog, Joined, PostAdded, PostDeleted, PostId, PostUpdated, Said
from bot.model.records import Card, Post
from bot.model.state_changes import ReadersAsked

CHECK_ACTIVE_AFTER = 10
"""Seconds between two checks of a chat in which somebody writes to us."""
CHECK_OTHERS_AFTER = 30
"""Seconds between two checks of every other chat; post events start them."""

MOST_CHECKED = 50
"""Cards of one chat that are checked again when its members changed; their posts are read in one request."""

router = Router()


@router.on(Said)
async def said(ctx: Context, event: Said) -> Effects:
    """Check the readers of the group where somebody writes to the bot."""
    async for effect in _check_active(ctx, event.dialog):
        yield effect


@router.on(Commanded)
async def commanded(ctx: Context, event: Commanded) -> Effects:
    """Check the readers of the group where somebody uses a command."""
    async for effect in _check_active(ctx, event.dialog):
        yield effect


@router.on(Joined)
async def joined(ctx: Context, event: Joined) -> Effects:
    """Check the readers of a group that the bot joins, where earlier cards may still show content.

    Messages that could not be deleted while the bot was away are deleted now.
    """
    for card in await ctx.memory.cards_of_version(event.dialog, cards.LEFT):
        if card.message is not None:
            yield cards.delete(ctx, card.post, dialog=card.dialog, message=card.message, language=event.language)
    async for effect in _check_active(ctx, event.dialog):
        yield effect


@router.on(PostAdded)
async def post_added(ctx: Context, event: PostAdded) -> Effects:
    """Check the readers of every group whose cards show content when a post is published."""
    async for effect in check_all(ctx, but=event.post):
        yield effect


@router.on(PostUpdated)
async def post_updated(ctx: Context, event: PostUpdated) -> Effects:
    """Check the readers of every group whose cards show content when a post is edited."""
    async for effect in check_all(ctx, but=event.post):
        yield effect


@router.on(PostDeleted)
async def post_deleted(ctx: Context, event: PostDeleted) -> Effects:
    """Check the readers of every group whose cards show content when a post is deleted."""
    async for effect in check_all(ctx, but=event.post):
        yield effect


@router.on(ChatsToCheck)
async def chats_to_check(ctx: Context, _event: ChatsToCheck) -> Effects:
    """Check the readers of every group whose cards show content, also of groups checked a moment ago.

    This event comes when the service starts, and then every few minutes. Events may have been lost, so no earlier
    answer counts.
    """
    async for effect in _check(
        ctx, [dialog for dialog in await ctx.memory.dialogs_with_content() if _is_group(dialog)]
    ):
        yield effect


async def check_all(ctx: Context, *, but: PostId) -> Effects:
    """Check the readers of every group whose cards show content, except groups checked lately.

    A group that the relay has asked about during the same event costs no request, so it is always checked. Cards of the
    post `but` are left to the relay, which handles them on the same event.
    """
    asked = await ctx.memory.dialogs_with_content()
    old = [
        dialog
        for dialog, at in asked.items()
        if _is_group(dialog) and (ctx.now - at > CHECK_OTHERS_AFTER or ctx.portal.knows(dialog))
    ]
    async for effect in _check(ctx, old, but=but):
        yield effect


async def _check_active(ctx: Context, dialog: Dialog) -> Effects:
    if not _is_group(dialog):
        return
    at = (await ctx.memory.dialogs_with_content()).get(dialog)
    if at is not None and ctx.now - at > CHECK_ACTIVE_AFTER:
        async for effect in _check(ctx, [dialog]):
            yield effect


async def _check(ctx: Context, dialogs: list[Dialog], *, but: PostId | None = None) -> Effects:
    """Check the readers of groups in few requests, and withhold the cards that not everybody may read.

    If the portal does not answer, the next event tries again. Cards of the post `but` are left as they are.
    """
    if not dialogs:
        return
    restricted = await _restricted(ctx, dialogs)
    with contextlib.suppress(PortalError, PortalDown):
        await ctx.portal.read_chats(dialogs)
    members = await _members(ctx, list(restricted))
    for dialog in dialogs:
        try:
            if await ctx.portal.has_extranet_users(dialog):
                withheld = await ctx.memory.cards_with_content(dialog)
            elif members is None and dialog in restricted:
                continue
            else:
                withheld = await _not_allowed(ctx, restricted.get(dialog, []), (members or {}).get(dialog, ""))
        except (PortalError, PortalDown):
            continue
        ctx.store(ReadersAsked(dialog=dialog, members=(members or {}).get(dialog, "")))
        for card in (card for card in withheld if card.post != but):
            for effect in await _withhold(ctx, card):
                yield effect
    await quiet.note_extranet(ctx)


async def _members(ctx: Context, dialogs: list[Dialog]) -> dict[Dialog, str] | None:
    """Return a text for each group that changes with its members; None if the portal does not answer."""
    with contextlib.suppress(PortalError, PortalDown):
        return await ctx.portal.members(dialogs)
    return None


async def _restricted(ctx: Context, dialogs: list[Dialog]) -> dict[Dialog, list[tuple[Card, str]]]:
    """Return the cards in these groups that show a post for some people only, with the fingerprint of their readers.

    The newest card of a group is first. The fingerprint is that of the last check ("": there was none).
    """
    found: dict[Dialog, list[tuple[Card, str]]] = {}
    for card, before in await ctx.memory.restricted_cards():
        if card.dialog in dialogs:
            found.setdefault(card.dialog, []).append((card, before))
    return found


async def _not_allowed(ctx: Context, existing: list[tuple[Card, str]], members: str) -> list[Card]:
    """Return the cards of a group that not every member may read, if its members changed or are unknown.

    `existing` are its cards with the fingerprints of the last check, and `members` is the fingerprint now ("":
    unknown). Cards beyond the MOST_CHECKED newest are not checked, and count as not allowed.
    """
    changed = [card for card, before in existing if not members or before != members]
    checked = changed[:MOST_CHECKED]
    posts = await ctx.portal.open_posts([card.post for card in checked]) if checked else {}
    return [card for card in changed if not await _is_allowed(ctx, card, posts)]


async def _is_allowed(ctx: Context, card: Card, posts: dict[PostId, Post]) -> bool:
    post = posts.get(card.post)
    return post is not None and (post.for_all or await ctx.portal.all_receive(post, card.dialog))


async def _withhold(ctx: Context, card: Card) -> Iterator[EditCard | DeleteCard]:
    follows = await ctx.memory.follows(card.dialog)
    portal = await cards.known_portal(ctx)
    published = (await withdrawing.published_from(ctx, card.post)).get(card.dialog)
    language = await dialog_language.read(ctx, card.dialog, follows, published=published, otherwise=portal.language)
    return withdrawing.withdraw(ctx, card, version=cards.WITHHELD, language=language, portal=portal)


def _is_group(dialog: Dialog) -> bool:
    return not dialog.isdigit()
