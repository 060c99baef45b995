"""crm.*: the dead CRM feed and the living timeline (reference: G2, behaviour 8)."""

from typing import Any

from portal import php
from portal.clock import iso
from portal.deeds import rights, timeline
from portal.errors import RestError
from portal.methods import content
from portal.rest.call import Call, Fields, Params, page_of
from portal.rest.registry import method
from portal.state.crm import TYPES, Card, Entry

BY_NUMBER = {number: name for name, number in TYPES.items()}


@method("crm.livefeedmessage.add", scope="crm")
def livefeed_add(call: Call, params: Params) -> Any:
    """Write into the CRM feed where it still lives; else refuse before looking at anything."""
    if call.portal.switches.crm_feed == "dead":
        raise RestError("", "Livefeed is no longer supported")
    fields = params.inner("fields")
    kind, number = BY_NUMBER.get(fields.number("ENTITYTYPEID"), ""), fields.number("ENTITYID")
    card = call.world.crm.cards.get((kind, number)) or _from_sperm(call, fields)
    if card is None:
        raise RestError("", "The entity is not defined.")
    if not rights.sees_card(card, call.user):
        raise RestError("", "Access denied.")
    if not fields.text("MESSAGE").strip():
        raise RestError("", "The message text is empty.")
    files = content.files(call, fields.get("FILES"))
    title = fields.text("POST_TITLE")
    text = fields.text("MESSAGE")
    return timeline.feed_message(call.portal, card, call.user, text, title=title, files=files).id


def _from_sperm(call: Call, fields: Fields) -> Card | None:
    """Take the first CRM code of SPERM where the entity is not named."""
    for codes in php.values_of(fields.get("SPERM")):
        for code in php.values_of(codes):
            for kind in TYPES:
                prefix = f"CRM{kind.upper()}"
                found = call.world.crm.cards.get((kind, php.int_of(php.text_of(code).removeprefix(prefix))))
                if php.text_of(code).startswith(prefix) and found:
                    return found
    return None


def _needed(params: Params, name: str) -> Any:
    """Return a parameter of the newer controllers: exact spelling, and a numbered error when missing."""
    if name not in params.raw:
        raise RestError("100", f"Could not find value for parameter {{{name}}}")
    return params.raw[name]


def _card(call: Call, kind: str, number: int) -> Card:
    card = call.world.crm.cards.get((kind, number))
    if card is None:
        raise RestError("OWNER_NOT_FOUND", "Owner was not found")
    if not rights.sees_card(card, call.user):
        raise RestError("ACCESS_DENIED", "Access denied.", 403)
    return card


@method("crm.timeline.comment.add", scope="crm")
def comment_add(call: Call, params: Params) -> Any:
    """Comment a card in its timeline."""
    fields = Fields(_needed(params, "fields"))
    card = _card(call, fields.text("ENTITY_TYPE"), fields.number("ENTITY_ID"))
    if not fields.text("COMMENT").strip():
        raise RestError("INVALID_ARG_VALUE", "Comment message is empty")
    files = content.files(call, fields.get("FILES"))
    return timeline.comment(call.portal, card, call.user, fields.text("COMMENT"), files=files, actor=call.actor).id


def _entry(call: Call, params: Params) -> Entry:
    entry = call.world.crm.entries.get(php.int_of(_needed(params, "id")))
    if entry is None or entry.kind != "comment":
        raise RestError("NOT_FOUND", "Not found.")
    return entry


def _own(call: Call, params: Params) -> Entry:
    entry = _entry(call, params)
    _card(call, entry.type, entry.card)
    if entry.author != call.user.id and not call.user.admin:
        raise RestError("ACCESS_DENIED", "Access denied.", 403)
    return entry


@method("crm.timeline.comment.update", scope="crm")
def comment_update(call: Call, params: Params) -> Any:
    """Change a comment of one's own."""
    entry, fields = _own(call, params), Fields(_needed(params, "fields"))
    text = fields.text("COMMENT", entry.text)
    if not text.strip():
        raise RestError("INVALID_ARG_VALUE", "Comment message is empty")
    files = content.files(call, fields.get("FILES")) if fields.has("FILES") else entry.files
    return timeline.update(call.portal, entry, call.actor, text=text, files=files).id


