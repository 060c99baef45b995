"""Makes the messages about errors of a portal and mistakes of users."""

from __future__ import annotations

import re

from bot.errors import FILE_UNREADABLE, FILES_TOO_BIG, NO_DRIVE, PortalError, UserMistake
from bot.framework import arguments, messages
from bot.i18n import catalog
from bot.model.acting import Hindrance
from bot.model.effects import ByUser, Content, Say, SayAs
from bot.model.events import Dialog, Done, Failed, PortalId, answer_dialog
from keyboards import Keyboard, Put, bb

_BY_CODE = {
    # reference: im.message.add, possible error codes
    "USER_ID_EMPTY": "user_missing",
    "CHAT_ID_EMPTY": "chat_missing",
    "ACCESS_ERROR": "no_access",
    "MESSAGE_EMPTY": "empty",
    "ATTACH_ERROR": "attach_wrong",
    "ATTACH_OVERSIZE": "attach_big",
    "KEYBOARD_ERROR": "keyboard_wrong",
    "KEYBOARD_OVERSIZE": "keyboard_big",
    "MENU_ERROR": "menu_wrong",
    "MENU_OVERSIZE": "menu_big",
    "PARAMS_ERROR": "params",
    # undocumented errors of the same method, and those of the chatbot methods
    "USER_NOT_FOUND": "user_missing",
    "CHAT_ID": "chat_missing",
    "CHAT_NOT_FOUND": "chat_missing",
    "DIALOG_ID_EMPTY": "chat_missing",
    "EMPTY_MESSAGE": "empty",
    "CANCELED": "canceled",
    "ERROR_NO_ACCESS": "no_access",
    "TEXT_FIELD_DISABLED": "closed",
    "FROM_OTHER_MODULE": "closed",
    "ERROR_FROM_OTHER_MODULE": "closed",
    "REPLY_ACCESS_ERROR": "reply",
    "REPLY_FROM_OTHER_CHAT_ERROR": "reply",
    "CANT_EDIT_MESSAGE": "late",
    "BOT_ID_ERROR": "bot",
    "BOT_NOT_FOUND": "bot",
    # reference: log.blogpost.*
    "SONET_CONTROLLER_LIVEFEED_BLOG_NOT_FOUND": "feed_missing",
    "SONET_CONTROLLER_LIVEFEED_BLOGPOST_MODULE_BLOG_NOT_INSTALLED": "feed_off",
    "EMPTY_TITLE": "no_title",
    # our own: why we do not act for a person
    **{str(one): one.lower() for one in Hindrance},
    # reference: system errors
    "INVALID_REQUEST": "params",
    "WRONG_AUTH_TYPE": "params",
    "ERROR_ARGUMENT": "params",
    "ERROR_BATCH_LENGTH_EXCEEDED": "params",
    "ERROR_BATCH_METHOD_NOT_ALLOWED": "params",
    "100": "params",
    "NO_AUTH_FOUND": "token",
    "INVALID_CREDENTIALS": "token",
    "expired_token": "token",
    "invalid_token": "token",
    "authorization_error": "token",
    "invalid_grant": "token",
    "APPLICATION_NOT_FOUND": "token",
    "NOT_INSTALLED": "token",
    "PORTAL_DELETED": "token",
    "user_access_error": "shut_out",
    "METHOD_CONFIRM_WAITING": "confirm",
    "METHOD_CONFIRM_DENIED": "confirm",
    "ERROR_MANIFEST_IS_NOT_AVAILABLE": "scope",
    "OPERATION_TIME_LIMIT": "busy",
    "QUERY_LIMIT_EXCEEDED": "busy",
    "OVERLOAD_LIMIT": "busy",
    "INTERNAL_SERVER_ERROR": "broken",
    "ERROR_UNEXPECTED_ANSWER": "broken",
    "insufficient_scope": "scope",
    "ERROR_METHOD_NOT_FOUND": "scope",
    "PAYMENT_REQUIRED": "plan",
}
_BY_TEXT = {
    "no destination specified": "no_recipients",
    "wrong destinations": "recipients",
    "no permissions to share": "recipients_closed",
    "no access to one or more": "recipients_closed",
    "no permissions": "no_comment",
    "duplicate comment": "repeated",
    "comment hasn't been added": "comment_failed",
    "post hasn't been added": "post_failed",
    "cannot add blog post": "post_broken",
    "cannot update blog post": "change_failed",
    "error deleting message": "delete_failed",
    "permission to delete": "not_yours",
    "no read perms": "not_yours",
    "no write perms": "not_yours",
    "wrong post id": "post_missing",
    "no post found": "post_missing",
    "no blog found": "feed_missing",
    "blog module": "feed_off",
    "only on commercial plans": "plan",
}
_BY_ERROR = {
    "TooFast": "busy",
    "MethodBlocked": "busy",
    "PortalDown": "down",
    "AuthorizationDown": "down",
    "TokenExpired": "token",
    "TokenRefused": "token",
    "ApplicationRefused": "token",
    "TooBig": "too_big",
    "Broken": "broken",
    "Gone": "gone",
}
_CHOICES = {
    "words.late": ("button.use", "button.leave", "words.late_long"),
    "words.flag": ("button.use", "button.leave", "words.late_long"),
    "words.whom": ("button.only", "button.everyone", "words.whom_long"),
    "words.no_value": ("button.use", "button.leave", "words.dashes"),
    "words.unknown_option": ("button.use", "button.leave", "words.dashes"),
    "words.edited": ("button.command", "button.leave", "words.kept_above"),
    "words.addressed": ("button.command", "button.leave", "words.kept_above"),
    "words.no_option": ("button.use", "button.leave", "words.dashes"),
}
"""For each question: the labels of its two buttons, and the text if the commands are too long for buttons.

If only the second command can be meant, there is only the second button.
"""
_CRM = {
    # timeline comments, and files of texts for the CRM (reference: G2)
    "ACCESS_DENIED": "crm_rights",
    "OWNER_NOT_FOUND": "crm_missing",
    "NOT_FOUND": "gone",
    "INVALID_ARG_VALUE": "crm_empty",
    "100": "crm_params",
    "MULTIPLE_BINDINGS": "crm_several",
    "0": "crm_failed",
    FILES_TOO_BIG: "crm_files_big",
    FILE_UNREADABLE: "crm_file",
    NO_DRIVE: "crm_no_drive",
}
_CRM_TEXTS = {
    "access denied": "crm_rights",
    "not found": "crm_missing",
    "you may not write to": "crm_to",
    "message text is empty": "crm_empty",
    "entity is not defined": "crm_missing",
}
_CRM_EFFECTS = ("CrmPost", "CrmComment", "DeleteCrmComment")
_DENIED = "ACCESS_DENIED"
_CODE = re.compile(r"[A-Za-z0-9][\w.:-]{0,59}", re.ASCII)
"""What an error code looks like; anything else is not shown."""


