"""/crm deal 42 text: write to a lead, deal, contact or company, found by number, link or name.

The text goes to the CRM feed, or to the timeline on a portal without a CRM feed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog

from bot.errors import PortalDown, PortalError, UserMistake, says_no_crm_feed
from bot.feed import error_messages, post_text
from bot.feed.composer import composing, drafts
from bot.feed.crm import looking, options, showing, writing
from bot.feed.crm.options import CrmOptions
from bot.feed.policy import judging
from bot.feed.publishing import choosing, recipients, references, undoing
from bot.feed.publishing.recipients import Recipients
from bot.feed.relay import cards
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Result, Router
from bot.i18n import catalog
from bot.model import effects
from bot.model.crm_records import CrmDetails
from bot.model.effects import CrmEntity, CrmText
from bot.model.events import Failed
from bot.model.records import Named
from bot.model.state_changes import CrmFeedKnown
from keyboards import Button, Keyboard, Link, bb

log = structlog.get_logger(__name__)
router = Router()


@router.command("crm", CrmOptions, order=30, writes=True, also=catalog.also("crm"))
async def crm(ctx: Context, command: Command[CrmOptions]) -> Effects:
    """Show a text for a CRM card before it is written, or write it at once if the user prefers that.

    If it is unclear which card or which recipient is meant, ask the user first.
    """
    args = command.args
    title, text = post_text.publishable(args.title), _visible(args)
    if isinstance(args.where, references.CrmCard):
        references.require_here(args.where.host, await cards.known_portal(ctx), mistake="crm.elsewhere")
    whom = await options.resolve(ctx, args.to, text=text, open_end=args.name_goes_on)
    if whom.questions:
        for said in await _ask_whom(ctx, args, whom):
            yield said
        return
    found = {"title": title, "to": whom.found, "text": whom.text}
    if isinstance(args.where, references.CrmSearch):
        steps = _by_name(ctx, command, args.where, found)
    else:
        steps = _by_number(ctx, command, args.where.entity, found)
    async for effect in steps:
        yield effect


async def _by_number(ctx: Context, command: Command[CrmOptions], entity: CrmEntity, found: dict[str, Any]) -> Effects:
    """Write to the card that was named by its number or link, or show the text first."""
    if found["text"] and await _at_once(ctx, command, found["to"]):
        yield await _written_at_once(ctx, command, CrmDetails(entity=entity, name=""), found)
        return
    try:
        card, feed = await looking.look(ctx, entity, user=command.author.id)
    except UserMistake as mistake:
        raise _with_command(mistake, command) from None
    async for effect in composing.begin(ctx, command.event, found | {"card": card, "crm_feed": feed}, fresh=True):
        yield effect


async def _written_at_once(
    ctx: Context, command: Command[CrmOptions], card: CrmDetails, found: dict[str, Any]
) -> CrmText:
    """Make the effect that writes to a card without a preview.

    In private a card that was not searched for is read first, because the answer says its name. A portal that is down
    does not hinder the effect, which waits for it.
    """
    feed = (await cards.known_portal(ctx)).has_crm_feed(ctx.now) is not False
    if not card.name and _is_private(ctx, command):
        try:
            card, feed = await looking.look(ctx, card.entity, user=command.author.id)
        except UserMistake as mistake:
            raise _with_command(mistake, command) from None
        except (PortalError, PortalDown) as error:
            log.info("crm.card_unread", error=str(error))
    empty = drafts.new(ctx, seed=0, language=command.language, author_name=command.author.name)
    draft = replace(empty, card=card, files=await drafts.take_files(ctx, command.event), **found)
    return writing.publication(
        ctx, draft, dialog=command.dialog, user=command.author.id, feed=feed, answers=ctx.answers()
    )


async def _by_name(
    ctx: Context, command: Command[CrmOptions], where: references.CrmSearch, found: dict[str, Any]
) -> Effects:
    """Look for the card with a name: go on with it if it is the only one, else ask which one is meant."""
    try:
        seen = await looking.search(ctx, where, found["text"], user=command.author.id)
    except UserMistake as mistake:
        raise _with_command(mistake, command) from None
    found |= {"text": seen.left}
    at_once = bool(seen.left and await _at_once(ctx, command, found["to"]))
    if seen.certain and at_once:
        yield await _written_at_once(ctx, command, seen.choices[0].card, found)
        return
    if seen.certain or (seen.one and not at_once):
        steps = _by_number(ctx, command, seen.choices[0].card.entity, found)
    else:
        found |= {"choices": seen.choices, "asked": seen.written, "near": seen.near, "at_once": at_once}
        steps = composing.begin(ctx, command.event, found, fresh=True)
    async for effect in steps:
        yield effect


async def _at_once(ctx: Context, command: Command[CrmOptions], to: Sequence[Named]) -> bool:
    """Check whether the text is written without a preview, for these further recipients.

    A card that was found by its name is never written to at once from a group: its number would tell there which card
    has that name. What the policy does not allow without an approval is shown first.
    """
    if isinstance(command.args.where, references.CrmSearch) and not _is_private(ctx, command):
        return False
    if not await composing.at_once(ctx, command):
        return False
    return (await judging.judge(ctx, command.author.id, judging.crm_codes(one.code for one in to))).allows


def _is_private(ctx: Context, command: Command[CrmOptions]) -> bool:
    """Check whether only the user reads the answer."""
    return not (command.event.is_group or ctx.bot_absent)


async def _ask_whom(ctx: Context, args: CrmOptions, whom: Recipients) -> list[effects.Say]:
    back = options.written(replace(args, to=recipients.as_chosen(ctx, whom.words), text=whom.text))
    return await choosing.ask(ctx, whom.questions, command="crm", text=ctx.written, kept=back)


def _visible(args: CrmOptions) -> str:
    """Return the text as it can be written; "" if there is none.

    Raises:
        UserMistake: there is a text, but people would see nothing of it.
    """
    if not args.text.strip():
        return ""
    if text := post_text.publishable(args.text):
        return text
    written = options.written(replace(args, text=""))
    raise UserMistake("crm.no_text", command="crm", written=f"{written} ")


def _with_command(mistake: UserMistake, command: Command[CrmOptions]) -> UserMistake:
    """Add to a mistake the button that puts the command back."""
    mistake.values |= {"written": options.written(command.args)}
    return mistake


@router.done(effects.CrmPost)
async def in_feed(_ctx: Context, result: Result[effects.CrmPost]) -> Effects:
    """Tell the user that the text is in the CRM feed."""
    yield _written(result.effect, "crm.feed")


@router.done(effects.CrmComment)
async def in_timeline(_ctx: Context, result: Result[effects.CrmComment]) -> Effects:
    """Tell the user that the text is in the timeline, with a button to take it back."""
    effect = result.effect
    undo = undoing.crm_button(effect.language, int(result.value))
    yield _written(effect, "crm.timeline", undo)


@router.failed(effects.CrmPost)
async def not_in_feed(ctx: Context, result: Result[effects.CrmPost]) -> Effects:
    """Write to the timeline if the portal has no CRM feed; otherwise tell the user why the text was not written."""
    effect, event = result.effect, result.event
    if isinstance(event, Failed) and says_no_crm_feed(event.code, event.text):
        ctx.store(CrmFeedKnown(exists=False))
        yield writing.in_timeline(effect)
        return
    yield _refusal(effect, event)


@router.failed(effects.CrmComment)
async def not_in_timeline(_ctx: Context, result: Result[effects.CrmComment]) -> Effects:
    """Tell the user why the text was not written, or that this is unknown, with a button to try again."""
    yield _refusal(result.effect, result.event)


@router.done(effects.DeleteCrmComment)
async def taken_back(_ctx: Context, result: Result[effects.DeleteCrmComment]) -> Effects:
    """Tell the user that their comment is deleted, with a button that brings the text back."""
    effect = result.effect
    entity = looking.entity_name(effect.language, effect.entity)
    said = catalog.sentence(effect.language, "undo.crm_done", entity=entity)
    content = messages.with_retry(effect.language, said, effect.kept) if effect.kept else messages.of(said)
    yield error_messages.notice(effect, content)


@router.failed(effects.DeleteCrmComment)
async def not_taken_back(_ctx: Context, result: Result[effects.DeleteCrmComment]) -> Effects:
    """Tell the user why their comment was not deleted, or that this is unknown."""
    entity = looking.entity_name(result.effect.language, result.effect.entity)
    yield error_messages.refusal(
        result.effect, result.event, refused="undo.crm_refused", outcome_unknown="undo.crm_unknown", entity=entity
    )


def _refusal(effect: CrmText, event: Any) -> effects.Say:
    return error_messages.refusal(
        effect,
        event,
        refused="crm.refused",
        outcome_unknown="crm.outcome_unknown",
        entity=looking.entity_name(effect.language, effect.entity),
        kept=writing.command_of(effect),
    )


def _written(effect: CrmText, key: str, *more: Button) -> effects.Say:
    entity = looking.entity_name(effect.language, effect.entity, effect.name)
    said = [catalog.sentence(effect.language, key, entity=entity)]
    if effect.to and isinstance(effect, effects.CrmComment):
        names_ = ", ".join(one.rpartition(" (")[0] or one for one in effect.to)
        said.append(catalog.sentence(effect.language, "crm.to_left_out", names=bb.escape(names_)))
    card = Link(catalog.sentence(effect.language, "button.open"), showing.address(effect.entity))
    return error_messages.notice(effect, messages.of("\n".join(said), keyboard=Keyboard.of([[card, *more]])))
