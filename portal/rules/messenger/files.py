"""Files of chats and their folders, and temporary addresses to upload and download them.

Reference: E2, disk.*.
"""

from dataclasses import replace

from portal.engine.core import Actor, Portal
from portal.rules.messenger import messages
from portal.world.disk import Entry, Stored, Ticket
from portal.world.messenger import Chat, File, Message

VALID = 3600.0
"""Lifetime of an unused address in seconds; not documented."""
MANY = 1000


def upload(portal: Portal, chat: Chat, author: int, file: File, *, text: str, actor: Actor) -> Message:
    """Send a file to a chat in a new message; raise Refused as writing does."""
    draft = messages.Draft(author=author, chat=chat.id, text=text, files=(file,))
    return messages.write(portal, draft, actor)


def folder(portal: Portal, chat: Chat) -> int:
    """Return the number of a chat's folder; create it at first use."""
    folders = portal.world.disk.folders
    if chat.id not in folders:
        folders[chat.id] = portal.world.next_id("file")
    return folders[chat.id]


def store(portal: Portal, folder: int, author: int, *, name: str, content: bytes) -> Stored:
    """Store a file in a folder; people see it when a message carries it."""
    file = File(id=portal.world.next_id("file"), name=name.replace("/", "_"), content=content)
    row = Stored(file=file, folder=folder, author=author, date=portal.clock.now())
    portal.world.disk.stored[file.id] = row
    return row


def send(portal: Portal, chat: Chat, files: tuple[File, ...], *, text: str, actor: Actor) -> Message:
    """Send files of the Drive to a chat; raise Refused as writing does.

    Files that were sent before are copied.
    """
    talk, disk = portal.world.talk, portal.world.disk
    sent = tuple(replace(file, id=portal.world.next_id("file")) if talk.file(file.id) else file for file in files)
    message = messages.write(portal, messages.Draft(author=actor.user, chat=chat.id, text=text, files=sent), actor)
    for file in sent:
        disk.stored.pop(file.id, None)
    return message


def entry(portal: Portal, folder: int, user: int) -> str:
    """Return a one-time address that accepts a file for a folder."""
    secret = portal.secret()
    portal.world.disk.entries[secret] = Entry(folder=folder, user=user, expires=portal.clock.now() + VALID)
    return f"{portal.rest_url}upload.json?token={secret}"


def enter(portal: Portal, secret: str) -> Entry | None:
    """Use an upload address; return None when it was used or has expired."""
    found = portal.world.disk.entries.pop(secret, None)
    return found if found is not None and found.expires > portal.clock.now() else None


def address(portal: Portal, file: File, *, once: bool = True) -> str:
    """Return an address that serves a file, once or for an hour."""
    tickets, now = portal.world.disk.tickets, portal.clock.now()
    if len(tickets) > MANY:
        portal.world.disk.tickets = tickets = {key: row for key, row in tickets.items() if row.expires > now}
    secret = portal.secret()
    tickets[secret] = Ticket(file=file, expires=now + VALID, once=once)
    return f"{portal.rest_url}download.json?token={secret}"


def redeem(portal: Portal, secret: str) -> File | None:
    """Return the file of a download address, or None when it is no longer valid."""
    tickets = portal.world.disk.tickets
    ticket = tickets.get(secret)
    if ticket is None or ticket.once or ticket.expires <= portal.clock.now():
        tickets.pop(secret, None)
    return ticket.file if ticket is not None and ticket.expires > portal.clock.now() else None


def picture(portal: Portal, content: bytes) -> str:
    """Store an avatar and return its address in the portal."""
    name = f"{portal.world.next_id('file')}"
    portal.world.disk.pictures[name] = content
    return f"/upload/im/{name}"
