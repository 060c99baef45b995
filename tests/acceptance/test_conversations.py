"""The main use cases in both generations: people write, press and see; the service is a process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from portal.clients.person import Person, text_of
from tests.line import ANNA, ANNA_TOO, BORIS, CLARA, CREW, OLGA, Line, laid

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["v1", "v2"])
async def line(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Line]:
    """Return one started service per bot generation for this file."""
    async with laid(tmp_path_factory.mktemp(request.param), request.param) as made:
        for who in (OLGA, ANNA, BORIS, CLARA):
            await made.portal.person(who).opens()
        await made.quiet()  # everybody has got the greeting
        yield made


def newest(person: Person, dialog: str | None = None) -> int:
    """Return the id of the newest message, to look only at later ones."""
    return max((message.id for message in person.reads(dialog=dialog)), default=0)


async def test_help(line: Line) -> None:
    """/help lists the commands; a button changes this message to one command, and another one goes back."""
    clara = line.portal.person(CLARA)
    asked = await clara.says("/help")
    listed = await clara.sees("/follow", after=asked)
    await clara.presses("/share")
    await clara.sees("to:here", after=asked)
    await clara.presses("All commands")
    assert (await clara.sees("This is what I can do", after=asked)).id == listed.id
    await line.quiet()
    assert newest(clara) == listed.id


async def test_words_without_a_slash(line: Line) -> None:
    """In private, a sentence is no command: nothing is published, and the bot explains how commands begin."""
    clara, posts = line.portal.person(CLARA), len(line.portal.posts())
    asked = await clara.says("post office is closed today")
    await clara.sees("begin with a slash", after=asked)
    await line.quiet()
    assert len(line.portal.posts()) == posts


async def test_a_post_with_recipients_and_a_title(line: Line) -> None:
    """/post with to: and title: appears in the feed, from the user who wrote it, for its recipients."""
    boris = line.portal.person(CLARA)
    asked = await boris.says('/post to:sales,@boris title:"On Friday" The office closes at four.')
    card = await boris.sees("Published as", after=asked)
    post = line.portal.posts(CLARA)[-1]
    assert (post.title, post.text, post.dest) == ("On Friday", "The office closes at four.", ("DR3", "U3"))
    assert str(post.id) in card.text
    assert "The office closes at four." in text_of(card)
    opened = await boris.presses("Open")
    assert opened == {"action": "LINK", "value": f"{line.portal.url}company/personal/user/{CLARA}/blog/{post.id}/"}
    again = await boris.presses("Share")
    assert again is not None
    assert again["value"] == f"/share {post.id} to:"


async def test_an_ambiguous_name_is_asked_about(line: Line) -> None:
    """If two people are called Anna, the bot asks; a press publishes the post as it was written."""
    clara, posts = line.portal.person(CLARA), len(line.portal.posts())
    asked = await clara.says("/post to:anna Happy birthday")
    await clara.sees("could be any of these", after=asked)
    assert len(line.portal.posts()) == posts
    await clara.presses("Anna Schmidt")
    await clara.sees("Published as", after=asked)
    post = line.portal.posts(CLARA)[-1]
    assert (post.text, post.dest) == ("Happy birthday", (f"U{ANNA_TOO}",))


async def test_a_post_keeps_its_lines(line: Line) -> None:
    """A typed /post keeps every line of the message, empty ones too."""
    clara, text = line.portal.person(CLARA), "Three things:\n\n- tea\n- coffee\n  and /etc/hosts\n\nThat is all."
    asked = await clara.says(f"/post {text}")
    await clara.sees("Published as", after=asked)
    assert line.portal.posts(CLARA)[-1].text == text


async def test_several_commands_in_one_message(line: Line) -> None:
    """Each command of a message is answered, and the text between two belongs to the first."""
    clara, posts = line.portal.person(CLARA), len(line.portal.posts(CLARA))
    asked = await clara.says("/post One\nand a half\n/follows\n/help share")
    await clara.sees("Published as", after=asked)
    await clara.sees("follows nothing", after=asked)
    await clara.sees("to:here", after=asked)
    await line.quiet()
    assert [post.text for post in line.portal.posts(CLARA)[posts:]] == ["One\nand a half"]
    assert len([message for message in clara.reads() if message.id > asked]) == 3


async def test_share_and_crm(line: Line) -> None:
    """A post gets more recipients and its card is shown in a chat; a text goes to a deal's timeline."""
    olga, anna = line.portal.person(OLGA), line.portal.person(ANNA)
    asked = await olga.says('/share 217 to:"HR team"')
    await olga.sees("217", after=asked)
    assert "DR4" in line.portal.emulator.world.feed.posts[217].dest
    before = newest(anna, CREW)
    await anna.says(f"/share 217 to:{CREW}")
    boris = line.portal.person(BORIS)
    card = await boris.waits(lambda: next((row for row in boris.reads(dialog=CREW) if row.menu), None))
    assert (card.author, card.id > before) == (ANNA, True)
    assert await boris.chooses("Follow", dialog=CREW) is None
    await boris.sees("Feedbridge", dialog=CREW, after=card.id)
    asked = await olga.says("/crm deal 42 They called.")
    await olga.sees("timeline", after=asked)
    assert [entry.text for entry in line.portal.emulator.world.crm.entries.values()][-1] == "They called."


