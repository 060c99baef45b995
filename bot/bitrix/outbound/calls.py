"""Turns effects into REST calls, and reads the results of these calls.

No other module has the names of the portal's parameters for writing.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from hashlib import blake2b
from typing import Any

import keyboards
from bot.bitrix import query_strings
from bot.bitrix.outbound.crm import writing as crm_writing
from bot.bitrix.outbound.posts import writing
from bot.errors import BotError, Refused
from bot.model import effects, ordering
from bot.model.effects import Content, Effect
from bot.model.events import BotId
from bot.model.records import KnownPortal, Post

MOST_IN_A_BATCH = 50
"""The most calls in a batch (reference: batch, ERROR_BATCH_LENGTH_EXCEEDED)."""
MOST_POSTS = 200
"""The most posts in an answer of log.blogpost.get (reference: LIMIT)."""
_DIGITS = 18
"""The most digits of a number that every database can hold."""

_REFERENCE = re.compile(r"\$(?:result|error|total|next|time)\[")


Params = dict[str, Any]
BotMessage = effects.Say | effects.ShowCard | effects.ShowDraft
"""The effects that send a new message of the bot."""


class Again(Enum):
    """Says how an effect is repeated if the outcome of its call is unknown."""

    REPEAT = "calling again changes nothing: the portal drops the repeat, or the result is the same"
    LOOK = "look whether it is there before calling again"
    NEVER = "there is no way to look: tell the user instead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One REST call: a method and its parameters."""

    method: str
    params: Params


def call(effect: Effect, portal: KnownPortal, *, key: str) -> Call:
    """Return the REST call of an effect; `key` is the idempotency key of the effect.

    Raises:
        PortalError: the effect needs a bot, but the portal has none.
    """
    made = _CALLS[type(effect)](effect, portal, template_id(key))
    if isinstance(effect, _IN_A_NAME) and effect.acting:
        made = replace(made, params=made.params | {"USER_ID": effect.user})
    return made


def template_id(key: str) -> str:
    """Return the template id of a message, made from the idempotency key of its effect.

    It has the form of a UUID of version 4, because the portal ignores every other one (im/lib/Message/Uuid.php).
    """
    return str(uuid.UUID(bytes=blake2b(key.encode(), digest_size=16).digest(), version=4))


def again(effect: Effect, api: str) -> Again:
    """Return how an effect is repeated if its outcome is unknown; `api` is the generation of the bot."""
    if isinstance(effect, ordering.LOOKED_FOR) or (isinstance(effect, BotMessage) and not is_dropped(effect, api)):
        return Again.LOOK
    return Again.NEVER if isinstance(effect, effects.CrmPost) else Again.REPEAT


def is_dropped(message: BotMessage, api: str) -> bool:
    """Check whether the portal drops a repeat of a message of the bot, because its method takes a template id.

    imbot.message.add takes none, and neither does the answer to a command.
    """
    return api != "v1" and (not isinstance(message, effects.Say) or message.answers is None)


def refers(effect: Effect) -> bool:
    """Check whether an effect contains a text like `$result[...]`, which the portal would replace inside a batch."""
    return _REFERENCE.search(repr(effect)) is not None


def outcome(result: Any) -> Any:
    """Return the useful part of a call's result: the id in it, else the whole result."""
    if isinstance(result, dict):
        for name in ("id", "bot", "command"):
            if name in result:
                inner = result[name]
                return inner.get("id") if isinstance(inner, dict) else inner
    return result


def answered(effect: Effect, result: Any) -> bool:
    """Check whether the result contains the id of the created object, if this effect needs it later."""
    if not isinstance(effect, _NEED_ID):
        return True
    found = outcome(result)
    return isinstance(found, int | str) and not isinstance(found, bool) and str(found).isdecimal()


