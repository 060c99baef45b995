"""crm.timeline.comment.* and bindings.*: comments in timelines of CRM cards (reference: G2)."""

from typing import Any

from portal.api.call import Call, Fields, Page, Params, page_of
from portal.api.methods.crm.fields import BINDING, COMMENT
from portal.api.methods.shared import content
from portal.api.registry import method
from portal.clock import iso
from portal.errors import RestError
from portal.rules import rights
from portal.rules.crm import timeline
from portal.wire import lists, php
from portal.wire.files import feed_file
from portal.world.crm import TYPES, Card, CardKey, Entry

BY_NUMBER = {number: name for name, number in TYPES.items()}
DENIED = RestError("ACCESS_DENIED", "Access denied.", 403)
GONE = RestError("NOT_FOUND", "Not found.")


def require(given: Params | Fields, name: str) -> Any:
    """Return a required parameter, spelled exactly; raise error 100 when it is missing.

    The newer controllers of Bitrix24 read their parameters like this.
    """
    if name not in given.raw:
        raise RestError("100", f"Could not find value for parameter {{{name}}}")
    return given.raw[name]


def card_of(call: Call, kind: str, number: int) -> Card:
    """Return a card that the caller may write to; raise OWNER_NOT_FOUND or ACCESS_DENIED."""
    card = call.world.crm.cards.get((kind, number))
    if card is None:
        raise RestError("OWNER_NOT_FOUND", "Owner was not found")
    if not rights.may_see_card(card, call.user):
        raise DENIED
    return card


def owner_of(call: Call, params: Params) -> Card:
    """Return the card that ownerTypeId and ownerId name; raise RestError when the caller may not write to it."""
    kind = BY_NUMBER.get(php.int_of(require(params, "ownerTypeId")), "")
    return card_of(call, kind, php.int_of(require(params, "ownerId")))


def visible_card_keys(call: Call, entry: Entry) -> list[CardKey]:
    """Return the keys of those cards of an entry that the caller may see."""
    cards = call.world.crm.cards
    return [card_key for card_key in entry.card_keys if rights.may_see_card(cards[card_key], call.user)]


@method("crm.timeline.comment.add", scope="crm")
def add(call: Call, params: Params) -> Any:
    """Add a comment to the timeline of a card and return its id."""
    fields = Fields(require(params, "fields"))
    card = card_of(call, fields.text("ENTITY_TYPE"), fields.number("ENTITY_ID"))
    if not fields.text("COMMENT").strip():
        raise RestError("INVALID_ARG_VALUE", "Comment message is empty")
    files = content.files(call, fields.get("FILES"))
    return timeline.comment(call.portal, card, call.user, fields.text("COMMENT"), files=files, actor=call.actor).id


def _get_own_comment(call: Call, params: Params) -> Entry:
    """Return a comment that the caller may change; raise RestError for any other.

    Administrators may change all comments, other people their own.
    """
    entry = call.world.crm.entries.get(php.int_of(require(params, "id")))
    if entry is None or entry.kind != "comment":
        raise GONE
    card_key = _read_card_key(params)
    if card_key is not None:
        card_of(call, *card_key)
        if card_key not in entry.card_keys:
            raise RestError("OWNER_NOT_FOUND", "Owner was not found")
    if not visible_card_keys(call, entry) or (entry.author != call.user.id and not call.user.admin):
        raise DENIED
    return entry


def _read_card_key(params: Params) -> CardKey | None:
    """Return the card key that ownerTypeId and ownerId name, or None when both are absent."""
    if "ownerTypeId" not in params.raw and "ownerId" not in params.raw:
        return None
    return BY_NUMBER.get(params.number("ownerTypeId"), ""), params.number("ownerId")


@method("crm.timeline.comment.update", scope="crm")
def update(call: Call, params: Params) -> Any:
    """Change a comment that the caller may change, and return its id; FILES replaces all files of the comment."""
    entry, fields = _get_own_comment(call, params), Fields(require(params, "fields"))
    text = fields.text("COMMENT", entry.text)
    if not text.strip():
        raise RestError("INVALID_ARG_VALUE", "Comment message is empty")
    files = content.files(call, fields.get("FILES")) if fields.has("FILES") else entry.files
    return timeline.update(call.portal, entry, call.actor, text=text, files=files).id


@method("crm.timeline.comment.delete", scope="crm")
def delete(call: Call, params: Params) -> Any:
    """Delete a comment that the caller may change; the result is null.

    A comment that several cards show is removed from the named card only; raise MULTIPLE_BINDINGS when none is named.
    """
    entry, card_key = _get_own_comment(call, params), _read_card_key(params)
    if entry.also and card_key is None:
        raise RestError("MULTIPLE_BINDINGS", "The comment is bound to several cards")
    if entry.also and card_key is not None:
        timeline.unbind(call.portal, entry, card_key)
    else:
        timeline.delete(call.portal, entry, call.actor)


