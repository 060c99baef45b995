"""The sender with unknown outcomes, removed portals and missing tokens, and the reports that handlers get."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import web

from bot.model import effects, events, state_changes
from bot.model.effects import Content, CrmEntity, Effect
from bot.model.events import Dialog, MessageId, PostId
from bot.model.records import TokenPair
from tests.holding import barrier
from tests.outgoing import ANNA, BORIS, QUICK, Out, Terms, commit, opened, publish, say
from tests.scripted import Params, Spoilt, refusal, said, scripted

DEAL = CrmEntity(type="deal", id=42)


def comment(text: str, **more: Any) -> effects.CrmComment:
    """Make a comment of Anna in the timeline of the deal."""
    return effects.CrmComment(
        dialog=Dialog("2"), user=ANNA, entity=DEAL, text=text, since=int(time.time()), report=True, **more
    )


async def ends(out: Out) -> list[events.Event]:
    """Return the results that handlers will get, after everything was sent."""
    await out.sent()
    return await out.results()


def timeline(out: Out) -> list[str]:
    """Return the comments of the deal."""
    return [entry.text for entry in out.p.emulator.world.crm.timeline("deal", 42) if entry.kind == "comment"]


# --- A post whose answer never came ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["cut_after", "cut", "html", "500"])
async def test_a_post_exists_once_whatever_the_answer(out: Out, kind: str) -> None:
    """A published post is found and not published again; an unpublished one is sent again. Done has its id."""
    out.p.faults({"method": "log.blogpost.add", "kind": kind, "times": 1})
    await out.want(publish("News of the day"))
    [done] = await ends(out)
    assert isinstance(done, events.Done)
    assert [post.id for post in out.posts("News of the day")] == [done.result]
    assert len(out.p.calls("log.blogpost.add", ok=True)) == 1
    assert len(out.p.calls("log.blogpost.get")) == 1


async def test_a_certain_failure_needs_no_search(out: Out) -> None:
    """If the portal said that it did nothing, the post is sent again without a search."""
    out.p.faults({"method": "log.blogpost.add", "kind": "503", "times": 1})
    await out.want(publish("News of the day"))
    await out.sent()
    assert len(out.posts("News of the day")) == 1
    assert out.p.calls("log.blogpost.get") == []


async def test_a_search_waits_until_the_request_must_have_ended(tmp_path: Path) -> None:
    """The portal may continue a request after the connection broke, so search and retry wait for its limit."""
    async with opened(tmp_path, Terms(retry_policy=replace(QUICK, settle=0.8))) as out:
        out.p.faults({"method": "log.blogpost.add", "kind": "cut", "times": 1})
        await out.want(publish("News of the day"))
        await out.sent()
        [cut] = out.p.calls("log.blogpost.add", ok=False)
        assert out.p.calls("log.blogpost.get")[0].at - cut.at >= 0.8


async def test_two_equal_posts_are_both_found(out: Out) -> None:
    """Two posts of one person with the same text, both with unknown outcome, are both found, each once."""
    out.p.faults({"method": "log.blogpost.add", "kind": "cut_after", "times": 1})
    await out.want(publish("Coffee?"), publish("Coffee?"))
    results = [end.result for end in await ends(out) if isinstance(end, events.Done)]
    assert sorted(results) == [post.id for post in out.posts("Coffee?")]
    assert len(results) == 2


async def test_the_post_of_another_effect_is_not_taken(out: Out) -> None:
    """The post of a finished effect is not taken for the result of another effect."""
    await out.want(publish("Coffee?"))
    await out.sent()
    out.p.faults({"method": "log.blogpost.add", "kind": "cut", "times": 1})
    await out.want(publish("Coffee?"))
    results = [end.result for end in await ends(out) if isinstance(end, events.Done)]
    assert sorted(results) == [post.id for post in out.posts("Coffee?")]
    assert len(results) == 2


@pytest.mark.parametrize("kind", ["cut_after", "cut"])
@pytest.mark.parametrize("ahead", [-200, -7200, 7200])
async def test_a_portals_clock_may_be_wrong(out: Out, ahead: int, kind: str) -> None:
    """With any difference of clocks the new post is found, and an older one with the same text is not taken."""
    out.p.clock.advance(ahead - 1800)
    await out.p.publish("News of the day", by=ANNA)
    out.p.clock.advance(1800)
    out.p.faults({"method": "log.blogpost.add", "kind": kind, "times": 1})
    await out.want(publish("News of the day"))
    await out.sent()
    assert len(out.posts("News of the day")) == 2


async def test_somebody_elses_post_and_an_old_one_are_not_taken(out: Out) -> None:
    """A post with the same text by another author, or from an earlier time, is not taken."""
    await out.p.publish("Coffee?", by=ANNA)
    out.p.clock.advance(3600)
    await out.p.publish("Coffee?", by=BORIS)
    out.p.faults({"method": "log.blogpost.add", "kind": "cut", "times": 1})
    await out.want(publish("Coffee?"))
    await out.sent()
    assert len(out.posts("Coffee?")) == 3


async def test_a_batch_without_results_is_not_repeated(out: Out) -> None:
    """The portal did a whole batch but its answer has no results: the posts are found, and exist once."""
    stood: list[str] = []

    def answer(method: str, params: Params) -> Any:
        if method == "log.blogpost.get":
            return [
                {"ID": str(100 + at), "AUTHOR_ID": str(author), "DETAIL_TEXT": text, "DATE_PUBLISH": "2999-01-01"}
                for at, (author, text) in enumerate([(ANNA, "one"), (ANNA, "two")])
                if text in stood
            ]
        stood.append(said(params))
        if len(script.requests[-1]) == len(stood) == 2:
            raise Spoilt(web.json_response({"result": {"result": [], "result_error": [], "result_time": []}}))
        return 5

    async with scripted(answer) as script:
        await out.store.portal_moved(out.id, script.endpoint)
        await out.want(publish("one", dialog="2"), publish("two", dialog="chat10"))
        results = {end.result for end in await ends(out) if isinstance(end, events.Done)}
    assert sorted(stood) == ["one", "two"]
    assert results == {100, 101}


async def test_an_answer_without_an_id_leads_to_a_search(out: Out) -> None:
    """The user needs the id of the post; without it the outcome is unknown, and the post is searched for."""

    def answer(method: str, _params: Params) -> Any:
        if method == "log.blogpost.get":
            return [{"ID": "217", "AUTHOR_ID": str(ANNA), "DETAIL_TEXT": "News", "DATE_PUBLISH": "2999-01-01"}]
        return None

    async with scripted(answer) as script:
        await out.store.portal_moved(out.id, script.endpoint)
        await out.want(publish("News"))
        [done] = await ends(out)
    assert isinstance(done, events.Done)
    assert done.result == 217
    assert [method for request in script.requests for method, _ in request] == ["log.blogpost.add", "log.blogpost.get"]


@pytest.mark.parametrize("kind", ["cut_after", "cut"])
async def test_a_timeline_comment_is_searched_for_too(out: Out, kind: str) -> None:
    """Comments with an unknown outcome are found in the same way, also two with the same text."""
    await out.want(comment("Called."))
    await out.sent()
    out.p.faults({"method": "crm.timeline.comment.add", "kind": kind, "times": 1})
    await out.want(comment("Called."))
    first, second = [end.result for end in await ends(out) if isinstance(end, events.Done)]
    assert timeline(out) == ["Called.", "Called."]
    assert first != second


@pytest.mark.parametrize("refused", ["ACCESS_DENIED", "insufficient_scope", "invalid_token"])
async def test_a_refused_search_is_reported_to_the_user(out: Out, refused: str) -> None:
    """The post is given up with an unknown outcome; other actions of that user are not affected."""

    def answer(method: str, _params: Params) -> Any:
        if method == "log.blogpost.get":
            raise Spoilt(refusal(refused, status=403))
        return 5

    async with scripted(answer) as script:
        await out.store.portal_moved(out.id, script.endpoint)
        await out.decide(publish("News", dialog="2"))
        await out.store.mark_sending(await out.waiting())
        await out.store.recover()
        await out.want(publish("Other news", dialog="chat10"))
        done, failed = sorted(await ends(out), key=lambda end: type(end).__name__)
    assert isinstance(failed, events.Failed)
    assert isinstance(done, events.Done)
    assert failed.outcome_unknown
    assert (failed.effect["text"], done.effect["text"]) == ("News", "Other news")


async def test_later_posts_wait_while_a_search_fails(out: Out) -> None:
    """While the search for a post fails, the next post of the same dialog waits."""
    troubles = [refusal("INTERNAL_SERVER_ERROR", status=500)]
    added: list[str] = []

    def answer(method: str, params: Params) -> Any:
        if method == "log.blogpost.get":
            if troubles:
                raise Spoilt(troubles.pop())
            return []
        added.append(said(params))
        return len(added)

    async with scripted(answer) as script:
        await out.store.portal_moved(out.id, script.endpoint)
        await out.decide(publish("first"), publish("second"))
        await out.store.mark_sending((await out.waiting())[:1])
        await out.store.recover()
        out.sender.wake.set()
        await out.sent()
    assert added == ["first", "second"]


async def test_a_message_in_the_crm_feed_is_never_sent_twice(out: Out) -> None:
    """No search is possible, so the user is told that the text may be there."""
    out.p.switch(crm_feed="alive")
    out.p.faults({"method": "crm.livefeedmessage.add", "kind": "cut_after", "times": 1})
    await out.want(effects.CrmPost(dialog=Dialog("2"), user=ANNA, entity=DEAL, text="Called.", since=1))
    [failed] = await ends(out)
    assert isinstance(failed, events.Failed)
    assert (failed.kind, failed.outcome_unknown, failed.error) == ("CrmPost", True, "PortalDown")
    assert len(out.p.calls("crm.livefeedmessage.add")) == 1


async def test_a_message_arrives_once_whatever_the_answer(out: Out) -> None:
    """The portal drops a repeated message, alone or in a batch, and returns the first id."""
    chat = out.group()
    out.p.faults({"method": "batch", "kind": "cut_after", "times": 2})
    await out.want(*(say(chat, f"{number}", report=True) for number in range(5)))
    results = [end.result for end in await ends(out) if isinstance(end, events.Done)]
    assert out.texts(chat) == [f"{number}" for number in range(5)]
    messenger = out.p.emulator.world.messenger
    assert [messenger.messages[number].text for number in results] == out.texts(chat)


# --- Nobody is there ----------------------------------------------------------------------------------------------


async def test_a_removed_application_sends_nothing(out: Out) -> None:
    """Effects for a portal that was removed are not even stored."""
    before = len(out.p.calls())
    gone = events.Uninstalled(portal=out.id)
    await commit(out.store, out.arrived(gone, "x"), [state_changes.PortalGone(clean=False)], [])
    await out.want(say("chat10", "hello"), publish("News"))
    assert await out.rows("SELECT * FROM outbox") == []
    assert len(out.p.calls()) == before


@pytest.mark.parametrize("how", ["down", "html", "cut"])
async def test_an_outage_of_the_portal_loses_no_effect(out: Out, how: str) -> None:
    """Two hundred effects wait through many failed attempts; afterwards a few requests send them all."""
    chats = [out.group() for _ in range(20)]
    if how == "down":
        out.p.down(None)
    else:
        out.p.faults({"method": "*", "kind": how, "times": None})
    before = len(out.requests())
    await out.want(*(say(chat, f"{number}") for number in range(10) for chat in chats), publish("News"))
    await out.until(lambda: len(out.requests()) > before + 30)
    assert await out.store.dead_letters() == (0, 0)
    out.p.down(0)
    out.p.faults()
    tried = len(out.requests())
    await out.sent()
    assert all(out.texts(chat) == [f"{number}" for number in range(10)] for chat in chats)
    assert len(out.posts("News")) == 1
    assert len(out.requests()) - tried < 60


async def test_a_refused_token_affects_only_its_user(out: Out) -> None:
    """A user whose token cannot be refreshed is told so; other posts and the bot's messages are sent."""
    await out.store.put_token_pair(out.id, f"user:{ANNA}", TokenPair(access_token="spent", refresh_token="", expires=0))
    chat = out.group()
    await out.want(publish("Anna's", user=ANNA), publish("Boris'", user=BORIS), say(chat, "hello"))
    [failed] = [end for end in await ends(out) if isinstance(end, events.Failed)]
    assert (failed.effect["text"], failed.error) == ("Anna's", "TokenRefused")
    assert (len(out.posts("Anna's")), len(out.posts("Boris'")), out.texts(chat)) == (0, 1, ["hello"])


