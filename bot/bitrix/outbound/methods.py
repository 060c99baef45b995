"""Lists every REST method that the service calls, with its purpose and the token that it uses.

A test compares this list with the calls in the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Token(Enum):
    """Says whose token a call uses."""

    BOT = "the bot's: the installer's, else a spare one"
    PERSON = "the person's own"
    PERSON_OR_ADMIN = "the person's own, else an administrator's where `[publish] for_people` allows it"
    EVENT = "the one that came with the event"
    LOOKER = "that of the bot's own user, of the person in the dialog, or of the installer"
    EVENT_OR_BOT = "the one that came with the event, else the installer's"
    READER = "the reader's own, else the one that came with the event or the installer's"
    ITEMS = "that of the calls in it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A REST method; `scope` is the permission that the application needs for it ("": none)."""

    name: str
    scope: str
    purpose: str
    token: Token


def _method(name: str, scope: str, purpose: str, token: Token) -> Method:
    return Method(name=name, scope=scope, purpose=purpose, token=token)


METHODS = (
    _method("app.info", "", "confirm an installation, and learn the portal's plan", Token.EVENT),
    _method("batch", "", "send up to fifty calls in one request", Token.ITEMS),
    _method("crm.company.get", "crm", "show a company before something is written to it", Token.PERSON),
    _method("crm.company.list", "crm", "find companies by name", Token.PERSON),
    _method("crm.contact.get", "crm", "show a contact before something is written to it", Token.PERSON),
    _method("crm.contact.list", "crm", "find contacts by name", Token.PERSON),
    _method("crm.deal.get", "crm", "show a deal before something is written to it", Token.PERSON),
    _method("crm.deal.list", "crm", "find deals by name", Token.PERSON),
    _method("crm.lead.get", "crm", "show a lead before something is written to it", Token.PERSON),
    _method("crm.lead.list", "crm", "find leads by name", Token.PERSON),
    _method("crm.livefeedmessage.add", "crm", "write to the CRM feed (portals that still have one)", Token.PERSON),
    _method("crm.status.list", "crm", "learn the name of a stage", Token.PERSON),
    _method("crm.timeline.comment.add", "crm", "write to the timeline of a CRM card", Token.PERSON),
    _method("crm.timeline.comment.delete", "crm", "take back a comment in a timeline", Token.PERSON),
    _method("crm.timeline.comment.list", "crm", "find a comment whose outcome is unknown", Token.PERSON),
    _method("department.get", "department", "learn which departments a post may be for", Token.READER),
    _method("disk.file.get", "disk", "read a file that somebody sent for the CRM", Token.PERSON),
    _method("event.bind", "", "ask for events of the feed and of the application", Token.BOT),
    _method(
        "im.department.employees.get",
        "im",
        "count whom a post would reach, and who has not read it",
        Token.PERSON,
    ),
    _method("im.dialog.messages.get", "im", "find a message whose outcome is unknown", Token.LOOKER),
    _method("im.message.add", "im", "send a message in a person's name", Token.PERSON),
    _method("im.notify.system.add", "im", "tell somebody that the bot speaks with their access now", Token.BOT),
    _method("im.search.department.list", "im", "find departments by name", Token.PERSON_OR_ADMIN),
    _method("im.search.user.list", "im", "find people by name", Token.PERSON_OR_ADMIN),
    _method("im.user.get", "im", "read an author's name, and whether somebody is an extranet user", Token.READER),
    _method(
        "im.user.list.get",
        "im",
        "read the departments of people, whether they may write, and the names of approvers",
        Token.BOT,
    ),
    _method("imbot.chat.user.list", "imbot", "read who is in a chat (imbot v1)", Token.BOT),
    _method("imbot.command.answer", "imbot", "answer a command in a chat without the bot (imbot v1)", Token.BOT),
    _method("imbot.command.register", "imbot", "offer a slash command (imbot v1)", Token.BOT),
    _method(
        "imbot.dialog.get",
        "imbot",
        "read whether extranet users are in a chat, and who manages it (imbot v1)",
        Token.BOT,
    ),
    _method("imbot.message.add", "imbot", "send a message or a card (imbot v1)", Token.BOT),
    _method("imbot.message.delete", "imbot", "delete a card that cannot be edited (imbot v1)", Token.BOT),
    _method("imbot.message.update", "imbot", "edit a message or a card (imbot v1)", Token.BOT),
    _method("imbot.register", "imbot", "register the bot (imbot v1)", Token.BOT),
    _method("imbot.update", "imbot", "ask for edited messages (imbot v1)", Token.BOT),
    _method("imbot.v2.Bot.register", "imbot", "register the bot", Token.BOT),
    _method("imbot.v2.Chat.Message.delete", "imbot", "delete a card that cannot be edited", Token.BOT),
    _method("imbot.v2.Chat.Message.send", "imbot", "send a message or a card", Token.BOT),
    _method("imbot.v2.Chat.Message.update", "imbot", "edit a message or a card", Token.BOT),
    _method("imbot.v2.Chat.User.list", "imbot", "read who is in a chat", Token.BOT),
    _method("imbot.v2.Chat.get", "imbot", "read whether extranet users are in a chat, and who manages it", Token.BOT),
    _method("imbot.v2.Command.answer", "imbot", "answer a command in a chat without the bot", Token.BOT),
    _method("imbot.v2.Command.register", "imbot", "offer a slash command", Token.BOT),
    _method("log.blogcomment.add", "log", "write a comment on a post", Token.PERSON_OR_ADMIN),
    _method("log.blogcomment.user.get", "log", "find a comment whose outcome is unknown", Token.PERSON_OR_ADMIN),
    _method("log.blogpost.add", "log", "publish a post", Token.PERSON_OR_ADMIN),
    _method("log.blogpost.delete", "log", "delete a post", Token.PERSON_OR_ADMIN),
    _method("log.blogpost.get", "log", "read posts, and find one whose outcome is unknown", Token.READER),
    _method("log.blogpost.getusers.important", "log", "read who has read an important post", Token.PERSON),
    _method("log.blogpost.share", "log", "add recipients to a post", Token.PERSON_OR_ADMIN),
    _method("log.blogpost.update", "log", "change the text or the title of a post", Token.PERSON_OR_ADMIN),
    _method("method.get", "", "learn whether the portal has imbot v2", Token.EVENT_OR_BOT),
    _method(
        "profile",
        "",
        "learn whose a token is, whether it is an administrator's, and in which time zone a person is",
        Token.EVENT_OR_BOT,
    ),
    _method("sonet_group.get", "sonet_group", "find work groups by name", Token.PERSON_OR_ADMIN),
    _method(
        "sonet_group.user.get",
        "sonet_group",
        "read who is in a work group that a post is for or would be for",
        Token.READER,
    ),
    _method(
        "sonet_group.user.groups",
        "sonet_group",
        "learn which work groups a person is in",
        Token.READER,
    ),
    _method("user.admin", "", "accept a reinstallation, and apply rules for administrators", Token.READER),
)
"""The methods in alphabetical order."""
