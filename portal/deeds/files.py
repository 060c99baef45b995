"""Files in chats, kept in memory, and addresses that give one once (reference: E2, File.upload, File.download)."""

from portal.core import Actor, Portal
from portal.deeds import messages
from portal.state.disk import Ticket
from portal.state.talk import Chat, File, Message

VALID = 3600.0
"""Seconds an unused address lives; not documented."""
MANY = 1000


def upload(portal: Portal, chat: Chat, author: int, file: File, *, text: str, actor: Actor) -> Message:
    """Put a file into a chat: the message that carries it is written too; raises Refused as writing does."""
    draft = messages.Draft(author=author, chat=chat.id, text=text, files=(file,))
    return messages.write(portal, draft, actor)


def address(portal: Portal, file: File) -> str:
    """Return an address that gives a file once, to whoever asks."""
    tickets, now = portal.world.disk.tickets, portal.clock.now()
    if len(tickets) > MANY:
        portal.world.disk.tickets = tickets = {key: row for key, row in tickets.items() if row.expires > now}
    secret = portal.secret()
    tickets[secret] = Ticket(file=file, expires=now + VALID)
    return f"{portal.rest_url}download.json?token={secret}"


def redeem(portal: Portal, secret: str) -> File | None:
    """Take the file of an address; the second time there is none."""
    ticket = portal.world.disk.tickets.pop(secret, None)
    return ticket.file if ticket is not None and ticket.expires > portal.clock.now() else None


def picture(portal: Portal, content: bytes) -> str:
    """Keep an avatar and return its address within the portal."""
    name = f"{portal.world.next_id('file')}"
    portal.world.disk.pictures[name] = content
    return f"/upload/im/{name}"
