"""The quiet line: one message a chat and day that counts the posts which are not for everyone there.

It also says when an extranet user came into the chat, which closes it for posts, or when there is none any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.feed import cards, withdrawing
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Router
from bot.i18n import catalog
from bot.model import ordering
from bot.model.effects import Content, EditCard, Priority, ShowCard
from bot.model.events import Dialog, MessageId, PostId, QuietToSay
from bot.model.records import Card, Extranet, KnownPortal, Post
from bot.model.state_changes import CardMade, ExtranetSeen, ExtranetTold, QuietPost
from keyboards import Command, Keyboard, bb

LONGEST = 30
"""How many times of day the line shows; of more posts it shows the latest."""
SAY_AFTER = 2.0
"""Seconds from the first post that is not counted yet to the new line: a burst of posts is one edit."""
OFF = "quiet"
"""What `/unfollow` is told by the button that ends the line."""

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the line of a day says: when posts came, and whether the chat was closed or opened that day."""

    dialog: Dialog
    day: int
    times: list[str]
    closed: bool | None = None

    @property
    def post(self) -> PostId:
        """The number under which the line is kept as a card: the negative day."""
        return PostId(-self.day)

    @property
    def version(self) -> str:
        """What tells this line from another one of the same day."""
        state = "" if self.closed is None else ":closed" if self.closed else ":open"
        return f"quiet:{len(self.times)}{state}"

    def is_empty(self) -> bool:
        """Tell whether there is nothing to say."""
        return not self.times and self.closed is None

    def content(self, portal: KnownPortal, language: str) -> Content:
        """Return the message; each time opens the feed, where the portal shows everybody what they may read."""
        said = []
        if self.times:
            links = ", ".join(str(bb.link(cards.feed(portal), at)) for at in self.times[-LONGEST:])
            said.append(catalog.sentence(language, "quiet.line", count=len(self.times), times=links))
        if self.closed is not None:
            said.append(catalog.sentence(language, "quiet.closed" if self.closed else "quiet.open"))
        off = Command(catalog.sentence(language, "quiet.stop"), "unfollow", OFF)
        return messages.of("\n".join(said), keyboard=Keyboard.of([[off]]))


def note(ctx: Context, post: Post, dialog: Dialog) -> None:
    """Remember a post for the line of its day; the line is said or edited a moment later."""
    at = _written(post) or datetime.fromtimestamp(ctx.now, UTC)
    day = int(f"{at:%Y%m%d}")
    ctx.store(QuietPost(dialog=dialog, day=day, post=post.id, at=f"{at:%H:%M}"))
    say_soon(ctx, dialog, day)


def say_soon(ctx: Context, dialog: Dialog, day: int) -> None:
    """Ask for the line of a day to be said or edited; asking again meanwhile does not put it off."""
    event = QuietToSay(portal=ctx.event.portal, dialog=dialog, day=day)
    key, ordering_key = ordering.timer_of_quiet_line(dialog, day), ordering.of_quiet_line(dialog)
    ctx.schedule(ctx.now + SAY_AFTER, event, key=key, ordering_key=ordering_key, keep_earlier=True)


async def note_extranet(ctx: Context) -> None:
    """Remember for the line where an extranet user came or left, as far as the portal said so during this event."""
    answers = {dialog: seen for dialog, seen in ctx.portal.extranet_answers().items() if not dialog.isdigit()}
    known = await ctx.memory.extranet() if answers else {}
    for dialog, seen in answers.items():
        if seen != (known[dialog].seen if dialog in known else False):
            ctx.store(ExtranetSeen(dialog=dialog, seen=seen))
            say_soon(ctx, dialog, today(ctx.now))


async def tell_extranet(ctx: Context, dialog: Dialog) -> bool:
    """Remember that an answer tells a chat whether an extranet user is in it, and return whether one is."""
    seen = ctx.portal.extranet_answers().get(dialog)
    if seen is not None and (seen or dialog in await ctx.memory.extranet()):
        ctx.store(ExtranetSeen(dialog=dialog, seen=seen))
        ctx.store(ExtranetTold(dialog=dialog, told=seen))
    return seen is True


def today(now: float) -> int:
    """Return the day of a time (unix seconds) as a number like 20261128."""
    return int(f"{datetime.fromtimestamp(now, UTC):%Y%m%d}")


def is_line(post: PostId) -> bool:
    """Tell whether a card is a quiet line: it is kept as the card of a post with the negative day as its number."""
    return post < 0


@router.on(QuietToSay)
async def quiet_to_say(ctx: Context, event: QuietToSay) -> Effects:
    """Say the line of a chat, or edit the one that stands there."""
    extranet = (await ctx.memory.extranet()).get(event.dialog)
    line = await _line(ctx, event.dialog, event.day, extranet)
    if extranet and extranet.seen != extranet.told:
        ctx.store(ExtranetTold(dialog=event.dialog, told=extranet.seen, day=event.day))
    card = next((one for one in await ctx.memory.cards(line.post) if one.dialog == event.dialog), None)
    follows = await ctx.memory.follows(event.dialog)
    if not follows or line.is_empty() or (card and card.version == line.version):
        return
    if card and withdrawing.is_on_its_way(card):  # once it stands it says what is to be said by then
        ctx.store(CardMade(post=line.post, dialog=line.dialog, version=line.version, over=card.version))
        return
    yield _said(ctx, line, card, language=follows[0].language, portal=await cards.known(ctx))


async def stands(ctx: Context, shown: ShowCard, message: MessageId) -> Effects:
    """Edit a line that has just arrived when there is more to say since it was sent."""
    line = await _line(ctx, shown.dialog, -shown.post, (await ctx.memory.extranet()).get(shown.dialog))
    if not line.is_empty() and line.version != shown.version:
        yield _edit(ctx, line, message, language=shown.language, portal=await cards.known(ctx))


async def _line(ctx: Context, dialog: Dialog, day: int, extranet: Extranet | None) -> Line:
    is_news = extranet is not None and not extranet.off and (extranet.seen != extranet.told or extranet.told_day == day)
    times = await ctx.memory.quiet_posts(dialog, day)
    return Line(dialog=dialog, day=day, times=times, closed=extranet.seen if extranet and is_news else None)


def _said(ctx: Context, line: Line, card: Card | None, *, language: str, portal: KnownPortal) -> ShowCard | EditCard:
    if card and card.message is not None and withdrawing.is_in_reach(ctx, card):
        return _edit(ctx, line, card.message, language=language, portal=portal)
    ctx.store(CardMade(post=line.post, dialog=line.dialog, version=line.version))
    return ShowCard(
        dialog=line.dialog, language=language, post=line.post, version=line.version,
        content=line.content(portal, language), priority=Priority.DIGEST, report=True,
    )  # fmt: skip


def _edit(ctx: Context, line: Line, message: MessageId, *, language: str, portal: KnownPortal) -> EditCard:
    ctx.store(CardMade(post=line.post, dialog=line.dialog, version=line.version, message=message))
    return EditCard(
        dialog=line.dialog, language=language, post=line.post, version=line.version, message=message,
        content=line.content(portal, language), priority=Priority.DIGEST,
    )  # fmt: skip


def _written(post: Post) -> datetime | None:
    try:
        return datetime.fromisoformat(post.date)
    except ValueError:
        return None
