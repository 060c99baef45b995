"""/settings to:...: who a post without recipients is for, for a person and for a chat."""

from __future__ import annotations

from typing import Any

import pytest

from bot import commands
from bot.i18n import catalog
from bot.model.effects import Edit, Publish, Say, ShowDraft
from bot.model.events import Dialog
from tests.choosing import choices, choose
from tests.composing import PEOPLE, PREVIEWS, conversation, rows
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, GROUP, PRIVATE, Conversation, labels, puts


def chat(dialog: Dialog = PRIVATE, *, manages: bool = True, **more: Any) -> Conversation:
    """Return a dialog where posts are published at once."""
    portal = StandInPortal(people=list(PEOPLE), managers={ANNA.id} if manages else set(), admin=False)
    return Conversation(router=commands.router(), portal=portal, dialog=dialog, keeps=True, **more)


async def dest(talk: Conversation, text: str) -> list[str]:
    """Return the recipients of the post that a command publishes."""
    (made,) = await talk.say(text)
    assert isinstance(made, Publish)
    return made.dest


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "/settings to:sales", "Your posts that name nobody are for: Sales."),
        ("de", "/settings an:sales", "Ihre Beiträge, die niemanden nennen, sind für: Sales."),
        ("ru", "/settings для:sales", "Ваши записи без получателей — для: Sales."),
    ],
)
async def test_a_person_chooses(language: str, text: str, said: str) -> None:
    """The choice holds for each of their posts that names nobody, until they remove it."""
    talk = chat(language=language)
    (answer,) = await talk.say(text)
    assert isinstance(answer, Say)
    assert said in answer.content.text
    assert await dest(talk, "/post We won.") == ["DR3"]
    assert await dest(talk, "/poll Which? a | b") == ["DR3"]
    assert await dest(talk, "/thanks U5 cup Great work") == ["DR3"]
    assert await dest(talk, "/post to:all We won.") == ["UA"]
    assert await dest(talk, "/post to:U5 We won.") == ["U5"]
    button = [one for one in answer.content.keyboard if one.get("COMMAND_PARAMS") == "to:-"]
    assert len(button) == 1
    (after,) = await talk.press("settings", "to:-")
    assert isinstance(after, Edit)
    assert said not in after.content.text
    assert await dest(talk, "/post We won.") == ["UA"]


async def test_the_preview_shows_them() -> None:
    """The card of a draft names the default recipients; /draft to:all goes before them, and they do not come back."""
    talk = conversation()
    await talk.say("/settings to:sales")
    (card,) = await talk.say("/post We won.")
    assert isinstance(card, ShowDraft)
    assert rows(card)["For"] == "Sales, 212 people · from /settings"
    (card,) = [one for one in await talk.say("/draft title:Cup") if isinstance(one, ShowDraft)]
    assert "from /settings" in rows(card)["For"]
    (card,) = [one for one in await talk.say("/draft to:all") if isinstance(one, ShowDraft)]
    assert rows(card)["For"] == "everyone, 212 people"
    (card,) = [one for one in await talk.say("/draft title:News") if isinstance(one, ShowDraft)]
    assert rows(card)["For"].startswith("everyone")
    assert talk.settings == PREVIEWS


async def test_a_new_draft_begins_with_them() -> None:
    """/draft and the composer begin with the default recipients too."""
    talk = conversation()
    await talk.say("/settings to:sales, tom berg")
    (card,) = await talk.say("/draft")
    assert isinstance(card, ShowDraft)
    assert rows(card)["For"].startswith("Sales, Tom Berg")


async def test_a_chat_chooses() -> None:
    """A manager chooses for the chat; it holds for everybody there without a choice, and nowhere else."""
    talk = chat(GROUP)
    (answer,) = await talk.say("/settings chat to:sales")
    assert isinstance(answer, Say)
    assert "Posts from this chat that name nobody are for: Sales" in answer.content.text
    assert "In this chat: no default recipients" in labels(answer)
    assert await dest(talk, "/post We won.") == ["DR3"]
    other = chat(Dialog("chat43"), memory=talk.memory)
    assert await dest(other, "/post We won.") == ["UA"]
    await talk.say('/settings to:"Tom Berg"')
    assert await dest(talk, "/post We won.") == ["U5"]


async def test_only_managers_choose_for_a_chat() -> None:
    """Another member may not choose for the chat, and in private there is no chat to choose for."""
    assert await chat(GROUP, manages=False).mistake("/settings chat to:sales") == "settings.not_manager"
    assert await chat().mistake("/settings chat to:sales") == "settings.no_chat"