async def test_a_refused_command_keeps_its_text(line: Line) -> None:
    """A refused command comes back with a button that puts the text into the input field."""
    clara = line.portal.person(CLARA)
    asked = await clara.says("/post to:nobody-at-all Long and dear words")
    await clara.sees("nobody-at-all", after=asked)
    put = await clara.presses("Put the text back")
    assert put is not None
    assert put["value"] == "/post to:nobody-at-all Long and dear words"


async def test_a_command_that_also_comes_as_a_message_counts_once(line: Line) -> None:
    """If a portal sends a typed command as a message too, there is one answer and one post."""
    clara, posts = line.portal.person(CLARA), len(line.portal.posts(CLARA))
    line.portal.switch(double_commands=True)
    asked = await clara.says("/post Only once")
    await clara.sees("Published as", after=asked)
    await line.quiet()
    line.portal.switch(double_commands=False)
    assert [post.text for post in line.portal.posts(CLARA)[posts:]] == ["Only once"]
    assert len([message for message in clara.reads() if message.id > asked]) == 1


@pytest.mark.parametrize(
    ("who", "command", "published", "follows"),
    [
        (ANNA, "/пост кому:все Всем привет", "Опубликовано", "нет подписок"),
        (BORIS, "/post an:alle Guten Morgen", "Veröffentlicht", "hat zurzeit nichts abonniert"),
    ],
    ids=["ru", "de"],
)
async def test_users_are_answered_in_their_language(
    line: Line, who: int, command: str, published: str, follows: str
) -> None:
    """Users who read Russian or German get answers in it, and may use words of that language."""
    person = line.portal.person(who)
    asked = await person.says(command)
    await person.sees(published, after=asked)
    assert line.portal.posts(who)[-1].text in ("Всем привет", "Guten Morgen")
    asked = await person.says("/follows")
    await person.sees(follows, after=asked)


async def test_mentioned_in_a_group(line: Line) -> None:
    """In a group the bot reacts to its name, with or without a slash after it, and to nothing else."""
    group = line.portal.make_chat(line.bot, CLARA, title="Kitchen")
    clara = line.portal.person(CLARA)
    await clara.sees("Hello everyone", dialog=group)
    asked = await clara.mentions(line.bot, "post to:all The fridge is clean.", dialog=group)
    await clara.sees("Published as", dialog=group, after=asked)
    assert line.portal.posts(CLARA)[-1].text == "The fridge is clean."
    asked = await clara.says("Is it, now?", dialog=group)
    await line.quiet()
    assert newest(clara, group) == asked


async def test_a_group_without_the_bot(line: Line) -> None:
    """In a chat without the bot, common commands are answered; to follow, the bot must be added."""
    group = line.group(OLGA, CLARA, bot=False)
    clara = line.portal.person(CLARA)
    asked = await clara.says("/post From outside", dialog=group)
    answer = await clara.sees("Published as", dialog=group, after=asked)
    assert answer.system
    assert line.portal.posts(CLARA)[-1].text == "From outside"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("/post to:all Typed between two people", "Published as"),
        ("/post to:nobody-at-all Long and dear words", "nobody-at-all"),
        ("/share 217 to:all", "217"),
        ("/crm deal 42 Between two people", "timeline"),
        ("/help", "This is what I can do"),
        ("/crm deal", "/crm deal number|name"),
    ],
)
@pytest.mark.parametrize("opened_by", [BORIS, CLARA], ids=["the colleague's dialog", "the asker's dialog"])
async def test_a_command_typed_to_a_colleague(line: Line, command: str, answer: str, opened_by: int) -> None:
    """A command typed to a colleague is answered to the user who typed it; the colleague's dialog stays empty."""
    asker, colleague = (OLGA, BORIS) if opened_by == BORIS else (CLARA, ANNA_TOO)
    one, other = line.portal.person(asker), line.portal.person(colleague)
    opener = other if opened_by == BORIS else one
    await other.opens()
    await opener.says("Good morning", dialog=asker if opener is other else colleague)
    await line.quiet()
    untouched = newest(other)
    asked = await one.says(command, dialog=colleague)
    await line.quiet()
    answers = [row for row in (*one.reads(dialog=colleague), *one.reads()) if row.id > asked and answer in text_of(row)]
    assert len(answers) == 1, [text_of(row) for row in answers]
    assert newest(other) == untouched


