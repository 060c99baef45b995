"""The part of the reads from a portal that may use an administrator's token for somebody."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from bot.bitrix.outbound import answers, calls
from bot.bitrix.outbound.acting.looking import Looking
from bot.bitrix.outbound.speaking import refuses_user
from bot.errors import CLOSED_TO_USER, TokenRefused
from bot.model import ordering
from bot.model.acting import Hindrance, Verdict
from bot.model.events import UserId

Answer = dict[str, Any]


class ActingReads(ABC):
    """Reads with the reader's own token, and if that is missing or refused with an administrator's, where allowed."""

    def __init__(self, *, for_people: bool) -> None:
        """Make the reads of one event; `for_people`: an administrator's token may be used."""
        self._looking = Looking(ask=self._ask_acting) if for_people else None

    @abstractmethod
    async def _as_reader(self, method: str, params: dict[str, Any], reader: UserId) -> Answer:
        """Call a method with a token of the reader only."""

    @abstractmethod
    async def _as_token_owner(self, method: str, params: dict[str, Any], token_owner: str) -> Answer:
        """Call a method with the token of a token owner."""

    async def may_act(self, user: UserId, codes: Sequence[str]) -> Verdict:
        """Judge whether we may publish to these recipients for a user, with an administrator's token."""
        if self._looking is None:
            return Verdict(hindrance=Hindrance.NO_ADMINISTRATOR)
        try:
            return await self._looking.verdict(user, codes)
        except TokenRefused:
            return Verdict(hindrance=Hindrance.NO_ADMINISTRATOR)

    def acted_for(self, user: UserId) -> bool:
        """Check whether something was read or judged for a user during this event, without their token."""
        return self._looking is not None and user in self._looking.asked

    async def _for_reader(self, method: str, params: dict[str, Any], reader: UserId) -> tuple[Answer, Looking | None]:
        """Call a method with the reader's token, else with an administrator's: then what it shows is to be judged.

        Raises:
            TokenRefused, TokenExpired: we have no valid token of the reader, and may not use another one.
        """
        try:
            return await self._as_reader(method, params, reader), None
        except TokenRefused as refusal:
            looking = self._acting(reader, refusal)
        return await self._as_token_owner(method, params, ordering.ACTING), looking

    def _acting(self, reader: UserId, refusal: TokenRefused) -> Looking:
        """Return what looks things up for a reader whose token was refused.

        Raises:
            TokenRefused: the `refusal`, if we may not, or if another token would not be allowed either.
        """
        if self._looking is None or not lacks_token(refusal):
            raise refusal
        self._looking.asked.add(reader)
        return self._looking

    async def _ask_acting(self, asked: Sequence[calls.Call]) -> list[answers.Item]:
        """Send calls in one request with the installer's token, and with no other one instead."""
        params, keys = calls.batch(asked, halt=False)
        answer = await self._as_token_owner("batch", params, ordering.ACTING)
        return answers.items(answer, keys, [one.method for one in asked])


def lacks_token(refusal: TokenRefused) -> bool:
    """Check whether a refusal says only that a token of the person is missing or does not work any more.

    Otherwise it concerns the whole application, or an administrator has closed the application to this person.
    """
    return refuses_user(refusal) and refusal.code != CLOSED_TO_USER