@pytest.mark.parametrize(
    ("language", "said"), [("en", "no longer exists"), ("de", "gibt es nicht mehr"), ("ru", "больше нет")]
)
async def test_a_recipient_whom_the_author_may_not_see(language: str, said: str) -> None:
    """Each use is checked with the author's rights: nothing is published for fewer, and the name is not told."""
    talk = chat(GROUP, language=language)
    await talk.say("/settings chat to:sales,velvet")
    talk.portal.people = [one for one in talk.portal.people if one.name != "Velvet"]
    assert await talk.mistake("/post We won.") == "settings.to_lost"
    assert await dest(talk, "/post to:sales We won.") == ["DR3"]
    told = catalog.sentence(language, "settings.to_lost")
    assert said in told
    assert "Velvet" not in told


async def test_hidden_names_are_counted() -> None:
    """Where not everybody may know a default recipient, the settings say only how many there are."""
    talk = chat(GROUP)
    found = await talk.say("/settings chat to:velvet")
    assert "Velvet" not in str([one for one in found if isinstance(one, Say) and one.dialog == GROUP])
    assert "1 recipient whom not everyone here may know" in str(found)


async def test_a_code_is_kept() -> None:
    """A recipient that was named by its code has no name to search for; the portal judges it when the post is sent."""
    talk = chat()
    await talk.say("/settings to:U77")
    assert await dest(talk, "/post We won.") == ["U77"]


async def test_an_unclear_name_is_asked_about() -> None:
    """A name of two people is a question, and a press stores the one who is meant."""
    talk = chat()
    (asked,) = await talk.say("/settings to:tom")
    assert isinstance(asked, Say)
    assert len(choices(asked)) == 2
    await choose(talk, asked, 1)
    assert await dest(talk, "/post We won.") == ["U6"]


async def test_a_refused_post_for_everybody_stays_for_everybody() -> None:
    """The command that a refusal puts back names everybody, if the author did."""
    talk = chat()
    await talk.say("/settings to:sales")
    (made,) = await talk.say("/post to:all We won.")
    assert isinstance(made, Publish)
    (said,) = await talk.failed(made, code="X")
    assert isinstance(said, Say)
    assert await dest(talk, puts(said)[0]) == ["UA"]


@pytest.mark.parametrize(("many", "key"), [(10, None), (11, "settings.to_many")])
async def test_ten_are_the_most(many: int, key: str | None) -> None:
    """As many are possible as one request can check; more change nothing."""
    talk = chat()
    text = f"/settings to:{','.join(f'U{number}' for number in range(1, many + 1))}"
    if key:
        assert await talk.mistake(text) == key
    else:
        await talk.say(text)
    assert len(talk.memory.default_to.get(str(ANNA.id), ())) == (0 if key else many)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "from /settings"), ("de", "aus /settings"), ("ru", "из /settings")]
)
@pytest.mark.parametrize("dialog", [PRIVATE, GROUP], ids=["private", "group"])
async def test_the_card_says_where_they_come_from(dialog: Dialog, language: str, said: str) -> None:
    """The card of each new draft says in the author's language that the recipients are those of /settings."""
    talk = conversation(dialog, language=language)
    await talk.say("settings to:sales" if dialog == GROUP else "/settings to:sales")
    for command in ("/post We won.", '/poll "Which?" a | b', "/thanks U5 cup Great", "/draft"):
        found = [one for one in await talk.say(command) if isinstance(one, ShowDraft)]
        assert [said in str(one.content.attach) for one in found] == [True], command


async def test_posts_for_later_and_templates_use_them() -> None:
    """A scheduled post, a scheduled poll and a template that name nobody are for the default recipients too."""
    talk = conversation()
    await talk.say("/settings to:sales")
    for text in ("/schedule in 2 hours We won.", '/schedule in 2 hours poll:"Which? a | b"'):
        (said,) = await talk.say(text)
        assert isinstance(said, Say)
    posts = await talk.memory.scheduled(ANNA.id)
    assert [one.post.dest for one in posts] == [["DR3"], ["DR3"]]
    assert [one.post.poll is None for one in posts] == [True, False]
    await talk.say("/template save weekly Report: {text}")
    (card,) = [one for one in await talk.say("/template use weekly All well") if isinstance(one, ShowDraft)]
    assert rows(card)["For"].startswith("Sales")
