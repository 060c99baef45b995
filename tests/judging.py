"""Judges what a bot's messages tell whom, by the portal's own rights and chat members; it does not ask the service.

The rules, by kind of finding (PRODUCT.md, "Relay"):

- content: a member reads words of a post that they may not open.
- name: a member reads the name of a workgroup that they cannot see.
- author: in a group, a link holds the author's number of a post that a member may not open.
- personal: a group is told anything about a post for chosen people only that a member may not open.
- private: a private dialog with the bot is told anything about a post that its person may not open.
- pushed: an administrator's private dialog shows a post that they may open, but that is not in their own feed.
- deleted: words of a deleted post still stand.
- stale: words that an edit removed still stand.
- withheld: a chat of employees that follows all posts lacks a post for all.
- unanswered: who typed a command sees nothing of the bot.
- strayed: a command of one person puts something into another's private dialog with the bot.

What a person typed into the same chat is no secret there: the bot may repeat those words and numbers; and the author's
own command tells the chat whose post it is.
A message that is being written is judged by what its readers could read at any time since the service was last idle; a
message that stands, by what they can read when it is idle. No event tells of members of departments and workgroups:
anybody who belonged to one since cards were last checked counts, too. No event tells of a new member of a chat: a chat
that follows nothing is checked with an event of a post at most every thirty seconds. Names in answers stay: they are
judged when they are written; only a hidden workgroup's name in a group is judged as long as it is there.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from portal.engine.changes import Change
from portal.engine.core import Portal
from portal.rules import rights
from portal.world.feed import Post, parse_code
from portal.world.memory import World
from portal.world.messenger import Chat, Message
from portal.world.people import User
from tests.memberships import Memberships, NewMembers

FIRST_POST = 70_000
"""Posts are numbered from here, so that a number of five digits that begins with 7 means a post."""
WORD = re.compile(r"\bmk\d+x\b")
"""The words of posts: each stands in one version of one post."""
GROUP = re.compile(r"\bhg\d+x\b")
"""The words in names of workgroups."""
LINK = re.compile(r"user/(\d+)/blog/(7\d{4})")
NUMBER = re.compile(r"(?<!\d)7\d{4}(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong: who sees what, in which message."""

    kind: str
    reader: int
    chat: int
    message: int = 0
    post: int = 0
    text: str = ""
    step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a message tells: words, group words, (author, post) of links, numbers of posts."""

    words: frozenset[str]
    groups: frozenset[str]
    links: frozenset[tuple[int, int]]
    numbers: frozenset[int]


def visible_text(message: Message) -> str:
    """Return all a person can read in a message: text, attachment, labels and links of buttons."""
    buttons = [
        str(row.get(key, ""))
        for row in (*(message.keyboard or ()), *(message.menu or ()))
        for key in ("TEXT", "LINK", "ACTION_VALUE")
    ]
    return "\n".join([message.text, json.dumps(message.attach or {}, ensure_ascii=False), *buttons]).replace("\\/", "/")


def shown_by(message: Message) -> Shown:
    """Read what a message tells."""
    text = visible_text(message)
    return Shown(
        words=frozenset(WORD.findall(text)),
        groups=frozenset(GROUP.findall(text)),
        links=frozenset((int(author), int(post)) for author, post in LINK.findall(text)),
        numbers=frozenset(map(int, NUMBER.findall(text))),
    )


@dataclass(kw_only=True)
class Judge:
    """Reads every message and post of a portal, and collects findings."""

    emulator: Portal
    bot: int
    reads: int = 0
    """How many times a message was judged for one reader."""
    step: int = 0
    findings: dict[tuple[str, int, int, int], Finding] = field(default_factory=dict)
    written: list[Message] = field(default_factory=list)
    """Every version of every message of the bot, in order."""
    known: dict[int, Post] = field(default_factory=dict)
    """Every post as it was last; also those that are deleted."""
    hearing: set[int] = field(default_factory=set)
    """The chats in which somebody has asked to be told of posts, with success or not."""
    _of: dict[str, int] = field(default_factory=dict)
    _may: dict[int, set[int]] = field(default_factory=dict)
    _members: dict[int, tuple[int, ...]] = field(default_factory=dict)
    new_members: NewMembers = field(default_factory=NewMembers)
    _belonged: Memberships = field(init=False)
    _cache: dict[int, tuple[Message, Shown]] = field(default_factory=dict)
    _follows: dict[int, int] = field(default_factory=dict)
    _extranet_since: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._publish = self.emulator.hub.publish
        self.emulator.hub.publish = self._heard  # type: ignore[method-assign]
        self._belonged = Memberships.of(self.world.people)
        self.settled(checked=True)

    @property
    def world(self) -> World:
        """Return the portal's data."""
        return self.emulator.world

    def summary(self) -> str:
        """Say how much was judged and what was found, in one line."""
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.by_kind().items())) or "none"
        cards = len({row.id for row in self.written})
        return f"{len(self.known)} posts, {cards} messages of the bot, {self.reads} reads judged; findings: {kinds}"

    def by_kind(self) -> Counter[str]:
        """Count the findings of each kind."""
        return Counter(row.kind for row in self.findings.values())

    # --- what happens ---

    def _heard(self, change: Change) -> None:
        if change["type"] == "feed" and "post_id" in change:
            self.new_members.post()
            self._learn(int(change["post_id"]))
        if change["type"] == "message":
            message = self.world.messenger.messages.get(int(change["message"]))
            if message is not None and self._is_ours(message) and not (self.written and self.written[-1] is message):
                asyncio.get_running_loop().call_soon(self._written, message.id)
        self._publish(change)

    def _learn(self, number: int) -> None:
        """Note the words of a post, and who may read it."""
        post = self.world.feed.posts.get(number)
        if post is None:
            return
        self.known[number] = post
        for word in WORD.findall(f"{post.title} {post.text}"):
            self._of[word] = number
        self._may.setdefault(number, set()).update(self._readers(post))

    def people_changed(self) -> None:
        """Note that somebody came into a department or workgroup, or left it."""
        self._belonged.changed(self.world.people)
        for number in self.world.feed.posts:
            self._learn(number)

    def _readers(self, post: Post) -> set[int]:
        before = replace(self.world, people=self._belonged.of_post(post.id))
        return {
            user.id
            for world in (self.world, before)
            for user in world.people.users.values()
            if rights.may_read_post(world, post, user)
        }

    def _written(self, number: int) -> None:
        """Judge the current text of a message by the members at the time when the service was last idle."""
        message = self.world.messenger.messages.get(number)
        if message is None or (self.written and self.written[-1] is message):
            return
        self.written.append(message)
        before = self._members.get(message.chat)
        readers = [one for one in self._who_reads(message) if before is None or one in before]
        self._judge(message, readers, new=True)

    def settled(self, *, checked: bool = False, standing: bool = True) -> None:
        """Judge all messages while the service is idle; `checked`: it has also checked all its cards.

        Where events were lost, what stands is not judged before that look: `standing=False`.
        """
        if checked:
            self._belonged.checked(self.world.people, self.world.feed.posts.values())
        for number, post in self.known.items():
            self._may[number] = self._readers(self.world.feed.posts.get(number, post))
        self._members = {chat.id: chat.members for chat in self.world.messenger.chats.values()}
        if not standing:
            return
        for message in list(self.world.messenger.messages.values()):
            if self._is_ours(message) and not message.deleted:
                self._judge(
                    message, [one for one in self._who_reads(message) if checked or self._is_noticed(message, one)]
                )
                self._judge_age(message)

    # --- one message ---

    def _who_reads(self, message: Message) -> list[int]:
        """Return the people who may come across a message: members who were there or were shown the history."""
        messenger = self.world.messenger
        members = messenger.chats[message.chat].members
        seeing = (one for one in members if message.id > messenger.since.get((message.chat, one), 0))
        return [one for one in seeing if not self.world.people.users[one].bot]

    def _is_noticed(self, message: Message, reader: int) -> bool:
        return message.chat in self.hearing or self.new_members.is_noticed(message.chat, reader)

    def _is_ours(self, message: Message) -> bool:
        """Tell whether the bot wrote a message; outside its chats the portal writes its answers as system messages."""
        return message.author == self.bot or (message.system and message.text.startswith(f"[USER={self.bot}]"))

    def _shown(self, message: Message) -> Shown:
        old = self._cache.get(message.id)
        if old is None or old[0] is not message:
            old = self._cache[message.id] = (message, shown_by(message))
        return old[1]

    def _judge(self, message: Message, readers: Iterable[int], *, new: bool = False) -> None:
        shown, chat = self._shown(message), self.world.messenger.chats[message.chat]
        for number in readers:
            self.reads += 1
            reader = self.world.people.users[number]
            for kind, post in itertools.chain(
                self._wrong(shown, chat, reader), self._names(shown, chat, reader, new=new)
            ):
                if not self._typed(kind, message, reader, post):
                    self._add(kind, message, number, post)

    def _wrong(self, shown: Shown, chat: Chat, reader: User) -> Iterator[tuple[str, int]]:
        """Give what a reader may not read of what a message tells."""
        own = chat.private and self.bot in chat.members
        for number in {self._of[word] for word in shown.words if word in self._of}:
            if self._hidden(number, reader):
                yield "content", number
            elif own and reader.admin and not rights.is_in_feed(self.world, self.known[number], reader):
                yield "pushed", number
        for number in {post for _, post in shown.links} | shown.numbers:
            if number in self.known and self._hidden(number, reader):
                yield from self._told(number, shown, own=own)

    def _names(self, shown: Shown, chat: Chat, reader: User, *, new: bool) -> Iterator[tuple[str, int]]:
        """Give the workgroups that a message names, and that a reader cannot see."""
        own = chat.private and self.bot in chat.members
        for group in self.world.people.groups.values() if shown.groups else ():
            named = shown.groups.intersection(GROUP.findall(group.name)) and not rights.may_see_group(group, reader)
            if named and (new or not (own or group.visible)):
                yield "name", group.id

    def _told(self, number: int, shown: Shown, *, own: bool) -> Iterator[tuple[str, int]]:
        """Give what is wrong with naming a post to somebody who may not open it."""
        post = self.known[number]
        if own:
            yield "private", number
        elif (post.author, number) in shown.links:
            yield "author", number
        if not own and all((parse_code(code) or ("", 0))[0] == "U" for code in post.dest):
            yield "personal", number

    def _hidden(self, number: int, reader: User) -> bool:
        return reader.id not in self._may.get(number, ())

    def _typed(self, kind: str, message: Message, reader: User, post: int) -> bool:
        """Tell whether a person told a reader the same in this chat.

        Words are told by who typed them, a post's number by who typed it or its words, and whose post it is by its
        author alone: who publishes by a command tells everybody in the chat.
        """
        if post not in self.known or kind == "name":
            return False
        words = {word for word in self._shown(message).words if self._of.get(word) == post}
        for row in self._heard_by(reader, message.chat):
            said = set(WORD.findall(row.text))
            published = any(self._of.get(word) == post for word in said)
            if kind in ("content", "pushed"):
                told = words <= said
            elif kind == "author":
                told = published and row.author == self.known[post].author
            else:
                told = published or str(post) in row.text
            if told:
                return True
        return False

    def _heard_by(self, reader: User, number: int) -> Iterator[Message]:
        """Give what people wrote into a chat before a reader; for their own dialog all that they wrote anywhere."""
        messenger = self.world.messenger
        chat = messenger.chats[number]
        if chat.private and self.bot in chat.members:
            yield from (row for row in messenger.messages.values() if row.author == reader.id)
            return
        rows = (messenger.messages[one] for one in messenger.shown(number, reader.id))
        yield from (row for row in rows if not self._is_ours(row))

    def _judge_age(self, message: Message) -> None:
        """Find words of deleted posts, and words that edits removed."""
        for word in self._shown(message).words:
            number = self._of.get(word, 0)
            if number and number not in self.world.feed.posts:
                self._add("deleted", message, 0, number)
            elif number and word not in WORD.findall(f"{self.known[number].title} {self.known[number].text}"):
                self._add("stale", message, 0, number)

    def _add(self, kind: str, message: Message, reader: int, post: int) -> None:
        found = Finding(
            kind=kind,
            reader=reader,
            chat=message.chat,
            message=message.id,
            post=post,
            text=visible_text(message)[:300],
            step=self.step,
        )
        self.findings.setdefault((kind, message.id, reader, post), found)

    # --- commands ---

    def answered(self, asker: int, chat: int, text: str, *, since: int, typed: int) -> None:
        """Judge the answer to one command; `since`: how many versions had been written when it was typed.

        In a chat that follows posts, a message with words of other posts may be a card, and counts as no answer.
        A card that was sent in the asker's own name, after the message `typed`, is an answer too.
        """
        own = self.world.messenger.private.get(frozenset({asker, self.bot}), 0)
        new = self.written[since:]
        said = {*WORD.findall(text), *NUMBER.findall(text)}
        seen = [row for row in new if row.chat in (chat, own)]
        sent = any(row.chat == chat and row.author == asker for row in self._after(typed))
        if not sent and not any(self._may_answer(row, said) for row in seen):
            found = Finding(kind="unanswered", reader=asker, chat=chat, text=text, step=self.step)
            self.findings["unanswered", self.step, asker, 0] = found
        for row in new:
            other = self.world.messenger.chats[row.chat]
            to = next((one for one in other.members if one != self.bot), 0)
            if other.private and self.bot in other.members and to != asker and not self._about_post(row):
                self._add("strayed", row, to, 0)

    def _after(self, typed: int) -> list[Message]:
        return [row for number, row in self.world.messenger.messages.items() if number > typed]

    def _may_answer(self, message: Message, said: set[str]) -> bool:
        """Tell whether a message may be the answer: in a chat that follows posts, no card of another post."""
        words = set(self._shown(message).words)
        if message.chat not in self._follows or not words:
            return True
        return bool(said & words) or any(str(self._of.get(word)) in said for word in words)

    def _about_post(self, message: Message) -> bool:
        """Tell whether a message is a card for somebody who follows posts: it shows one, or names one wrongly."""
        named = any(kind == "private" and number == message.id for kind, number, _, _ in self.findings)
        return message.chat in self.hearing and (named or bool(self._shown(message).words))

    def follows(self, chat: int) -> None:
        """Note that a chat follows all posts from now on."""
        self._follows.setdefault(chat, max(self.known, default=FIRST_POST))

    def extranet_in(self, chat: int) -> None:
        """Note that an extranet user is in a chat: posts up to now may be withheld there."""
        self._extranet_since[chat] = max(self.known, default=FIRST_POST)

    def withheld(self) -> None:
        """Find posts for all that a following chat of employees lacks."""
        messenger = self.world.messenger
        for number, first in self._follows.items():
            people = [self.world.people.users[one] for one in messenger.chats[number].members]
            if any(one.extranet for one in people) or self.bot not in messenger.chats[number].members:
                continue
            after = max(first, self._extranet_since.get(number, 0))
            rows = (messenger.messages[one] for one in messenger.by_chat[number])
            there = set(itertools.chain.from_iterable(self._shown(row).words for row in rows if self._is_ours(row)))
            for post in self.world.feed.posts.values():
                fresh = set(WORD.findall(f"{post.title} {post.text}"))
                if post.id > after and "UA" in post.dest and fresh and not fresh & there:
                    found = Finding(kind="withheld", reader=0, chat=number, post=post.id, step=self.step)
                    self.findings["withheld", number, 0, post.id] = found
