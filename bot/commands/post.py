"""/post [to:...] [title:"..."] [important] [tags:...] text: publish a post, with the user as its author."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from bot.errors import PortalDown, PortalError
from bot.feed import error_messages
from bot.feed.audience import Reach
from bot.feed.composer import composing, options
from bot.feed.composer.options import PostOptions
from bot.feed.publishing import confirmations, names, recipients
from bot.feed.relay import cards, changes
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Result, Router
from bot.i18n import catalog
from bot.model import effects
from bot.model.events import PostId
from bot.model.records import Post
from keyboards import Keyboard, Link, bb

router = Router()


@router.command("post", PostOptions, order=10, writes=True, also=catalog.also("post"))
async def post(ctx: Context, command: Command[PostOptions]) -> Effects:
    """Publish a post with the user's token, or show its preview first; without a text, open the composer.

    If a recipient is unclear, ask the user first.
    """
    wanted = await options.understand(ctx, command.args, command=command.name)
    for said in wanted.questions:
        yield said
    if not wanted.questions:
        fresh = not wanted.fields.keys().isdisjoint({"text", "question", "thanked", "quote"})
        async for effect in composing.publish_or_show(ctx, command, wanted.fields, fresh=fresh):
            yield effect


@router.done(effects.Publish)
async def published(ctx: Context, result: Result[effects.Publish]) -> Effects:
    """Tell the user that the post was published; if the bot is in the dialog, this message becomes the post's card."""
    effect, number = result.effect, PostId(int(result.value))
    whole = catalog.sentence(effect.language, "post.published", post=number, audience=bb.escape(effect.audience))
    may_show, said = names.may_show_recipients(effect), confirmations.sentence(effect, number)
    card = await _card(ctx, effect, number) if effect.becomes_card else None
    open_to_all = _is_own(effect) or (card is not None and cards.shows_content(card.version))
    where = await _address(ctx, effect, number, with_author=open_to_all)
    keyboard = confirmations.keyboard(
        effect, number, where=where, follows=bool(await ctx.memory.follows(effect.dialog)), undo=True
    )
    if card is not None:
        yield replace(card, content=messages.with_text(card.content, said, keyboard=keyboard))
    else:
        yield error_messages.notice(effect, messages.of(said, keyboard=keyboard))
    if not may_show:
        where = await _address(ctx, effect, number, with_author=True)
        link = Keyboard.of([[Link(catalog.sentence(effect.language, "button.open"), where)]])
        yield error_messages.private_notice(effect, messages.of(whole, keyboard=link))


@router.failed(effects.Publish)
async def refused(_ctx: Context, result: Result[effects.Publish]) -> Effects:
    """Tell the user why the post was not published, or that this is unknown, with a button to try again."""
    effect = result.effect
    kept = options.command_of(effect)
    yield error_messages.refusal(
        result.effect, result.event, refused="post.refused", outcome_unknown="post.outcome_unknown", kept=kept
    )


async def _card(ctx: Context, effect: effects.Publish, number: PostId) -> effects.ShowCard | None:
    """Make the card of a post that was just published.

    None if the post cannot be read (it may be deleted already), or the dialog has a card of it already. In the author's
    own dialog with the bot only the author reads, so the portal is not asked. Elsewhere the post is read from the
    portal, which may have left out recipients: then not everybody in the dialog may see the post.
    """
    made: Post | None = _as_sent(effect, number)
    if made and _is_own(effect) and await _is_as_sent(ctx, made):
        return await cards.first_card(
            ctx, made, effect.dialog, language=effect.language, reach=Reach.FULL, published=effect
        )
    with contextlib.suppress(PortalError, PortalDown):
        made = await ctx.portal.post(number, reader=effect.user, beside=[effect.dialog])
    if made is None:
        return None
    return await cards.first_card(ctx, made, effect.dialog, language=effect.language, published=effect)


def _as_sent(effect: effects.Publish, number: PostId) -> Post:
    return Post(
        id=number,
        author=effect.user,
        author_name=effect.author_name,
        title=effect.title,
        text=effect.text,
        important=effect.important,
        for_all=recipients.EVERYONE.code in effect.dest,
        parts=(*(("thanks",) if effect.thanks else ()), *(("poll",) if effect.poll else ())),
    )


def _is_own(effect: effects.Publish) -> bool:
    """Check whether a post was published from its author's private dialog with the bot."""
    return effect.becomes_card and effect.dialog == str(effect.user)


async def _is_as_sent(ctx: Context, made: Post) -> bool:
    """Check that we have seen neither another version of a post, nor that it was deleted."""
    seen = await ctx.memory.post(made.id)
    if seen is None:
        return not await ctx.memory.is_deleted(made.id)
    return seen.version in ("", changes.version(made))


async def _address(ctx: Context, effect: effects.Publish, number: PostId, *, with_author: bool) -> str:
    """Return the address of the post; without `with_author`, that of the feed.

    The address of a post names its author, whom readers may not be allowed to know.
    """
    portal = await cards.known_portal(ctx)
    return cards.link(portal, number, effect.user) if with_author else cards.feed(portal)
