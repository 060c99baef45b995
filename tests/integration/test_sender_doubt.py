"""The sender where nobody knows what happened, where nobody is there any more, and what the handlers hear of it."""

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
    """Anna's words in the timeline of the deal."""
    return effects.CrmComment(
        dialog=Dialog("2"), user=ANNA, entity=DEAL, text=text, since=int(time.time()), report=True, **more
    )


async def ends(out: Out) -> list[events.Event]:
    """What the handlers will hear, after all was sent."""
    await out.sent()
    return await out.results()


def timeline(out: Out) -> list[str]:
    """The comments of the deal."""
    return [entry.text for entry in out.p.emulator.world.crm.timeline("deal", 42) if entry.kind == "comment"]


# --- A post whose answer never came ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["cut_after", "cut", "html", "500"])
async def test_a_post_exists_once_whatever_the_answer(out: Out, kind: str) -> None:
    """Where it was published it is found and not published again, where it was not, it is; Done has its id."""
    out.p.faults({"method": "log.blogpost.add", "kind": kind, "times": 1})
    await out.want(publish("News of the day"))
    [done] = await ends(out)
    assert isinstance(done, events.Done)
    assert [post.id for post in out.posts("News of the day")] == [done.result]
    assert len(out.p.calls("log.blogpost.add", ok=True)) == 1
    assert len(out.p.calls("log.blogpost.get")) == 1


async def test_a_sure_failure_is_not_looked_for(out: Out) -> None:
    """Where the portal said that it did nothing, the post is simply sent again."""
    out.p.faults({"method": "log.blogpost.add", "kind": "503", "times": 1})
    await out.want(publish("News of the day"))
    await out.sent()
    assert len(out.posts("News of the day")) == 1
    assert out.p.calls("log.blogpost.get") == []


async def test_a_look_waits_until_the_portal_must_be_done(tmp_path: Path) -> None:
    """A request may go on after its connection broke: nothing is looked for, or sent again, before it must be over."""
    async with opened(tmp_path, Terms(retry_policy=replace(QUICK, settle=0.8))) as out:
        out.p.faults({"method": "log.blogpost.add", "kind": "cut", "times": 1})
        await out.want(publish("News of the day"))
        await out.sent()
        [cut] = out.p.calls("log.blogpost.add", ok=False)
        assert out.p.calls("log.blogpost.get")[0].at - cut.at >= 0.8


async def test_the_same_words_twice_are_two_posts(out: Out) -> None:
    """Two posts of one person with the same words, both in doubt: both are found, none twice, none missing."""
    out.p.faults({"method": "log.blogpost.add", "kind": "cut_after", "times": 1})
    await out.want(publish("Coffee?"), publish("Coffee?"))
    results = [end.result for end in await ends(out) if isinstance(end, events.Done)]
    assert sorted(results) == [post.id for post in out.posts("Coffee?")]
    assert len(results) == 2


async def test_the_post_of_another_effect_is_not_taken(out: Out) -> None:
    """A post that belongs to a finished effect of ours is not mistaken for the one that is looked for."""
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
    """However far its clock is from ours: what was made is found, and an older post of the same words is not taken."""
    out.p.clock.advance(ahead - 1800)
    await out.p.publish("News of the day", by=ANNA)
    out.p.clock.advance(1800)
    out.p.faults({"method": "log.blogpost.add", "kind": kind, "times": 1})
    await out.want(publish("News of the day"))
    await out.sent()
    assert len(out.posts("News of the day")) == 2


async def test_somebody_elses_post_and_an_old_one_are_not_taken(out: Out) -> None:
    """Same words, but by another person, or from before: then ours is not there yet."""
    await out.p.publish("Coffee?", by=ANNA)
    out.p.clock.advance(3600)
    await out.p.publish("Coffee?", by=BORIS)
    out.p.faults({"method": "log.blogpost.add", "kind": "cut", "times": 1})
    await out.want(publish("Coffee?"))
    await out.sent()
    assert len(out.posts("Coffee?")) == 3


