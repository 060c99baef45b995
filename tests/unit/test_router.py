"""The router: what it refuses at registration, and what a handler may return."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass

import pytest

from bot.framework.context import Context, Effects, HandlerResult
from bot.framework.router import Command, Router
from bot.model import effects, events
from bot.model.effects import Content, Effect, Say
from bot.model.events import Joined, Said
from tests.stand_ins import ANNA, BOT, GROUP, PORTAL, Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """No arguments."""


async def silent(_ctx: Context, _argument: object) -> None:
    """Return nothing."""


async def silent_too(_ctx: Context, _argument: object) -> None:
    """Return nothing either."""


def offering(name: str, *also: str) -> Router:
    """Make a router with one command."""
    made = Router()
    made.command(name, Nothing, also=also)(silent)
    return made


def answering(handler: Callable[[Context, object], HandlerResult]) -> Router:
    """Make a router with one handler of unknown messages."""
    made = Router()
    made.unknown(handler)
    return made


JOINED = Joined(portal=PORTAL, bot=BOT, dialog=GROUP, author=ANNA)

CONTRADICTIONS = {
    "a name twice": ([offering("post"), offering("post")], "The command /post is registered twice."),
    "a synonym that hides a command": (
        [offering("post"), offering("share", "post")],
        "The synonym 'post' of /share hides the command /post.",
    ),
    "a command that a synonym would hide": (
        [offering("share", "post"), offering("post")],
        "The command /post is also a synonym of /share.",
    ),
    "a synonym of two commands": (
        [offering("post", "say"), offering("share", "say")],
        "The synonym 'say' of /share is already a synonym of /post.",
    ),
    "two handlers of unknown words": (
        [answering(silent), answering(silent_too)],
        "Only one handler can answer unknown words, and there are two: silent and silent_too.",
    ),
}


@pytest.mark.parametrize(("routers", "sentence"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_routers_that_contradict_each_other_are_refused(routers: list[Router], sentence: str) -> None:
    """Joining routers fails with a sentence if one would hide something of the other."""
    with pytest.raises(ValueError, match="^" + re.escape(sentence) + "$"):
        Router().include(*routers)


def test_one_router_refuses_the_same_as_joined_ones() -> None:
    """A contradiction is reported at the decorator."""
    made = offering("post", "say")
    for name, also in (("post", ()), ("say", ()), ("share", ("post",)), ("share", ("say",)), ("share", ("a", "a"))):
        with pytest.raises(ValueError, match=r"^The (command|synonym) "):
            made.command(name, Nothing, also=also)(silent)
    with pytest.raises(ValueError, match="hides the command /share"):
        made.command("share", Nothing, also=("share",))(silent)
    made.unknown(silent)
    with pytest.raises(ValueError, match="Only one handler"):
        made.unknown(silent)
    assert set(made.names) == {"post", "say"}


@pytest.mark.parametrize("kind", [events.Event, events.DialogEvent, events.PostEvent])
def test_a_listener_for_a_base_class_is_refused(kind: type[events.Event]) -> None:
    """Events are compared by their exact type, so a base class would never match."""
    with pytest.raises(ValueError, match=rf"^Nothing is ever exactly {kind.__name__}; listen for one of: \w+"):
        Router().on(kind)


@pytest.mark.parametrize("kind", [effects.Effect, effects.DialogEvent, effects.ByUser])
def test_a_result_of_a_base_class_is_refused(kind: type[Effect]) -> None:
    """The same holds for results of effects, done and failed."""
    for register in (Router().done, Router().failed):
        with pytest.raises(ValueError, match=rf"^Nothing is ever exactly {kind.__name__}; listen for one of: \w+"):
            register(kind)


def test_every_concrete_type_can_be_listened_for() -> None:
    """Every type that is stored under its name is concrete."""
    made = Router()
    for event in events.KINDS.values():
        made.on(event)(silent)
    for effect in effects.KINDS.values():
        made.done(effect)(silent)
        made.failed(effect)(silent)
    assert len(made.listeners) == len(events.KINDS)


def test_help_is_in_the_order_of_the_decorators() -> None:
    """`order` decides the place in help, then the name; without it a command is not listed."""
    made = Router()
    for name, order in (("late", 30), ("b", 20), ("a", 20), ("hidden", None), ("early", 10)):
        made.command(name, Nothing, order=order)(silent)
    assert made.listed == ("early", "a", "b", "late")


async def yields(ctx: Context, _argument: object) -> Effects:
    """Yield two effects."""
    yield ctx.reply(Content(text="one"))
    yield ctx.reply(Content(text="two"))


async def returns(ctx: Context, _argument: object) -> list[Say]:
    """Return a list of two effects."""
    return [ctx.reply(Content(text="one")), ctx.reply(Content(text="two"))]


@pytest.mark.parametrize(
    ("handler", "wanted"),
    [(yields, ["one", "two"]), (returns, ["one", "two"]), (silent, [])],
    ids=["yields", "returns", "none"],
)
async def test_a_handler_may_yield_or_return_its_effects(
    handler: Callable[[Context, object], HandlerResult], wanted: list[str]
) -> None:
    """A generator, a coroutine with a list, and one without are handlers, of commands and of events."""
    for made in (Router(), answering(handler)):
        if made.otherwise is None:
            made.command("do", Nothing)(handler)
        said = await Conversation(router=made).say("/do")
        assert [effect.content.text for effect in said if isinstance(effect, Say)] == wanted


async def test_a_context_cannot_be_changed() -> None:
    """A handler that assigns to its context fails at once."""
    made = Router()

    @made.on(Joined)
    async def change(ctx: Context, _event: Joined) -> None:
        ctx.language = "de"  # type: ignore[misc]  # the point

    with pytest.raises(FrozenInstanceError):
        await Conversation(router=made).hear(JOINED)


async def test_every_handler_knows_the_names_of_commands() -> None:
    """The context has the names and their order, for any event."""
    made = offering("post", "say")
    made.command("first", Nothing, order=1)(silent)
    seen = []

    @made.on(Said)
    async def look(ctx: Context, _event: Said) -> None:
        seen.append((dict(ctx.names), ctx.listed))

    @made.unknown
    async def unknown(ctx: Context, _event: object) -> None:
        seen.append((dict(ctx.names), ctx.listed))

    await Conversation(router=made).say("what")
    assert seen == [({"post": "post", "say": "post", "first": "first"}, ("first",))] * 2


async def test_arguments_reach_the_command() -> None:
    """A command's handler gets its name, its typed arguments and its user."""
    made, seen = Router(), []

    @made.command("do", Nothing, also=("tun",))
    async def do(_ctx: Context, command: Command[Nothing]) -> None:
        seen.append((command.name, command.args, command.author.name))

    await Conversation(router=made).say("tun")
    assert seen == [("do", Nothing(), "Anna Lind")]
