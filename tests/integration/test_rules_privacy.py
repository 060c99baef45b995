"""Subscriptions in groups with people who may not know everything, and whose subscription it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.clients.person import text_of
from tests.in_process import ANNA, BORIS, CLARA, GUSTAV, InProcess, running
from tests.integration.test_composer_service import dialog_of, newest, says

LAUNCH = "SG7"
"""A workgroup of Anna, Boris and Gustav."""
OFFICE = "Office Berlin"
"""A workgroup that an extranet user may not know."""


def group_of(here: InProcess, *members: int) -> str:
    """Make a group of Clara, who owns it, the members and the bot."""
    return here.p.make_chat(*members, here.p.bots(here.app)[0].id, by=CLARA)


def read(here: InProcess, who: int, dialog: str, *, after: int = 0) -> str:
    """Return everything that a person reads in a dialog after a message."""
    return "\n".join(text_of(row) for row in here.p.person(who).reads(dialog=dialog) if row.id > after)


@pytest.mark.parametrize(
    ("who", "command"),
    [
        (GUSTAV, "/follow all"),
        (GUSTAV, "/follow 1 word:tea"),
        (GUSTAV, "/unfollow 1"),
        (GUSTAV, "/follows"),
        (GUSTAV, "/why 218"),
        (CLARA, "/follow 1 word:tea"),
        (CLARA, "/follow all"),
        (CLARA, "/follow in:SG8 word:tea"),
        (CLARA, "/unfollow 1"),
    ],
)
async def test_no_name_of_a_rule_reaches_an_extranet_user(tmp_path: Path, who: int, command: str) -> None:
    """No answer about a subscription names its workgroup again once an extranet user reads in the chat."""
    async with running(tmp_path) as here:
        group = group_of(here, BORIS)
        await says(here, CLARA, f'/follow in:"{OFFICE}"', group)
        await here.p.person(CLARA).invites(GUSTAV, dialog=group)
        await here.quiet()
        joined = here.p.person(GUSTAV).reads(dialog=group)[-1].id
        await says(here, who, command, group)
        assert OFFICE not in read(here, GUSTAV, group, after=joined)
        assert "one person" not in read(here, GUSTAV, group, after=joined)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "posts for one group or department"),
        ("de", "Beiträge für eine Gruppe oder Abteilung"),
        ("ru", "записи для (название скрыто)"),
    ],
)
async def test_a_hidden_place_is_called_a_place(tmp_path: Path, language: str, said: str) -> None:
    """Where the name of a workgroup is hidden, the list still says that the rule is about a group or department."""
    async with running(tmp_path) as here:
        group = group_of(here, BORIS)
        await says(here, CLARA, f'/follow in:"{OFFICE}"', group)
        await says(here, CLARA, f"/lang {language}")
        await here.p.person(CLARA).invites(GUSTAV, dialog=group)
        await here.quiet()
        assert said in (await says(here, CLARA, "/follows", group)).text


async def test_why_tells_a_group_nothing_of_a_post_that_is_not_for_all_there(tmp_path: Path) -> None:
    """The group does not learn that the post exists, nor which words it has; its reader learns it in private."""
    async with running(tmp_path) as here:
        group = group_of(here, ANNA)
        await says(here, CLARA, "/follow word:secret", group)
        post = await here.p.person(ANNA).posts("a secret of the launch", dest=[LAUNCH])
        await here.quiet()
        asked = await here.p.person(ANNA).says(f"/why {post}", dialog=group)
        await here.quiet()
        said = read(here, CLARA, group, after=asked)
        assert said == "Not everyone here may see the answer, so I sent it to you in our private chat."
        own = read(here, ANNA, dialog_of(here))
        assert f"Post {post} fits what {group} follows: posts with “secret”. Subscribed by Clara Wirth." in own
        assert f"I do not show post {post} in {group}, because not everyone there may read it." in own


@pytest.mark.parametrize(
    ("command", "number"), [("/follow all", 2), ("/follow 1 all", 2), ("/follow important", 3), ("/follow from:U4", 4)]
)
async def test_nobody_takes_over_a_subscription(tmp_path: Path, command: str, number: int) -> None:
    """Asking for what a chat follows already, or changing a rule to it, leaves its owner, who alone may end it."""
    async with running(tmp_path) as here:
        group = group_of(here, ANNA, BORIS)
        await says(here, ANNA, "/follow word:tea", group)
        for rule in ("all", "important", "from:U4"):
            await says(here, BORIS, f"/follow {rule}", group)
        said = await says(here, ANNA, command, group)
        assert "This chat already follows" in said.text
        said = await says(here, ANNA, f"/unfollow {number}", group)
        assert "Only Boris Klein" in said.text
        listed = (await says(here, CLARA, "/follows", group)).text
        assert listed.count("(by Boris Klein)") == 3
        assert "1. posts with “tea” (by Anna Petrova)" in listed


async def test_a_manager_changes_a_subscription_for_its_owner(tmp_path: Path) -> None:
    """The answer names who changed it, and it still belongs to the person who asked for it."""
    async with running(tmp_path) as here:
        group = group_of(here, ANNA)
        await says(here, ANNA, "/follow word:tea", group)
        said = await says(here, CLARA, "/follow 1 all", group)
        assert "it was posts with “tea”, and now it is all posts. Changed by Clara Wirth." in said.text
        assert "1. all posts (by Anna Petrova)" in (await says(here, CLARA, "/follows", group)).text
        assert "no longer follows" in (await says(here, ANNA, "/unfollow 1", group)).text


async def test_a_stop_button_says_who_pressed_it(tmp_path: Path) -> None:
    """The list in a group names who ended a subscription by its button."""
    async with running(tmp_path) as here:
        group = group_of(here, ANNA)
        await says(here, CLARA, "/follow word:tea", group)
        await says(here, CLARA, "/follow important", group)
        await says(here, CLARA, "/follows", group)
        await here.p.person(CLARA).presses("Unfollow posts with “tea”", dialog=group)
        await here.quiet()
        said = newest(here.p.person(ANNA), group).text
        assert said.startswith("This chat no longer follows posts with “tea”. Ended by Clara Wirth.")
        assert "1. important posts" in said


@pytest.mark.parametrize("rule", ["word:tea -word:tea", "from:U4 -from:U4", "in:sales -in:sales,SG8", "tag:a -tag:A"])
async def test_a_rule_that_no_post_can_fit_is_refused(tmp_path: Path, rule: str) -> None:
    """A rule that excludes all that it asks for is not stored, and the person is told."""
    async with running(tmp_path) as here:
        assert "No post can fit that" in (await says(here, CLARA, f"/follow {rule}")).text
        assert "follows nothing" in (await says(here, CLARA, "/follows")).text


async def test_a_number_tries_that_subscription(tmp_path: Path) -> None:
    """/test with a number tries one subscription of the chat, and a number that is not there is no rule for all."""
    async with running(tmp_path) as here:
        await says(here, CLARA, "/follow important")
        await says(here, CLARA, "/follow all")
        assert "I tried: important posts." in text_of(await says(here, CLARA, "/test 1"))
        assert "I tried: all posts." in text_of(await says(here, CLARA, "/test 2"))
        assert "no subscription 3" in text_of(await says(here, CLARA, "/test 3"))
        assert "I tried: posts with “x”." in text_of(await says(here, CLARA, "/test word:x"))
