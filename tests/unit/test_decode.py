"""Every kind of event, in both generations, private and group, as form and JSON, gives the same typed values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bitrix.inbound import decode, forms
from bot.bitrix.inbound.decode import DecodedEvent
from bot.errors import BadEvent
from bot.model.events import (
    BotDeleted,
    BotId,
    Commanded,
    CommandId,
    Dialog,
    Event,
    EventTokens,
    From,
    Installed,
    Joined,
    MessageId,
    Person,
    PortalId,
    PostAdded,
    PostDeleted,
    PostId,
    PostUpdated,
    Said,
    Uninstalled,
    UserId,
)
from tests import payloads
from tests.payloads import BOT, CHAT, COMMAND, MEMBER, MESSAGE, TS, USER, Tree

PORTAL = PortalId(MEMBER)
ACTOR = EventTokens(
    access_token=f"access-of-{USER}", refresh_token=f"refresh-of-{USER}", expires=TS + 3600, user=UserId(USER)
)
V2_ACTOR = EventTokens(access_token=f"access-of-{USER}", expires=TS + 3600, user=UserId(USER))


def read(tree: Tree, *, as_json: bool = False) -> list[DecodedEvent]:
    """Decode a tree as the webhook does."""
    body, content_type = (payloads.as_json(tree), payloads.JSON) if as_json else (payloads.form(tree), payloads.FORM)
    return decode.decoded_events(decode.envelope(forms.decode(body, content_type)))


def _in_dialog(*, group: bool) -> dict[str, Any]:
    return {
        "portal": PORTAL,
        "ts": TS,
        "bot": BotId(BOT),
        "dialog": Dialog(CHAT if group else str(USER)),
        "author": Person(id=UserId(USER), name="Mira Falk"),
        "language": "de",
        "chat_title": "Spring campaign" if group else "",
    }


def _said(text: str, *, group: bool = False, **more: Any) -> Said:
    return Said(**_in_dialog(group=group), message=MessageId(MESSAGE), text=text, **more)


def _commanded(*, group: bool = False, **more: Any) -> Commanded:
    told = {"name": "post", "params": "to:all Hi", "text": "/post to:all Hi"} | more
    return Commanded(**_in_dialog(group=group), command=CommandId(COMMAND), message=MessageId(MESSAGE), **told)


MENTION = f"[USER={BOT}]Feedbridge[/USER], and [USER=8]Ole[/USER]?"
KINDS = [
    pytest.param(payloads.v1_said("Good morning"), _said("Good morning"), id="v1-said-private"),
    pytest.param(payloads.v2_said("Good morning"), _said("Good morning"), id="v2-said-private"),
    pytest.param(
        payloads.v1_said("and ?", original=MENTION, group=True),
        _said("and [USER=8]Ole[/USER]?", group=True),
        id="v1-said-group",
    ),
    pytest.param(
        payloads.v2_said(MENTION, group=True), _said("and [USER=8]Ole[/USER]?", group=True), id="v2-said-group"
    ),
    pytest.param(
        payloads.v1_said("Good evening") | {"event": "ONIMBOTMESSAGEUPDATE"},
        _said("Good evening", edited=True),
        id="v1-edited-private",
    ),
    pytest.param(
        payloads.v2_said(f"Well, {MENTION}", group=True) | {"event": "ONIMBOTV2MESSAGEUPDATE"},
        _said("Well,  and [USER=8]Ole[/USER]?", group=True, addressed="and [USER=8]Ole[/USER]?", edited=True),
        id="v2-edited-group",
    ),
    pytest.param(payloads.v1_commanded(), _commanded(), id="v1-typed-private"),
    pytest.param(payloads.v2_commanded(), _commanded(), id="v2-typed-private"),
    pytest.param(
        payloads.v1_commanded(group=True, BOT_IN_CHAT={str(BOT): str(BOT)}),
        _commanded(group=True, in_chat=True),
        id="v1-typed-group",
    ),
    pytest.param(payloads.v2_commanded(group=True), _commanded(group=True), id="v2-typed-group"),
    pytest.param(
        payloads.v1_commanded("See the card", payloads.v1_command(COMMAND_CONTEXT="KEYBOARD")),
        _commanded(text="", source=From.BUTTON),
        id="v1-pressed",
    ),
    pytest.param(
        payloads.v2_commanded("See the card", command=payloads.v2_command(context="keyboard")),
        _commanded(text="", source=From.BUTTON),
        id="v2-pressed",
    ),
    pytest.param(
        payloads.v1_commanded("See", payloads.v1_command(COMMAND_CONTEXT="MENU", COMMAND="/post"), group=True),
        _commanded(text="", source=From.MENU, group=True),
        id="v1-menu",
    ),
    pytest.param(
        payloads.v2_commanded("See", command=payloads.v2_command(context="menu"), group=True),
        _commanded(text="", source=From.MENU, group=True),
        id="v2-menu",
    ),
    pytest.param(payloads.v1_joined(), Joined(**_in_dialog(group=False)), id="v1-joined-private"),
    pytest.param(payloads.v2_joined(), Joined(**_in_dialog(group=False)), id="v2-joined-private"),
    pytest.param(
        payloads.v1_joined(group=True, CHAT_TITLE="Spring campaign"),
        Joined(**_in_dialog(group=True)),
        id="v1-joined-group",
    ),
    pytest.param(payloads.v2_joined(group=True), Joined(**_in_dialog(group=True)), id="v2-joined-group"),
    pytest.param(
        payloads.v1_deleted(), BotDeleted(portal=PORTAL, ts=TS, bot=BotId(BOT), code="feedbridge"), id="v1-bot-deleted"
    ),
    pytest.param(
        payloads.v2_deleted(), BotDeleted(portal=PORTAL, ts=TS, bot=BotId(BOT), code="feedbridge"), id="v2-bot-deleted"
    ),
    pytest.param(payloads.post("ADD"), PostAdded(portal=PORTAL, ts=TS, post=PostId(305)), id="post-added"),
    pytest.param(
        payloads.post("UPDATE", user_id=None), PostUpdated(portal=PORTAL, ts=TS, post=PostId(305)), id="post-updated"
    ),
    pytest.param(
        payloads.post("DELETE"),
        PostDeleted(portal=PORTAL, ts=TS, post=PostId(305)),
        id="post-deleted",
    ),
    pytest.param(
        payloads.updated(client_endpoint=None, server_endpoint=None, status=None),
        Installed(portal=PORTAL, ts=TS, endpoint="", domain=payloads.DOMAIN, scope="imbot,im,log", language="de"),
        id="updated",
    ),
    pytest.param(
        payloads.installed(),
        Installed(
            portal=PORTAL,
            ts=TS,
            endpoint=payloads.ENDPOINT,
            auth_endpoint=payloads.AUTH_ENDPOINT,
            domain=payloads.DOMAIN,
            status="L",
            scope="imbot,im,log",
            language="de",
        ),
        id="installed",
    ),
    pytest.param(payloads.uninstalled(), Uninstalled(portal=PORTAL, ts=TS, clean=True), id="uninstalled"),
    pytest.param(payloads.uninstalled(clean=0), Uninstalled(portal=PORTAL, ts=TS), id="uninstalled-keeping-data"),
    pytest.param(payloads.uninstalled(clean=True), Uninstalled(portal=PORTAL, ts=TS, clean=True), id="clean-as-true"),
]


@pytest.mark.parametrize("as_json", [pytest.param(False, id="form"), pytest.param(True, id="json")])
@pytest.mark.parametrize(("tree", "event"), KINDS)
def test_an_event_is_equal_in_all_generations_and_encodings(tree: Tree, event: Event, *, as_json: bool) -> None:
    """One payload is one typed event, equal in both generations and both encodings."""
    assert [decoded.event for decoded in read(tree, as_json=as_json)] == [event]


def test_every_known_kind_is_in_the_table_above() -> None:
    """Every kind that we decode has a payload in the table."""
    assert {str(case.values[0]["event"]) for case in KINDS} == decode.KNOWN  # type: ignore[index]


@pytest.mark.parametrize("kind", ["ONIMBOTMESSAGEDELETE", "ONAPPPAYMENT", "ONCRMDEALADD", "onWhatever9"])
def test_an_unknown_kind_is_no_event_and_no_error(kind: str) -> None:
    """An event that we do not use is ignored, even without data."""
    assert read({"event": kind, "ts": "1", "auth": payloads.auth()}) == []


def test_codes_are_compared_without_case() -> None:
    """Some portals write the code in mixed case."""
    tree = payloads.post() | {"event": "OnLiveFeedPostAdd"}
    assert isinstance(read(tree)[0].event, PostAdded)
    assert read(tree)[0].key == read(payloads.post())[0].key


# --- The envelope -----------------------------------------------------------------------------------------


def test_the_envelope_of_v1_is_read_from_the_top() -> None:
    """Portal, domain and token come from the top-level auth; its repr contains no secret."""
    envelope = decode.envelope(payloads.v1_said())
    assert (envelope.kind, envelope.portal, envelope.domain) == ("ONIMBOTMESSAGEADD", PORTAL, payloads.DOMAIN)
    assert (envelope.token, envelope.ts) == (payloads.APPLICATION_TOKEN, TS)
    assert "access-of" not in repr(envelope)
    assert payloads.APPLICATION_TOKEN not in repr(envelope)


def test_a_v2_envelope_is_authenticated_by_the_token_at_the_top() -> None:
    """Only the bot's auth may name the portal; only the top-level token counts."""
    envelope = decode.envelope(payloads.v2_said())
    assert (envelope.portal, envelope.domain) == (PORTAL, payloads.DOMAIN)
    assert envelope.token == payloads.APPLICATION_TOKEN
    bare = payloads.v2_said() | {"auth": {}}
    assert decode.envelope(bare).token == ""


