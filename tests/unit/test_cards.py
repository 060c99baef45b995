"""The content of a card: sentence, blocks and buttons; nothing in a post can break out of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feed import post_text
from bot.feed.audience import Reach
from bot.feed.relay import cards
from bot.feed.relay.cards import Look
from bot.feed.relay.changes import Change
from bot.i18n import catalog
from bot.model.effects import Content
from bot.model.events import PostId, UserId
from bot.model.records import Post
from keyboards import bb
from tests.effort import hopeless_after
from tests.stand_in_memory import known_portal

POST = Post(
    id=PostId(217), author=UserId(7), title="Friday", text="The office closes at [b]four[/b].\nGo home.", for_all=True
)
LINK = "https://north.example.com/company/personal/user/7/blog/217/"


def card(post: Post = POST, reach: Reach = Reach.FULL, *, language: str = "en", topic: str | None = "all") -> Content:
    """Make the card of a post."""
    return cards.post_card(known_portal(), Look(post=post, reach=reach, language=language, topic=topic))


def test_the_parts_of_a_card() -> None:
    """A card has a sentence, author, title and beginning, three rows, and buttons to open and to unfollow."""
    shown = card(replace(POST, important=True))
    assert shown.text == "Important in the News Feed: Friday"
    assert shown.attach == {
        "BLOCKS": [
            {"USER": {"NAME": "Author", "USER_ID": 7}},
            {"MESSAGE": "[B]Friday[/B][BR]The office closes at four.\nGo home."},
            {
                "GRID": [
                    {"DISPLAY": "LINE", "NAME": "For", "VALUE": "everyone"},
                    {"DISPLAY": "LINE", "NAME": "Importance", "VALUE": "high"},
                    {"DISPLAY": "LINE", "NAME": "Number", "VALUE": "217"},
                ]
            },
        ],
        "COLOR_TOKEN": "alert",
    }
    assert shown.keyboard == [
        {"TEXT": "Open", "LINK": LINK, "DISPLAY": "LINE"},
        {"TEXT": "Comment...", "ACTION": "PUT", "ACTION_VALUE": "/comment 217 ", "DISPLAY": "LINE"},
        {"TEXT": "Share...", "ACTION": "PUT", "ACTION_VALUE": "/share 217 to:", "DISPLAY": "LINE"},
        {"TYPE": "NEWLINE"},
        {"TEXT": "Why here?", "COMMAND": "why", "COMMAND_PARAMS": "217", "DISPLAY": "LINE"},
        {"TEXT": "Unfollow", "COMMAND": "unfollow", "COMMAND_PARAMS": "every", "DISPLAY": "LINE"},
    ]


def test_a_card_without_a_subscription() -> None:
    """A card without a subscription has no button to unfollow."""
    assert [button["TEXT"] for button in card(topic=None).keyboard] == ["Open", "Comment...", "Share..."]


def test_a_card_without_a_title() -> None:
    """Without a title, the text's beginning is the sentence for push and e-mail, in one line."""
    assert card(replace(POST, title="")).text == "News Feed: The office closes at four. Go home."


@pytest.mark.parametrize("text", ["[DISK FILE ID=n12]", "", " \n ", "\x00", "\u00a0"])
def test_a_card_of_a_post_without_text(text: str) -> None:
    """A post of pictures only, or without visible text, is named by its number."""
    shown = card(replace(POST, title="", text=text))
    assert shown.text == "News Feed: #217"
    assert "MESSAGE" not in repr(shown.attach)


@pytest.mark.parametrize("language", catalog.languages())
@pytest.mark.parametrize("text", ["", "[DISK FILE ID=n12]", " \n"])
@pytest.mark.parametrize("parts", [("thanks",), ("poll",), ("files",), ("thanks", "files"), ("poll", "files")])
def test_a_post_without_words_says_what_it_is(parts: tuple[str, ...], text: str, language: str) -> None:
    """A card of thanks, a poll or files alone names them, with the post's number, in each language."""
    said = card(replace(POST, title="", text=text, parts=parts), language=language).text
    assert catalog.sentence(language, f"card.only_{parts[0]}", post=217) in said
    assert "217" in said


@pytest.mark.parametrize("parts", [("thanks",), ("poll", "files")])
def test_a_post_with_words_is_named_by_them(parts: tuple[str, ...]) -> None:
    """A title or a text comes first, whatever else the post has."""
    assert card(replace(POST, parts=parts)).text == "News Feed: Friday"
    assert card(replace(POST, title="", parts=parts)).text.startswith("News Feed: The office closes")


@pytest.mark.parametrize("language", catalog.languages())
def test_an_emptied_card(language: str) -> None:
    """If the content may not be shown, a card is one sentence without link, author's number or button."""
    shown = card(reach=Reach.WITHHELD, language=language)
    assert shown.text == catalog.sentence(language, "card.withheld")
    assert (shown.attach, shown.keyboard) == ({}, [])
    assert not any(word in repr(shown) for word in ("Friday", "office", "home"))