@pytest.mark.parametrize("opened_by", [BORIS, CLARA], ids=["the colleague's dialog", "the asker's dialog"])
async def test_a_post_published_to_a_colleague_reaches_its_authors_own_subscription(line: Line, opened_by: int) -> None:
    """Who follows all posts in their own dialog sees the post there that they published from a colleague's dialog."""
    clara, boris, words = line.portal.person(CLARA), line.portal.person(BORIS), f"The lift works again {opened_by}"
    opener, other = (boris, CLARA) if opened_by == BORIS else (clara, BORIS)
    await opener.says("Good morning", dialog=other)
    asked = await clara.says("/follow all")
    await line.quiet()
    await clara.says(f"/post to:all {words}", dialog=BORIS)
    await line.quiet()
    cards = [row for row in clara.reads() if row.id > asked and words in f"{row.text} {row.attach}"]
    assert len(cards) == 1, [text_of(row) for row in clara.reads() if row.id > asked]
    assert "Published as" not in cards[0].text  # that was said where it was typed
    await clara.says("/unfollow")
    await line.quiet()


async def test_a_card_shared_in_a_dialog_with_a_colleague(line: Line) -> None:
    """`/share N to:here` typed to a colleague puts a link there in the user's name, or shows it to them alone."""
    clara, boris = line.portal.person(CLARA), line.portal.person(BORIS)
    await boris.says("Look at that", dialog=CLARA)
    await line.quiet()
    untouched = newest(boris)
    asked = await clara.says("/share 217 to:here", dialog=BORIS)
    await line.quiet()
    cards = [row for row in clara.reads(dialog=BORIS) if row.id > asked and row.menu]
    assert [row.author for row in cards] == [CLARA]
    assert newest(boris) == untouched


async def test_a_button_in_a_dialog_with_a_colleague(line: Line) -> None:
    """Pressing Follow under an answer in a colleague's dialog does not change that colleague's own dialog."""
    clara, boris = line.portal.person(CLARA), line.portal.person(BORIS)
    await boris.says("How does it work?", dialog=CLARA)
    asked = await clara.says("/help follows", dialog=BORIS)
    await clara.sees("with a button to stop each", dialog=BORIS, after=asked)
    asked = await clara.says("/start", dialog=BORIS)
    await clara.sees("I connect this chat", dialog=BORIS, after=asked)
    untouched = newest(boris)
    for label in ("What we follow", "Follow"):
        assert await clara.presses(label, dialog=BORIS) is None
        await line.quiet()
    assert newest(boris) == untouched
    asked = await boris.says("/follows")
    await boris.sees("hat zurzeit nichts abonniert", after=asked)


async def test_a_hidden_group_is_named_only_to_the_user_who_asks(line: Line) -> None:
    """Where people cannot see a workgroup, neither the question nor the confirmation names it."""
    people = line.portal.emulator.world.people
    hidden = replace(people.groups[8], id=80, name="Secret merger", visible=False, owner=OLGA, members=(OLGA,))
    people.groups[80] = hidden
    group = line.portal.make_chat(line.bot, OLGA, CLARA, title="Kitchen talk")
    olga, clara = line.portal.person(OLGA), line.portal.person(CLARA)
    await clara.sees("Hello everyone", dialog=group)
    asked = await olga.says("/post to:secr We begin.", dialog=group)
    question = await olga.sees("secr", after=asked)
    assert "Secret merger" in str(question.keyboard)
    asked = await olga.says("/post to:merger We begin.", dialog=group)
    await olga.sees("Secret merger", after=asked)
    await olga.sees("Published as", dialog=group, after=asked)
    await line.quiet()
    heard = [row for row in clara.reads(dialog=group) if row.author == line.bot or row.system]
    assert len(heard) >= 3  # the greeting, the question, the confirmation
    assert "Secret" not in str(heard)
    asked = await olga.says('/post to:"HR team" We begin.', dialog=group)
    await clara.sees("for HR team", dialog=group, after=asked)
