"""Build the normal form of a context menu (reference: behaviour 2.3)."""

from typing import Any

from portal.markup import envelope as reading
from portal.wire import php

ACTIONS = frozenset({"PUT", "SEND", "COPY", "CALL", "DIALOG"})


def normalize(raw: Any, *, bot: int) -> list[dict[str, Any]] | None:
    """Return the menu items as Bitrix24 stores them; None when there is no valid item, which means MENU_ERROR.

    `bot` is the id of the bot of the request, 0 for none.
    """
    envelope = reading.decode(raw)
    if isinstance(envelope, dict):
        envelope = envelope["ITEMS"] if "ITEMS" in envelope else list(envelope.values())
    if not isinstance(envelope, list | dict):
        return None
    items = (_item(item, bot) for item in php.values_of(envelope))
    return [item for item in items if item is not None] or None


def _item(item: Any, bot: int) -> dict[str, Any] | None:
    if not isinstance(item, dict) or "FUNCTION" in item:
        return None
    text = reading.trimmed_text(item.get("TEXT"))
    action = (
        reading.link_action(item)
        or reading.app_action(item)
        or reading.client_action(item, ACTIONS)
        or reading.command_action(item, bot)
    )
    if text is None or action is None:
        return None
    return {
        "BOT_ID": bot,
        **action,
        "TEXT": reading.escape(text),
        "CONTEXT": reading.context(item.get("CONTEXT")),
        "DISABLED": reading.flag(item.get("DISABLED")),
    }
