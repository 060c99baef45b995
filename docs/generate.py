"""Write the generated parts of docs/reference and docs/start/try.md from the code: `make docs`.

A page holds prose by hand and blocks between `<!-- generated: NAME -->` and `<!-- end -->`; only the blocks are
written. A test fails when a page is not what this script would write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from bot import commands, config
from bot.bitrix.outbound.methods import METHODS
from bot.cli.exit_codes import ExitCode
from bot.demo_lines import LINES
from bot.feed import error_messages
from bot.framework.router import Spec
from bot.i18n import catalog
from bot.model.events import Failed, PortalId
from bot.observability.metrics import Metrics

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
TRY = ROOT / "docs" / "start" / "try.md"
EXAMPLE = ROOT / "config.example.toml"
NAMES = {"group": "sales", "person": '"Anna Berg"', "post": "217", "number": "42"}
"""What the examples of the commands name."""
DOCUMENTED_ERRORS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Publish", "log.blogpost.add",
        (
            ("SONET_CONTROLLER_LIVEFEED_BLOGPOST_ADD_ERROR", "Blog post hasn't been added"),
            ("SONET_CONTROLLER_LIVEFEED_BLOGPOST_ADD_ERROR", "No destination specified"),
            ("SONET_CONTROLLER_LIVEFEED_BLOGPOST_MODULE_BLOG_NOT_INSTALLED", "Blog module is not installed"),
            ("SONET_CONTROLLER_LIVEFEED_BLOG_NOT_FOUND", "Blog not found"),
            ("", "Cannot add blog post"),
        ),
    ),
    (
        "Share", "log.blogpost.share",
        (
            ("", "Wrong post ID"),
            ("", "Blog module not installed"),
            ("", "Wrong destinations"),
            ("", "No read perms"),
            ("", "No access to one or more message recipients"),
        ),
    ),
    (
        "ChangePost", "log.blogpost.update",
        (
            ("SONET_CONTROLLER_LIVEFEED_BLOGPOST_UPDATE_ERROR", "Wrong post ID"),
            ("SONET_CONTROLLER_LIVEFEED_BLOGPOST_UPDATE_ERROR", "Blog module is not installed"),
            ("SONET_CONTROLLER_LIVEFEED_BLOGPOST_UPDATE_ERROR", "No write perms"),
            ("SONET_CONTROLLER_LIVEFEED_BLOGPOST_UPDATE_ERROR", "No blog found"),
            ("EMPTY_TITLE", "Message title is not specified"),
            ("", "Cannot update blog post"),
        ),
    ),
    (
        "DeletePost", "log.blogpost.delete",
        (
            ("100", "Wrong post ID"),
            ("403", "You do not have permission to delete this message"),
            ("0", "Blog module is not installed"),
            ("0", "Error deleting message"),
        ),
    ),
    (
        "CommentOnPost", "log.blogcomment.add",
        (
            ("", "No blog module installed"),
            ("", "No post found"),
            ("", "No blog found"),
            ("", "Duplicate comment"),
            ("", "No permissions"),
            ("", "Blog comment hasn't been added"),
        ),
    ),
    (
        "SayAs", "im.message.add",
        (
            ("USER_ID_EMPTY", "Recipient ID not specified for person-to-person chat message"),
            ("CHAT_ID_EMPTY", "Message recipient chat not specified"),
            ("ACCESS_ERROR", "Insufficient access permissions to send the message"),
            ("MESSAGE_EMPTY", "Message text not passed"),
            ("ATTACH_ERROR", "Incorrect attach params"),
            ("ATTACH_OVERSIZE", "You have exceeded the maximum allowable size of attach"),
            ("KEYBOARD_ERROR", "Incorrect keyboard params"),
            ("KEYBOARD_OVERSIZE", "You have exceeded the maximum allowable size of keyboard"),
            ("MENU_ERROR", "Incorrect menu params"),
            ("MENU_OVERSIZE", "You have exceeded the maximum allowable size of menu"),
            ("PARAMS_ERROR", "Something went wrong"),
            ("CANCELED", "Message canceled"),
        ),
    ),
    (
        "CrmPost", "crm.livefeedmessage.add",
        (
            ("", "Access denied."),
            ("", "The message text is empty."),
            ("", "The entity is not defined."),
            ("", "You may not write to CRMDEAL43."),
            ("", "Any other text, in the language of the portal"),
        ),
    ),
    (
        "CrmComment", "crm.timeline.comment.add",
        (
            ("OWNER_NOT_FOUND", "Owner was not found"),
            ("ACCESS_DENIED", "Access denied."),
            ("NOT_FOUND", "Not found."),
            ("INVALID_ARG_VALUE", "Comment message is empty"),
            ("100", "Could not find value for parameter {fields}"),
            ("0", "error"),
        ),
    ),
    (
        "DeleteCrmComment", "crm.timeline.comment.delete",
        (
            ("OWNER_NOT_FOUND", "Owner was not found"),
            ("ACCESS_DENIED", "Access denied."),
            ("MULTIPLE_BINDINGS", "The comment is bound to several cards"),
            ("100", "Could not find value for parameter {id}"),
            ("0", "error"),
        ),
    ),
)  # fmt: skip
"""The errors that the reference documents: the effect that causes the call, the method, and codes with texts."""
DOCUMENTED_LOOKS: tuple[tuple[str, str, str], ...] = (
    *(
        (f"crm.{kind}.get", text, "crm.not_seen")
        for kind in ("lead", "deal", "contact", "company")
        for text in ("Not found", "Access denied.", "ID is not defined or invalid.")
    ),
    *((f"crm.{kind}.list", "Access denied.", "crm.no_rights") for kind in ("lead", "deal", "contact", "company")),
)
"""The errors of looking into the CRM, which have no codes: the method, the text, and the key of our sentence."""
BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def renewed(page: Path, blocks: Mapping[str, Callable[[], str]]) -> str:
    """Give a page with its blocks as the code has them now; a block that nobody writes is a KeyError."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{blocks[found[2]]()}\n\n{found[3]}", page.read_text(encoding="utf-8"))


