"""How many HTTP requests to the portal each action of a person costs, through the whole service."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from portal.world.feed import Post
from tests import line as lines
from tests.line import ANNA, ANNA_TOO, BORIS, CLARA, GUSTAV, OLGA, Line

POLICY = """
[[rule]]
name = "Office Berlin is for Sales"
who = "DR3"
to = "SG8"
then = "allow"

[[rule]]
name = "Others ask Olga"
to = "SG8"
then = "approve"
approvers = [1]
"""
"""Rules about one workgroup: a post for others costs nothing more."""
AUTHORIZATION = "oauth."
"""How the portal records what its authorization server was asked: that one has no rate limit of ours."""
MANY = (1, 50, 1000)
"""Numbers of chats a post is relayed to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request: its method, and those of the calls in it where it is a batch."""

    method: str
    inside: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Name the calls of a batch, equal ones with their number."""
        if not self.inside:
            return self.method
        counted = Counter(self.inside)
        return f"batch({', '.join(name if many == 1 else f'{many}x {name}' for name, many in counted.items())})"


def requests(line: Line, *, after: int) -> list[Request]:
    """List the requests after a mark, oldest first; calls in a batch are recorded before the batch itself."""
    found: list[Request] = []
    inside: list[str] = []
    for row in line.portal.calls():
        if row.n <= after or row.method.startswith(AUTHORIZATION):
            continue
        if row.in_batch:
            inside.append(row.method)
        else:
            found.append(Request(method=row.method, inside=tuple(inside)))
            inside = []
    return found


async def during(line: Line, act: Callable[[], Awaitable[object]]) -> list[Request]:
    """Do something, wait until every result is sent, and list the requests of it."""
    await line.quiet()
    after = line.mark()
    await act()
    await line.quiet()
    return requests(line, after=after)


@contextlib.asynccontextmanager
async def laid(folder: Path, bot_api: str) -> AsyncIterator[Line]:
    """Start a service with the policy, installed on a portal."""
    await asyncio.to_thread((folder / "policy.toml").write_text, POLICY, "utf-8")
    async with lines.laid(folder, bot_api, FEEDBRIDGE_PUBLISH__POLICY="policy.toml") as made:
        yield made


async def said(line: Line, text: str, *, by: int = CLARA) -> list[Request]:
    """List the requests of a command that somebody gives in private."""
    person = line.portal.person(by)
    await person.opens()
    return await during(line, lambda: person.says(text))


async def following(line: Line, many: int) -> list[str]:
    """Make that many groups which follow all posts, and let the service forget other followers and their cards."""
    groups = [line.group(OLGA, CLARA) for _ in range(many)]
    await line.quiet()
    path = line.service.folder / "feedbridge.db"
    rows = [(line.portal.member_id, dialog, "all", CLARA, time.time() - 3600) for dialog in groups]
    with contextlib.closing(sqlite3.connect(path, timeout=20)) as database, database:
        database.execute("DELETE FROM follows")
        database.execute("DELETE FROM cards")
        database.executemany(
            "INSERT INTO follows (portal, dialog, topic, owner, created_at) VALUES (?, ?, ?, ?, ?)", rows
        )
    return groups


_NUMBERS = itertools.count(1)


async def relayed(line: Line, many: int) -> tuple[list[Request], list[Request]]:
    """List the requests of a post that many chats follow, and of an edit of it."""
    groups = await following(line, many)
    olga, text = line.portal.person(OLGA), f"The lift is out of order, {next(_NUMBERS)}."
    shown = await during(line, lambda: olga.posts(text))
    post = line.portal.posts(OLGA)[-1]
    edited = await during(line, lambda: olga.edits_post(post.id, text=f"{text} Take the stairs."))
    _have_one_card_each(line, groups, post)
    await following(line, 0)
    return shown, edited


def _have_one_card_each(line: Line, groups: Sequence[str], post: Post) -> None:
    clara = line.portal.person(CLARA)
    for dialog in groups:
        (card,) = clara.reads(dialog=dialog)
        assert "Take the stairs." in str(card.attach), (dialog, post.id)


async def installed_again(line: Line) -> list[Request]:
    """List the requests of an installation of what is installed: everything is bound already."""
    return await during(line, lambda: line.portal.install(line.app))


async def updated(line: Line) -> list[Request]:
    """List the requests of an update of the application: it takes away what was bound, and the portal is known."""
    return await during(line, lambda: line.portal.update(line.app))


async def published_in_a_group(line: Line) -> list[Request]:
    """List the requests of a post that is published from a group with the bot in it."""
    await following(line, 0)
    dialog = line.portal.make_chat(OLGA, CLARA, line.bot)
    return await during(line, lambda: line.portal.person(CLARA).says("/post Cake at four", dialog=dialog))


async def quoted(line: Line) -> list[Request]:
    """List the requests of a post that quotes the message which its command answers, from a group with the bot."""
    await following(line, 0)
    dialog, clara = line.portal.make_chat(OLGA, CLARA, line.bot), line.portal.person(CLARA)
    told = await line.portal.person(OLGA).says("Tea is ready", dialog=dialog)
    return await during(line, lambda: clara.says("/post Look", dialog=dialog, reply_to=told))


async def approved(line: Line) -> tuple[list[Request], list[Request], list[Request]]:
    """List the requests of a post that needs an approval, of the press that asks for it, and of the one that approves.

    The person has published before, so that the portal's people are known.
    """
    clara, olga = line.portal.person(CLARA), line.portal.person(OLGA)
    shown = await said(line, '/post to:"Office Berlin" The lift works again.')
    asked = await during(line, lambda: clara.presses("Ask for approval"))
    return shown, asked, await during(line, lambda: olga.presses("Approve"))


