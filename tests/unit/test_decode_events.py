"""Details of events: mentions, authors, tokens, idempotency keys and ordering keys."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bitrix.inbound import decode, dialog_events, forms
from bot.bitrix.inbound.decode import DecodedEvent
from bot.errors import BadEvent
from bot.model.events import BotId, Commanded, DialogEvent, EventTokens, Joined, Person, Said, UserId
from bot.model.ordering import digest
from tests import payloads
from tests.payloads import BOT, CHAT, COMMAND, MESSAGE, TS, USER, Tree


def only(tree: Tree) -> DecodedEvent:
    """Decode a tree as a form, and return its only event."""
    (decoded,) = decode.decoded_events(decode.envelope(forms.decode(payloads.form(tree), payloads.FORM)))
    return decoded


def words(tree: Tree) -> str:
    """Return the text of a message."""
    event = only(tree).event
    assert isinstance(event, Said)
    return event.text


def place(tree: Tree) -> DialogEvent:
    """Return the event as one in a dialog."""
    event = only(tree).event
    assert isinstance(event, DialogEvent)
    return event


# --- Mentions -------------------------------------------------------------------------------------------------

ME = f"[USER={BOT}]Feedbridge[/USER]"


@pytest.mark.parametrize(
    ("original", "text"),
    [
        pytest.param(f"{ME}, hello", "hello", id="comma"),
        pytest.param(f"{ME} , hello", "hello", id="comma-not-at-once"),
        pytest.param(f"{ME},, hello", "hello", id="two-commas"),
        pytest.param(f"{ME}: hello", "hello", id="colon"),
        pytest.param(f"{ME}! hello", "hello", id="exclamation"),
        pytest.param(f"{ME} - hello", "hello", id="dash"),
        pytest.param(f"{ME} — hello", "hello", id="long-dash"),
        pytest.param(f"{ME}... hello", "hello", id="dots"),
        pytest.param(f"{ME}\nhello", "hello", id="line"),
        pytest.param(f"{ME}:/help", "/help", id="slash"),
        pytest.param(f"[B]{ME}[/B] hello", "hello", id="bold"),
        pytest.param(f"[B]{ME}: hello[/B]", "hello", id="all-bold"),
        pytest.param(f"[B][I]{ME}[/I][/B]: hello", "hello", id="bold-and-italic"),
        pytest.param(f"[QUOTE]/post x[/QUOTE]\n{ME} hello", "hello", id="after-a-quotation"),
        pytest.param(f"{'-' * 54}\nBo\n/post x\n{'-' * 54}\n{ME}: hello", "hello", id="after-dashes"),
        pytest.param(f">>what\n{ME} hello", "hello", id="after-a-quoted-line"),
        pytest.param(f"hello {ME}", "hello", id="at-the-end"),
        pytest.param(f"{ME} {ME} /help", "/help", id="twice"),
        pytest.param(f"[user={BOT}]feedbridge[/user] hello", "hello", id="lower-case"),
        pytest.param(f"[USER={BOT} REPLACE]Feedbridge[/USER] hello", "hello", id="replace"),
        pytest.param(f"[USER={BOT}][/USER] hello", "hello", id="no-name"),
        pytest.param(f"[USER={BOT}][Team] Feed\nbridge[/USER] hello", "hello", id="brackets-and-newline-in-the-name"),
        pytest.param(f"[USER=8]Ole[/USER], ask {ME}", "[USER=8]Ole[/USER], ask", id="others-stay"),
        pytest.param(f"[USER={BOT}1]Other[/USER] hello", f"[USER={BOT}1]Other[/USER] hello", id="longer-id"),
        pytest.param("[USER=all]All[/USER] hello", "[USER=all]All[/USER] hello", id="everybody"),
        pytest.param(f"[USER={BOT}]open {ME} hello", f"[USER={BOT}]open  hello", id="never-closed"),
        pytest.param(f"  {ME}  ", "", id="nothing-else"),
    ],
)
def test_only_the_bots_own_mention_is_removed(original: str, text: str) -> None:
    """The bot's mention and one comma after it are removed, in any case; other mentions stay."""
    assert words(payloads.v1_said("cut by the portal", original=original, group=True)) == text
    assert words(payloads.v2_said(original, group=True)) == text


def test_a_group_message_without_its_original_uses_message() -> None:
    """An older portal sends MESSAGE only, without mentions."""
    assert words(payloads.v1_said(" how are you? ", group=True)) == "how are you?"


def test_many_open_tags_take_linear_time() -> None:
    """A text of half mentions stays as it is, and takes linear time."""
    text = f"[USER={BOT}]x" * 40_000
    assert dialog_events.without_mention(text, BotId(BOT)) == (text, "")


