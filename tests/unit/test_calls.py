"""The REST call of each effect, word for word, and what a batch contains of it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bitrix.outbound import calls
from bot.bitrix.outbound.calls import Again, Call
from bot.errors import Refused
from bot.model import effects
from bot.model.effects import Answers, Content, CrmEntity, Effect
from bot.model.events import BotId, CommandId, Dialog, MessageId, PostId, UserId
from portal.api.methods import METHODS
from tests.stand_in_memory import known_portal

BOT, USER, GROUP = BotId(90), UserId(7), Dialog("chat42")
KEY = "m-one:15:0"
REPEAT = "d5a22a30-6d85-5c7a-bdd5-2f3c5f0e8b7e"
"""Stands for the template id in the tables, which is made from the key."""
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""What the portal recognises as a template id (im/lib/Message/Uuid.php)."""
HANDLER = "https://bot.example.com/events"

BUTTON = {"TEXT": "Open", "LINK": "https://one.example/"}
ITEM = {"TEXT": "Help", "COMMAND": "help"}
ATTACH = {"COLOR": "#29619b", "BLOCKS": [{"MESSAGE": "inside"}]}
PLAIN = Content(text="Hello [b]you[/b]")
RICH = Content(text="Hello", keyboard=[BUTTON], attach=ATTACH, menu=[ITEM])
ENVELOPE = {"BOT_ID": BOT, "BUTTONS": [BUTTON]}

SAY = effects.Say(dialog=GROUP, content=PLAIN)
RICH_SAY = effects.Say(dialog=Dialog("7"), content=RICH)
ANSWER = effects.Say(dialog=GROUP, content=RICH, answers=Answers(command=CommandId(18), message=MessageId(501)))
EDIT = effects.Edit(dialog=GROUP, message=MessageId(900), content=RICH)
BARE_EDIT = effects.Edit(dialog=GROUP, message=MessageId(900), content=PLAIN)
SHOW_DRAFT = effects.ShowDraft(dialog=GROUP, user=USER, draft="d", shown=1, content=RICH)
SHOW = effects.ShowCard(dialog=GROUP, post=PostId(217), version="v1", content=RICH)
EDIT_CARD = effects.EditCard(dialog=GROUP, post=PostId(217), version="v2", message=MessageId(901), content=PLAIN)
DELETE_CARD = effects.DeleteCard(dialog=GROUP, post=PostId(217), message=MessageId(901))
SAY_AS = effects.SayAs(dialog=GROUP, user=USER, content=RICH, asked_in=Dialog("7"), bot=BOT, url_preview=False)
BARE_SAY_AS = effects.SayAs(dialog=GROUP, user=USER, content=PLAIN, asked_in=Dialog("7"))
NOTIFY = effects.Notify(user=UserId(5), text="Hi", tag="t")
PUBLISH = effects.Publish(dialog=GROUP, user=USER, text="News", title="Today", dest=["UA", "SG3"], since=100)
FULL_PUBLISH = effects.Publish(
    dialog=GROUP, user=USER, text="News", dest=["UA"], since=100, important=True,
    important_until="2026-12-01T18:00:00+01:00", tags=("sport", "cup final"), background="sunset", link_preview=True,
    files=(12, 13), site="s2",
)  # fmt: skip
BARE_PUBLISH = effects.Publish(dialog=GROUP, user=USER, text="News", dest=["U5"], since=100)
CHANGE = effects.ChangePost(
    dialog=GROUP, user=USER, post=PostId(217), command="edit", written="News", text="News", title="Today", before="b"
)
DELETE = effects.DeletePost(dialog=GROUP, user=USER, post=PostId(217))
COMMENT = effects.CommentOnPost(dialog=GROUP, user=USER, post=PostId(217), text="Thanks", since=100)
SHARE = effects.Share(dialog=GROUP, user=USER, post=PostId(217), dest=["DR3"])
CRM_POST = effects.CrmPost(dialog=GROUP, user=USER, entity=CrmEntity(type="deal", id=42), text="Call", since=100)
CRM_COMMENT = effects.CrmComment(dialog=GROUP, user=USER, entity=CrmEntity(type="lead", id=12), text="Call", since=100)
SPERM = {
    "CRMDEAL": ["CRMDEAL43", "CRMDEAL44"], "CRMLEAD": ["CRMLEAD9"], "CRMCONTACT": ["CRMCONTACT3"],
    "CRMCOMPANY": ["CRMCOMPANY1"], "SG": ["SG5"], "U": ["U1"], "DR": ["DR7"],
}  # fmt: skip
UNDO_CRM = effects.DeleteCrmComment(dialog=GROUP, user=USER, entity=CrmEntity(type="deal", id=42), comment=7)
TITLES, HINTS = {"en": "Publish", "de": "Posten"}, {"en": "to:all text"}
COMMAND = effects.RegisterCommand(bot=BOT, name="post", titles=TITLES, hints=HINTS, handler=HANDLER)
HEAR = effects.HearEdits(bot=BOT, handler=HANDLER)
BIND = effects.BindEvent(event="ONLIVEFEEDPOSTADD", handler=HANDLER)


