"""crm.timeline.logmessage.*, note.*, item.*: log messages of applications, notes and pinned entries (reference: G2)."""

from typing import Any

from portal.api.call import Call, Fields, Params, page_of
from portal.api.methods.crm import timeline as comments
from portal.api.methods.crm.timeline import BY_NUMBER, GONE, owner_of, require, visible_card_keys
from portal.api.registry import method
from portal.clock import iso
from portal.errors import RestError
from portal.rules.crm import timeline
from portal.wire import lists, php
from portal.world.crm import Card, Entry

PAGE = 10
"""Log messages on one page."""
MAX_PINNED = 3
HISTORY = 1
"""The itemType of a timeline entry; activities (2) are not emulated."""


def _denied(call: Call) -> RestError:
    return RestError("ACCESS_DENIED", "Access denied.", int(call.portal.switches.bot_denied_status))


def _card_of(call: Call, kind: int, number: int) -> Card:
    """Return a card that the caller may write to; raise OWNER_NOT_FOUND or ACCESS_DENIED."""
    try:
        return comments.card_of(call, BY_NUMBER.get(kind, ""), number)
    except RestError as refusal:
        raise _denied(call) if refusal is comments.DENIED else refusal from None


def _maker_of(call: Call) -> str:
    if call.app is not None:
        return call.app.client_id
    return f"webhook:{call.webhook.secret}" if call.webhook else ""


@method("crm.timeline.logmessage.add", scope="crm")
def log_add(call: Call, params: Params) -> Any:
    """Write a log message into the timeline of a card and return it; all fields are required."""
    fields = Fields(require(params, "fields"))
    given = {name: require(fields, name) for name in ("entityTypeId", "entityId", "title", "text", "iconCode")}
    card = _card_of(call, php.int_of(given["entityTypeId"]), php.int_of(given["entityId"]))
    title, text, icon = (php.text_of(given[name]).strip() for name in ("title", "text", "iconCode"))
    if not (title and text and icon):
        raise RestError("0", "title, text and iconCode may not be empty")
    entry = timeline.log_message(call.portal, card, call.user, text, title=title, icon=icon, maker=_maker_of(call))
    return {"logMessage": _render(entry)}


def _render(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "created": iso(entry.date),
        "authorId": entry.author,
        "title": entry.title,
        "text": entry.text,
        "iconCode": entry.icon,
    }


def _get_log_message(call: Call, params: Params) -> Entry:
    number = php.int_of(require(params, "id"))
    entry = call.world.crm.entries.get(number)
    if entry is None or entry.kind != "log":
        raise RestError("NOT_FOUND", f"Timeline logmessage not found for id {number}")
    if not visible_card_keys(call, entry):
        raise _denied(call)
    return entry


@method("crm.timeline.logmessage.get", scope="crm")
def log_get(call: Call, params: Params) -> Any:
    """Return the log message with an id."""
    return {"logMessage": _render(_get_log_message(call, params))}


@method("crm.timeline.logmessage.list", scope="crm")
def log_list(call: Call, params: Params) -> Any:
    """List the log messages of a card, newest first, ten per page."""
    kind = php.int_of(require(params, "entityTypeId"))
    card = _card_of(call, kind, php.int_of(require(params, "entityId")))
    lines = [entry for entry in call.world.crm.timeline(*card.key) if entry.kind == "log"]
    wanted = {str(name).lower(): way for name, way in params.inner("order").raw.items()} or {"id": "desc"}
    keys = {"id": "ID", "created": "CREATED"}
    order = {keys[name]: way for name, way in wanted.items() if name in keys}
    found = lists.sorted_rows([{"ID": one.id, "CREATED": iso(one.date), "entry": one} for one in lines], order)
    return page_of([_render(row["entry"]) for row in found], params.number("start"), size=PAGE)


@method("crm.timeline.logmessage.delete", scope="crm")
def log_delete(call: Call, params: Params) -> Any:
    """Delete a log message; only the application that wrote it may."""
    entry = _get_log_message(call, params)
    if entry.maker != _maker_of(call):
        raise RestError("REMOVING_DISABLED", "Only the application that added the message may remove it")
    timeline.delete(call.portal, entry, call.actor)
    return True


def _get_entry(call: Call, card: Card, number: int) -> Entry:
    entry = call.world.crm.entries.get(number)
    if entry is None or card.key not in entry.card_keys:
        raise GONE
    return entry


def _get_card_and_entry(call: Call, params: Params) -> tuple[Card, Entry]:
    """Return the card and the timeline entry of a call about a note; raise RestError when one of both is missing."""
    card = owner_of(call, params)
    kind, number = php.int_of(require(params, "itemType")), php.int_of(require(params, "itemId"))
    if kind != HISTORY:
        raise GONE
    return card, _get_entry(call, card, number)


@method("crm.timeline.note.save", scope="crm")
def note_save(call: Call, params: Params) -> Any:
    """Add a note to a timeline entry, or replace the text of the existing note."""
    card, entry = _get_card_and_entry(call, params)
    text = php.text_of(require(params, "text"))
    if not text.strip():
        raise RestError("0", "The text of the note is empty")
    timeline.note(call.portal, entry, card.key, author=call.user, text=text)
    return True


@method("crm.timeline.note.get", scope="crm")
def note_get(call: Call, params: Params) -> Any:
    """Return the note of a timeline entry; raise RestError when it has none."""
    card, entry = _get_card_and_entry(call, params)
    note = call.world.crm.notes.get((card.key, entry.id))
    if note is None:
        raise GONE
    return {
        "text": note.text,
        "createdById": note.author,
        "createdTime": iso(note.created),
        "updatedById": note.editor,
        "updatedTime": iso(note.changed),
    }


@method("crm.timeline.note.delete", scope="crm")
def note_delete(call: Call, params: Params) -> Any:
    """Delete the note of a timeline entry; raise RestError when it has none."""
    card, entry = _get_card_and_entry(call, params)
    if call.world.crm.notes.pop((card.key, entry.id), None) is None:
        raise GONE
    return True


def _check_pin(call: Call, params: Params, *, pinned: bool) -> tuple[Card, Entry, tuple[int, ...]]:
    """Return a card, the entry to pin or unpin, and the ids of all pinned entries of the card.

    Raise CAN_NOT_CHANGE_PINNED when the entry is already pinned or unpinned as `pinned` says.
    """
    card = owner_of(call, params)
    entry = _get_entry(call, card, php.int_of(require(params, "id")))
    now = call.world.crm.pinned.get(card.key, ())
    if (entry.id in now) == pinned:
        raise RestError("CAN_NOT_CHANGE_PINNED", "The pinned state of the record cannot be changed")
    return card, entry, now


@method("crm.timeline.item.pin", scope="crm")
def pin(call: Call, params: Params) -> Any:
    """Pin an entry in a card's timeline; the result is null. A card has at most three pinned entries."""
    card, entry, now = _check_pin(call, params, pinned=True)
    if len(now) >= MAX_PINNED:
        raise RestError("0", f"Not more than {MAX_PINNED} records can be pinned")
    call.world.crm.pinned[card.key] = (*now, entry.id)


@method("crm.timeline.item.unpin", scope="crm")
def unpin(call: Call, params: Params) -> Any:
    """Unpin an entry in a card's timeline; the result is null."""
    card, entry, now = _check_pin(call, params, pinned=False)
    call.world.crm.pinned[card.key] = tuple(number for number in now if number != entry.id)