# --- Who and where ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tree",
    [
        pytest.param(payloads.v1_said(SYSTEM="Y"), id="v1-system"),
        pytest.param(payloads.v2_said(message=payloads.v2_message("x", isSystem=True)), id="v2-system"),
        pytest.param(payloads.v2_said(user=payloads.v2_user(bot=True)), id="v2-bot"),
        pytest.param(payloads.v2_said(user=payloads.v2_user(id=BOT)), id="v2-itself"),
        pytest.param(payloads.v2_said(user=payloads.v2_user(id=0)), id="v2-nobody"),
    ],
)
def test_messages_of_bots_are_marked(tree: Tree) -> None:
    """System messages and messages of bots are decoded, with an author marked as a bot."""
    assert place(tree).author.is_bot


def test_a_v1_author_that_is_a_bot_is_marked() -> None:
    """IS_BOT marks a bot."""
    tree = payloads.v1_said()
    tree["data"]["USER"] = payloads.v1_user(IS_BOT="Y")
    assert place(tree).author.is_bot


def test_a_v1_system_message_has_no_user_and_still_an_author() -> None:
    """Without USER, the author is 0 and counts as a bot."""
    tree = payloads.v1_said(group=True, FROM_USER_ID="0", AUTHOR_ID="0")
    del tree["data"]["USER"]
    assert place(tree).author == Person(id=UserId(0), is_bot=True)


def test_an_extranet_author_and_an_extranet_chat_are_marked_alike() -> None:
    """Both generations mark extranet users, and chats with extranet users."""
    first = payloads.v1_said(group=True, CHAT_EXTRANET="Y")
    first["data"]["USER"] = payloads.v1_user(IS_EXTRANET="Y")
    chat = payloads.v2_chat(group=True, extranet=True)
    second = payloads.v2_said(group=True, chat=chat, user=payloads.v2_user(extranet=True))
    for tree in (first, second):
        assert place(tree).author.extranet
        assert place(tree).chat_extranet


@pytest.mark.parametrize(
    "tree",
    [
        pytest.param(payloads.v1_said(DIALOG_ID=None), id="v1"),
        pytest.param(payloads.v2_said(chat=payloads.v2_chat(dialogId=None)), id="v2"),
    ],
)
def test_a_private_dialog_without_an_id_is_the_authors(tree: Tree) -> None:
    """A missing id of a private dialog is the author's id."""
    assert place(tree).dialog == str(USER)


def test_a_private_dialog_has_no_title() -> None:
    """v2 may name a private chat after the person, v1 does not; we keep no title."""
    assert place(payloads.v2_said(chat=payloads.v2_chat(name="Mira Falk"))).chat_title == ""


def test_language_is_english_where_none_is_told() -> None:
    """Neither generation promises a language."""
    assert place(payloads.v1_said(LANGUAGE="")).language == "en"
    assert place(payloads.v2_said(language=None)).language == "en"
    assert place(payloads.v2_said(language="RU")).language == "ru"


def test_the_addressed_one_of_several_bots_is_used() -> None:
    """A v1 event names all bots of the application; TO_USER_ID selects one, but may be another user."""
    tree = payloads.v1_said(TO_USER_ID=str(BOT))
    tree["data"]["BOT"] = payloads.v1_bots(700, BOT)
    assert place(tree).bot == BOT
    tree["data"]["PARAMS"]["TO_USER_ID"] = "8"
    assert place(tree).bot == 700


def test_in_a_private_join_the_author_is_not_the_bot() -> None:
    """FROM_USER_ID is the bot there; without USER the author is USER_ID."""
    tree = payloads.v1_joined()
    del tree["data"]["USER"]
    assert place(tree).author.id == USER


@pytest.mark.parametrize(
    ("members", "in_chat"),
    [
        pytest.param(None, None, id="not-told"),
        pytest.param({str(BOT): str(BOT)}, True, id="member"),
        pytest.param({"8": "8"}, False, id="somebody-else"),
        pytest.param("", None, id="empty"),
    ],
)
def test_membership_is_known_only_where_it_is_told(members: Tree | None, in_chat: bool | None) -> None:  # noqa: FBT001 - a column
    """BOT_IN_CHAT lists the bots that are members; a form cannot send an empty list."""
    event = only(payloads.v1_commanded(group=True, BOT_IN_CHAT=members)).event
    assert isinstance(event, Commanded)
    assert event.in_chat is in_chat


def test_parameters_come_verbatim() -> None:
    """Spaces, case and newlines of a command's parameters stay as typed."""
    given = "  to:All  \tHi\r\n "
    for tree in (
        payloads.v1_commanded("x", payloads.v1_command(params=given)),
        payloads.v2_commanded(command=payloads.v2_command(params=given)),
    ):
        event = only(tree).event
        assert isinstance(event, Commanded)
        assert event.params == given


