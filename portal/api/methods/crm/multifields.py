"""Phone numbers, addresses of e-mail, sites and messengers of CRM cards: several values in one field."""

from collections.abc import Mapping, Sequence
from typing import Any

from portal.api.call import Call
from portal.wire import php

MULTIFIELDS = ("PHONE", "EMAIL", "WEB", "IM")
Row = dict[str, str]


def has_fields(fields: Mapping[str, Any]) -> Row:
    """Return HAS_PHONE and HAS_EMAIL of a card with these stored fields."""
    return {f"HAS_{name}": "Y" if fields.get(name) else "N" for name in ("PHONE", "EMAIL")}


def changed(call: Call, name: str, sent: object, stored: Sequence[Row]) -> list[Row]:
    """Return the values of a field after a change.

    A value with the ID of a stored one replaces it, one without ID is added, and one that is empty or has DELETE is
    removed. Other values stay.
    """
    rows = {row["ID"]: row for row in stored}
    for given in _maps_in(sent):
        number = php.text_of(given.get("ID"))
        value = php.text_of(given.get("VALUE"))
        if number not in rows:
            number = str(call.world.next_id("multifield"))
        if php.text_of(given.get("DELETE")) == "Y" or not value:
            rows.pop(number, None)
            continue
        kind = php.text_of(given.get("VALUE_TYPE")) or rows.get(number, {}).get("VALUE_TYPE", "WORK")
        rows[number] = {"ID": number, "VALUE_TYPE": kind, "VALUE": value, "TYPE_ID": name}
    return list(rows.values())


def _maps_in(sent: object) -> list[Mapping[str, Any]]:
    """Return the values that were sent, as a list or as a map with any keys."""
    rows = sent.values() if isinstance(sent, Mapping) else sent if isinstance(sent, list) else ()
    return [row for row in rows if isinstance(row, Mapping)]
