"""The quiet line: one message per chat and day that counts the posts that were withheld from the chat.

It also says that an extranet user has joined the chat, so that posts are withheld there, or that none is left in it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.feed import dialog_language
from bot.feed.relay import cards, reach, withdrawing
from bot.feed.subscriptions.reading import RuleArgs
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Router
from bot.i18n import catalog
from bot.model import ordering
from bot.model.effects import Content, EditCard, Priority, ShowCard
from bot.model.events import Dialog, MessageId, PostId, QuietToSay
from bot.model.records import Card, Extranet, KnownPortal, Post
from bot.model.state_changes import CardMade, ExtranetSeen, ExtranetTold, QuietPost
from bot.texts import comparing
from keyboards import Command, Keyboard, bb

LONGEST = 30
"""The most times of posts that the line shows; if there are more posts, it shows the latest."""
SAY_AFTER = 2.0
"""Seconds from the first uncounted post to the new line, so that a burst of posts causes one edit."""
LINE = "quiet"
"""The parameter of `/unfollow` and `/follow` that switches the line off and on."""
UNKNOWN, REFUSED = "line of unknown content", "line of a refused edit"
"""The versions of a line whose edit failed, and of one whose edit the portal refused; neither shows a post."""

router = Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The content of the quiet line of one day.

    `day` is a number like 20261128, and `times` are the times of withheld posts. `closed`: an extranet user joined the
    chat (True) or the last one left it (False); None: nothing is to be said about that.
    """

    dialog: Dialog
    day: int
    times: list[str]
    closed: bool | None = None

    @property
    def post(self) -> PostId:
        """Return the post number of the line's card: minus the date, for example -20261128.

        No real post has a negative number.
        """
        return PostId(-self.day)

    @property
    def version(self) -> str:
        """Return a text that is different for each version of a day's line."""
        state = "" if self.closed is None else ":closed" if self.closed else ":open"
        return f"quiet:{len(self.times)}{state}"

    def is_empty(self) -> bool:
        """Check whether the line has nothing to say, so that it is not sent."""
        return not self.times and self.closed is None

    def content(self, portal: KnownPortal, language: str) -> Content:
        """Make the message of the line.

        Each time in it links to the feed, where the portal checks who may read which post.
        """
        said = []
        if self.times:
            links = ", ".join(str(bb.link(cards.feed(portal), at)) for at in self.times[-LONGEST:])
            said.append(catalog.sentence(language, "quiet.line", count=len(self.times), times=links))
        if self.closed is not None:
            said.append(catalog.sentence(language, "quiet.closed" if self.closed else "quiet.open"))
        off = Command(catalog.sentence(language, "quiet.stop"), "unfollow", LINE)
        return messages.of("\n".join(said), keyboard=Keyboard.of([[off]]))


def is_meant(args: RuleArgs) -> bool:
    """Check whether the arguments of `/follow` or `/unfollow` mean the quiet line."""
    names = map(comparing.fold, (LINE, *catalog.also(LINE)))
    return comparing.fold(args.what) in names and args.is_plain


def switched_off(ctx: Context) -> Content:
    """Make the answer that the quiet line was switched off, with a button to switch it on again."""
    return messages.of(ctx.say("quiet.stopped"), keyboard=Keyboard.of([switch_on(ctx)]))


def switch_on(ctx: Context) -> Command:
    """Make the button that switches the quiet line on."""
    return Command(ctx.say("quiet.start"), "follow", LINE)


def switched_on(ctx: Context) -> Content:
    """Make the answer that the quiet line was switched on, with a button to switch it off again."""
    off = Command(ctx.say("quiet.stop"), "unfollow", LINE)
    return messages.of(ctx.say("quiet.started"), keyboard=Keyboard.of([off]))


def note(ctx: Context, post: Post, dialog: Dialog) -> None:
    """Count a withheld post in the quiet line (one message per chat and day) of the day it was written.

    The line is sent or edited after SAY_AFTER seconds.
    """
    at = _written(post) or datetime.fromtimestamp(ctx.now, UTC)
    day = int(f"{at:%Y%m%d}")
    ctx.store(QuietPost(dialog=dialog, day=day, post=post.id, at=f"{at:%H:%M}"))
    say_soon(ctx, dialog, day)


