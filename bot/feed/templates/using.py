"""Makes a draft of a template: the values of its variables, then its own options, then those of the person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bot.errors import UserMistake
from bot.feed.composer import options
from bot.feed.composer.options import PostOptions
from bot.feed.templates import filling, keeping
from bot.feed.templates.filling import TEXT
from bot.feed.templates.keeping import Named
from bot.framework import converters
from bot.framework.context import Context
from bot.model.effects import Say
from bot.model.events import Commanded, Said
from bot.model.records import Template
from keyboards import bb


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """The fields of the draft that a template becomes, or the questions to ask first."""

    fields: dict[str, Any]
    questions: tuple[Say, ...] = ()


async def use(ctx: Context, event: Commanded | Said, template: Template, named: Named, text: str) -> Used:
    """Put what a person wrote into a template.

    What they name themselves, such as recipients, goes before what the template names. If the template has no place for
    their text, it stands at the end.

    Raises:
        UserMistake: a variable has no value; its value `written` is the command with the names of such variables.
    """
    wanted = filling.variables(template.text)
    try:
        given, left = filling.given(text, wanted)
    except UserMistake as mistake:
        mistake.values |= {"command": "template", "written": f"/template use {named.written} {text}"}
        raise
    front = "".join(f" {wanted[key]}:{converters.plain_or_quoted(value)}" for key, value in given.items())
    command = f"template use {named.written}{front}"
    own = await options.understand(ctx, keeping.parsed(left, command=command), command="template", front=command)
    if own.questions:
        return Used(fields={}, questions=own.questions)
    fields = dict(own.fields)
    behind = str(fields.pop("text", ""))
    known = await filling.values(ctx, event, wanted)
    values = known | ({TEXT: behind} if behind else {}) | given
    if missing := [name for key, name in wanted.items() if key not in values]:
        front = "".join(f" {name}:" for name in missing if name != wanted.get(TEXT))
        raise UserMistake(
            "template.missing", name=template.name, missing=", ".join(missing), command="template",
            written=f"/{command}{front} {left}".rstrip(),
        )  # fmt: skip
    made = await _filled(ctx, template, values, known, skip_recipients="to" in fields)
    if made.questions:
        return made
    whole = str(made.fields.get("text", ""))
    if behind and TEXT not in wanted:
        whole = f"{whole}\n{behind}".strip()
    return Used(fields=made.fields | fields | {"text": whole})


async def _filled(
    ctx: Context, template: Template, values: dict[str, str], known: dict[str, str], *, skip_recipients: bool
) -> Used:
    """Return the fields that the template itself names, filled.

    What we put into its text, such as the name of a person, has no markup.
    """
    args = keeping.parsed(template.text, command=f"template use {converters.plain_or_quoted(template.name)}")
    shown = values | {name: bb.escape(value) for name, value in known.items() if values[name] == value}
    args = filling.filled(args, values, shown=shown)
    if skip_recipients:
        args = _without_recipients(args)
    found = await options.understand(ctx, args, command="template", front="draft")
    return Used(fields=found.fields, questions=found.questions)


def _without_recipients(args: PostOptions) -> PostOptions:
    return replace(args, to=(), name_goes_on=False)
