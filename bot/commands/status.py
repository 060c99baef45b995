"""/status: whether the bot is well; for administrators also who did what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice

from babel.dates import format_datetime, format_timedelta

from bot.errors import UserMistake
from bot.feed.publishing import references
from bot.framework import arguments, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.effects import Content, Edit
from bot.model.events import From
from bot.model.records import AuditEntry, PortalStatus, QueueStatus
from bot.texts import cutting
from keyboards import Command as Press
from keyboards import Keyboard, bb

ON_A_PAGE = 10
"""How many entries of the audit a message lists."""
_NEWEST = 2**62
_LONGEST_NAME = 60

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of /status, which buttons send: `before` and `entry` are numbers of entries of the audit."""

    before: str = arguments.option()
    entry: str = arguments.option()


@router.command("status", Args, order=90, edits=True, also=catalog.also("status"))
async def status(ctx: Context, command: Command[Args]) -> Effects:
    """Say whether the bot is well and what waits; tell administrators in private more, and who did what.

    Raises:
        UserMistake: somebody else asks for the audit.
    """
    here = await ctx.memory.status()
    private = not command.event.is_group and not ctx.bot_absent
    asks = command.args.before or command.args.entry
    if not (private and await ctx.portal.is_admin()):
        if asks:
            raise UserMistake("status.not_you")
        yield ctx.reply(messages.of(_health(ctx, here)))
        return
    zone = await ctx.portal.time_zone(reader=command.author.id)
    if command.args.entry:
        yield ctx.reply(await _entry(ctx, _number(command.args.entry), zone))
        return
    content = await _page(ctx, here, _number(command.args.before) or _NEWEST, zone)
    if command.source is From.BUTTON:
        yield Edit(dialog=command.dialog, language=command.language, message=command.event.message, content=content)
    else:
        yield ctx.reply(content)


def _health(ctx: Context, here: PortalStatus | None) -> str:
    """Return a sentence for everybody: whether requests to the portal wait, and since when."""
    if here is None or not here.effects.waiting:
        return ctx.say("status.well")
    return catalog.plural(ctx.language, "status.waits", here.effects.waiting, span=_span(ctx, here.effects))


def _details(ctx: Context, here: PortalStatus) -> list[str]:
    """Return the lines for administrators."""
    own = here.speaker is None
    lines = [
        ctx.say("status.installed", api=here.api, follows=here.follows),
        ctx.say("status.installer") if own else ctx.say("status.speaker", user=_person(here.speaker or 0, "")),
    ]
    if dead := here.events.dead + here.effects.dead:
        lines.append(catalog.plural(ctx.language, "status.dead", dead))
    if error := here.effects.error or here.events.error:
        lines.append(ctx.say("status.error", error=bb.escape(cutting.start(error, 200))))
    return lines


async def _page(ctx: Context, here: PortalStatus | None, before: int, zone: tzinfo) -> Content:
    """Make the message for administrators: health on the first page, and a part of the audit."""
    found = await ctx.memory.audit(before=before, most=ON_A_PAGE + 1)
    entries = list(islice(found, ON_A_PAGE))
    first = before == _NEWEST
    said = [_health(ctx, here), *(_details(ctx, here) if here else ())] if first else []
    said.append(ctx.say("status.audit") if entries else ctx.say("status.nothing"))
    said += [f"{number}. {_line(ctx, entry, zone)}" for number, entry in enumerate(entries, 1)]
    more = [
        Press(ctx.say("status.more", number=number), "status", f"entry:{entry.id}")
        for number, entry in enumerate(entries, 1)
        if entry.details
    ]
    turns = [] if first else [Press(ctx.say("posts.newer"), "status", "")]
    if len(found) > ON_A_PAGE:
        turns.append(Press(ctx.say("posts.older"), "status", f"before:{entries[-1].id}"))
    return messages.of("\n".join(said), keyboard=_rows(more, turns))


async def _entry(ctx: Context, number: int, zone: tzinfo) -> Content:
    """Make the message that shows one entry with its details.

    Raises:
        UserMistake: there is no such entry.
    """
    entry = await ctx.memory.audit_entry(number)
    if entry is None:
        raise UserMistake("status.no_entry")
    return messages.of(f"{_line(ctx, entry, zone)}\n{bb.code(entry.details)}")


def _rows(more: Sequence[Press], turns: Sequence[Press]) -> Keyboard | None:
    rows = [list(row) for row in (more[:5], more[5:], turns) if row]
    return Keyboard.of(rows) if rows else None


def _line(ctx: Context, entry: AuditEntry, zone: tzinfo) -> str:
    """Return one entry as a line: when, who, what, and in which chat."""
    when = format_datetime(
        datetime.fromtimestamp(entry.at, UTC), "short", tzinfo=zone, locale=catalog.locale(ctx.language)
    )
    did = ctx.say(f"status.{entry.action}", post=entry.post or "", subject=bb.escape(entry.subject))
    where = "" if entry.dialog.isdigit() else ctx.say("status.in_chat", chat=references.chat_link(entry.dialog))
    whose = "" if entry.by_user is None else _whose_access(ctx, entry.by_user)
    approved = ctx.say("status.approved", name=bb.escape(entry.approver)) if entry.approver else ""
    doubt = "" if entry.certain else ctx.say("status.uncertain")
    parts = (f"{when}, {_person(entry.user_id, entry.name)}:", did, where, whose, approved, doubt)
    return " ".join(part for part in parts if part)


def _whose_access(ctx: Context, user: int) -> str:
    return ctx.say("status.acted", user=_person(user, "")) if user else ctx.say("status.acted_installer")


def _person(user: int, name: str) -> str:
    return bb.user(user, cutting.start(name, _LONGEST_NAME) or f"U{user}").bb()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(_NEWEST)) else 0


def _span(ctx: Context, queue: QueueStatus) -> str:
    seconds = max(1.0, ctx.now - queue.oldest) if queue.oldest is not None else 1.0
    return format_timedelta(timedelta(seconds=seconds), threshold=1.2, locale=catalog.locale(ctx.language))
