"""Random actions in a company: people post, change posts, type commands, join and leave; each is recorded."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from portal.engine.core import Actor
from portal.errors import ControlError
from portal.rules import people, rights, user_actions
from portal.rules.feed import posts
from portal.rules.messenger import chats
from portal.world.feed import Post
from portal.world.messenger import Chat
from tests.company import ADMIN, DEPARTMENTS, EMPLOYEES, EXTRANET_USERS, GROUPS, PEOPLE
from tests.judging import FIRST_POST, Finding, Judge
from tests.line import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is tried."""

    posts: int
    groups: int
    dialogs: int
    commands: int
    batch: int = 5
    """How many changes come at once before we wait until the service is idle."""

    def part(self, number: int, of: int) -> Size:
        """Return the size at the end of one part of a walk."""
        return replace(self, posts=self.posts * number // of, commands=self.commands // of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was done, which post and chat it was about, and who of a department or workgroup was moved."""

    n: int
    text: str
    post: int = 0
    chat: int = 0
    moved: bool = False

    def concerns(self, found: Finding) -> bool:
        """Tell whether it helps to understand a finding."""
        if self.n > found.step:
            return False
        typed = " types in " in self.text and "/follow" not in self.text and self.n != found.step
        named = str(found.post) in self.text or str(found.reader) in self.text
        return bool(found.post and self.post == found.post) or (
            named if typed or self.moved else self.chat == found.chat
        )


@dataclass(kw_only=True)
class Walk:
    """A walk of one seed over one portal."""

    line: Line
    judge: Judge
    dice: random.Random
    size: Size
    steps: list[Step] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    """The group chats; in every fifth the bot is no member."""
    made: int = 0
    words: int = 0
    moved: bool = False
    """Whether members of anything changed since the last post for all."""

    def word(self) -> str:
        """Return a word that stands nowhere yet."""
        self.words += 1
        return f"mk{self.words}x"

    def note(self, text: str, *, post: int = 0, chat: int = 0, moved: bool = False) -> None:
        """Keep a step."""
        self.judge.step = len(self.steps) + 1
        self.steps.append(Step(n=self.judge.step, text=text, post=post, chat=chat, moved=moved))

    def journal(self, found: Finding) -> str:
        """Return the steps that led to a finding, one a line."""
        return "\n".join(f"    {row.n}: {row.text}" for row in self.steps if row.concerns(found))

    # --- the beginning ---

    async def begins(self) -> None:
        """Make the chats, and let some of them follow."""
        messenger, world = self.line.portal.emulator.world.messenger, self.line.portal.emulator.world
        for place in range(self.size.groups):
            people_ = self.dice.sample(EMPLOYEES, self.dice.randint(2, 5))
            if place % 3 == 2:
                people_.append(self.dice.choice(EXTRANET_USERS))
            if place % 4 == 3:
                people_.append(ADMIN)
            bots = [] if place % 5 == 4 else [self.line.bot]
            chat = chats.create(
                self.line.portal.emulator, Actor(user=people_[0]), title=f"Chat {place}", members=[*people_[1:], *bots]
            )
            self.groups.append(chat.id)
            self.note(f"chat{chat.id} of {chat.members}", chat=chat.id)
        await self.line.quiet()
        world.taken("post", FIRST_POST)
        for place, number in enumerate(self.groups):
            if place % 5 != 4 and place % 5 != 3:
                await self.types(messenger.chats[number].members[0], f"chat{number}", "/follow all")
        for person in [*EMPLOYEES[: max(1, self.size.dialogs - 3)], ADMIN, *EXTRANET_USERS[:2]]:
            await self.types(person, str(self.line.bot), "/follow all")
        self.judge.settled(checked=True)

    # --- posts ---

    def audience(self) -> tuple[str, ...]:
        """Choose recipients of any kind."""
        dice = self.dice
        kinds: list[Callable[[], str]] = [
            lambda: "UA",
            lambda: f"DR{dice.choice(DEPARTMENTS)}",
            lambda: f"SG{30 + dice.randrange(len(GROUPS))}",
            lambda: f"U{dice.choice(PEOPLE)}",
        ]
        first = dice.choices(kinds, weights=(4, 2, 3, 3))[0]()
        return (first, *(dice.choice(kinds[1:])() for _ in range(dice.choice((0, 0, 1, 2)) if first != "UA" else 0)))

    def posts(self, dest: tuple[str, ...] | None = None) -> None:
        """Publish a post as a person."""
        emulator, author = self.line.portal.emulator, self.dice.choice(PEOPLE)
        dest = dest or self.audience()
        dest = posts.allowed_recipients(emulator, emulator.world.people.users[author], dest)
        if not dest:
            author, dest = EMPLOYEES[0], ("UA",)
        title = f"News {self.word()}" if self.dice.random() < 0.7 else ""
        writing = posts.PostDraft(
            text=f"Body {self.word()} of it", title=title, dest=dest, important=self.dice.random() < 0.2
        )
        post = user_actions.publish(emulator, emulator.world.people.users[author], writing)
        self.made += 1
        self.note(f"{author} publishes {post.id} for {dest}, {title!r} {writing.text!r}", post=post.id)

    def _some_post(self) -> Post | None:
        rows = [row for row in self.line.portal.posts() if row.id > FIRST_POST]
        return self.dice.choice(rows[-30:]) if rows else None

    def changes(self, post: Post, said: str, /, **changed: Any) -> None:
        """Change a post as its author."""
        emulator = self.line.portal.emulator
        if "dest" in changed:
            changed["dest"] = (
                posts.allowed_recipients(emulator, emulator.world.people.users[post.author], changed["dest"])
                or post.dest
            )
        posts.change(emulator, post, Actor(user=post.author), **changed)
        self.note(f"{post.author} {said} {post.id}: {changed}", post=post.id)

    def edits(self, post: Post) -> None:
        """Change the text or title of a post."""
        if self.dice.random() < 0.3:
            self.changes(post, "renames", title=f"Title {self.word()}", micro=False)
        else:
            text = f"New body {self.word()}"
            self.changes(post, "edits", text=text, **({"title": text} if post.micro else {}))

    def narrows(self, post: Post) -> None:
        """Remove recipients of a post."""
        left = post.dest[1:] or (f"U{self.dice.choice(EMPLOYEES)}",)
        self.changes(post, "narrows", dest=left)

    def widens(self, post: Post) -> None:
        """Add recipients to a post, make it public, or replace its recipients."""
        self.changes(post, "opens", dest=self.dice.choice([("UA",), (*post.dest, "DR2"), self.audience()]))

    def marks(self, post: Post) -> None:
        """Make a post important, or not important any more."""
        self.changes(post, "marks", important=not post.important)

    def deletes(self, post: Post) -> None:
        """Delete a post."""
        posts.delete(self.line.portal.emulator, post, Actor(user=post.author))
        self.note(f"{post.author} deletes {post.id}", post=post.id)

    # --- members ---

    def joins(self) -> None:
        """Add a person to a group chat, with or without its history."""
        emulator = self.line.portal.emulator
        chat = emulator.world.messenger.chats[self.dice.choice(self.groups)]
        new, history = self.dice.choice((*EXTRANET_USERS, *PEOPLE)), self.dice.random() < 0.8
        self.judge.new_members.came(chat.id, new)
        chats.join(emulator, chat, [new], Actor(user=chat.owner), history=history)
        if new in EXTRANET_USERS:
            self.judge.extranet_in(chat.id)
        self.note(f"{new} joins chat{chat.id}, history {history}", chat=chat.id)
        self.moved = True

    def leaves(self) -> None:
        """Remove a person from a group chat; two people stay."""
        emulator = self.line.portal.emulator
        chat = emulator.world.messenger.chats[self.dice.choice(self.groups)]
        some = [one for one in chat.members if one in PEOPLE]
        if len(some) > 2:
            who = self.dice.choice(some)
            if who in EXTRANET_USERS:
                self.judge.extranet_in(chat.id)
            chats.leave(emulator, chat, who)
            self.note(f"{who} leaves chat{chat.id}", chat=chat.id)
            self.moved = True

    def regroups(self) -> None:
        """Add a person to a workgroup or department, or remove them."""
        world, who = self.line.portal.emulator.world, self.dice.choice((*EMPLOYEES, *EXTRANET_USERS))
        if self.dice.random() < 0.5 and who in EMPLOYEES:
            to = self.dice.choice(DEPARTMENTS)
            world.people.users[who] = replace(world.people.users[who], departments=(to,))
            self.note(f"{who} works in department {to} now", moved=True)
        else:
            group = world.people.groups[30 + self.dice.randrange(len(GROUPS))]
            members = set(group.members) ^ {who} | {group.owner}
            people.change_group(
                self.line.portal.emulator, group, Actor(user=group.owner), members=tuple(sorted(members))
            )
            self.note(f"members of SG{group.id} are {sorted(members)}", moved=True)
        self.judge.people_changed()
        self.moved = True

    # --- commands ---

    async def types(self, who: int, dialog: str, text: str) -> None:
        """Let somebody type a command, wait until the service is idle, and check the result."""
        emulator = self.line.portal.emulator
        user = emulator.world.people.users[who]
        try:
            chat = user_actions.chat_of(emulator, user, dialog)
        except ControlError:
            return
        await self.line.quiet()  # a dialog with the bot may be new, and greeted
        since = len(self.judge.written)
        self.note(f"{who} types in {dialog} (chat {chat.id}): {text}", chat=chat.id)
        if text.startswith("/follow"):
            self._follows_in(who, chat)
        said = user_actions.say(emulator, user, dialog, text)
        await self.line.quiet()
        if text.startswith("/follow"):
            self._follows_in(who, chat)
        self.judge.answered(who, chat.id, text, since=since, typed=said.id)
        if (
            text == "/follow all"
            and not user.extranet
            and self.line.bot in emulator.world.messenger.chats[chat.id].members
        ):
            self.judge.follows(chat.id)

    def _follows_in(self, who: int, chat: Chat) -> None:
        """Note where cards may come: a v2 bot takes some dialogs of two people for the asker's own dialog with it."""
        own = self.line.portal.emulator.world.messenger.private.get(frozenset({who, self.line.bot}))
        self.judge.hearing |= {chat.id, *([own] if own and chat.private else [])}

    def command(self, who: int) -> str:
        """Choose a command to type; half of the published posts go to one of the author's workgroups."""
        dice, word = self.dice, self.word()
        post = self._some_post()
        number = post.id if post else FIRST_POST
        own = [
            row.name.split()[0] for row in self.line.portal.emulator.world.people.groups.values() if who in row.members
        ]
        to = (
            dice.choice(own)
            if own and dice.random() < 0.5
            else dice.choice(("all", "harbour", "orchard", "velvet", "granite", "lagoon", "Branch3", "Emil505"))
        )
        choices = [
            "/help",
            "/follow all",
            "/follow important",
            "/crm deal 42 hello",
            f"/post {word} hello",
            f"/post to:{to} {word} hello",
            f'/post to:{to} title:"T {word}" body',
            f"/share {number} to:{to}",
            f"/share {number} to:here",
            f"/show {number}",
            f"/comment {number} hello",
            f"/readers {number}",
            f"/delete {number}",
        ]
        return dice.choices(choices, weights=(1, 1, 1, 1, 2, 4, 2, 3, 2, 3, 1, 1, 1))[0]

    def place(self) -> tuple[int, str]:
        """Choose a person and a dialog: a group, the bot, or a colleague."""
        dice, messenger = self.dice, self.line.portal.emulator.world.messenger
        kind = dice.random()
        if kind < 0.5:
            number = dice.choice(self.groups)
            members = [one for one in messenger.chats[number].members if one in PEOPLE]
            return dice.choice(members), f"chat{number}"
        who = dice.choice(PEOPLE)
        if kind < 0.65:
            return who, str(self.line.bot)
        return who, str(self._colleague(who))

    def _colleague(self, who: int) -> int:
        """Choose somebody to write to; every other dialog was opened by them: its first member is not who asks."""
        emulator, users = self.line.portal.emulator, self.line.portal.emulator.world.people.users
        other = self.dice.choice([one for one in PEOPLE if one != who])
        if self.dice.random() < 0.5 and rights.may_contact(emulator.world, users[other], users[who]):
            chats.private_dialog(emulator, other, who, Actor(user=other))
        return other

    # --- the walk ---

    def changes_once(self) -> None:
        """Do one random thing that is no command."""
        post, dice = self._some_post(), self.dice.random()
        table: list[tuple[float, Callable[[Post], None]]] = [
            (0.50, self.edits),
            (0.60, self.narrows),
            (0.69, self.widens),
            (0.75, self.marks),
            (0.82, self.deletes),
        ]
        if dice < 0.38 or post is None:
            self.posts()
        elif dice >= 0.94:
            self.regroups()
        elif dice >= 0.82:
            (self.joins if dice < 0.89 else self.leaves)()
        else:
            next(do for until, do in table if dice < until)(post)

    async def rests(self, *, judged: bool = True) -> None:
        """Wait until the service is idle, after a post for all where members changed; then judge all that stands."""
        await self.line.quiet()
        if self.moved:
            self.moved = False
            self.posts(("UA",))
            await self.line.quiet()
        self.judge.settled(standing=judged)
        if judged:
            self.judge.withheld()

    async def goes(self, *, judged: bool = True) -> None:
        """Act at random until all posts are published and all commands typed."""
        commands = 0
        while self.made < self.size.posts or commands < self.size.commands:
            for _ in range(self.size.batch):
                self.changes_once()
            await self.rests(judged=judged)
            share = self.size.commands * self.size.batch * 0.38 / self.size.posts
            for _ in range(round(share) or 1):
                if commands < self.size.commands:
                    who, dialog = self.place()
                    await self.types(who, dialog, self.command(who))
                    commands += 1
            await self.rests(judged=judged)
