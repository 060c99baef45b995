"""Finds, stores and removes templates."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from bot import suggestions
from bot.errors import PortalDown, PortalError, UserMistake
from bot.feed.composer.options import PostOptions
from bot.framework import arguments, converters
from bot.framework.context import Context
from bot.model.events import Commanded, Said
from bot.model.records import Template
from bot.model.state_changes import TemplateDropped, TemplateSaved
from bot.texts import comparing, cutting

MOST = 50
"""How many templates a person may have, and how many a chat."""
LONGEST_NAME = 40
"""The longest name of a template, in characters."""
LONGEST_TEXT = 10_000
"""The longest text of a template, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The template that a command names; `of_chat`: the word for this chat stood before the name."""

    name: str
    of_chat: bool = False

    @property
    def key(self) -> str:
        """Return the name for comparisons."""
        return comparing.fold(self.name)

    @property
    def written(self) -> str:
        """Return how the template is named in a command."""
        return f"{'chat ' if self.of_chat else ''}{converters.plain_or_quoted(self.name)}"


async def known(ctx: Context, event: Commanded | Said) -> list[Template]:
    """Return the templates that a person can use here: their own, and those of the chat if the bot is a member."""
    dialog = event.answer_dialog if ctx.bot_absent else event.dialog
    return await ctx.memory.templates(user=event.author.id, dialog=dialog)


def find(found: list[Template], named: Named) -> Template | None:
    """Return the template that is meant, a person's own before that of the chat; None if there is none."""
    fitting = [one for one in found if comparing.fold(one.name) == named.key and (one.chat or not named.of_chat)]
    return fitting[0] if fitting else None


def unknown(found: list[Template], named: Named, *, verb: str, left: str = "") -> UserMistake:
    """Make the mistake that there is no such template, with the nearest name; `left` is what stood behind the name."""
    value = cutting.start(named.name, converters.SHOWN)
    near = suggestions.nearest(named.key, {comparing.fold(one.name): one.name for one in found})
    if near is None:
        written = f"/template {verb} {named.written} {left}".rstrip() if left else ""
        return UserMistake("template.unknown", value=value, written=written)
    right = next(one.name for one in found if comparing.fold(one.name) == near)
    written = f"/template {verb} {converters.plain_or_quoted(right)} {left}".rstrip()
    return UserMistake("template.near", value=value, nearest=right, written=written)


async def save(ctx: Context, event: Commanded | Said, named: Named, text: str) -> Template | None:
    """Store a template, and return the one whose place it takes.

    Raises:
        UserMistake: it cannot be stored: its name or its text is missing or too long, there are too many, its options
            are wrong, or it is for a chat whose templates the person may not change.
    """
    if not named.name:
        raise UserMistake("template.no_name")
    if len(named.name) > LONGEST_NAME:
        raise UserMistake("template.long_name", most=LONGEST_NAME)
    if not text.strip():
        raise UserMistake("template.no_text", name=named.name)
    if len(text) > LONGEST_TEXT:
        raise UserMistake("template.long_text", most=f"{LONGEST_TEXT:,}", count=f"{len(text):,}")
    parsed(text, command=f"template save {named.written}")
    await _require_right(ctx, event, named)
    same_owner = [one for one in await known(ctx, event) if one.chat is named.of_chat]
    before = find(same_owner, named)
    if before is None and len(same_owner) >= MOST:
        raise UserMistake("template.full_chat" if named.of_chat else "template.full", most=MOST)
    dialog = event.dialog if named.of_chat else None
    user = None if named.of_chat else event.author.id
    ctx.store(TemplateSaved(user=user, dialog=dialog, key=named.key, name=named.name, text=text))
    return before


async def drop(ctx: Context, event: Commanded | Said, named: Named) -> Template:
    """Remove a template, and return it; raises UserMistake if there is none or the person may not remove it."""
    found = await known(ctx, event)
    there = find([one for one in found if one.chat is named.of_chat], named)
    if there is None and not named.of_chat and find(found, named):
        raise UserMistake("template.of_chat", name=named.name, instead=f"/template delete chat {named.written}")
    if there is None:
        raise unknown(found, named, verb="delete")
    await _require_right(ctx, event, named)
    user, dialog = (None, event.dialog) if named.of_chat else (event.author.id, None)
    ctx.store(TemplateDropped(user=user, dialog=dialog, key=named.key))
    return there


def parsed(text: str, *, command: str) -> PostOptions:
    """Read a template, which is what may stand after /post; `command` is written before it in a mistake.

    Raises:
        UserMistake: its options are wrong.
    """
    try:
        return arguments.parse(PostOptions, text, command=command)
    except UserMistake as mistake:
        mistake.values["command"] = "template"
        raise


async def _require_right(ctx: Context, event: Commanded | Said, named: Named) -> None:
    """Check that a person may change the templates of the chat, if the template is the chat's.

    Raises:
        UserMistake: it is no group with the bot, or they are neither its owner, a manager nor an administrator.
    """
    if not named.of_chat:
        return
    if not event.is_group or ctx.bot_absent:
        raise UserMistake("template.no_chat")
    with contextlib.suppress(PortalError, PortalDown):
        if await ctx.portal.manages(event.dialog, event.author.id) or await ctx.portal.is_admin():
            return
    raise UserMistake("template.not_manager")