async def test_a_failed_refresh_of_one_user_delays_no_other(out: Out) -> None:
    """While the token of one person cannot be refreshed, the effects of all others are sent."""
    await out.store.put_token_pair(
        out.id, f"user:{ANNA}", TokenPair(access_token="spent", refresh_token="r", expires=0)
    )
    out.p.faults(
        {"method": "log.blogpost.add", "kind": "expired", "times": None},
        {"method": "oauth.token", "kind": "500", "times": None},
    )
    chats = [out.group() for _ in range(30)]
    await out.want(publish("Anna's"), *(say(chat, "hello") for chat in chats))
    await out.until(lambda: all(out.texts(chat) for chat in chats))
    out.p.faults()
    assert await out.store.dead_letters() == (0, 0)


async def test_without_a_bot_only_its_messages_fail(out: Out) -> None:
    """After the bot was deleted its messages are refused, and a new bot can still be registered."""
    gone = events.BotDeleted(portal=out.id, bot=out.bot)
    await commit(out.store, out.arrived(gone, "x"), [state_changes.BotKnown(bot=None)], [])
    again = effects.RegisterBot(api="v2", code="fresh", name="Bot", handler="http://127.0.0.1:9/e", report=True)
    await out.want(say("chat10", "hello"), again)
    assert [(end.kind, type(end).__name__) for end in await ends(out)] == [("Say", "Failed"), ("RegisterBot", "Done")]  # type: ignore[attr-defined]  # results only


