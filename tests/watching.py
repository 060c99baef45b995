"""Checks after each step what the portal shows each person: it must be complete, and equal to the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis.stateful import invariant

from tests.storming import Weather
from tests.witness import CARDS, PEOPLE, Chat, Line

PAGE = 50


class Watch(Weather):
    """What must hold whatever happened."""

    @invariant()
    def holds(self) -> None:
        """Check that the step leaked nothing, and that one person after the other sees what they may see."""
        self.looked_through()
        self.listened()
        self.steps += 1
        self.emulator.clock.advance(self.steps % 2)
        self.finds(PEOPLE[self.steps % len(PEOPLE)])
        self.looked_through()
        self.heard.sent.clear()

    def teardown(self) -> None:
        """Check everything as every person at the end."""
        for person in PEOPLE:
            self.finds(person)
        self.looked_through()

    def finds(self, user: int) -> None:
        """Check everything as one person."""
        self.finds_posts(user)
        self.finds_comments(user)
        for chat in self.chats:
            self.finds_lines(user, chat)
        self.counts(user)
        self.finds_notices(user)
        self.finds_entries(user)

    # --- the feed ---

    def finds_posts(self, user: int) -> None:
        """Check that the feed has each visible post once, on any page, and says whether all have it."""
        mine = {post.id: post for post in self.posts if post.alive and user in post.feed()}
        rows = list(self._pages(user, "log.blogpost.get", {}))
        assert sorted(int(row["ID"]) for row in rows) == sorted(mine), user
        for row in rows:
            post = mine[int(row["ID"])]
            assert row["DETAIL_TEXT"] == post.mark
            assert row["HAS_SOCNET_ALL"] == ("Y" if "UA" in post.dest else "N")
            assert row["NUM_COMMENTS"] == str(sum(one.alive for one in post.comments))
        numbers = [row["ID"] for row in rows]
        assert numbers == sorted(numbers, key=lambda one: (mine[int(one)].touched, int(one)), reverse=True)
        rest = self.call(user, "log.blogpost.get", {"start": 3})
        assert [row["ID"] for row in rest["result"]] == numbers[3 : 3 + PAGE]
        some = self.good(user, "log.blogpost.get", {"LIMIT": 2, "LOG_RIGHTS": ["UA", f"U{user}"]})
        wanted = [number for number in numbers if mine[int(number)].dest & {"UA", f"U{user}"}]
        assert [row["ID"] for row in some] == wanted[:2]

    def _pages(self, user: int, name: str, given: dict[str, Any]) -> Iterator[Any]:
        """Read a list by `start` and `next`; check that each page has the same, right total."""
        count, start, totals = 0, 0, set[int]()
        while start >= 0:
            body = self.call(user, name, {**given, "start": start})
            assert "error" not in body, body
            totals.add(body["total"])
            count, start = count + len(body["result"]), body.get("next", -1)
            yield from body["result"]
        assert totals == {count}

    def finds_comments(self, user: int) -> None:
        """Check that a person gets their own comments of posts they may read."""
        mine = [
            row.id
            for post in self.posts
            for row in post.comments
            if row.alive and user == row.author and user in post.viewers()
        ]
        rows = self.good(user, "log.blogcomment.user.get", {})["comments"]
        assert [row["id"] for row in rows] == sorted(mine, reverse=True)[:100]

    # --- chats ---

    def finds_lines(self, user: int, chat: Chat) -> None:
        """Check that members can read all visible messages once each; others are refused."""
        if user not in chat.members:
            if not chat.private:
                assert self.call(user, "im.dialog.messages.get", {"DIALOG_ID": f"chat{chat.id}"})["error"]
            return
        rows, last = list[Any](), 0
        while page := self._older(user, chat, last):
            rows += page
            last = page[-1]["id"]
        lines = chat.visible(user)
        assert len(rows) == len(lines)
        for row, line in zip(reversed(rows), lines, strict=True):
            self._same(row, line)
        unread = sum(row["unread"] for row in rows)
        shown = self.good(user, "im.dialog.get", {"DIALOG_ID": chat.name(user)})
        assert unread == shown["counter"] == chat.unread(user)
        assert shown["user_counter"] == len(chat.members)
        assert shown["owner"] == chat.author or chat.private

    def _older(self, user: int, chat: Chat, last: int) -> list[Any]:
        given = {"DIALOG_ID": chat.name(user), "LIMIT": 9, **({"LAST_ID": last} if last else {})}
        rows: list[Any] = self.good(user, "im.dialog.messages.get", given)["messages"]
        return rows

    def _same(self, row: dict[str, Any], line: Line) -> None:
        """Compare a row with a message: its id, its author, and its text while it exists."""
        assert row["author_id"] == line.author
        if line.mark:
            assert row["id"] == line.id
            assert (line.mark in row["text"]) == line.alive

    def counts(self, user: int) -> None:
        """Check that the list of chats has each chat once, and every counter is that of the model."""
        mine = [chat for chat in self.chats if user in chat.members]
        names, offset = list[tuple[str, int]](), 0
        while True:
            page = self.good(user, "im.recent.list", {"LIMIT": 3, "OFFSET": offset})
            names += [(str(row["id"]), row["counter"]) for row in page["items"]]
            offset += len(page["items"])
            if not page["hasMorePages"]:
                break
        assert sorted(names) == sorted((chat.name(user), chat.unread(user)) for chat in mine)
        body = self.good(user, "im.counters.get", {})
        groups = {str(chat.id): chat.unread(user) for chat in mine if not chat.private and chat.unread(user)}
        dialogs = {chat.name(user): chat.unread(user) for chat in mine if chat.private and chat.unread(user)}
        notify = sum(row.alive and not row.read and row.to == user for row in self.notifications)
        assert (body["CHAT"] or {}, body["DIALOG"] or {}) == (groups, dialogs)
        total = notify + sum(groups.values()) + sum(dialogs.values())
        assert (body["TYPE"]["NOTIFY"], body["TYPE"]["ALL"]) == (notify, total)

    # --- notifications and the CRM ---

    def finds_notices(self, user: int) -> None:
        """Check that all notifications are there, once, newest first."""
        mine = sorted((row.id for row in self.notifications if row.alive and row.to == user), reverse=True)
        found, last = list[int](), dict[str, int]()
        while True:
            body = self.good(user, "im.notify.get", {"LIMIT": 4, **last})
            assert body["total_count"] == len(mine)
            found += [row["id"] for row in body["notifications"]]
            if not body["notifications"]:
                break
            last = {"LAST_ID": found[-1], "LAST_TYPE": 3}
        assert found == mine

    def finds_entries(self, user: int) -> None:
        """Check that the timeline of a card has its comments, for those who may see the card."""
        for place, people in CARDS.items():
            given = {"filter": {"ENTITY_TYPE": place[0], "ENTITY_ID": place[1]}}
            if user not in people:
                assert self.call(user, "crm.timeline.comment.list", given)["error_description"] == "Access denied."
                continue
            there = [row for row in self.entries if row.alive and place in row.places]
            rows = list(self._pages(user, "crm.timeline.comment.list", given))
            assert {row["ID"]: row["COMMENT"] for row in rows} == {str(row.id): row.mark for row in there}
            assert len(rows) == len(there)
