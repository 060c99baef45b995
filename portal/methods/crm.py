"""crm.livefeedmessage.add: the CRM feed, dead on current portals (reference: G2, behaviour 8)."""

import html
from typing import Any

from portal import php
from portal.deeds import mail, rights, timeline
from portal.errors import RestError
from portal.methods import content
from portal.methods.crm_timeline import BY_NUMBER
from portal.rest.call import Call, Params
from portal.rest.registry import method
from portal.state.crm import TYPES, Card, Place

PREFIXES = {f"CRM{kind.upper()}": kind for kind in TYPES}
"""CRM codes of SPERM: CRMLEAD12 and the like."""


@method("crm.livefeedmessage.add", scope="crm")
def livefeed_add(call: Call, params: Params) -> Any:
    """Write into the CRM feed where it still lives, else refuse before looking at anything; answers a feed-log id."""
    if call.portal.switches.crm_feed == "dead":
        raise RestError("", "Livefeed is no longer supported")
    fields = params.inner("fields")
    kind, number = BY_NUMBER.get(fields.number("ENTITYTYPEID"), ""), fields.number("ENTITYID")
    named = call.world.crm.cards.get((kind, number))
    if kind and not (rights.writes_cards(call.user) and (named is None or rights.sees_card(named, call.user))):
        raise RestError("", "Access denied.")
    codes = [php.text_of(code) for group in fields.values("SPERM") for code in php.values_of(group)]
    parents, refused = _parents(call, codes)
    card = named or next(iter(parents.values()), None)
    text = html.unescape(fields.text("MESSAGE"))
    wrong = [refused] * bool(refused) + ["The message text is empty."] * (not text.strip())
    if card is None or wrong:
        raise RestError("", ", ".join([*wrong, *["The entity is not defined."] * (card is None)]))
    return timeline.feed_message(
        call.portal,
        card,
        call.user,
        text,
        title=fields.text("POST_TITLE"),
        files=content.files(call, fields.get("FILES")),
        also=tuple(place for place in parents if place != card.place),
        dest=_people(call, codes),
    ).log


def _parents(call: Call, codes: list[str]) -> tuple[dict[Place, Card], str]:
    """Return the cards CRM codes name, and an error where the caller may not write to one of them."""
    found: dict[Place, Card] = {}
    for code in codes:
        for prefix, kind in PREFIXES.items():
            card = call.world.crm.cards.get((kind, php.int_of(code.removeprefix(prefix))))
            if not code.startswith(prefix) or card is None:
                continue
            if not rights.sees_card(card, call.user):
                return {}, f"You may not write to {code}."
            found[card.place] = card
    return found, ""


def _people(call: Call, codes: list[str]) -> tuple[str, ...]:
    """Return the recipients the caller may address; everybody is called AU here."""
    given = (mail.resolved(call.portal, code, call.user).upper() for code in codes)
    kept = (code for code in dict.fromkeys(given) if rights.addresses(call.world, code, call.user))
    return tuple("AU" if code == "UA" else code for code in kept)
