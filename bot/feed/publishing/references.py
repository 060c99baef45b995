"""Reads references to posts, chats and CRM cards in the arguments of commands.

A reference is a number, a word or a pasted link. All commands read links in the same way.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.errors import UserMistake
from bot.framework import converters
from bot.i18n import catalog
from bot.model.effects import CrmEntity
from bot.model.events import Dialog, PostId
from bot.model.records import KnownPortal
from bot.texts import comparing, cutting
from keyboards import bb

_HERE = {"here", *catalog.also("here")}
_CHAT = re.compile(r"(?:chat|\[CHAT=)([1-9]\d{0,17})(?:\].*)?", re.ASCII | re.IGNORECASE)
_KINDS = ("lead", "deal", "contact", "company")
_CRM_TYPES = {
    **{comparing.fold(word): kind for kind in _KINDS for word in (kind, *catalog.also(kind))},
    **dict(zip(("l", "d", "c", "co"), _KINDS, strict=True)),
    **dict(zip("1234", _KINDS, strict=True)),
}
"""Words, short codes and numbers for the CRM types; the values are those of crm.timeline.comment.add, ENTITY_TYPE."""
CRM_NUMBERED = rf"(?i:{'|'.join(map(re.escape, sorted(_CRM_TYPES, key=len, reverse=True)))})[:#№]+\d"
"""An expression for a type and a number that are written together, such as `deal:42`."""
_CRM_NAMED = re.compile(r"((?:[^\W\d_]|[\u00ad\u0300-\u036f])+)[\s:#№_]*(\d{1,18})[,.:;!)]*(?=\s|\Z)")

_WRITTEN = re.compile(
    r"\[URL\](?P<inner>[^\[\]\s]+)\[/URL\]|\[URL=(?P<value>[^\[\]\s]+)\].*?\[/URL\]|<(?P<angle>[^<>\s]+)>|(?P<plain>\S+)",
    re.IGNORECASE | re.DOTALL,
)
"""An address as people paste it: as a link of the portal, in angle brackets, or alone."""
_ADDRESS = re.compile(
    r"[(\"'“„«]?(?:(?:https?:)?//(?P<host>[^/\s?#]+)|(?P<bare>[^/\s?#:@]+\.[^/\s?#]+))?(?P<path>/[^\s?#]*)",
    re.IGNORECASE,
)
_POST_PATH = re.compile(r"/blog/(\d{1,18})/?\Z", re.IGNORECASE)
_CRM_PATH = re.compile(
    r"/crm/(?:type/(?P<number>[1-4])|(?P<type>lead|deal|contact|company))/(?:details|show)/(?P<id>\d{1,18})(?:/|\Z)",
    re.IGNORECASE,
)
_QUOTES = tuple('"“„”«')
_NUMBERED = re.compile(r"[^\W\d_]+[:#№]+\d")
"""A word and a number that are written together like a type and its number."""
_AFTER = ",.:;!?)\"'”“»>"
"""What may stand behind an address or a number without being part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmCard:
    """A CRM card, and the host of the link that named it ("" if it was named by type and number)."""

    entity: CrmEntity
    host: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmSearch:
    """The name of a CRM card, to be searched for; `type` is "" for all types.

    Without quotes (`quoted`) the name may go on in the text.
    """

    type: str
    name: str
    quoted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PostReference:
    """A post, and the host of the link that named it ("" if it was named by its number)."""

    id: PostId
    host: str = ""

    def __str__(self) -> str:
        """Return the number of the post, as a command names it."""
        return str(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    host: str
    path: str
    left: str


def crm_card(text: str) -> tuple[CrmCard, str]:
    """Read a CRM card from the start of a text; return the card and the rest of the text.

    It is written as a type and a number, or as a pasted link.

    Raises:
        UserMistake: the text does not start with a CRM card.
    """
    link = _link(text)
    if link and (found := _CRM_PATH.search(link.path)):
        kind, number = _CRM_TYPES[(found["type"] or found["number"]).lower()], int(found["id"])
        host, left = link.host, link.left
    elif (named := _CRM_NAMED.match(text)) and (named_kind := _CRM_TYPES.get(comparing.fold(named[1]))):
        kind, number, host, left = named_kind, int(named[2]), "", text[named.end() :]
    else:
        raise _no_card(text)
    if number == 0:
        raise _no_card(text)
    return CrmCard(entity=CrmEntity(type=kind, id=number), host=host), left


def crm_target(text: str) -> tuple[CrmCard | CrmSearch, str]:
    """Read a CRM card, or the name to search one by, from the start of a text; return it and the rest of the text.

    A name is one word, or in quotes; without quotes it may go on in the rest. Before it may be a type.

    Raises:
        UserMistake: the text starts with neither.
    """
    try:
        return crm_card(text)
    except UserMistake as mistake:
        kind, name = _named(text)
        if not name or mistake.key == "crm.no_link":
            raise
    quoted = name[0] in _QUOTES
    found, left = converters.word(name)
    if quoted and not kind:
        with contextlib.suppress(UserMistake):
            card, more = crm_card(found)
            if not more.strip():
                return card, left
    if not found.strip():
        raise UserMistake("crm.which", value=cutting.start(kind or name, converters.SHOWN))
    return CrmSearch(type=kind, name=found.strip(), quoted=quoted), left


def _named(text: str) -> tuple[str, str]:
    """Return the type at the start of a text ("" if there is none), and the text behind it if it begins with a name."""
    first, left = converters.first(text)
    kind = _CRM_TYPES.get(comparing.fold(first.rstrip(":#№"))) if first[:1].isalpha() else None
    name = comparing.lstrip(left if kind else text).lstrip("#№ ")
    begins = name[:1].isalpha() or (name[:1] in _QUOTES and name[1:2].strip() != "")
    return kind or "", name if begins and not (kind is None and _NUMBERED.match(name)) else ""


def _no_card(text: str) -> UserMistake:
    """Make the mistake that says which part of a text does not name a CRM card: the type, the number or the link."""
    first, left = converters.first(text)
    kind = first.rstrip(":#№")
    if "/" in first:
        return UserMistake("crm.no_link", value=cutting.start(first, converters.SHOWN))
    if comparing.fold(kind) not in _CRM_TYPES:
        named = re.match(r"[^\W\d]+", kind)
        return UserMistake("crm.no_type", value=cutting.start(named[0] if named else first, converters.SHOWN))
    value = converters.first(left)[0]
    key = "crm.no_number" if value else "crm.which"
    return UserMistake(key, value=cutting.start(value or first, converters.SHOWN))


def crm_type(word: str) -> str:
    """Return the CRM type that a word names in any language; "" if it names none."""
    return _CRM_TYPES.get(comparing.fold(word.rstrip(":#№")), "")


def post(text: str) -> tuple[PostReference, str]:
    """Read a post's number or link from the start of a text; return the post and the rest of the text.

    Raises:
        UserMistake: the text does not start with a post.
    """
    link = _link(text)
    if link and (found := _POST_PATH.search(link.path)):
        return PostReference(id=PostId(int(found[1])), host=link.host), link.left
    try:
        number, left = converters.number(text)
    except UserMistake as mistake:
        mistake.key = "posts.no_link" if link else "posts.no_number"
        raise
    return PostReference(id=PostId(number)), left


def require_here(host: str, portal: KnownPortal, *, mistake: str) -> None:
    """Refuse a link to another portal, where the same number is another object; `host` is "" without a link.

    Raises:
        UserMistake: the host is not that of this portal; `mistake` is the key of the sentence.
    """
    known = {_host(portal.domain), _host(urlsplit(portal.endpoint).netloc)}
    if host and _host(host) not in known:
        raise UserMistake(mistake, host=host)


def is_here(word: str) -> bool:
    """Check whether a word means the dialog in which it was written, such as `here`."""
    return comparing.fold(word) in _HERE


def chat(word: str, *, here: Dialog) -> Dialog | None:
    """Return the dialog that a word names (`chat42`, a pasted chat or `here`); None if it names none.

    `here` is the dialog in which the word was written.
    """
    if is_here(word):
        return here
    found = _CHAT.fullmatch(comparing.with_plain_digits(word))
    return Dialog(f"chat{found[1]}") if found else None


def chat_link(dialog: Dialog) -> str:
    """Return a link to a group chat in BB code; for a private dialog, a link to the person."""
    if dialog.isdigit():
        return bb.user(int(dialog), f"U{dialog}").bb()
    return bb.chat(int(dialog.removeprefix("chat")), dialog).bb()


def _link(text: str) -> _Link | None:
    """Read an address from the start of a text, in any form in which people paste it; None if there is none."""
    start = comparing.lstrip(text)
    written = _WRITTEN.match(start)
    if written is None:
        return None
    found = _ADDRESS.match(written["inner"] or written["value"] or written["angle"] or written["plain"])
    if found is None:
        return None
    path = comparing.with_plain_digits(found["path"].rstrip(_AFTER))
    left = start[written.end() :]
    return _Link(host=found["host"] or found["bare"] or "", path=path, left=left.lstrip(_AFTER))


def _host(address: str) -> str:
    """Return a host and its port in one spelling, so that a name in its own script equals its ASCII form."""
    host, _, port = address.rpartition(":") if address.rpartition(":")[2].isdecimal() else (address, "", "")
    name = comparing.fold(host).rstrip(".")
    try:
        name = name.encode("idna").decode("ascii")
    except UnicodeError:
        return address
    return name if port in ("", "80", "443") else f"{name}:{port}"
