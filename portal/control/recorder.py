"""Record a session as a test.

Actions of people and answers of bots become a pytest file that runs.
"""

import base64
import keyword
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal.clients.person import text_of
from portal.engine.core import Portal
from portal.rules import user_actions
from portal.wire import php
from portal.world.messenger import Chat, Message

HEAD = '''"""Recorded in the emulator. Write the fixture `bot` yourself: it installs your bot on `portal`."""

import pytest


@pytest.mark.asyncio
async def test_{name}(portal, bot):
    """{title}"""
'''
RESULT_NAMES = {"say": "message_id", "files": "message_id", "posts": "post_id", "chats": "dialog"}
"""Commands whose result later commands use, with the name of that result."""
NOT_RECORDED = frozenset(("measure", "record", "typing"))
"""Commands that change nothing, so a test does not need them."""
MAX_LENGTH = 60
"""Characters of a bot's message that the recorded test waits for, at most."""
MAX_BYTES = 2000
"""Largest file in bytes whose content is recorded; for a larger file, only the size is recorded."""


@dataclass(slots=True, kw_only=True)
class Recorder:
    """The recorded steps of a session, in order.

    The control API reports the actions of people; the answers of bots are read from the portal.
    """

    title: str = "A recorded session"
    ended: bool = False
    steps: list[str] = field(default_factory=list)
    _seen: dict[int, str] = field(default_factory=dict)
    _people: dict[int, str] = field(default_factory=dict)
    _variables: set[str] = field(default_factory=set)
    _newest_post: int = 0
    _posts: list[int] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """Return whether recording is on, the title of the recording, and the number of steps."""
        return {"on": not self.ended, "title": self.title, "steps": len(self.steps)}

    def command(self, portal: Portal, name: str, body: dict[str, Any], done: dict[str, Any]) -> None:
        """Record one command of the control API, with its result `done`, as a step of the test.

        A command for which tests have no method becomes a comment.
        """
        action = RecordedAction(recorder=self, portal=portal, body=body)
        if name in PORTAL:
            self.steps.append(PORTAL[name](action))
        elif name in PEOPLE:
            person, line = self.person(portal, body.get("as", 1)), PEOPLE[name](action)
            self.steps.append(f"{self._make_assignment(name, done)}await {person}.{line}")
        elif name not in NOT_RECORDED:
            self.steps.append(f"# {name}: no method of a person does this")

    def answers(self, portal: Portal) -> None:
        """Record, as steps that wait, which messages bots have written or changed since the last call."""
        self._posts = list(portal.world.feed.posts)
        for message in list(portal.world.messenger.messages.values()):
            if message.author not in portal.world.bots.bots or message.deleted:
                continue
            words = _first_words(text_of(message))
            if words and self._seen.get(message.id) != words:
                self._seen[message.id] = words
                self.steps.extend(f"await {wait}" for wait in self._make_waits(portal, message, words))

    def ignore_existing(self, portal: Portal) -> None:
        """Ignore all messages and posts that exist now."""
        self.answers(portal)
        self.steps.clear()
        self._people.clear()
        self._newest_post = max(portal.world.feed.posts, default=0)

    def source(self, name: str = "recorded_session") -> str:
        """Return the Python source of the test file; `name` is the name of the test."""
        people = [f"{variable} = portal.person({number})" for number, variable in self._people.items()]
        body = [*people, *self.steps]
        if not any(step for step in body if not step.startswith("#")):
            body.append("pass")
        title = " ".join(self.title.split()).replace("\\", "/").replace('"', "'")
        return HEAD.format(name=_make_identifier(name), title=title) + "".join(f"    {line}\n" for line in body)

    def person(self, portal: Portal, number: object) -> str:
        """Return the name of the variable for a person, and declare it in the test."""
        user = user_actions.person(portal, number)
        if user.id not in self._people:
            plain = _make_identifier(user.first_name.lower()) or f"person_{user.id}"
            taken = plain in {*self._people.values(), "portal", "bot"}
            self._people[user.id] = f"{plain}_{user.id}" if taken else plain
        return self._people[user.id]

    def message(self, portal: Portal, number: int) -> str:
        """Return the Python expression for the id of a message.

        It is the variable of a written message, that of a bot's message found by its text, or else the number itself.
        """
        variable, message = f"message_{number}", portal.world.messenger.messages.get(number)
        if variable not in self._variables and message is not None and self._seen.get(number):
            for wait in self._make_waits(portal, message, self._seen[number]):
                self.steps.append(f"{variable} = (await {wait}).id")
                self._variables.add(variable)
        return variable if variable in self._variables else str(number)

    def post(self, number: int) -> str:
        """Return the Python expression for the id of a post.

        A post that a bot wrote during the session is found by its position from the end.
        """
        variable = f"post_{number}"
        if variable in self._variables:
            return variable
        if number <= self._newest_post or number not in self._posts:
            return str(number)
        return f"portal.posts()[{self._posts.index(number) - len(self._posts)}].id"

    def dialog(self, portal: Portal, dialog: str) -> str:
        """Return the Python expression for a dialog.

        The dialog with a bot is found through the bot, because its number differs between runs.
        """
        if dialog.isdecimal() and int(dialog) in portal.world.bots.bots:
            index = list(portal.world.bots.bots).index(int(dialog))
            return f"str(portal.bots()[{index}].id)" if index else "portal.bot_dialog()"
        return f"dialog_{dialog}" if f"dialog_{dialog}" in self._variables else repr(dialog)

    def _make_assignment(self, name: str, done: dict[str, Any]) -> str:
        made = RESULT_NAMES.get(name, "")
        if made not in done:
            return ""
        variable = f"{made.removesuffix('_id')}_{done[made]}"
        self._variables.add(variable)
        return f"{variable} = "

    def _make_waits(self, portal: Portal, message: Message, words: str) -> list[str]:
        """Return a step that waits until a reader sees a message; without readers, return none.

        A reader who has already acted in the test is preferred.
        """
        chat, bots = portal.world.messenger.chats[message.chat], portal.world.bots.bots
        people = [number for number in chat.members if number not in bots]
        # A reader who already acts makes the test shorter.
        readers = [number for number in self._people if number in people] or people
        return [self._make_sees(portal, chat, number, words) for number in readers[:1]]

    def _make_sees(self, portal: Portal, chat: Chat, number: int, words: str) -> str:
        dialog = self.dialog(portal, chat.dialog_for(number))
        return f"{self.person(portal, number)}.sees({words!r}, dialog={dialog})"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAction:
    """The body of a recorded command; its methods return Python expressions for the test."""

    recorder: Recorder
    portal: Portal
    body: dict[str, Any]

    def text(self, name: str = "text") -> str:
        """Return a text of the body as a Python literal."""
        return repr(str(self.body.get(name, "")))

    def dialog(self) -> str:
        """Return the expression for the dialog of the command."""
        return self.recorder.dialog(self.portal, str(self.body.get("dialog", "")))

    def message(self, name: str = "message_id") -> str:
        """Return the expression for the id of the message in the body."""
        return self.recorder.message(self.portal, php.int_of(self.body.get(name)))

    def post(self) -> str:
        """Return the expression for the id of the post in the body."""
        return self.recorder.post(php.int_of(self.body.get("post_id")))

    def user(self, number: object) -> str:
        """Return the expression for the id of a person; a bot is found by its position."""
        dialog = self.recorder.dialog(self.portal, str(php.int_of(number)))
        return dialog.strip("'") if dialog.startswith("'") else f"int({dialog})"

    def options(self, *names: str) -> str:
        """Return as keyword arguments those values of the body that are not empty."""
        return "".join(f", {name}={self.body[name]!r}" for name in names if self.body.get(name))

    def changes(self, *names: str) -> str:
        """Return as keyword arguments those values of the body that were sent.

        Empty values are included, because they remove something.
        """
        return "".join(f", {name}={self.body[name]!r}" for name in names if self.body.get(name) is not None)

    def reply(self) -> str:
        """Return the keyword argument `reply_to`, or an empty text when the message is no reply."""
        return f", reply_to={self.message('reply_to')}" if php.int_of(self.body.get("reply_to")) else ""

    def content(self) -> str:
        """Return the content of the file as a Python literal; a large file becomes zero bytes of the same size."""
        content = base64.b64decode(str(self.body.get("content", "")))
        return repr(content) if len(content) <= MAX_BYTES else f"bytes({len(content)})"


