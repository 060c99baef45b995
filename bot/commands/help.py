"""/help [command]: list the commands or explain one; also answers unknown commands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bot import comparing, suggestions
from bot.framework import arguments, converters, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.effects import Content, Edit, Effect
from bot.model.events import Commanded, From, Said
from keyboards import Command as Press
from keyboards import Keyboard, Put, bb

router = Router()

_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """The arguments: the command to explain, with or without its slash."""

    topic: str = arguments.positional()
    rest: str = arguments.rest()


@router.command("help", Help, order=90, common=True, also=("помощь", "справка", "hilfe"))
async def show(ctx: Context, command: Command[Help]) -> Effects:
    """List the commands or explain one; edits the message whose button was pressed."""
    topic = comparing.fold(command.args.topic).removeprefix("/")
    yield _answer(ctx, command, _about(ctx, command.language, topic) if topic else _all(ctx.listed, command.language))


@router.unknown
async def unknown(ctx: Context, event: Said | Commanded) -> Effects:
    """Answer an unknown command, and suggest the nearest one by a button."""
    language = event.language
    first, left = converters.first(event.text if isinstance(event, Said) else f"/{event.name} {event.params}")
    name = comparing.fold(first).removeprefix("/").rstrip(",.:;!?")
    near = suggestions.nearest(name, ctx.names) if name else None
    if first.startswith("/") or (near and event.is_group):  # after a mention in a group, a command needs no slash
        said = _unknown(language, name, near)
    else:
        said = _no_command(language, name, near)
    help_ = Keyboard.of([_press(language, "button.help", "")])
    action = Keyboard.of([Put(catalog.sentence(language, "button.use", part=f"/{near}"), f"/{near} {left}".rstrip())])
    helps = near is None or ctx.names[near] == "help" or not messages.fits(action)
    yield ctx.reply(messages.of(said, keyboard=help_ if helps else action + help_))


def _answer(ctx: Context, command: Command[Help], said: Content) -> Effect:
    if command.source is From.BUTTON and not ctx.bot_absent:
        return Edit(dialog=command.dialog, language=command.language, message=command.event.message, content=said)
    return ctx.reply(said)


@lru_cache
def _all(listed: tuple[str, ...], language: str) -> Content:
    """List every command; made once for each language, because it is always the same."""
    lines = [f"[B]/{name}[/B] — {catalog.sentence(language, f'{name}.title')}" for name in listed]
    intro, one = catalog.sentence(language, "help.intro"), catalog.sentence(language, "help.one")
    topics = Keyboard.of([[Press(f"/{name}", "help", name) for name in listed if name != "help"]]).adjust(3)
    actions = Keyboard.of(
        [[_press(language, "button.follow", "", "follow"), _press(language, "button.follows", "", "follows")]]
    )
    return messages.of("\n".join([intro, "", *lines, "", one]), keyboard=topics + actions)


def _about(ctx: Context, language: str, topic: str) -> Content:
    name = ctx.names.get(topic)
    if name is None:
        said = _unknown(language, topic, suggestions.nearest(topic, ctx.names))
        return messages.of(said, keyboard=Keyboard.of([_press(language, "button.all", "")]))
    hint = catalog.sentence(language, f"{name}.hint")
    examples = catalog.sentence(language, f"{name}.example")
    said = "\n".join(
        [
            f"[B]{catalog.sentence(language, f'{name}.title')}[/B]",
            catalog.sentence(language, f"{name}.about"),
            "",
            catalog.sentence(language, "help.how"),
            f"/{name} {hint}".rstrip(),
            "",
            catalog.sentence(language, "help.for_example"),
            examples,
        ]
    )
    put = Put(catalog.sentence(language, "button.try"), examples.splitlines()[0])
    return messages.of(said, keyboard=Keyboard.of([[put, _press(language, "button.all", "")]]))


def _no_command(language: str, word: str, near: str | None) -> str:
    """Return the answer to words without a slash, or to a mention without words."""
    if not word:
        return catalog.sentence(language, "unknown.empty")
    return catalog.sentence(language, "unknown.slash" if near else "unknown.words", nearest=near)


def _unknown(language: str, name: str, near: str | None) -> str:
    shown = bb.escape(name[:_LONGEST_NAME])
    return catalog.sentence(language, "unknown.near" if near else "unknown.command", name=shown, nearest=near)


def _press(language: str, key: str, params: str, command: str = "help") -> Press:
    return Press(catalog.sentence(language, key), command, params)
