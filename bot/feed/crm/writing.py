"""Makes the effects that write a text to the CRM, and writes them as commands again."""

from __future__ import annotations

from bot.feed.composer.drafts import Draft
from bot.feed.crm.options import CrmWords, composed
from bot.feed.publishing import recipients
from bot.framework.context import Context
from bot.model import effects
from bot.model.effects import Answers
from bot.model.events import Dialog, UserId


def publication(
    ctx: Context, draft: Draft, *, dialog: Dialog, user: UserId, feed: bool, answers: Answers | None
) -> effects.CrmPost | effects.CrmComment:
    """Make the effect that writes a draft to its card: to the CRM feed (`feed`), or to the timeline."""
    assert draft.card is not None  # noqa: S101 - its callers have checked
    post = effects.CrmPost(
        dialog=dialog, language=draft.language, user=user, answers=answers, entity=draft.card.entity,
        name=draft.card.name, text=draft.text, title=draft.title, files=draft.files, since=int(ctx.now), report=True,
        to=tuple(recipients.with_code(one) for one in draft.to), sperm=tuple(one.code for one in draft.to),
    )  # fmt: skip
    return post if feed else in_timeline(post)


def in_timeline(effect: effects.CrmPost) -> effects.CrmComment:
    """Make the effect that writes the same text to the timeline."""
    return effects.CrmComment(
        dialog=effect.dialog, language=effect.language, user=effect.user, author_name=effect.author_name,
        answers=effect.answers, entity=effect.entity, name=effect.name, text=effect.text, title=effect.title,
        to=effect.to, files=effect.files, since=effect.since, approved=effect.approved, report=True,
    )  # fmt: skip


def command_of(effect: effects.CrmText) -> str:
    """Write the /crm command that writes a text again."""
    words = CrmWords(to=effect.to, title=effect.title, text=effect.text, name_goes_on=False)
    return composed(f"{effect.entity.type} {effect.entity.id}", words)


def kept(draft: Draft) -> str:
    """Write a draft as a /crm command, which a button puts back into the input field."""
    to = tuple(recipients.with_code(one) for one in draft.to)
    entity = draft.card.entity if draft.card else None
    types = {one.card.entity.type for one in draft.choices}
    named = f'{types.pop() if len(types) == 1 else ""} "{draft.asked}"'.strip()
    return composed(
        f"{entity.type} {entity.id}" if entity else named,
        CrmWords(to=to, title=draft.title, text=draft.text, name_goes_on=False),
    )
