"""Reads of handlers: with which token, in how many requests, and the treatment of malformed answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bitrix.outbound.reads import MOST_BESIDE, PortalReads
from bot.bitrix.outbound.rows import post_of
from bot.errors import MethodBlocked, PortalDown, PortalError, TokenRefused
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
    """Start without worker and sender: the portal is only read."""
    async with opened(tmp_path, sends=False) as out:
        yield out


async def reads(out: Out, *, user: UserId | None = ANNA, token: str | None = None) -> PortalReads:
    """Return the reader for an event of this user; `token` replaces the event's."""
    event_tokens = EventTokens()
    if user is not None:
        access, refresh = out.p.tokens(out.app, user=user)
        event_tokens = EventTokens(
            access_token=access if token is None else token, refresh_token=refresh, user=user, expires=1_900_000_000
        )
    return PortalReads(out.caller, await out.known(), event_tokens, urgency=0)


def readers(out: Out) -> list[int | None]:
    """Return the user of each request at the portal, in order."""
    return [call.user for call in out.p.calls() if not call.in_batch and call.method != "oauth.token"][-4:]


# --- In whose name ---------------------------------------------------------------------------------------------------


async def test_a_post_is_read_with_the_rights_of_the_events_user(out: Out) -> None:
    """The event's token decides: a user who may not see the post gets none."""
    event_tokens = await out.p.publish("For Boris", by=OLGA, dest=["U3"])
    seen, unseen = [await (await reads(out, user=user)).post(PostId(event_tokens.id)) for user in (BORIS, ANNA)]
    assert seen
    assert (seen.text, seen.author, seen.author_name, seen.for_all) == ("For Boris", OLGA, "Olga Sommer", False)
    assert unseen is None


async def test_one_request_reads_everything_for_a_card(out: Out) -> None:
    """One request returns everything that a card needs."""
    post = await out.p.publish("Summer party!", by=BORIS, title="July")
    before = len(out.requests())
    found = await (await reads(out)).post(PostId(post.id))
    assert found
    assert (found.title, found.text, found.author, found.for_all) == ("July", "Summer party!", BORIS, True)
    assert out.requests()[before:] == ["batch"]


async def test_a_named_reader_needs_their_own_token(out: Out) -> None:
    """Without a token of the named reader, nothing is read with another one."""
    post = await out.p.publish("For Boris", by=OLGA, dest=["U3"])
    reader = await reads(out, user=OLGA)
    found = await reader.post(PostId(post.id), reader=BORIS)
    assert found
    assert readers(out)[-1] == BORIS
    with pytest.raises(TokenRefused, match="user:4"):
        await reader.post(PostId(post.id), reader=UserId(4))


async def test_an_expired_event_token_is_replaced_by_the_installers(out: Out) -> None:
    """After an hour of waiting the installer's token is used, and refreshed if needed."""
    reader = await reads(out)
    out.p.clock.advance(HOUR)
    assert await reader.has_method("log.blogpost.add")
    assert readers(out)[-1] == OLGA


async def test_an_old_event_is_read_with_its_users_refreshed_token(out: Out) -> None:
    """The event's expired token is refreshed and stored; the post is read with this user's rights."""
    reader = await reads(out)
    post = await out.p.publish("For Anna", by=OLGA, dest=["U2"])
    await out.store.put_token_pair(out.id, f"user:{ANNA}", TokenPair(access_token="old", refresh_token="", expires=1))
    out.p.clock.advance(HOUR)
    found = await reader.post(PostId(post.id), reader=ANNA)
    assert found
    assert readers(out)[-1] == ANNA


async def test_an_event_without_a_token_uses_the_installers(out: Out) -> None:
    """Without a user in the event, the installer's token is used."""
    assert await (await reads(out, user=None)).has_method("log.blogpost.add")
    assert readers(out)[-1] == OLGA


