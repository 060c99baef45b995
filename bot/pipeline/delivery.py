"""Makes one attempt to send effects: looks for results of earlier attempts, calls the portal, returns outcomes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import structlog

from bot.bitrix.outbound import answers, batching, calls
from bot.bitrix.outbound.acting import sending
from bot.bitrix.outbound.caller import Caller, Identity
from bot.bitrix.outbound.calls import Again
from bot.bitrix.outbound.crm import writing
from bot.bitrix.outbound.crm.attachments import Attachments, File
from bot.bitrix.outbound.earlier import DialogSearch, Found, Search
from bot.bitrix.outbound.merged_reads import WaitingReads
from bot.clock import Clock
from bot.crash_points import CrashHook, CrashPoint
from bot.errors import LATE_ANSWER, BotError, Broken, PortalDown, PortalError, Refused, Retry, TokenRefused, judge
from bot.model import ordering
from bot.model.acting import Hindrance, is_acted
from bot.model.effects import Answers, Say
from bot.model.queued import Outcome, WaitingEffect
from bot.model.records import KnownPortal
from bot.observability.metrics import Metrics
from bot.pipeline.outcomes import Outcomes
from bot.store import Store

ANSWERABLE = 600
"""Seconds in which the portal accepts the answer to a command; later it says true and writes nothing.