def test_the_portal_at_the_top_wins() -> None:
    """A sender cannot authenticate as one portal and act as another."""
    tree = payloads.v2_said()
    tree["auth"] |= {"member_id": "outer"}
    assert decode.envelope(tree).portal == "outer"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param({"event": None}, "no event", id="no-event"),
        pytest.param({"event": ""}, "no event", id="empty-event"),
        pytest.param({"event": {"a": "b"}}, "no event", id="event-is-a-group"),
        pytest.param({"event": "ON-IM BOT"}, "none that a portal", id="event-with-punctuation"),
        pytest.param({"event": "O" * 65}, "none that a portal", id="event-too-long"),
        pytest.param({"data": "x"}, "data is no group", id="data-is-text"),
        pytest.param({"auth": "x"}, "auth is no group", id="auth-is-text"),
        pytest.param({"ts": None}, "no ts", id="no-ts"),
        pytest.param({"ts": "soon"}, "ts is not a number", id="ts-is-text"),
        pytest.param({"ts": "-5"}, "ts is not a number", id="ts-is-negative"),
        pytest.param({"ts": "٣"}, "ts is not a number", id="ts-in-other-digits"),
        pytest.param({"ts": "9" * 20}, "ts is not a number", id="ts-too-large"),
        pytest.param({"ts": str(2**63)}, "ts is not a number", id="ts-one-too-large"),
        pytest.param({"ts": {"a": "1"}}, "ts is not a number", id="ts-is-a-group"),
    ],
)
def test_an_invalid_envelope_is_refused(change: Tree, sentence: str) -> None:
    """Without the fields of an envelope it is no event, and the error says what is missing."""
    tree = {key: value for key, value in (payloads.post() | change).items() if value is not None}
    with pytest.raises(BadEvent, match=sentence):
        decode.envelope(tree)


