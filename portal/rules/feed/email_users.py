"""People who are known by e-mail address only (reference: behaviour 7.2).

A recipient UE<address> invites them.
"""

import re

from portal.engine.core import Portal
from portal.world.people import User

PREFIX = "UE"
_ADDRESS = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,190}\Z")


def resolve(portal: Portal, code: str, by: User) -> str:
    """Return the U code of the person with the address in UE<address>; invite an unknown person.

    Other codes are returned unchanged. So are all codes of an extranet user, who cannot invite anybody.
    """
    address = code.strip()[len(PREFIX) :].lower()
    if code.strip()[: len(PREFIX)].upper() != PREFIX or by.extranet or not _ADDRESS.match(address):
        return code
    known = (user for user in portal.world.people.users.values() if user.active and user.email.lower() == address)
    user = next(known, None) or _create_mail_user(portal, address)
    return f"U{user.id}"


def _create_mail_user(portal: Portal, address: str) -> User:
    """Create a mail user, who is in no department and in no list of people."""
    user = User(
        id=portal.world.next_id("user"), first_name=address.partition("@")[0], email=address, extranet=True, mail=True
    )
    portal.world.people.users[user.id] = user
    return user