def pages() -> dict[Path, str]:
    """Give every page of the reference as it should be."""
    return {page: renewed(page, BLOCKS) for page in [*sorted(REFERENCE.glob("*.md")), TRY]}


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in lines)


def _code(words: Iterable[str]) -> str:
    return " ".join(f"`{word}`" for word in words)


def _commands() -> str:
    table = commands.router()
    specs = [table.commands[name] for name in table.listed]
    others = [spec for name, spec in sorted(table.commands.items()) if name not in table.listed]
    specs += [spec for spec in others if not spec.for_buttons]
    rows = [(f"[`/{spec.name}`](#{spec.name})", _said(spec, "title"), _code(spec.also)) for spec in specs]
    head = ("command", "does", "also understood")
    return "\n\n".join([_table(head, rows), *(_command(spec) for spec in specs)])


def _command(spec: Spec) -> str:
    usage = f"/{spec.name} {_said(spec, 'hint')}".rstrip()
    example = _said(spec, "example").strip()
    said = f"## /{spec.name}\n\n`{usage}` — {_said(spec, 'about')}"
    if example == usage:
        return said
    return f"{said}\n\n```\n{example}\n```" if "\n" in example else f"{said}\n\nFor example `{example}`."


def _said(spec: Spec, key: str) -> str:
    return catalog.sentence(catalog.DEFAULT, f"{spec.name}.{key}", **NAMES)


def _settings() -> str:
    sentences, defaults = _example_sentences(), config.defaults()
    sections = dict.fromkeys(item.section for item in config.settings().values())
    written = []
    for section in sections:
        rows = [
            (
                f"`{item.key}`",
                f"`{json.dumps(getattr(getattr(defaults, section), item.key))}`",
                item.allowed,
                sentences[item.name],
            )
            for item in config.settings().values()
            if item.section == section
        ]
        written.append(f"## `[{section}]`\n\n{_table(('key', 'default', 'allowed', 'says'), rows)}")
    return "\n\n".join(written)


def _example_sentences() -> dict[str, str]:
    """Return the sentence above each key of config.example.toml."""
    section, sentence, found = "", "", {}
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            sentence = line.removeprefix("# ")
        elif line.startswith("["):
            section = line.strip("[]")
        elif key := re.match(r"(\w+) = ", line):
            found[f"{section}.{key[1]}"] = sentence
    return found


def _metrics() -> str:
    rows = [(f"`{one.name}`", one.type, _code(one.labels), one.text) for one in Metrics().descriptions]
    return _table(("metric", "type", "labels", "says"), rows)


def _methods() -> str:
    rows = [(f"`{one.name}`", f"`{one.scope}`" if one.scope else "", one.purpose, one.token.value) for one in METHODS]
    return _table(("method", "scope", "used to", "token"), rows)


def _exit_codes() -> str:
    return _table(("code", "meaning"), [(f"`{code.value}`", code.meaning) for code in ExitCode])


def _errors() -> str:
    rows = []
    for kind, method, errors in DOCUMENTED_ERRORS:
        for code, text in errors:
            event = Failed(
                portal=PortalId(""), effect_id=0, kind=kind, effect={}, error="Refused", code=code, text=text
            )
            rows.append((f"`{method}`", f"`{code}`" if code else "", text, error_messages.why(catalog.DEFAULT, event)))
    for method, text, key in DOCUMENTED_LOOKS:
        entity = f"{method.split('.')[1]} 42"
        rows.append((f"`{method}`", "", text, catalog.sentence(catalog.DEFAULT, key, entity=entity)))
    return _table(("method", "code", "the portal's text", "the bot says"), rows)


def _lines() -> str:
    return _table(("write", "what it shows"), ([f"`{line}`", does] for line, does in LINES))


BLOCKS: Mapping[str, Callable[[], str]] = {
    "commands": _commands,
    "settings": _settings,
    "metrics": _metrics,
    "methods": _methods,
    "exit_codes": _exit_codes,
    "errors": _errors,
    "lines": _lines,
}


def main() -> None:
    """Write every page that is not up to date."""
    for page, text in pages().items():
        if page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