def test_a_message_with_two_commands_is_two_events() -> None:
    """v1 sends all commands of a message in one event; each is handled and stored on its own."""
    tree = payloads.v1_commanded(
        "/post Hi\n/help", payloads.v1_command(18, "post", "Hi"), payloads.v1_command(19, "help", "")
    )
    first, second = decode.decoded_events(decode.envelope(tree))
    assert isinstance(first.event, Commanded)
    assert isinstance(second.event, Commanded)
    assert [first.event.name, second.event.name] == ["post", "help"]
    assert first.event.text == second.event.text == "/post Hi\n/help"
    assert first.key != second.key


# --- Tokens -----------------------------------------------------------------------------------------------------

ACTOR = EventTokens(
    access_token=f"access-of-{USER}", refresh_token=f"refresh-of-{USER}", expires=TS + 3600, user=UserId(USER)
)


@pytest.mark.parametrize(
    "tree", [payloads.v1_said(), payloads.v1_commanded(), payloads.post()], ids=["said", "cmd", "post"]
)
def test_the_tokens_are_those_of_the_acting_user(tree: Tree) -> None:
    """The tokens of the event are the user's; those in data[BOT] and data[COMMAND] are the bot's own."""
    tokens = only(tree).event_tokens
    assert replace(tokens, own=None) == ACTOR
    own = None if tree["event"].startswith("ONLIVEFEED") else f"access-of-bot of {BOT}"
    assert (tokens.own and f"{tokens.own.access_token} of {tokens.own.user}") == own


def test_tokens_without_an_expiry_count_from_the_event() -> None:
    """The general form of an event has expires_in only."""
    assert only(payloads.post(expires=None, expires_in="60")).event_tokens.expires == TS + 60


def test_an_event_without_a_user_has_no_tokens() -> None:
    """An event of a robot or an agent has no user."""
    nobody = payloads.post(access_token=None, refresh_token=None, user_id=None)
    assert only(nobody).event_tokens == EventTokens()


def test_v2_tokens_inside_are_taken_only_for_the_author() -> None:
    """It is not documented whose tokens data[bot][auth] has: they count if they name the author."""
    assert only(payloads.v2_said()).event_tokens.access_token == f"access-of-{USER}"
    for other in (str(BOT), None):
        assert only(payloads.v2_said(bot=payloads.v2_bot(user_id=other))).event_tokens == EventTokens()


def test_v2_tokens_at_the_top_win() -> None:
    """An access token in the top-level auth is the user's."""
    tree = payloads.v2_said() | {"auth": payloads.auth(access_token="outer")}
    assert only(tree).event_tokens.access_token == "outer"


def test_only_an_installation_keeps_the_application_token() -> None:
    """Later events are compared with it; the repr shows no token."""
    decoded = only(payloads.installed())
    assert decoded.event_tokens.application_token == payloads.APPLICATION_TOKEN
    assert decoded.event_tokens.expires == TS + 3600
    assert payloads.APPLICATION_TOKEN not in repr(decoded)
    assert "access-of" not in repr(decoded)


# --- Once, and in order --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tree", "key", "ordering_key"),
    [
        pytest.param(payloads.v1_said(), f"msg:{MESSAGE}:{digest('Good morning')}", f"dialog:{USER}", id="v1-said"),
        pytest.param(
            payloads.v2_said(group=True), f"msg:{MESSAGE}:{digest('Good morning')}", f"dialog:{CHAT}", id="v2-said"
        ),
        pytest.param(payloads.v1_commanded(), f"cmd:{MESSAGE}:post:to:all Hi", f"dialog:{USER}", id="v1-typed"),
        pytest.param(payloads.v2_commanded(), f"cmd:{MESSAGE}:post:to:all Hi", f"dialog:{USER}", id="v2-typed"),
        pytest.param(
            payloads.v2_commanded(command=payloads.v2_command(context="keyboard")),
            f"press:{MESSAGE}:{COMMAND}:{USER}:to:all Hi:{TS}",
            f"dialog:{USER}",
            id="pressed",
        ),
        pytest.param(payloads.v1_joined(group=True), f"join:{CHAT}:{BOT}:{TS}", f"dialog:{CHAT}", id="joined"),
        pytest.param(payloads.v2_deleted(), f"botdelete:{BOT}:{TS}", "portal", id="bot-deleted"),
        pytest.param(payloads.post("ADD", 9), f"post:ONLIVEFEEDPOSTADD:9:{TS}", "post:9", id="post-added"),
        pytest.param(payloads.post("UPDATE", 9), "", "post:9", id="post-updated: never a repeat"),
    ],
)
def test_idempotency_and_ordering_keys(tree: Tree, key: str, ordering_key: str) -> None:
    """Duplicates have one idempotency key; events that must stay in order have one ordering key."""
    decoded = only(tree)
    assert (decoded.key, decoded.ordering_key) == (key, ordering_key)


