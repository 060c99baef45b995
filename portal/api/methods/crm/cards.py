"""crm.{lead,deal,contact,company}.*: CRM cards, with the fields that a feed needs (reference: G2)."""

from collections.abc import Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any

from portal.api.call import Call, Params, page_of
from portal.api.methods.crm import multifields
from portal.api.methods.crm.fields import CARDS, OWNERS
from portal.api.registry import method
from portal.clock import iso
from portal.errors import RestError
from portal.rules import rights
from portal.rules.crm import cards
from portal.wire import lists, php
from portal.world.crm import TYPES, Card

DENIED = RestError("", "Access denied.")
DEFAULTS = {"lead": {"STATUS_ID": "NEW"}, "deal": {"STAGE_ID": "NEW", "CATEGORY_ID": "0", "CLOSED": "N"}}
"""Default fields of a new card."""


def render(card: Card) -> dict[str, Any]:
    """Return a card as the methods get and list show it: all values are texts, unknown values null."""
    row: dict[str, Any] = dict.fromkeys(CARDS[card.type])
    row |= DEFAULTS.get(card.type, {})
    row |= {
        "ID": str(card.id),
        "ASSIGNED_BY_ID": str(card.responsible),
        "CREATED_BY_ID": str(card.author),
        "DATE_CREATE": iso(card.created),
        "DATE_MODIFY": iso(card.changed),
        "OPENED": "N" if card.private_to else "Y",
    }
    if card.type == "contact":
        row["NAME"], row["LAST_NAME"] = _names_of(card)
    else:
        row["TITLE"] = card.title
    if "PHONE" in row:
        row |= multifields.has_fields(card.fields)
    return row | card.fields


def _names_of(card: Card | None) -> tuple[str, str]:
    """Return first and last name of a contact; a contact of the seed has both in its title only."""
    if card is None:
        return "", ""
    first, _, last = card.title.partition(" ")
    return card.fields.get("NAME", first), card.fields.get("LAST_NAME", last)


def _kind_of(call: Call) -> str:
    return call.method.split(".")[1]


def _list(call: Call, params: Params) -> Any:
    """List the cards of one kind that the caller may see.

    Parameters: filter, order, select, start. When filter and order use the id only, only the cards of the page are
    rendered, because a portal may have very many.
    """
    if not rights.may_use_crm(call.user):
        raise DENIED
    kind, wanted, order = _kind_of(call), params.inner("filter").raw, params.inner("order").raw or {"ID": "ASC"}
    seen = [
        card for card in call.world.crm.cards.values() if card.type == kind and rights.may_see_card(card, call.user)
    ]
    if lists.fields_in([*wanted, *order]) == {"ID"}:
        page = page_of(_filter_by_id(seen, wanted, order), params.number("start"))
        whole = [render(card) for card in page.result]
    else:
        page = page_of(lists.sorted_rows(lists.filtered(map(render, seen), wanted), order), params.number("start"))
        whole = page.result
    return replace(page, result=lists.select_fields(whole, params.values("select"), always=("ID",)))


def _filter_by_id(cards: list[Card], wanted: Mapping[str, Any], order: Mapping[str, Any]) -> list[Card]:
    """Return the cards whose ids match the filter, sorted by id."""
    if wanted:
        cards = [row["card"] for row in lists.filtered([{"ID": str(card.id), "card": card} for card in cards], wanted)]
    return sorted(cards, key=attrgetter("id"), reverse=lists.is_descending(next(iter(order.values()))))


def _get(call: Call, params: Params) -> Any:
    """Return one card; a card that the caller may not see counts as not found."""
    return render(_get_card(call, params))


def _get_card(call: Call, params: Params) -> Card:
    if not rights.may_use_crm(call.user):
        raise DENIED
    card = call.world.crm.cards.get((_kind_of(call), params.number("id")))
    if card is None or not rights.may_see_card(card, call.user):
        raise RestError("", "Not found")
    return card


def _add(call: Call, params: Params) -> Any:
    """Add a card and return its id."""
    if not rights.may_use_crm(call.user):
        raise DENIED
    return cards.add(call.portal, _kind_of(call), call.actor, **_read_values(call, params, None)).id


def _update(call: Call, params: Params) -> Any:
    """Change those fields of a card that the caller has sent."""
    card = _get_card(call, params)
    cards.change(call.portal, card, call.actor, **_read_values(call, params, card))
    return True


def _delete(call: Call, params: Params) -> Any:
    """Delete a card."""
    cards.delete(call.portal, _get_card(call, params), call.actor)
    return True


def _read_values(call: Call, params: Params, card: Card | None) -> dict[str, Any]:
    """Return the new values of a card from the writable fields of a call; ignore all other fields without an error.

    `card` is the card before the change, or None for a new card.
    """
    kind, given = _kind_of(call), params.inner("fields")
    known = {name for name, about in CARDS[kind].items() if not about["isReadOnly"]}
    sent = {str(name).upper(): value for name, value in given.raw.items()}
    texts: dict[str, Any] = {
        name: php.text_of(value) for name, value in sent.items() if name in known or name.startswith("UF_")
    }
    for name in multifields.MULTIFIELDS:
        if name in texts:
            stored = card.fields.get(name, ()) if card else ()
            texts[name] = multifields.changed(call, name, sent[name], stored)
    values: dict[str, Any] = {}
    if kind == "contact" and ("NAME" in texts or "LAST_NAME" in texts):
        first, last = _names_of(card)
        texts |= {"NAME": texts.get("NAME", first), "LAST_NAME": texts.get("LAST_NAME", last)}
        values["title"] = f"{texts['NAME']} {texts['LAST_NAME']}".strip()
    if texts.get("TITLE"):
        values["title"] = texts["TITLE"]
    responsible = call.world.user(php.int_of(texts.get("ASSIGNED_BY_ID", "")))
    if responsible is not None or card is None:
        values["responsible"] = responsible.id if responsible else call.user.id
    more = {name: value for name, value in texts.items() if name not in OWN}
    return values | {"fields": {**(card.fields if card else {}), **more}}


OWN = ("TITLE", "ASSIGNED_BY_ID", "OPENED")
"""Fields that a card stores as attributes."""


def _fields(call: Call, _params: Params) -> Any:
    """Describe the fields of this kind of card."""
    return CARDS[_kind_of(call)]


for _name in TYPES:
    for _verb, _run in (
        ("list", _list),
        ("get", _get),
        ("add", _add),
        ("update", _update),
        ("delete", _delete),
        ("fields", _fields),
    ):
        method(f"crm.{_name}.{_verb}", scope="crm")(_run)


@method("crm.enum.ownertype", scope="crm")
def owner_types(_call: Call, _params: Params) -> Any:
    """List the kinds of CRM objects with their numbers and codes."""
    return [{"ID": row[0], "NAME": row[1], "SYMBOL_CODE": row[2], "SYMBOL_CODE_SHORT": row[3]} for row in OWNERS]
