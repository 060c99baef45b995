"""Makes the card of a post in a dialog: its content, its first message and its later versions."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from bot.errors import PortalDown, PortalError
from bot.feed import audience, post_text
from bot.feed.audience import Reach
from bot.feed.publishing import confirmations
from bot.feed.relay import changes
from bot.feed.relay.changes import Change
from bot.feed.subscriptions import reading, rules
from bot.framework import messages
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model.effects import Content, DeleteCard, EditCard, Priority, Publish, ShowCard
from bot.model.events import Dialog, MessageId, PostId, UserId
from bot.model.records import Card, KnownPortal, Post
from bot.model.state_changes import CardInstead, CardLost, CardMade, ReadersAsked
from bot.texts import cutting
from keyboards import attach, bb, buttons
from keyboards.enums import Token
from keyboards.keyboard import Keyboard

OPENING_LENGTH = 300
"""How much of a post's text a card shows, in characters."""
HEADLINE_LENGTH = 100
"""How much of a post's text the sentence of a card shows, in characters; push notifications use this sentence."""
LONGEST_TITLE = 200
SHOWN_PARTS = ("thanks", "poll")
"""The parts of a post that its card names, because people open the post for them."""
GONE = "gone"
"""The version of a card that says that its post was deleted."""
HIDDEN = "hidden"
"""The version of a card whose post we can no longer read."""
WITHHELD = f":{Reach.WITHHELD}"
"""The version of a card whose dialog may not read the post; it shows no content."""
UNKNOWN = f":{Reach.FULL}"
"""The version of a card that may or may not show content, because an edit failed."""
REFUSED = f"refused:{Reach.FULL}"
"""The version of a card that may or may not show content, because the portal refused an edit of it."""

LEFT = "left"
"""The version of a card whose message the portal did not delete, so that its content may still be there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a card shows in one dialog: a post with or without its content, in a language.

    `topic` is the filter of the subscription that matches the post (None: none does). `changed` is what changed since
    the version before. `published`: the post was published from this dialog, so the card is its confirmation, with the
    confirmation's sentence and buttons. `follows`: the dialog follows posts. `undo`: the confirmation has a button that
    takes the post back.
    """

    post: Post
    reach: Reach
    language: str
    topic: str | None = None
    changed: tuple[Change, ...] = ()
    published: Publish | None = None
    follows: bool = False
    undo: bool = False

    @property
    def version(self) -> str:
        """Return the fingerprint of what the card shows: that of the post and the reach."""
        return WITHHELD if self.reach is Reach.WITHHELD else f"{changes.version(self.post)}:{self.reach}"


async def first_card(
    ctx: Context,
    post: Post,
    dialog: Dialog,
    *,
    language: str = "",
    reach: Reach | None = None,
    published: Publish | None = None,
) -> ShowCard | None:
    """Make the card for the dialog that published a post; None if the dialog has a card of the post already.

    The post and the card are stored, so that the relay sends no second card and keeps this card up to date. If `reach`
    is None, the portal is asked who reads in the dialog.
    """
    if any(card.dialog == dialog for card in await ctx.memory.cards(post.id)):
        return None
    ctx.store(changes.seen(post))
    reach = reach or await audience.reach(ctx, post, dialog)
    if reach is Reach.FULL and not dialog.isdigit():
        ctx.store(ReadersAsked(dialog=dialog))  # just now, so the event of this very post need not ask again
    follows = await ctx.memory.follows(dialog)
    with contextlib.suppress(PortalError, PortalDown):  # then the card has no button to end a subscription
        post = await audience.with_places(ctx, post, follows)
    follow = audience.first_that_wants(follows, post, content=reach is Reach.FULL)
    look = Look(
        post=post,
        reach=reach,
        language=language or ctx.language,
        topic=follow.topic if follow else None,
        published=published,
    )
    return show(ctx, look, dialog, portal=await known_portal(ctx), priority=Priority.CONFIRMATION)


async def known_portal(ctx: Context) -> KnownPortal:
    """Return the portal of this event, which is installed.

    Raises:
        LookupError: the portal is not in the store.
    """
    portal = await ctx.memory.portal()
    if portal is None:
        raise LookupError(f"portal {ctx.event.portal} is not known")
    return portal


