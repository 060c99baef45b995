"""Acting for a person: an action in the name of a person, sent with an administrator's token after our own check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model import effects
from bot.model.effects import ByUser, Effect


class Hindrance(StrEnum):
    """Says why we do not act for a person; the value is the code of the error that reports it."""

    NO_ADMINISTRATOR = "ACTING_NO_ADMINISTRATOR"
    """The token with which the bot speaks is not an administrator's, or is not valid."""
    NO_PERSON = "ACTING_NO_PERSON"
    """The portal does not say that this is an active person, who could write by hand."""
    RECIPIENTS = "ACTING_RECIPIENTS"
    """The portal does not say that the person may write to each of the recipients."""
    NOT_THE_AUTHOR = "ACTING_NOT_THE_AUTHOR"
    """The post is not the person's own, or does not exist."""
    NOT_A_READER = "ACTING_NOT_A_READER"
    """The portal does not say that the person may read the post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Says whether we may act for a person (`hindrance` None: yes).

    `codes` are the recipients to whom the person may not write, as far as that is the hindrance.
    """

    hindrance: Hindrance | None = None
    codes: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Return whether we may act for the person."""
        return self.hindrance is None


ACTED = (effects.Publish, effects.Share, effects.ChangePost, effects.DeletePost, effects.CommentOnPost)
"""The user actions that we can judge, and so can do for a person; all others need the person's own token."""


def is_acted(effect: Effect) -> bool:
    """Check whether an effect acts for a person."""
    return isinstance(effect, ByUser) and effect.acting
