"""Every refusal and every mistake has a sentence, in every language."""

from __future__ import annotations

import pytest

from bot.errors import UserMistake
from bot.feed import error_messages
from bot.i18n import catalog
from bot.model.events import Failed
from docs import generate
from tests.stand_ins import PORTAL

SILENT = {"error.refused", "error.refused_silent"}


def failed(code: str = "", *, kind: str = "SayAs", error: str = "Refused", text: str = "") -> Failed:
    """Make the event of a failed effect."""
    return Failed(portal=PORTAL, effect_id=1, kind=kind, effect={}, error=error, code=code, text=text)


DOCUMENTED = [
    "USER_ID_EMPTY", "CHAT_ID_EMPTY", "ACCESS_ERROR", "MESSAGE_EMPTY", "ATTACH_ERROR", "ATTACH_OVERSIZE",
    "KEYBOARD_ERROR", "KEYBOARD_OVERSIZE", "MENU_ERROR", "MENU_OVERSIZE", "PARAMS_ERROR",
]  # fmt: skip
OBSERVED = [
    "USER_NOT_FOUND", "CHAT_ID", "CANCELED", "ERROR_NO_ACCESS", "TEXT_FIELD_DISABLED", "ERROR_FROM_OTHER_MODULE",
    "FROM_OTHER_MODULE", "REPLY_ACCESS_ERROR", "REPLY_FROM_OTHER_CHAT_ERROR", "PARAM_MESSAGE_ERROR", "ACCESS_DENIED",
]  # fmt: skip


def test_each_documented_code_has_its_own_sentence() -> None:
    """Every code documented for im.message.add has its own sentence."""
    keys = [error_messages.sentence_for(failed(code)) for code in DOCUMENTED]
    assert len(set(keys)) == len(DOCUMENTED)
    assert not SILENT & set(keys)


@pytest.mark.parametrize("code", DOCUMENTED + OBSERVED)
@pytest.mark.parametrize("language", catalog.languages())
def test_every_code_is_told(code: str, language: str) -> None:
    """Every code of im.message.add is explained in a sentence, and never shown itself."""
    told = error_messages.why(language, failed(code, text="Portal's own words"))
    assert error_messages.sentence_for(failed(code)) not in SILENT
    assert code not in told
    assert "Portal's own words" not in told


TOLD = {
    "no destination": (failed("SONET_X", text="No destination specified"), "no_recipients"),
    "recipient refused": (failed(text="No permissions to share by this user (ID = 4)"), "recipients_closed"),
    "not the author": (failed(text="No read perms"), "not_yours"),
    "no such post": (failed(text="Wrong post ID"), "post_missing"),
    "no feed": (failed("SONET_CONTROLLER_LIVEFEED_BLOG_NOT_FOUND", text="Blog not found"), "feed_missing"),
    "CRM rights": (failed("ACCESS_DENIED", kind="CrmComment"), "crm_rights"),
    "CRM rights, old words": (failed(kind="CrmPost", text="Access denied."), "crm_rights"),
    "no scope": (failed("insufficient_scope"), "scope"),
    "plan": (failed("ACCESS_DENIED", text="REST is available only on commercial plans."), "plan"),
    "token": (failed("invalid_token", error="TokenRefused"), "token"),
    "busy": (failed("QUERY_LIMIT_EXCEEDED", error="TooFast"), "busy"),
    "down": (failed(error="PortalDown"), "down"),
    "gone": (failed("MESSAGE_NOT_FOUND", error="Gone"), "gone"),
    "unknown, with words": (failed("NEW_CODE", text="Something new"), "refused"),
    "unknown, without a code": (failed(text="Something new"), "refused_silent"),
    "unknown, numeric": (failed("0", text="Could not find value for parameter {fields}"), "refused"),
    "missing parameter": (failed("100", text="Could not find value for parameter {fields}"), "params"),
    "code that is a sentence": (failed("Please call [URL]evil[/URL]"), "refused_silent"),
    "code that is too long": (failed("A" * 61), "refused_silent"),
    "broken": (failed(error="Broken"), "broken"),
}


