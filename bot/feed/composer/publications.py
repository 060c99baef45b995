"""Makes the effect that publishes a draft, now or later, and the draft that such an effect was."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.feed.composer import drafts
from bot.feed.composer.drafts import Draft
from bot.feed.publishing import recipients
from bot.framework.context import Context
from bot.model import effects
from bot.model.effects import Answers
from bot.model.events import Dialog, UserId
from bot.model.records import Named


def publication(
    ctx: Context, draft: Draft, *, dialog: Dialog, user: UserId, public: bool, answers: Answers | None
) -> effects.Publish:
    """Make the effect that publishes a draft, exactly as its preview shows it.

    `public`: everybody in the dialog may know the names of the recipients.
    """
    return effects.Publish(
        dialog=dialog, language=draft.language, user=user, author_name=draft.author_name, answers=answers,
        text=draft.body, quote=draft.quote, title=draft.title, dest=draft.dest,
        audience=recipients.label(draft.language, draft.to),
        audience_public=public, since=int(ctx.now), important=draft.important, important_until=draft.until,
        tags=draft.tags, background=draft.background, link_preview=draft.link_preview and drafts.has_link(draft.text),
        files=draft.files, poll=draft.poll, thanks=draft.thanks, site=ctx.settings.site,
        source=draft.source, all_named=recipients.EVERYONE in draft.to, report=True,
    )  # fmt: skip


def published_now(ctx: Context, effect: effects.Publish) -> effects.Publish:
    """Return the effect that publishes now what was prepared earlier.

    The readers of a group may have changed since then, so that recipients are named in private only.
    """
    until = effect.important_until
    over = bool(until) and datetime.fromisoformat(until).timestamp() <= ctx.now
    important = effect.important and not over
    return replace(
        effect,
        since=int(ctx.now),
        audience_public=False,
        important=important,
        important_until=until if important else "",
    )


def draft_of(
    effect: effects.Publish, *, to: tuple[Named, ...], thanked: tuple[Named, ...], language: str, made_at: float
) -> Draft:
    """Return the draft that a prepared post would be, for a card in a language."""
    asked = effect.poll
    return Draft(
        revision="", language=language, author_name=effect.author_name, changed_at=made_at, text=effect.text,
        title=effect.title, to=to, important=effect.important, until=effect.important_until, tags=effect.tags,
        background=effect.background, link_preview=effect.link_preview, files=effect.files, thanked=thanked,
        medal=effect.thanks.medal if effect.thanks else "", question=asked.question if asked else "",
        answers=asked.answers if asked else (), several=bool(asked and asked.several),
    )  # fmt: skip
