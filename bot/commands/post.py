"""/post [to:...] [title:"..."] text: a post in the News Feed, by the person who writes it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

from bot.errors import PortalDown, PortalError
from bot.feed import error_messages
from bot.feed.publishing import names, recipients
from bot.feed.relay import cards
from bot.framework import arguments, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Result, Router
from bot.i18n import catalog
from bot.model import effects
from bot.model.events import PostId
from bot.model.records import Post
from keyboards import Button, Keyboard, Link, Put, bb
from keyboards import Command as Press

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """Whom for (everybody, where nobody is named), a title, and the text as it is written."""

    to: tuple[str, ...] = arguments.option(also=("кому", "для", "an", "für", "for"), people=True)
    title: str = arguments.option(also=("заголовок", "тема"))
    text: str = arguments.rest(needed="post.no_text")


@router.command("post", Args, order=10, common=True, also=("пост", "опубликовать"))
async def post(ctx: Context, command: Command[Args]) -> Effects:
    """Publish with the author's own rights; ask first where a recipient is not clear."""
    args, language = command.args, command.language
    whom = await recipients.resolve(ctx, args.to)
    if whom.questions:
        asked = whom.questions[0]
        for said in await names.ask(ctx, asked, lambda word: _respelled(args, asked.word, word)):
            yield said
        return
    yield effects.Publish(
        dialog=command.dialog,
        language=language,
        user=command.author.id,
        answers=ctx.answers(),
        text=args.text,
        title=args.title,
        dest=whom.codes or [recipients.EVERYONE.code],
        audience=recipients.label(language, whom.found),
        audience_public=await names.may_be_said(ctx, whom.found),
        since=int(ctx.now),
        report=True,
    )


@router.done(effects.Publish)
async def published(ctx: Context, result: Result[effects.Publish]) -> Effects:
    """Say its number and whom it reaches; in a chat of ours the answer becomes the post's living card."""
    effect, number = result.effect, PostId(int(result.value))
    whole = catalog.sentence(effect.language, "post.published", post=number, audience=bb.escape(effect.audience))
    sayable = names.are_for_all(effect)
    said = whole if sayable else catalog.sentence(effect.language, "post.published_here", post=number)
    card = await _card(ctx, effect, number) if effect.answers is None else None
    own = effect.answers is None and effect.dialog == str(effect.user)
    open_to_all = own or (card is not None and cards.shows_content(card.version))
    keyboard = Keyboard.of([await _buttons(ctx, effect, number, with_author=open_to_all)])
    if card is not None:
        yield replace(card, content=messages.under(card.content, said, keyboard=keyboard))
    else:
        yield error_messages.back(effect, messages.of(said, keyboard=keyboard))
    if not sayable:
        link = Keyboard.of([await _open(ctx, effect, number, with_author=True)])
        yield error_messages.alone(effect, messages.of(whole, keyboard=link))


@router.failed(effects.Publish)
async def refused(_ctx: Context, result: Result[effects.Publish]) -> Effects:
    """Say why, and keep the text."""
    effect = result.effect
    args = Args(to=() if effect.dest == ["UA"] else tuple(effect.dest), title=effect.title, text=effect.text)
    kept = arguments.spell(args, command="post")
    yield error_messages.refusal(
        result.effect, result.event, refused="post.refused", outcome_unknown="post.outcome_unknown", kept=kept
    )


def _respelled(args: Args, wrong: str, right: str) -> str:
    to = tuple(right if word == wrong else word for word in args.to)
    return arguments.spell(replace(args, to=to), command="post")


async def _card(ctx: Context, effect: effects.Publish, number: PostId) -> effects.ShowCard | None:
    """Of the post as it can be read now: the portal may have made a title of its text. None: it is gone again."""
    made: Post | None = Post(
        id=number,
        author=effect.user,
        title=effect.title,
        text=effect.text,
        for_all=recipients.EVERYONE.code in effect.dest,
    )
    with contextlib.suppress(PortalError, PortalDown):
        made = await ctx.portal.post(number, reader=effect.user)
    if made is None:
        return None
    return await cards.first(ctx, made, effect.dialog, language=effect.language)


async def _buttons(ctx: Context, effect: effects.Publish, number: PostId, *, with_author: bool) -> list[Button]:
    row: list[Button] = [
        await _open(ctx, effect, number, with_author=with_author),
        Put(catalog.sentence(effect.language, "button.share"), f"/share {number} to:"),
    ]
    if effect.answers is None and not await ctx.memory.follows(effect.dialog):
        row.append(Press(catalog.sentence(effect.language, "button.follow"), "follow"))
    return row


async def _open(ctx: Context, effect: effects.Publish, number: PostId, *, with_author: bool) -> Link:
    """Open the post, or only the feed: a post's address names its author, who is not for everybody to know."""
    portal = await cards.known(ctx)
    where = cards.link(portal, number, effect.user) if with_author else cards.feed(portal)
    return Link(catalog.sentence(effect.language, "button.open"), where)