def show(
    ctx: Context, look: Look, dialog: Dialog, *, portal: KnownPortal, priority: Priority = Priority.RELAY
) -> ShowCard:
    """Make the effect that sends a new card, and store the card as not yet sent.

    The Done event of the effect brings the message id.
    """
    ctx.store(CardMade(post=look.post.id, dialog=dialog, version=look.version))
    return ShowCard(
        dialog=dialog,
        language=look.language,
        post=look.post.id,
        version=look.version,
        content=post_card(portal, look),
        priority=priority,
        report=True,
    )


def edit(
    ctx: Context, look: Look, *, dialog: Dialog, message: MessageId, portal: KnownPortal, over: Card | None = None
) -> EditCard:
    """Make the effect that edits a card, and store the new version; `over` is the card that the handler has read."""
    version = over.version if over else None
    ctx.store(CardMade(post=look.post.id, dialog=dialog, version=look.version, message=message, over=version))
    return EditCard(
        dialog=dialog,
        language=look.language,
        post=look.post.id,
        version=look.version,
        message=message,
        content=post_card(portal, look),
        priority=Priority.RELAY,
        refused=refused(over),
    )


def close(
    ctx: Context,
    post: PostId,
    *,
    dialog: Dialog,
    message: MessageId,
    language: str,
    version: str = GONE,
    over: Card | None = None,
) -> EditCard:
    """Make the effect that removes the content from a card, and store the new version.

    `version` says why: the post was deleted (GONE), we can no longer read it (HIDDEN), or the dialog may not show it
    (WITHHELD). `over` is the card that the handler has read.
    """
    before = over.version if over else None
    ctx.store(CardMade(post=post, dialog=dialog, version=version, message=message, over=before))
    return EditCard(
        dialog=dialog,
        language=language,
        post=post,
        version=version,
        message=message,
        content=closing_text(language, version),
        priority=Priority.RELAY,
        refused=refused(over),
    )


def delete(
    ctx: Context, post: PostId, *, dialog: Dialog, message: MessageId, language: str, ours: bool = True
) -> DeleteCard:
    """Make the effect that deletes the message of a card that cannot be edited, and store that the card is lost.

    Current portals have no time limit for deleting. No note stays in its place, because imbot.v2 would answer "true"
    without deleting if the bot had no right to delete the message; a complete deletion asks for no right. `ours`: the
    card still has this message, and not a newer one.
    """
    if ours:
        ctx.store(CardMade(post=post, dialog=dialog, version=HIDDEN, message=message))
        ctx.store(CardLost(post=post, dialog=dialog))
    return DeleteCard(dialog=dialog, language=language, post=post, message=message, priority=Priority.RELAY)


def refused(card: Card | None) -> int:
    """Count how often the portal refused an edit of a card since the last edit that it took: 0 or 1."""
    return int(card is not None and card.version == REFUSED)


def replace_unsent(ctx: Context, card: Card, *, version: str, shown: Content, drop: bool = False) -> None:
    """Change the content of a card that is still in the outbox; with `drop`, remove the card from it.

    The version of the card is UNKNOWN until it is sent, because a first attempt may have reached the portal.
    """
    post, dialog = card.post, card.dialog
    ctx.store(CardMade(post=post, dialog=dialog, version=version, over=card.version))
    ctx.store(CardInstead(post=post, dialog=dialog, version=UNKNOWN, content=msgspec.to_builtins(shown), drop=drop))


def closing_text(language: str, version: str) -> Content:
    """Make the content of a card of a version without content: GONE, HIDDEN or WITHHELD."""
    return messages.of(catalog.sentence(language, f"card.{version.removeprefix(':')}"))


def base(version: str) -> str:
    """Return the fingerprint of the post that the version of a card contains."""
    return version.partition(":")[0]


def shows_content(version: str) -> bool:
    """Check whether a card of this version shows, or may show, the content of its post."""
    return version.endswith(f":{Reach.FULL}")


def link(portal: KnownPortal, post: PostId, author: UserId) -> str:
    """Return the address of a post by this author; the portal checks who may open it."""
    where = urlsplit(portal.endpoint)
    return f"{where.scheme}://{where.netloc}/company/personal/user/{author}/blog/{post}/"


def feed(portal: KnownPortal) -> str:
    """Return the address of the feed, for readers who may not know the author of a post.

    Every documented address of a post contains the user id of its author.
    """
    where = urlsplit(portal.endpoint)
    return f"{where.scheme}://{where.netloc}/stream/"