@method("crm.timeline.comment.get", scope="crm")
def get(call: Call, params: Params) -> Any:
    """Return the comment with an id."""
    if params.number("id") <= 0:
        raise RestError("", "ID is not defined or invalid.")
    entry = call.world.crm.entries.get(params.number("id"))
    if entry is None or entry.kind != "comment":
        raise RestError("", "Not found.")
    card_keys = visible_card_keys(call, entry)
    if not card_keys:
        raise RestError("", "Access denied.")
    return _render(call, entry, card_keys[0])


@method("crm.timeline.comment.list", scope="crm")
def listed(call: Call, params: Params) -> Any:
    """List the comments of a card by pages; parameters: filter, select, order, start."""
    wanted = params.inner("filter")
    card_key = wanted.text("ENTITY_TYPE").lower(), wanted.number("ENTITY_ID")
    card = call.world.crm.cards.get(card_key)
    if card is None or not rights.may_see_card(card, call.user):
        raise RestError("", "Access denied.")
    comments = [entry for entry in call.world.crm.timeline(*card_key) if entry.kind == "comment"]
    more, order, start = _other_filters(wanted), params.inner("order").raw, params.number("start")
    if not more and not order:  # only what is on the page has to be written
        page = page_of(comments, start)
        found = [_render(call, entry, card_key) for entry in page.result]
        return Page(result=lists.select_fields(found, params.values("select")), total=page.total, next=page.next)
    found = lists.sorted_rows(lists.filtered([_render(call, entry, card_key) for entry in comments], more), order)
    return page_of(lists.select_fields(found, params.values("select")), start)


def _other_filters(wanted: Fields) -> dict[str, Any]:
    return {name: value for name, value in wanted.raw.items() if name not in ("ENTITY_TYPE", "ENTITY_ID")}


def _render(call: Call, entry: Entry, card_key: CardKey) -> dict[str, Any]:
    author = call.world.people.users[entry.author]
    return {
        "ID": str(entry.id),
        "ENTITY_ID": str(card_key[1]),
        "ENTITY_TYPE": card_key[0],
        "CREATED": iso(entry.date),
        "COMMENT": entry.text,
        "AUTHOR_ID": str(entry.author),
        "FILES": {
            str(file.id): feed_file(file, url=call.portal.url, author=author, date=entry.date) for file in entry.files
        },
    }


@method("crm.timeline.comment.fields", scope="crm")
def fields_of_comment(_call: Call, _params: Params) -> Any:
    """Describe the fields of a comment."""
    return COMMENT


def _get_entry(call: Call, given: Fields) -> Entry:
    """Return the timeline entry that OWNER_ID names; raise RestError with an empty code, as the binding methods do."""
    if given.number("OWNER_ID") <= 0:
        raise RestError("", "OWNER_ID is not defined or invalid.")
    entry = call.world.crm.entries.get(given.number("OWNER_ID"))
    if entry is None:
        raise RestError("", "Not found.")
    if not visible_card_keys(call, entry):
        raise RestError("", "Access denied.")
    return entry


def _get_card_key(call: Call, given: Fields) -> CardKey:
    """Return the key of the card that ENTITY_TYPE and ENTITY_ID name.

    Raise RestError when there is no such card or the caller may not see it.
    """
    for name, good in (("ENTITY_ID", given.number("ENTITY_ID") > 0), ("ENTITY_TYPE", given.text("ENTITY_TYPE") != "")):
        if not good:
            raise RestError("", f"{name} is not defined or invalid.")
    card_key = given.text("ENTITY_TYPE").lower(), given.number("ENTITY_ID")
    card = call.world.crm.cards.get(card_key)
    if card is None:
        raise RestError("", "Not found.")
    if not rights.may_see_card(card, call.user):
        raise RestError("", "Access denied.")
    return card_key


@method("crm.timeline.bindings.bind", scope="crm")
def bind(call: Call, params: Params) -> Any:
    """Show a timeline entry in the timeline of one more card."""
    fields = params.inner("fields")
    timeline.bind(call.portal, _get_entry(call, fields), _get_card_key(call, fields))
    return True


@method("crm.timeline.bindings.unbind", scope="crm")
def unbind(call: Call, params: Params) -> Any:
    """Remove an entry from the timeline of a card; the result is false when no other card shows the entry.

    The result is also false when this card does not show the entry.
    """
    fields = params.inner("fields")
    return timeline.unbind(call.portal, _get_entry(call, fields), _get_card_key(call, fields))


@method("crm.timeline.bindings.list", scope="crm")
def bindings(call: Call, params: Params) -> Any:
    """List those cards that show an entry and that the caller may see."""
    entry = _get_entry(call, params.inner("filter"))
    found = [
        {"OWNER_ID": str(entry.id), "ENTITY_ID": str(number), "ENTITY_TYPE": kind}
        for kind, number in visible_card_keys(call, entry)
    ]
    return page_of(found, params.number("start"))


@method("crm.timeline.bindings.fields", scope="crm")
def fields_of_binding(_call: Call, _params: Params) -> Any:
    """Describe the fields of a binding."""
    return BINDING
