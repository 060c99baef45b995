"""Files of chats and their folders, and temporary addresses to upload and download them.

Reference: E2, disk.*.
"""

from dataclasses import replace

from portal.engine.core import Actor, Portal
from portal.rules.messenger import messages
from portal.world.disk import DownloadTicket, StoredFile, UploadTicket
from portal.world.messenger import Chat, File, Message

VALID = 3600.0
"""Lifetime of an upload or download address in seconds; not documented."""
CLEANUP_SIZE = 1000


def upload(portal: Portal, chat: Chat, author: int, file: File, *, text: str, actor: Actor) -> Message:
    """Send a file to a chat in a new message; raise Refused when the author may not write there."""
    draft = messages.MessageDraft(author=author, chat=chat.id, text=text, files=(file,))
    return messages.write(portal, draft, actor)


def folder(portal: Portal, chat: Chat) -> int:
    """Return the id of a chat's folder; create the folder at first use."""
    folders = portal.world.disk.folders
    if chat.id not in folders:
        folders[chat.id] = portal.world.next_id("file")
    return folders[chat.id]


def store(portal: Portal, folder: int, author: int, *, name: str, content: bytes) -> StoredFile:
    """Store a file in a folder; people see the file only when it is sent in a message."""
    file = File(id=portal.world.next_id("file"), name=name.replace("/", "_"), content=content)
    row = StoredFile(file=file, folder=folder, author=author, date=portal.clock.now())
    portal.world.disk.stored[file.id] = row
    return row


def send(portal: Portal, chat: Chat, files: tuple[File, ...], *, text: str, actor: Actor) -> Message:
    """Send files of the Drive to a chat in a new message; raise Refused when the actor may not write there.

    Files that were sent before are copied.
    """
    messenger, disk = portal.world.messenger, portal.world.disk
    # A file belongs to one message, so a file that was sent before gets a copy with a new id.
    sent = tuple(replace(file, id=portal.world.next_id("file")) if messenger.file(file.id) else file for file in files)
    message = messages.write(
        portal, messages.MessageDraft(author=actor.user, chat=chat.id, text=text, files=sent), actor
    )
    for file in sent:
        disk.stored.pop(file.id, None)
    return message


def upload_address(portal: Portal, folder: int, user: int) -> str:
    """Return a one-time address to which a user can send a file for a folder."""
    secret = portal.secret()
    portal.world.disk.upload_tickets[secret] = UploadTicket(
        folder=folder, user=user, expires=portal.clock.now() + VALID
    )
    return f"{portal.rest_url}upload.json?token={secret}"


def use_upload_address(portal: Portal, secret: str) -> UploadTicket | None:
    """Return the ticket of an upload address, which becomes invalid; None when it was used or has expired."""
    found = portal.world.disk.upload_tickets.pop(secret, None)
    return found if found is not None and found.expires > portal.clock.now() else None


def download_address(portal: Portal, file: File, *, once: bool = True) -> str:
    """Return an address that serves a file once, or with once=False for an hour."""
    download_tickets, now = portal.world.disk.download_tickets, portal.clock.now()
    # Expired tickets are removed only when there are many, so that most calls stay fast.
    if len(download_tickets) > CLEANUP_SIZE:
        portal.world.disk.download_tickets = download_tickets = {
            key: row for key, row in download_tickets.items() if row.expires > now
        }
    secret = portal.secret()
    download_tickets[secret] = DownloadTicket(file=file, expires=now + VALID, once=once)
    return f"{portal.rest_url}download.json?token={secret}"


def use_download_address(portal: Portal, secret: str) -> File | None:
    """Return the file of a download address, or None when it is no longer valid."""
    download_tickets = portal.world.disk.download_tickets
    ticket = download_tickets.get(secret)
    if ticket is None or ticket.once or ticket.expires <= portal.clock.now():
        download_tickets.pop(secret, None)
    return ticket.file if ticket is not None and ticket.expires > portal.clock.now() else None


def store_picture(portal: Portal, content: bytes) -> str:
    """Store an avatar and return its address in the portal."""
    name = f"{portal.world.next_id('file')}"
    portal.world.disk.pictures[name] = content
    return f"/upload/im/{name}"
