"""The card of a draft: the post as it will look, its audience counted in people, and the buttons."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import datetime

from bot.errors import PortalDown, PortalError
from bot.feed import post_text
from bot.feed.acting import saying as acting_saying
from bot.feed.composer import drafts, medals, options, polls, presses
from bot.feed.composer.drafts import Draft, End
from bot.feed.composer.presses import Action
from bot.feed.crm import showing
from bot.feed.policy import judging, saying
from bot.feed.publishing import backgrounds, recipients
from bot.feed.relay import cards
from bot.framework import converters, messages
from bot.framework.context import Context
from bot.framework.moments import dates
from bot.i18n import catalog
from bot.model.effects import Content
from bot.model.events import Dialog, DialogEvent, UserId
from bot.policy import PolicyVerdict
from bot.texts import cutting
from keyboards import Button, Keyboard, Link, Put, Token, attach, bb
from keyboards import Command as Press

LONGEST = 3000
"""How much of the text a preview shows, in characters."""
LONGEST_NAMES = 400
"""How much of the names of the recipients a preview shows before their number, in characters."""
LONGEST_DETAIL = 500
"""How much of one detail a preview shows, in characters."""
HEADLINE = 100
"""How much of the text the sentence of a preview shows; push notifications use this sentence."""


async def card(ctx: Context, draft: Draft, *, dialog: Dialog, user: UserId) -> Content:
    """Make the message that shows a draft, with the buttons for its owner."""
    if draft.choices:
        return messages.of(showing.question(draft), keyboard=_choices(ctx, draft, dialog=dialog, user=user))
    # Both ask the portal about people: while they wait for the rate limiter, they share a request.
    verdict, rows = await asyncio.gather(
        judging.of_draft(ctx, draft, user), _rows(ctx, draft, dialog=dialog, user=user)
    )
    notes = [await saying.note(ctx, verdict, draft.to, dialog=dialog, language=draft.language)]
    if not draft.for_crm:
        reached = (*draft.dest, *(one.code for one in draft.thanked))
        notes.append(await acting_saying.note(ctx, draft.language, draft.named, reached, user=user))
    return messages.of(
        "\n".join(filter(None, (_sentence(draft), *notes))),
        keyboard=_keyboard(ctx, draft, verdict, dialog=dialog, user=user),
        attach=cards.attachment(draft.post(user), draft.language, rows, most=LONGEST, below=poll(draft)),
    )


async def _rows(ctx: Context, draft: Draft, *, dialog: Dialog, user: UserId) -> list[tuple[str, str]]:
    if draft.for_crm:
        return [*showing.rows(draft), *_files(draft)]
    people = await _readers(ctx, draft, dialog=dialog, user=user)
    return [(catalog.sentence(draft.language, "card.for"), people), *details(draft)]


def details(draft: Draft) -> list[tuple[str, str]]:
    """Return the rows of a card that show how a post will look, besides its recipients, title and text."""
    say = draft.language
    rows: list[tuple[str, str]] = []
    if draft.important:
        rows.append((catalog.sentence(say, "card.importance"), _importance(draft)))
    if draft.tags:
        rows.append((catalog.sentence(say, "draft.tags"), _short(", ".join(draft.tags))))
    rows += _files(draft)
    if draft.background:
        rows.append((catalog.sentence(say, "draft.background"), _short(backgrounds.label(say, draft.background))))
    if draft.thanked:
        people = ", ".join(one.name for one in draft.thanked)
        thanks = catalog.sentence(say, "draft.thanked", medal=medals.label(say, draft.medal), names=_short(people))
        rows.append((catalog.sentence(say, "draft.thanks"), thanks))
    if draft.poll:
        many = catalog.sentence(say, "draft.poll_several" if draft.several else "draft.poll_one")
        rows.append((catalog.sentence(say, "draft.poll"), many))
    if drafts.has_link(draft.text) and draft.link_preview:
        rows.append((catalog.sentence(say, "draft.link"), catalog.sentence(say, "draft.link_shown")))
    return rows


def _files(draft: Draft) -> list[tuple[str, str]]:
    if not draft.files:
        return []
    many = catalog.plural(draft.language, "draft.files", len(draft.files))
    return [(catalog.sentence(draft.language, "draft.attached"), many)]


async def _readers(ctx: Context, draft: Draft, *, dialog: Dialog, user: UserId) -> str:
    shown = _short(await audience(ctx, draft, dialog=dialog, user=user))
    return catalog.sentence(draft.language, "draft.by_default", readers=shown) if draft.by_default else shown


async def audience(ctx: Context, draft: Draft, *, dialog: Dialog, user: UserId) -> str:
    """Return the names of the recipients and how many people they are, as far as the portal tells the owner.

    Where an extranet user reads, the number of people is left out.
    """
    label = recipients.label(draft.language, draft.to)
    outside = isinstance(ctx.event, DialogEvent) and (ctx.event.chat_extranet or ctx.event.author.extranet)
    many = None
    if not outside or dialog.isdigit():
        with contextlib.suppress(PortalError, PortalDown):
            many = await ctx.portal.count_people(draft.dest, reader=user)
    if many is None:
        return label
    return catalog.plural(draft.language, "draft.audience", many, names=cutting.shorten(label, LONGEST_NAMES))


def ended(draft: Draft, how: End) -> Content:
    """Make the message of a draft that has ended; what was not published can be put back into the input field."""
    said = catalog.sentence(draft.language, f"draft.{how}")
    back = Keyboard.of([Put(catalog.sentence(draft.language, "button.back"), options.kept(draft))])
    given_up = how in (End.CANCELLED, End.EXPIRED, End.REPLACED) and draft.body
    return messages.of(said, keyboard=back if given_up and messages.fits(back) else None)


def moved(language: str) -> Content:
    """Make the message of a draft that a later message shows."""
    return messages.of(catalog.sentence(language, "draft.moved"))


def question(ctx: Context, draft: Draft, field: str, *, dialog: Dialog, user: UserId) -> Content:
    """Make the question for a field of the draft, which the next message in private answers."""
    to_crm = draft.for_crm and field == "to"
    values = {"backgrounds": backgrounds.BACKGROUNDS.labels(draft.language)} if field == "background" else {}
    said = catalog.sentence(draft.language, "crm.ask_to" if to_crm else f"draft.ask_{field}", **values)
    keyboard = Keyboard.of([presses.button(ctx, draft, Action.SHOW, dialog=dialog, user=user)])
    return messages.of(said, keyboard=keyboard)


def _sentence(draft: Draft) -> str:
    if not draft.body:
        empty = "crm.empty" if draft.for_crm else "draft.empty"
        return catalog.sentence(draft.language, empty if draft.awaiting else "draft.empty_here")
    words = " ".join(cutting.shorten(draft.title or post_text.from_chat(draft.text or draft.quote), HEADLINE).split())
    said = catalog.sentence(draft.language, "draft.shown", headline=bb.escape(words))
    longer = [catalog.sentence(draft.language, "draft.longer")] if len(draft.body) > LONGEST else []
    return "\n".join([said, *longer, *showing.notes(draft)])


def _short(words: str) -> str:
    """Return a detail as the card can show it, also if somebody writes a thousand tags."""
    return bb.escape(cutting.shorten(words, LONGEST_DETAIL))


def poll(draft: Draft) -> list[attach.Block]:
    """Return the poll as a block of the card; its question is left out if it is the text of the post already."""
    question = [] if draft.question == draft.text else [f"[B]{bb.escape(draft.question)}[/B]"]
    sign = "☐" if draft.several else "○"
    answers = [f"{sign} {bb.escape(answer)}" for answer in draft.answers]
    return [attach.Message("[BR]".join((*question, *answers)))] if draft.poll else []


def _importance(draft: Draft) -> str:
    if not draft.until:
        return catalog.sentence(draft.language, "card.high")
    when = dates.shown(datetime.fromisoformat(draft.until), language=draft.language)
    return catalog.sentence(draft.language, "draft.until", when=when)


def _keyboard(ctx: Context, draft: Draft, verdict: PolicyVerdict, *, dialog: Dialog, user: UserId) -> Keyboard:
    def press(action: Action, token: Token = Token.BASE, label: str = "") -> Press:
        return presses.button(ctx, draft, action, dialog=dialog, user=user, token=token, label=label)

    if draft.changing:
        return Keyboard.of([*_changes(ctx, draft, dialog=dialog, user=user), [press(Action.BACK)]])
    if draft.later:
        other = press(Action.OTHER) if dialog.isdigit() else Put(press(Action.OTHER).text, "/schedule ")
        return Keyboard.of([[press(one) for one in presses.TIMES], [other, press(Action.BACK)]])
    ask = catalog.sentence(draft.language, "draft.button_ask") if verdict.approvers else ""
    may = verdict.allows or verdict.approvers or verdict.unknown
    row = [press(Action.PUBLISH, Token.PRIMARY, ask)] if draft.body and may else []
    if draft.body and not draft.for_crm:
        row.append(press(Action.LATER))
    rows: list[list[Button]] = [[*row, press(Action.CHANGE), press(Action.CANCEL)]]
    if draft.card:
        rows.append([Link(catalog.sentence(draft.language, "crm.open"), showing.address(draft.card.entity))])
    return Keyboard.of(rows)


def _choices(ctx: Context, draft: Draft, *, dialog: Dialog, user: UserId) -> Keyboard:
    """Make a button for each CRM card that the owner may mean; a press goes on with it."""
    rows = [
        [presses.button(ctx, draft, action, dialog=dialog, user=user, label=showing.label(draft.language, choice))]
        for action, choice in zip(presses.PICKS, draft.choices, strict=False)
    ]
    return Keyboard.of([*rows, [presses.button(ctx, draft, Action.CANCEL, dialog=dialog, user=user)]])


def _changes(ctx: Context, draft: Draft, *, dialog: Dialog, user: UserId) -> list[list[Button]]:
    """Make the buttons that change a draft: in private they ask, in a group they begin a command."""

    def press(action: Action) -> Button:
        made = presses.button(ctx, draft, action, dialog=dialog, user=user)
        if dialog.isdigit() or action not in presses.ASKED:
            return made
        begin = {Action.TEXT: "/draft ", Action.TITLE: "/draft title:", Action.TO: "/draft to:"}
        poll = converters.plain_or_quoted(polls.written(draft.poll)) if draft.poll else ""
        begin |= {Action.POLL: f"/draft poll:{poll}", Action.BACKGROUND: "/draft background:"}
        return Put(made.text, begin.get(action, "/draft tags:"))

    rows = [[press(Action.TEXT), press(Action.TITLE)], [press(Action.TO)]]
    switches = [press(action) for action in _switches(draft)]
    if not draft.for_crm:
        rows[1].append(press(Action.TAGS))
    if draft.for_crm:
        return [*rows, switches] if switches else rows
    poll = [press(Action.BACKGROUND), press(Action.POLL)]
    if draft.poll:
        poll += [press(Action.ONE if draft.several else Action.SEVERAL), press(Action.NO_POLL)]
    thanks = [[press(Action.NO_THANKS)]] if draft.thanked else []
    return [*rows, switches, poll, *thanks]


def _switches(draft: Draft) -> list[Action]:
    """Return the actions that need one press only, for what the draft has."""
    found: list[Action] = []
    if not draft.for_crm:
        found.append(Action.ORDINARY if draft.important else Action.IMPORTANT)
    if drafts.has_link(draft.text) and not draft.for_crm:
        found.append(Action.NO_LINK if draft.link_preview else Action.LINK)
    if draft.files:
        found.append(Action.NO_FILES)
    if draft.quote:
        found.append(Action.NO_QUOTE)
    return found


def closed(draft: Draft) -> Draft:
    """Return the draft with the buttons of its card, not those to change it, and without a question."""
    return replace(draft, changing=False, later=False, awaiting="")
