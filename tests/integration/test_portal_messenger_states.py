"""After any sequence of actions of people and bots in chats, the messenger is consistent and leaks nothing."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from portal.api import dispatch
from portal.api.answers import Answer
from portal.api.authentication import Caller
from portal.api.methods import METHODS
from portal.clock import Clock
from portal.engine.core import Portal
from portal.rules import apps
from tests.rounds import rounds

PEOPLE = st.sampled_from([1, 2, 3, 6])
FEW = st.integers(0, 5)


class Messenger(RuleBasedStateMachine):
    """Four people, and a bot that creates chats."""

    def __init__(self) -> None:
        super().__init__()
        assert METHODS
        self.emulator = Portal(clock=Clock(1_790_000_000))
        app = apps.add(self.emulator, name="A", handler="http://127.0.0.1:9/", client_id="local.a")
        self.app = apps.install(self.emulator, app, by=1)
        fields = {"code": "b", "properties": {"name": "B"}}
        self.bot = self.does(1, "imbot.v2.Bot.register", fields=fields).body["result"]["bot"]["id"]

    def does(self, user: int, method: str, **params: Any) -> Answer:
        """Call a method as a person; the portal itself must not fail."""
        person = self.emulator.world.people.users[user]
        answer = dispatch.run_method(
            self.emulator, Caller(user=person, scopes=self.app.scopes, app=self.app), method, params
        )
        assert answer.status != 500, (method, params)
        return answer

    def chat(self, place: int) -> int:
        """Return one of the newest group chats."""
        groups = [chat.id for chat in self.emulator.world.messenger.chats.values() if not chat.private]
        return groups[-1 - place % len(groups)]

    def message(self, place: int) -> int:
        """Return one of the newest messages, or 0."""
        numbers = list(self.emulator.world.messenger.messages)
        return numbers[-1 - place % len(numbers)] if numbers else 0

    @rule(user=PEOPLE, place=FEW, text=st.sampled_from(["a", "/b", "[USER=901]B[/USER] c"]))
    def writes(self, user: int, place: int, text: str) -> None:
        """Write into a group as a person."""
        self.does(user, "im.message.add", DIALOG_ID=f"chat{self.chat(place)}", MESSAGE=text)

    @rule(user=PEOPLE, other=PEOPLE)
    def writes_privately(self, user: int, other: int) -> None:
        """Write to another person in a private dialog."""
        self.does(user, "im.message.add", DIALOG_ID=other, MESSAGE="psst")

    @rule(user=PEOPLE, other=PEOPLE, place=FEW, hide=st.booleans())
    def invites(self, user: int, other: int, place: int, *, hide: bool) -> None:
        """Add a person to a group as another person."""
        flag = "Y" if hide else "N"
        self.does(user, "im.chat.user.add", CHAT_ID=self.chat(place), USERS=[other, self.bot], HIDE_HISTORY=flag)

    @rule(user=PEOPLE, other=PEOPLE, place=FEW)
    def removes(self, user: int, other: int, place: int) -> None:
        """Remove a person from a group, or leave it."""
        method = "im.chat.leave" if user == other else "im.chat.user.delete"
        self.does(user, method, CHAT_ID=self.chat(place), USER_ID=other)

    @rule(user=PEOPLE, members=st.lists(PEOPLE, max_size=3))
    def opens(self, user: int, members: list[int]) -> None:
        """Create a chat as a person or as the bot."""
        self.does(user, "im.chat.add", TITLE="T", USERS=members)
        self.does(user, "imbot.v2.Chat.add", botId=self.bot, fields={"userIds": members, "message": "hi"})

    @rule(user=PEOPLE, place=FEW, what=st.sampled_from(["like", "delete", "update"]))
    def changes_message(self, user: int, place: int, what: str) -> None:
        """Like, delete or edit a message as a person."""
        self.does(user, f"im.message.{what}", MESSAGE_ID=self.message(place), MESSAGE="edited")

    @rule(place=FEW, user=PEOPLE, what=st.sampled_from(["setOwner", "leave"]))
    def manages_as_bot(self, place: int, user: int, what: str) -> None:
        """Give away or leave a chat as the bot."""
        self.does(1, f"imbot.v2.Chat.{what}", botId=self.bot, dialogId=f"chat{self.chat(place)}", userId=user)

    @rule(user=PEOPLE, place=FEW)
    def reads(self, user: int, place: int) -> None:
        """Read a chat as a person."""
        self.does(user, "im.dialog.read", DIALOG_ID=f"chat{self.chat(place)}")

    @invariant()
    def is_consistent(self) -> None:
        """Check that members, owners, managers and messages are consistent."""
        messenger = self.emulator.world.messenger
        for chat in messenger.chats.values():
            assert len(set(chat.members)) == len(chat.members)
            assert set(chat.managers) <= set(chat.members)
            assert chat.private or not chat.members or chat.owner in chat.members
            assert all(chat.id in messenger.by_user[member] for member in chat.members)
            assert all(messenger.messages[number].chat == chat.id for number in messenger.by_chat[chat.id])

    @invariant()
    def hides_foreign_chats(self) -> None:
        """Check that people see only their chats, and that counters are the sum of their parts."""
        messenger = self.emulator.world.messenger
        for user in (1, 2, 3, 6):
            own = {chat.dialog_for(user) for chat in messenger.of(user)}
            recent = self.does(user, "im.recent.get").body["result"]
            assert {str(row["id"]) for row in recent} <= own
            counted = self.does(user, "im.counters.get").body["result"]
            parts = [*dict(counted["DIALOG"] or {}).values(), *dict(counted["CHAT"] or {}).values()]
            assert counted["TYPE"]["MESSENGER"] == sum(parts) == sum(row["counter"] for row in recent)
            for chat in messenger.chats.values():
                status = self.does(user, "im.dialog.messages.search", CHAT_ID=chat.id).status
                assert (status == 200) == (user in chat.members)


Messenger.TestCase.settings = settings(max_examples=rounds(10), stateful_step_count=30, deadline=None)
TestMessenger = Messenger.TestCase