def sentence_for(event: Failed) -> str:
    """Return the key (in bot/i18n/locales) of the sentence that explains why an effect failed."""
    text = event.text.casefold()
    if event.kind in _CRM_EFFECTS and (of_crm := _crm(event.kind, event.code, text)):
        return f"error.{of_crm}"
    by_text = next((key for part, key in _BY_TEXT.items() if part in text), None)
    by_code = _BY_CODE.get(event.code)
    if event.kind == "DeletePost" and by_text:  # its codes are numbers, which mean something else elsewhere
        by_code = None
    found = by_code or by_text or _BY_ERROR.get(event.error)
    if found is None and event.code.startswith("PARAM_"):
        found = "params"
    if found is None and event.code == _DENIED:
        found = "no_access"
    return f"error.{found or ('refused' if _CODE.fullmatch(event.code) else 'refused_silent')}"


def _crm(kind: str, code: str, text: str) -> str:
    """Return the sentence for an error of the CRM; "" if there is none.

    Errors of the CRM feed have no code, and portals translate some of their texts.
    """
    if kind == "DeleteCrmComment" and code == _DENIED:
        return "not_yours"
    if code in _CRM:
        return _CRM[code]
    if code or not text:
        return ""
    return next((key for part, key in _CRM_TEXTS.items() if part in text), "crm_feed" if kind == "CrmPost" else "")


