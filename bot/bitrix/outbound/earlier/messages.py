"""Looks into a dialog for a message that an earlier attempt may have sent, where the portal drops no repeat."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.bitrix.outbound.caller import Caller, Identity
from bot.bitrix.outbound.calls import BotMessage
from bot.bitrix.outbound.earlier.dialog_pages import PAGE, DialogPages, mark
from bot.bitrix.outbound.earlier.posts import CLOCK_ERROR, REMEMBERED
from bot.clock import Clock
from bot.errors import AuthorizationDown, Gone, PortalDown, PortalError, Refused, TokenExpired, TokenRefused
from bot.model import ordering
from bot.model.effects import Answers, Say, ShowCard
from bot.model.events import BotId, MessageId, PortalId, UserId
from bot.model.queued import WaitingEffect
from bot.model.records import KnownPortal
from bot.retry import GIVE_UP

_CANNOT_READ = (Gone, Refused, TokenRefused, TokenExpired)
"""Errors that say that one reader cannot read a dialog; another one may."""


class OwnMessages(Protocol):
    """Knows which messages are the results of our effects."""

    async def messages(self, ids: Collection[int], since: float) -> set[int]:
        """Return those of some ids that are messages of the bot which our effects created since a time."""
        ...

    async def unnumbered_answers(self, message: MessageId, since: float) -> list[Say]:
        """Return the answers to the commands of a message that the portal gave no message ids for."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A token owner who may be able to read a dialog, and the id of the dialog as they see it."""

    token_owner: str
    dialog: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The result of a look: the message that was found, or None.

    `seen` is False if nobody could read the dialog. `again_at`: the message is not there yet, but the portal may still
    work on the request, so look again at that time (unix seconds).
    """

    message: MessageId | None = None
    seen: bool = True
    again_at: float | None = None


@dataclass(slots=True)
class DialogSearch:
    """Finds messages of the bot that an earlier attempt may have sent, by dialog, author, text and time.

    `own` returns what our other effects created on a portal; their messages are not taken for the result. `settle` is
    how many seconds a portal may work on a request. Looks into one dialog share the pages that were read.
    """

    caller: Caller
    own: Callable[[PortalId], OwnMessages]
    clock: Clock
    settle: float
    _pages: dict[tuple[PortalId, Reader], DialogPages] = field(default_factory=dict)
    _request_ended: dict[int, float] = field(default_factory=dict)
    _given: dict[tuple[PortalId, int], int] = field(default_factory=dict)

    async def read(self, portal: KnownPortal, rows: Sequence[WaitingEffect]) -> None:
        """Read the dialogs of some effects at the same time, so that the reads share requests; `find` uses the pages.

        Raises:
            BotError: an error that is no refusal by the portal; nothing was changed.
        """
        found = await asyncio.gather(*(self._readable(portal, row, look=True) for row in rows), return_exceptions=True)
        for error in found:
            if isinstance(error, BaseException) and not isinstance(error, PortalError):
                raise error

    async def find(self, portal: KnownPortal, row: WaitingEffect) -> Looked:
        """Look for the message that an earlier attempt to send an effect may have created, in the pages of `read`.

        Raises:
            PortalError, PortalDown: the look failed; nothing was changed.
        """
        pages = await self._readable(portal, row, look=False)
        message = await self._message(portal, row, pages) if pages else None
        settled_at = self._request_ended.get(row.id, row.due_at) + self.settle
        if message is None and pages and pages.began < settled_at:
            return Looked(again_at=settled_at)
        self._request_ended.pop(row.id, None)
        return Looked(message=message, seen=pages is not None)

    async def _message(self, portal: KnownPortal, row: WaitingEffect, pages: DialogPages) -> MessageId | None:
        wanted, answers = _message_of(row), _answers(row)
        ours = mark(portal.bot, _sent_text(wanted))
        found = [one for one in pages.since(row.created_at - CLOCK_ERROR, ours) if not answers or one > answers.message]
        if not found:
            return None
        own, since = self.own(portal.id), row.created_at - CLOCK_ERROR - GIVE_UP
        others = await own.messages(found, since)
        free = [one for one in found if one not in others and self._given.get((portal.id, one), row.id) == row.id]
        if answers:  # imbot.v2.Command.answer returns no id, so the first ones belong to earlier answers
            earlier = await own.unnumbered_answers(answers.message, since)
            free = free[sum(mark(portal.bot, one.content.text) == ours for one in earlier) :]
        return self._give(portal.id, free[0], row) if free else None

    def _give(self, portal: PortalId, message: int, row: WaitingEffect) -> MessageId:
        """Reserve a message for an effect, so that no other look gets it before the outcome is stored."""
        if len(self._given) > REMEMBERED * 100:
            del self._given[next(iter(self._given))]
        self._given[portal, message] = row.id
        return MessageId(message)

    async def _readable(self, portal: KnownPortal, row: WaitingEffect, *, look: bool) -> DialogPages | None:
        """Return the messages of an effect's dialog since the effect was stored; None if nobody can read them all.

        `look` is as for `_pages_of`.
        """
        unanswered: AuthorizationDown | None = None
        for reader in _readers(portal, _message_of(row)):
            pages = self._pages_of(portal.id, reader, row, look=look)
            try:
                async with pages.lock:
                    if not pages.refused:
                        return pages if await self._back(pages, portal, reader, row) else None
            except _CANNOT_READ:
                pages.refused = True
            except AuthorizationDown as exc:
                unanswered = exc
            except PortalDown as exc:
                raise PortalDown(str(exc), outcome_unknown=False) from exc
        if unanswered:
            raise unanswered
        return None

    async def _back(self, pages: DialogPages, portal: KnownPortal, reader: Reader, row: WaitingEffect) -> bool:
        identity = Identity(portal=portal, token_owner=reader.token_owner)

        async def ask(before: int) -> dict[str, Any]:
            params = {"DIALOG_ID": reader.dialog, "LIMIT": PAGE} | ({"LAST_ID": before} if before else {})
            return await self.caller.read(identity, "im.dialog.messages.get", params, urgency=row.urgency)

        return await pages.back_to(row.created_at - CLOCK_ERROR, ask, clock=self.clock)

    def _pages_of(self, portal: PortalId, reader: Reader, row: WaitingEffect, *, look: bool) -> DialogPages:
        """Return pages of a dialog that were read after the effect's last request ended.

        `look`: once the portal cannot work on that request any more, the pages must be read after that time. Without
        it the pages of the last look are used, because a slow look would otherwise be repeated for each effect alone.
        """
        over = self._request_ended.setdefault(row.id, row.due_at)
        if look and self.clock.wall() >= over + self.settle:
            over += self.settle
        pages = self._pages.get((portal, reader))
        if pages is None or pages.began < over:
            self._pages.pop((portal, reader), None)
            pages = self._pages[portal, reader] = DialogPages(began=self.clock.wall())
            if len(self._pages) > REMEMBERED:
                del self._pages[next(iter(self._pages))]
        return pages


def _message_of(row: WaitingEffect) -> BotMessage:
    if not isinstance(row.effect, BotMessage):
        raise TypeError(f"{row.kind} is no message of the bot")
    return row.effect


def _answers(row: WaitingEffect) -> Answers | None:
    return row.effect.answers if isinstance(row.effect, Say) else None


def _sent_text(message: BotMessage) -> str:
    """Return the text that the earlier attempt sent."""
    sent = message.sent if isinstance(message, ShowCard) else None
    return sent.text if sent else message.content.text


def _readers(portal: KnownPortal, message: BotMessage) -> Iterator[Reader]:
    """Return who may be able to read the dialog of a message, the best first.

    That is the bot's own user, whose tokens come with events of imbot v1. In a private dialog it is also the person,
    and in a chat without the bot the person who sent the command there. In a group the installer may be a member.
    """
    bot, dialog = portal.bot or BotId(0), message.dialog
    answers = message.answers if isinstance(message, Say) else None
    if answers is None:
        yield Reader(token_owner=ordering.owner_own(bot), dialog=dialog)
        if dialog.isdigit():
            yield Reader(token_owner=ordering.owner_user(UserId(int(dialog))), dialog=str(bot))
    elif answers.asker is not None:
        dialog = answers.dialog or dialog
        seen_as = str(bot) if dialog == str(answers.asker) else dialog
        yield Reader(token_owner=ordering.owner_user(answers.asker), dialog=seen_as)
    if not dialog.isdigit():
        yield Reader(token_owner=ordering.INSTALL, dialog=dialog)
