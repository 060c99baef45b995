"""Following in both generations: one card per post that changes with it, and who may see what."""

from __future__ import annotations

import pytest

from portal.clients.person import Person, text_of
from portal.world.messenger import Message
from tests import payloads
from tests.line import ANNA, ANNA_TOO, BORIS, CLARA, GUSTAV, OLGA, Line
from tests.payloads import Tree

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def follows(line: Line, who: int, group: str | None = None, what: str = "all") -> Person:
    """Follow as a user, in private or in a group."""
    person = line.portal.person(who)
    await person.says(f"/follow {what}", dialog=group)
    await line.quiet()
    return person


async def unfollows(line: Line, person: Person, group: str | None = None) -> None:
    """End all subscriptions of a chat."""
    await person.says("/unfollow", dialog=group)
    await line.quiet()


def since(person: Person, before: int, group: str | None = None) -> list[Message]:
    """Return the messages after a message, oldest first."""
    return [row for row in person.reads(dialog=group) if row.id > before]


async def test_a_card_follows_the_changes_of_its_post(line: Line) -> None:
    """A post becomes a card; an edit changes it, an update without change does nothing, a deletion closes it."""
    clara, olga = await follows(line, CLARA), line.portal.person(OLGA)
    before = clara.reads()[-1].id
    post = await olga.posts("The lift is out of order.", title="Lift")
    card = await clara.sees("The lift is out of order.", after=before)
    assert "Olga Sommer" in text_of(card)

    await olga.edits_post(post, text="The lift works again.")
    assert (await clara.sees("The lift works again.", after=before)).id == card.id
    await line.quiet()

    after = line.mark()
    await olga.edits_post(post)
    await line.quiet()
    await olga.comments(post, "Thank you!")  # the portal tells nobody; the next check counts it
    await line.quiet()
    assert line.sent(after=after) == []

    await olga.deletes_post(post)
    gone = await clara.sees("deleted", after=before)
    assert gone.id == card.id
    assert "lift" not in text_of(gone).casefold()
    assert len(since(clara, before)) == 1
    await unfollows(line, clara)


async def test_two_edits_within_a_second(line: Line) -> None:
    """The events of two edits in one second are equal; the card still shows the second edit."""
    clara, olga = await follows(line, CLARA), line.portal.person(OLGA)
    before = clara.reads()[-1].id
    post = await olga.posts("Lunch at eleven.")
    card = await clara.sees("Lunch at eleven.", after=before)
    await olga.edits_post(post, text="Lunch at twelve.")
    await line.portal.idle()
    await olga.edits_post(post, text="Lunch at one.")
    assert (await clara.sees("Lunch at one.", after=before)).id == card.id
    await unfollows(line, clara)


async def test_a_post_by_the_bot_is_shown_once(line: Line) -> None:
    """A follower who publishes through the bot gets one card, the answer, and it changes with the post."""
    clara = await follows(line, CLARA)
    asked = await clara.says("/post Pancakes at noon")
    await clara.sees("Published as", after=asked)
    await line.quiet()
    (card,) = since(clara, asked)
    await clara.edits_post(line.portal.posts(CLARA)[-1].id, text="Pancakes at one")
    assert (await clara.sees("Pancakes at one", after=asked)).id == card.id
    await unfollows(line, clara)


async def test_the_button_of_a_card_stops_it(line: Line) -> None:
    """The card's button ends its subscription; the list shows the remaining ones, and can stop them too."""
    clara, olga = await follows(line, CLARA), line.portal.person(OLGA)
    await follows(line, CLARA, what="word:soup")
    before = clara.reads()[-1].id
    await olga.posts("A post to stop at")
    await clara.sees("A post to stop at", after=before)
    await clara.presses("Unfollow")
    await clara.sees("no longer follows all posts", after=before)
    await clara.presses("What we follow")
    listed = await clara.sees("This chat follows:", after=before)
    await clara.presses("Unfollow posts with")
    await clara.sees("follows nothing", after=before)
    before = clara.reads()[-1].id
    await olga.posts("Soup again")
    await line.quiet()
    assert since(clara, before) == []
    assert listed.id in {row.id for row in clara.reads()}


async def test_important_a_person_and_a_word(line: Line) -> None:
    """Filters match important posts, posts of one person, or posts with a word."""
    people = {what: line.portal.make_chat(line.bot, CLARA) for what in ("important", "from:@boris", "word:budget")}
    for what, group in people.items():
        await follows(line, CLARA, group, what)
    marks = {group: line.portal.person(CLARA).reads(dialog=group)[-1].id for group in people.values()}
    await line.portal.person(OLGA).posts("Fire drill at ten", important=True)
    await line.portal.person(BORIS).posts("The budgets are ready")
    await line.portal.person(OLGA).posts("Nothing of note")
    await line.quiet()
    clara = line.portal.person(CLARA)
    came = {what: [text_of(row) for row in since(clara, marks[group], group)] for what, group in people.items()}
    assert [len(came[what]) for what in people] == [1, 1, 1]
    assert "Fire drill at ten" in came["important"][0]
    assert "The budgets are ready" in came["from:@boris"][0]
    assert "The budgets are ready" in came["word:budget"][0]
    for group in people.values():
        await unfollows(line, clara, group)