@method("crm.timeline.comment.delete", scope="crm")
def comment_delete(call: Call, params: Params) -> Any:
    """Delete a comment of one's own; the answer is null."""
    timeline.delete(call.portal, _own(call, params), call.actor)


@method("crm.timeline.comment.get", scope="crm")
def comment_get(call: Call, params: Params) -> Any:
    """Describe a comment."""
    entry = call.world.crm.entries.get(params.number("id"))
    if params.number("id") <= 0:
        raise RestError("", "ID is not defined or invalid.")
    if entry is None or entry.kind != "comment":
        raise RestError("", "Not found.")
    if not rights.sees_card(call.world.crm.cards[entry.type, entry.card], call.user):
        raise RestError("", "Access denied.")
    return _shown(call, entry)


@method("crm.timeline.comment.list", scope="crm")
def comment_list(call: Call, params: Params) -> Any:
    """List the comments of a card."""
    wanted = params.inner("filter")
    kind, number = wanted.text("ENTITY_TYPE").lower(), wanted.number("ENTITY_ID")
    card = call.world.crm.cards.get((kind, number))
    if card is None or not rights.sees_card(card, call.user):
        raise RestError("", "Access denied.")
    entries = [entry for entry in call.world.crm.timeline(kind, number) if entry.kind == "comment"]
    order = params.inner("order")
    if any(php.text_of(value).upper() == "DESC" for value in order.raw.values()):
        entries.reverse()
    return page_of([_shown(call, entry) for entry in entries], params.number("start"))


def _shown(call: Call, entry: Entry) -> dict[str, Any]:
    author = call.world.people.users[entry.author]
    files = {
        str(file.id): {
            "id": file.id,
            "date": iso(entry.date),
            "type": "file",
            "name": file.name,
            "size": file.size,
            "authorId": author.id,
            "authorName": author.name,
            "urlDownload": f"{call.portal.url}disk/downloadFile/{file.id}/",
        }
        for file in entry.files
    }
    return {
        "ID": str(entry.id),
        "ENTITY_ID": str(entry.card),
        "ENTITY_TYPE": entry.type,
        "CREATED": iso(entry.date),
        "COMMENT": entry.text,
        "AUTHOR_ID": str(entry.author),
        "FILES": files,
    }


def _cards(call: Call, params: Params) -> Any:
    """List cards of the method's kind that the caller may see, with a little of each."""
    kind = call.method.split(".")[1]
    cards = [card for card in call.world.crm.cards.values() if card.type == kind and rights.sees_card(card, call.user)]
    for name, value in params.inner("filter").raw.items():
        key, sought = name.upper().lstrip("=%"), php.text_of(value).strip("%").lower()
        if key in ("TITLE", "NAME", "LAST_NAME"):
            cards = [card for card in cards if sought in card.title.lower()]
        if key == "ID":
            wanted = [php.text_of(one) for one in php.values_of(value)]
            cards = [card for card in cards if str(card.id) in wanted]
    return page_of([_brief(card) for card in cards], params.number("start"))


def _card_get(call: Call, params: Params) -> Any:
    """Describe one card of the method's kind."""
    card = call.world.crm.cards.get((call.method.split(".")[1], params.number("id")))
    if card is None or not rights.sees_card(card, call.user):
        raise RestError("", "Not found")
    return _brief(card)


def _brief(card: Card) -> dict[str, Any]:
    shown = {"ID": str(card.id), "TITLE": card.title, "ASSIGNED_BY_ID": str(card.responsible)}
    if card.type == "contact":
        del shown["TITLE"]
        first, _, last = card.title.partition(" ")
        shown |= {"NAME": first, "LAST_NAME": last}
    return shown


for _kind in TYPES:
    method(f"crm.{_kind}.list", scope="crm")(_cards)
    method(f"crm.{_kind}.get", scope="crm")(_card_get)
