"""People from whom the application has no permission: what they publish through it, and what they are told."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.i18n import catalog
from bot.model import ordering
from bot.model.events import PortalId, UserId
from bot.model.records import TokenPair
from portal.clients.person import text_of
from tests.in_process import ANNA, BORIS, CLARA, GUSTAV, OLGA, InProcess, running
from tests.integration.test_composer_service import dialog_of, newest, says, written
from tests.integration.test_schedule_service import HOUR, sees, wait
from tests.rounds import some

BOTH = pytest.mark.parametrize("bot_api", ["v1", "v2"])
API = pytest.mark.parametrize("bot_api", some(["v2", "v1"], last=1))
WORDS = {
    "en": (CLARA, "The coffee machine works again.", "Publish"),
    "ru": (ANNA, "Кофемашина снова работает.", "Опубликовать"),
    "de": (BORIS, "Die Kaffeemaschine geht wieder.", "Veröffentlichen"),
}
"""By language: who writes it, a text, and the label of the button that publishes."""


@contextlib.asynccontextmanager
async def without_tokens(folder: Path, bot_api: str = "v2", *, at_once: bool = False) -> AsyncIterator[InProcess]:
    """Start a service that may act for people, on a portal whose events have no tokens of them."""
    async with running(folder, bot_api, at_once=at_once, for_people=True) as here:
        here.p.switch(tokens_in_events=False, posts_for_others="caller")
        yield here


def for_whom(here: InProcess, who: int, language: str) -> str:
    """Return the sentence that says for whom the application has published a post."""
    return catalog.sentence(language, "acting.published", name=here.p.emulator.world.people.users[who].name)


def say(language: str, key: str, **values: object) -> str:
    """Return a sentence of the bot."""
    return catalog.sentence(language, key, **values)


# --- Publishing -------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("language", WORDS)
async def test_from_the_preview_to_the_feed(tmp_path: Path, bot_api: str, language: str) -> None:
    """The preview says who will publish it, and how to change that; the confirmation says for whom it was published."""
    who, text, button = WORDS[language]
    async with without_tokens(tmp_path, bot_api) as here:
        card = await says(here, who, f"/post {text}")
        assert say(language, "acting.note") in card.text
        assert "6" in text_of(card) or "5" in text_of(card)
        await here.p.person(who).presses(button, dialog=dialog_of(here))
        await here.quiet()
        [post] = written(here, who)
        assert (post.text, post.dest) == (text, ("UA",))
        [call] = here.p.calls("log.blogpost.add")
        assert (call.user, str(call.params["USER_ID"])) == (OLGA, str(who))
        confirmed = [row.text for row in here.p.person(who).reads(dialog=dialog_of(here))]
        assert any(for_whom(here, who, language) in one for one in confirmed), confirmed


@BOTH
async def test_at_once_and_by_mention_in_a_group(tmp_path: Path, bot_api: str) -> None:
    """Without a preview, by a mention in a group: everybody there reads for whom it was published."""
    async with without_tokens(tmp_path, bot_api, at_once=True) as here:
        [bot] = here.p.bots(here.app)
        group = here.p.make_chat(CLARA, BORIS, bot.id)
        await here.quiet()
        await here.p.person(CLARA).mentions(bot.id, "post The coffee machine works again.", dialog=group)
        await here.quiet()
        assert [post.text for post in written(here, CLARA)] == ["The coffee machine works again."]
        seen = newest(here.p.person(BORIS), group)
        assert for_whom(here, CLARA, "en") in seen.text
        assert "The coffee machine works again." in text_of(seen)


@BOTH
async def test_with_the_setting_off_nobody_is_acted_for(tmp_path: Path, bot_api: str) -> None:
    """The setting is off by default: nothing is sent with an administrator's token, and a sentence says what to do."""
    async with running(tmp_path, bot_api) as here:
        here.p.switch(tokens_in_events=False)
        assert say("en", "error.token") in (await says(here, CLARA, "/post Hello to all of you.")).text
        said = (await says(here, CLARA, "/post to:sales For you")).text
        assert say("en", "recipients.no_eyes", name="sales") in said
        assert say("en", "error.token") in (await says(here, CLARA, "/edit 217 New words")).text
        assert written(here, CLARA) == []
        assert not here.p.calls("log.blogpost.add")