async def test_an_answer_that_names_nothing_posts_nothing_again(out: Out) -> None:
    """The portal did all of a batch and lost the maps of its answer: the posts are looked for, and are there once."""
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


async def test_an_answer_without_an_id_is_no_post(out: Out) -> None:
    """Who publishes is told the number of the post; an answer that gives none leaves doubt, and it is looked for."""

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
async def test_a_timeline_comment_is_looked_for_too(out: Out, kind: str) -> None:
    """The same holds for comments, also for two with the same words."""
    await out.want(comment("Called."))
    await out.sent()
    out.p.faults({"method": "crm.timeline.comment.add", "kind": kind, "times": 1})
    await out.want(comment("Called."))
    first, second = [end.result for end in await ends(out) if isinstance(end, events.Done)]
    assert timeline(out) == ["Called.", "Called."]
    assert first != second


@pytest.mark.parametrize("refused", ["ACCESS_DENIED", "insufficient_scope", "invalid_token"])
async def test_where_one_may_not_look_the_person_is_told_so(out: Out, refused: str) -> None:
    """The post is given up in doubt; what else was to go in that person's name is not touched by it."""

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


async def test_nothing_overtakes_what_could_not_be_looked_for(out: Out) -> None:
    """While the look for a post fails, the next post of the same dialog waits behind it."""
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
    """There is no way to look: the person is told that it may be there."""
    out.p.switch(crm_feed="alive")
    out.p.faults({"method": "crm.livefeedmessage.add", "kind": "cut_after", "times": 1})
    await out.want(effects.CrmPost(dialog=Dialog("2"), user=ANNA, entity=DEAL, text="Called.", since=1))
    [failed] = await ends(out)
    assert isinstance(failed, events.Failed)
    assert (failed.kind, failed.outcome_unknown, failed.error) == ("CrmPost", True, "PortalDown")
    assert len(out.p.calls("crm.livefeedmessage.add")) == 1


async def test_a_message_arrives_once_whatever_the_answer(out: Out) -> None:
    """A repeated message is dropped by the portal, in both halves of a batch, and its first id comes back."""
    chat = out.group()
    out.p.faults({"method": "batch", "kind": "cut_after", "times": 2})
    await out.want(*(say(chat, f"{number}", report=True) for number in range(5)))
    results = [end.result for end in await ends(out) if isinstance(end, events.Done)]
    assert out.texts(chat) == [f"{number}" for number in range(5)]
    messenger = out.p.emulator.world.messenger
    assert [messenger.messages[number].text for number in results] == out.texts(chat)


# --- Nobody is there ----------------------------------------------------------------------------------------------


async def test_where_the_application_was_removed_nothing_is_asked(out: Out) -> None:
    """What is decided for a portal that is gone is not even kept."""
    before = len(out.p.calls())
    gone = events.Uninstalled(portal=out.id)
    await commit(out.store, out.arrived(gone, "x"), [state_changes.PortalGone(clean=False)], [])
    await out.want(say("chat10", "hello"), publish("News"))
    assert await out.rows("SELECT * FROM outbox") == []
    assert len(out.p.calls()) == before


@pytest.mark.parametrize("how", ["down", "html", "cut"])
async def test_while_the_portal_is_away_nothing_dies_and_afterwards_everything_goes_packed(out: Out, how: str) -> None:
    """Two hundred effects wait through many failed attempts; when the portal is back few requests are enough."""
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


async def test_a_person_without_a_token_concerns_nobody_else(out: Out) -> None:
    """A user whose token cannot be refreshed is told so; other posts and the bot's messages are sent."""
    await out.store.put_token_pair(out.id, f"user:{ANNA}", TokenPair(access_token="spent", refresh_token="", expires=0))
    chat = out.group()
    await out.want(publish("Anna's", user=ANNA), publish("Boris'", user=BORIS), say(chat, "hello"))
    [failed] = [end for end in await ends(out) if isinstance(end, events.Failed)]
    assert (failed.effect["text"], failed.error) == ("Anna's", "TokenRefused")
    assert (len(out.posts("Anna's")), len(out.posts("Boris'")), out.texts(chat)) == (0, 1, ["hello"])


