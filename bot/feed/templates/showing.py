"""Makes the list of templates, and the answers to changes of one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.feed import post_text
from bot.feed.templates import filling
from bot.framework import converters, messages
from bot.i18n import catalog
from bot.model.effects import Content
from bot.model.records import Template
from keyboards import Button, Keyboard, Put, bb
from keyboards import Command as Press

ON_A_PAGE = 5
"""How many templates one message lists; each has a row of two buttons."""


def page(templates: Sequence[Template], number: int, *, language: str, group: bool, before: str = "") -> Content:
    """Make a page of the list of templates; `number` counts from 1, and `before` is a line above the list.

    In a `group` these are the templates of the chat, because those of a person are for nobody else to read.
    """
    pages = max(1, -(-len(templates) // ON_A_PAGE))
    at = min(max(number, 1), pages)
    here = templates[(at - 1) * ON_A_PAGE : at * ON_A_PAGE]
    key = "template.list_chat" if group else "template.list"
    said = [before] if before else []
    said.append(catalog.sentence(language, key if templates else f"{key}_empty"))
    said += [_line(one, language) for one in here]
    rows: list[list[Button]] = [_buttons(one, language) for one in here]
    turns = (("template.button_before", at - 1, at > 1), ("template.button_after", at + 1, at < pages))
    row: list[Button] = [
        Press(catalog.sentence(language, key), "template", f"page {to}") for key, to, is_there in turns if is_there
    ]
    keyboard = Keyboard.of([*rows, row] if row else rows) if rows else None
    return messages.of("\n".join(said), keyboard=keyboard)


def saved(template: Template, before: Template | None, *, language: str) -> Content:
    """Make the message that a template was saved; a button puts a text that it replaces back into the input field."""
    name = bb.escape(template.name)
    key = "template.saved_chat" if template.chat else "template.saved"
    said = [catalog.sentence(language, key, name=name, use=bb.escape(_use(template)))]
    if names := list(filling.variables(template.text).values()):
        said.append(catalog.sentence(language, "template.variables", names=bb.escape(", ".join(names))))
    row: list[Button] = [Put(catalog.sentence(language, "template.button_use"), f"{_use(template)} ")]
    if before is not None and before.text != template.text:
        said.append(catalog.sentence(language, "template.replaced"))
        row.append(Put(catalog.sentence(language, "template.button_before_text"), _save(before)))
    return _fitting("\n".join(said), row)


def dropped(template: Template, *, language: str) -> Content:
    """Make the message that a template was deleted, with a button to save it again."""
    said = catalog.sentence(language, "template.deleted", name=bb.escape(template.name))
    return _fitting(said, [Put(catalog.sentence(language, "button.back"), _save(template))])


def _fitting(said: str, row: list[Button]) -> Content:
    """Make a message with those buttons of a row that fit together, the first ones before the others."""
    while row and not messages.fits(Keyboard.of([row])):
        row = row[:-1]
    return messages.of(said, keyboard=Keyboard.of([row]) if row else None)


def _line(template: Template, language: str) -> str:
    """Write a template in one line: its name, and the beginning of its text."""
    words = bb.escape(post_text.headline("", template.text))
    return catalog.sentence(language, "template.line", name=bb.escape(template.name), words=words)


def _buttons(template: Template, language: str) -> list[Button]:
    name = template.name
    return [
        Put(catalog.sentence(language, "template.button_use_one", name=name), f"{_use(template)} "),
        Press(
            catalog.sentence(language, "template.button_delete", name=name), "template", f"delete {_named(template)}"
        ),
    ]


def _named(template: Template) -> str:
    return f"{'chat ' if template.chat else ''}{converters.plain_or_quoted(template.name)}"


def _use(template: Template) -> str:
    return f"/template use {_named(template)}"


def _save(template: Template) -> str:
    return f"/template save {_named(template)} {template.text}"