# --- What the handlers hear ----------------------------------------------------------------------------------------


async def test_results_come_back_as_events_with_their_keys(out: Out) -> None:
    """Results have the key of their dialog, results of posts and cards that of the post; no report, no event."""
    chat = out.group()
    card = effects.ShowCard(dialog=chat, post=PostId(217), version="v1", content=Content(text="card"), report=True)
    lost = effects.Edit(dialog=chat, message=MessageId(999_999), content=Content(text="x"))
    wanted: list[Effect] = [say(chat, "told", report=True), say(chat, "untold"), card, lost, publish("News")]
    await out.want(*wanted)
    await out.sent()
    rows = await out.store.waiting_events(after=0, many=50)
    [post] = out.posts("News")
    assert sorted((row.kind, row.event.kind, row.ordering_key) for row in rows) == sorted(  # type: ignore[attr-defined]  # results only
        [
            ("Done", "Say", f"dialog:{chat}"),
            ("Done", "ShowCard", "post:217"),
            ("Failed", "Edit", f"dialog:{chat}"),
            ("Done", "Publish", f"post:{post.id}"),
        ]
    )


async def test_a_dead_letter_keeps_its_reason(out: Out) -> None:
    """An effect that is given up is kept with its reason, is counted, and delays nothing."""
    await out.want(effects.Edit(dialog=Dialog("chat10"), message=MessageId(999_999), content=Content(text="x")))
    await out.sent()
    assert await out.store.dead_letters() == (0, 1)
    [(kind, error)] = await out.rows("SELECT kind, error FROM outbox WHERE state = 3")
    assert kind == "Edit"
    assert "MESSAGE_NOT_FOUND" in error