async def deleted(line: Line) -> tuple[list[Request], list[Request]]:
    """List the requests of the question whether to delete a post, and of the press that deletes it."""
    clara = line.portal.person(CLARA)
    number = await clara.posts("To delete")
    asked = await said(line, f"/delete {number}")
    return asked, await during(line, lambda: clara.presses(f"Delete post {number}"))


async def readers_asked(line: Line) -> list[Request]:
    """List the requests of the question who has read an important post for everybody."""
    number = await line.portal.person(CLARA).posts("Fire drill at ten", important=True)
    return await said(line, f"/readers {number}")


async def undone(line: Line) -> list[Request]:
    """List the requests of a press of Undo under the confirmation of a post."""
    clara = line.portal.person(CLARA)
    await said(line, "/post To take back")
    return await during(line, lambda: clara.presses("Undo"))


async def published_by_a_follower(line: Line) -> list[Request]:
    """List the requests of a post that its author publishes and follows, as their dialog does."""
    await said(line, "/follow all", by=ANNA_TOO)
    found = await said(line, "/post Soup at noon", by=ANNA_TOO)
    await said(line, "/unfollow", by=ANNA_TOO)
    return found


COMMANDS = {
    "/help": ("/help", CLARA),
    "/draft, the first time": ("/draft Lunch at noon", CLARA),
    "/draft": ("/draft title:Lunch", CLARA),
    "/publish": ("/publish", CLARA),
    "/post to all": ("/post Pancakes at noon", CLARA),
    "/post to a name": ("/post to:sales Numbers at noon", BORIS),
    "/poll": ("/poll Which cake? apple | cherry", CLARA),
    "/thanks": ("/thanks @boris cup Great work", CLARA),
    "/settings to a name": ("/settings to:sales", ANNA),
    "/post to the default recipients": ("/post Numbers again", ANNA),
    "/share to a name": ("/share 217 to:sales", OLGA),
    "/edit": ("/edit 217 It closes at five.", OLGA),
    "/append": ("/append 217 Or at six.", OLGA),
    "/title": ("/title 217 Opening hours", OLGA),
    "/share to:here": ("/share 217 to:here", CLARA),
    "/comment": ("/comment 217 Thank you", CLARA),
    "/show": ("/show 217", CLARA),
    "/mine": ("/mine", CLARA),
    "/find": ("/find hours", CLARA),
    "/schedule, the first time": ("/schedule in 2 hours Lunch at noon", OLGA),
    "/schedule to a name": ("/schedule every Monday 9:00 to:sales Numbers", BORIS),
    "the list of /schedule": ("/schedule", OLGA),
    "/template save": ("/template save news On {date}: {text}", BORIS),
    "/template use, the first draft": ("/template use news Hello", BORIS),
    "/undo with nothing to undo": ("/undo", OLGA),
    "/crm, the first time": ("/crm deal 42 They called.", BORIS),
    "/crm": ("/crm deal 42 They wrote.", BORIS),
    "/crm by name": ("/crm deal Maintenance contract They paid.", BORIS),
    "/crm by name, unclear": ("/crm Nordwind They moved.", BORIS),
    "/crm without a text": ("/crm deal 42", BORIS),
    "the text of /crm": ("They came.", BORIS),
    "/publish to the CRM": ("/publish", BORIS),
}
"""What is typed in private for each action, and by whom."""


FOR_PEOPLE = {"FEEDBRIDGE_PUBLISH__FOR_PEOPLE": "true"}
"""The setting with which the service acts for people from whom it has no permission."""
ACTED = {
    "/post to all, for somebody": ("/post Pancakes at noon", CLARA),
    "/post to a name, for somebody": ('/post to:"Office Berlin" Numbers at noon', CLARA),
    "/post to a person, for an extranet user": ("/post to:anna Hello", GUSTAV),
    "/draft, for somebody, the first time": ("/draft Lunch at noon", CLARA),
    "/draft, for somebody": ("/draft title:Lunch", CLARA),
    "/edit, for somebody": ("/edit 218 It closes at five.", ANNA),
    "/comment, for somebody": ("/comment 217 Thank you", CLARA),
}
"""The same for actions that are done for people, without their token."""


async def acted(line: Line) -> dict[str, list[Request]]:
    """List the requests of every action that is done for somebody, by its name."""
    line.portal.switch(tokens_in_events=False)
    return {name: await said(line, text, by=by) for name, (text, by) in ACTED.items()}


async def measured(line: Line, many: Sequence[int] = MANY) -> dict[str, list[Request]]:
    """List the requests of every action, by its name."""
    found = {"an installation": requests(line, after=0)}
    for name, (text, by) in COMMANDS.items():
        found[name] = await said(line, text, by=by)
    found["/post in a group"] = await published_in_a_group(line)
    found["/post that quotes a message"] = await quoted(line)
    of_approval = ("/post that needs an approval", "a press that asks for it", "a press that approves")
    found |= dict(zip(of_approval, await approved(line), strict=True))
    found["/delete"], found["a press that deletes"] = await deleted(line)
    found["/readers"] = await readers_asked(line)
    found["a press of Undo"] = await undone(line)
    found["/post by a follower"] = await published_by_a_follower(line)
    for number in many:
        found[f"a post to {number:,} chats"], found[f"an edit in {number:,} chats"] = await relayed(line, number)
    found["an update"] = await updated(line)
    found["an installation again"] = await installed_again(line)
    return found
