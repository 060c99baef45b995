"""A test waits for its bot: until its commands are registered, and with the bot's own error if it does not come."""

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


async def test_commands_are_waited_for(setup: Setup) -> None:
    """A bot that is registered without its commands is not ready; with them it is."""
    bot = await setup.v1_bot()
    assert (await setup.p.bot(setup.app)).id == bot
    with pytest.raises(AssertionError, match="No 1 commands were registered"):
        await setup.p.bot(setup.app, commands=1, within=0.1)
    more = {"BOT_ID": bot, "EVENT_COMMAND_ADD": setup.receiver.url, **HELP}
    await setup.client().result("imbot.command.register", more)
    assert (await setup.p.bot(setup.app, commands=1)).id == bot


async def test_a_refused_bot_is_told_with_its_error(setup: Setup) -> None:
    """The error of the bot's own call is in the message, not raw records."""
    await setup.client().call("imbot.register", {"CODE": "x"})
    with pytest.raises(AssertionError, match=r"The application was refused: imbot\.register: \w+_ERROR") as caught:
        await setup.p.bot(setup.app, within=0.1)
    assert "CallRecord" not in str(caught.value)


async def test_events_that_did_not_arrive_are_told() -> None:
    """If nobody listens at the handler, the message names the event, the address and why."""
    async with running() as p:
        with deaf_port() as port:
            app = await p.add_app(name="Deaf", handler=f"http://127.0.0.1:{port}/events")
            await p.install(app)
            await p.idle()
            with pytest.raises(
                AssertionError, match=rf"Events did not arrive: ONAPPINSTALL at http://127.0.0.1:{port}/"
            ):
                await p.bot(app, within=0.1)


async def test_what_was_never_installed_is_told() -> None:
    """Without an installation no event was sent."""
    async with running() as p:
        app = await p.add_app(name="Idle", handler="http://127.0.0.1:9/events")
        with pytest.raises(AssertionError, match="is the application installed"):
            await p.bot(app, within=0.1)


async def test_an_application_that_does_something_else_is_told(setup: Setup) -> None:
    """The message names what the application called instead."""
    await setup.client().result("app.info", {})
    await setup.p.idle()
    with pytest.raises(AssertionError, match=r"It has called: app\.info"):
        await setup.p.bot(setup.app, within=0.1)
