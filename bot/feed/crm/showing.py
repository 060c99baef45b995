"""The words of the card that shows a text for the CRM before it is written."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency, format_decimal

from bot.feed.composer.drafts import CrmChoice, Draft
from bot.feed.crm.looking import entity_name
from bot.feed.publishing import choosing, recipients
from bot.i18n import catalog
from bot.model.crm_records import CrmDetails
from bot.model.effects import CrmEntity
from bot.texts import cutting
from keyboards import bb

LONGEST = 200
"""How much of one detail is shown, in characters."""
LONGEST_LABEL = 80
"""How much of a name the button of a choice shows, in characters."""
for _language in catalog.languages():  # read here, because reading a file of Babel later would block the event loop
    format_currency(Decimal(1), "EUR", locale=catalog.locale(_language))


def address(entity: CrmEntity) -> str:
    """Return the address of a card on its portal."""
    return f"/crm/{entity.type}/details/{entity.id}/"


def rows(draft: Draft) -> list[tuple[str, str]]:
    """Return what the card of a draft says about its CRM card: name, stage, amount, responsible person, and where to.

    Only the owner of the draft reads it.
    """
    card, say = draft.card, draft.language
    if card is None:
        return []
    place = "crm.in_feed" if draft.crm_feed else "crm.in_timeline"
    found = [
        ("crm.row_card", f"{entity_name(say, card.entity)}: {card.name}"),
        ("crm.row_stage", card.stage),
        ("crm.row_amount", amount(card, say)),
        ("crm.row_responsible", card.responsible),
        ("crm.row_place", catalog.sentence(say, place)),
        ("card.for", recipients.label(say, draft.to) if draft.to and draft.crm_feed else ""),
    ]
    return [(catalog.sentence(say, key), bb.escape(cutting.shorten(value, LONGEST))) for key, value in found if value]


def amount(card: CrmDetails, language: str) -> str:
    """Return the amount of a card with its currency, as the language writes it; "" if it has none."""
    if not card.amount:
        return ""
    if not card.currency:
        return format_decimal(Decimal(card.amount), locale=catalog.locale(language))
    return format_currency(Decimal(card.amount), card.currency, locale=catalog.locale(language))


def notes(draft: Draft) -> list[str]:
    """Return sentences about what a timeline cannot hold: a title, and recipients."""
    if draft.card is None or draft.crm_feed:
        return []
    found = [catalog.sentence(draft.language, "crm.title_first")] if draft.title else []
    if draft.to:
        names = bb.escape(cutting.shorten(recipients.label(draft.language, draft.to), LONGEST))
        found.append(catalog.sentence(draft.language, "crm.to_left_out", names=names))
    return found


def question(draft: Draft) -> str:
    """Return the question which card is meant."""
    key = "crm.near" if draft.near else "crm.choose" if len(draft.choices) > 1 else "crm.is_it"
    said = catalog.sentence(draft.language, key, value=bb.escape(cutting.start(draft.asked, 60)))
    if len(draft.choices) < choosing.MOST_CHOICES:
        return said
    return f"{said}\n{catalog.sentence(draft.language, 'crm.many')}"


def label(language: str, choice: CrmChoice) -> str:
    """Return the label of the button of a card: its name, type and number."""
    name = cutting.start(choice.card.name, LONGEST_LABEL)
    return f"{name} ({entity_name(language, choice.card.entity)})"
