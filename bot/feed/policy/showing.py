"""Makes the messages about requests for an approval: the card with its buttons, the list, and how a request ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from bot.feed.composer import options, preview, publications
from bot.feed.composer.drafts import Draft
from bot.feed.crm import looking, writing
from bot.feed.publishing import recipients
from bot.feed.relay import cards
from bot.framework import messages
from bot.framework.context import Context
from bot.i18n import catalog
from bot.model import effects
from bot.model.approvals import Approval, ApprovalState
from bot.model.effects import Content
from bot.model.events import Dialog, UserId
from bot.texts import cutting
from keyboards import Button, Keyboard, Put, Token, bb
from keyboards import Command as Press

MARK = "approval."
"""What stands before the number of a request, where an effect names it in the place of a draft."""
MOST_LISTED = 10
"""How many requests one message lists; each has a row of buttons."""
LONGEST = 3000
"""How much of the text a card shows, in characters."""
LONGEST_PART = 8000
"""How much of a long text one message shows, in characters."""
LONGEST_NAMES = 400
"""How much of the names of the recipients a message shows, in characters."""
BUTTONS_LAST = 7 * 86_400.0
"""Seconds after the end of a request in which its buttons still say how it ended."""


class Verb(StrEnum):
    """Says what a press does; the value is the command of the button."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "approvals"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPress:
    """The payload of a button: the request, when it was made (a whole second), and what the press does."""

    number: int
    made_at: int
    verb: Verb


def id_of(approval: Approval) -> str:
    """Return how an effect names a request in the place of a draft."""
    return f"{MARK}{approval.number}"


def number_of(draft: str) -> int | None:
    """Return the number of the request that an effect names; None if it names a draft."""
    return int(draft.removeprefix(MARK)) if draft.startswith(MARK) else None


async def language_of(ctx: Context, user: UserId) -> str:
    """Return the language of a person who did not cause the event."""
    return (await ctx.memory.language(user)).language or ctx.portal_language


def question(ctx: Context, approval: Approval, *, user: UserId, language: str) -> Content:
    """Make the message that asks a person for their approval: what would be published, and the buttons."""
    action = approval.action
    values: dict[str, object] = {"author": bb.escape(approval.author_name), "number": approval.number}
    if isinstance(action, effects.Share):
        key, values = "approval.ask_share", values | {"post": action.post}
    elif isinstance(action, effects.CrmText):
        entity = looking.entity_name(language, action.entity, action.name)
        key, values = "approval.ask_crm", values | {"entity": entity}
    else:
        key = "approval.ask_post"
    said = catalog.sentence(language, key, **values, headline=bb.escape(approval.headline))
    how = catalog.sentence(language, "approval.how", number=approval.number)
    row: list[Button] = [
        _button(ctx, approval, Verb.APPROVE, user=user, language=language, token=Token.PRIMARY),
        _button(ctx, approval, Verb.REFUSE, user=user, language=language),
        Put(catalog.sentence(language, "approval.button_reason"), f"/refuse {approval.number} "),
    ]
    draft = _draft(approval, language)
    rows = [(catalog.sentence(language, "card.for"), readers(approval, language)), *preview.details(draft)]
    shown = approval.post or draft.post(approval.author)
    return messages.of(
        f"{said}\n{how}",
        keyboard=Keyboard.of([row]),
        attach=cards.attachment(shown, language, rows, most=LONGEST, below=preview.poll(draft)),
    )


def whole_text(approval: Approval, language: str) -> list[Content]:
    """Make messages with the whole text that is to be approved; empty if the card shows all of it."""
    text = (approval.post or _draft(approval, language).post(approval.author)).text
    if len(text) <= LONGEST:
        return []
    said = [messages.of(catalog.sentence(language, "approval.whole", number=approval.number))]
    while text:
        part = cutting.start(text, LONGEST_PART)
        said.append(messages.of(bb.escape(part)))
        text = text[len(part) :]
    return said


def asked(approval: Approval, names: str, *, language: str) -> str:
    """Return the sentence for the author that people were asked; `names` are theirs, escaped ("": not to be told)."""
    if not names:
        return catalog.sentence(language, "approval.asked_somebody", number=approval.number)
    return catalog.sentence(language, "approval.asked", number=approval.number, names=names)


def waits(ctx: Context, approval: Approval, said: str, *, dialog: Dialog) -> Content:
    """Make the message to the author of a request that waits, with a button to withdraw it."""
    language = approval.language
    button = _button(ctx, approval, Verb.WITHDRAW, user=approval.author, language=language, dialog=dialog)
    return messages.of(said, keyboard=Keyboard.of([button]))


