"""Content of a post must disappear where its readers may no longer see it, in every state of the portal."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace

import pytest

from portal.world.people import Department
from tests import payloads
from tests.acceptance.test_events_feed import edited, orders, tells
from tests.line import ANNA, BORIS, CLARA, GUSTAV, OLGA, WITHIN, Line

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECRET = "The salaries rise."


def shows(line: Line, dialog: str | int = "") -> bool:
    """Check whether a message of a dialog shows the secret; Clara's private dialog if none is named."""
    messages = line.portal.person(CLARA).reads(dialog=dialog or line.bot)
    return any(SECRET in f"{message.text} {message.attach}" for message in messages)


async def followed_group(line: Line) -> str:
    """Make a group of three that follows all posts."""
    dialog = line.group(OLGA, CLARA, BORIS)
    assert await line.hears(line.here(line.dialect.joined(group=True), by=OLGA, dialog=dialog)) == 200
    await orders(line, "/follow all", dialog=dialog)
    return dialog


async def test_a_removed_recipient_loses_the_card(line: Line) -> None:
    """A post for two people disappears from the private chat of the one who may no longer read it."""
    await orders(line, "/follow all")
    post = line.posted(SECRET, by=OLGA, dest=(f"U{CLARA}", f"U{BORIS}"))
    await tells(line, "ADD", post, by=OLGA)
    assert shows(line)
    edited(line, post, dest=(f"U{BORIS}",))
    await tells(line, "UPDATE", post, by=OLGA)
    assert not shows(line)
    await orders(line, "/unfollow")


async def one_more_request(line: Line) -> None:
    """Wait for the next request, or until none can be on its way: one may still carry what was read before a commit."""
    before = line.mark()

    def look() -> bool | None:
        return line.mark() > before or None

    await line.portal.emulator.hub.until(look, within=1.0)


@pytest.mark.parametrize("fate", ["narrowed", "shortened", "deleted"])
async def test_a_waiting_card_never_shows_old_content(line: Line, fate: str) -> None:
    """If a post changes before its card is sent, its old content is never shown, however long the delay."""
    dialog = await followed_group(line)
    line.portal.faults({"method": line.dialect.says, "kind": "500", "times": None})
    post = line.posted(SECRET, by=OLGA)
    after = line.mark()
    assert await line.hears(line.here(payloads.post("ADD", post), by=OLGA)) == 200
    await line.called(line.dialect.says, after=after)
    if fate == "deleted":
        del line.portal.emulator.world.feed.posts[post]
    else:
        edited(line, post, **({"dest": (f"U{BORIS}",)} if fate == "narrowed" else {"text": "Tea at four."}))
    action = "DELETE" if fate == "deleted" else "UPDATE"
    assert await line.hears(line.here(payloads.post(action, post), by=OLGA)) == 200
    await line.handled()
    await one_more_request(line)
    after = line.mark()
    line.portal.faults()
    await line.quiet()
    arrived = [one for one in line.sent(after=after) if one.status == 200 and one.dialog in (dialog, "")]
    assert arrived
    assert not [one for one in arrived if SECRET in f"{one.text} {one.attach}"]
    await orders(line, "/unfollow", dialog=dialog)


@pytest.mark.parametrize("fate", ["narrowed", "deleted"])
async def test_a_card_too_old_to_edit_is_deleted(line: Line, fate: str) -> None:
    """A card that is too old to edit is deleted if its readers may no longer see it."""
    dialog = await followed_group(line)
    post = line.posted(SECRET, by=OLGA)
    await tells(line, "ADD", post, by=OLGA)
    assert shows(line, dialog)
    with contextlib.closing(sqlite3.connect(line.service.folder / "feedbridge.db", timeout=20)) as database, database:
        database.execute("UPDATE cards SET made_at = made_at - 4 * 86400")
    if fate == "deleted":
        del line.portal.emulator.world.feed.posts[post]
    else:
        edited(line, post, dest=(f"U{BORIS}",))
    await tells(line, "DELETE" if fate == "deleted" else "UPDATE", post, by=OLGA)
    assert not shows(line, dialog)
    await orders(line, "/unfollow", dialog=dialog)


