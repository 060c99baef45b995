"""/test and /why: which posts a rule brings, and which rule brings a post."""

from __future__ import annotations

import pytest

from bot import commands
from bot.model.effects import Say
from bot.model.events import Dialog, PostId, UserId
from bot.model.records import Follow, Named, Post
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, GROUP, PRIVATE, Conversation, labels

SALES = Named(code="DR3", name="Sales")


def chat(*topics: str, dialog: Dialog = PRIVATE) -> Conversation:
    """Make a chat that follows these rules, on a portal with three posts; 3 is for the sales department."""
    portal = StandInPortal(people=[SALES, Named(code="U5", name="Tom Berg")])
    portal.posts = {
        1: Post(id=PostId(1), author=UserId(5), title="", text="Launch at noon", for_all=True),
        2: Post(id=PostId(2), author=UserId(6), title="", text="Fire drill", important=True, for_all=True),
        3: Post(id=PostId(3), author=UserId(6), title="", text="Numbers of May"),
    }
    portal.places = {3: frozenset({"DR3"})}
    made = Conversation(router=commands.router(), portal=portal, dialog=dialog, keeps=True)
    made.memory.following = [
        Follow(dialog=dialog, topic=one, owner=ANNA.id, language="en", owner_name=ANNA.name) for one in topics
    ]
    return made


async def answers(made: Conversation, text: str) -> list[str]:
    """Type something, and return the texts of the answers."""
    return [one.content.text for one in await made.say(text) if isinstance(one, Say)]


async def test_the_rules_of_the_chat_are_tried() -> None:
    """Each post that would have come is named with the numbers of its rules; the rules are listed below."""
    (said,) = await answers(chat("important", "word:launch", "all"), "/test")
    lines = said.split("\n")
    assert lines[0] == "Latest posts in your News Feed: 3 tried, 3 fit."
    assert [line.rpartition(" · ")[2] for line in lines[1:4]] == ["rule 3", "rule 1, rule 3", "rule 2, rule 3"]
    assert lines[-4:] == ["This chat follows:", "1. important posts", "2. posts with “launch”", "3. all posts"]


@pytest.mark.parametrize(
    ("rule", "numbers"),
    [
        ("from:tom", ["1"]),
        ("in:sales", ["3"]),
        ("-in:sales", ["2", "1"]),
        ("important word:fire", ["2"]),
        ("word:zebra", []),
    ],
)
async def test_a_rule_is_tried_before_it_is_followed(rule: str, numbers: list[str]) -> None:
    """A written rule is tried, also by department, and nothing is stored."""
    made = chat()
    (said,) = await answers(made, f"/test {rule}")
    shown = [line.partition("]")[2].partition("[")[0] for line in said.split("\n") if line.lower().startswith("[url=")]
    assert shown == numbers
    assert made.state_changes == []


async def test_a_group_gets_no_list() -> None:
    """In a group the list goes to the asker's own dialog, because it names posts that others may not read."""
    made = chat("all", dialog=GROUP)
    effects = [one for one in await made.say("/test") if isinstance(one, Say)]
    assert [one.dialog for one in effects] == [GROUP, str(ANNA.id)]
    assert "Numbers of May" not in effects[0].content.text
    assert "Numbers of May" in effects[1].content.text


async def test_without_rules_there_is_nothing_to_try() -> None:
    """A chat that follows nothing is told how to try a rule."""
    (said,) = await answers(chat(), "/test")
    assert "/test important word:launch" in said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("/why 2", ["important posts", "all posts"]),
        ("/why 1", ["all posts"]),
        ("/why 3", ["all posts"]),
    ],
)
async def test_why_names_the_rules(written: str, said: list[str]) -> None:
    """Every rule that matches is named, with who asked for it, and a button leads to the list."""
    made = chat("important", "word:nothing", "all")
    (answer,) = await made.say(written)
    assert isinstance(answer, Say)
    lines = answer.content.text.split("\n")
    assert lines == [
        f"Post {written[-1]} comes here because this chat follows {one}. Subscribed by Anna Lind." for one in said
    ]
    assert labels(answer) == ["What I follow"] or len(labels(answer)) == 1


async def test_why_of_other_posts() -> None:
    """A post that no rule brings is said to be so; one that the group may not see is explained."""
    made = chat("from:5", dialog=GROUP)
    assert await answers(made, "/why 2") == ["No subscription of this chat matches post 2."]
    made = chat("all", dialog=GROUP)
    made.portal.extranet_dialogs.add(GROUP)
    here, own = await made.say("/why 1")
    assert isinstance(here, Say)
    assert "in our private chat" in here.content.text
    assert isinstance(own, Say)
    assert own.content.text.endswith("because not everyone there may read it.")
    assert own.dialog == str(ANNA.id)
    assert await made.mistake("/why 999") == "posts.none"
    assert await made.mistake("/why") == "posts.no_id"