async def test_an_installation_is_checked_with_its_own_token(out: Out) -> None:
    """`app.info` and `user.admin` use only the event's token, because no other proves anything."""
    info = await (await reads(out, user=OLGA)).app_info()
    assert (info.code, info.installed) == (out.app.client_id, True)
    assert [await (await reads(out, user=user)).is_admin() for user in (OLGA, ANNA)] == [True, False]
    stranger = await reads(out, token="made-up")
    for ask in (stranger.app_info, stranger.is_admin):
        with pytest.raises(TokenRefused):
            await ask()


# --- Who and what is there -----------------------------------------------------------------------------------------


async def test_a_method_of_another_version_does_not_exist(out: Out) -> None:
    """A method of an older or newer portal does not exist."""
    reader = await reads(out)
    assert await reader.has_method("imbot.v2.Bot.register")
    assert not await reader.has_method("imbot.v9.Bot.register")


async def test_recipients_are_found_in_one_request(out: Out) -> None:
    """People, departments and groups are found without bots, each with its code for DEST."""
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


async def test_names_are_looked_up_with_the_askers_token_only(out: Out) -> None:
    """Names are looked up with the asker's token, from the event or stored; without one not at all."""
    assert await (await reads(out, user=ANNA)).find("Anna", reader=ANNA)
    before = len(out.requests())
    with pytest.raises(TokenRefused):
        await (await reads(out, user=None)).find("Anna", reader=UserId(4))
    assert out.requests()[before:] == []


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_extranet_users_are_seen_in_both_generations(tmp_path: Path, api: str) -> None:
    """A group or private dialog with an extranet user is reported so; so is a group that we may not see."""
    async with opened(tmp_path, Terms(api=api), sends=False) as out:
        reader = await reads(out)
        inside, outside = out.group(), Dialog(out.p.make_chat(OLGA, 6, out.bot))
        dialogs = [inside, outside, Dialog("2"), Dialog("6"), Dialog("chat999")]
        assert [await reader.has_extranet_users(dialog) for dialog in dialogs] == [False, True, False, True, True]
        before, another = len(out.requests()), await reads(out)
        await another.read_chats(dialogs)
        assert [await another.has_extranet_users(dialog) for dialog in dialogs] == [False, True, False, True, True]
        assert out.requests()[before:] == ["batch"]


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_a_post_and_its_chats_are_read_in_one_request(tmp_path: Path, api: str) -> None:
    """The members of chats are read in the same request as the post, and not again."""
    async with opened(tmp_path, Terms(api=api), sends=False) as out:
        post = await out.p.publish("Summer party!", by=BORIS)
        inside, outside = out.group(), Dialog(out.p.make_chat(OLGA, 6, out.bot))
        reader, before = await reads(out), len(out.requests())
        found = await reader.post(PostId(post.id), beside=[inside, outside, Dialog("2"), Dialog("6"), inside])
        assert found
        assert found.author_name == "Boris Klein"
        dialogs = [inside, outside, Dialog("2"), Dialog("6")]
        assert [await reader.has_extranet_users(dialog) for dialog in dialogs] == [False, True, False, True]
        assert out.requests()[before:] == ["batch"]


async def test_dialogs_beyond_one_request_are_read_later(out: Out) -> None:
    """The dialogs that do not fit into the request of the post are read by a later one."""
    post, groups = await out.p.publish("Summer party!", by=BORIS), [out.group() for _ in range(MOST_BESIDE + 1)]
    reader, before = await reads(out), len(out.requests())
    assert await reader.post(PostId(post.id), beside=groups)
    assert [await reader.has_extranet_users(dialog) for dialog in groups] == [False] * len(groups)
    assert out.requests()[before:] == ["batch", "imbot.v2.Chat.get"]


async def test_a_refused_read_is_repeated_by_the_installer(out: Out) -> None:
    """A refusal beside a post says nothing about the members of a chat, so the installer's token reads them."""
    asked: list[str] = []

    def answer(method: str, _params: Params) -> Any:
        asked.append(method)
        if method == "log.blogpost.get":
            return [{"ID": "5", "AUTHOR_ID": "3", "DETAIL_TEXT": "x"}]
        if method == "imbot.v2.Chat.get" and asked.count(method) == 1:
            return {"error": "ACCESS_DENIED"}
        return {"chat": {"extranet": False}}

    async with scripted(answer) as script:
        await out.store.portal_moved(out.id, script.endpoint)
        reader = await reads(out)
        assert await reader.post(PostId(5), beside=[Dialog("chat10")])
        assert not await reader.has_extranet_users(Dialog("chat10"))
    assert asked == ["log.blogpost.get", "im.user.get", "imbot.v2.Chat.get", "imbot.v2.Chat.get"]