async def test_a_token_that_comes_is_used_again(tmp_path: Path) -> None:
    """As soon as an event brings a token, the person publishes by themselves, and nothing is said."""
    async with without_tokens(tmp_path) as here:
        assert say("en", "acting.note") in (await says(here, CLARA, "/post First")).text
        here.p.switch(tokens_in_events=True)
        card = await says(here, CLARA, "/draft Second")
        assert say("en", "acting.note") not in card.text
        await says(here, CLARA, "/publish")
        [call] = here.p.calls("log.blogpost.add")
        assert call.user == CLARA
        assert "USER_ID" not in call.params
        assert not any(
            for_whom(here, CLARA, "en") in row.text for row in here.p.person(CLARA).reads(dialog=dialog_of(here))
        )


@pytest.mark.parametrize("comes", [False, True], ids=["stored", "with the event"])
async def test_a_token_that_is_refused_is_no_obstacle(tmp_path: Path, *, comes: bool) -> None:
    """The stored token is refused for good, or the one that comes: there is one post, published for the person."""
    async with without_tokens(tmp_path, at_once=True) as here:
        if comes:
            here.p.switch(tokens_in_events=True)
            here.p.faults({"method": "log.blogpost.add", "kind": "error", "code": "invalid_token", "status": 401})
        else:
            dead = TokenPair(access_token="dead", refresh_token="dead", expires=1)
            await here.store.put_token_pair(PortalId(here.p.member_id), ordering.owner_user(UserId(CLARA)), dead)
        await says(here, CLARA, "/post Hello to all of you.")
        assert len(written(here, CLARA)) == 1
        assert [call.user for call in here.p.calls("log.blogpost.add", ok=True)] == [OLGA]
        assert for_whom(here, CLARA, "en") in newest(here.p.person(CLARA), dialog_of(here)).text


async def test_who_may_not_use_the_application_is_not_acted_for(tmp_path: Path) -> None:
    """An administrator has not opened the application to Clara: the administrator's token does not go around that."""
    async with without_tokens(tmp_path, at_once=True) as here:
        here.p.switch(tokens_in_events=True)
        closed = {"kind": "error", "code": "user_access_error", "status": 401, "times": 9}
        here.p.faults({"method": "log.blogpost.add", **closed}, {"method": "im.search.user.list", **closed})
        assert say("en", "error.shut_out") in (await says(here, CLARA, "/post Hello to all of you.")).text
        assert written(here, CLARA) == []


async def test_a_scheduled_post(tmp_path: Path) -> None:
    """When it is due, the rights are judged again: one post is published for its author, another is not any more."""
    async with without_tokens(tmp_path, at_once=True) as here:
        said = (await says(here, ANNA, "/schedule in 2 hours Мы закрываемся в четыре.")).text
        assert say("ru", "acting.note") in said
        await says(here, ANNA, '/schedule in 3 hours to:"Product launch" Только для группы.')
        wait(here, 2 * HOUR)
        await sees(here, ANNA, for_whom(here, ANNA, "ru"))
        assert [post.text for post in written(here, ANNA)] == ["Мы закрываемся в четыре."]
        groups = here.p.emulator.world.people.groups
        groups[7] = replace(groups[7], members=(BORIS, GUSTAV), owner=BORIS)
        wait(here, HOUR)
        await sees(here, ANNA, "получателей больше нет")
        assert len(written(here, ANNA)) == 1


# --- Recipients -------------------------------------------------------------------------------------------------


async def test_names_are_found_as_the_person_would_find_them(tmp_path: Path) -> None:
    """A group of one's own and a department are found; a hidden group of others is not, and its code is closed."""
    async with without_tokens(tmp_path) as here:
        groups = here.p.emulator.world.people.groups
        groups[9] = replace(groups[8], id=9, name="Board of secrets", visible=False, members=(OLGA, BORIS), owner=OLGA)
        card = await says(here, CLARA, '/post to:"Office Berlin" The heating works.')
        assert "Office Berlin, 3 people" in text_of(card)
        assert say("en", "acting.note") in card.text
        card = await says(here, CLARA, "/draft to:sales")
        assert "Sales, 2 people" in text_of(card)
        said = await says(here, CLARA, '/draft to:"Board of secrets"')
        assert say("en", "recipients.unknown", name="Board of secrets") in said.text
        card = await says(here, CLARA, "/draft to:SG9")
        assert say("en", "acting.closed", names="SG9") in card.text
        assert "people" not in text_of(card)
        assert say("en", "error.acting_recipients") in (await says(here, CLARA, "/publish")).text
        assert written(here, CLARA) == []
        card = await says(here, BORIS, '/post to:"Board of secrets" Streng geheim.')
        assert "Board of secrets, 2" in text_of(card)


