"""How each fact is written down; one table, one function a fact."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import aiosqlite

from bot.model import state_changes
from bot.model.events import PortalId
from bot.model.state_changes import Fact
from bot.store.seal import Seal

CLEANED = ("chats", "follows", "posts", "cards", "dialog_readers", "quiet_posts", "quiet_off", "inbox", "portal")


async def apply(q: Any, conn: aiosqlite.Connection, fact: Fact, *, portal: PortalId, seal: Seal, now: float) -> None:
    """Write one fact inside the running transaction."""
    if isinstance(fact, state_changes.PortalKnown):
        await _portal_known(q, conn, fact, portal=portal, seal=seal, now=now)
    elif isinstance(fact, state_changes.CardInstead):
        await _card_instead(q, conn, fact, portal)
    elif isinstance(fact, state_changes.PortalGone):
        await _portal_gone(q, conn, fact, portal)
    else:
        name, values = _PLAIN[type(fact)](fact)
        await getattr(q, name)(conn, portal=portal, now=now, **values)


async def _portal_known(
    q: Any, conn: aiosqlite.Connection, fact: state_changes.PortalKnown, *, portal: PortalId, seal: Seal, now: float
) -> None:
    await q.portal_put(
        conn,
        portal=portal,
        endpoint=fact.endpoint,
        auth_endpoint=fact.auth_endpoint,
        domain=fact.domain,
        language=fact.language,
        api=fact.api,
        license=fact.license,
        installer=fact.user,
        application_token=seal.close(fact.application_token),
        now=now,
    )
    await q.grant_put(
        conn,
        portal=portal,
        holder="install",
        access_token=seal.close(fact.access_token),
        refresh_token=seal.close(fact.refresh_token),
        expires=fact.expires,
    )


async def _portal_gone(q: Any, conn: aiosqlite.Connection, fact: state_changes.PortalGone, portal: PortalId) -> None:
    """Access is gone: tokens and what waits to be sent go at once; with `clean` everything we knew goes too."""
    await q.portal_off(conn, portal=portal)
    await q.grants_drop(conn, portal=portal)
    await q.outbox_drop(conn, portal=portal)
    for table in CLEANED if fact.clean else ():
        await getattr(q, f"{table}_drop")(conn, portal=portal)


async def _card_instead(q: Any, conn: aiosqlite.Connection, fact: state_changes.CardInstead, portal: PortalId) -> None:
    card = {"portal": portal, "lane": f"dialog:{fact.dialog}", "post": fact.post}
    if fact.drop:
        await q.outbox_card_drop(conn, **card)
    shown = {"content": json.dumps(fact.content), "version": fact.version}
    await q.outbox_card_waits(conn, **card, **shown)
    await q.outbox_card_leaves(conn, **card, **shown)


def _fields(name: str) -> Callable[[Fact], tuple[str, dict[str, Any]]]:
    return lambda fact: (name, asdict(fact))


def _unfollow(fact: Fact) -> tuple[str, dict[str, Any]]:
    assert isinstance(fact, state_changes.Unfollowing)  # noqa: S101 - the table below says so
    if fact.topic is None:
        return "follow_drop_all", {"dialog": fact.dialog}
    return "follow_drop", {"dialog": fact.dialog, "topic": fact.topic}


_PLAIN: dict[type[Fact], Callable[[Fact], tuple[str, dict[str, Any]]]] = {
    state_changes.BotKnown: _fields("portal_bot"),
    state_changes.CrmFeedDead: _fields("portal_crm_feed_dead"),
    state_changes.ChatJoined: _fields("chat_joined"),
    state_changes.ChatLeft: _fields("chat_left"),
    state_changes.QuietPost: _fields("quiet_post"),
    state_changes.QuietSaid: _fields("quiet_said"),
    state_changes.QuietOff: _fields("quiet_off"),
    state_changes.ReadersAsked: _fields("readers_asked"),
    state_changes.Following: _fields("follow_add"),
    state_changes.Unfollowing: _unfollow,
    state_changes.PostSeen: _fields("post_put"),
    state_changes.PostDeletedFact: _fields("post_deleted"),
    state_changes.CardMade: _fields("card_put"),
    state_changes.CardLost: _fields("card_lost"),
}
