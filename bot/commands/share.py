"""/share ID to:...: more recipients for a post, or its card in a chat, by the person who asks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.errors import UserMistake
from bot.feed import audience, error_messages
from bot.feed.audience import Reach
from bot.feed.publishing import names, recipients, references
from bot.feed.relay import cards, changes
from bot.framework import arguments, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Result, Router
from bot.i18n import catalog
from bot.model import effects
from bot.model.effects import Content, Priority
from bot.model.events import Dialog, PostId
from bot.model.records import Post
from keyboards import Command as Press
from keyboards import Keyboard, Link, Menu, bb

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """Which post, and where to: people, departments and groups by name; `chat42` and `here` for a card."""

    id: int = arguments.positional(needed="share.no_id", read=references.post_id)
    to: tuple[str, ...] = arguments.option(also=("кому", "для", "an", "für", "for"), needed="share.no_to")


@router.command("share", Args, order=20, common=True, also=("поделиться",))
async def share(ctx: Context, command: Command[Args]) -> Effects:
    """Add recipients, and put the card into chats; each tells how it ended."""
    args, post = command.args, PostId(command.args.id)
    chats = {word: chat for word in args.to if (chat := references.chat(word, here=command.event.dialog))}
    whom = await recipients.resolve(ctx, [word for word in args.to if word not in chats])
    if whom.questions:
        asked = whom.questions[0]
        for said in await names.ask(ctx, asked, lambda word: _respelled(command, asked.word, word)):
            yield said
        return
    shown: list[effects.Effect] = []
    for chat in dict.fromkeys(chats.values()):
        shown += await _show(ctx, command, await _read(ctx, command, post), chat)
    if whom.found:
        yield await _share(ctx, command, post, whom)
    for effect in shown:
        yield effect


@router.done(effects.Share)
async def shared(_ctx: Context, result: Result[effects.Share]) -> Effects:
    """Say who has it now."""
    effect = result.effect
    whole = catalog.sentence(effect.language, "share.done", post=effect.post, audience=bb.escape(effect.audience))
    if names.are_for_all(effect):
        yield error_messages.back(effect, messages.of(whole))
        return
    here = catalog.sentence(effect.language, "share.done_here", post=effect.post)
    yield error_messages.back(effect, messages.of(here))
    yield error_messages.alone(effect, messages.of(whole))


@router.failed(effects.Share)
async def not_shared(_ctx: Context, result: Result[effects.Share]) -> Effects:
    """Say why."""
    yield error_messages.refusal(
        result.effect,
        result.event,
        refused="share.refused",
        outcome_unknown="share.outcome_unknown",
        post=result.effect.post,
    )


@router.done(effects.SayAs)
async def card_sent(_ctx: Context, result: Result[effects.SayAs]) -> Effects:
    """Say that the card is there."""
    said = catalog.sentence(result.effect.language, "share.card_done", chat=references.chat_link(result.effect.dialog))
    yield error_messages.back(result.effect, messages.of(said))


@router.failed(effects.SayAs)
async def card_not_sent(_ctx: Context, result: Result[effects.SayAs]) -> Effects:
    """Say why."""
    chat = references.chat_link(result.effect.dialog)
    yield error_messages.refusal(
        result.effect,
        result.event,
        refused="share.card_refused",
        outcome_unknown="share.card_outcome_unknown",
        chat=chat,
    )


def _respelled(command: Command[Args], wrong: str, right: str) -> str:
    """The command with another name; `here` becomes the chat's id, because the question may be asked elsewhere."""
    here = command.event.dialog
    swaps = {wrong: right} | {word: here for word in command.args.to if references.is_here(word) and not here.isdigit()}
    to = tuple(swaps.get(word, word) for word in command.args.to)
    return arguments.spell(replace(command.args, to=to), command="share")


async def _share(ctx: Context, command: Command[Args], post: PostId, whom: recipients.Recipients) -> effects.Share:
    return effects.Share(
        dialog=command.dialog,
        language=command.language,
        user=command.author.id,
        answers=ctx.answers(),
        post=post,
        dest=whom.codes,
        audience=recipients.label(command.language, whom.found),
        audience_public=await names.may_be_said(ctx, whom.found),
        report=True,
    )


async def _read(ctx: Context, command: Command[Args], post: PostId) -> Post:
    found = await ctx.portal.post(post, reader=command.author.id)
    if found is None:
        raise UserMistake("share.no_post", post=post)
    return found


async def _show(ctx: Context, command: Command[Args], post: Post, chat: Dialog) -> list[effects.Effect]:
    """Show a living card here; send a link in the person's own name where we cannot keep a card true."""
    if chat == command.dialog and not ctx.guest:
        return await _living(ctx, command, post)
    sent = effects.SayAs(
        dialog=chat,
        language=command.language,
        user=command.author.id,
        answers=ctx.answers(),
        content=await _link(ctx, command, post, chat),
        back=command.dialog,
        bot=command.event.bot,
        url_preview=False,
        report=chat != command.event.dialog,
    )
    return [sent]


async def _living(ctx: Context, command: Command[Args], post: Post) -> list[effects.Effect]:
    """Move the post's card to the end of this dialog: the relay knows one card a dialog, and keeps that one true."""
    ctx.store(changes.seen(post))
    reach = await audience.reach(ctx, post, command.dialog)
    if reach is not Reach.FULL:
        return [ctx.reply(messages.of(ctx.say("card.withheld")))]
    out: list[effects.Effect] = []
    for card in await ctx.memory.cards(post.id):
        if card.dialog == command.dialog and card.message is not None:
            out.append(cards.erase(ctx, post.id, dialog=card.dialog, message=card.message, language=command.language))
        elif card.dialog == command.dialog and not card.lost:
            return [ctx.reply(messages.of(ctx.say("share.card_done", chat=references.chat_link(card.dialog))))]
    look = cards.Look(post=post, reach=reach, language=command.language)
    portal = await cards.known(ctx)
    return [*out, cards.show(ctx, look, command.dialog, portal=portal, priority=Priority.REPLY)]


async def _link(ctx: Context, command: Command[Args], post: Post, chat: Dialog) -> Content:
    """Return a message with nothing of the post: nobody takes the content out again after it was narrowed."""
    portal = await cards.known(ctx)
    may = await audience.reach(ctx, post, chat) is Reach.FULL
    where = cards.link(portal, post.id, post.author) if may else cards.feed(portal)
    link = Link(catalog.sentence(command.language, "button.open"), where)
    follow = Press(catalog.sentence(command.language, "button.follow"), "follow")
    said = catalog.sentence(command.language, "share.link", post=post.id)
    return messages.with_menu(messages.of(said, keyboard=Keyboard.of([[link]])), Menu.of([link, follow]))