def _say(action: RecordedAction) -> str:
    return f"says({action.text()}, dialog={action.dialog()}{action.reply()})"


def _press(action: RecordedAction) -> str:
    message = action.portal.world.messenger.messages[php.int_of(action.body["message_id"])]
    chat, user = (
        action.portal.world.messenger.chats[message.chat],
        user_actions.person(action.portal, action.body.get("as", 1)),
    )
    menu = "menu" in action.body
    element = ((message.menu if menu else message.keyboard) or [])[action.body["menu" if menu else "button"]]
    dialog = action.recorder.dialog(action.portal, chat.dialog_for(user.id))
    return f"{'chooses' if menu else 'presses'}({element['TEXT']!r}, dialog={dialog})"


def _react(action: RecordedAction) -> str:
    taken = ", on=False" if action.body.get("on", True) is False else ""
    return f"reacts({action.message()}, {action.text('reaction')}{taken})"


def _like(action: RecordedAction) -> str:
    """Return the step that sets a like, or removes it when the person no longer likes the message."""
    message = action.portal.world.messenger.messages[php.int_of(action.body["message_id"])]
    liked = user_actions.person(action.portal, action.body.get("as", 1)).id in message.likes
    return f"reacts({action.message()}, 'like'{'' if liked else ', on=False'})"