def register(api: str) -> effects.RegisterBot:
    """Make the effect that registers the bot of one generation."""
    return effects.RegisterBot(api=api, code="feedbridge", name="Feedbridge", handler=HANDLER)


V1 = [
    pytest.param(
        SAY, "imbot.message.add",
        {"BOT_ID": BOT, "DIALOG_ID": GROUP, "MESSAGE": "Hello [b]you[/b]"}, id="plain message",
    ),
    pytest.param(
        RICH_SAY, "imbot.message.add",
        {
            "BOT_ID": BOT, "DIALOG_ID": "7", "MESSAGE": "Hello", "KEYBOARD": ENVELOPE, "ATTACH": ATTACH,
            "MENU": [ITEM],
        },
        id="message with all it can carry",
    ),
    pytest.param(
        ANSWER, "imbot.command.answer",
        {
            "COMMAND_ID": 18, "MESSAGE_ID": 501, "MESSAGE": "Hello", "KEYBOARD": ENVELOPE, "ATTACH": ATTACH,
            "MENU": [ITEM],
        },
        id="command's answer",
    ),
    pytest.param(
        EDIT, "imbot.message.update",
        {
            "BOT_ID": BOT, "MESSAGE_ID": 900, "MESSAGE": "Hello", "KEYBOARD": ENVELOPE, "ATTACH": ATTACH,
            "MENU": [ITEM],
        },
        id="edit",
    ),
    pytest.param(
        BARE_EDIT, "imbot.message.update",
        {
            "BOT_ID": BOT, "MESSAGE_ID": 900, "MESSAGE": "Hello [b]you[/b]", "KEYBOARD": "N", "ATTACH": "N",
            "MENU": "N",
        },
        id="edit that takes everything away",
    ),
    *(pytest.param(
        effect, "imbot.message.add",
        {
            "BOT_ID": BOT, "DIALOG_ID": GROUP, "MESSAGE": "Hello", "KEYBOARD": ENVELOPE, "ATTACH": ATTACH,
            "MENU": [ITEM],
        },
        id=name,
    ) for effect, name in ((SHOW, "card"), (SHOW_DRAFT, "draft"))),
    pytest.param(
        EDIT_CARD, "imbot.message.update",
        {
            "BOT_ID": BOT, "MESSAGE_ID": 901, "MESSAGE": "Hello [b]you[/b]", "KEYBOARD": "N", "ATTACH": "N",
            "MENU": "N",
        },
        id="card's edit",
    ),
    pytest.param(
        DELETE_CARD, "imbot.message.delete", {"BOT_ID": BOT, "MESSAGE_ID": 901, "COMPLETE": "Y"}, id="card's end"
    ),
    pytest.param(
        register("v1"), "imbot.register",
        {
            "CODE": "feedbridge", "TYPE": "B", "EVENT_HANDLER": HANDLER, "OPENLINE": "N",
            "PROPERTIES": {"NAME": "Feedbridge", "COLOR": "AZURE"},
        },
        id="bot",
    ),
    pytest.param(
        COMMAND, "imbot.command.register",
        {
            "BOT_ID": BOT, "COMMAND": "post", "EVENT_COMMAND_ADD": HANDLER, "COMMON": "Y",
            "EXTRANET_SUPPORT": "Y", "HIDDEN": "N",
            "LANG": [
                {"LANGUAGE_ID": "en", "TITLE": "Publish", "PARAMS": "to:all text"},
                {"LANGUAGE_ID": "de", "TITLE": "Posten", "PARAMS": ""},
            ],
        },
        id="command",
    ),
]  # fmt: skip