async def test_an_interrupted_post_is_searched_for_after_a_restart(tmp_path: Path) -> None:
    """After a restart during a request, the post is searched for when the request must have ended, and found."""
    async with opened(tmp_path, sends=False) as out:
        await out.decide(publish("News"))
        await out.store.mark_sending(await out.waiting())
        await out.p.publish("News", by=ANNA)
        start = time.time()
        out.send()
        [done] = await ends(out)
        assert isinstance(done, events.Done)
        assert len(out.posts("News")) == 1
        assert out.p.calls("log.blogpost.get")[0].at >= start + QUICK.settle


# --- Ourselves -----------------------------------------------------------------------------------------------


async def test_an_interrupted_post_waits_behind_an_interrupted_share(tmp_path: Path) -> None:
    """Of an interrupted share and a post behind it, the share is sent at once; the post waits for its time."""
    async with opened(tmp_path, Terms(retry_policy=replace(QUICK, settle=3600)), sends=False) as out:
        post = PostId((await out.p.publish("Shared", by=ANNA)).id)
        await out.decide(effects.Share(dialog=Dialog("2"), user=ANNA, post=post, dest=["U3"]), publish("News"))
        await out.store.mark_sending(await out.waiting())
        out.send()
        await out.until(lambda: out.p.calls("log.blogpost.share"))
        assert out.p.calls("log.blogpost.get") == []
        assert [row.kind for row in await out.waiting()][-1:] == ["Publish"]


async def test_an_effect_without_a_call_fails_alone(out: Out) -> None:
    """A defect in one effect ends only that effect, with a known outcome; the others of its request are sent."""
    strange = effects.CrmPost(
        dialog=Dialog("chat10"), user=ANNA, entity=CrmEntity(type="spaceship", id=1), text="x", since=1
    )
    with structlog.testing.capture_logs() as lines:
        await out.want(publish("before"), strange, publish("after", dialog="3"))
        failed = [end for end in await ends(out) if isinstance(end, events.Failed)]
    assert [(end.kind, end.error) for end in failed] == [("CrmPost", "Refused")]
    assert (len(out.posts("before")), len(out.posts("after"))) == (1, 1)
    assert "effect.impossible" in {line["event"] for line in lines}


async def test_idle_waits_for_open_requests(out: Out) -> None:
    """`idle` returns when the last request has ended and its outcome is on disk."""
    held, chat = barrier(out.p, "imbot.v2.Chat.Message.send"), out.group()
    await out.want(say(chat, "hello"))
    await held.holds()
    stopping = asyncio.create_task(out.sender.idle())
    await asyncio.sleep(0)
    assert not stopping.done()
    await held.open()
    await stopping
    assert out.texts(chat) == ["hello"]
    assert await out.rows("SELECT state FROM outbox") == [(2,)]
