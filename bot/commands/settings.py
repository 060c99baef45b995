"""/settings: whether posts are shown first, and who they are for, as a person and as a chat chose."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

from bot.errors import PortalDown, PortalError, UserMistake
from bot.feed.composer import default_recipients
from bot.feed.composer.drafts import NOTHING
from bot.feed.publishing import choosing, names, recipients
from bot.framework import arguments, flags, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.effects import Content, Edit
from bot.model.events import Dialog, From, UserId
from bot.model.records import AtOnce, DefaultRecipients, Named
from bot.model.state_changes import AtOnceChosen, DefaultRecipientsChosen
from bot.texts import comparing, cutting
from keyboards import Button, Keyboard, Token, bb
from keyboards import Command as Press

router = Router()

CHAT = "chat"
LONGEST_NAMES = 400
"""How much of the names of default recipients is shown, in characters."""
_CHAT = {comparing.fold(word) for word in (CHAT, *catalog.also("chat"))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of /settings: `preview:on`, `preview:off`, `to:sales`, `to:-`, or nothing.

    `chat` before them means this chat.
    """

    preview: str = arguments.option(also=catalog.also("option_preview_first"))
    to: tuple[str, ...] = arguments.option(also=catalog.also("option_to"), spaced=True)
    whose: str = arguments.positional()


@router.command("settings", Args, order=80, also=catalog.also("settings"))
async def settings(ctx: Context, command: Command[Args]) -> Effects:
    """Show the settings of the person and the chat, or change some of them."""
    event, args = command.event, command.args
    of_chat, first = _read(command)
    if of_chat and (args.preview or args.to):
        await _require_manager(ctx, command)
    whom = await recipients.resolve(ctx, [word for word in args.to if word not in NOTHING])
    if whom.questions:
        kept = arguments.compose(replace(args, to=recipients.as_chosen(ctx, args.to)), command=command.name)
        for asked in await choosing.ask(ctx, whom.questions, command=command.name, text=ctx.written, kept=kept):
            yield asked
        return
    chosen = await ctx.memory.at_once(user=command.author.id, dialog=event.dialog)
    default = await ctx.memory.default_recipients(user=command.author.id, dialog=event.dialog)
    who = Whose(user=None, dialog=event.dialog) if of_chat else Whose(user=command.author.id, dialog=None)
    if first is not None:
        ctx.store(AtOnceChosen(user=who.user, dialog=who.dialog, at_once=not first))
        chosen = replace(chosen, **{who.name: not first})
    if args.to:
        ctx.store(DefaultRecipientsChosen(user=who.user, dialog=who.dialog, to=whom.found))
        default = replace(default, **{who.name: whom.found})
    content = await _content(ctx, chosen, default, group=event.is_group and not ctx.bot_absent)
    if command.source is From.BUTTON and not ctx.bot_absent and not event.is_group:
        yield Edit(dialog=command.dialog, language=command.language, message=event.message, content=content)
    else:
        yield ctx.reply(content)


def _read(command: Command[Args]) -> tuple[bool, bool | None]:
    """Return whether a chat's settings are meant, and whether posts are shown first (None: that is not named).

    Raises:
        UserMistake: there is another word than `chat`, too many recipients are named, or the switch is none.
    """
    args = command.args
    of_chat = comparing.fold(args.whose) in _CHAT
    if args.whose and not of_chat:
        raise UserMistake("words.extra", text=cutting.start(args.whose, 60), command=command.name)
    first = flags.switch(args.preview)
    if len(args.to) > default_recipients.MOST:
        raise UserMistake("settings.to_many", most=default_recipients.MOST)
    if args.preview and first is None:
        raise UserMistake("words.switch", option="preview", value=cutting.start(args.preview, 60))
    return of_chat, first


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose setting is changed: that of a person, or that of a chat; the other of the two is None."""

    user: UserId | None
    dialog: Dialog | None

    @property
    def name(self) -> str:
        """Return the name of the field that has the setting in AtOnce and DefaultRecipients."""
        return "chat" if self.user is None else "person"


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


async def _content(ctx: Context, chosen: AtOnce, default: DefaultRecipients, *, group: bool) -> Content:
    """Make the message: what holds here for the person, what they and the chat chose, and buttons to change it."""
    holds = chosen.decided(default=ctx.settings.publish_at_once)
    said = [ctx.say(f"settings.now_{_word(holds)}"), ctx.say(f"settings.you_{_word(chosen.person)}")]
    rows: list[list[Button]] = [_buttons(ctx, "", chosen.person)]
    if default.person:
        said.append(ctx.say("settings.to_you", names=await _names(ctx, default.person)))
        rows.append([Press(ctx.say("settings.button_to_you"), "settings", "to:-")])
    if group:
        said.append(ctx.say(f"settings.chat_{_word(chosen.chat)}"))
        rows.append(_buttons(ctx, f"{CHAT} ", chosen.chat))
    if group and default.chat:
        said.append(ctx.say("settings.to_chat", names=await _names(ctx, default.chat)))
        rows.append([Press(ctx.say("settings.button_to_chat"), "settings", f"{CHAT} to:-")])
    return messages.of("\n".join(said), keyboard=Keyboard.of(rows))


async def _names(ctx: Context, to: tuple[Named, ...]) -> str:
    """Return the names of recipients, or how many they are where not everybody may know them."""
    if await names.may_be_shown(ctx, to):
        return bb.escape(cutting.shorten(recipients.label(ctx.language, to), LONGEST_NAMES))
    return catalog.plural(ctx.language, "settings.to_hidden", len(to))


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
