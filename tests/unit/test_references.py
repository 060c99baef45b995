"""Links and numbers are read in one way by every command, in the spellings people paste."""

from __future__ import annotations

import pytest

from bot import commands
from bot.model.effects import CrmPost, Publish, SayAs, Share
from bot.model.events import PostId, UserId
from bot.model.records import Follow, Post
from tests.stand_in_memory import known_portal
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import GROUP, Conversation

HOST = "https://north.example.com"
POST_LINK = "/company/personal/user/8/blog/217/"
CARD_LINK = "/crm/deal/details/42/"

WRAPPED = {
    "alone": "{}",
    "a link of the portal": "[URL]{}[/URL]",
    "in small letters": "[url]{}[/url]",
    "a link with a text": "[URL={}]The offer, with to: in it[/URL]",
    "angle brackets": "<{}>",
    "with a query": "{}?commentId=5",
    "with a query and a fragment": "{}?commentId=5#com5",
    "a link with a query": "[URL]{}?commentId=5&x=to:y[/URL]",
    "a comma behind it": "{},",
    "a colon behind it": "{}:",
    "in parentheses": "({})",
    "in quotes": "“{}”",
    "a comma behind a link": "[URL]{}[/URL],",
    "an invisible mark before it": "\u200e{}",
}
NUMBERS = [
    "217",
    "#217",
    "№217",
    "№ 217",
    "# 217",
    "217,",
    "217:",
    "217.",
    "(217)",
    "[217]",
    '"217"',
    "٢١٧",
    "２１７",
    "२१७",
    "#２１７,",
    "\u200e217",
    "\u200b217",
    "۲۱۷",
]
NO_CARD = ("crm.no_link", "crm.no_type", "crm.no_number", "crm.which", "crm.not_found")
NO_NUMBERS = ["²17", "2,17", "1 217", "21 7", "2.17", "-217", "217x", "x217", "Ⅻ", "①", "½", "2" * 19]


@pytest.fixture
def chat() -> Conversation:
    """Return a group on a portal with a post."""
    post = Post(id=PostId(217), author=UserId(8), title="News", text="We won.", for_all=True)
    return Conversation(router=commands.router(), portal=StandInPortal(posts={217: post}))


@pytest.mark.parametrize(
    "address", [f"{HOST}{{}}", "{}", "//north.example.com{}", "north.example.com{}", "HTTPS://North.Example.COM:443{}"]
)
@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=WRAPPED.keys())
async def test_links_of_this_portal(chat: Conversation, wrapped: str, address: str) -> None:
    """A pasted link names its post or CRM card, whatever is around it."""
    (share,) = await chat.say(f"/share {wrapped.format(address.format(POST_LINK))} to:all")
    assert isinstance(share, Share)
    assert share.post == 217
    (written,) = await chat.say(f"/crm {wrapped.format(address.format(CARD_LINK))} hi")
    assert isinstance(written, CrmPost)
    assert ((written.entity.type, written.entity.id), written.text) == (("deal", 42), "hi")


@pytest.mark.parametrize(
    "host",
    [
        "https://south.example.com", "//south.example.com", "south.example.com", "https://north.example.com.evil.org",
        "https://north.example.com@evil.org", "https://evil.org\\@north.example.com", "http://north.example.com:8443",
        "https://nоrth.example.com", "https://example.com", "https://xn--nrth-z9a.example.com", "HTTPS://SOUTH.EXAMPLE.COM",
        "https://a..b",
    ],
)  # fmt: skip
@pytest.mark.parametrize("wrapped", ["{}", "[URL]{}[/URL]", "[URL={}]x[/URL]", "<{}>", "({})", "{}?north.example.com"])
async def test_links_of_another_portal(chat: Conversation, wrapped: str, host: str) -> None:
    """/share and /crm both refuse a link into another portal, where the number is something else."""
    for to in ("to:all", "to:here", "to:chat9"):
        assert await chat.mistake(f"/share {wrapped.format(host + POST_LINK)} {to}") == "share.elsewhere"
    assert await chat.mistake(f"/crm {wrapped.format(host + CARD_LINK)} hi") == "crm.elsewhere"


