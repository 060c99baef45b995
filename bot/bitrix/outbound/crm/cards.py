"""Reads CRM cards with a person's own rights: one card, or those whose name contains a text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from bot.bitrix.outbound import answers
from bot.bitrix.outbound.calls import Call, number
from bot.bitrix.outbound.rows import object_of, rows_of
from bot.errors import Gone, PortalError, Refused, says_no_crm_feed
from bot.model.crm_records import CrmDetails, CrmFound, CrmLook
from bot.model.effects import CrmEntity

Ask = Callable[[Sequence[Call]], Awaitable[list[answers.Item]]]
"""Sends calls in one request with the token of the person."""
_SEE = {
    "lead": Call(method="crm.lead.get", params={}),
    "deal": Call(method="crm.deal.get", params={}),
    "contact": Call(method="crm.contact.get", params={}),
    "company": Call(method="crm.company.get", params={}),
}
_FIND = {
    "lead": Call(method="crm.lead.list", params={}),
    "deal": Call(method="crm.deal.list", params={}),
    "contact": Call(method="crm.contact.list", params={}),
    "company": Call(method="crm.company.list", params={}),
}
_STAGE = {"lead": "STATUS_ID", "deal": "STAGE_ID"}
"""The field with the code of the stage, by type."""
_BOOK = {"lead": "STATUS", "deal": "DEAL_STAGE"}
"""The reference book of the stages; further pipelines of deals have DEAL_STAGE_1 and so on (crm.status.list)."""
_NAMES = ("ID", "TITLE", "NAME", "LAST_NAME")
_HIDDEN = ("access denied", "not found", "id is not defined")
"""How the texts begin by which the portal refuses a card (their code is empty)."""


async def look(ask: Ask, entity: CrmEntity, *, ask_feed: bool) -> CrmLook:
    """Read a card, the name of its stage and of its responsible person, in one request.

    With `ask_feed` the same request calls crm.livefeedmessage.add without a text: a portal without a CRM feed says so
    before it looks at anything else, and one with a CRM feed refuses the empty message.

    Raises:
        PortalError: the card cannot be read, for another reason than that the person may not see it.
    """
    stage = _STAGE.get(entity.type, "")
    asked = [
        replace(_SEE[entity.type], params={"id": entity.id}),
        Call(method="im.user.get", params={"ID": "$result[c0][ASSIGNED_BY_ID]"}),
    ]
    if stage:
        wanted = {"filter": {"STATUS_ID": f"$result[c0][{stage}]"}}
        asked.append(Call(method="crm.status.list", params=wanted))
    if ask_feed:
        asked.append(Call(method="crm.livefeedmessage.add", params={"fields": {"MESSAGE": ""}}))
    items = await ask(asked)
    feed = _has_feed(items[-1]) if ask_feed else None
    if items[0].error:
        if not _is_hidden(items[0].error):
            raise items[0].error
        return CrmLook(card=None, feed=feed)
    row = object_of(items[0].result)
    stages = rows_of(items[2].result) if stage else []
    return CrmLook(
        card=CrmDetails(
            entity=entity,
            name=_name(row),
            stage=_stage(entity.type, str(row.get(stage) or ""), stages),
            amount=_amount(row),
            currency=str(row.get("CURRENCY_ID") or ""),
            responsible=str(object_of(items[1].result).get("name") or ""),
        ),
        feed=feed,
    )


async def find(ask: Ask, texts: Sequence[str], types: Sequence[str]) -> CrmFound:
    """Find cards whose name contains one of the texts, newest first by type, in one request.

    Raises:
        PortalError: no search was answered, for another reason than the rights of the person.
    """
    searches = [(type_, wanted) for type_ in types for text in texts for wanted in _filters(type_, text.split())]
    asked = [
        replace(_FIND[type_], params={"filter": wanted, "select": list(_NAMES), "order": {"ID": "DESC"}})
        for type_, wanted in searches
    ]
    items = await ask(asked)
    errors = [item.error for item in items if item.error]
    if len(errors) == len(items):
        if wrong := next((one for one in errors if not _is_hidden(one)), None):
            raise wrong
        return CrmFound(cards=(), denied=True)
    found = [
        CrmDetails(entity=CrmEntity(type=type_, id=number(row.get("ID"))), name=_name(row))
        for (type_, _), item in zip(searches, items, strict=True)
        for row in rows_of(item.result)
        if number(row.get("ID"))
    ]
    unique = {one.entity: one for one in found}
    return CrmFound(cards=tuple(unique.values()), many=any(item.next for item in items))


def _filters(type_: str, words: Sequence[str]) -> list[dict[str, Any]]:
    """Return the filters that find a name: people have a first and a last name, all others a title; leads have both."""
    text, first, last = " ".join(words), words[0], words[-1]
    if type_ == "contact":
        if len(words) == 1:
            return [{"%NAME": text}, {"%LAST_NAME": text}]
        return [{"%NAME": first, "%LAST_NAME": last}, {"%NAME": last, "%LAST_NAME": first}]
    by_person = [{"%NAME": text}, {"%LAST_NAME": text}] if type_ == "lead" and len(words) == 1 else []
    return [{"%TITLE": text}, *by_person]


def _name(row: dict[str, Any]) -> str:
    """Return the title of a card, with the name of a person if it has both; for a contact, the name of the person."""
    person = " ".join(str(row.get(name) or "") for name in ("NAME", "LAST_NAME")).strip()
    title = str(row.get("TITLE") or "").strip()
    return f"{title} ({person})" if title and person else title or person


def _stage(type_: str, code: str, stages: Sequence[dict[str, Any]]) -> str:
    """Return the name of a stage; "" if the portal does not name it.

    A code may be in several reference books; those of the deals' pipelines begin with the same word.
    """
    books = (one for one in stages if str(one.get("STATUS_ID")) == code)
    fitting = (one for one in books if _is_book(type_, str(one.get("ENTITY_ID") or "")))
    return next((str(one.get("NAME") or "") for one in fitting), "")


def _is_book(type_: str, book: str) -> bool:
    return book == _BOOK[type_] or (type_ == "deal" and book.startswith(f"{_BOOK[type_]}_"))


def _amount(row: dict[str, Any]) -> str:
    """Return the amount of a lead or deal as a decimal number; "" if it has none."""
    text = str(row.get("OPPORTUNITY") or "")
    plain = text.replace(".", "", 1)
    return text if plain.isascii() and plain.isdecimal() and plain.strip("0") else ""


def _is_hidden(error: PortalError) -> bool:
    """Check whether an error means that a card does not exist, or that the person may not see it."""
    return isinstance(error, Gone) or (isinstance(error, Refused) and error.text.casefold().startswith(_HIDDEN))


def _has_feed(item: answers.Item) -> bool | None:
    """Return whether the portal has a CRM feed, by its answer to a message without a text; None if it does not say."""
    error = item.error
    if error is None:
        return True if item.ran else None
    if says_no_crm_feed(error.code, error.text):
        return False
    return True if isinstance(error, Refused) and not error.code else None