_IN_A_NAME = effects.Publish | effects.Share | effects.CommentOnPost
"""The effects whose method reads USER_ID: the user who appears as the author, if an administrator calls."""
_NEED_ID = (
    effects.Publish
    | effects.CrmComment
    | effects.CommentOnPost
    | effects.ShowCard
    | effects.ShowDraft
    | effects.RegisterBot
)
_BOUND, _NO_CODE = "Unable to set event handler", ("", "ERROR_CORE")
_NO_POST = ("100", "wrong post id")
"""The error of log.blogpost.delete for a post that does not exist."""
_DUPLICATE = "duplicate comment"
"""The error text of log.blogcomment.add for a comment that its author repeats; its code is empty."""


def fine(effect: Effect, error: BotError) -> bool:
    """Check whether an error means that the state which the effect wants exists already.

    This is so for a post or comment that is already deleted, and for an event that is already bound. The code of the
    latter error is not documented; its text is (reference: event.bind).
    """
    if isinstance(effect, effects.DeleteCrmComment):
        return error.code == "NOT_FOUND"
    if isinstance(effect, effects.DeletePost):
        return (error.code, error.text.casefold()) == _NO_POST
    if not isinstance(effect, effects.BindEvent) or not isinstance(error, Refused):
        return False
    return "binded" in error.text or (error.code in _NO_CODE and error.text.startswith(_BOUND))


def repeats(effect: Effect, error: BotError) -> bool:
    """Check whether an error means that the portal has this comment of this person already."""
    return isinstance(effect, effects.CommentOnPost) and error.text.casefold() == _DUPLICATE


def batch(calls: Sequence[Call], *, halt: bool) -> tuple[Params, list[str]]:
    """Return the parameters of a `batch` of calls, and the keys of the calls in its answer, in order."""
    keys = [f"c{place}" for place in range(len(calls))]
    cmd = {key: f"{one.method}?{query_strings.encode(one.params)}" for key, one in zip(keys, calls, strict=True)}
    return {"cmd": cmd, "halt": int(halt)}, keys