@pytest.mark.parametrize(("event", "key"), TOLD.values(), ids=TOLD.keys())
def test_errors_are_recognised_by_code_text_or_class(event: Failed, key: str) -> None:
    """Errors are recognised by code, by text if the code is empty, and else by class."""
    assert error_messages.sentence_for(event) == f"error.{key}"


@pytest.mark.parametrize(
    ("kind", "errors"),
    [(kind, errors) for kind, _, errors in generate.DOCUMENTED_ERRORS],
    ids=lambda one: str(one)[:12],
)
@pytest.mark.parametrize("language", catalog.languages())
def test_the_errors_of_a_method_have_a_sentence_each(
    language: str, kind: str, errors: tuple[tuple[str, str], ...]
) -> None:
    """Each documented error of a method is told in another sentence, in every language."""
    events = [failed(code, kind=kind, text=text) for code, text in errors]
    assert not SILENT & {error_messages.sentence_for(event) for event in events}
    assert len({error_messages.why(language, event) for event in events}) == len(errors)


SYSTEM = [
    "INVALID_REQUEST", "ERROR_BATCH_LENGTH_EXCEEDED", "NO_AUTH_FOUND", "expired_token", "INVALID_CREDENTIALS",
    "METHOD_CONFIRM_WAITING", "METHOD_CONFIRM_DENIED", "ACCESS_DENIED", "insufficient_scope", "user_access_error",
    "WRONG_AUTH_TYPE", "ERROR_MANIFEST_IS_NOT_AVAILABLE", "ERROR_METHOD_NOT_FOUND", "ERROR_BATCH_METHOD_NOT_ALLOWED",
    "OPERATION_TIME_LIMIT", "INTERNAL_SERVER_ERROR", "ERROR_UNEXPECTED_ANSWER", "PORTAL_DELETED",
    "QUERY_LIMIT_EXCEEDED", "OVERLOAD_LIMIT",
]  # fmt: skip
RAW = [
    "Could not find value for parameter {fields}", "[USER=1]x[/USER]", "{code} {text}", "Ошибка", "<b>No</b>",
    "y" * 500,
]  # fmt: skip


@pytest.mark.parametrize("code", SYSTEM)
def test_every_system_error_has_a_sentence(code: str) -> None:
    """Each error in the reference's table of system errors is explained, without its code."""
    told = error_messages.why("en", failed(code, text="raw"))
    assert error_messages.sentence_for(failed(code)) not in SILENT
    assert code not in told


@pytest.mark.parametrize("text", RAW)
@pytest.mark.parametrize("code", ["", "0", "ERROR_CORE", "NEW.CODE-7", "[B]x[/B]", "two words"])
@pytest.mark.parametrize("language", catalog.languages())
def test_the_portals_own_words_reach_nobody(language: str, code: str, text: str) -> None:
    """An unknown error is told by a general sentence, with its code where that is one."""
    told = error_messages.why(language, failed(code, text=text))
    assert text not in told
    assert (code in told) is (code in ("0", "ERROR_CORE", "NEW.CODE-7") or code == "")
    assert "{" not in told
    assert "[" not in told


def test_a_mistake_is_explained_and_keeps_the_text() -> None:
    """The answer to a mistake says what was wrong and how to write it, and keeps the text."""
    slip = UserMistake("words.unknown_option", option="[titel", nearest="title", command="post", written="/post x")
    said = error_messages.answer("en", slip)
    first, usage, kept = said.text.split("\n")
    assert first.startswith("I do not know “[\u200btitel” here, and nothing is done yet. Did you mean title:?")
    assert usage == 'How to write it: /post [to:name] [title:"Two words"] [important] [tags:a,b] text'
    assert kept.startswith("Your text is kept")
    assert said.keyboard[0]["ACTION_VALUE"] == "/post x"


def test_a_mistake_without_a_text_keeps_nothing() -> None:
    """Without a text there is nothing to keep."""
    said = error_messages.answer("de", UserMistake("post.no_text", command="post", written=""))
    assert said.keyboard == []
    assert said.text.startswith("Der Text des Beitrags fehlt noch.")


def test_a_mistake_of_a_handler_has_its_own_sentence() -> None:
    """A mistake that a handler finds has its sentence alone."""
    said = error_messages.answer("ru", UserMistake("share.no_post", post=217))
    assert said.text == "Записи 217 нет, или у вас нет к ней доступа."
