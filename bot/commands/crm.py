"""/crm deal 42 text: write to a lead, deal, contact or company.

The text goes to the CRM feed, or to the timeline on a portal without a CRM feed.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import UserMistake
from bot.feed import error_messages, post_text
from bot.feed.publishing import references
from bot.feed.relay import cards
from bot.framework import arguments, messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Result, Router
from bot.i18n import catalog
from bot.model import effects
from bot.model.effects import CrmEntity
from bot.model.events import Failed
from bot.model.state_changes import CrmFeedDead
from keyboards import Keyboard, Link

router = Router()

_DEAD = "livefeed is no longer supported"
"""The error text of a portal without a CRM feed; its code is empty (reference: crm.livefeedmessage.add)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of /crm: a CRM card, and the text."""

    where: references.CrmCard = arguments.positional(needed="crm.no_entity", read=references.crm_card)  # noqa: RUF009 - makes a field
    text: str = arguments.rest(needed="crm.no_text")


@router.command("crm", Args, order=30, writes=True, also=catalog.also("crm"))
async def crm(ctx: Context, command: Command[Args]) -> Effects:
    """Write to a CRM card with the user's token: to the CRM feed if there is one, else to the timeline."""
    portal = await cards.known_portal(ctx)
    references.require_here(command.args.where.host, portal, mistake="crm.elsewhere")
    text = post_text.publishable(command.args.text)
    if not text:
        entity = command.args.where.entity
        raise UserMistake("crm.no_text", command=command.name, written=f"/{command.name} {entity.type} {entity.id} ")
    kind = effects.CrmPost if portal.crm_feed else effects.CrmComment
    yield kind(
        dialog=command.dialog,
        language=command.language,
        user=command.author.id,
        answers=ctx.answers(),
        entity=command.args.where.entity,
        text=text,
        since=int(ctx.now),
        report=True,
    )


@router.done(effects.CrmPost)
async def in_feed(_ctx: Context, result: Result[effects.CrmPost]) -> Effects:
    """Tell the user that the text is in the CRM feed."""
    yield _written(result.effect, "crm.feed")


@router.done(effects.CrmComment)
async def in_timeline(_ctx: Context, result: Result[effects.CrmComment]) -> Effects:
    """Tell the user that the text is in the timeline."""
    yield _written(result.effect, "crm.timeline_instead" if result.effect.instead else "crm.timeline")


@router.failed(effects.CrmPost)
async def not_in_feed(ctx: Context, result: Result[effects.CrmPost]) -> Effects:
    """Write to the timeline if the portal has no CRM feed; otherwise tell the user why the text was not written."""
    effect, event = result.effect, result.event
    if isinstance(event, Failed) and (_DEAD in event.text.casefold() or event.code == "ERROR_METHOD_NOT_FOUND"):
        ctx.store(CrmFeedDead())
        yield effects.CrmComment(
            dialog=effect.dialog,
            language=effect.language,
            user=effect.user,
            author_name=effect.author_name,
            answers=effect.answers,
            entity=effect.entity,
            text=effect.text,
            since=effect.since,
            instead=True,
            report=True,
        )
        return
    yield _refusal(result)


@router.failed(effects.CrmComment)
async def not_in_timeline(_ctx: Context, result: Result[effects.CrmComment]) -> Effects:
    """Tell the user why the text was not written, or that this is unknown, with a button to try again."""
    yield _refusal(result)


def _refusal(result: Result[effects.CrmPost] | Result[effects.CrmComment]) -> effects.Say:
    entity, text = result.effect.entity, result.effect.text
    return error_messages.refusal(
        result.effect,
        result.event,
        refused="crm.refused",
        outcome_unknown="crm.outcome_unknown",
        entity=_name(result.effect.language, entity),
        kept=f"/crm {entity.type} {entity.id} {text}",
    )


def _written(effect: effects.CrmPost | effects.CrmComment, key: str) -> effects.Say:
    entity = effect.entity
    said = catalog.sentence(effect.language, key, entity=_name(effect.language, entity))
    card = Link(catalog.sentence(effect.language, "button.open"), f"/crm/{entity.type}/details/{entity.id}/")
    return error_messages.notice(effect, messages.of(said, keyboard=Keyboard.of([card])))


def _name(language: str, entity: CrmEntity) -> str:
    return catalog.sentence(language, f"crm.{entity.type}", id=entity.id)
