"""/poll [several] "question" a | b | c: publish a poll, with the user as its author."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import UserMistake
from bot.feed.composer import composing, options, polls
from bot.feed.composer.options import PostOptions
from bot.framework import arguments, flags
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOptions(PostOptions):
    """The arguments of a post with a poll, which is the text; `several` is a switch that needs no value."""

    several: str = arguments.option(also=catalog.also("option_several"), read=flags.value, prose=True)


@router.command("poll", PollOptions, order=15, writes=True, also=catalog.also("poll"))
async def poll(ctx: Context, command: Command[PollOptions]) -> Effects:
    """Publish a post with a poll, or show its preview first; the question is the text of the post."""
    wanted = await options.understand(ctx, command.args, command=command.name)
    for said in wanted.questions:
        yield said
    if wanted.questions:
        return
    fields = dict(wanted.fields)
    with options.with_command(command.args, command.name):
        if "question" not in fields:
            if not fields.get("text"):
                raise UserMistake("poll.no_question")
            fields["question"], fields["answers"] = polls.read(str(fields.pop("text")))
    async for effect in composing.publish_or_show(ctx, command, fields, fresh=True):
        yield effect