async def test_a_group_that_everybody_sees_is_only_for_its_members(tmp_path: Path) -> None:
    """The name is found, the preview says that it is closed and keeps the draft, and a press publishes nothing."""
    async with without_tokens(tmp_path) as here:
        card = await says(here, CLARA, '/post to:"Product launch" Hello.')
        assert say("en", "acting.closed", names="Product launch") in card.text
        await here.p.person(CLARA).presses("Publish", dialog=dialog_of(here))
        await here.quiet()
        refused = newest(here.p.person(CLARA), dialog_of(here))
        assert say("en", "error.acting_recipients") in refused.text
        assert any("/post to:" in str(button) for button in refused.keyboard or ())
        assert not here.p.calls("log.blogpost.add")


async def test_an_extranet_user(tmp_path: Path) -> None:
    """They find the people and groups they know, and nobody else; everybody is closed to them."""
    async with without_tokens(tmp_path) as here:
        card = await says(here, GUSTAV, "/post to:anna Hello.")
        assert "Anna Petrova" in text_of(card)
        assert say("en", "acting.note") in card.text
        await says(here, GUSTAV, "/publish")
        assert [post.dest for post in written(here, GUSTAV)] == [(f"U{ANNA}",)]
        for name in ("clara", "sales", "Office Berlin"):
            said = (await says(here, GUSTAV, f'/post to:"{name}" Hello.')).text
            assert say("en", "recipients.unknown", name=name) in said
        card = await says(here, GUSTAV, "/post to:all Hello.")
        assert say("en", "acting.closed", names="everyone") in card.text
        card = await says(here, GUSTAV, '/draft to:"Product launch"')
        assert say("en", "acting.note") in card.text
        await says(here, GUSTAV, "/publish")
        assert [post.dest for post in written(here, GUSTAV)] == [(f"U{ANNA}",), ("SG7",)]


# --- What goes along, and what goes wrong -----------------------------------------------------------------------


@API
async def test_everything_goes_along(tmp_path: Path, bot_api: str) -> None:
    """Files, a title, tags, importance, a poll and thanks are in the post."""
    async with without_tokens(tmp_path, bot_api, at_once=True) as here:
        dialog = dialog_of(here)
        await here.p.person(CLARA).sends_file(
            "plan.txt", b"The plan", dialog=dialog,
            text='/post title:Plan tags:a,b important thank:boris medal:cup poll:"When? now | later" See the plan',
        )  # fmt: skip
        await here.quiet()
        [post] = written(here, CLARA)
        assert [file.name for file in post.files] == ["plan.txt"]
        assert (post.title, post.tags, post.important) == ("Plan", ("a", "b"), True)
        assert post.poll
        assert post.gratitude
        assert post.gratitude.people == (BORIS,)
        assert not any("without the files" in row.text for row in here.p.person(CLARA).reads(dialog=dialog))


async def test_files_that_the_administrator_may_not_read(tmp_path: Path) -> None:
    """The portal leaves such files out without a word, so the bot says it."""
    async with without_tokens(tmp_path, at_once=True) as here:
        here.p.switch(files_of_others=False)
        dialog = dialog_of(here)
        await here.p.person(CLARA).sends_file("plan.txt", b"The plan", dialog=dialog, text="/post See the plan")
        await here.quiet()
        [post] = written(here, CLARA)
        said = [row.text for row in here.p.person(CLARA).reads(dialog=dialog)]
        assert say("en", "acting.no_files", post=post.id) in said


async def test_a_portal_that_ignores_the_author(tmp_path: Path) -> None:
    """The post appears under Olga's name: it is deleted at once, and the person is told and keeps the text."""
    async with without_tokens(tmp_path, at_once=True) as here:
        here.p.switch(posts_for_others="ignored")
        await says(here, CLARA, "/post Hello to all of you.")
        assert written(here, CLARA) == []
        assert written(here, OLGA) == []
        assert len(here.p.calls("log.blogpost.add", ok=True)) == 1
        told = newest(here.p.person(CLARA), dialog_of(here))
        assert "appeared under another name" in told.text
        assert any("/post Hello to all of you." in str(button) for button in told.keyboard or ())