V2 = [
    pytest.param(
        SAY, "imbot.v2.Chat.Message.send",
        {"botId": BOT, "dialogId": GROUP, "fields": {"message": "Hello [b]you[/b]", "templateId": REPEAT}},
        id="plain message",
    ),
    pytest.param(
        RICH_SAY, "imbot.v2.Chat.Message.send",
        {
            "botId": BOT, "dialogId": "7",
            "fields": {"message": "Hello", "keyboard": ENVELOPE, "attach": ATTACH, "templateId": REPEAT},
        },
        id="message with all it can carry",
    ),
    pytest.param(
        ANSWER, "imbot.v2.Command.answer",
        {
            "botId": BOT, "commandId": 18, "messageId": 501, "dialogId": GROUP,
            "fields": {"message": "Hello", "keyboard": ENVELOPE, "attach": ATTACH},
        },
        id="command's answer",
    ),
    pytest.param(
        EDIT, "imbot.v2.Chat.Message.update",
        {
            "botId": BOT, "messageId": 900,
            "fields": {"message": "Hello", "keyboard": ENVELOPE, "attach": ATTACH},
        },
        id="edit",
    ),
    pytest.param(
        BARE_EDIT, "imbot.v2.Chat.Message.update",
        {
            "botId": BOT, "messageId": 900,
            "fields": {"message": "Hello [b]you[/b]", "keyboard": "N", "attach": "N"},
        },
        id="edit that takes everything away",
    ),
    *(pytest.param(
        effect, "imbot.v2.Chat.Message.send",
        {
            "botId": BOT, "dialogId": GROUP,
            "fields": {"message": "Hello", "keyboard": ENVELOPE, "attach": ATTACH, "templateId": REPEAT},
        },
        id=name,
    ) for effect, name in ((SHOW, "card"), (SHOW_DRAFT, "draft"))),
    pytest.param(
        EDIT_CARD, "imbot.v2.Chat.Message.update",
        {
            "botId": BOT, "messageId": 901,
            "fields": {"message": "Hello [b]you[/b]", "keyboard": "N", "attach": "N"},
        },
        id="card's edit",
    ),
    pytest.param(
        DELETE_CARD, "imbot.v2.Chat.Message.delete", {"botId": BOT, "messageId": 901, "complete": True}, id="card's end"
    ),
    pytest.param(
        register("v2"), "imbot.v2.Bot.register",
        {
            "fields": {
                "code": "feedbridge", "properties": {"name": "Feedbridge", "color": "azure"}, "type": "bot",
                "eventMode": "webhook", "webhookUrl": HANDLER,
            },
        },
        id="bot",
    ),
    pytest.param(
        COMMAND, "imbot.v2.Command.register",
        {
            "botId": BOT,
            "fields": {
                "command": "post", "title": {"en": "Publish", "de": "Posten"}, "params": {"en": "to:all text"},
                "common": True, "extranetSupport": True, "hidden": False,
            },
        },
        id="command",
    ),
]  # fmt: skip

