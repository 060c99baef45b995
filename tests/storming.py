"""A portal in this process for random sequences of calls and control commands, with all their results."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from portal.api import answers, dispatch
from portal.api.authentication import Caller
from portal.api.methods import METHODS
from portal.clock import Clock
from portal.control.commands import COMMANDS
from portal.engine.core import Portal
from portal.engine.event_delivery import EventSender
from portal.errors import ControlError
from portal.rules import apps
from portal.world.seed import DEFAULT
from tests.witness import ADMIN, CARDS, PEOPLE, Chat, Entry, Notice, Post, Thing

SEED = {**DEFAULT, "posts": [], "chats": []}
SEED["cards"] = [{"type": kind, "id": n, "title": "T", "private_to": [3] * (n == 44)} for kind, n in CARDS]
HANDLERS = {"local.a": "http://a.example/", "local.b": "http://b.example/"}
"""The applications, and where their events are sent."""
FEED = ("ONLIVEFEEDPOSTADD", "ONLIVEFEEDPOSTUPDATE", "ONLIVEFEEDPOSTDELETE")
MARK = re.compile(rb"mark\d{5}x")


class Eavesdropper(EventSender):
    """Sends nothing, and keeps what was to be sent."""

    sent: list[tuple[str, Mapping[str, Any]]]

    def send(self, url: str, envelope: Mapping[str, Any]) -> None:
        """Keep an event."""
        self.sent.append((url, envelope))


class Weather(RuleBasedStateMachine):
    """A portal with two bots and two applications, and everything that was called, answered and sent."""

    def __init__(self) -> None:
        super().__init__()
        assert METHODS
        self.emulator = Portal(
            clock=Clock(1_790_000_000), seed=SEED, secret=iter(f"{n:032x}" for n in range(9999)).__next__
        )
        self.heard = Eavesdropper(call_log=self.emulator.call_log, hub=self.emulator.hub, clock=self.emulator.clock)
        self.heard.sent = []
        self.emulator.event_sender = self.heard
        for name, url in HANDLERS.items():
            apps.add(self.emulator, name=name, handler=url, client_id=name)
        self.posts: list[Post] = []
        self.chats: list[Chat] = []
        self.notifications: list[Notice] = []
        self.entries: list[Entry] = []
        self.marked: dict[str, list[Thing]] = {}
        self.numbers: dict[str, set[int]] = {}
        self.seen: list[tuple[int, str, bytes]] = []
        self.expected: list[str] = []
        self.steps = self.calls = self.marks = 0
        self.installed = {"local.a"}
        apps.install(self.emulator, self.emulator.world.apps.apps["local.a"], by=ADMIN)
        address = {"EVENT_HANDLER": HANDLERS["local.a"], "PROPERTIES": {"NAME": "Old"}}
        first = self.good(ADMIN, "imbot.register", {"CODE": "old", **address})
        fields = {
            "code": "new",
            "properties": {"name": "New"},
            "eventMode": "webhook",
            "webhookUrl": HANDLERS["local.a"],
        }
        second = self.good(ADMIN, "imbot.v2.Bot.register", {"fields": fields | {"type": "supervisor"}})["bot"]["id"]
        self.bots = {first: "v1", second: "v2"}
        self.everybody = (*PEOPLE, *self.bots)

    @property
    def now(self) -> float:
        """Return the portal's time."""
        return self.emulator.clock.now()

    # --- calling ---

    def call(
        self, user: int, name: str, given: Mapping[str, Any], *, viewer: int = 0, app: str = "local.a"
    ) -> dict[str, Any]:
        """Call a method, every third time inside a batch; the answers are checked after the step."""
        self.calls += 1
        world = self.emulator.world
        row = world.apps.apps[app]
        caller = Caller(user=world.people.users[user], scopes=row.scopes, app=row)
        if self.calls % 3:
            answer = dispatch.run_method(self.emulator, caller, name, given)
            status, body = answer.status, answer.body
        else:
            cmd = {"first": {"method": "profile"}, "it": {"method": name, "params": {**given}}}
            answer = dispatch.run_method(self.emulator, caller, "batch", {"cmd": cmd, "halt": 0})
            status, body = answer.status, _unbatched(answer.body["result"])
        text = answers.encode(body)
        assert status != 500, (name, given, body)
        assert body.get("error") not in ("INTERNAL_SERVER_ERROR", "ERROR_CORE"), (name, given, body)
        self.seen.append((viewer or user, name, text))
        return body

    def good(self, user: int, name: str, given: Mapping[str, Any], **how: Any) -> Any:
        """Call a method that must succeed."""
        body = self.call(user, name, given, **how)
        assert "error" not in body, (user, name, given, body)
        return body["result"]

    def allowed(self, user: int, name: str, given: Mapping[str, Any], *, right: bool, viewer: int = 0) -> Any:
        """Call a method that must succeed exactly if the model allows it; None if refused."""
        body = self.call(user, name, given, viewer=viewer)
        assert ("error" not in body) == right, (user, name, given, body, "should be", right)
        return body.get("result") if right else None

    def did(self, user: int, name: str, given: Mapping[str, Any], *, right: bool) -> Any:
        """Do something on the page that must succeed exactly if the model allows it."""
        done: Any = None
        with contextlib.suppress(ControlError):
            done = COMMANDS[name](self.emulator, {"as": user, **given})
        assert (done is not None) == right, (user, name, given, "should be", right)
        return done

    def mark(self) -> str:
        """Return a new mark."""
        self.marks += 1
        return f"mark{self.marks:05d}x"

    def known(self, kind: str, thing: Thing) -> None:
        """Remember something that has a mark, and check that its number was never used before."""
        if thing.id:
            assert thing.id not in self.numbers.setdefault(kind, set()), (kind, thing.id)
            self.numbers[kind].add(thing.id)
        self.marked.setdefault(thing.mark, []).append(thing)

    def remarked(self, thing: Thing, mark: str) -> None:
        """Remember that something has a new mark."""
        thing.remark(mark)
        self.marked.setdefault(mark, []).append(thing)

    # --- after each step ---

    def looked_through(self) -> None:
        """Check that no answer shows a mark that its reader may not see."""
        for viewer, name, text in self.seen:
            for mark in set(MARK.findall(text)):
                shown = any(thing.shows(mark.decode(), viewer) for thing in self.marked.get(mark.decode(), ()))
                assert shown, (viewer, name, mark)
        self.seen.clear()

    def listened(self) -> None:
        """Check that events went to installed applications and bots that may get them, as often as bound."""
        world = self.emulator.world
        installed = {name for name, app in world.apps.apps.items() if app.installed}
        feed = []
        for url, envelope in self.heard.sent:
            name = next(name for name, at in HANDLERS.items() if at == url)
            assert name in installed | self.installed, envelope
            if envelope["event"] in FEED:
                feed.append(envelope["event"])
                assert set(envelope["data"]) == {"FIELDS"}
            for mark in set(MARK.findall(answers.encode(envelope["data"]))):
                things = self.marked.get(mark.decode(), ())
                assert name == "local.a", envelope
                assert any(not thing.viewers().isdisjoint(self.bots) for thing in things), envelope
        assert feed == (self.expected if "local.b" in installed else []), (feed, self.expected)
        self.installed = installed
        self.heard.sent.clear()
        self.expected.clear()


def _unbatched(result: Any) -> dict[str, Any]:
    """Return the answer of one command of a batch, as if it had been called alone."""
    for name in ("result", "result_error", "result_total", "result_next"):
        result[name] = result[name] or {}
    if "it" in result["result_error"]:
        return dict(result["result_error"]["it"])
    body = {"result": result["result"]["it"]}
    for name in ("total", "next"):
        if "it" in result[f"result_{name}"]:
            body[name] = result[f"result_{name}"]["it"]
    return body
