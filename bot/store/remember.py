"""Translates state changes into the statements that store them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from bot.errors import Overtaken
from bot.model import ordering, state_changes
from bot.model.events import PortalId
from bot.model.state_changes import ConversationEnded, ConversationState, PostScheduled, PostUnscheduled, StateChange
from bot.store import coding, conversations, timers
from bot.store.encryption import Encryption
from bot.store.later import approvals, scheduled, templates
from bot.store.statements import Guard, Statement

CLEANED = (
    "chats", "follows", "posts", "cards", "dialog_readers", "dialog_extranet", "quiet_posts", "quiet_off", "timers",
    "conversations", "languages", "at_once", "templates", "audit", "default_recipients", "inbox", "portal",
)  # fmt: skip
"""The tables that a removal with `clean` empties, as in the names of their queries."""


def statements(state_change: StateChange, *, portal: PortalId, encryption: Encryption, now: float) -> list[Statement]:
    """Return the statements that store one state change of a portal, decided at `now`."""
    if isinstance(state_change, state_changes.PortalKnown):
        return _portal_known(state_change, portal=portal, encryption=encryption, now=now)
    if isinstance(state_change, state_changes.CardInstead):
        return _card_instead(state_change, portal)
    if isinstance(state_change, state_changes.PortalGone):
        return _portal_gone(state_change, portal)
    if isinstance(state_change, state_changes.Following):
        return _following(state_change, portal=portal, now=now)
    name, values = _PLAIN[type(state_change)](state_change)
    found = [Statement(name=name, values=values | {"portal": portal, "now": now})]
    if isinstance(state_change, state_changes.ChatLeft):
        owner = ordering.chooser(dialog=state_change.dialog)
        found.append(Statement(name="chat_templates_end", values={"portal": portal, "owner": owner}))
    return found


def checks(changes: Iterable[StateChange], *, portal: PortalId) -> list[Statement]:
    """Return statements that fail with Overtaken if another event changed what the handlers had read.

    These are cards, conversations, scheduled posts and requests for an approval. The statements must run before those
    of all state changes of the event, because those may change the same rows.
    """
    found = []
    for one in changes:
        if isinstance(one, state_changes.CardMade) and one.over is not None:
            found.append(_unchanged(one, portal))
        elif isinstance(one, ConversationState | ConversationEnded) and one.over is not None:
            found.append(conversations.unchanged(one, portal))
        elif isinstance(one, PostScheduled | PostUnscheduled):
            found.append(scheduled.unchanged(one, portal))
        elif isinstance(one, state_changes.ApprovalKept):
            found.append(approvals.unchanged(one, portal))
    return found


def _unchanged(card: state_changes.CardMade, portal: PortalId) -> Statement:
    reason = f"the card of post {card.post} in {card.dialog} changed meanwhile"
    guard = Guard(rows=0, otherwise=reason, error=Overtaken)
    return Statement(name="card_is_other", values=asdict(card) | {"portal": portal}, guard=guard)


def _portal_known(
    state_change: state_changes.PortalKnown, *, portal: PortalId, encryption: Encryption, now: float
) -> list[Statement]:
    known = {
        "portal": portal,
        "endpoint": state_change.endpoint,
        "auth_endpoint": state_change.auth_endpoint,
        "domain": state_change.domain,
        "language": state_change.language,
        "api": state_change.api,
        "license": state_change.license,
        "installer": state_change.user,
        "application_token": encryption.encrypt(state_change.application_token),
        "now": now,
    }
    tokens = {
        "portal": portal,
        "token_owner": ordering.INSTALL,
        "access_token": encryption.encrypt(state_change.access_token),
        "refresh_token": encryption.encrypt(state_change.refresh_token),
        "expires": state_change.expires,
        "refresh_due": state_change.expires + coding.REFRESH_AFTER,
        **coding.KEYS,
    }
    return [Statement(name="portal_put", values=known), Statement(name="token_put", values=tokens)]


def _portal_gone(state_change: state_changes.PortalGone, portal: PortalId) -> list[Statement]:
    """Return statements that delete the tokens, waiting effects, scheduled posts and requests of a portal.

    With `clean`, all other data too.
    """
    names = ["portal_off", "tokens_drop", "outbox_drop", "scheduled_drop", "approvals_drop"]
    names += [f"{table}_drop" for table in CLEANED] if state_change.clean else []
    return [Statement(name=name, values={"portal": portal}) for name in names]


def _following(state_change: state_changes.Following, *, portal: PortalId, now: float) -> list[Statement]:
    """Return statements that store a subscription; one that takes the place of another keeps its place in the list."""
    values = asdict(state_change) | {"portal": portal, "now": now}
    add = Statement(name="follow_add", values=values)
    if state_change.over in ("", state_change.topic):
        return [add]
    gone = {"portal": portal, "dialog": state_change.dialog, "topic": state_change.over}
    return [Statement(name="follow_change", values=values), Statement(name="follow_drop", values=gone), add]


def _card_instead(state_change: state_changes.CardInstead, portal: PortalId) -> list[Statement]:
    card = {"portal": portal, "ordering_key": ordering.of_dialog(state_change.dialog), "post": state_change.post}
    shown = card | coding.KEYS | {"content": json.dumps(state_change.content), "version": state_change.version}
    dropped = [Statement(name="outbox_card_drop", values=card)] if state_change.drop else []
    return [*dropped, *(Statement(name=f"outbox_card_{which}", values=shown) for which in ("waits", "leaves"))]


def _fields(name: str) -> Callable[[StateChange], tuple[str, dict[str, Any]]]:
    return lambda state_change: (name, asdict(state_change))


def _at_once(state_change: StateChange) -> tuple[str, dict[str, Any]]:
    assert isinstance(state_change, state_changes.AtOnceChosen)  # noqa: S101 - the table below says so
    chooser = ordering.chooser(user=state_change.user, dialog=state_change.dialog)
    return "at_once_put", {"chooser": chooser, "at_once": int(state_change.at_once)}


def _default_recipients(state_change: StateChange) -> tuple[str, dict[str, Any]]:
    assert isinstance(state_change, state_changes.DefaultRecipientsChosen)  # noqa: S101 - the table below says so
    chooser = ordering.chooser(user=state_change.user, dialog=state_change.dialog)
    return "default_recipients_put", {
        "chooser": chooser,
        "payload": json.dumps([asdict(one) for one in state_change.to]),
    }


def _unfollow(state_change: StateChange) -> tuple[str, dict[str, Any]]:
    assert isinstance(state_change, state_changes.Unfollowing)  # noqa: S101 - the table below says so
    if state_change.topic is None:
        return "follow_drop_all", {"dialog": state_change.dialog}
    return "follow_drop", {"dialog": state_change.dialog, "topic": state_change.topic}


_PLAIN: dict[type[StateChange], Callable[[StateChange], tuple[str, dict[str, Any]]]] = {
    state_changes.BotKnown: _fields("portal_bot"),
    state_changes.CrmFeedKnown: _fields("portal_crm_feed"),
    state_changes.ChatJoined: _fields("chat_joined"),
    state_changes.ChatLeft: _fields("chat_left"),
    state_changes.QuietPost: _fields("quiet_post"),
    state_changes.QuietOff: _fields("quiet_off"),
    state_changes.QuietOn: _fields("quiet_on"),
    state_changes.ReadersAsked: _fields("readers_asked"),
    state_changes.ExtranetSeen: _fields("extranet_seen"),
    state_changes.ExtranetTold: _fields("extranet_told"),
    state_changes.Unfollowing: _unfollow,
    state_changes.LanguageChosen: _fields("language_chosen"),
    state_changes.LanguageRecognised: _fields("language_recognised"),
    state_changes.PostSeen: _fields("post_put"),
    state_changes.PostMarkedDeleted: _fields("post_deleted"),
    state_changes.CardMade: _fields("card_put"),
    state_changes.CardLost: _fields("card_lost"),
    state_changes.AtOnceChosen: _at_once,
    state_changes.Audited: _fields("audit_put"),
    state_changes.DefaultRecipientsChosen: _default_recipients,
    state_changes.TimerSet: timers.timer_set,
    state_changes.TimerCancelled: _fields("timer_cancel"),
    state_changes.ConversationState: conversations.conversation_put,
    state_changes.ConversationEnded: conversations.conversation_end,
    state_changes.PostScheduled: scheduled.put,
    state_changes.PostUnscheduled: scheduled.drop,
    state_changes.ApprovalKept: approvals.put,
    state_changes.TemplateSaved: templates.put,
    state_changes.TemplateDropped: templates.drop,
}