@pytest.mark.parametrize("empty", [None, "", []])
def test_an_empty_group_may_be_missing(empty: object) -> None:
    """A form omits an empty array, JSON writes it as []: both are an empty group."""
    envelope = decode.envelope({"event": "ONOFFLINEEVENT", "data": empty, "auth": empty, "ts": 1})
    assert (envelope.data, envelope.auth, envelope.portal) == ({}, {}, "")


# --- Fields that are missing or wrong -----------------------------------------------------------------------


def _without(tree: Tree, *path: str, value: Any = None) -> Tree:
    """Copy a tree with one field replaced or removed."""
    head, *rest = path
    below = _without(tree[head], *rest, value=value) if rest else value
    return {key: item for key, item in (tree | {head: below}).items() if item is not None}


@pytest.mark.parametrize(
    "tree",
    [
        pytest.param(_without(payloads.v1_said(), "data", "PARAMS", "MESSAGE_ID"), id="v1-message"),
        pytest.param(_without(payloads.v1_said(), "data", "PARAMS", "MESSAGE_ID", value="7x"), id="v1-message-text"),
        pytest.param(_without(payloads.v1_said(), "data", "BOT"), id="v1-bot"),
        pytest.param(_without(payloads.v1_said(), "data", "PARAMS"), id="v1-params"),
        pytest.param(_without(payloads.v1_said(group=True), "data", "PARAMS", "DIALOG_ID"), id="v1-group-dialog"),
        pytest.param(_without(payloads.v1_said(), "data", "PARAMS", "DIALOG_ID", value="x y"), id="v1-odd-dialog"),
        pytest.param(_without(payloads.v1_commanded(), "data", "COMMAND"), id="v1-command"),
        pytest.param(_without(payloads.v1_commanded(), "data", "COMMAND", str(COMMAND), "BOT_ID"), id="v1-command-bot"),
        pytest.param(_without(payloads.v1_commanded(), "data", "COMMAND", str(COMMAND), "COMMAND"), id="v1-name"),
        pytest.param(
            _without(payloads.v1_commanded(), "data", "COMMAND", str(COMMAND), "COMMAND_CONTEXT", value="SKY"),
            id="v1-context",
        ),
        pytest.param(_without(payloads.v1_joined(), "data", "PARAMS", "BOT_ID"), id="v1-joined-bot"),
        pytest.param(_without(payloads.v1_deleted(), "data", "BOT_ID"), id="v1-deleted-bot"),
        pytest.param(_without(payloads.v2_said(), "data", "message"), id="v2-message"),
        pytest.param(payloads.v2_joined() | {"data": {"bot": payloads.v2_bot(), "dialogId": "31"}}, id="v2-nobody"),
        pytest.param(_without(payloads.v2_said(), "data", "bot"), id="v2-bot"),
        pytest.param(_without(payloads.v2_said(), "data", "user", "id", value="me"), id="v2-user"),
        pytest.param(_without(payloads.v2_commanded(), "data", "command"), id="v2-command"),
        pytest.param(_without(payloads.v2_commanded(), "data", "command", "command", value="/"), id="v2-name"),
        pytest.param(_without(payloads.v2_joined(group=True), "data", "dialogId", value="&"), id="v2-odd-dialog"),
        pytest.param(payloads.v2_deleted() | {"data": {}}, id="v2-deleted-bot"),
        pytest.param(_without(payloads.post(), "data", "FIELDS"), id="post"),
        pytest.param(payloads.installed(client_endpoint=""), id="install-endpoint"),
        pytest.param(payloads.installed(access_token=""), id="install-access"),
        pytest.param(payloads.installed(application_token=""), id="install-token"),
        pytest.param(payloads.installed(member_id=""), id="install-portal"),
        pytest.param(payloads.updated(access_token=""), id="update-access"),
        pytest.param(payloads.updated(application_token=""), id="update-token"),
    ],
)
def test_an_event_without_what_it_needs_is_refused(tree: Tree) -> None:
    """A known kind with a missing or wrong required field is refused as a whole."""
    with pytest.raises(BadEvent):
        read(tree)


_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), st.just([]), st.just({})
)
_FIRST = ["BOT", "PARAMS", "USER", "COMMAND", "FIELDS", "bot", "message", "chat", "user", "command", "auth", "18"]
_SECOND = ["id", "ID", "MESSAGE_ID", "DIALOG_ID", "dialogId", "BOT_ID", "POST_ID", "BOT_IN_CHAT", "user_id", "expires"]
_NAMES = st.sampled_from([*_FIRST, *_SECOND])
_DATA = st.dictionaries(
    _NAMES, st.recursive(_SCALARS, lambda child: st.dictionaries(_NAMES, child, max_size=6), max_leaves=12)
)


@given(kind=st.sampled_from(sorted(decode.KNOWN)), data=_DATA, auth=_DATA)
def test_any_tree_is_events_or_a_refusal(kind: str, data: Tree, auth: Tree) -> None:
    """For any fields, nothing but BadEvent is raised, and both keys stay short."""
    try:
        found = decode.decoded_events(decode.envelope({"event": kind, "data": data, "auth": auth, "ts": TS}))
    except BadEvent:
        return
    assert all(len(decoded.key) < 200 and len(decoded.ordering_key) < 60 for decoded in found)
