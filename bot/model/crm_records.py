"""Read-only values about the CRM that handlers get from the portal and from the store."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.effects import CrmComment, CrmEntity


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmWritten:
    """A comment in a timeline that was written through the bot, the effect that did it, and when it was done."""

    comment: int
    effect: CrmComment
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmDetails:
    """A CRM card as a person may see it: its name, stage, amount and the responsible person; "" is unknown or none.

    `amount` is a decimal number, and `currency` its code (EUR).
    """

    entity: CrmEntity
    name: str
    stage: str = ""
    amount: str = ""
    currency: str = ""
    responsible: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmLook:
    """The answer about a CRM card: None if the person may not see it, or it does not exist.

    `feed` says whether the portal has a CRM feed; None: it was not asked, or did not say.
    """

    card: CrmDetails | None
    feed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmFound:
    """The CRM cards that a search found; `denied`: the person may not search at all. `many`: there are more."""

    cards: tuple[CrmDetails, ...]
    denied: bool = False
    many: bool = False
