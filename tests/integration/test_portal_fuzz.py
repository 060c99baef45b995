"""For any input, the portal answers as Bitrix24 would and never fails itself."""

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.api import answers, dispatch
from portal.api.authentication import Caller
from portal.api.methods import METHODS
from portal.clock import Clock
from portal.engine.core import Portal
from portal.rules import apps
from portal.rules.messenger import bots
from portal.testing import running
from portal.world.bots import Command
from portal.world.crm import Card
from tests.rounds import rounds

WORDS = """
DIALOG_ID MESSAGE MESSAGE_ID ATTACH KEYBOARD MENU BOT_ID CHAT_ID USER_ID USERS TEMPLATE_ID REPLY_ID SYSTEM FIELDS
fields botId dialogId messageId commandId offset limit filter FILTER order start POST_ID POST_MESSAGE POST_TITLE DEST
SPERM FILES TAGS IMPORTANT_DATE_END LOG_RIGHTS LOG_DATE_FROM FIRST_ID LAST_ID LIMIT TEXT COMMENT_ID ID id FIND CODE
PROPERTIES EVENT_HANDLER LANG COMMAND COMMAND_ID EVENT_COMMAND_ADD event handler auth_type cmd halt name PARENT sort
TAG SUB_TAG IDS ACTION NOTIFY_ID NOTIFY_VALUE ANSWER_TEXT SEARCH_TEXT SEARCH_DATE SEARCH_AUTHORS LAST_TYPE OFFSET TYPE
TITLE COLOR AVATAR HIDE_HISTORY SEARCH_MESSAGE DATE_FROM ORDER LAST_UPDATE STATUS AGO USER_DATA ENTITY_TYPE ENTITY_ID
userId reaction fileId range withUserEvents context duration enabled statusMessageCode complete CLIENT_ID
event_type process_id message_id clear options option ACCESS PLACEMENT HANDLER LANG_ALL OPTIONS select params
ownerTypeId ownerId itemType itemId text entityTypeId entityId UF_DEPARTMENT NAME_SEARCH GROUP_ID IS_ADMIN SCOPE FULL
UF_BLOG_POST_VOTE UF_BLOG_POST_VOTE_n0_DATA UF_BLOG_POST_FILE GRATITUDE_MEDAL GRATITUDE_EMPLOYEES PARSE_PREVIEW
"""
KEYS = """
message attach keyboard code properties name title command params userIds COMMENT ENTITY_ID ENTITY_TYPE MESSAGE SPERM
ENTITYTYPEID ENTITYID FILES eventMode webhookUrl type 0 1 forwardIds replyId content avatar color backgroundId botToken
ID >ID !@ID ><ID %NAME TITLE UF_DEPARTMENT OWNER_ID entityTypeId entityId text iconCode QUESTIONS QUESTION ANSWERS
minTimeout errorHandlerUrl
"""
SAID = """
chat10 chat77 2 901 51 5001 217 UA SG7 DR3 U2 N Y deal 42 lead 0 -1 99999999999999999999 2026-01-01 http://x.example/
http://[ webhook bot help profile?a[]=1 $result[0][1] [USER=901]x[/USER] %% [] {} [{}] ё
chat11 3 902 like fire iVBORw0KGgo= R0lGODlhAgADAA== /9j/4AAQ AAAA POST CHAT dnd 5002
n0 offline ONLIVEFEEDPOSTADD ONCRMDEALADD LEFT_MENU IM_SIDEBAR UEa@b.example n9001 AU G2 DESC CRMDEAL44 44 220 601 1
"""
NAMES, INNER, TEXTS = WORDS.split(), KEYS.split(), [*SAID.split(), "\ud800", "\x00", ""]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(TEXTS)
    | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(INNER) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=10,
)


def emulator() -> tuple[Portal, Caller]:
    """Return a portal with an application, bots of both generations, a command and a message."""
    made = Portal(clock=Clock(1_790_000_000))
    app = apps.install(made, apps.add(made, name="A", handler="http://127.0.0.1:9/", client_id="local.a"), by=1)
    for api in ("v1", "v2"):
        values = {"code": api, "owner": "local.a", "api": api, "event_mode": "fetch" if api == "v2" else "webhook"}
        bot = bots.register(made, {"first_name": api}, values)
        made.world.bots.put_command(
            Command(id=made.world.next_id("command"), bot=bot.id, name=f"help{api}", common=True)
        )
    caller = Caller(user=made.world.people.users[1], scopes=app.scopes, app=app)
    dispatch.run_method(made, caller, "im.message.add", {"DIALOG_ID": "chat10", "MESSAGE": "x"})
    return made, caller


SECRET = "quiet as a mouse"


@settings(max_examples=rounds(75))
@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(METHODS)) | st.just("batch"),
            st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([2, 4, 6]),
)
def test_no_answer_contains_hidden_texts(calls: list[tuple[str, dict[str, Any]]], user: int) -> None:
    """No answer shows a person text of posts, comments or cards that they may not see."""
    made, caller = emulator()
    world = made.world
    boris = Caller(user=world.people.users[3], scopes=caller.scopes, app=caller.app)
    post = dispatch.run_method(made, boris, "log.blogpost.add", {"POST_MESSAGE": SECRET, "DEST": ["U5"]}).body["result"]
    dispatch.run_method(made, boris, "log.blogcomment.add", {"POST_ID": post, "TEXT": SECRET})
    world.crm.cards["deal", 44] = Card(type="deal", id=44, title=SECRET, private_to=(3, 5))
    fields = {"ENTITY_TYPE": "deal", "ENTITY_ID": 44, "COMMENT": SECRET}
    assert dispatch.run_method(made, boris, "crm.timeline.comment.add", {"fields": fields}).status == 200
    who = Caller(user=world.people.users[user], scopes=caller.scopes, app=caller.app)
    for name, params in calls:
        assert SECRET not in str(dispatch.run_method(made, who, name, params).body), (name, params)


@settings(max_examples=rounds(150))
@given(
    st.sampled_from(sorted(METHODS)) | st.just("batch"),
    st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6),
    st.sampled_from([1, 2, 6]),
)
def test_no_parameters_make_a_method_fail(name: str, params: dict[str, Any], user: int) -> None:
    """No parameters make a method fail with 500, and all answers can be encoded."""
    made, caller = emulator()
    person = made.world.people.users[user]
    who = Caller(user=person, scopes=caller.scopes, app=caller.app)
    answer = dispatch.run_method(made, who, name, params)
    assert answer.status != 500, (name, params)
    assert answers.encode(answer.body)


async def test_random_bytes_get_an_answer() -> None:
    """Random bytes of any type get an answer, not a failure or a broken connection."""
    bodies = [
        (b"application/json", b'{"a":' + b"[" * 100_000),
        (b"application/json", b"\xff\xfe{}"),
        (b"application/x-www-form-urlencoded", b"a[" * 5000 + b"%zz=%ff"),
        (b"multipart/form-data", b"no boundary"),
        (b"multipart/form-data; boundary=x", b"--x\r\nbroken"),
        (
            b"multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\n\xff\r\n--x--',
        ),
        (b"text/plain; charset=none", b"a=\xd0"),
        (b"", b"a=1"),
    ]
    async with running() as p:
        host, port = p.url.removeprefix("http://").rstrip("/").split(":")
        for kind, body in bodies:
            reader, writer = await asyncio.open_connection(host, int(port))
            head = b"POST /rest/server.time HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: " + kind
            writer.write(head + b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body)
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
            assert b" 401 " in answer.split(b"\r\n")[0], (kind, answer[:200])
