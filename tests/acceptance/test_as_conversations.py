"""Our own service, tested with the portal's pytest plugin: what people write, press and see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.testing import RunningPortal
from tests import service as services
from tests.service import Service

ANNA, BORIS, CLARA = 5, 3, 4


@pytest.fixture
async def bot(portal: RunningPortal, tmp_path: Path) -> AsyncIterator[Service]:
    """Start the service as a process, installed on the test's own portal."""
    async with services.beside(portal, tmp_path) as (service, _app):
        yield service


async def test_a_follower_gets_the_card_of_a_colleagues_post(portal: RunningPortal, bot: Service) -> None:
    """Anna follows, Clara publishes: Anna's card appears, changes with the post, and says when it is deleted."""
    anna, clara = portal.person(ANNA), portal.person(CLARA)
    await anna.says("/follow all")
    await anna.sees("This chat now follows all posts")

    await clara.says('/post to:all title:"Friday" The office closes at four')
    await clara.sees("Published as 220, for everyone")
    await anna.sees("The office closes at four")

    await clara.edits_post(220, text="The office closes at three")
    card = await anna.sees("The office closes at three")
    assert card.keyboard
    shown = [button["TEXT"] for button in card.keyboard if "TEXT" in button]
    assert shown == ["Open", "Comment...", "Share...", "Why here?", "Unfollow"]

    await clara.deletes_post(220)
    await anna.sees("deleted")
    assert len([message for message in anna.reads() if message.id >= card.id]) == 1


async def test_the_button_on_a_card_ends_a_subscription(portal: RunningPortal, bot: Service) -> None:
    """The button on a card ends its subscription, and the next post brings no card."""
    anna, boris = portal.person(ANNA), portal.person(BORIS)
    await anna.says("/follow all")
    await anna.sees("follows all posts")
    await boris.posts("Nordwind signed")
    await anna.sees("Nordwind signed")

    await anna.presses("Unfollow")
    stopped = await anna.sees("no longer follows")
    await boris.posts("Nordwind paid")
    await portal.idle()
    await anna.says("/follows")
    await anna.sees("follows nothing at the moment")
    assert not any("Nordwind paid" in message.text for message in anna.reads() if message.id > stopped.id)


@pytest.mark.portal(crm_feed="alive", bot_api="v1")
async def test_a_crm_text_goes_to_the_feed_of_a_v1_portal(portal: RunningPortal, bot: Service) -> None:
    """On a v1 portal with a CRM feed, the text goes there, and the bot says so."""
    clara = portal.person(CLARA)
    await clara.says("/crm deal 42 They called and want the offer")
    await clara.sees("Written to the CRM feed: deal 42")
    assert portal.calls("crm.timeline.comment.add") == []


async def test_a_mention_replaces_the_slash_in_a_group(portal: RunningPortal, bot: Service) -> None:
    """After a mention, commands work without a slash, and each user is answered in their language."""
    number = int(portal.bot_dialog())
    crew = portal.make_chat(BORIS, CLARA, number, title="Crew", by=CLARA)
    await portal.person(CLARA).mentions(number, "help", dialog=crew)
    await portal.person(CLARA).sees("This is what I can do", dialog=crew)
    await portal.person(BORIS).mentions(number, "hilfe", dialog=crew)
    await portal.person(BORIS).sees("Das kann ich", dialog=crew)