BOTH = [
    pytest.param(
        SAY_AS, "im.message.add",
        {
            "DIALOG_ID": GROUP, "MESSAGE": "Hello", "KEYBOARD": ENVELOPE, "ATTACH": ATTACH, "MENU": [ITEM],
            "URL_PREVIEW": "N", "TEMPLATE_ID": REPEAT, "BOT_ID": BOT,
        },
        id="message from a person",
    ),
    pytest.param(
        BARE_SAY_AS, "im.message.add",
        {
            "DIALOG_ID": GROUP, "MESSAGE": "Hello [b]you[/b]", "URL_PREVIEW": "Y",
            "TEMPLATE_ID": REPEAT,
        },
        id="plain message from a person",
    ),
    pytest.param(
        PUBLISH, "log.blogpost.add",
        {
            "POST_MESSAGE": "News", "POST_TITLE": "Today", "DEST": ["UA", "SG3"],
            "SPERM": {"UA": ["UA"], "SG": ["SG3"]},
        },
        id="post"
    ),
    pytest.param(
        FULL_PUBLISH, "log.blogpost.add",
        {
            "POST_MESSAGE": "News", "DEST": ["UA"], "IMPORTANT": "Y", "IMPORTANT_DATE_END": "2026-12-01T18:00:00+01:00",
            "TAGS": "sport,cup final", "BACKGROUND_CODE": "sunset", "PARSE_PREVIEW": "Y", "SITE_ID": "s2",
            "UF_BLOG_POST_FILE": ["n12", "n13"],
        },
        id="post with everything",
    ),
    pytest.param(
        BARE_PUBLISH, "log.blogpost.add", {"POST_MESSAGE": "News", "DEST": ["U5"], "SPERM": {"U": ["U5"]}},
        id="untitled post",
    ),
    pytest.param(SHARE, "log.blogpost.share", {"POST_ID": 217, "DEST": ["DR3"]}, id="share"),
    pytest.param(
        CHANGE, "log.blogpost.update", {"POST_ID": 217, "POST_TITLE": "Today", "POST_MESSAGE": "News"}, id="change"
    ),
    pytest.param(replace(CHANGE, text=""), "log.blogpost.update", {"POST_ID": 217, "POST_TITLE": "Today"}, id="title"),
    pytest.param(
        replace(CHANGE, title=""), "log.blogpost.update", {"POST_ID": 217, "POST_MESSAGE": "News"}, id="untitled change"
    ),
    pytest.param(DELETE, "log.blogpost.delete", {"POST_ID": 217}, id="deletion"),
    pytest.param(COMMENT, "log.blogcomment.add", {"POST_ID": 217, "TEXT": "Thanks"}, id="comment on a post"),
    pytest.param(
        CRM_POST, "crm.livefeedmessage.add",
        {"fields": {"MESSAGE": "Call", "ENTITYTYPEID": 2, "ENTITYID": 42}}, id="message in the CRM feed",
    ),
    pytest.param(
        CRM_COMMENT, "crm.timeline.comment.add",
        {"fields": {"ENTITY_ID": 12, "ENTITY_TYPE": "lead", "COMMENT": "Call"}}, id="timeline comment",
    ),
    pytest.param(
        replace(CRM_POST, title="News", sperm=tuple(code for codes in SPERM.values() for code in codes)),
        "crm.livefeedmessage.add",
        {"fields": {"MESSAGE": "Call", "ENTITYTYPEID": 2, "ENTITYID": 42, "POST_TITLE": "News", "SPERM": SPERM}},
        id="message in the CRM feed with a title and all kinds of recipients",
    ),
    pytest.param(
        replace(CRM_COMMENT, title="News"), "crm.timeline.comment.add",
        {"fields": {"ENTITY_ID": 12, "ENTITY_TYPE": "lead", "COMMENT": "[B]News[/B]\nCall"}}, id="titled comment",
    ),
    pytest.param(
        UNDO_CRM, "crm.timeline.comment.delete", {"id": 7, "ownerTypeId": 2, "ownerId": 42},
        id="deletion of a timeline comment",
    ),
    pytest.param(NOTIFY, "im.notify.system.add", {"USER_ID": 5, "MESSAGE": "Hi", "TAG": "t"}, id="notification"),
    pytest.param(BIND, "event.bind", {"event": "ONLIVEFEEDPOSTADD", "handler": HANDLER}, id="event"),
    pytest.param(HEAR, "imbot.update", {"BOT_ID": BOT, "FIELDS": {"EVENT_MESSAGE_UPDATE": HANDLER}}, id="edits"),
]  # fmt: skip


