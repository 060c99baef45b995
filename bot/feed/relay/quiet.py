"""The quiet line: one message per chat and day that counts withheld posts."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.feed.relay import cards
from bot.feed.relay.withdrawing import EDIT_WINDOW
from bot.framework import messages
from bot.framework.context import Context, Effects
from bot.framework.router import Router
from bot.i18n import catalog
from bot.model.effects import Content, EditCard, Priority, ShowCard
from bot.model.events import Dialog, MessageId, PostId, QuietToSay
from bot.model.records import Card, KnownPortal, Post
from bot.model.state_changes import CardMade, QuietPost, QuietSaid
from keyboards import Command, Keyboard, bb

LONGEST = 30
"""How many times of day the line shows; the latest, if there are more posts."""
OFF = "quiet"
"""The parameter of `/unfollow` on the button that switches the line off."""

router = Router()


def note(ctx: Context, post: Post, dialog: Dialog) -> None:
    """Store a post for the line of its day.

    The line is sent or edited a moment later.
    """
    at = _written(post) or datetime.fromtimestamp(ctx.now, UTC)
    ctx.store(QuietPost(dialog=dialog, day=int(f"{at:%Y%m%d}"), post=post.id, at=f"{at:%H:%M}"))


def is_line(post: PostId) -> bool:
    """Check whether a card is a quiet line: its post number is the negative date."""
    return post < 0


@router.on(QuietToSay)
async def quiet_to_say(ctx: Context, event: QuietToSay) -> Effects:
    """Send the line of a chat, or edit the one that was sent today."""
    times = await ctx.memory.quiet_posts(event.dialog, event.day)
    number = PostId(-event.day)
    ctx.store(QuietSaid(dialog=event.dialog, day=event.day, upto=len(times)))
    card = next((one for one in await ctx.memory.cards(number) if one.dialog == event.dialog), None)
    follows = await ctx.memory.follows(event.dialog)
    if times and follows and not (card and card.version == _version(times)):
        language = follows[0].language
        said = _line(await cards.known_portal(ctx), language, times)
        yield _line_card(ctx, event.dialog, number, language=language, version=_version(times), said=said, card=card)


async def sent(ctx: Context, shown: ShowCard, message: MessageId) -> Effects:
    """Remember the message of the line.

    Edit it if more posts came before it was sent.
    """
    ctx.store(CardMade(post=shown.post, dialog=shown.dialog, version=shown.version, message=message))
    times = await ctx.memory.quiet_posts(shown.dialog, -shown.post)
    if times and _version(times) != shown.version:
        yield _edit(
            ctx, shown.dialog, shown.post, language=shown.language, version=_version(times), message=message,
            said=_line(await cards.known_portal(ctx), shown.language, times),
        )  # fmt: skip


def _line_card(
    ctx: Context, dialog: Dialog, number: PostId, *, language: str, version: str, said: Content, card: Card | None
) -> ShowCard | EditCard:
    if card and card.message is not None and not card.lost and ctx.now - card.made_at < EDIT_WINDOW:
        return _edit(ctx, dialog, number, language=language, version=version, message=card.message, said=said)
    ctx.store(CardMade(post=number, dialog=dialog, version=version))
    return ShowCard(
        dialog=dialog, language=language, post=number, version=version, content=said, priority=Priority.DIGEST,
        report=True,
    )  # fmt: skip


def _edit(
    ctx: Context, dialog: Dialog, number: PostId, *, language: str, version: str, message: MessageId, said: Content
) -> EditCard:
    ctx.store(CardMade(post=number, dialog=dialog, version=version, message=message))
    return EditCard(
        dialog=dialog, language=language, post=number, version=version, message=message, content=said,
        priority=Priority.DIGEST,
    )  # fmt: skip


def _line(portal: KnownPortal, language: str, times: list[str]) -> Content:
    """Return the line.

    Each time links to the feed, where the portal checks who may read what.
    """
    links = ", ".join(str(bb.link(cards.feed(portal), at)) for at in times[-LONGEST:])
    said = catalog.sentence(language, "quiet.line", count=len(times), times=links)
    off = Command(catalog.sentence(language, "quiet.stop"), "unfollow", OFF)
    return messages.of(said, keyboard=Keyboard.of([[off]]))


def _version(times: list[str]) -> str:
    return f"quiet:{len(times)}"


def _written(post: Post) -> datetime | None:
    try:
        return datetime.fromisoformat(post.date)
    except ValueError:
        return None
