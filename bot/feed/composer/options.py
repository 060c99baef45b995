"""The arguments that describe a post, for /post and /draft, and how they change a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import UserMistake
from bot.feed import post_text
from bot.feed.composer.drafts import Draft
from bot.feed.publishing import names, recipients
from bot.feed.publishing.recipients import EVERYONE, Recipients
from bot.framework import arguments
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model import effects
from bot.model.effects import Say

NOTHING = frozenset({"-", "–", "—"})
"""What removes a title or the tags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOptions:
    """The arguments of a post: recipients (none means everybody), a title, and the text.

    `name_goes_on`: the last recipient's name may go on in the text.
    """

    to: tuple[str, ...] = arguments.option(also=catalog.also("option_to"), people=True)
    title: str = arguments.option(also=catalog.also("option_title"))
    text: str = arguments.rest()
    name_goes_on: bool = arguments.open_end()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person wrote, understood: the fields of a draft to change, or the questions to ask first."""

    fields: dict[str, Any]
    questions: tuple[Say, ...] = ()
    whom: Recipients


async def understand(ctx: Context, args: PostOptions, *, command: str) -> Wanted:
    """Look up the recipients, and return the fields of a draft that the arguments name.

    Raises:
        UserMistake: the text contains nothing that people would see.
    """
    title = post_text.publishable(args.title)
    args = replace(args, title=title, text=_visible(args, command))
    whom = await recipients.resolve(ctx, args.to, text=args.text, open_end=args.name_goes_on)
    if whom.questions:
        asked = whom.questions[0]
        said = await names.ask(
            ctx, asked, lambda word, kept: _corrected(args, whom, asked.word, word, kept, command=command)
        )
        return Wanted(fields={}, questions=tuple(said), whom=whom)
    fields: dict[str, Any] = {"to": whom.found} if args.to else {}
    if title:
        fields["title"] = "" if title in NOTHING else title
    if whom.text:
        fields["text"] = _visible(replace(args, to=whom.words, text=whom.text), command)
    return Wanted(fields=fields, whom=whom)


def kept(draft: Draft) -> str:
    """Write a draft as a /post command, which a button puts back into the input field."""
    to = tuple(recipients.with_code(one) for one in draft.to)
    return arguments.compose(PostOptions(to=to, title=draft.title, text=draft.text, name_goes_on=False), command="post")


def command_of(effect: effects.Publish) -> str:
    """Write a post that was not published as a /post command."""
    to = () if effect.dest == [EVERYONE.code] else tuple(effect.dest)
    return arguments.compose(
        PostOptions(to=to, title=effect.title, text=effect.text, name_goes_on=False), command="post"
    )


def _visible(args: PostOptions, command: str) -> str:
    """Return the text as it can be published; "" if there is none.

    Raises:
        UserMistake: there is a text, but people would see nothing of it.
    """
    if not args.text.strip():
        return ""
    if text := post_text.publishable(args.text):
        return text
    written = arguments.compose(replace(args, text=""), command=command)
    raise UserMistake("post.no_text", command=command, written=written)


def tags(words: Sequence[str]) -> tuple[str, ...]:
    """Return tags as the portal keeps them: without the sign #, each once; "-" means none."""
    plain = (" ".join(word.lstrip("#").split()) for word in words if word not in NOTHING)
    return tuple(dict.fromkeys(word for word in plain if word))


def _corrected(args: PostOptions, whom: Recipients, wrong: str, right: str, kept: str, *, command: str) -> str:
    to = tuple(right if word == wrong else word for word in whom.words)
    return arguments.compose(replace(args, to=to, text=f"{kept} {whom.text}".strip()), command=command)
