"""/follow: this chat is told when posts appear, change or go away."""

from __future__ import annotations

from bot.errors import UserMistake
from bot.feed import filters
from bot.feed.filters import Asked
from bot.feed.publishing import names, recipients
from bot.feed.publishing.recipients import Question
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.model.effects import Content
from bot.model.records import Named
from bot.model.state_changes import Following
from keyboards import Command as Press
from keyboards import Keyboard, bb

MOST = 30
"""How many subscriptions one dialog may have: a list of more with a button each helps nobody."""

router = Router()


@router.command("follow", Asked, order=40, also=("подписаться", "следить", "folgen"))
async def follow(ctx: Context, command: Command[Asked]) -> Effects:
    """Remember what this chat wants to hear of; a person is found by name first."""
    if refused := filters.refused_outside(ctx):
        yield refused
        return
    topic, label = filters.simple(command.args, command=command.name), ""
    if topic is None:
        person = await _person(ctx, command.args.person)
        if isinstance(person, Content):
            yield ctx.reply(person)
            return
        topic, label = f"from:{person.code.removeprefix('U')}", await _label(ctx, person, command.args.person)
    yield ctx.reply(await _follow(ctx, command, topic, label=label))


async def _follow(ctx: Context, command: Command[Asked], topic: str, *, label: str) -> Content:
    following = {one.topic for one in await ctx.memory.follows(command.dialog)}
    if len(following) >= MOST and topic not in following:
        raise UserMistake("follow.many", most=MOST)
    ctx.store(
        Following(dialog=command.dialog, topic=topic, owner=command.author.id, language=command.language, label=label)
    )
    what = filters.named(ctx.language, topic, label)
    said = [ctx.say("follow.already" if topic in following else "follow.done", what=what)]
    if command.event.is_group:
        said.append(ctx.say("follow.privacy_word" if topic.startswith("word:") else "follow.privacy"))
    return messages.of("\n".join(said), keyboard=_buttons(ctx, topic))


async def _person(ctx: Context, written: str) -> Named | Content:
    """The one person meant, or the question which of several."""
    found = await recipients.resolve(ctx, [written])
    if found.found:
        if not found.codes[0].startswith("U") or found.found[0] == recipients.EVERYONE:
            raise UserMistake("follow.no_person", name=written[:60])
        return found.found[0]
    people = tuple(one for one in found.questions[0].candidates if one.code.startswith("U"))
    asked = Question(word=found.questions[0].word, candidates=people)
    if people and not await names.may_be_said(ctx, people):
        return messages.of(ctx.say("follow.unclear_here", name=bb.escape(written[:60])))
    return recipients.question(ctx.language, asked, _respelled)


async def _label(ctx: Context, person: Named, written: str) -> str:
    """What the person is called in this chat: what was written here, where not everybody may know the whole name."""
    if person.name.casefold() in written.casefold() or await names.may_be_said(ctx, [person]):
        return person.name
    return written.removeprefix("@")[:60]


def _respelled(word: str) -> str:
    return f'/follow from:"{word.replace(chr(34), chr(39))}"'


def _buttons(ctx: Context, topic: str) -> Keyboard:
    stop = Press(ctx.say("follow.stop"), "unfollow", filters.spelled(topic))
    return Keyboard.of([[stop, Press(ctx.say("button.follows"), "follows")]])
