"""Makes the messages about scheduled posts: the card of one post, and the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.feed import post_text
from bot.feed.composer import options, preview
from bot.feed.publishing.recipients import EVERYONE
from bot.feed.relay import cards
from bot.feed.scheduling import scheduling
from bot.framework import messages
from bot.framework.moments import times
from bot.i18n import catalog
from bot.model.effects import Content
from bot.model.events import PostId
from bot.model.records import Post, ScheduledPost
from bot.texts import cutting
from keyboards import Button, Keyboard, Put, Token, bb
from keyboards import Command as Press

ON_A_PAGE = 5
"""How many posts one message lists; each has a row of two buttons."""
LONGEST = 3000
"""How much of the text a card shows, in characters."""
LONGEST_NAMES = 400
"""How much of the names of the recipients a card shows, in characters."""
_NO_POST = PostId(0)


def when(post: ScheduledPost, language: str) -> str:
    """Write when a post is due: a weekly time, or a moment; the time zone is named only if it is UTC."""
    every = scheduling.weekly(post)
    said = (
        times.shown_weekly(every, language=language)
        if every
        else times.shown(datetime.fromtimestamp(post.at, scheduling.zone_of(post)), language=language)
    )
    return f"{said} (UTC)" if post.zone == "UTC" else said


def card(post: ScheduledPost, key: str, *, language: str, note: str = "") -> Content:
    """Make a message about one post, with its content and its buttons.

    `key` is that of its sentence, and `note` is a sentence below it ("": none).
    """
    effect = post.post
    headline = bb.escape(post_text.headline(effect.title, effect.text))
    rows = [(catalog.sentence(language, "card.for"), bb.escape(cutting.shorten(effect.audience, LONGEST_NAMES)))]
    draft = scheduling.draft_of(post, language)
    rows += preview.details(draft)
    shown = Post(
        id=_NO_POST, author=effect.user, author_name=effect.author_name, title=effect.title, text=effect.text,
        important=effect.important, for_all=EVERYONE.code in effect.dest,
    )  # fmt: skip
    said = catalog.sentence(language, key, when=when(post, language), headline=headline)
    return messages.of(
        "\n".join(filter(None, (said, note))),
        keyboard=Keyboard.of([_buttons(post, language)]),
        attach=cards.attachment(shown, language, rows, most=LONGEST, below=preview.poll(draft)),
    )


def denied(post: ScheduledPost, why: str, *, language: str) -> Content:
    """Make a message that the policy did not allow a post when it was due; a button puts it back.

    `why` is a sentence, escaped.
    """
    said = catalog.sentence(language, "policy.due_denied", when=when(post, language), why=why)
    return messages.with_retry(language, said, options.command_of(post.post))


def ended(post: ScheduledPost, key: str, *, language: str) -> Content:
    """Make a message that a post will not be published; a button puts it back into the input field, if it fits."""
    said = catalog.sentence(language, key, when=when(post, language))
    back = Keyboard.of([Put(catalog.sentence(language, "button.back"), options.command_of(post.post))])
    return messages.of(said, keyboard=back if messages.fits(back) else None)


def page(posts: Sequence[ScheduledPost], number: int, *, language: str, before: str = "") -> Content:
    """Make a page of the list of a person's posts; `number` counts from 1, and `before` is a line above the list."""
    first = (min(max(number, 1), -(-len(posts) // ON_A_PAGE)) - 1) * ON_A_PAGE if posts else 0
    here = posts[first : first + ON_A_PAGE]
    said = [before] if before else []
    said.append(catalog.sentence(language, "schedule.list" if posts else "schedule.nothing"))
    said += [_line(one, language) for one in here]
    rows: list[list[Button]] = [_buttons(one, language, listed=True) for one in here]
    at, last = first // ON_A_PAGE + 1, first + ON_A_PAGE >= len(posts)
    turns = [("schedule.button_before", at - 1)] if first else []
    turns += [] if last else [("schedule.button_after", at + 1)]
    if turns:
        rows.append([Press(catalog.sentence(language, key), "schedule", f"page {to}") for key, to in turns])
    return messages.of("\n".join(said), keyboard=Keyboard.of(rows) if rows else None)


def _line(post: ScheduledPost, language: str) -> str:
    words = bb.escape(post_text.headline(post.post.title, post.post.text))
    key = "schedule.line_asked" if post.asked else "schedule.line"
    return catalog.sentence(language, key, number=post.number, when=when(post, language), headline=words)


def _buttons(post: ScheduledPost, language: str, *, listed: bool = False) -> list[Button]:
    """Make the buttons of a post; they name when it was made and its revision: a number is used again."""
    front = f"{post.number}: " if listed else ""
    of = f"{post.number} {int(post.made_at)} {post.revision}{' list' if listed else ''}"
    return [
        Press(
            front + catalog.sentence(language, "schedule.button_now"),
            "schedule",
            f"now {of}",
            token=Token.BASE if listed else Token.PRIMARY,
        ),
        Press(front + catalog.sentence(language, "draft.button_cancel"), "schedule", f"cancel {of}"),
    ]
