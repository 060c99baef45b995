"""Rules of subscriptions: what they match, how they are written, changed and ended, and by whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import commands
from bot.errors import UserMistake
from bot.feed import audience
from bot.feed.subscriptions import describing, reading, rules
from bot.feed.subscriptions.rules import Rule
from bot.framework import arguments
from bot.model.effects import Say
from bot.model.events import Dialog, Person, PostId, UserId
from bot.model.records import Follow, Named, Post
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, GROUP, PRIVATE, Conversation

BORIS = Person(id=UserId(8), name="Boris Klein")
PEOPLE = [
    Named(code="U5", name="Tom Berg"),
    Named(code="U6", name="Kim Lund"),
    Named(code="DR3", name="Sales"),
    Named(code="SG7", name="Project Lake"),
]
WORDS = st.sampled_from(["launch", "big launch", "тест", "a,b", 'say "x"', "x:y", "-dash", "#tag"])
IDS = st.sampled_from(["5", "6", "17"])
PLACES = st.sampled_from(["DR3", "SG7"])


def few(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    """Return a strategy for up to three different values."""
    return st.lists(values, max_size=3, unique=True).map(tuple)


RULES = st.builds(
    Rule, important=st.booleans(), authors=few(IDS), places=few(PLACES), tags=few(st.sampled_from(["cake", "чай"])),
    words=few(WORDS), not_authors=few(IDS), not_places=few(PLACES), not_tags=few(st.sampled_from(["cake", "чай"])),
    not_words=few(WORDS),
)  # fmt: skip
POSTS = st.builds(
    Post, id=st.just(PostId(217)), author=st.sampled_from([UserId(5), UserId(6)]), title=st.just(""),
    text=st.lists(st.sampled_from(["Launch", "a big", "launches", "Test", "#cake", "тесты"]), max_size=5).map(" ".join),
    important=st.booleans(), places=st.frozensets(PLACES),
)  # fmt: skip


def chat(*topics: str, dialog: Dialog = GROUP, owner: Person = ANNA) -> Conversation:
    """Make a chat that follows these rules, which one person asked for."""
    made = Conversation(router=commands.router(), portal=StandInPortal(people=PEOPLE), dialog=dialog, keeps=True)
    made.memory.following = [
        Follow(dialog=dialog, topic=one, owner=owner.id, language="en", owner_name=owner.name) for one in topics
    ]
    return made


async def answer(made: Conversation, text: str) -> str:
    """Type something, and return the text of the only answer."""
    (said,) = await made.say(text)
    assert isinstance(said, Say)
    return said.content.text


def topics(made: Conversation) -> list[str]:
    """Return what a chat follows now."""
    return [one.topic for one in made.memory.following]


# --- the rule ----------------------------------------------------------------------------------------------------


@given(RULES)
def test_a_rule_as_text_is_the_same_rule(rule: Rule) -> None:
    """A rule that is stored and read again is equal, apart from the order of its values."""
    again = rules.read(rule.topic)
    assert again.topic == rule.topic
    assert all(set(getattr(again, name)) == set(getattr(rule, name)) for name in ("words", "not_tags", "authors"))


@given(RULES, RULES, POSTS)
def test_a_covering_rule_matches_all_that_the_other_matches(one: Rule, other: Rule, post: Post) -> None:
    """If a rule is said to include another, no post can tell them apart to its disadvantage."""
    if one.covers(other) and other.matches(post):
        assert one.matches(post)


@given(RULES)
def test_each_button_names_its_own_rule(rule: Rule) -> None:
    """The parameters of a button find the subscription that they were made for among others."""
    follows = [
        Follow(dialog=GROUP, topic=topic, owner=UserId(7), language="en")
        for topic in dict.fromkeys(("all", "important", "from:99", rule.topic))
    ]
    args = arguments.parse(reading.RuleArgs, reading.written(rule), command="unfollow")
    found = reading.find(follows, args)
    assert found is not None
    assert found.topic == rule.topic


@pytest.mark.parametrize(
    ("topic", "matches"),
    [
        ("all", True), ("important", False), ("from:5", True), ("from:6", False), ("from:5\nfrom:6", True),
        ("-from:5", False), ("-from:6", True), ("word:launch", True), ("word:launch\nfrom:6", False),
        ("word:launch\n-word:test", True), ("word:launch\n-word:today", False), ("tag:cake", True), ("tag:tea", True),
        ("-tag:cake", False), ("in:SG7", True), ("in:DR3", False), ("in:DR3\nin:SG7", True), ("-in:SG7", False),
        ("word:big launch", True), ("word:launch big", False),
    ],
)  # fmt: skip
def test_what_a_rule_matches(topic: str, matches: bool) -> None:  # noqa: FBT001 - a parameter
    """Values of one kind are alternatives, kinds must all hold, and what is excluded never matches."""
    post = Post(
        id=PostId(217), author=UserId(5), title="", text="The big launch is today #cake", places=frozenset({"SG7"}),
        tags=("Tea",),
    )  # fmt: skip
    assert rules.read(topic).matches(post) is matches
    follow = Follow(dialog=GROUP, topic=topic, owner=UserId(7), language="en")
    seen_without_content = audience.wants(follow, post, content=False)
    assert seen_without_content is (matches and not rules.read(topic).reveals)


# --- /follow -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "topic", "said"),
    [
        ("important from:tom", "important\nfrom:5", "important posts by Tom Berg"),
        ("from:tom, kim", "from:5\nfrom:6", "posts by Tom Berg or Kim Lund"),
        ("from:tom important", "important\nfrom:5", "important posts by Tom Berg"),
        ("in:sales -word:test, demo", "in:DR3\n-word:demo\n-word:test", "posts for Sales without “demo” or “test”"),
        ("in:Project Lake tag:#Cake", "in:SG7\ntag:cake", "posts for Project Lake tagged #cake"),
        ('word:"Big Launch" –from:@kim', "word:big launch\n-from:6", "posts with “big launch” not by Kim Lund"),
        ("all -in:sales", "-in:DR3", "posts not for Sales"),
        ("от:tom отдел:sales -слово:тест", "from:5\nin:DR3\n-word:тест", "posts by Tom Berg for Sales without “тест”"),
        ("von:tom gruppe:lake wichtig", "important\nfrom:5\nin:SG7", "important posts by Tom Berg for Project Lake"),
    ],
)
async def test_conditions_combine(written: str, topic: str, said: str) -> None:
    """Conditions of all kinds, in three languages, become one rule, which the answer says in words."""
    made = chat()
    assert f"This chat now follows {said}." in await answer(made, f"/follow {written}")
    assert topics(made) == [topic]


async def test_all_unclear_names_are_asked_at_once() -> None:
    """Names of people and places that are unclear are asked in one message, with candidates of the right kind only."""
    made = chat()
    made.portal.people = [
        *PEOPLE, Named(code="U9", name="Tom Ahrens"), Named(code="SG8", name="Lake party"),
        Named(code="U10", name="Lake"),
    ]  # fmt: skip
    (asked,) = await made.say("/follow from:tom in:lak")
    assert isinstance(asked, Say)
    shown = {str(one.get("TEXT")) for one in asked.content.keyboard}
    assert "tom: Tom Berg (person)" in shown
    assert not any("Lake (person)" in one for one in shown)
    assert topics(made) == []


async def test_a_number_changes_that_subscription() -> None:
    """A changed subscription keeps its place, and the answer says what it was and what it is now."""
    made = chat("important", "from:5")
    said = await answer(made, "/follow 1 word:launch")
    assert "Subscription 1 of this chat is changed: it was important posts, and now it is posts with “launch”." in said
    assert topics(made) == ["word:launch", "from:5"]


async def test_overlaps_are_pointed_out() -> None:
    """The answer says if posts come already, or if an earlier subscription is not needed any more."""
    assert "come here already, because this chat follows all posts" in await answer(chat("all"), "/follow important")
    assert "This includes what this chat followed before: important posts" in await answer(chat("important"), "/follow")
    assert "come here already" not in await answer(chat("from:5"), "/follow from:kim")


# --- who may end it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["/unfollow 1", "/unfollow important", "/unfollow", "/follow 1 word:x"])
async def test_others_are_told_whom_to_ask(written: str) -> None:
    """In a group nobody else ends or changes a subscription; managers and administrators may."""
    made = chat("important", owner=BORIS)
    made.portal.admin = False
    with pytest.raises(UserMistake) as mistake:
        await made.say(written)
    assert mistake.value.key in {"follow.not_yours", "follow.none_yours"}
    assert topics(made) == ["important"]
    made.portal.managers = {ANNA.id}
    await made.say(written)
    assert topics(made) != ["important"]


async def test_everybody_ends_their_own() -> None:
    """Without a filter, /unfollow ends one's own subscriptions, and the others stay, with their owners."""
    made = chat("important")
    made.memory.following.append(
        Follow(dialog=GROUP, topic="all", owner=BORIS.id, language="en", owner_name=BORIS.name)
    )
    made.portal.admin = False
    said = await answer(made, "/unfollow")
    assert said == (
        "Your own subscriptions of this chat are ended. Ended by Anna Lind.\n"
        "This chat follows:\n1. all posts (by Boris Klein)"
    )
    assert topics(made) == ["all"]


async def test_in_private_the_dialog_is_ones_own() -> None:
    """In the private dialog nobody is asked who owns a subscription."""
    made = chat("important", dialog=PRIVATE, owner=BORIS)
    made.portal.admin = False
    assert "no longer follows anything" in await answer(made, "/unfollow")


@pytest.mark.parametrize("language", ["en", "de", "ru"])
def test_each_condition_has_words(language: str) -> None:
    """Every kind of condition is said in every language; names in it are escaped."""
    rule = Rule(
        important=True, authors=("5",), places=("SG7",), tags=("cake",), words=("launch",), not_authors=("6",),
        not_places=("DR3",), not_tags=("tea",), not_words=("test",),
    )  # fmt: skip
    said = describing.describe(language, rule.topic, "Tom\n[b]Lake[/b]\nKim\nSales")
    for word in ("Tom", "Lake", "cake", "launch", "Kim", "Sales", "tea", "test"):
        assert word in said
    assert "[b]" not in said