def why(language: str, event: Failed) -> str:
    """Return the sentence that explains why an effect failed.

    An unknown error is named by its code. The portal's own text is for developers, and is only in the log.
    """
    return catalog.sentence(language, sentence_for(event), code=event.code)


def reason(language: str, error: PortalError) -> str:
    """Return the sentence that explains why the portal did not let us read something."""
    name, portal = type(error).__name__, PortalId("")
    return why(
        language, Failed(portal=portal, effect_id=0, kind="", effect={}, error=name, code=error.code, text=error.text)
    )


def refusal(
    effect: ByUser, event: Done | Failed, *, refused: str, outcome_unknown: str, kept: str = "", **values: object
) -> Say:
    """Make the message to a user that their action failed.

    It is the sentence with the key `outcome_unknown` if the write may have happened, else the one with the key
    `refused`, with the reason. `kept` is a command that a button puts back into the input field. `values` are for the
    placeholders.
    """
    failed = event if isinstance(event, Failed) else None
    reason = why(effect.language, failed) if failed else ""
    said = catalog.sentence(
        effect.language, outcome_unknown if failed and failed.outcome_unknown else refused, why=reason, **values
    )
    return notice(effect, messages.with_retry(effect.language, said, kept) if kept else messages.of(said))


def notice(effect: ByUser, said: Content) -> Say:
    """Make a message to the user who asked for an effect.

    It goes to the group where the user asked, or else to their private dialog with the bot.
    """
    asked_in = effect.asked_in if isinstance(effect, SayAs) else effect.dialog
    dialog = answer_dialog(asked_in, effect.user)
    return Say(dialog=dialog, language=effect.language, content=said, answers=effect.answers)


def private_notice(effect: ByUser, said: Content) -> Say:
    """Make a message to the user who asked for an effect, in their private dialog with the bot."""
    return Say(dialog=Dialog(str(effect.user)), language=effect.language, content=said)


def answer(language: str, mistake: UserMistake) -> Content:
    """Make the answer to a user's mistake.

    It says what was wrong and how the command is written, and has a button with the command, or buttons to choose from.
    """
    values = {name: bb.escape(str(value)) for name, value in mistake.values.items()}
    said = [catalog.sentence(language, mistake.key, **values)]
    if mistake.key in _CHOICES and not arguments.CHOICES.isdisjoint(mistake.values):
        return _choice(language, said[0], mistake)
    name = mistake.values.get("command")
    if hint := catalog.sentences(language).get(f"{name}.hint"):
        said.append(catalog.sentence(language, "words.usage", usage=f"/{name} {hint}"))
    if instead := str(mistake.values.get("instead") or ""):
        keyboard = Keyboard.of([Put(instead, instead)])
        return messages.of(said[0], keyboard=keyboard if messages.fits(keyboard) else None)
    written = mistake.values.get("written")
    return messages.with_retry(language, "\n".join(said), str(written)) if written else messages.of("\n".join(said))


def _choice(language: str, said: str, mistake: UserMistake) -> Content:
    """Make a question which of two commands the user meant, with a button for each."""
    use, leave, otherwise = _CHOICES[mistake.key]
    labels = {
        "moved": catalog.sentence(language, use, part=mistake.values.get("part")),
        "plain": catalog.sentence(language, leave),
    }
    puts = [Put(label, str(command)) for name, label in labels.items() if (command := mistake.values.get(name))]
    if messages.fits(keyboard := Keyboard.of(puts)):
        return messages.of(f"{said}\n{catalog.sentence(language, 'words.choose')}", keyboard=keyboard)
    return messages.of(f"{said}\n{catalog.sentence(language, otherwise)}")
