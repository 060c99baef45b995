"""/share ID to:...: add recipients to a post, or show the post in a chat."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.errors import UserMistake
from bot.feed import audience, error_messages
from bot.feed.audience import Reach
from bot.feed.policy import asking, judging
from bot.feed.posts import showing
from bot.feed.publishing import choosing, names, recipients, references
from bot.feed.relay import cards
from bot.framework import arguments, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Result, Router
from bot.i18n import catalog
from bot.model import effects
from bot.model.effects import Content
from bot.model.events import Dialog, PostId
from bot.model.records import Post
from keyboards import Command as Press
from keyboards import Keyboard, Link, Menu, bb

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of /share: a post, and recipients or chats.

    Recipients are people, departments or groups by name; a chat is `chat42` or `here`.
    """

    post: references.PostReference = arguments.positional(needed="share.no_id", read=references.post)  # noqa: RUF009 - makes a field
    to: tuple[str, ...] = arguments.option(also=catalog.also("option_to"), needed="share.no_to", spaced=True)


@router.command("share", Args, order=20, writes=True, also=catalog.also("share"))
async def share(ctx: Context, command: Command[Args]) -> Effects:
    """Add recipients to a post with the user's token, and show the post in chats; each reports its own result."""
    args, post = command.args, command.args.post.id
    if args.post.host:
        references.require_here(args.post.host, await cards.known_portal(ctx), mistake="share.elsewhere")
    chats = {word: chat for word in args.to if (chat := references.chat(word, here=command.event.dialog))}
    whom = await recipients.resolve(ctx, [word for word in args.to if word not in chats])
    if whom.questions:
        for said in await _ask_whom(ctx, command, whom):
            yield said
        return
    shown = await _in_chats(ctx, command, post, list(dict.fromkeys(chats.values())))
    added = await _recipients_added(ctx, command, post, whom) if whom.found else []
    for effect in (*added, *shown):
        yield effect


@router.done(effects.Share)
async def shared(_ctx: Context, result: Result[effects.Share]) -> Effects:
    """Tell the user who can read the post now; in private, if the dialog may not see the names."""
    effect = result.effect
    whole = catalog.sentence(effect.language, "share.done", post=effect.post, audience=bb.escape(effect.audience))
    if names.may_show_recipients(effect):
        yield error_messages.notice(effect, messages.of(whole))
        return
    here = catalog.sentence(effect.language, "share.done_here", post=effect.post)
    yield error_messages.notice(effect, messages.of(here))
    yield error_messages.private_notice(effect, messages.of(whole))


@router.failed(effects.Share)
async def not_shared(_ctx: Context, result: Result[effects.Share]) -> Effects:
    """Tell the user why the post was not shared, or that this is unknown."""
    yield error_messages.refusal(
        result.effect,
        result.event,
        refused="share.refused",
        outcome_unknown="share.outcome_unknown",
        post=result.effect.post,
    )


@router.done(effects.SayAs)
async def card_sent(_ctx: Context, result: Result[effects.SayAs]) -> Effects:
    """Tell the user that the link to the post was sent to the chat."""
    said = catalog.sentence(result.effect.language, "share.card_done", chat=references.chat_link(result.effect.dialog))
    yield error_messages.notice(result.effect, messages.of(said))


@router.failed(effects.SayAs)
async def card_not_sent(_ctx: Context, result: Result[effects.SayAs]) -> Effects:
    """Tell the user why the link to the post was not sent to the chat, or that this is unknown."""
    chat = references.chat_link(result.effect.dialog)
    yield error_messages.refusal(
        result.effect,
        result.event,
        refused="share.card_refused",
        outcome_unknown="share.card_outcome_unknown",
        chat=chat,
    )


def _written(ctx: Context, command: Command[Args]) -> str:
    """Return the command with the chat's id in place of `here`.

    The user may be asked in another dialog, where `here` would mean something else.
    """
    here = command.event.dialog
    is_here = {word for word in command.args.to if references.is_here(word) and not here.isdigit()}
    to = tuple(here if word in is_here else word for word in recipients.as_chosen(ctx, command.args.to))
    return arguments.compose(replace(command.args, to=to), command="share")


async def _ask_whom(ctx: Context, command: Command[Args], whom: recipients.Recipients) -> list[effects.Say]:
    written = _written(ctx, command)
    text = written.removeprefix("/share").lstrip()
    return await choosing.ask(ctx, whom.questions, command="share", text=text, kept=written)


async def _in_chats(ctx: Context, command: Command[Args], post: PostId, chats: list[Dialog]) -> list[effects.Effect]:
    """Return the effects that show a post in chats."""
    if not chats:
        return []
    found = await _read(ctx, command, post, beside=chats)
    return [effect for chat in chats for effect in await _show(ctx, command, found, chat)]


async def _recipients_added(
    ctx: Context, command: Command[Args], post: PostId, whom: recipients.Recipients
) -> list[effects.Effect]:
    """Return the effects that share a post, or that ask for the approval that the policy wants.

    Raises:
        UserMistake: the policy does not allow it.
    """
    verdict = await judging.required(ctx, command.author.id, whom.codes, whom.found, kept="policy.share_kept")
    action = effects.Share(
        dialog=command.dialog,
        language=command.language,
        user=command.author.id,
        author_name=command.author.name,
        answers=ctx.answers(),
        post=post,
        dest=whom.codes,
        audience=recipients.label(command.language, whom.found),
        audience_public=await names.may_be_shown(ctx, whom.found),
        report=True,
    )
    if verdict.allows:
        return [action]
    shown = await _read(ctx, command, post, beside=[])
    return await asking.of_share(ctx, action, verdict, whom.found, shown)


async def _read(ctx: Context, command: Command[Args], post: PostId, *, beside: list[Dialog]) -> Post:
    found = await ctx.portal.post(post, reader=command.author.id, beside=beside)
    if found is None:
        raise UserMistake("share.no_post", post=post)
    return found


async def _show(ctx: Context, command: Command[Args], post: Post, chat: Dialog) -> list[effects.Effect]:
    """Return the effects that show a post in a chat: a card in this dialog, elsewhere a link in the user's name.

    A card elsewhere could not be kept up to date.
    """
    if chat == command.dialog and not ctx.bot_absent:
        return await showing.move_card(ctx, post, chat, language=command.language)
    sent = effects.SayAs(
        dialog=chat,
        language=command.language,
        user=command.author.id,
        answers=ctx.answers(),
        content=await _link(ctx, command, post, chat),
        asked_in=command.dialog,
        bot=command.event.bot,
        url_preview=False,
        report=chat != command.event.dialog,
    )
    return [sent]


async def _link(ctx: Context, command: Command[Args], post: Post, chat: Dialog) -> Content:
    """Make a message that links to a post without its content, because nobody would remove the content later."""
    portal = await cards.known_portal(ctx)
    may = await audience.reach(ctx, post, chat) is Reach.FULL
    where = cards.link(portal, post.id, post.author) if may else cards.feed(portal)
    link = Link(catalog.sentence(command.language, "button.open"), where)
    follow = Press(catalog.sentence(command.language, "button.follow"), "follow")
    said = catalog.sentence(command.language, "share.link", post=post.id)
    return messages.with_menu(messages.of(said, keyboard=Keyboard.of([[link]])), Menu.of([link, follow]))