def post_card(portal: KnownPortal, look: Look) -> Content:
    """Make the content of a card; it is only a neutral sentence if the dialog may not show the post."""
    if look.reach is not Reach.FULL:
        return closing_text(look.language, WITHHELD)
    first = confirmations.sentence(look.published, look.post.id) if look.published else _sentence(look)
    said = [first, *(catalog.sentence(look.language, f"relay.{change}") for change in look.changed)]
    return messages.of(
        "\n".join(said),
        keyboard=_keyboard(portal, look),
        attach=_attach(look),
    )


def _sentence(look: Look) -> str:
    key = "card.important" if look.post.important else "card.ordinary"
    return catalog.sentence(look.language, key, headline=bb.escape(_headline(look)))


def _headline(look: Look) -> str:
    """Return the title of a post, or the beginning of its text; for a post without words, what it contains."""
    post = look.post
    words = " ".join((_title(post) or post_text.opening(post, HEADLINE_LENGTH)).split())
    if words:
        return words
    kind = next(iter(post.parts), "")
    return catalog.sentence(look.language, f"card.only_{kind}", post=post.id) if kind else f"#{post.id}"


def _title(post: Post) -> str:
    return cutting.shorten(post_text.heading(post), LONGEST_TITLE)


def _attach(look: Look) -> attach.Attach:
    post, say = look.post, look.language
    rows = [(catalog.sentence(say, "card.for"), _recipients(look))]
    if post.important:
        rows.append((catalog.sentence(say, "card.importance"), catalog.sentence(say, "card.high")))
    if parts := [catalog.sentence(say, f"card.part_{part}") for part in post.parts if part in SHOWN_PARTS]:
        rows.append((catalog.sentence(say, "card.with"), ", ".join(parts)))
    rows.append((catalog.sentence(say, "card.number"), str(post.id)))
    if post.comments:
        rows.append((catalog.sentence(say, "card.comments"), str(post.comments)))
    return attachment(post, say, rows)


def attachment(
    post: Post,
    language: str,
    rows: Sequence[tuple[str, str]],
    *,
    most: int = OPENING_LENGTH,
    below: Sequence[attach.Block] = (),
) -> attach.Attach:
    """Make the attachment of a card: author, title, at most `most` characters of the text, and rows of details.

    `below` are blocks between the text and the details.
    """
    text = "[BR]".join(filter(None, (_bold(_title(post)), bb.escape(post_text.opening(post, most)))))
    author = post_text.person_name(post.author_name) or catalog.sentence(language, "card.author")
    blocks: list[attach.Block] = [attach.User(author, user_id=post.author)]
    blocks += [attach.Message(text)] if text else []
    return attach.Attach.of(
        [*blocks, *below, attach.Grid.of(rows)], token=Token.ALERT if post.important else Token.PRIMARY
    )


def _recipients(look: Look) -> str:
    """Return the words for the recipients of a post; their names only if the dialog published it and may know them."""
    if look.post.for_all:
        return catalog.sentence(look.language, "card.all")
    named = confirmations.recipients(look.published) if look.published else ""
    return bb.escape(named) or catalog.sentence(look.language, "card.some")


def _bold(text: str) -> str:
    return f"[B]{bb.escape(text)}[/B]" if text else ""


def _keyboard(portal: KnownPortal, look: Look) -> Keyboard:
    where = link(portal, look.post.id, look.post.author)
    if look.published:
        return confirmations.keyboard(look.published, look.post.id, where=where, follows=look.follows, undo=look.undo)
    say, post = look.language, look.post.id
    rows: list[list[buttons.Button]] = [
        [
            buttons.Link(catalog.sentence(say, "button.open"), where),
            buttons.Put(catalog.sentence(say, "button.comment"), f"/comment {post} "),
            buttons.Put(catalog.sentence(say, "button.share"), f"/share {post} to:"),
        ]
    ]
    if look.topic:
        stop = reading.written(rules.read(look.topic))
        why = buttons.Command(catalog.sentence(say, "button.why"), "why", str(post))
        rows.append([why, buttons.Command(catalog.sentence(say, "follow.stop"), "unfollow", stop)])
    return Keyboard.of(rows)