def asked(effect: Effect, api: str) -> Call:
    """Return the call of an effect, with its template id replaced as in the tables."""
    made = calls.call(effect, known_portal(api=api), key=KEY)
    template = calls.template_id(KEY)
    return Call(method=made.method, params=_replaced(made.params, template))


def _replaced(value: Any, template: str) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(inner, template) for name, inner in value.items()}
    return REPEAT if value == template else value


@pytest.mark.parametrize(("effect", "method", "params"), V1 + BOTH)
def test_calls_of_the_first_generation(effect: Effect, method: str, params: dict[str, Any]) -> None:
    """On a v1 portal every effect is this method with these parameters."""
    assert asked(effect, "v1") == Call(method=method, params=params)


@pytest.mark.parametrize(("effect", "method", "params"), V2 + BOTH)
def test_calls_of_the_second_generation(effect: Effect, method: str, params: dict[str, Any]) -> None:
    """On a v2 portal every effect is this method with these parameters."""
    assert asked(effect, "v2") == Call(method=method, params=params)


def test_every_kind_of_effect_stands_in_both_tables() -> None:
    """Every effect is in the tables of both generations, and every method exists in the emulator."""
    for table in (V1 + BOTH, V2 + BOTH):
        assert {type(row.values[0]).__name__ for row in table} == effects.KINDS.keys()
        for row in table:
            assert str(row.values[1]).lower() in METHODS


# --- Repeats -----------------------------------------------------------------------------------------------


def test_the_template_id_belongs_to_the_key() -> None:
    """An effect has the same template id at every attempt, another effect has another one."""
    [first, again, other] = [
        calls.call(SAY, known_portal(), key=key).params["fields"]["templateId"] for key in (KEY, KEY, "m-one:15:1")
    ]
    assert first == again != other
    assert UUID4.fullmatch(first)


@given(st.text())
def test_every_template_id_is_one_that_the_portal_recognises(key: str) -> None:
    """A portal drops a repeat only for a UUID of version 4 in lower case, so every key becomes one."""
    assert UUID4.fullmatch(calls.template_id(key))


REPEATED = [
    SAY, EDIT, SHOW, SHOW_DRAFT, EDIT_CARD, DELETE_CARD, SAY_AS, SHARE, register("v2"), COMMAND, BIND, HEAR,
]  # fmt: skip


@pytest.mark.parametrize(
    ("effect", "again"),
    [
        *(pytest.param(effect, Again.REPEAT, id=type(effect).__name__) for effect in REPEATED),
        pytest.param(PUBLISH, Again.LOOK, id="Publish"),
        pytest.param(CRM_COMMENT, Again.LOOK, id="CrmComment"),
        pytest.param(CRM_POST, Again.NEVER, id="CrmPost"),
        pytest.param(UNDO_CRM, Again.REPEAT, id="DeleteCrmComment"),
    ],
)
def test_an_unknown_outcome_is_repeated_searched_or_given_up(effect: Effect, again: Again) -> None:
    """Effects that would happen twice are searched for, or never repeated; all others are repeated."""
    assert calls.again(effect, "v2") is again


@pytest.mark.parametrize("effect", [SAY, ANSWER, SHOW, SHOW_DRAFT], ids=["message", "answer", "card", "draft"])
def test_where_the_portal_drops_no_repeat_a_message_is_looked_for(effect: Effect) -> None:
    """Imbot v1 takes no template id, and the answer to a command takes none in v2 either."""
    assert calls.again(effect, "v1") is Again.LOOK
    assert calls.again(effect, "v2") is (Again.LOOK if effect is ANSWER else Again.REPEAT)


@pytest.mark.parametrize("api", ["v1", "v2"])
@pytest.mark.parametrize(
    "effect", [SAY, ANSWER, EDIT, SHOW, EDIT_CARD, DELETE_CARD], ids=lambda effect: type(effect).__name__
)
def test_messages_without_a_bot_are_refused(effect: Effect, api: str) -> None:
    """If the bot was deleted, its messages are refused before any request."""
    with pytest.raises(Refused, match="not registered"):
        calls.call(effect, known_portal(bot=None, api=api), key=KEY)