def number(value: object) -> int:
    """Return an id or a count, which old modules of the portal write as text; 0 if the value is no such number."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else 0


def window(post: Post) -> dict[str, str]:
    """Return parameters that limit log.blogpost.get to a second before and after a post was written.

    Empty if the post has no valid date.
    """
    try:
        written = datetime.fromisoformat(post.date)
    except ValueError:
        return {}
    second = timedelta(seconds=1)
    return {"LOG_DATE_FROM": (written - second).isoformat(), "LOG_DATE_TO": (written + second).isoformat()}


# --- one function per effect ------------------------------------------------------------------------------


def _v2_fields(content: Content, portal: KnownPortal) -> Params:
    fields: Params = {"message": content.text}
    if content.keyboard:
        fields["keyboard"] = keyboards.envelope(content.keyboard, _bot(portal))
    if content.attach:
        fields["attach"] = content.attach
    return fields


def _v1_fields(content: Content, bot: BotId | None) -> Params:
    fields: Params = {"MESSAGE": content.text}
    if content.keyboard:
        fields["KEYBOARD"] = keyboards.envelope(content.keyboard, bot or 0)
    if content.attach:
        fields["ATTACH"] = content.attach
    if content.menu:
        fields["MENU"] = content.menu
    return fields


def _bot(portal: KnownPortal) -> BotId:
    if portal.bot is None:
        raise Refused("BOT_NOT_FOUND", "our bot is not registered on this portal")
    return portal.bot


def _say(effect: effects.Say, portal: KnownPortal, repeat: str) -> Call:
    if effect.answers is not None:
        return _answer(effect, effect.answers, portal)
    return _send(effect.dialog, effect.content, portal, repeat)


def _send(dialog: str, content: Content, portal: KnownPortal, repeat: str) -> Call:
    bot = _bot(portal)
    if portal.api == "v1":
        # It takes no template id (im_rest.php, botMessageAdd).
        return Call(method="imbot.message.add", params={"BOT_ID": bot, "DIALOG_ID": dialog, **_v1_fields(content, bot)})
    fields = {**_v2_fields(content, portal), "templateId": repeat}
    return Call(method="imbot.v2.Chat.Message.send", params={"botId": bot, "dialogId": dialog, "fields": fields})


def _answer(effect: effects.Say, to: effects.Answers, portal: KnownPortal) -> Call:
    bot = _bot(portal)
    if portal.api == "v1":
        params: Params = {"COMMAND_ID": to.command, "MESSAGE_ID": to.message}
        return Call(method="imbot.command.answer", params={**params, **_v1_fields(effect.content, bot)})
    ids: Params = {"botId": bot, "commandId": to.command, "messageId": to.message, "dialogId": effect.dialog}
    return Call(method="imbot.v2.Command.answer", params={**ids, "fields": _v2_fields(effect.content, portal)})


def _show_card(effect: effects.ShowCard | effects.ShowDraft, portal: KnownPortal, repeat: str) -> Call:
    return _send(effect.dialog, effect.content, portal, repeat)


def _edit(effect: effects.Edit | effects.EditCard, portal: KnownPortal, _repeat: str) -> Call:
    """Make the call that edits a message; "N" removes a keyboard or attachment that the new content lacks."""
    bot, content = _bot(portal), effect.content
    if portal.api == "v1":
        params = {"KEYBOARD": "N", "ATTACH": "N", "MENU": "N", **_v1_fields(content, bot)}
        return Call(method="imbot.message.update", params={"BOT_ID": bot, "MESSAGE_ID": effect.message, **params})
    fields = {"keyboard": "N", "attach": "N", **_v2_fields(content, portal)}
    params = {"botId": bot, "messageId": effect.message, "fields": fields}
    return Call(method="imbot.v2.Chat.Message.update", params=params)


def _delete_card(effect: effects.DeleteCard, portal: KnownPortal, _repeat: str) -> Call:
    bot = _bot(portal)
    if portal.api == "v1":
        params: Params = {"BOT_ID": bot, "MESSAGE_ID": effect.message, "COMPLETE": "Y"}
        return Call(method="imbot.message.delete", params=params)
    params = {"botId": bot, "messageId": effect.message, "complete": True}
    return Call(method="imbot.v2.Chat.Message.delete", params=params)


def _say_as(effect: effects.SayAs, _portal: KnownPortal, repeat: str) -> Call:
    params = {
        "DIALOG_ID": effect.dialog,
        **_v1_fields(effect.content, effect.bot),
        "URL_PREVIEW": _yn(effect.url_preview),
        "TEMPLATE_ID": repeat,
    }
    return Call(method="im.message.add", params={**params, **({"BOT_ID": effect.bot} if effect.bot else {})})


def _publish(effect: effects.Publish, _portal: KnownPortal, _repeat: str) -> Call:
    return Call(method="log.blogpost.add", params=writing.parameters(effect))


def _share(effect: effects.Share, _portal: KnownPortal, _repeat: str) -> Call:
    return Call(method="log.blogpost.share", params={"POST_ID": effect.post, "DEST": effect.dest})


def _change_post(effect: effects.ChangePost, _portal: KnownPortal, _repeat: str) -> Call:
    """Make the call that changes a post; without its title, a new text would reset the title (reference: update)."""
    title = {"POST_TITLE": effect.title} if effect.title else {}
    text = {"POST_MESSAGE": effect.text} if effect.text else {}
    return Call(method="log.blogpost.update", params={"POST_ID": effect.post, **title, **text})


def _delete_post(effect: effects.DeletePost, _portal: KnownPortal, _repeat: str) -> Call:
    return Call(method="log.blogpost.delete", params={"POST_ID": effect.post})


def _comment_on_post(effect: effects.CommentOnPost, _portal: KnownPortal, _repeat: str) -> Call:
    return Call(method="log.blogcomment.add", params={"POST_ID": effect.post, "TEXT": effect.text})


def _crm_post(effect: effects.CrmPost, _portal: KnownPortal, _repeat: str) -> Call:
    return Call(method="crm.livefeedmessage.add", params=crm_writing.post(effect))


def _crm_comment(effect: effects.CrmComment, _portal: KnownPortal, _repeat: str) -> Call:
    return Call(method="crm.timeline.comment.add", params=crm_writing.comment(effect))


def _crm_deletion(effect: effects.DeleteCrmComment, _portal: KnownPortal, _repeat: str) -> Call:
    return Call(method="crm.timeline.comment.delete", params=crm_writing.deletion(effect))


def _notify(effect: effects.Notify, _portal: KnownPortal, _repeat: str) -> Call:
    params = {"USER_ID": effect.user, "MESSAGE": effect.text, "TAG": effect.tag}
    return Call(method="im.notify.system.add", params=params)


def _register_bot(effect: effects.RegisterBot, _portal: KnownPortal, _repeat: str) -> Call:
    if effect.api == "v1":
        params: Params = {"CODE": effect.code, "TYPE": "B", "EVENT_HANDLER": effect.handler, "OPENLINE": "N"}
        return Call(method="imbot.register", params={**params, "PROPERTIES": {"NAME": effect.name, "COLOR": "AZURE"}})
    fields = {"code": effect.code, "properties": {"name": effect.name, "color": "azure"}, "type": "bot"}
    fields |= {"eventMode": "webhook", "webhookUrl": effect.handler}
    return Call(method="imbot.v2.Bot.register", params={"fields": fields})


def _register_command(effect: effects.RegisterCommand, portal: KnownPortal, _repeat: str) -> Call:
    if portal.api == "v1":
        lang = [
            {"LANGUAGE_ID": name, "TITLE": title, "PARAMS": effect.hints.get(name, "")}
            for name, title in effect.titles.items()
        ]
        params: Params = {
            "BOT_ID": effect.bot,
            "COMMAND": effect.name,
            "EVENT_COMMAND_ADD": effect.handler,
            "LANG": lang,
        }
        reach = {"COMMON": "Y", "EXTRANET_SUPPORT": "Y", "HIDDEN": _yn(effect.hidden)}
        return Call(method="imbot.command.register", params=params | reach)
    fields: Params = {
        "command": effect.name,
        "title": effect.titles,
        "params": effect.hints,
        "common": True,
        "extranetSupport": True,
        "hidden": effect.hidden,
    }
    return Call(method="imbot.v2.Command.register", params={"botId": effect.bot, "fields": fields})


def _bind_event(effect: effects.BindEvent, _portal: KnownPortal, _repeat: str) -> Call:
    return Call(method="event.bind", params={"event": effect.event, "handler": effect.handler})


def _hear_edits(effect: effects.HearEdits, _portal: KnownPortal, _repeat: str) -> Call:
    fields = {"EVENT_MESSAGE_UPDATE": effect.handler}
    return Call(method="imbot.update", params={"BOT_ID": effect.bot, "FIELDS": fields})


def _yn(value: bool) -> str:  # noqa: FBT001 - the portal's spelling of a boolean
    return "Y" if value else "N"


_CALLS: dict[type[Effect], Callable[[Any, KnownPortal, str], Call]] = {
    effects.Say: _say,
    effects.Edit: _edit,
    effects.SayAs: _say_as,
    effects.ShowCard: _show_card,
    effects.EditCard: _edit,
    effects.ShowDraft: _show_card,
    effects.DeleteCard: _delete_card,
    effects.Publish: _publish,
    effects.Share: _share,
    effects.ChangePost: _change_post,
    effects.DeletePost: _delete_post,
    effects.CommentOnPost: _comment_on_post,
    effects.CrmPost: _crm_post,
    effects.CrmComment: _crm_comment,
    effects.DeleteCrmComment: _crm_deletion,
    effects.Notify: _notify,
    effects.RegisterBot: _register_bot,
    effects.RegisterCommand: _register_command,
    effects.BindEvent: _bind_event,
    effects.HearEdits: _hear_edits,
}
