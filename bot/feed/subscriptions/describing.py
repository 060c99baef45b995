"""Says in words which posts a rule wants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.feed.subscriptions import rules
from bot.feed.subscriptions.rules import Rule
from bot.i18n import catalog
from bot.model.records import Follow
from bot.texts import cutting
from keyboards import bb

LONGEST = 300
"""How much of a rule a sentence shows, in characters."""


def describe(language: str, topic: str, label: str = "", *, code: bool = True) -> str:
    """Return the words for a rule in a sentence; `label` has the names of its codes, a line each.

    They are escaped for BB code, unless `code` is off (for the label of a button).
    """
    rule = rules.read(topic)
    key = "rule.important" if rule.important else "rule.all" if rule == Rule() else "rule.posts"
    parts = [catalog.sentence(language, key)]
    for name, values in _conditions(language, rule, label):
        shown = f" {catalog.sentence(language, 'rule.or')} ".join(values)
        parts.append(catalog.sentence(language, f"rule.{name}", value=shown))
    said = cutting.shorten(" ".join(parts), LONGEST)
    return bb.escape(said) if code else said


def describe_all(language: str, follows: Sequence[Follow], *, owners: bool = False) -> str:
    """Return a numbered list of what a dialog follows, one line each; with `owners`, who asked for it."""
    lines = [f"{number}. {_line(language, one, owners=owners)}" for number, one in enumerate(follows, 1)]
    return "\n".join((catalog.sentence(language, "follow.list"), *lines))


def _line(language: str, one: Follow, *, owners: bool) -> str:
    said = describe(language, one.topic, one.label)
    if not (owners and one.owner_name):
        return said
    return catalog.sentence(language, "follow.of_owner", what=said, owner=bb.escape(one.owner_name))


def _conditions(language: str, rule: Rule, label: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each condition's sentence, and its values as people read them."""
    names = label.split("\n") if label and rule.codes else []
    shown = dict(zip(rule.codes, names, strict=False))
    for before in ("", "not_"):
        if authors := sorted(getattr(rule, f"{before}authors")):
            yield f"{before}authors", [shown.get(f"U{one}") or f"U{one}" for one in authors]
        if places := sorted(getattr(rule, f"{before}places")):
            yield f"{before}places", [shown.get(one) or one for one in places]
        if tags := sorted(getattr(rule, f"{before}tags")):
            yield f"{before}tags", [f"#{one}" for one in tags]
        if words := sorted(getattr(rule, f"{before}words")):
            alone = label if not rule.codes and len(words) == 1 and not before else ""
            yield f"{before}words", [catalog.sentence(language, "rule.quoted", value=alone or one) for one in words]
