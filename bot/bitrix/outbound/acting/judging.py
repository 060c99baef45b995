"""Judges whether a person may do by hand what we are asked to do for them; nothing unknown is allowed."""

from __future__ import annotations

from collections.abc import Sequence

from bot.bitrix.outbound.acting import evidence
from bot.bitrix.outbound.acting.evidence import Account, Ask, Evidence
from bot.model import effects
from bot.model.acting import Hindrance, Verdict
from bot.model.effects import ByUser
from bot.model.events import UserId
from bot.model.records import Post

EVERYONE = "UA"


async def of_effect(ask: Ask, effect: ByUser) -> Verdict:
    """Judge an action for a person, as the portal and its people are now; raises as `evidence.read` does."""
    codes = codes_of(effect)
    if isinstance(effect, effects.Publish):
        return judge(await evidence.read(ask, effect.user, codes), effect.user, codes)
    if not isinstance(effect, effects.Share | effects.ChangePost | effects.DeletePost | effects.CommentOnPost):
        return Verdict(hindrance=Hindrance.NO_PERSON)
    known = await evidence.read(ask, effect.user, codes, post=effect.post)
    verdict = judge(known, effect.user, codes)
    if not verdict.allowed:
        return verdict
    if isinstance(effect, effects.CommentOnPost):
        reads = known.post is not None and may_read(known, effect.user, known.post)
        return Verdict(hindrance=None if reads else Hindrance.NOT_A_READER)
    author = known.administrator if isinstance(effect, effects.DeletePost) and effect.misplaced else effect.user
    own = known.post is not None and known.post.author == author
    return Verdict(hindrance=None if own else Hindrance.NOT_THE_AUTHOR)


def codes_of(effect: ByUser) -> tuple[str, ...]:
    """Return whom an action reaches: the recipients, and the people who are thanked."""
    if isinstance(effect, effects.Publish):
        thanked = (f"U{person}" for person in effect.thanks.people) if effect.thanks else ()
        return tuple(dict.fromkeys((*effect.dest, *thanked)))
    return tuple(effect.dest) if isinstance(effect, effects.Share) else ()


def judge(known: Evidence, user: UserId, codes: Sequence[str]) -> Verdict:
    """Judge whether a user may write to each of these recipients by hand."""
    if known.administrator is None:
        return Verdict(hindrance=Hindrance.NO_ADMINISTRATOR)
    writer = known.accounts.get(user)
    if writer is None or not writer.is_person:
        return Verdict(hindrance=Hindrance.NO_PERSON)
    closed = tuple(code for code in codes if not _may_address(known, writer, code))
    return Verdict(hindrance=Hindrance.RECIPIENTS if closed else None, codes=closed)


def may_read(known: Evidence, user: UserId, post: Post) -> bool:
    """Check whether a person certainly may read a post: their own, or one for everybody if they are an employee.

    The portal tells an administrator about no other recipients of a post.
    """
    account = known.accounts.get(user)
    if account is None or not account.is_person:
        return False
    return post.author == user or (post.for_all and account.is_employee)


def _may_address(known: Evidence, writer: Account, code: str) -> bool:
    kind, number = evidence.parsed(code)
    if kind == "UA":
        return code == EVERYONE and writer.is_employee
    if kind == "DR":
        return writer.is_employee and number in known.departments
    if kind == "SG":
        return writer.id in known.members.get(number, ())
    other = known.accounts.get(UserId(number)) if kind == "U" else None
    if other is None or not other.is_person:
        return False
    return writer.is_employee or other.id == writer.id or other.id in known.shared
