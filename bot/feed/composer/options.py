"""The arguments that describe a post, for /post and /draft, and how they change a draft."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.errors import PortalDown, PortalError, UserMistake
from bot.feed import post_text, quotes
from bot.feed.composer import drafts, medals, polls
from bot.feed.composer.drafts import NOTHING, Draft
from bot.feed.crm import options as crm_options
from bot.feed.crm import writing
from bot.feed.publishing import backgrounds, choosing, recipients
from bot.feed.publishing.recipients import EVERYONE, Recipients
from bot.framework import arguments, converters, flags
from bot.framework.context import Context
from bot.framework.moments import dates
from bot.i18n import catalog
from bot.model import effects
from bot.model.effects import Say
from bot.model.events import DialogEvent
from bot.model.records import Named
from bot.texts import cutting


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOptions:
    """The arguments of a post: recipients (none means everybody), a title, the text, and how it looks.

    `important` is a switch or the end of the importance, `preview` is a switch for the preview of a link. `poll` is a
    question with its answers, and `several` a switch: a person may choose several of them. `thank` are people who get
    the `medal`.

    `name_goes_on`: the last recipient's name may go on in the text.
    """

    to: tuple[str, ...] = arguments.option(also=catalog.also("option_to"), people=True)
    title: str = arguments.option(also=catalog.also("option_title"))
    important: str = arguments.option(also=catalog.also("option_important"), read=flags.value, prose=True)
    tags: tuple[str, ...] = arguments.option(also=catalog.also("option_tags"), prose=True)
    background: str = arguments.option(also=catalog.also("option_background"), prose=True)
    preview: str = arguments.option(also=catalog.also("option_preview"), read=flags.value, prose=True)
    poll: str = arguments.option(also=catalog.also("option_poll"), read=polls.option, prose=True)
    several: str = arguments.option(also=catalog.also("option_several"), prose=True)
    thank: tuple[str, ...] = arguments.option(also=catalog.also("option_thank"), prose=True)
    medal: str = arguments.option(also=catalog.also("option_medal"), prose=True)
    text: str = arguments.rest()
    name_goes_on: bool = arguments.open_end()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person wrote, understood: the fields of a draft to change, or the questions to ask first."""

    fields: dict[str, Any]
    questions: tuple[Say, ...] = ()
    whom: Recipients


async def understand(
    ctx: Context,
    args: PostOptions,
    *,
    command: str,
    thanked: Recipients | None = None,
    front: str = "",
    crm: bool = False,
) -> Wanted:
    """Look up the recipients, and return the fields of a draft that the arguments name.

    `thanked` are the people whom the arguments thank, if they were looked up already. `front` is what stands before the
    arguments in a command that is put back ("": the command alone). `crm`: the draft is a text for the CRM, whose
    recipients may be CRM cards too, or nobody.

    Raises:
        UserMistake: the text contains nothing that people would see.
    """
    title = post_text.publishable(args.title)
    front = front or command
    args = replace(args, title=title, text=_visible(args, command, front))
    find = crm_options.resolve if crm else recipients.resolve
    whom = await find(ctx, args.to, text=args.text, open_end=args.name_goes_on)
    with with_command(args, command):
        people = thanked or await medals.people(ctx, [word for word in args.thank if word not in NOTHING])
    if questions := (*whom.questions, *people.questions):
        to, thank = recipients.as_chosen(ctx, whom.words), recipients.as_chosen(ctx, args.thank)
        back = arguments.compose(replace(args, to=to, thank=thank, text=whom.text), command=front)
        said = await choosing.ask(ctx, questions, command=command, text=ctx.written, kept=back)
        return Wanted(fields={}, questions=tuple(said), whom=whom)
    fields: dict[str, Any] = {"to": whom.found} if args.to else {}
    if title:
        fields["title"] = "" if title in NOTHING else title
    with with_command(args, command):
        fields |= await _looks(ctx, args) | _poll(args) | _thanks(ctx, args, people.found)
    if whom.text:
        fields["text"] = _visible(replace(args, to=whom.words, text=whom.text), command, front)
    if not crm:
        with with_command(args, command):
            fields |= await quotes.answered(ctx, has_text="text" in fields)
    return Wanted(fields=fields, whom=whom)


@contextlib.contextmanager
def with_command(args: PostOptions, command: str) -> Iterator[None]:
    """Add the command as it was understood to a mistake that is raised inside, so that a button puts it back."""
    try:
        yield
    except UserMistake as mistake:
        given = {"command": command, "written": arguments.compose(args, command=command)}
        mistake.values = given | mistake.values
        raise


