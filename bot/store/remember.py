"""How each fact is written down; one table, one function a fact."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

import aiosqlite

from bot.errors import Overtaken
from bot.model import ordering, state_changes
from bot.model.events import PortalId
from bot.model.state_changes import StateChange
from bot.store import coding, conversations, timers
from bot.store.encryption import Encryption

CLEANED = (
    "chats", "follows", "posts", "cards", "dialog_readers", "dialog_extranet", "quiet_posts", "quiet_off", "timers",
    "conversations", "inbox", "portal",
)  # fmt: skip


async def apply(
    q: Any,
    conn: aiosqlite.Connection,
    state_change: StateChange,
    *,
    portal: PortalId,
    encryption: Encryption,
    now: float,
) -> None:
    """Write one fact inside the running transaction."""
    if isinstance(state_change, state_changes.PortalKnown):
        await _portal_known(q, conn, state_change, portal=portal, encryption=encryption, now=now)
    elif isinstance(state_change, state_changes.CardInstead):
        await _card_instead(q, conn, state_change, portal)
    elif isinstance(state_change, state_changes.PortalGone):
        await _portal_gone(q, conn, state_change, portal)
    else:
        name, values = _PLAIN[type(state_change)](state_change)
        await getattr(q, name)(conn, portal=portal, now=now, **values)


async def check(q: Any, conn: aiosqlite.Connection, changes: Iterable[StateChange], *, portal: PortalId) -> None:
    """Raise Overtaken where another event changed a card since the handlers of this one read it."""
    for state_change in changes:
        if isinstance(state_change, state_changes.CardMade) and state_change.over is not None:
            seen = {
                "post": state_change.post,
                "dialog": state_change.dialog,
                "over": state_change.over,
                "message": state_change.message,
            }
            if await q.card_is_other(conn, portal=portal, **seen):
                raise Overtaken(f"the card of post {state_change.post} in {state_change.dialog} changed meanwhile")


async def _portal_known(
    q: Any,
    conn: aiosqlite.Connection,
    state_change: state_changes.PortalKnown,
    *,
    portal: PortalId,
    encryption: Encryption,
    now: float,
) -> None:
    await q.portal_put(
        conn,
        portal=portal,
        endpoint=state_change.endpoint,
        auth_endpoint=state_change.auth_endpoint,
        domain=state_change.domain,
        language=state_change.language,
        api=state_change.api,
        license=state_change.license,
        installer=state_change.user,
        application_token=encryption.encrypt(state_change.application_token),
        now=now,
    )
    await q.token_put(
        conn,
        portal=portal,
        token_owner=ordering.INSTALL,
        **coding.KEYS,
        access_token=encryption.encrypt(state_change.access_token),
        refresh_token=encryption.encrypt(state_change.refresh_token),
        expires=state_change.expires,
    )


async def _portal_gone(
    q: Any, conn: aiosqlite.Connection, state_change: state_changes.PortalGone, portal: PortalId
) -> None:
    """Access is gone: tokens and what waits to be sent go at once; with `clean` everything we knew goes too."""
    await q.portal_off(conn, portal=portal)
    await q.tokens_drop(conn, portal=portal)
    await q.outbox_drop(conn, portal=portal)
    for table in CLEANED if state_change.clean else ():
        await getattr(q, f"{table}_drop")(conn, portal=portal)


async def _card_instead(
    q: Any, conn: aiosqlite.Connection, state_change: state_changes.CardInstead, portal: PortalId
) -> None:
    card = {"portal": portal, "ordering_key": ordering.of_dialog(state_change.dialog), "post": state_change.post}
    if state_change.drop:
        await q.outbox_card_drop(conn, **card)
    shown = {"content": json.dumps(state_change.content), "version": state_change.version}
    await q.outbox_card_waits(conn, **card, **shown)
    await q.outbox_card_leaves(conn, **card, **shown, **coding.KEYS)


def _fields(name: str) -> Callable[[StateChange], tuple[str, dict[str, Any]]]:
    return lambda state_change: (name, asdict(state_change))


def _unfollow(state_change: StateChange) -> tuple[str, dict[str, Any]]:
    assert isinstance(state_change, state_changes.Unfollowing)  # noqa: S101 - the table below says so
    if state_change.topic is None:
        return "follow_drop_all", {"dialog": state_change.dialog}
    return "follow_drop", {"dialog": state_change.dialog, "topic": state_change.topic}


_PLAIN: dict[type[StateChange], Callable[[StateChange], tuple[str, dict[str, Any]]]] = {
    state_changes.BotKnown: _fields("portal_bot"),
    state_changes.CrmFeedDead: _fields("portal_crm_feed_dead"),
    state_changes.ChatJoined: _fields("chat_joined"),
    state_changes.ChatLeft: _fields("chat_left"),
    state_changes.QuietPost: _fields("quiet_post"),
    state_changes.QuietOff: _fields("quiet_off"),
    state_changes.ReadersAsked: _fields("readers_asked"),
    state_changes.ExtranetSeen: _fields("extranet_seen"),
    state_changes.ExtranetTold: _fields("extranet_told"),
    state_changes.Following: _fields("follow_add"),
    state_changes.Unfollowing: _unfollow,
    state_changes.PostSeen: _fields("post_put"),
    state_changes.PostMarkedDeleted: _fields("post_deleted"),
    state_changes.CardMade: _fields("card_put"),
    state_changes.CardLost: _fields("card_lost"),
    state_changes.TimerSet: timers.timer_set,
    state_changes.TimerCancelled: _fields("timer_cancel"),
    state_changes.ConversationState: conversations.conversation_put,
    state_changes.ConversationEnded: conversations.conversation_end,
}
