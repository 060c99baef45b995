"""Reads the current revision of a post, and finds the dialogs that it concerns."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot import errors
from bot.feed import audience, dialog_language
from bot.feed.audience import Reach
from bot.feed.publishing import undoing
from bot.feed.relay import cards, changes, own_posts, withdrawing
from bot.feed.relay.cards import Look
from bot.feed.relay.changes import Change
from bot.framework.context import Context
from bot.model.effects import Publish
from bot.model.events import Dialog, PostId, UserId
from bot.model.records import Follow, KnownPortal, PersonLanguage, Post
from bot.model.state_changes import PostSeen

NEW_FOR = 24 * 3600
"""Seconds that a post counts as new when its first event was lost and an edit is the first we see of it."""
CLOCK_SKEW = 60
"""Seconds that the portal's clock may be behind ours; the portal also gives whole seconds only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A post as it is now, and what changed since we read it last; `before` is the fingerprint of then ("": never).

    `spread`: the post is also shown in dialogs that have no card of it yet. `late`: of these, only in dialogs that
    followed before it was written. `echoes`: dialogs that have just published it, where the command shows the card.
    `published`: the effects that published it, by dialog.
    """

    post: Post
    changed: tuple[Change, ...]
    before: str = ""
    published: Mapping[Dialog, Publish] = field(default_factory=dict)
    spread: bool
    late: bool = False
    echoes: frozenset[Dialog] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalFollows:
    """A portal, all its subscriptions by dialog, and the languages of its people."""

    portal: KnownPortal
    follows: dict[Dialog, list[Follow]]
    languages: Mapping[UserId, PersonLanguage] = field(default_factory=dict)

    def language(self, dialog: Dialog, published: Publish | None = None) -> str:
        """Return the language of a card in a dialog, which may have `published` the post (see dialog_language)."""
        follows = self.follows.get(dialog, ())
        return dialog_language.choose(
            dialog, self.languages, follows=follows, published=published, otherwise=self.portal.language
        )


async def portal_follows(ctx: Context) -> PortalFollows:
    """Read the portal of the event, all its subscriptions, and the languages of its people from the store."""
    follows: dict[Dialog, list[Follow]] = {}
    for follow in await ctx.memory.followers():
        follows.setdefault(follow.dialog, []).append(follow)
    languages = await ctx.memory.languages()
    return PortalFollows(portal=await cards.known_portal(ctx), follows=follows, languages=languages)


async def read_post(
    ctx: Context, post: PostId, before: PostSeen | None, *, beside: Iterable[Dialog] = (), reader: UserId | None = None
) -> Post | None:
    """Read a post with the token of the event, else with that of its author, or of a `reader` who has seen it.

    The same request reads who is in the dialogs `beside`, if that may be needed. None means that neither may read it.
    This does not prove that the post was deleted: an unpublished post is hidden from its author too.
    """
    judged = () if before is not None and before.version and not before.for_all else tuple(beside)
    found = await ctx.portal.post(post, beside=judged)
    other = before.author if before is not None else reader
    if found is None and other is not None:
        with contextlib.suppress(errors.PortalError):  # we may have no token of that person
            return await ctx.portal.post(post, reader=other)
    return found


async def revision(ctx: Context, post: Post, before: PostSeen | None, *, added: bool, ours: bool) -> Revision:
    """Compare a post with its stored version `before`, and decide which dialogs it concerns.

    `added`: the event says that the post is new. `ours`: the bot published it a moment ago; a difference is then no
    edit, because the portal may store a text in its own way.
    """
    if before is None:
        spread = added or _is_new(ctx, post)
    else:
        spread = added or before.version not in ("", changes.version(post))
    changed = changes.compare(before, post) if before and before.version and not ours else ()
    echoes = await own_posts.echoes(ctx, post, before)
    version = before.version if before else ""
    published = await withdrawing.published_from(ctx, post.id)
    return Revision(
        post=post, changed=changed, before=version, published=published, spread=spread, late=not added, echoes=echoes
    )


async def look(ctx: Context, news: Revision, dialog: Dialog, found: PortalFollows) -> Look:
    """Decide what the card of a revision shows in a dialog; ask the portal who reads there."""
    reach = await audience.reach(ctx, news.post, dialog)
    follows = found.follows.get(dialog, ())
    follow = audience.first_that_wants(follows, news.post, content=reach is Reach.FULL)
    published = news.published.get(dialog)
    language = found.language(dialog, published)
    return Look(
        post=news.post,
        reach=reach,
        language=language,
        topic=follow.topic if follow else None,
        changed=news.changed,
        published=replace(published, language=language) if published else None,
        follows=bool(follows),
        undo=published is not None and undoing.is_fresh(ctx, published),
    )


def followed_before(follow: Follow, post: Post) -> bool:
    """Check whether a subscription is older than a post; a subscription shows no post that was written before it."""
    written = _written(post)
    return written is None or follow.since - CLOCK_SKEW < written


def _is_new(ctx: Context, post: Post) -> bool:
    """Check whether a post that we see for the first time was written lately, and not only pinned or moved."""
    written = _written(post)
    return written is None or ctx.now - written < NEW_FOR


def _written(post: Post) -> float | None:
    """Return when a post was written (unix seconds); None if the portal gives no time, or no time zone."""
    try:
        written = datetime.fromisoformat(post.date)
    except ValueError:
        return None
    return None if written.tzinfo is None else written.timestamp()