async def test_names_are_looked_up_with_the_users_own_rights(line: Line) -> None:
    """Without the user's token, names cannot be looked up with the installer's rights; codes still work."""
    await line.portal.person(BORIS).opens()
    await line.quiet()
    groups = line.portal.emulator.world.people.groups
    groups[7] = replace(groups[7], name="Merger with Acme", visible=False, members=(OLGA,))
    message = line.wrote("/post to:merg hello", by=BORIS, dialog=str(BORIS), commands=("post",))
    event = line.dialect.commanded("post", "to:merg hello", group=False)
    tree = line.here(event, by=BORIS, dialog=str(BORIS), message=message, command="post")
    for tokens in (tree["auth"], tree["data"].get("bot", {}).get("auth", {})):
        for key in ("access_token", "refresh_token"):
            tokens.pop(key, None)
    after = line.mark()
    assert await line.hears(tree) == 200
    await line.quiet()
    (answer,) = line.sent(after=after)
    assert "merg" in answer.text
    assert "Merger" not in f"{answer.text} {answer.keyboard}"


async def emptied(line: Line, dialog: str | int) -> None:
    """Wait until a dialog no longer shows the secret."""

    def look() -> bool | None:
        return True if not shows(line, dialog) else None

    assert await line.portal.emulator.hub.until(look, within=WITHIN), "the content still stands"


async def test_an_extranet_user_who_joins_later(line: Line) -> None:
    """After an extranet user was added to a group, the next message removes the content of its cards."""
    dialog = await followed_group(line)
    post = line.posted(SECRET, by=OLGA)
    await tells(line, "ADD", post, by=OLGA)
    assert shows(line, dialog)
    _forget_who_was_asked(line)
    line.portal.emulator.world.messenger.put(
        replace(chat := line.portal.emulator.world.messenger.chats[int(dialog[4:])], members=(*chat.members, GUSTAV))
    )
    await orders(line, "/follows", dialog=dialog)
    assert not shows(line, dialog)
    await orders(line, "/unfollow", dialog=dialog)


async def test_an_extranet_user_who_joined_just_before_the_next_post(line: Line) -> None:
    """The next post in the feed empties the older cards too: showing a post checks the readers of all cards."""
    dialog = await followed_group(line)
    first = line.posted(SECRET, by=OLGA)
    await tells(line, "ADD", first, by=OLGA)
    await tells(line, "ADD", line.posted("Tea at four.", by=OLGA), by=OLGA)
    assert shows(line, dialog)
    messenger = line.portal.emulator.world.messenger
    messenger.put(replace(chat := messenger.chats[int(dialog[4:])], members=(*chat.members, GUSTAV)))
    await tells(line, "ADD", line.posted("Cake at five.", by=OLGA), by=OLGA)
    await emptied(line, dialog)
    await line.quiet()
    await orders(line, "/unfollow", dialog=dialog)


@pytest.mark.parametrize("fate", ["narrowed", "deleted", "shortened", "joined"])
async def test_a_restart_compares_cards_with_the_feed(line: Line, fate: str) -> None:
    """After a restart the cards are compared with the feed, which replaces lost events."""
    dialog = await followed_group(line)
    post = line.posted(SECRET, by=OLGA)
    await tells(line, "ADD", post, by=OLGA)
    assert shows(line, dialog)
    if fate == "joined":
        await tells(line, "ADD", line.posted("Tea at four.", by=OLGA), by=OLGA)  # the readers are asked now
    await line.service.stop()
    if fate == "deleted":
        del line.portal.emulator.world.feed.posts[post]
    elif fate == "joined":
        messenger = line.portal.emulator.world.messenger
        messenger.put(replace(chat := messenger.chats[int(dialog[4:])], members=(*chat.members, GUSTAV)))
    else:
        edited(line, post, **({"dest": (f"U{BORIS}",)} if fate == "narrowed" else {"text": "Tea at four."}))
    await line.service.start()
    await emptied(line, dialog)
    await line.quiet()
    await orders(line, "/unfollow", dialog=dialog)


async def test_a_user_who_leaves_a_department_loses_its_posts(line: Line) -> None:
    """A private card of a department's post loses its content after its reader left, without any event."""
    users = line.portal.emulator.world.people.users
    before = users[CLARA]
    users[CLARA] = replace(before, departments=(3,))
    await orders(line, "/follow all")
    post = line.posted(SECRET, by=OLGA, dest=("DR3",))
    await tells(line, "ADD", post, by=OLGA)
    assert shows(line)
    await line.service.stop()
    users[CLARA] = before
    assert 3 not in before.departments
    await line.service.start()
    await emptied(line, line.bot)
    await line.quiet()
    await orders(line, "/unfollow")