def say_soon(ctx: Context, dialog: Dialog, day: int) -> None:
    """Set the timer that sends or edits the quiet line of a day after SAY_AFTER seconds.

    If the timer is set already, it keeps its time.
    """
    event = QuietToSay(portal=ctx.event.portal, dialog=dialog, day=day)
    key, ordering_key = ordering.timer_of_quiet_line(dialog, day), ordering.of_quiet_line(dialog)
    ctx.schedule(ctx.now + SAY_AFTER, event, key=key, ordering_key=ordering_key, keep_earlier=True)


async def note_extranet(ctx: Context) -> None:
    """Store the portal's answers during this event about extranet users in groups, where they have changed.

    The quiet line of such a group is sent or edited after SAY_AFTER seconds.
    """
    answers = {dialog: seen for dialog, seen in ctx.portal.extranet_answers().items() if not dialog.isdigit()}
    known = await ctx.memory.extranet() if answers else {}
    for dialog, seen in answers.items():
        if seen != (known[dialog].seen if dialog in known else False):
            ctx.store(ExtranetSeen(dialog=dialog, seen=seen))
            say_soon(ctx, dialog, today(ctx.now))


async def tell_extranet(ctx: Context, dialog: Dialog) -> bool:
    """Return True if an extranet user is in a chat, and store that the chat is told the answer now.

    Return False also if the portal has not answered during this event.
    """
    seen = ctx.portal.extranet_answers().get(dialog)
    if seen is not None and (seen or dialog in await ctx.memory.extranet()):
        ctx.store(ExtranetSeen(dialog=dialog, seen=seen))
        ctx.store(ExtranetTold(dialog=dialog, told=seen))
    return seen is True


def today(now: float) -> int:
    """Return the day (UTC) of a time in unix seconds, as a number like 20261128."""
    return int(f"{datetime.fromtimestamp(now, UTC):%Y%m%d}")


def is_line(post: PostId) -> bool:
    """Check whether a card is a quiet line; the post number of such a card is negative."""
    return post < 0


@router.on(QuietToSay)
async def quiet_to_say(ctx: Context, event: QuietToSay) -> Effects:
    """Send the quiet line of a chat and day, or edit the message that was sent for that day."""
    extranet = (await ctx.memory.extranet()).get(event.dialog)
    line = await _line(ctx, event.dialog, event.day, extranet)
    if extranet and extranet.seen != extranet.told:
        ctx.store(ExtranetTold(dialog=event.dialog, told=extranet.seen, day=event.day))
    card = next((one for one in await ctx.memory.cards(line.post) if one.dialog == event.dialog), None)
    follows = await ctx.memory.follows(event.dialog)
    if not follows or line.is_empty() or (card and card.version == line.version):
        return
    if card and withdrawing.is_on_its_way(card):  # `sent` edits it
        ctx.store(CardMade(post=line.post, dialog=line.dialog, version=line.version, over=card.version))
        return
    portal = await cards.known_portal(ctx)
    language = await dialog_language.read(ctx, event.dialog, follows, otherwise=portal.language)
    yield _line_card(ctx, line, card, language=language, portal=portal)


async def sent(ctx: Context, shown: ShowCard, message: MessageId) -> Effects:
    """Handle that a quiet line was sent: edit its message if there is more to say than when it was made."""
    line = await _line(ctx, shown.dialog, -shown.post, (await ctx.memory.extranet()).get(shown.dialog))
    if not line.is_empty() and line.version != shown.version:
        yield _edit(ctx, line, message, language=shown.language, portal=await cards.known_portal(ctx))


async def _line(ctx: Context, dialog: Dialog, day: int, extranet: Extranet | None) -> Line:
    is_news = extranet is not None and not extranet.off and (extranet.seen != extranet.told or extranet.told_day == day)
    times = await ctx.memory.quiet_posts(dialog, day)
    return Line(dialog=dialog, day=day, times=times, closed=extranet.seen if extranet and is_news else None)


def _line_card(
    ctx: Context, line: Line, card: Card | None, *, language: str, portal: KnownPortal
) -> ShowCard | EditCard:
    if card and card.message is not None and reach.is_editable(card, portal, ctx.now):
        edit = _edit(ctx, line, card.message, language=language, portal=portal)
        return replace(edit, refused=int(card.version == REFUSED))
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
