"""Random actions of people, extranet users and bots keep a portal consistent and leak nothing.

tests/witness.py knows what each person may see, and knows nothing of the portal; tests/watching.py compares. Everything
runs in this process, through the dispatcher of REST calls, without a socket.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from portal.rules import apps
from tests.feed_storm import FeedStorm, people, places
from tests.storming import FEED, HANDLERS
from tests.witness import (
    ADMIN,
    CARDS,
    EXTRANET_USER,
    LAUNCH,
    Chat,
    Entry,
    Line,
    Notice,
)

SEQUENCES = int(os.environ.get("FEEDBRIDGE_STORMS", "15"))
"""Number of tried sequences; FEEDBRIDGE_STORMS=10000 takes hours."""
MAX_CHATS = 7

anybody = st.integers(0, 7)
"""The index of one of the people or bots."""

READING_METHODS = {
    "im.dialog.messages.get": "chat",
    "im.dialog.messages.search": "chat",
    "im.dialog.get": "chat",
    "im.dialog.users.list": "chat",
    "im.chat.user.list": "chat",
    "im.recent.get": "chat",
    "im.recent.list": "chat",
    "im.search.chat.list": "chat",
    "im.search.last.get": "chat",
    "im.notify.get": "notice",
    "im.notify.history.search": "notice",
    "log.blogpost.get": "post",
    "log.blogpost.getusers.important": "post",
    "log.blogcomment.user.get": "post",
    "crm.timeline.comment.get": "entry",
    "crm.timeline.bindings.list": "entry",
    "imbot.dialog.get": "chat",
    "imbot.chat.user.list": "chat",
    "imbot.v2.Chat.get": "chat",
    "imbot.v2.Chat.User.list": "chat",
    "imbot.v2.Chat.Message.get": "message",
    "imbot.v2.Chat.Message.getContext": "message",
}
"""Methods that read, and the numbers with which they are tried."""


class Storm(FeedStorm):
    """Several people, an extranet user and bots at once."""

    def __init__(self) -> None:
        super().__init__()
        self.create_chat(user=1, others=[2, 5, 6, 7], open_=False)
        self.create_chat(user=0, others=[1, 2, 3, 6], open_=True)
        for number in range(8):
            self.say(author=8 + number, place=number, page=number > 3)
        self.write_privately(author=1, other=7, page=False)
        self.publish(user=2, dest=["SG7", "DR4"], other=0, page=False)
        self.note(user=2, place=("deal", 44))
        self.looked_through()
        self.listened()

    # --- chats ---

    def knows(self, user: int, other: int) -> bool:
        """Tell whether a user may write to another; extranet users only to bots and people they share a chat with."""
        if user != EXTRANET_USER or other in self.bots or other in LAUNCH:
            return True
        return any(user in chat.members and other in chat.members for chat in self.chats if not chat.private)

    def chat(self, place: int) -> Chat | None:
        """Choose a chat."""
        return self.chats[-1 - place % len(self.chats)] if self.chats else None

    @precondition(lambda self: len(self.chats) < 6)
    @rule(user=people, others=st.lists(anybody, max_size=4), open_=st.booleans())
    def create_chat(self, *, user: int, others: list[int], open_: bool) -> None:
        """Create a chat."""
        user = self.one(user)
        mark, asked = self.mark(), [self.everybody[one] for one in others]
        members = list(dict.fromkeys([user, *(one for one in asked if self.knows(user, one))]))
        given = {"TITLE": f"title {mark}", "USERS": asked, "TYPE": "OPEN" if open_ else "CHAT"}
        number = self.good(user, "im.chat.add", given)
        self.chats.append(Chat(id=number, author=user, mark=mark, members=members, open=open_))
        self.known("chat", self.chats[-1])

    @precondition(lambda self: self.chats)
    @rule(user=people, place=places, other=anybody, hide=st.booleans())
    def join(self, *, user: int, place: int, other: int, hide: bool) -> None:
        """Add a member to a chat, with or without the history."""
        chat, new = self.chat(place), self.everybody[other]
        assert chat
        user = self.one(user, *chat.members)
        right = user in chat.members and not chat.private and self.knows(user, new)
        right = right and (user != EXTRANET_USER or chat.rules(user))
        given = {"CHAT_ID": chat.id, "USERS": [new], "HIDE_HISTORY": "Y" if hide else "N"}
        if self.allowed(user, "im.chat.user.add", given, right=right) and new not in chat.members:
            chat.join(new, hidden=hide)

    @precondition(lambda self: self.chats)
    @rule(user=people, place=places, other=anybody)
    def leave(self, *, user: int, place: int, other: int) -> None:
        """Remove a member from a chat: oneself, or another one as owner or manager."""
        chat = self.chat(place)
        assert chat
        removed = chat.members[other % len(chat.members)] if chat.members and place % 2 else self.everybody[other]
        user = self.one(user, chat.author)
        right = user in chat.members and removed in chat.members and not chat.private
        right = right and (user == removed or (chat.rules(user) and removed != chat.author))
        if self.allowed(user, "im.chat.user.delete", {"CHAT_ID": chat.id, "USER_ID": removed}, right=right):
            chat.leave(removed)

    @precondition(lambda self: self.chats)
    @rule(user=people, place=places, other=anybody, owner=st.booleans())
    def appoint(self, *, user: int, place: int, other: int, owner: bool) -> None:
        """Change owner or managers."""
        chat = self.chat(place)
        assert chat
        one = chat.members[other % len(chat.members)] if chat.members and place % 2 else self.everybody[other]
        user = self.one(user, chat.author)
        right = not chat.private and chat.author == user and one in chat.members
        name = "im.chat.setOwner" if owner else "im.chat.setManager"
        if self.allowed(user, name, {"CHAT_ID": chat.id, "USER_ID": one}, right=right):
            chat.author = one if owner else chat.author
            chat.managers |= set() if owner else {one}

    @precondition(lambda self: self.chats)
    @rule(author=st.integers(0, 23), place=places, page=st.booleans())
    def say(self, *, author: int, place: int, page: bool) -> None:
        """Write a message in a chat, as a person or a bot, mostly as a member."""
        chat = self.chat(place)
        assert chat
        likely = author > 7 and chat.members
        who = chat.members[author % len(chat.members)] if likely else self.everybody[author % len(self.everybody)]
        if chat.private and who not in chat.members:
            return
        right = who in chat.members
        self._write(who, chat, chat.name(who), right=right, page=page)

    @rule(author=anybody, other=anybody, page=st.booleans())
    def write_privately(self, *, author: int, other: int, page: bool) -> None:
        """Write a message to another user, in a private dialog."""
        who, to = self.everybody[author], self.everybody[other]
        if who in self.bots and to == who:
            return
        chat = next((row for row in self.chats if row.private and set(row.members) == {who, to}), None)
        if chat is None and (who in self.bots or self.knows(who, to)):
            chat = Chat(id=0, author=who, mark="", members=list(dict.fromkeys([who, to])), private=True)
            self.chats.append(chat)
        if chat is not None:
            self._write(who, chat, str(to), right=True, page=page)
        elif page and who not in self.bots:
            self.did(who, "say", {"dialog": str(to), "text": "no"}, right=False)

    def _write(self, who: int, chat: Chat, dialog: str, *, right: bool, page: bool) -> None:
        """Write a marked message with the method that fits the author."""
        mark, viewer = self.mark(), who
        text = f"{mark} [USER={next(iter(self.bots))}]bot[/USER]"
        if self.bots.get(who) == "v1":
            given: dict[str, Any] = {"BOT_ID": who, "DIALOG_ID": dialog, "MESSAGE": text}
            number = self.allowed(ADMIN, "imbot.message.add", given, right=right, viewer=who)
        elif who in self.bots:
            given = {"botId": who, "dialogId": dialog, "fields": {"message": text}}
            done = self.allowed(ADMIN, "imbot.v2.Chat.Message.send", given, right=right, viewer=who)
            number = done["id"] if done else 0
        elif page:
            done = self.did(who, "say", {"dialog": dialog, "text": text}, right=right)
            number = done["message_id"] if done else 0
        else:
            number = self.allowed(who, "im.message.add", {"DIALOG_ID": dialog, "MESSAGE": text}, right=right)
        if right:
            self.known("message", chat.line(viewer, mark, number))
            chat.id = chat.id or self.emulator.world.messenger.messages[number].chat

    def line(self, place: int) -> Line | None:
        """Choose a message."""
        lines = [line for chat in self.chats for line in chat.lines if line.mark]
        return lines[-1 - place % len(lines)] if lines else None

    @rule(user=people, place=places)
    def edit(self, *, user: int, place: int) -> None:
        """Change the text of one's own message."""
        line, mark = self.line(place), self.mark()
        if line is None:
            return
        user = self.one(user, line.author)
        right = line.alive and line.author == user
        if self.allowed(user, "im.message.update", {"MESSAGE_ID": line.id, "MESSAGE": mark}, right=right):
            self.remarked(line, mark)

    @rule(user=st.integers(0, 15), place=places, complete=st.booleans())
    def delete(self, *, user: int, place: int, complete: bool) -> None:
        """Delete a message: one's own, or any as owner or manager; a bot may leave no note."""
        line = self.line(place)
        if line is None:
            return
        who = self.everybody[user] if user < len(self.everybody) else line.author
        right = line.alive and (line.author == who or line.chat.rules(who))
        goes = right
        if who not in self.bots:
            self.allowed(who, "im.message.delete", {"MESSAGE_ID": line.id}, right=right)
        elif self.bots[who] == "v1":
            given = {"BOT_ID": who, "MESSAGE_ID": line.id, "COMPLETE": "Y" if complete else "N"}
            self.allowed(ADMIN, "imbot.message.delete", given, right=right, viewer=who)
        else:
            given = {"botId": who, "messageId": line.id, "complete": complete}
            seen = who in line.viewers()
            self.allowed(ADMIN, "imbot.v2.Chat.Message.delete", given, right=seen, viewer=who)
            # A bot of imbot.v2 that sees a message gets no error; with `complete`, nobody asks for its right.
            goes = seen and (right or complete)
        if goes:
            line.alive = False
            if complete and who in self.bots:
                line.chat.lines.remove(line)

    @precondition(lambda self: self.chats)
    @rule(place=places, other=places)
    def forward(self, *, place: int, other: int) -> None:
        """Forward a message that a bot sees to another of its chats."""
        line, chat, bot = self.line(place), self.chat(other), [*self.bots][1]
        if line is None or chat is None or bot not in chat.members:
            return
        given = {"botId": bot, "dialogId": chat.name(bot), "fields": {"forwardIds": {"one": line.id}}}
        right = line.alive and bot in line.viewers()
        done = self.allowed(ADMIN, "imbot.v2.Chat.Message.send", given, right=right, viewer=bot)
        if right:
            self.known("message", chat.line(bot, line.mark, done["uuidMap"]["one"]))

    @precondition(lambda self: self.chats)
    @rule(user=people, place=places)
    def read(self, *, user: int, place: int) -> None:
        """Read a chat to its end."""
        chat = self.chat(place)
        assert chat
        user = self.one(user, *chat.members)
        if user in chat.members:
            assert self.good(user, "im.dialog.read", {"DIALOG_ID": chat.name(user)})["counter"] == 0
            chat.read[user] = chat.said

    # --- notifications, the CRM, applications ---

    @rule(user=people, other=people)
    def notify(self, *, user: int, other: int) -> None:
        """Notify a user."""
        user, other = self.one(user), self.one(other)
        mark, known = self.mark(), self.knows(user, other)
        number = self.good(user, "im.notify", {"USER_ID": other, "MESSAGE": mark})
        assert bool(number) == known
        if known:
            self.notifications.append(Notice(id=number, author=user, mark=mark, to=other))
            self.known("notice", self.notifications[-1])

    @precondition(lambda self: self.notifications)
    @rule(user=people, place=places, read=st.booleans())
    def attend(self, *, user: int, place: int, read: bool) -> None:
        """Read one's own notifications up to one, or delete one; those of others stay."""
        row = self.notifications[-1 - place % len(self.notifications)]
        user = self.one(user, row.to)
        self.call(user, "im.notify.read" if read else "im.notify.delete", {"ID": row.id})
        for one in self.notifications:
            if one.to == user and (one.id <= row.id if read else one is row):
                one.read, one.alive = one.read or read, one.alive and read

    @rule(user=people, place=st.sampled_from(list(CARDS)))
    def note(self, *, user: int, place: tuple[str, int]) -> None:
        """Add a comment to the timeline of a card."""
        user = self.one(user, *CARDS[place])
        mark = self.mark()
        fields = {"ENTITY_TYPE": place[0], "ENTITY_ID": place[1], "COMMENT": mark}
        number = self.allowed(user, "crm.timeline.comment.add", {"fields": fields}, right=user in CARDS[place])
        if number:
            self.entries.append(Entry(id=number, author=user, mark=mark, places=[place]))
            self.known("entry", self.entries[-1])

    @precondition(lambda self: self.entries)
    @rule(
        user=people, place=places, card=st.sampled_from(list(CARDS)), how=st.sampled_from(["update", "delete", "bind"])
    )
    def change_comment(self, *, user: int, place: int, card: tuple[str, int], how: str) -> None:
        """Change, delete or bind a comment of a timeline."""
        row, mark = self.entries[-1 - place % len(self.entries)], self.mark()
        user = self.one(user, row.author)
        seen = row.alive and user in row.viewers()
        mine = seen and user in (ADMIN, row.author)
        if how == "update":
            given: dict[str, Any] = {"id": row.id, "fields": {"COMMENT": mark}}
            if self.allowed(user, "crm.timeline.comment.update", given, right=mine):
                self.remarked(row, mark)
        elif how == "delete":
            right = mine and len(row.places) == 1
            self.allowed(user, "crm.timeline.comment.delete", {"id": row.id}, right=right)
            row.alive = row.alive and not right
        else:
            given = {"fields": {"OWNER_ID": row.id, "ENTITY_TYPE": card[0], "ENTITY_ID": card[1]}}
            if self.allowed(user, "crm.timeline.bindings.bind", given, right=seen and user in CARDS[card]):
                row.places += [card] * (card not in row.places)

    @rule()
    def install(self) -> None:
        """Install the second application, which binds feed events, and remove it."""
        app = self.emulator.world.apps.apps["local.b"]
        if app.installed:
            apps.uninstall(self.emulator, app, clean=False)
            return
        apps.install(self.emulator, app, by=ADMIN)
        for event in FEED:
            self.good(ADMIN, "event.bind", {"event": event, "handler": HANDLERS["local.b"]}, app="local.b")

    @rule(user=anybody, number=st.integers(0, 30), what=st.sampled_from(sorted(READING_METHODS)))
    def read_anything(self, *, user: int, number: int, what: str) -> None:
        """Read any object by its number; the answer must contain only what the user may see."""
        who, kind = self.everybody[user], READING_METHODS[what]
        ids = sorted(self.numbers.get(kind, {number}))
        one = ids[-1 - number % len(ids)]
        names = ("POST_ID", "id", "CHAT_ID", "MESSAGE_ID", "messageId", "USER_ID", "ID")
        given: dict[str, Any] = dict.fromkeys(names, one) | {"DIALOG_ID": f"chat{one}", "FIND": "mark", "LIMIT": 50}
        given |= {"dialogId": f"chat{one}", "SEARCH_TEXT": "mark", "OWNER_ID": one, "SKIP_OPENLINES": "Y"}
        bot = next(iter(self.bots), 0) if not what.startswith("imbot.v2") else [*self.bots][1]
        if what.startswith("imbot"):
            self.call(ADMIN, what, {**given, "BOT_ID": bot, "botId": bot}, viewer=bot)
        elif who not in self.bots:
            self.call(who, what, given)


Storm.TestCase.settings = settings(max_examples=SEQUENCES, stateful_step_count=30, report_multiple_bugs=False)
TestStorm = Storm.TestCase
