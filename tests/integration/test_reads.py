"""What handlers read: in whose name, in how many requests, and what they make of strange answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bitrix.outbound.reads import PortalReads, post_of
from bot.errors import PortalDown, PortalError, TokenRefused
from bot.feed.relay import lost_chats
from bot.model import effects, events
from bot.model.effects import Content
from bot.model.events import Dialog, EventTokens, PostId, UserId
from bot.model.records import TokenPair
from tests.outgoing import ANNA, BORIS, OLGA, Out, Terms, opened
from tests.scripted import Params, scripted

HOUR = 3601


@pytest.fixture
async def out(tmp_path: Path) -> AsyncIterator[Out]:
    """A line on which nothing is sent: only read."""
    async with opened(tmp_path, sends=False) as out:
        yield out


async def reads(out: Out, *, user: UserId | None = ANNA, token: str | None = None) -> PortalReads:
    """What a handler gets for an event of this person's; `token` instead of the one that came with it."""
    event_tokens = EventTokens()
    if user is not None:
        access, refresh = out.p.tokens(out.app, user=user)
        event_tokens = EventTokens(
            access_token=access if token is None else token, refresh_token=refresh, user=user, expires=1_900_000_000
        )
    return PortalReads(out.caller, await out.known(), event_tokens, urgency=0)


def readers(out: Out) -> list[int | None]:
    """Who the portal took each request for, in order."""
    return [call.user for call in out.p.calls() if not call.in_batch and call.method != "oauth.token"][-4:]


# --- In whose name ---------------------------------------------------------------------------------------------------


async def test_a_post_is_read_with_the_rights_of_whose_event_it_is(out: Out) -> None:
    """The portal decides by the token of the event: who may not see the post gets none."""
    event_tokens = await out.p.publish("For Boris", by=OLGA, dest=["U3"])
    seen, unseen = [await (await reads(out, user=user)).post(PostId(event_tokens.id)) for user in (BORIS, ANNA)]
    assert seen
    assert (seen.text, seen.author, seen.author_name, seen.for_all) == ("For Boris", OLGA, "Olga Sommer", False)
    assert unseen is None


async def test_a_post_for_all_says_so(out: Out) -> None:
    """Everything a card needs comes with the post, in one request."""
    post = await out.p.publish("Summer party!", by=BORIS, title="July")
    before = len(out.requests())
    found = await (await reads(out)).post(PostId(post.id))
    assert found
    assert (found.title, found.text, found.author, found.for_all) == ("July", "Summer party!", BORIS, True)
    assert out.requests()[before:] == ["batch"]


async def test_a_reader_is_read_for_with_their_own_token_only(out: Out) -> None:
    """Where a named person has no token of their own, nothing is read with anybody else's."""
    post = await out.p.publish("For Boris", by=OLGA, dest=["U3"])
    reader = await reads(out, user=OLGA)
    found = await reader.post(PostId(post.id), reader=BORIS)
    assert found
    assert readers(out)[-1] == BORIS
    with pytest.raises(TokenRefused, match="user:4"):
        await reader.post(PostId(post.id), reader=UserId(4))


async def test_a_token_that_ran_out_on_the_way_is_replaced(out: Out) -> None:
    """An event that waited an hour: the installer's token is used, refreshed when it has to be."""
    reader = await reads(out)
    out.p.clock.advance(HOUR)
    assert await reader.has_method("log.blogpost.add")
    assert readers(out)[-1] == OLGA


async def test_the_reader_of_an_old_event_keeps_their_own_name(out: Out) -> None:
    """Their event's token is refreshed and kept; the post is still read as they see it."""
    reader = await reads(out)
    post = await out.p.publish("For Anna", by=OLGA, dest=["U2"])
    await out.store.put_token_pair(out.id, f"user:{ANNA}", TokenPair(access_token="old", refresh_token="", expires=1))
    out.p.clock.advance(HOUR)
    found = await reader.post(PostId(post.id), reader=ANNA)
    assert found
    assert readers(out)[-1] == ANNA


async def test_an_event_without_a_token_is_read_for_by_the_installer(out: Out) -> None:
    """Where nobody acted there is only the installer."""
    assert await (await reads(out, user=None)).has_method("log.blogpost.add")
    assert readers(out)[-1] == OLGA


async def test_who_installs_is_asked_with_the_very_token_that_came(out: Out) -> None:
    """`app.info` and `user.admin` prove something only with the token of the event: no other is ever tried."""
    info = await (await reads(out, user=OLGA)).app_info()
    assert (info.code, info.installed) == (out.app.client_id, True)
    assert [await (await reads(out, user=user)).is_admin() for user in (OLGA, ANNA)] == [True, False]
    stranger = await reads(out, token="made-up")
    for ask in (stranger.app_info, stranger.is_admin):
        with pytest.raises(TokenRefused):
            await ask()


# --- Who and what is there -----------------------------------------------------------------------------------------


async def test_methods_are_known_or_not(out: Out) -> None:
    """A method of an older or newer portal is simply not there."""
    reader = await reads(out)
    assert await reader.has_method("imbot.v2.Bot.register")
    assert not await reader.has_method("imbot.v9.Bot.register")


async def test_recipients_are_found_in_one_request(out: Out) -> None:
    """People, departments and groups, bots left out, each with the code that a post's DEST takes."""
    reader = await reads(out)
    before = len(out.requests())
    assert {named.code for named in await reader.find("Anna", reader=ANNA)} == {"U2", "U5"}
    assert [named.code for named in await reader.find("Market", reader=ANNA)] == ["DR2"]
    assert [(named.code, named.name) for named in await reader.find("launch", reader=ANNA)] == [
        ("SG7", "Product launch")
    ]
    assert await reader.find("New bot", reader=ANNA) == []
    assert out.requests()[before:] == ["batch"] * 4
    assert await reader.find("A", reader=ANNA) == []