@pytest.mark.parametrize("language", catalog.languages())
@pytest.mark.parametrize("change", list(Change))
def test_every_change_has_its_sentence(change: Change, language: str) -> None:
    """Every change is named in every language, below the card's own sentence."""
    look = Look(post=POST, reach=Reach.FULL, language=language, changed=(change,))
    shown = cards.post_card(known_portal(), look)
    assert shown.text.splitlines()[1:] == [catalog.sentence(language, f"relay.{change}")]


@pytest.mark.parametrize(
    ("title", "text", "heading"),
    [
        ("Friday", "The office closes at four.", "Friday"),
        ("The office closes", "The office closes at four.", ""),
        ("The office...", "The [b]office[/b] closes at four.", ""),
        ("The office…", "The  office\ncloses.", ""),
        ("", "The office closes.", ""),
        (" Friday ", "Friday, but later", ""),
        ("[b]Friday[/b]", "The office closes", "Friday"),
    ],
)
def test_a_title_counts_only_if_the_author_gave_one(title: str, text: str, heading: str) -> None:
    """A title counts only if the author gave one; otherwise the portal makes one from the text (reference: MICRO)."""
    assert post_text.heading(replace(POST, title=title, text=text)) == heading


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        ("[b]four[/b] [url=https://x.example]here[/url]", "four here"),
        ("[list][*]one\n[*]two[/list]", "• one\n• two"),
        ("[table][tr][td]cell[/td][/tr][/table]", "cell"),
        ("[user=5]Anna[/user], look", "Anna, look"),
        ("[DISK FILE ID=n12] a file", "a file"),
        ("half \ud83d an emoji", "half ? an emoji"),
        ("5 < 6 [not a tag]", "5 < 6 [not a tag]"),
    ],
)
def test_a_post_as_plain_text(code: str, plain: str) -> None:
    """Markup of posts and chats is removed; text that only looks like markup stays."""
    assert post_text.plain(replace(POST, text=code)) == plain


@pytest.mark.parametrize(
    "unit", ["[p=", "[p", "[", "[b]", "[url=", "[url]http://", "[list=[", "[*]", "[/p]", "[disk file id="]
)
def test_unclosed_tags_take_linear_time(unit: str) -> None:
    """200,000 characters of unclosed tags are read in a moment, not in minutes."""
    with hopeless_after(20):
        card(replace(POST, text=unit * (200_000 // len(unit)), title=unit * 100))


@pytest.mark.parametrize(
    "attack",
    [
        "[send=/delete 5]Click[/send]",
        "[/b][user=1]Boss[/user]",
        "[url=javascript:alert(1)]x[/url]",
        ">>a quote",
        "#BR#",
        "[[b]b]nested[/[b]b]",
        "[[*]b]x",
        "[lis[list]t]",
    ],
)
def test_a_post_cannot_add_markup(attack: str) -> None:
    """Nothing in a post's title or text becomes markup of the card."""
    for shown in (card(replace(POST, title=attack)), card(replace(POST, title="", text=f"Begin {attack}"))):
        message = shown.attach["BLOCKS"][1]["MESSAGE"].removeprefix("[B]").replace("[/B][BR]", "\n", 1)
        assert bb.escape(bb.unescape(message)) == message
        assert bb.escape(bb.unescape(shown.text)) == shown.text


@given(title=st.text(max_size=3000), text=st.text(max_size=30_000), important=st.booleans())
def test_every_post_has_a_valid_card(*, title: str, text: str, important: bool) -> None:
    """For any post, the card is made, fits the limits, and is not empty."""
    shown = card(replace(POST, title=title, text=text, important=important))
    assert shown.text.strip()
    assert len(shown.text) < 500
    assert shown.keyboard


def test_the_link_has_the_address_of_the_portal() -> None:
    """The link has the portal's host and port, whatever the path of its REST endpoint."""
    portal = known_portal(endpoint="http://127.0.0.1:8090/rest/")
    assert cards.link(portal, PostId(5), UserId(2)) == "http://127.0.0.1:8090/company/personal/user/2/blog/5/"


@pytest.mark.parametrize(
    ("language", "row"),
    [
        ("en", ("With", "thanks to colleagues, a poll")),
        ("de", ("Dazu", "Dank an Kollegen, eine Umfrage")),
        ("ru", ("А также", "благодарность коллегам, опрос")),
    ],
)
def test_a_card_names_a_poll_and_thanks(language: str, row: tuple[str, str]) -> None:
    """A card says that its post has a poll or thanks, because readers open the post for them."""
    (grid,) = [
        block["GRID"]
        for block in card(replace(POST, parts=("thanks", "poll", "files")), language=language).attach["BLOCKS"]
        if "GRID" in block
    ]
    assert row in [(one["NAME"], one["VALUE"]) for one in grid]
    (grid,) = [block["GRID"] for block in card(POST, language=language).attach["BLOCKS"] if "GRID" in block]
    assert row[0] not in [one["NAME"] for one in grid]