@pytest.mark.parametrize("language", WORDS)
async def test_without_an_administrator(tmp_path: Path, language: str) -> None:
    """The installer is no administrator any more: nothing is published, and the person is told in their language."""
    who, text, _ = WORDS[language]
    async with without_tokens(tmp_path) as here:
        users = here.p.emulator.world.people.users
        users[OLGA] = replace(users[OLGA], admin=False)
        card = await says(here, who, f"/post {text}")
        assert say(language, "error.acting_no_administrator") in card.text
        assert say(language, "error.acting_no_administrator") in (await says(here, who, "/publish")).text
        assert not here.p.calls("log.blogpost.add")


# --- Posts that exist -------------------------------------------------------------------------------------------


@API
async def test_own_posts_are_changed_shared_commented_on_and_deleted(tmp_path: Path, bot_api: str) -> None:
    """Everything that the bot offers for a post of one's own works without a token, and is the person's own."""
    async with without_tokens(tmp_path, bot_api, at_once=True) as here:
        feed, clara, dialog = here.p.emulator.world.feed, here.p.person(CLARA), dialog_of(here)
        await says(here, CLARA, "/post to:sales title:Friday We close at four.")
        [post] = written(here, CLARA)
        assert (await says(here, CLARA, f"/edit {post.id} We close at five.")).text
        await says(here, CLARA, f"/append {post.id} Cake at four.")
        await says(here, CLARA, f"/title {post.id} Monday")
        await says(here, CLARA, f"/share {post.id} to:anna.petrova@nordlicht.example")
        await says(here, CLARA, f"/share {post.id} to:U{ANNA}")
        await says(here, CLARA, f"/comment {post.id} Bring plates.")
        now = feed.posts[post.id]
        assert (now.text, now.title, now.author) == ("We close at five.\n\nCake at four.", "Monday", CLARA)
        assert now.dest == ("DR3", f"U{ANNA}")
        assert {one.author for one in feed.comments_of(post.id)} == {CLARA}
        assert "We close at five." in text_of(await says(here, CLARA, f"/show {post.id}"))
        await says(here, CLARA, f"/delete {post.id}")
        await clara.presses(f"Delete post {post.id}", dialog=dialog)
        await here.quiet()
        assert post.id not in feed.posts
        await says(here, CLARA, "/post Wrong numbers")
        await clara.presses("Undo", dialog=dialog)
        await here.quiet()
        assert written(here, CLARA) == []


@API
async def test_posts_of_others_stay_as_they_are(tmp_path: Path, bot_api: str) -> None:
    """The administrator's token could do it all; nobody gets more from it than the posts that they surely may read."""
    async with without_tokens(tmp_path, bot_api, at_once=True) as here:
        feed, boris = here.p.emulator.world.feed, here.p.person(BORIS)
        secret = await boris.posts("Numbers of the quarter", dest=["SG7"])
        public = await boris.posts("Cake at four.")
        await here.quiet()
        before = dict(feed.posts)
        for number in (secret, public):
            texts = [f"/edit {number} x", f"/append {number} x", f"/title {number} x", f"/share {number} to:U{CLARA}"]
            for text in (*texts, f"/delete {number}", f"/undo {number}", f"/delete {number} answer:yes"):
                said = await says(here, CLARA, text)
                assert "Numbers" not in text_of(said)
        assert say("en", "posts.none", post=secret) in (await says(here, CLARA, f"/show {secret}")).text
        assert "Cake at four." in text_of(await says(here, CLARA, f"/show {public}"))
        await says(here, CLARA, f"/comment {secret} Seen.")
        assert feed.posts == before
        assert not feed.comments_of(secret)
        await says(here, CLARA, f"/comment {public} Seen.")
        assert [one.author for one in feed.comments_of(public)] == [CLARA]


@API
async def test_the_audit_says_by_whose_access(tmp_path: Path, bot_api: str) -> None:
    """An administrator reads for whom something was published, and with whose access."""
    async with without_tokens(tmp_path, bot_api, at_once=True) as here:
        await says(here, CLARA, "/post Hello to all of you.")
        here.p.switch(tokens_in_events=True)
        await says(here, BORIS, "/post Hallo zusammen.")
        said = (await says(here, OLGA, "/status")).text
        [clara, boris] = [next(line for line in said.splitlines() if f"[user={who}]" in line) for who in (CLARA, BORIS)]
        assert "with the access of the person who installed me" in clara
        assert "access" not in boris
