"""Reads one message of a dialog, and the name of its author, in one request."""

from __future__ import annotations

from collections.abc import Sequence

from bot.bitrix.inbound import dialog_events, fields
from bot.bitrix.outbound import calls
from bot.bitrix.outbound.answers import Item
from bot.bitrix.outbound.calls import Call
from bot.bitrix.outbound.rows import object_of, rows_of
from bot.model.chat_messages import ChatMessage
from bot.model.events import BotId, Dialog, Forwarded, MessageId, UserId


def asked(dialog: Dialog, message: MessageId, *, bot: BotId | None, reader: UserId) -> list[Call]:
    """Return the calls that read a message of the bot's dialog, as `reader` sees it, and its first author.

    A private dialog with the bot has the id of the bot for its reader.
    """
    seen_as = str(bot) if dialog == str(reader) else dialog
    page = {"DIALOG_ID": seen_as, "LAST_ID": message + 1, "LIMIT": 1}
    return [
        Call(method="im.dialog.messages.get", params=page),
        Call(method="im.user.get", params={"ID": "$result[c0][messages][0][params][FORWARD_USER_ID]"}),
    ]


def read(items: Sequence[Item], dialog: Dialog, message: MessageId) -> ChatMessage | None:
    """Return the message; None if the dialog has no such message for its reader, or it was deleted.

    Raises:
        PortalError: the portal refused to show the dialog.
    """
    page, first_author = items
    if page.error:
        raise page.error
    answer = object_of(page.result)
    found = next((row for row in rows_of(answer.get("messages")) if calls.number(row.get("id")) == message), None)
    if found is None:
        return None
    params = object_of(found.get("params"))
    if fields.flag(params, "IS_DELETED"):
        return None
    origin = dialog_events.forwarded(params, "FORWARD_USER_ID", "FORWARD_CONTEXT_ID")
    author = origin.author if origin else UserId(calls.number(found.get("author_id")))
    names = {calls.number(row.get("id")): str(row.get("name") or "") for row in rows_of(answer.get("users"))}
    forwarded_name = "" if first_author.error else str(object_of(first_author.result).get("name") or "")
    where = origin or Forwarded(author=author, dialog=None if dialog.isdigit() else dialog, message=message)
    return ChatMessage(
        id=message, author=author, author_name=names.get(author) or forwarded_name, text=str(found.get("text") or ""),
        date=str(found.get("date") or ""), dialog=where.dialog, first=where.message,
        files=fields.numbers(params, "FILE_ID"),
    )  # fmt: skip
