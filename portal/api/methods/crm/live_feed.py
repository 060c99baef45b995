"""crm.livefeedmessage.add: messages of the CRM feed, refused by current portals (reference: G2, behaviour 8)."""

import html
from typing import Any

from portal.api.call import Call, Params
from portal.api.methods.crm.timeline import BY_NUMBER
from portal.api.methods.shared import content
from portal.api.registry import method
from portal.errors import RestError
from portal.events.recipients import mentioned_users
from portal.rules import rights
from portal.rules.crm import timeline
from portal.rules.feed import email_users
from portal.rules.messenger import notifications
from portal.wire import php
from portal.world.crm import TYPES, Card, CardKey, Entry

PREFIXES = {f"CRM{kind.upper()}": kind for kind in TYPES}
"""Prefixes of CRM codes in SPERM, such as CRMLEAD12."""


@method("crm.livefeedmessage.add", scope="crm")
def livefeed_add(call: Call, params: Params) -> Any:
    """Write a message into the CRM feed and return its feed-log id.

    Current portals refuse every call before they check anything.
    """
    # The error code is empty on current portals, so clients can recognise only the text.
    if call.portal.switches.crm_feed == "dead":
        raise RestError("", "Livefeed is no longer supported")
    fields = params.inner("fields")
    kind, number = BY_NUMBER.get(fields.number("ENTITYTYPEID"), ""), fields.number("ENTITYID")
    named = call.world.crm.cards.get((kind, number))
    if kind and not (rights.may_use_crm(call.user) and (named is None or rights.may_see_card(named, call.user))):
        raise RestError("", "Access denied.")
    codes = [php.text_of(code) for group in fields.values("SPERM") for code in php.values_of(group)]
    parents, refused = _find_cards(call, codes)
    card = named or next(iter(parents.values()), None)
    text = html.unescape(fields.text("MESSAGE"))
    wrong = [refused] * bool(refused) + ["The message text is empty."] * (not text.strip())
    if card is None or wrong:
        raise RestError("", ", ".join([*wrong, *["The entity is not defined."] * (card is None)]))
    entry = timeline.feed_message(
        call.portal,
        card,
        call.user,
        text,
        title=fields.text("POST_TITLE"),
        files=content.files(call, fields.get("FILES")),
        also=tuple(card_key for card_key in parents if card_key != card.key),
        dest=_find_recipients(call, codes),
    )
    _notify(call, entry)
    return entry.log


def _notify(call: Call, entry: Entry) -> None:
    """Notify the recipients and the mentioned people who may read the CRM."""
    named = [int(code[1:]) for code in entry.dest if code[0] == "U" and code[1:].isdecimal()]
    users = (call.world.user(number) for number in dict.fromkeys((*named, *mentioned_users(entry.text))))
    cards = [call.world.crm.cards[card_key] for card_key in entry.card_keys]
    for user in users:
        if user is not None and user.id != call.user.id and any(rights.may_see_card(card, user) for card in cards):
            text = entry.title or entry.text
            notifications.send(
                call.portal, notifications.NotificationDraft(to=user.id, text=text, author=call.user.id, owner="crm")
            )


def _find_cards(call: Call, codes: list[str]) -> tuple[dict[CardKey, Card], str]:
    """Return the cards that CRM codes name, and an error text.

    The text is empty unless the caller may not write to one of the cards; then there are no cards.
    """
    found: dict[CardKey, Card] = {}
    for code in codes:
        for prefix, kind in PREFIXES.items():
            card = call.world.crm.cards.get((kind, php.int_of(code.removeprefix(prefix))))
            if not code.startswith(prefix) or card is None:
                continue
            if not rights.may_see_card(card, call.user):
                return {}, f"You may not write to {code}."
            found[card.key] = card
    return found, ""


def _find_recipients(call: Call, codes: list[str]) -> tuple[str, ...]:
    """Return those recipients that the caller may address, in upper case; UA becomes AU here."""
    given = (email_users.resolve(call.portal, code, call.user).upper() for code in codes)
    kept = (code for code in dict.fromkeys(given) if rights.may_address(call.world, code, call.user))
    return tuple("AU" if code == "UA" else code for code in kept)
