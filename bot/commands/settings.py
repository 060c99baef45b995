"""/settings: whether posts are shown before they are published, for a person and for a chat."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

from bot.errors import PortalDown, PortalError, UserMistake
from bot.framework import arguments, flags, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.effects import Content, Edit
from bot.model.events import From
from bot.model.records import AtOnce
from bot.model.state_changes import AtOnceChosen
from bot.texts import comparing, cutting
from keyboards import Button, Keyboard, Token
from keyboards import Command as Press

router = Router()

CHAT = "chat"
_CHAT = {comparing.fold(word) for word in (CHAT, *catalog.also("chat"))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of /settings: `preview:on`, `preview:off`, or nothing; `chat` before it means this chat."""

    preview: str = arguments.option(also=catalog.also("option_preview_first"))
    whose: str = arguments.positional()


@router.command("settings", Args, order=80, also=catalog.also("settings"))
async def settings(ctx: Context, command: Command[Args]) -> Effects:
    """Show the settings of the person and the chat, or change one of them."""
    event, args = command.event, command.args
    of_chat = comparing.fold(args.whose) in _CHAT
    if args.whose and not of_chat:
        raise UserMistake("words.extra", text=cutting.start(args.whose, 60), command=command.name)
    chosen = await ctx.memory.at_once(user=command.author.id, dialog=event.dialog)
    if args.preview:
        if (first := flags.switch(args.preview)) is None:
            raise UserMistake("words.switch", option="preview", value=cutting.start(args.preview, 60))
        if of_chat:
            await _require_manager(ctx, command)
            ctx.store(AtOnceChosen(dialog=event.dialog, at_once=not first))
            chosen = replace(chosen, chat=not first)
        else:
            ctx.store(AtOnceChosen(user=command.author.id, at_once=not first))
            chosen = replace(chosen, person=not first)
    content = _content(ctx, chosen, group=event.is_group and not ctx.bot_absent)
    if command.source is From.BUTTON and not ctx.bot_absent and not event.is_group:
        yield Edit(dialog=command.dialog, language=command.language, message=event.message, content=content)
    else:
        yield ctx.reply(content)


async def _require_manager(ctx: Context, command: Command[Args]) -> None:
    """Check that a person may change the settings of this chat.

    Raises:
        UserMistake: it is no group with the bot, or they are neither its owner, a manager nor an administrator.
    """
    if not command.event.is_group or ctx.bot_absent:
        raise UserMistake("settings.no_chat")
    with contextlib.suppress(PortalError, PortalDown):
        if await ctx.portal.manages(command.event.dialog, command.author.id) or await ctx.portal.is_admin():
            return
    raise UserMistake("settings.not_manager")


def _content(ctx: Context, chosen: AtOnce, *, group: bool) -> Content:
    """Make the message: what holds here for the person, what they and the chat chose, and buttons to change it."""
    holds = chosen.decided(default=ctx.settings.publish_at_once)
    said = [ctx.say(f"settings.now_{_word(holds)}"), ctx.say(f"settings.you_{_word(chosen.person)}")]
    rows: list[list[Button]] = [_buttons(ctx, "", chosen.person)]
    if group:
        said.append(ctx.say(f"settings.chat_{_word(chosen.chat)}"))
        rows.append(_buttons(ctx, f"{CHAT} ", chosen.chat))
    return messages.of("\n".join(said), keyboard=Keyboard.of(rows))


def _word(at_once: bool | None) -> str:  # noqa: FBT001 - a value, and not an option of this function
    return "open" if at_once is None else "at_once" if at_once else "preview"


def _buttons(ctx: Context, whose: str, at_once: bool | None) -> list[Button]:  # noqa: FBT001 - as above
    """Make the two buttons of a choice; the chosen one is highlighted."""
    where = CHAT if whose else "you"

    def button(choice: bool) -> Button:  # noqa: FBT001 - as above
        params = f"{whose}preview:{'off' if choice else 'on'}"
        token = Token.PRIMARY if at_once is choice else Token.BASE
        return Press(ctx.say(f"settings.button_{where}_{_word(choice)}"), "settings", params, token=token)

    return [button(False), button(True)]  # noqa: FBT003 - as above
