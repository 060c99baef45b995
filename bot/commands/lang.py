"""/lang [language]: choose the language in which the bot writes to this person."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.framework import arguments, messages, person_language
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.effects import Content, Edit, Effect
from bot.model.events import From
from bot.model.state_changes import LanguageChosen
from bot.texts import comparing, cutting
from keyboards import Command as Press
from keyboards import Keyboard, bb

AUTOMATIC = "auto"
"""What gives the choice back to the bot."""
LONGEST_VALUE = 40
"""How much of an unknown language the answer repeats, in characters."""

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lang:
    """The arguments of /lang: the language, by its code or name, or `auto`; "" only asks."""

    language: str = arguments.rest()


@router.command("lang", Lang, order=80, also=catalog.also("lang"))
async def lang(ctx: Context, command: Command[Lang]) -> Effects:
    """Store the language that the person chose, or say which one it is, with a button for each language."""
    wanted = comparing.fold(command.args.language)
    known = await ctx.memory.language(command.author.id)
    if not wanted and known.chosen:
        said, language = "lang.is_chosen", command.language
    elif wanted in ("", AUTOMATIC, *map(comparing.fold, catalog.also("automatic"))):
        if wanted:
            ctx.store(LanguageChosen(user=command.author.id, language=""))
        recognised = person_language.recognised_at_last(command.event, known)
        said, language = ("lang.is_recognised", recognised) if recognised else ("lang.is_default", ctx.portal_language)
    elif chosen := catalog.language_named(wanted):
        ctx.store(LanguageChosen(user=command.author.id, language=chosen))
        said, language = "lang.chosen", chosen
    else:
        said, language = "lang.unknown", command.language
    value = bb.escape(cutting.start(command.args.language, LONGEST_VALUE))
    content = messages.of(catalog.sentence(language, said, value=value), keyboard=_buttons(language))
    yield _answer(ctx, command, content, language)


def _buttons(language: str) -> Keyboard:
    names = [Press(catalog.sentence(one, "language.name"), "lang", one) for one in catalog.languages()]
    return Keyboard.of([names, Press(catalog.sentence(language, "button.automatic"), "lang", AUTOMATIC)])


def _answer(ctx: Context, command: Command[Lang], said: Content, language: str) -> Effect:
    """Make the answer in the new language; in private a press of a button edits the message of the button.

    In a group other people read that message too, so there the person who presses gets a message of their own.
    """
    if command.source is From.BUTTON and not command.event.is_group and not ctx.bot_absent:
        return Edit(dialog=command.dialog, language=language, message=command.event.message, content=said)
    return replace(ctx.reply(said), language=language)