def ended(approval: Approval, *, language: str) -> str:
    """Return the sentence how a request ended, without its content."""
    name = bb.escape(approval.by_name)
    return catalog.sentence(language, f"approval.{approval.state}", number=approval.number, name=name)


def told(approval: Approval, *, language: str) -> Content:
    """Make the message to the author how their request ended; what was not published can be put back."""
    values = {"number": approval.number, "name": bb.escape(approval.by_name), "headline": bb.escape(approval.headline)}
    said = [catalog.sentence(language, f"approval.told_{approval.state}", **values)]
    if approval.reason:
        said.append(catalog.sentence(language, "approval.reason", reason=bb.escape(approval.reason)))
    if approval.state is ApprovalState.APPROVED:
        return messages.of("\n".join(said))
    return messages.with_retry(language, "\n".join(said), command_of(approval))


def page(ctx: Context, approvals: Sequence[Approval], *, user: UserId, language: str) -> Content:
    """Make the list of the requests that wait for a person, and of those that the person made."""
    others = list(islice((one for one in approvals if user in one.approvers), MOST_LISTED))
    own = list(islice((one for one in approvals if one.author == user), MOST_LISTED - len(others)))
    said: list[str] = []
    rows: list[list[Button]] = []
    for key, listed in (("approval.for_you", others), ("approval.yours", own)):
        said += [catalog.sentence(language, key)] if listed else []
        said += [_line(one, language) for one in listed]
    rows += [
        [_button(ctx, one, verb, user=user, language=language, numbered=True) for verb in _DECIDES] for one in others
    ]
    rows += [[_button(ctx, one, Verb.WITHDRAW, user=user, language=language, numbered=True)] for one in own]
    if not said:
        return messages.of(catalog.sentence(language, "approval.nothing"))
    if len(others) + len(own) < sum(user in one.approvers or user == one.author for one in approvals):
        said.append(catalog.sentence(language, "approval.more"))
    return messages.of("\n".join(said), keyboard=Keyboard.of(rows))


_DECIDES = (Verb.APPROVE, Verb.REFUSE)


def readers(approval: Approval, language: str) -> str:
    """Return for whom a request is, and how many people they are, escaped."""
    action = approval.action
    if isinstance(action, effects.CrmText):
        label = looking.entity_name(language, action.entity)
        label = ", ".join([label, *(bb.escape(one.name) for one in approval.to)])
        return cutting.shorten(label, LONGEST_NAMES)
    label = bb.escape(cutting.shorten(recipients.label(language, approval.to), LONGEST_NAMES))
    if approval.people is None:
        return label
    return catalog.plural(language, "draft.audience", approval.people, names=label)


def command_of(approval: Approval) -> str:
    """Write the command that asks for the same again."""
    action = approval.action
    if isinstance(action, effects.Publish):
        return options.command_of(action)
    if isinstance(action, effects.CrmText):
        return writing.command_of(action)
    assert isinstance(action, effects.Share)  # noqa: S101 - nothing else is asked for
    return f"/share {action.post} to:{','.join(action.dest)}"


def _line(approval: Approval, language: str) -> str:
    return catalog.sentence(
        language, "approval.line", number=approval.number, author=bb.escape(approval.author_name),
        readers=readers(approval, language), headline=bb.escape(approval.headline),
    )  # fmt: skip


def _draft(approval: Approval, language: str) -> Draft:
    """Return the draft that a request would be, for its card."""
    action = approval.action
    if isinstance(action, effects.Publish):
        return publications.draft_of(
            action, to=approval.to, thanked=approval.thanked, language=language, made_at=approval.made_at
        )
    text = action if isinstance(action, effects.CrmText) else None
    return Draft(
        revision="", language=language, author_name=approval.author_name, changed_at=approval.made_at,
        text=text.text if text else "", title=text.title if text else "", files=text.files if text else (),
        link_preview=False,
    )  # fmt: skip


def _button(
    ctx: Context,
    approval: Approval,
    verb: Verb,
    *,
    user: UserId,
    language: str,
    dialog: Dialog | None = None,
    token: Token = Token.BASE,
    numbered: bool = False,
) -> Press:
    """Make a signed button, bound to a person and a dialog (None: their own dialog with the bot)."""
    payload = ApprovalPress(number=approval.number, made_at=int(approval.made_at), verb=verb)
    params = ctx.sign(
        payload, dialog=dialog or Dialog(str(user)), user=user, expires=approval.expires_at + BUTTONS_LAST
    )
    key = "withdraw" if verb is Verb.WITHDRAW else verb
    label = catalog.sentence(language, f"approval.button_{key}")
    return Press(f"{approval.number}: {label}" if numbered else label, verb, params, token=token)
