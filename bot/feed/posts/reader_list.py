"""Makes the answer who has read an important post, and who has not, by department."""

from __future__ import annotations

from itertools import islice

from bot.framework.context import Context
from bot.i18n import catalog
from bot.model.records import Employee, Readership
from bot.texts import comparing
from keyboards import bb

MOST_NAMES = 60
"""How many names the answer has; the others are counted."""


def count(ctx: Context, found: Readership) -> str:
    """Return the sentence how many people have read a post, and of how many, as far as the portal says."""
    if found.addressed is None or found.many:
        return ctx.say("readers.some", post=found.post.id, read=len(found.read))
    total = len(found.addressed)
    return ctx.say("readers.count", post=found.post.id, read=total - len(missing(found)), total=total)


def missing(found: Readership) -> list[Employee]:
    """Return the people who have not read a post; empty if the portal does not say."""
    if found.addressed is None or found.many:
        return []
    return [person for person in found.addressed if person.id not in found.read]


def names(ctx: Context, found: Readership) -> list[str]:
    """Return a line for each department with the names of those who have not read a post."""
    late = missing(found)
    by_department: dict[str, list[str]] = {}
    for person in islice(sorted(late, key=lambda one: comparing.fold(one.name)), MOST_NAMES):
        name = person.name or catalog.sentence(ctx.language, "readers.somebody")
        by_department.setdefault(person.department, []).append(name)
    lines = []
    for department in sorted(by_department, key=lambda one: (not one, comparing.fold(one))):
        label = department or catalog.sentence(ctx.language, "readers.elsewhere")
        lines.append(f"[B]{bb.escape(label)}[/B]: {bb.escape(', '.join(by_department[department]))}")
    if len(late) > MOST_NAMES:
        lines.append(ctx.say("readers.more", count=len(late) - MOST_NAMES))
    return lines