async def test_an_authorization_server_that_is_away_for_one_concerns_nobody_else(out: Out) -> None:
    """While one person's token cannot be renewed for now, everybody else's effects leave."""
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


async def test_without_a_bot_only_the_bots_messages_die(out: Out) -> None:
    """Where the bot was deleted its messages are refused, and a new bot is registered all the same."""
    gone = events.BotDeleted(portal=out.id, bot=out.bot)
    await commit(out.store, out.arrived(gone, "x"), [state_changes.BotKnown(bot=None)], [])
    again = effects.RegisterBot(api="v2", code="fresh", name="Bot", handler="http://127.0.0.1:9/e", report=True)
    await out.want(say("chat10", "hello"), again)
    assert [(end.kind, type(end).__name__) for end in await ends(out)] == [("Say", "Failed"), ("RegisterBot", "Done")]  # type: ignore[attr-defined]  # results only


# --- What the handlers hear ----------------------------------------------------------------------------------------


async def test_results_come_back_as_events_with_their_keys(out: Out) -> None:
    """A dialog's results go through the dialog, a post's and its cards' through the post, an unasked one nowhere."""
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


async def test_a_dead_letter_stays_and_says_why(out: Out) -> None:
    """What will not be tried again is parked with its reason, counted, and not in the way of anything."""
    await out.want(effects.Edit(dialog=Dialog("chat10"), message=MessageId(999_999), content=Content(text="x")))
    await out.sent()
    assert await out.store.dead_letters() == (0, 1)
    [(kind, error)] = await out.rows("SELECT kind, error FROM outbox WHERE state = 3")
    assert kind == "Edit"
    assert "ACCESS_DENIED" in error


async def test_what_was_under_way_at_the_end_is_in_doubt_at_the_next_start(tmp_path: Path) -> None:
    """After a restart in the middle of a request a post is looked for, but not before it must be done, and found."""
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


async def test_what_has_to_wait_is_not_taken_along_by_what_stands_before_it(tmp_path: Path) -> None:
    """Of a share and a post behind it that were interrupted the share goes at once, and the post waits for its time."""
    async with opened(tmp_path, Terms(retry_policy=replace(QUICK, settle=3600)), sends=False) as out:
        post = PostId((await out.p.publish("Shared", by=ANNA)).id)
        await out.decide(effects.Share(dialog=Dialog("2"), user=ANNA, post=post, dest=["U3"]), publish("News"))
        await out.store.mark_sending(await out.waiting())
        out.send()
        await out.until(lambda: out.p.calls("log.blogpost.share"))
        assert out.p.calls("log.blogpost.get") == []
        assert [row.kind for row in await out.waiting()][-1:] == ["Publish"]


async def test_an_effect_we_cannot_even_ask_for_dies_alone(out: Out) -> None:
    """A mistake of ours in one effect ends that effect, in no doubt; what shares its request leaves."""
    strange = effects.CrmPost(
        dialog=Dialog("chat10"), user=ANNA, entity=CrmEntity(type="spaceship", id=1), text="x", since=1
    )
    with structlog.testing.capture_logs() as lines:
        await out.want(publish("before"), strange, publish("after", dialog="3"))
        failed = [end for end in await ends(out) if isinstance(end, events.Failed)]
    assert [(end.kind, end.error) for end in failed] == [("CrmPost", "Refused")]
    assert (len(out.posts("before")), len(out.posts("after"))) == (1, 1)
    assert "effect.impossible" in {line["event"] for line in lines}


async def test_who_stops_waits_for_the_requests_under_way(out: Out) -> None:
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
