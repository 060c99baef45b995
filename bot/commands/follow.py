"""/follow: subscribe this chat to posts."""

from __future__ import annotations

import contextlib

from bot.errors import PortalDown, PortalError, UserMistake
from bot.feed import filters
from bot.feed.filters import FilterArgs
from bot.feed.publishing import choosing, names, recipients
from bot.feed.publishing.recipients import Question
from bot.feed.relay import quiet
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.effects import Content, Say
from bot.model.records import Named
from bot.model.state_changes import Following, QuietOn
from bot.texts import comparing, cutting
from keyboards import Command as Press
from keyboards import Keyboard, bb

MOST = 30
"""The most subscriptions of one dialog; each needs a button in the list."""

router = Router()


@router.command("follow", FilterArgs, order=40, also=catalog.also("follow"))
async def follow(ctx: Context, command: Command[FilterArgs]) -> Effects:
    """Subscribe this chat to posts; find an author by name if needed. `quiet` switches the quiet line on."""
    if refused := filters.refusal_if_absent(ctx):
        yield refused
        return
    if quiet.is_meant(command.args):
        ctx.store(QuietOn(dialog=command.dialog))
        yield ctx.reply(quiet.switched_on(ctx))
        return
    topic, label = filters.parse_topic(command.args, command=command.name, language=ctx.language), ""
    if topic is None:
        person = await _person(ctx, command.args.person)
        if not isinstance(person, Named):
            for said in person:
                yield said
            return
        topic, label = f"from:{person.code.removeprefix('U')}", await _label(ctx, person, command.args.person)
    elif topic.startswith("word:") and (written := comparing.clean(command.args.word)).casefold() != topic[5:]:
        label = written
    yield ctx.reply(await _follow(ctx, command, topic, label=label))


async def _follow(ctx: Context, command: Command[FilterArgs], topic: str, *, label: str) -> Content:
    following = {comparing.fold(one.topic) for one in await ctx.memory.follows(command.dialog)}
    if len(following) >= MOST and topic not in following:
        raise UserMistake("follow.many", most=MOST)
    ctx.store(
        Following(dialog=command.dialog, topic=topic, owner=command.author.id, language=command.language, label=label)
    )
    what = filters.describe(ctx.language, topic, label)
    said = [ctx.say("follow.already" if topic in following else "follow.done", what=what)]
    if command.event.is_group:
        said.append(await _privacy(ctx, command, topic))
    return messages.of("\n".join(said), keyboard=_buttons(ctx, topic))


async def _privacy(ctx: Context, command: Command[FilterArgs], topic: str) -> str:
    """Return the sentence that tells a group which posts it will not see, and whether they are counted."""
    counted = ctx.say("follow.uncounted" if await ctx.memory.quiet_is_off(command.dialog) else "follow.counted")
    with contextlib.suppress(PortalError, PortalDown):
        await ctx.portal.has_extranet_users(command.dialog)
    if await quiet.tell_extranet(ctx, command.dialog):
        return f"{ctx.say('follow.privacy_extranet')} {counted}"
    return ctx.say("follow.privacy_word") if topic.startswith("word:") else f"{ctx.say('follow.privacy')} {counted}"


async def _person(ctx: Context, written: str) -> Named | list[Say]:
    """Return the person that the text names.

    If none or several match, or the match is uncertain, return the question to send.

    Raises:
        UserMistake: the text names a department, a group or everyone.
    """
    found = await recipients.resolve(ctx, [written])
    if found.found:
        if not found.codes[0].startswith("U") or found.found[0] == recipients.EVERYONE:
            raise UserMistake("follow.no_person", name=cutting.start(written, 60))
        return found.found[0]
    people = tuple(one for one in found.questions[0].candidates if one.code.startswith("U"))
    asked = Question(word=found.questions[0].word, candidates=people)
    if people and not await names.may_be_shown(ctx, people):
        here = ctx.say("follow.unclear_here", name=bb.escape(cutting.start(written, 60)))
        return [ctx.reply(messages.of(here))]
    return await choosing.ask(
        ctx, [asked], command="follow", text=ctx.written, kept=f'/follow from:"{written.replace(chr(34), chr(39))}"'
    )


async def _label(ctx: Context, person: Named, written: str) -> str:
    """Return the name of a person if this chat may see it, else the name that the user wrote."""
    if comparing.fold(person.name) in comparing.fold(written) or await names.may_be_shown(ctx, [person]):
        return person.name
    return cutting.start(written.removeprefix("@"), 60)


def _buttons(ctx: Context, topic: str) -> Keyboard:
    stop = Press(ctx.say("follow.stop"), "unfollow", filters.as_parameters(topic))
    return Keyboard.of([[stop, Press(ctx.say("button.follows"), "follows")]])