# --- Trouble ---------------------------------------------------------------------------------------------------------


async def test_no_answer_is_not_a_refusal(out: Out) -> None:
    """If the portal does not answer, nothing is concluded: the handler runs again later."""
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
async def test_malformed_answers_count_as_no_result(out: Out, answer: Any) -> None:
    """A malformed answer counts as no result, and an unknown chat as open to extranet users."""

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
    """Any row of log.blogpost.get gives a post with an id or none, without an error."""
    post = post_of(row)
    assert post is None or 0 < post.id < 2**63


async def test_errors_of_the_portal_are_raised(out: Out) -> None:
    """An error of the whole request is raised as its type."""
    reader = await reads(out)
    out.p.faults({"method": "*", "kind": "empty_error", "times": None})
    with pytest.raises(PortalError):
        await reader.find("Anna", reader=ANNA)
    assert await reader.has_extranet_users(Dialog("chat10"))


async def test_answers_about_extranet_users(out: Out) -> None:
    """A refusal counts as "an extranet user may read"; after a temporary error nothing is concluded."""
    answers: dict[str, Any] = {
        "chat1": {"chat": {"extranet": True}},
        "chat2": {"chat": {"extranet": False}},
        "chat3": {"error": "ACCESS_DENIED"},
        "chat4": {"error": "OPERATION_TIME_LIMIT"},
        "chat5": {"chat": {}},
    }
    async with scripted(lambda _method, params: answers[params["dialogId"]]) as script:
        await out.store.portal_moved(out.id, script.endpoint)
        reader, dialogs = await reads(out), [Dialog(one) for one in answers]
        await reader.read_chats(dialogs)
        assert reader.extranet_answers() == {"chat1": True, "chat2": False}
        assert [await reader.has_extranet_users(dialog) for dialog in dialogs if dialog != "chat4"] == [
            True,
            False,
            True,
            True,
        ]
        with pytest.raises(MethodBlocked):
            await reader.has_extranet_users(Dialog("chat4"))


# --- Chats we may not be in -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_a_chat_is_lost_only_after_the_bot_is_removed(tmp_path: Path, api: str) -> None:
    """A group is ours until the bot is removed; the error of an expired plan proves nothing."""
    async with opened(tmp_path, Terms(api=api), sends=False) as out:
        chat, others = out.group(), out.group()
        assert not await (await reads(out)).is_shut_out(chat)
        assert await (await reads(out)).is_shut_out(Dialog("chat999999"))
        messenger = out.p.emulator.world.messenger
        row = messenger.chats[int(chat.removeprefix("chat"))]
        messenger.put(replace(row, members=tuple(one for one in row.members if one != out.bot)))
        assert await (await reads(out)).is_shut_out(chat)
        assert not await (await reads(out)).is_shut_out(others)
        out.p.switch(rest_plan="free")
        with pytest.raises(PortalError):
            await (await reads(out)).is_shut_out(chat)


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_each_refusal_of_a_chat_without_the_bot_is_known(tmp_path: Path, api: str) -> None:
    """Each generation's refusal of a card in a chat without the bot is in the list of refusals."""
    async with opened(tmp_path, Terms(api=api)) as out:
        chat = out.group()
        messenger = out.p.emulator.world.messenger
        row = messenger.chats[int(chat.removeprefix("chat"))]
        messenger.put(replace(row, members=tuple(one for one in row.members if one != out.bot)))
        for dialog in (chat, "chat999999"):
            await out.want(
                effects.ShowCard(dialog=Dialog(dialog), post=PostId(5), version="1", content=Content(text="card"))
            )
        await out.sent()
        codes = [end.code for end in await out.results() if isinstance(end, events.Failed)]
        assert len(codes) == 2
        assert set(codes) <= lost_chats.REFUSALS
