"""Asks again who reads in a chat: Bitrix24 sends no event when somebody is added to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from bot.errors import PortalDown, PortalError
from bot.feed import cards, quiet, withdrawing
from bot.framework.context import Context, Effects
from bot.framework.router import Router
from bot.model.effects import DeleteCard, EditCard
from bot.model.events import ChatsToCheck, Commanded, Dialog, Joined, PostAdded, PostDeleted, PostId, PostUpdated, Said
from bot.model.records import Card, Post
from bot.model.state_changes import ReadersAsked

ASK_ACTIVE = 10
"""Seconds after which the portal is asked again about a chat in which somebody writes to us."""
ASK_OTHERS = 30
"""Seconds after which it is asked again about every other chat, at an event of any post."""

MOST_JUDGED = 50
"""Cards of one chat that are judged again when its members changed: their posts are read in one request."""

router = Router()


@router.on(Said)
async def said(ctx: Context, event: Said) -> Effects:
    """Ask again who reads in the group where somebody writes."""
    async for effect in _in_active(ctx, event.dialog):
        yield effect


@router.on(Commanded)
async def commanded(ctx: Context, event: Commanded) -> Effects:
    """Ask again who reads in the group where somebody gives a command."""
    async for effect in _in_active(ctx, event.dialog):
        yield effect


@router.on(Joined)
async def joined(ctx: Context, event: Joined) -> Effects:
    """Ask who reads in the group that we came back to."""
    async for effect in _in_active(ctx, event.dialog):
        yield effect


@router.on(PostAdded)
async def post_added(ctx: Context, event: PostAdded) -> Effects:
    """Ask again who reads wherever content stands, when anything happens in the feed."""
    async for effect in look(ctx, but=event.post):
        yield effect


@router.on(PostUpdated)
async def post_updated(ctx: Context, event: PostUpdated) -> Effects:
    """The same for a change of a post."""
    async for effect in look(ctx, but=event.post):
        yield effect


@router.on(PostDeleted)
async def post_deleted(ctx: Context, event: PostDeleted) -> Effects:
    """The same for the end of a post."""
    async for effect in look(ctx, but=event.post):
        yield effect


@router.on(ChatsToCheck)
async def chats_to_check(ctx: Context, _event: ChatsToCheck) -> Effects:
    """Ask again who reads in every chat where content stands, also where it was asked a moment ago.

    This comes after a start and then every few minutes: events may have been lost, so no earlier answer counts.
    """
    async for effect in _ask(ctx, [dialog for dialog in await ctx.memory.dialogs_with_content() if _is_group(dialog)]):
        yield effect


async def look(ctx: Context, *, but: PostId) -> Effects:
    """Empty cards of groups that others read by now; groups that were asked lately are not asked again.

    A group whose readers the relay looked up for the same event costs no request, so its cards are always compared.

    Cards of the post `but` are left to the relay, which judges them at the same event.
    """
    asked = await ctx.memory.dialogs_with_content()
    old = [
        dialog
        for dialog, at in asked.items()
        if _is_group(dialog) and (ctx.now - at > ASK_OTHERS or ctx.portal.knows(dialog))
    ]
    async for effect in _ask(ctx, old, but=but):
        yield effect


async def _in_active(ctx: Context, dialog: Dialog) -> Effects:
    if not _is_group(dialog):
        return
    at = (await ctx.memory.dialogs_with_content()).get(dialog)
    if at is not None and ctx.now - at > ASK_ACTIVE:
        async for effect in _ask(ctx, [dialog]):
            yield effect


async def _ask(ctx: Context, dialogs: list[Dialog], *, but: PostId | None = None) -> Effects:
    """Ask about many dialogs together; a portal that does not answer now is asked at the next event."""
    if not dialogs:
        return
    restricted = await _restricted(ctx, dialogs)
    with contextlib.suppress(PortalError, PortalDown):
        await ctx.portal.meet(dialogs)
    members = await _members(ctx, list(restricted))
    for dialog in dialogs:
        try:
            if await ctx.portal.has_extranet_users(dialog):
                told = await ctx.memory.cards_with_content(dialog)
            elif members is None and dialog in restricted:
                continue
            else:
                told = await _not_for(ctx, restricted.get(dialog, []), (members or {}).get(dialog, ""))
        except (PortalError, PortalDown):
            continue
        ctx.store(ReadersAsked(dialog=dialog, members=(members or {}).get(dialog, "")))
        for card in (card for card in told if card.post != but):
            for effect in await _empty(ctx, card):
                yield effect
    await quiet.note_extranet(ctx)


async def _members(ctx: Context, dialogs: list[Dialog]) -> dict[Dialog, str] | None:
    """Return who is in some chats; None where the portal does not answer now."""
    with contextlib.suppress(PortalError, PortalDown):
        return await ctx.portal.members(dialogs)
    return None


async def _restricted(ctx: Context, dialogs: list[Dialog]) -> dict[Dialog, list[tuple[Card, str]]]:
    """Return the cards of posts for departments and groups in some groups, newest first."""
    found: dict[Dialog, list[tuple[Card, str]]] = {}
    for card, before in await ctx.memory.restricted_cards():
        if card.dialog in dialogs:
            found.setdefault(card.dialog, []).append((card, before))
    return found


async def _not_for(ctx: Context, standing: list[tuple[Card, str]], members: str) -> list[Card]:
    """Return the cards that not every member may read, where members changed or are unknown.

    Cards beyond the newest few are not judged and count as not to be read.
    """
    changed = [card for card, before in standing if not members or before != members]
    judged = changed[:MOST_JUDGED]
    posts = await ctx.portal.open_posts([card.post for card in judged]) if judged else {}
    return [card for card in changed if not await _may_stand(ctx, card, posts)]


async def _may_stand(ctx: Context, card: Card, posts: dict[PostId, Post]) -> bool:
    post = posts.get(card.post)
    return post is not None and (post.for_all or await ctx.portal.all_receive(post, card.dialog))


async def _empty(ctx: Context, card: Card) -> Iterator[EditCard | DeleteCard]:
    follows = await ctx.memory.follows(card.dialog)
    language = follows[0].language if follows else (await cards.known(ctx)).language
    return withdrawing.withdraw(ctx, card, version=cards.WITHHELD, language=language)


def _is_group(dialog: Dialog) -> bool:
    return not dialog.isdigit()
