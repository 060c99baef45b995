"""People known by an e-mail address only: invited by a destination UE<address> (reference: behaviour 7.2)."""

import re

from portal.engine.core import Portal
from portal.world.people import User

PREFIX = "UE"
_ADDRESS = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,190}\Z")


def resolved(portal: Portal, code: str, by: User) -> str:
    """Turn UE<address> into the U code of that person, who is invited when unknown; other codes stay.

    A guest invites nobody: what they write leads nowhere.
    """
    address = code.strip()[len(PREFIX) :].lower()
    if code.strip()[: len(PREFIX)].upper() != PREFIX or by.extranet or not _ADDRESS.match(address):
        return code
    known = (user for user in portal.world.people.users.values() if user.active and user.email.lower() == address)
    user = next(known, None) or _invited(portal, address)
    return f"U{user.id}"


def _invited(portal: Portal, address: str) -> User:
    """Make a mail user: no employee, in no department, and in no list of people."""
    user = User(
        id=portal.world.next_id("user"), first_name=address.partition("@")[0], email=address, extranet=True, mail=True
    )
    portal.world.people.users[user.id] = user
    return user
