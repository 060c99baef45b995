"""/help [command]: list the commands or explain one; also answers unknown commands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bot import suggestions
from bot.feed import greeting
from bot.feed.composer import answering
from bot.feed.posts import replying
from bot.feed.publishing import examples, forwards
from bot.framework import arguments, converters, courtesy, messages
from bot.framework.context import Context, Effects
from bot.framework.router import DELIVERED, Command, Router
from bot.i18n import catalog
from bot.model.effects import Content, Edit, Effect
from bot.model.events import Commanded, From, Said
from bot.texts import comparing, cutting
from keyboards import Button, Keyboard, Put, bb
from keyboards import Command as Press

router = Router()

_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """The arguments of /help: the command to explain, with or without its slash."""

    topic: str = arguments.positional()
    rest: str = arguments.rest()


@router.command("help", Help, order=90, edits=True, also=catalog.also("help"))
async def show(ctx: Context, command: Command[Help]) -> Effects:
    """List the commands or explain one; after a press of a button, edit the message with the button."""
    topic = comparing.fold(command.args.topic).removeprefix("/")
    said = await _about(ctx, command, topic) if topic else _all(ctx.listed, command.language)
    yield _answer(ctx, command, said)


@router.unknown
async def unknown(ctx: Context, event: Said | Commanded) -> Effects:
    """Answer a message that is no command, and suggest the most similar command with a button.

    In private it may be the answer to a question about the person's draft.
    """
    language = event.language
    if (answered := await _of_a_conversation(ctx, event)) is not None:
        for effect in answered:
            yield effect
        return
    first, left = converters.first(event.text if isinstance(event, Said) else f"/{event.name} {event.params}")
    name = comparing.fold(first).removeprefix("/").rstrip(",.:;!?")
    near = _nearest(ctx, name) if name and not courtesy.is_word(name) else None
    words = not near and not first.startswith("/") and not event.files
    if words and isinstance(event, Said) and (said := await _courteous(ctx, event)):
        yield ctx.reply(said)
        return
    if first.startswith("/") or (near and event.is_group):  # after a mention in a group, a command needs no slash
        answer = _unknown(language, name, near)
    else:
        answer = _no_command(language, name, near, files=event.files)
    help_ = Keyboard.of([_press(language, "button.help", "")])
    action = Keyboard.of([Put(f"/{near}", f"/{near} {left}".rstrip())])
    helps = near is None or ctx.names[near] == "help" or not messages.fits(action)
    yield ctx.reply(messages.of(answer, keyboard=help_ if helps else action + help_))


async def _of_a_conversation(ctx: Context, event: Said | Commanded) -> list[Effect] | None:
    """Return the effects of a message that was forwarded, or answers a card or a question; None for any other."""
    if event.forwarded:
        return await forwards.answer(ctx, event)
    if not isinstance(event, Said):
        return None
    offered = await replying.offer(ctx, event)
    return await answering.answer(ctx, event) if offered is None else offered


async def _courteous(ctx: Context, event: Said) -> Content | None:
    """Return the greeting at the first contact, or a short answer to thanks and the like; None for other words."""
    if event.text and await greeting.is_due(ctx, event):
        return greeting.greeting(event.language, group=event.is_group)
    key = courtesy.answer(event.text, is_group=event.is_group)
    return messages.of(ctx.say(key)) if key else None


def _answer(ctx: Context, command: Command[Help], said: Content) -> Effect:
    if command.source is From.BUTTON and not ctx.bot_absent:
        return Edit(dialog=command.dialog, language=command.language, message=command.event.message, content=said)
    return ctx.reply(said)


@lru_cache
def _all(listed: tuple[str, ...], language: str) -> Content:
    """Make the list of all commands; it is cached for each language, because it is always the same."""
    lines = [f"[B]/{name}[/B] — {catalog.sentence(language, f'{name}.title')}" for name in listed]
    intro, one = catalog.sentence(language, "help.intro"), catalog.sentence(language, "help.one")
    topics = Keyboard.of([[Press(f"/{name}", "help", name) for name in listed if name != "help"]]).adjust(3)
    return messages.of("\n".join([intro, "", *lines, "", one]), keyboard=topics)


async def _about(ctx: Context, command: Command[Help], topic: str) -> Content:
    language, name = command.language, ctx.names.get(topic)
    if name is None:
        said = _unknown(language, topic, _nearest(ctx, topic))
        return messages.of(said, keyboard=Keyboard.of([_press(language, "button.all", "")]))
    hint = catalog.sentence(language, f"{name}.hint")
    lines = await examples.lines(ctx, command.event, name)
    said = "\n".join(
        [
            f"[B]{catalog.sentence(language, f'{name}.title')}[/B]",
            catalog.sentence(language, f"{name}.about"),
            *_names(language, name),
            "",
            catalog.sentence(language, "help.how"),
            f"/{name} {hint}".rstrip(),
            "",
            catalog.sentence(language, "help.for_example"),
            *map(bb.escape, lines),
        ]
    )
    return messages.of(
        said, keyboard=Keyboard.of([[_try(language, name, lines[0]), _press(language, "button.all", "")]])
    )


def _try(language: str, name: str, example: str) -> Button:
    """Make the button that uses a command.

    It sends a command without arguments; otherwise it puts an example into the input field.
    """
    if example == f"/{name}":
        return Press(catalog.sentences(language).get(f"button.{name}", example), name)
    return Put(catalog.sentence(language, "button.try"), examples.start(language, example))


def _nearest(ctx: Context, word: str) -> str | None:
    """Return the most similar command name in the user's language; None if no name is similar.

    If only a name in another language is similar, the English name is returned.
    """
    if near := suggestions.nearest(word, catalog.own(ctx.language, ctx.names)):
        return near
    near = suggestions.nearest(word, ctx.names)
    return ctx.names[near] if near else None


def _names(language: str, command: str) -> list[str]:
    """Return the sentences about the other names of a command in this language.

    Names that are not Latin have their own sentence, because a portal does not deliver them in groups.
    """
    words = catalog.sentences(language)[f"also.{command}"].split()
    latin = [f"/{word}" for word in words if DELIVERED.fullmatch(word)]
    others = [f"/{word}" for word in words if not DELIVERED.fullmatch(word)]
    found = {"help.also": latin, "help.also_private": others}
    return [catalog.sentence(language, key, names=", ".join(names)) for key, names in found.items() if names]


def _no_command(language: str, word: str, near: str | None, *, files: int) -> str:
    """Return the answer to a message in private without a slash, or to a mention of the bot without words.

    `word` is the first word of the message, `near` the most similar command (None: there is none).
    """
    if not word:
        return catalog.sentence(language, "unknown.file" if files else "unknown.empty")
    return catalog.sentence(language, "unknown.slash" if near else "unknown.words", nearest=near)


def _unknown(language: str, name: str, near: str | None) -> str:
    shown = bb.escape(cutting.start(name, _LONGEST_NAME))
    return catalog.sentence(language, "unknown.near" if near else "unknown.command", name=shown, nearest=near)


def _press(language: str, key: str, params: str, command: str = "help") -> Press:
    return Press(catalog.sentence(language, key), command, params)
