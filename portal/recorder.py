"""A session written down as a test: what people did, and what bots answered, as a pytest file that runs."""

import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from portal import acting
from portal.core import Portal
from portal.person import said

HEAD = '''"""Recorded in the pretend portal. The fixture `bot` is yours: it installs your bot on `portal`."""

import pytest


@pytest.mark.asyncio
async def test_{name}(portal, bot):
    """{title}"""
'''
_MADE = {"say": "message_id", "posts": "post_id"}
"""Deeds whose result later deeds name."""
LONGEST = 60
"""How much of a bot's sentence is waited for; the beginning of a line is enough to know it again."""


@dataclass(slots=True, kw_only=True)
class Recorder:
    """Steps of a session, in order; the control side notes people's deeds, the hub brings the bots' answers."""

    title: str = "A recorded session"
    ended: bool = False
    steps: list[str] = field(default_factory=list)
    _seen: dict[int, str] = field(default_factory=dict)
    _people: dict[int, str] = field(default_factory=dict)
    _variables: set[str] = field(default_factory=set)

    def shown(self) -> dict[str, Any]:
        """Return how the recording stands."""
        return {"on": not self.ended, "title": self.title, "steps": len(self.steps)}

    def deed(self, portal: Portal, name: str, body: dict[str, Any], done: dict[str, Any]) -> None:
        """Note what a person has done; what no actor can do is a comment."""
        if body.get("as") is None:
            return
        person, line = self._person(portal, body["as"]), self._line(portal, name, body)
        made = _MADE.get(name)
        variable = f"{made.removesuffix('_id')}_{done[made]} = " if made and made in done else ""
        if variable:
            self._variables.add(variable.removesuffix(" = "))
        self.steps.append(f"{variable}await {person}.{line}" if line else f"# {name}: no actor does that")

    def answers(self, portal: Portal) -> None:
        """Note what bots have said or changed since the last look, before those who can read it."""
        for message in list(portal.world.talk.messages.values()):
            if message.author not in portal.world.bots.bots or message.deleted:
                continue
            words = _opening(said(message))
            if words and self._seen.get(message.id) != words:
                self._seen[message.id] = words
                self.steps.extend(self._sight(portal, message.chat, words))

    def known(self, portal: Portal) -> None:
        """Take what stands there already for granted."""
        self.answers(portal)
        self.steps.clear()

    def source(self, name: str = "recorded_session") -> str:
        """Return the test file."""
        people = [f"{variable} = portal.person({number})" for number, variable in self._people.items()]
        body = [*people, *self.steps] or ["pass"]
        return HEAD.format(name=_identifier(name), title=self.title) + "".join(f"    {line}\n" for line in body)

    def _line(self, portal: Portal, name: str, body: dict[str, Any]) -> str:
        """The actor's call for a deed of the control side; empty where there is none."""
        text, dialog = repr(str(body.get("text", ""))), _dialog(portal, str(body.get("dialog", "")))
        if name == "press":
            return _press(portal, body)
        number = (
            self._ref("post", body.get("post_id"))
            if "post_id" in body
            else self._ref("message", body.get("message_id"))
        )
        lines = {
            "say": f"says({text}, dialog={dialog})",
            "open": f"opens({dialog})",
            "edit": f"edits({number}, {text})",
            "delete": f"deletes({number})",
            "posts": f"posts({text}{_options(body, 'title', 'dest', 'important')})",
            "posts/edit": f"edits_post({number}{_options(body, 'text', 'title', 'dest')})",
            "posts/delete": f"deletes_post({number})",
            "posts/comment": f"comments({number}, {text})",
        }
        return lines.get(name, "")

    def _ref(self, kind: str, number: object) -> str:
        """A variable of the test, or the number itself: numbers are dealt out alike in every run."""
        variable = f"{kind}_{number}"
        return variable if variable in self._variables else str(number)

    def _sight(self, portal: Portal, chat: int, words: str) -> Iterator[str]:
        members = portal.world.talk.chats[chat].members
        actors = [number for number in self._people if number in members]
        for number in actors[:1]:
            dialog = portal.world.talk.chats[chat].dialog_for(number)
            yield f"await {self._people[number]}.sees({words!r}, dialog={_dialog(portal, dialog)})"

    def _person(self, portal: Portal, number: object) -> str:
        if number is None:
            return ""
        user = acting.person(portal, number)
        if user.id not in self._people:
            plain = _identifier(user.first_name.lower()) or f"person_{user.id}"
            taken = plain in self._people.values()
            self._people[user.id] = f"{plain}_{user.id}" if taken else plain
        return self._people[user.id]


def _press(portal: Portal, body: dict[str, Any]) -> str:
    message = portal.world.talk.messages[int(body["message_id"])]
    chat = portal.world.talk.chats[message.chat]
    dialog = f"dialog={_dialog(portal, chat.dialog_for(int(body['as'])))}"
    if body.get("menu") is not None:
        return f"chooses({(message.menu or [])[int(body['menu'])]['TEXT']!r}, {dialog})"
    return f"presses({(message.keyboard or [])[int(body['button'])]['TEXT']!r}, {dialog})"


def _options(body: dict[str, Any], *names: str) -> str:
    return "".join(f", {name}={body[name]!r}" for name in names if body.get(name))


def _dialog(portal: Portal, dialog: str) -> str:
    """How the test names a dialog: the bot's by the bot, because its number differs from run to run."""
    if dialog.isdecimal() and int(dialog) in portal.world.bots.bots:
        return "portal.bot_dialog()"
    return repr(dialog)


def _opening(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return first[:LONGEST].strip()


def _identifier(text: str) -> str:
    made = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
    return f"_{made}" if made[:1].isdigit() or keyword.iskeyword(made) else made