def kept(draft: Draft) -> str:
    """Write a draft as a /post or /crm command, which a button puts back into the input field."""
    if draft.for_crm:
        return writing.kept(draft)
    written = PostOptions(
        to=tuple(recipients.with_code(one) for one in draft.to), title=draft.title, text=draft.body, name_goes_on=False,
        important=(draft.until or flags.YES) if draft.important else "", tags=draft.tags, background=draft.background,
        preview="" if draft.link_preview else flags.NO,
        poll=polls.written(draft.poll), several=flags.YES if draft.several and draft.poll else "",
        thank=tuple(recipients.with_code(one) for one in draft.thanked), medal=draft.medal if draft.thanked else "",
    )  # fmt: skip
    return arguments.compose(written, command="post")


def command_of(effect: effects.Publish) -> str:
    """Write the /post command that publishes a post again."""
    written = PostOptions(
        to=tuple(effect.dest) if effect.all_named or effect.dest != [EVERYONE.code] else (), title=effect.title,
        text=effect.text,
        important=(effect.important_until or flags.YES) if effect.important else "", tags=effect.tags,
        background=effect.background, name_goes_on=False,
        preview=flags.NO if drafts.has_link(effect.text) and not effect.link_preview else "",
        poll=polls.written(effect.poll), several=flags.YES if effect.poll and effect.poll.several else "",
        thank=tuple(f"U{one}" for one in effect.thanks.people) if effect.thanks else (),
        medal=effect.thanks.medal if effect.thanks else "",
    )  # fmt: skip
    return arguments.compose(written, command="post")


async def _looks(ctx: Context, args: PostOptions) -> dict[str, Any]:
    """Return the fields of a draft besides recipients, title and text.

    Raises:
        UserMistake: a switch or a date cannot be understood.
    """
    fields: dict[str, Any] = {"tags": tags(args.tags)} if args.tags else {}
    if args.background:
        nothing = args.background in NOTHING
        fields["background"] = "" if nothing else backgrounds.BACKGROUNDS.named(args.background, ctx.language)
    if args.preview:
        if (shown := flags.switch(args.preview)) is None:
            raise UserMistake("words.switch", option="preview", value=cutting.start(args.preview, converters.SHOWN))
        fields["link_preview"] = shown
    if args.important:
        switched = flags.switch(args.important)
        fields |= {"important": switched is not False, "until": ""}
        if switched is None:
            fields["until"] = (await _moment(ctx, args.important)).isoformat()
    return fields


def _poll(args: PostOptions) -> dict[str, Any]:
    """Return the fields of a draft about its poll; raises as `polls.read` does, or for a switch that is none."""
    fields: dict[str, Any] = {}
    if args.poll:
        question, answers = ("", ()) if args.poll in NOTHING else polls.read(args.poll)
        fields |= {"question": question, "answers": answers}
    if args.several:
        if (several := flags.switch(args.several)) is None:
            raise UserMistake("words.switch", option="several", value=cutting.start(args.several, converters.SHOWN))
        fields["several"] = several
    return fields


def _thanks(ctx: Context, args: PostOptions, people: tuple[Named, ...]) -> dict[str, Any]:
    """Return the fields of a draft about thanks; raises as `NamedCodes.named` does."""
    fields: dict[str, Any] = {"medal": medals.MEDALS.named(args.medal, ctx.language)} if args.medal else {}
    if not args.thank:
        return fields
    return {"medal": medals.USUAL if people else ""} | (fields if people else {}) | {"thanked": people}


async def _moment(ctx: Context, text: str) -> datetime:
    """Read a date in the time zone of the person who asks; raises as `dates.read` does."""
    zone = ctx.settings.time_zone
    if isinstance(ctx.event, DialogEvent):
        with contextlib.suppress(PortalError, PortalDown):
            zone = await ctx.portal.time_zone(reader=ctx.event.author.id)
    return dates.read(text, now=datetime.fromtimestamp(ctx.now, zone), language=ctx.language)


def _visible(args: PostOptions, command: str, front: str) -> str:
    """Return the text as it can be published; "" if there is none.

    Raises:
        UserMistake: there is a text, but people would see nothing of it.
    """
    if not args.text.strip():
        return ""
    if text := post_text.publishable(args.text):
        return text
    written = arguments.compose(replace(args, text=""), command=front)
    raise UserMistake("post.no_text", command=command, written=written)


def only(*, to: tuple[str, ...]) -> PostOptions:
    """Return arguments that name recipients and nothing else."""
    empty = dict.fromkeys(("title", "text", "important", "background", "preview", "poll", "several", "medal"), "")
    return PostOptions(to=to, tags=(), thank=(), name_goes_on=False, **empty)


def tags(words: Sequence[str]) -> tuple[str, ...]:
    """Return tags as the portal keeps them: without the sign #, each once; "-" means none."""
    plain = (" ".join(word.lstrip("#").split()) for word in words if word not in NOTHING)
    return tuple(dict.fromkeys(word for word in plain if word))