def test_installation_and_removal_share_an_ordering_key() -> None:
    """Installation and removal of one portal at one address share an ordering key; another address has its own."""
    ordering_key = only(payloads.installed()).ordering_key
    assert ordering_key.startswith("application:")
    assert [only(tree).ordering_key for tree in (payloads.updated(), payloads.uninstalled())] == [
        ordering_key,
        ordering_key,
    ]
    assert only(payloads.uninstalled()).key == f"uninstall:{TS}"
    others = [
        payloads.installed(**{name: "https://c.example/rest/"}) for name in ("client_endpoint", "server_endpoint")
    ]
    assert (
        len({ordering_key, *(only(tree).ordering_key for tree in (*others, payloads.installed(member_id="another")))})
        == 4
    )


def test_installations_differ_by_their_token() -> None:
    """Two installations in one second are two; the token itself is not in the key."""
    first, second = only(payloads.installed()), only(payloads.installed(access_token="another"))
    assert first.key != second.key
    assert first.key.startswith(f"install:{TS}:")
    assert "another" not in second.key


@pytest.mark.parametrize(
    ("text", "name", "params"),
    [
        pytest.param("/post to:all Hi", "post", "to:all Hi", id="plain"),
        pytest.param("/help", "help", "", id="no-parameters"),
        pytest.param("/post  wide  ", "post", " wide  ", id="spaces"),
        pytest.param("/post Hi\r\nsecond line", "post", "Hi\r", id="first-line-only"),
        pytest.param("/help\r\nmore", "help", "", id="name-only-line"),
        pytest.param("/post " + "long " * 1000, "post", "long " * 1000, id="long"),
    ],
)
def test_a_typed_command_and_its_message_count_once(text: str, name: str, params: str) -> None:
    """A command event and the message it was typed in have the same key, in either order."""
    commands = [
        only(payloads.v1_commanded(text, payloads.v1_command(name=name, params=params))),
        only(payloads.v2_commanded(text, command=payloads.v2_command("/" + name, params)) | {"ts": TS + 1}),
    ]
    messages = [
        only(payloads.v1_said(text)),
        only(payloads.v2_said(text)),
        only(payloads.v2_said(f"{ME} {text}", group=True)),
    ]
    assert len({decoded.key for decoded in commands + messages}) == 1
    assert len(messages[0].key) < 200


@pytest.mark.parametrize("text", ["hello /help", "/", "/ help", "", "hello\n/help"])
def test_a_message_that_starts_with_no_command_has_a_key_of_its_own(text: str) -> None:
    """A slash inside a message is text."""
    assert only(payloads.v1_said(text)).key == f"msg:{MESSAGE}:{digest(text)}"


@given(name=st.text(min_size=1, max_size=300), params=st.text(max_size=300))
def test_keys_stay_short(name: str, params: str) -> None:
    """For any name and parameters, a key fits its column, and equal commands have equal keys."""
    command = payloads.v1_command(name=name, params=params, COMMAND_CONTEXT="KEYBOARD")
    for tree in (payloads.v1_commanded("x", command), payloads.v1_said(f"/{name} {params}")):
        try:
            decoded_events = decode.decoded_events(decode.envelope(tree))
        except BadEvent:
            continue
        assert all(len(decoded.key) < 200 for decoded in decoded_events)


def test_each_press_of_a_button_has_its_own_key() -> None:
    """The key of a press contains its time and its user."""
    keys = set()
    for ts in (TS, TS + 1):
        for user in (USER, 8):
            tree = payloads.v2_commanded(
                command=payloads.v2_command(context="keyboard"), user=payloads.v2_user(id=user)
            )
            keys.add(only(tree | {"ts": ts}).key)
    assert len(keys) == 4


def test_a_join_is_joined() -> None:
    """The event of adding the bot to a group has the group's name and the user who added it."""
    event = only(payloads.v2_joined(group=True)).event
    assert isinstance(event, Joined)
    assert (event.is_group, event.chat_title, event.author.id) == (True, "Spring campaign", USER)


@pytest.mark.parametrize(
    ("to", "dialog"),
    [("8", "8"), (str(BOT), str(USER)), (str(USER), str(USER)), ("0", str(USER)), ("", str(USER)), ("x", str(USER))],
)
def test_the_dialog_of_a_v1_command(to: str, dialog: str) -> None:
    """DIALOG_ID names the author even in a dialog with a colleague; TO_USER_ID names the other one."""
    tree = payloads.v1_commanded(TO_USER_ID=to)
    (decoded,) = decode.decoded_events(decode.envelope(forms.decode(payloads.form(tree), payloads.FORM)))
    assert isinstance(decoded.event, Commanded)
    assert (decoded.event.dialog, decoded.event.is_elsewhere) == (dialog, dialog == "8")