async def sales_group(line: Line, *members: int) -> str:
    """Make a group that follows all posts; its members Olga, Clara and Boris belong to Sales (77)."""
    people = line.portal.emulator.world.people
    people.departments[77] = Department(id=77, name="Sales", parent=1)
    for one in people.users.values():
        away = tuple(number for number in one.departments if number != 77) or (1,)
        people.users[one.id] = replace(one, departments=(77,) if one.id in (OLGA, CLARA, BORIS) else away)
    dialog = line.group(CLARA, *members)
    assert await line.hears(line.here(line.dialect.joined(group=True), by=CLARA, dialog=dialog)) == 200
    await orders(line, "/follow all", dialog=dialog)
    return dialog


async def sold(line: Line, *, dest: str = "DR77") -> None:
    """Let Olga write the secret to Sales, and tell of it."""
    await tells(line, "ADD", line.posted(SECRET, by=OLGA, dest=(dest,)), by=OLGA)


def joins(line: Line, dialog: str, person: int) -> None:
    """Add a person to a group without telling anybody, as Bitrix24 does; we asked long ago who reads there."""
    _forget_who_was_asked(line)
    messenger = line.portal.emulator.world.messenger
    messenger.put(replace(chat := messenger.chats[int(dialog[4:])], members=(*chat.members, person)))


@pytest.mark.parametrize("dest", ["DR77", "SG77"])
async def test_a_restricted_post_is_shown_where_all_members_are_recipients(line: Line, dest: str) -> None:
    """A post for a department or workgroup comes in full into a chat whose members all belong to it."""
    groups = line.portal.emulator.world.people.groups
    groups[77] = replace(groups[7], id=77, name="Sales project", visible=False, members=(OLGA, CLARA, BORIS))
    dialog = await sales_group(line, BORIS)
    await sold(line, dest=dest)
    assert shows(line, dialog)
    await orders(line, "/unfollow", dialog=dialog)


async def test_one_member_who_is_no_recipient_withholds_the_post(line: Line) -> None:
    """If one member belongs to another department, the chat gets no content, only the quiet line."""
    dialog = await sales_group(line, BORIS, ANNA)
    await sold(line)
    assert not shows(line, dialog)

    def counted() -> bool | None:
        messages = line.portal.person(CLARA).reads(dialog=dialog)
        return any("not everyone here may read" in one.text for one in messages) or None

    assert await line.portal.emulator.hub.until(counted, within=WITHIN), "the quiet line does not count it"
    await orders(line, "/unfollow", dialog=dialog)


async def test_a_new_member_who_is_no_recipient_empties_the_cards(line: Line) -> None:
    """After a member of another department joins, the next message empties the cards of restricted posts."""
    dialog = await sales_group(line, BORIS)
    await sold(line)
    assert shows(line, dialog)
    joins(line, dialog, ANNA)
    await orders(line, "/follows", dialog=dialog)
    assert not shows(line, dialog)
    await orders(line, "/unfollow", dialog=dialog)


@pytest.mark.parametrize("dest", ["DR77", "SG78"])
async def test_a_member_who_is_no_recipient_any_more_empties_the_cards(line: Line, dest: str) -> None:
    """After a member leaves the department or workgroup, the next check empties the cards of its posts."""
    people = line.portal.emulator.world.people
    people.groups[78] = replace(people.groups[7], id=78, name="Sales project", members=(OLGA, CLARA, BORIS))
    dialog = await sales_group(line, BORIS)
    await sold(line, dest=dest)
    assert shows(line, dialog)
    people.users[BORIS] = replace(people.users[BORIS], departments=(1,))
    people.groups[78] = replace(people.groups[78], members=(OLGA, CLARA))
    await line.service.stop()
    await line.service.start()
    await emptied(line, dialog)
    await line.quiet()
    await orders(line, "/unfollow", dialog=dialog)


async def test_follow_says_that_an_extranet_user_prevents_posts(line: Line) -> None:
    """If an extranet user reads in a group, /follow says at once that no content will be shown."""
    dialog = line.group(CLARA, GUSTAV)
    assert await line.hears(line.here(line.dialect.joined(group=True), by=CLARA, dialog=dialog)) == 200
    after = await orders(line, "/follow all", dialog=dialog)
    assert any(
        "extranet" in one.text.casefold() or "экстранет" in one.text.casefold() for one in line.sent(after=after)
    )
    await orders(line, "/unfollow", dialog=dialog)


def _forget_who_was_asked(line: Line) -> None:
    with contextlib.closing(sqlite3.connect(line.service.folder / "feedbridge.db", timeout=20)) as database, database:
        database.execute("UPDATE dialog_readers SET asked_at = 0")
