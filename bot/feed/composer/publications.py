"""Makes the effect that publishes a draft."""

from __future__ import annotations

from bot.feed.composer import drafts
from bot.feed.composer.drafts import Draft
from bot.feed.publishing import recipients
from bot.framework.context import Context
from bot.model import effects
from bot.model.effects import Answers
from bot.model.events import Dialog, UserId


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