Reference: behaviour of imbot.command.answer.
"""
MARGIN = 30
"""Seconds before that time from which an answer counts as late, because a request takes time."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Sends the effects of one request to a portal."""

    store: Store
    caller: Caller
    search: Search
    dialogs: DialogSearch
    attachments: Attachments
    outcomes: Outcomes
    metrics: Metrics
    clock: Clock
    crash_hook: CrashHook

    async def send(self, portal: KnownPortal | None, rows: list[WaitingEffect]) -> list[Outcome]:
        """Send effects in one request, for which the rate limiter has given a turn, and return the outcome of each.

        Effects that an earlier attempt may have carried out are first looked up at the portal, and not sent again if
        found. `portal` None: it is not installed any more, and all effects are given up.

        Raises:
            BotError: the whole request failed and may be retried; no effect has an outcome. A refused single call, or a
                batch that is refused for good, gives outcomes instead.
        """
        self.crash_hook(CrashPoint.PACKED)
        if portal is None:
            gone = TokenRefused("PORTAL_DELETED", "the application is not installed on this portal")
            return [self.outcomes.dead(row, gone) for row in rows]
        try:
            settled, rest = await self._settle_earlier(portal, rows)
            return settled + await self._request(portal, rest)
        except BotError:
            raise
        except Exception as exc:
            # The answer of one portal must not stop the sending to all others.
            log.exception("attempt.failed")
            raise Broken("", f"{type(exc).__name__}: {exc}") from exc

    async def _settle_earlier(
        self, portal: KnownPortal, rows: list[WaitingEffect]
    ) -> tuple[list[Outcome], list[WaitingEffect]]:
        """Return the outcomes that are known without sending, and the effects that are still to be sent.

        An outcome is known if an earlier attempt has created the object, if the effect must not be repeated, or if the
        delayed action that a message is about has ended.
        """
        settled: list[Outcome] = []
        rest: list[WaitingEffect] = []
        found: set[Found] = set()
        held: set[str] = set()
        await self.dialogs.read(portal, [row for row in rows if _is_looked_for_in_dialog(row)])
        about = [row.effect.about for row in rows if isinstance(row.effect, Say) and row.effect.about is not None]
        unfinished = await self.store.unfinished(about)
        for row in rows:
            if row.ordering_key in held:
                settled.append(self.outcomes.unreached(row, self.clock.wall()))
            elif isinstance(row.effect, Say) and row.effect.about not in {None, *unfinished}:
                # This message says that another effect is delayed, and that effect has ended.
                settled.append(self.outcomes.done(row, None))
            elif (end := await self._earlier(portal, row, found) or self._late(portal, row)) is None:
                rest.append(row)
            else:
                settled.append(end)
                held |= {row.ordering_key} if end.state == "later" else set()
        return settled, rest

    async def _earlier(self, portal: KnownPortal, row: WaitingEffect, found: set[Found]) -> Outcome | None:
        """Return the outcome of an effect whose earlier attempt may have worked; None if it is to be sent (again).

        `found` are the objects that were found for other effects of the request; one that is found now is added.
        """
        way = calls.again(row.effect, row.api) if row.outcome_unknown else Again.REPEAT
        if way is Again.REPEAT:
            return None
        if way is Again.NEVER:
            return self.outcomes.dead(
                row, PortalDown("the outcome is unknown", outcome_unknown=True), outcome_unknown=True
            )
        try:
            if _is_looked_for_in_dialog(row):
                return await self._earlier_message(portal, row)
            made = await self.search.find(portal, row, found)
        except PortalError as exc:  # the portal refused this search only; the other effects continue
            end = self.outcomes.failed(row, exc, self.clock.wall())
            return end if end.state == "later" else self.outcomes.dead(row, exc, outcome_unknown=True)
        if made is None:
            return None
        found.add((row.kind, made))
        return self.outcomes.done(row, made)

    async def _earlier_message(self, portal: KnownPortal, row: WaitingEffect) -> Outcome | None:
        """Return the outcome of a message that may have been sent; None if it is to be sent (again).

        If nobody can look, it is sent again, because a message that comes twice is better than none.
        """
        looked = await self.dialogs.find(portal, row)
        if looked.message is not None:
            return self.outcomes.done(row, looked.message)
        if looked.again_at is not None:
            return Outcome(row=row, state="later", due_at=looked.again_at, outcome_unknown=True, counted=False)
        if not looked.seen:
            self.metrics.unseen_repeats_total.labels(kind=row.kind).inc()
            log.warning("effect.unseen", portal=portal.id, effect=row.id, kind=row.kind)
        return None

    def _late(self, portal: KnownPortal, row: WaitingEffect) -> Outcome | None:
        """Return the outcome "dead" for the answer to a command that is too old; None for all other effects.

        The handlers then send it to the asker in private.
        """
        answers = row.effect.answers if isinstance(row.effect, Say) else None
        if answers is None or self._age(portal, answers) < ANSWERABLE - MARGIN:
            return None
        return self.outcomes.dead(row, Refused(LATE_ANSWER, "the command is too old to be answered"))

    def _age(self, portal: KnownPortal, answers: Answers) -> float:
        """Return how many seconds ago a command was sent: by the portal's clock if it is known, and by ours.

        An event may reach us late, so the time when we received it may be too short ago.
        """
        now, ahead = self.clock.wall(), self.caller.clock_ahead(portal.id)
        ours = now - answers.received_at if answers.received_at else 0.0
        return max(ours, now + ahead - answers.ts) if answers.ts and ahead is not None else ours

    async def _request(self, portal: KnownPortal, rows: list[WaitingEffect]) -> list[Outcome]:
        """Send one request (a single call for one effect, a batch for more), and return the outcome of each effect."""
        rows, refused = await self._allowed(portal, rows)
        files, unread = await self._files(portal, rows)
        rows = [row for row in rows if not writing.has_files(row.effect) or row.id in files]
        marked = await self.store.mark_sending(rows) if rows else []
        sent = {row.id for row in marked}
        outcomes = [self.outcomes.dropped(row) for row in rows if row.id not in sent]
        asked, impossible = self._calls(portal, marked)
        asked |= {
            number: replace(asked[number], params=writing.with_files(asked[number].params, read))
            for number, read in files.items()
            if number in asked
        }
        outcomes += [*refused, *unread, *impossible]
        rows = [row for row in marked if row.id in asked]
        if not rows:
            self.caller.unused(portal)
            return outcomes
        self.crash_hook(CrashPoint.MARKED)
        self.metrics.batch_size.observe(len(rows))
        outcomes += await self._ask(portal, rows, [asked[row.id] for row in rows])
        self.crash_hook(CrashPoint.ANSWERED)
        return outcomes

    async def _allowed(
        self, portal: KnownPortal, rows: list[WaitingEffect]
    ) -> tuple[list[WaitingEffect], list[Outcome]]:
        """Return the effects that may be sent, and the outcomes of those that act for people who may not do that.

        These rights are judged here, because an effect may have waited, and the portal judges the administrator's.
        """
        refusals = [await sending.refusal(self.caller, portal, row) if is_acted(row.effect) else None for row in rows]
        pairs = list(zip(rows, refusals, strict=True))
        refused = [
            # Without an administrator's token, nobody could look for the result of an earlier attempt.
            self.outcomes.dead(row, why, outcome_unknown=row.outcome_unknown and why.code == Hindrance.NO_ADMINISTRATOR)
            for row, why in pairs
            if why is not None
        ]
        return [row for row, why in pairs if why is None], refused

    async def _files(
        self, portal: KnownPortal, rows: list[WaitingEffect]
    ) -> tuple[dict[int, list[File]], list[Outcome]]:
        """Read the files that effects send along, before these are marked as being sent.

        Return the files by the effect's id, and the outcomes of the effects whose files cannot be read.
        """
        files: dict[int, list[File]] = {}
        outcomes: list[Outcome] = []
        for row in rows:
            if writing.has_files(row.effect):
                try:
                    files[row.id] = await self.attachments.read(portal, row)
                except PortalError as exc:
                    outcomes.append(self.outcomes.failed(row, exc, self.clock.wall()))
        return files, outcomes

    def _calls(self, portal: KnownPortal, rows: list[WaitingEffect]) -> tuple[dict[int, calls.Call], list[Outcome]]:
        """Return the REST call of each effect, by the effect's id.

        Return also the outcomes of the effects that cannot become a call, because of a missing bot or a defect.
        """
        asked: dict[int, calls.Call] = {}
        outcomes: list[Outcome] = []
        for row in rows:
            try:
                asked[row.id] = calls.call(row.effect, portal, key=row.key)
            except PortalError as exc:  # the bot is not registered on this portal
                outcomes.append(self.outcomes.failed(row, exc, self.clock.wall()))
            except Exception as exc:
                # This is a defect of the service; the other effects of the request continue.
                log.exception("effect.impossible", effect=row.id, kind=row.kind)
                outcomes.append(self.outcomes.dead(row, Refused("", f"{type(exc).__name__}: {exc}")))
        return asked, outcomes

    async def _ask(self, portal: KnownPortal, rows: list[WaitingEffect], asked: list[calls.Call]) -> list[Outcome]:
        token_owner, urgency, halt = rows[0].token_owner, rows[0].urgency, batching.halts(rows)
        reads = WaitingReads() if halt else await self._reads_along(portal, rows)
        if len(asked) + reads.size == 1:
            return [self._outcome(rows[0], await self._single(portal, asked[0], token_owner, urgency))]
        params, keys = calls.batch(asked, halt=halt)
        params["cmd"] |= reads.commands()
        try:
            with reads.being_answered():
                answer = await self.caller.call(
                    portal, "batch", params, token_owner=token_owner, urgency=urgency, in_turn=True
                )
                items = answers.items(answer, keys, [call.method for call in asked], halt=halt)
                reads.answer(answer, as_batch=True)
        except PortalError as exc:
            if judge(exc).retry is not Retry.NO:
                raise
            return [self.outcomes.refused_together(row, exc, self.clock.wall()) for row in rows]
        return [self._batch_outcome(row, item) for row, item in zip(rows, items, strict=True)]

    def _batch_outcome(self, row: WaitingEffect, item: answers.Item) -> Outcome:
        """Return the outcome of one effect of a batch.

        An effect that was refused only because of the other effects of the batch is retried.
        """
        if item.error is not None and item.error.code in answers.OF_THE_BATCH:
            return self.outcomes.refused_together(row, item.error, self.clock.wall())
        return self._outcome(row, item)

    async def _reads_along(self, portal: KnownPortal, rows: list[WaitingEffect]) -> WaitingReads:
        """Take reads that wait for a request with the installer's token into this request.

        There are none if the effects have another token owner, or must be sent alone.
        """
        if rows[0].token_owner != ordering.INSTALL or batching.travels_alone(rows[0]):
            return WaitingReads()
        identity = Identity(portal=portal, token_owner=ordering.INSTALL)
        return await self.caller.reads_in_line(identity, room=calls.MOST_IN_A_BATCH - len(rows))

    async def _single(self, portal: KnownPortal, call: calls.Call, token_owner: str, urgency: int) -> answers.Item:
        try:
            answer = await self.caller.call(
                portal, call.method, call.params, token_owner=token_owner, urgency=urgency, in_turn=True
            )
        except PortalError as exc:
            return answers.Item(error=exc)
        return answers.Item(result=answer.get("result"))

    def _outcome(self, row: WaitingEffect, item: answers.Item) -> Outcome:
        error = item.error
        if error is None and not item.ran:
            return self.outcomes.unreached(row, self.clock.wall())
        if error is None and not calls.answered(row.effect, item.result):
            error = Broken("", "the answer has no id of the created object")
        if error is None:
            return self.outcomes.done(row, item.result)
        log.info("effect.refused", effect=row.id, kind=row.kind, code=error.code, text=error.text)
        return self.outcomes.failed(row, error, self.clock.wall())


def _is_looked_for_in_dialog(row: WaitingEffect) -> bool:
    """Check whether an earlier attempt may have sent this message of the bot, and the portal would drop no repeat."""
    is_message = isinstance(row.effect, calls.BotMessage)
    return row.outcome_unknown and is_message and calls.again(row.effect, row.api) is Again.LOOK