async def test_a_post_for_a_department_in_a_group(line: Line) -> None:
    """A post that is not for everybody is only counted in a group; a card loses its content when narrowed."""
    group = line.portal.make_chat(line.bot, BORIS, CLARA)
    clara = await follows(line, CLARA, group)
    before = clara.reads(dialog=group)[-1].id
    post = await line.portal.person(BORIS).posts("The offer is 40000.", title="Offer", dest=["DR3"])
    counted = await clara.sees("not everyone here may read", dialog=group, after=before)
    assert (counted.attach, "ffer" in text_of(counted), "/user/" in text_of(counted)) == (None, False, False)
    await line.portal.person(BORIS).edits_post(post, dest=["UA"])
    card = await clara.sees("The offer is 40000.", dialog=group, after=before)
    await line.portal.person(BORIS).edits_post(post, dest=["DR3"], text="The offer is 39000.")
    hidden = await clara.sees("Not everyone here may read", dialog=group, after=before)
    assert (hidden.id, hidden.attach, "ffer" in text_of(hidden)) == (card.id, None, False)
    await unfollows(line, clara, group)


async def test_an_extranet_user_in_the_group(line: Line) -> None:
    """In a group with an extranet user, even a post for everybody is only counted."""
    group = line.portal.make_chat(line.bot, GUSTAV, CLARA)
    clara = await follows(line, CLARA, group)
    before = clara.reads(dialog=group)[-1].id
    await line.portal.person(OLGA).posts("Our plans for spring")
    card = await clara.sees("not everyone here may read", dialog=group, after=before)
    assert (card.attach, "plans" in text_of(card)) == (None, False)
    await unfollows(line, clara, group)


async def test_in_private_the_portal_decides_who_reads_a_post(line: Line) -> None:
    """A post for a department is shown to its readers; another follower is told nothing."""
    insider, follower = await follows(line, ANNA_TOO), await follows(line, CLARA)
    marks = insider.reads()[-1].id, follower.reads()[-1].id
    await line.portal.person(BORIS).posts("Bonus for the department", dest=["DR3"])
    assert (await insider.sees("Bonus for the department", after=marks[0])).attach
    await line.quiet()
    assert follower.reads()[-1].id == marks[1]
    await unfollows(line, insider)
    await unfollows(line, follower)


@pytest.mark.parametrize(("who", "language", "word"), [(ANNA, "ru", "удалили"), (BORIS, "de", "gelöscht")])
async def test_a_card_has_the_language_of_its_subscription(line: Line, who: int, language: str, word: str) -> None:
    """A card in Russian or German keeps its language, for any author of the post."""
    await line.speaks(who, language)
    reader, olga = await follows(line, who), line.portal.person(OLGA)
    before = reader.reads()[-1].id
    post = await olga.posts("An English post")
    await reader.sees("An English post", after=before)
    await olga.deletes_post(post)
    await reader.sees(word, after=before)
    await unfollows(line, reader)


async def test_a_chat_the_bot_was_removed_from(line: Line) -> None:
    """The next card is refused: the chat's subscriptions end, the follower is told, and others continue."""
    group, other = (line.portal.make_chat(line.bot, CLARA) for _ in range(2))
    await line.quiet()
    clara, olga = await follows(line, CLARA, group), line.portal.person(OLGA)
    await follows(line, CLARA, other)
    asked = clara.reads()[-1].id if clara.reads() else 0
    assert await olga.removes(line.bot, dialog=group)
    await olga.posts("Soup at noon")
    told = await clara.sees("I am no longer in", after=asked)
    assert f"[chat={group.removeprefix('chat')}]" in told.text
    await clara.sees("Soup at noon", dialog=other)
    await line.quiet()
    after = line.mark()
    await olga.posts("Cake at three")
    await clara.sees("Cake at three", dialog=other)
    await line.quiet()
    assert {one.dialog for one in line.sent(after=after)} == {other}
    assert len([row for row in clara.reads() if "I am no longer in" in row.text and row.id > asked]) == 1
    await unfollows(line, clara, other)


async def test_messages_of_other_bots_are_not_answered(line: Line) -> None:
    """A message of another bot is accepted with 200 and not answered, so that bots do not talk endlessly."""
    group = line.portal.make_chat(line.bot, CLARA)
    await line.quiet()
    after = line.mark()
    event = line.here(_by_a_bot(line), by=CLARA, dialog=group)
    assert await line.hears(event) == 200
    await line.quiet()
    assert line.calls(after=after) == []


def _by_a_bot(line: Line) -> Tree:
    if line.bot_api == "v2":
        return payloads.v2_said("help", group=True, user=payloads.v2_user(bot=True))
    event = payloads.v1_said("help", group=True)
    event["data"]["USER"] = payloads.v1_user(IS_BOT="Y")
    return event