async def test_a_portal_with_other_letters(chat: Conversation) -> None:
    """Both ways to write a host with letters beyond a to z are the same."""
    chat.memory.known = known_portal(
        domain="xn--brse-5qa.example.com", endpoint="https://xn--brse-5qa.example.com/rest/"
    )
    (share,) = await chat.say(f"/share https://börse.example.com{POST_LINK} to:all")
    assert isinstance(share, Share)


@pytest.mark.parametrize("number", NUMBERS)
async def test_numbers(chat: Conversation, number: str) -> None:
    """/share and /crm read the same spellings of a number."""
    (share,) = await chat.say(f"/share {number} to:all")
    assert isinstance(share, Share)
    assert share.post == 217
    if number.strip('([])"\u200e\u200b') == number:
        (written,) = await chat.say(f"/crm deal {number} hi")
        assert isinstance(written, CrmPost)
        assert (written.entity.id, written.text) == (217, "hi")


@pytest.mark.parametrize("number", NO_NUMBERS)
async def test_no_numbers(chat: Conversation, number: str) -> None:
    """What is not clearly one number is refused by both."""
    assert await chat.mistake(f"/share {number} to:all") in ("posts.no_number", "words.extra")
    if " " not in number:
        assert await chat.mistake(f"/crm deal {number} hi") in NO_CARD


@pytest.mark.parametrize(
    ("written", "card", "text"),
    [
        ("deal 42: hi", ("deal", 42), "hi"),
        ("deal:42 hi", ("deal", 42), "hi"),
        ("deal №42, hi", ("deal", 42), "hi"),
        ("deal ٤٢ hi", ("deal", 42), "hi"),
        ("D_42 hi", ("deal", 42), "hi"),
        ("CO_7 hi", ("company", 7), "hi"),
        ("/crm/type/2/details/42/ hi", ("deal", 42), "hi"),
        ("/crm/LEAD/show/7/ hi", ("lead", 7), "hi"),
        ("сделка 42\nhi", ("deal", 42), "\nhi"),
    ],
)
async def test_cards(chat: Conversation, written: str, card: tuple[str, int], text: str) -> None:
    """CRM cards are named in many ways; what stands behind is the text."""
    (effect,) = await chat.say(f"/crm {written}")
    assert isinstance(effect, CrmPost)
    assert ((effect.entity.type, effect.entity.id), effect.text) == (card, text.strip())


@pytest.mark.parametrize(
    "link",
    [
        "/crm/deal/details/0/ hi",
        "/crm/type/5/details/42/ hi",
        "/crm/deal/details/42x/ hi",
        f"{POST_LINK} hi",
        "deal 0 hi",
    ],
)
async def test_no_cards(chat: Conversation, link: str) -> None:
    """A link to something else names no CRM card."""
    assert await chat.mistake(f"/crm {link}") in NO_CARD


@pytest.mark.parametrize("number", ["2", "#2", "２", "٢", "2,", "№ 2"])
async def test_unfollow_by_number(chat: Conversation, number: str) -> None:
    """/unfollow reads the same numbers."""
    chat.memory.following = [
        Follow(dialog=GROUP, topic=topic, owner=UserId(7), language="en") for topic in ("all", "important")
    ]
    chat.keeps = True
    await chat.say(f'/unfollow "{number}"')
    assert [one.topic for one in chat.memory.following] == ["all"]
    await chat.say("/unfollow ²")
    assert [one.topic for one in chat.memory.following] == ["all"]


@pytest.mark.parametrize("code", ["U5", "u5", "Ｕ５", "U٥"])
async def test_codes(chat: Conversation, code: str) -> None:
    """Codes of recipients and of chats too."""
    (effect,) = await chat.say(f"/post to:{code} hi")
    assert isinstance(effect, Publish)
    assert effect.dest == ["U5"]
    (sent,) = await chat.say("/share 217 to:chat٩")
    assert isinstance(sent, SayAs)
    assert sent.dialog == "chat9"


async def test_a_question_keeps_the_number(chat: Conversation) -> None:
    """A link becomes the number in the command that a button puts back."""
    (said,) = await chat.say(f"/share [URL]{HOST}{POST_LINK}[/URL] to:nobody")
    assert "/share 217 to:nobody" in str(said)