def _file(action: RecordedAction) -> str:
    return f"sends_file({action.text('name')}, {action.content()}, dialog={action.dialog()}{action.options('text')})"


def _chat(action: RecordedAction) -> str:
    members = "".join(f", {action.user(number)}" for number in php.values_of(action.body.get("members")))
    return f"makes_chat({action.text('title')}{members})"


def _leave(action: RecordedAction) -> str:
    return f"removes({action.user(action.body.get('user', action.body.get('as', 1)))}, dialog={action.dialog()})"


def _vote(action: RecordedAction) -> str:
    given = action.body["answers"].items()
    answers = {php.int_of(index): [php.int_of(one) for one in php.values_of(ticks)] for index, ticks in given}
    return f"votes({action.post()}, {answers!r})"


def _publish(action: RecordedAction) -> str:
    names = ("title", "dest", "important", "tags", "poll", "gratitude", "automation")
    return f"posts({action.text()}{action.options(*names)})"


PEOPLE: dict[str, Callable[[RecordedAction], str]] = {
    "say": _say,
    "press": _press,
    "open": lambda action: f"opens({action.dialog()})",
    "forward": lambda action: f"forwards({action.message()}, dialog={action.dialog()})",
    "edit": lambda action: f"edits({action.message()}, {action.text()})",
    "delete": lambda action: f"deletes({action.message()})",
    "react": _react,
    "like": _like,
    "files": _file,
    "chats": _chat,
    "chats/join": lambda action: (
        f"invites({action.user(action.body.get('user'))}, dialog={action.dialog()}{action.options('automation')})"
    ),
    "chats/leave": _leave,
    "posts": _publish,
    "posts/edit": lambda action: (
        f"edits_post({action.post()}{action.changes('text', 'title', 'dest', 'important', 'automation')})"
    ),
    "posts/delete": lambda action: f"deletes_post({action.post()}{action.options('automation')})",
    "posts/comment": lambda action: f"comments({action.post()}, {action.text()})",
    "posts/read": lambda action: f"confirms({action.post()})",
    "posts/vote": _vote,
    "timeline/comment": lambda action: (
        f"comments_card({action.text('type')}, {php.int_of(action.body['id'])}, {action.text()})"
    ),
}
"""Commands of people, with the method of `portal.person` that does the same."""


def _clock(action: RecordedAction) -> str:
    if "advance" in action.body:
        return f"portal.clock.advance({action.body['advance']!r})"
    return f"portal.clock.{'stop' if action.body['stop'] else 'go'}()"


def _switch(action: RecordedAction) -> str:
    return f"portal.switch({', '.join(f'{name}={value!r}' for name, value in action.body.items())})"


PORTAL: dict[str, Callable[[RecordedAction], str]] = {
    "clock": _clock,
    "switches": _switch,
    "faults": lambda action: (
        f"portal.faults({', '.join(repr(one) for one in php.values_of(action.body.get('rules')))})"
    ),
    "down": lambda action: f"portal.down({action.body['seconds']!r})",
}
"""Commands that change the portal, with the method of `portal.testing` that does the same."""


def _first_words(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return first[:MAX_LENGTH].strip()


def _make_identifier(text: str) -> str:
    made = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
    return f"_{made}" if made[:1].isdigit() or keyword.iskeyword(made) else made
