"""`RunningPortal.bot` waits for a bot and its commands; a failure says why the bot is missing."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from portal.testing import Setup, running, set_up
from tests.ports import deaf_port

HELP = {"COMMAND": "help", "LANG": [{"LANGUAGE_ID": "en", "TITLE": "Help"}]}


@pytest_asyncio.fixture
async def setup() -> AsyncIterator[Setup]:
    """Run a portal with an installed application."""
    async with set_up() as made:
        yield made


async def test_bot_waits_for_the_commands(setup: Setup) -> None:
    """A bot that is registered without its commands is not ready; with them it is."""
    bot = await setup.v1_bot()
    assert (await setup.p.bot(setup.app)).id == bot
    with pytest.raises(AssertionError, match="No 1 commands were registered"):
        await setup.p.bot(setup.app, commands=1, within=0.1)
    more = {"BOT_ID": bot, "EVENT_COMMAND_ADD": setup.receiver.url, **HELP}
    await setup.client().result("imbot.command.register", more)
    assert (await setup.p.bot(setup.app, commands=1)).id == bot


async def test_the_failure_shows_a_refused_call(setup: Setup) -> None:
    """The error of the bot's own call is in the message, not raw records."""
    await setup.client().call("imbot.register", {"CODE": "x"})
    with pytest.raises(AssertionError, match=r"The application was refused: imbot\.register: \w+_ERROR") as caught:
        await setup.p.bot(setup.app, within=0.1)
    assert "CallRecord" not in str(caught.value)


async def test_the_failure_shows_lost_events() -> None:
    """If nothing listens at the address of the handler, the message names the event, the address and the reason."""
    async with running() as p:
        with deaf_port() as port:
            app = await p.add_app(name="Deaf", handler=f"http://127.0.0.1:{port}/events")
            await p.install(app)
            await p.idle()
            with pytest.raises(
                AssertionError, match=rf"Events did not arrive: ONAPPINSTALL at http://127.0.0.1:{port}/"
            ):
                await p.bot(app, within=0.1)


async def test_the_failure_says_that_no_event_was_sent() -> None:
    """Without an installation no event was sent."""
    async with running() as p:
        app = await p.add_app(name="Idle", handler="http://127.0.0.1:9/events")
        with pytest.raises(AssertionError, match="is the application installed"):
            await p.bot(app, within=0.1)


async def test_the_failure_shows_the_calls_of_the_application(setup: Setup) -> None:
    """The message names the methods that the application has called."""
    await setup.client().result("app.info", {})
    await setup.p.idle()
    with pytest.raises(AssertionError, match=r"It has called: app\.info"):
        await setup.p.bot(setup.app, within=0.1)