async def test_names_are_looked_up_by_nobody_else(out: Out) -> None:
    """A name is looked up with the token of who asks, the event's or one that we keep; without one not at all."""
    assert await (await reads(out, user=ANNA)).find("Anna", reader=ANNA)
    before = len(out.requests())
    with pytest.raises(TokenRefused):
        await (await reads(out, user=None)).find("Anna", reader=UserId(4))
    assert out.requests()[before:] == []


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_guests_are_seen_in_both_generations(tmp_path: Path, api: str) -> None:
    """A group with somebody from outside, and a private dialog with one, have guests; a group we may not see, too."""
    async with opened(tmp_path, Terms(api=api), sends=False) as out:
        reader = await reads(out)
        inside, outside = out.group(), Dialog(out.p.make_chat(OLGA, 6, out.bot))
        dialogs = [inside, outside, Dialog("2"), Dialog("6"), Dialog("chat999")]
        assert [await reader.has_extranet_users(dialog) for dialog in dialogs] == [False, True, False, True, True]
        before, another = len(out.requests()), await reads(out)
        await another.read_chats(dialogs)
        assert [await another.has_extranet_users(dialog) for dialog in dialogs] == [False, True, False, True, True]
        assert out.requests()[before:] == ["batch"]


# --- Trouble ---------------------------------------------------------------------------------------------------------


async def test_a_silent_portal_is_no_refusal(out: Out) -> None:
    """Where the portal does not answer, nothing is concluded: the handler is run again later."""
    reader = await reads(out)
    out.p.faults({"method": "*", "kind": "cut", "times": None})
    for ask in (reader.post(PostId(5)), reader.find("Anna", reader=ANNA), reader.has_extranet_users(Dialog("chat10"))):
        with pytest.raises(PortalDown):
            await ask


@pytest.mark.parametrize(
    "answer",
    [None, [], {}, 5, "text", True, [None, 5, "x"], [{"ID": None}], [{"ID": "²"}], [{"ID": [], "AUTHOR_ID": {}}]],
    ids=repr,
)
async def test_strange_answers_are_nothing_found(out: Out, answer: Any) -> None:
    """Whatever comes where a post or a list should be: there is none, and what cannot be told counts as open."""

    def always(_method: str, _params: Params) -> Any:
        return answer

    async with scripted(always) as script:
        await out.store.portal_moved(out.id, script.endpoint)
        reader = await reads(out)
        assert await reader.post(PostId(5)) is None
        assert await reader.find("Anna", reader=ANNA) == []
        assert await reader.has_extranet_users(Dialog("chat10"))
        assert await reader.has_extranet_users(Dialog("2"))
        assert not await reader.has_method("some.method")
        assert not (await reader.app_info()).installed or answer is True


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["VALUE", "ID"]) | st.text(), inner),
    max_leaves=6,
)
FIELDS = ["ID", "AUTHOR_ID", "TITLE", "DETAIL_TEXT", "MICRO", "NUM_COMMENTS", "UF_BLOG_POST_IMPRTNT", "DATE_PUBLISH"]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON) | JSON)
def test_any_row_is_a_post_or_none(row: Any) -> None:
    """No row of log.blogpost.get can raise anything, or give a post without a number."""
    post = post_of(row)
    assert post is None or 0 < post.id < 2**63


async def test_errors_of_the_portal_are_told(out: Out) -> None:
    """What the portal refuses for the request as a whole is raised as what it is."""
    reader = await reads(out)
    out.p.faults({"method": "*", "kind": "empty_error", "times": None})
    with pytest.raises(PortalError):
        await reader.find("Anna", reader=ANNA)
    assert await reader.has_extranet_users(Dialog("chat10"))


# --- Chats we may not be in -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_a_chat_that_refuses_us(tmp_path: Path, api: str) -> None:
    """A group is ours until the bot is removed; one that never was is none; nothing is concluded from a plan."""
    async with opened(tmp_path, Terms(api=api), sends=False) as out:
        chat, others = out.group(), out.group()
        assert not await (await reads(out)).is_shut_out(chat)
        assert await (await reads(out)).is_shut_out(Dialog("chat999999"))
        talk = out.p.house.world.talk
        row = talk.chats[int(chat.removeprefix("chat"))]
        talk.put(replace(row, members=tuple(one for one in row.members if one != out.bot)))
        assert await (await reads(out)).is_shut_out(chat)
        assert not await (await reads(out)).is_shut_out(others)
        out.p.switch(rest_plan="free")
        with pytest.raises(PortalError):
            await (await reads(out)).is_shut_out(chat)


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_the_portal_says_by_its_refusal_that_we_were_removed(tmp_path: Path, api: str) -> None:
    """What each generation answers to a card for a chat without us is among the refusals that are looked into."""
    async with opened(tmp_path, Terms(api=api)) as out:
        chat = out.group()
        talk = out.p.house.world.talk
        row = talk.chats[int(chat.removeprefix("chat"))]
        talk.put(replace(row, members=tuple(one for one in row.members if one != out.bot)))
        for dialog in (chat, "chat999999"):
            await out.want(
                effects.ShowCard(dialog=Dialog(dialog), post=PostId(5), version="1", content=Content(text="card"))
            )
        await out.sent()
        codes = [end.code for end in await out.results() if isinstance(end, events.Failed)]
        assert len(codes) == 2
        assert set(codes) <= lost_chats.REFUSALS
