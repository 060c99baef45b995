"""Makes the context in which the handlers of an event run: its portal, its tokens and its language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.bitrix.outbound.caller import Caller
from bot.bitrix.outbound.memberships import Kept
from bot.bitrix.outbound.reads import PortalReads
from bot.clock import Clock
from bot.framework import person_language
from bot.framework.context import Context, Settings
from bot.framework.reads.memory import Memory
from bot.framework.router import Router
from bot.model import events
from bot.model.effects import Priority
from bot.model.events import Event, PortalId
from bot.model.queued import WaitingEvent
from bot.model.records import KnownPortal
from bot.model.state_changes import LanguageRecognised
from bot.store import Store, StoredMemory
from keyboards.signed import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextFactory:
    """Makes the context of each event from the objects that all handlers share."""

    store: Store
    router: Router
    caller: Caller
    settings: Settings
    clock: Clock
    kept: Kept[Any] = field(default_factory=Kept)
    on_spare: Callable[[], None] = lambda: None
    """Called after an event brought a token for a bot that could not speak."""
    _signer: Signer = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the signer of buttons, whose key is derived from that of the store."""
        object.__setattr__(self, "_signer", Signer(self.store.encryption.derived("buttons")))

    async def of(self, row: WaitingEvent) -> Context:
        """Make the context of one event; if the bot cannot speak on the portal, store the event's token first.

        The address of an installed portal comes from the store, not from the event, because anybody can send an event.
        An event in a dialog gets the language of its author; if that was just recognised, it is among the state changes
        of the context.
        """
        memory = StoredMemory(self.store, row.portal)
        known = await self.store.portal(row.portal)
        if known and known.mute_since is not None and row.event_tokens.access_token:
            await self.store.keep_spare(row)
            self.on_spare()
        portal = known or _unknown_portal(row.portal)
        urgency = Priority.RELAY if row.of_feed else Priority.REPLY
        if isinstance(row.event, events.PostToCheck | events.ChatsToCheck | events.QuietToSay):
            urgency = Priority.DIGEST
        event, language, recognised = await _language(row.event, portal, memory)
        return Context(
            event=event,
            portal=PortalReads(
                self.caller,
                portal,
                row.event_tokens,
                urgency=urgency,
                kept=self.kept,
                zone=self.settings.time_zone,
                for_people=self.settings.for_people,
            ),
            memory=memory,
            settings=self.settings,
            signer=self._signer,
            now=self.clock.wall(),
            waited=self.clock.wall() - row.received_at,
            language=language,
            portal_language=row.event.language if isinstance(row.event, events.DialogEvent) else portal.language,
            bot_absent=await _bot_is_absent(row.event, memory),
            names=self.router.names,
            listed=self.router.listed,
            event_tokens=row.event_tokens,
            carry_out=self.router.carry_out,
            state_changes=[recognised] if recognised else [],
        )


def _unknown_portal(portal: PortalId) -> KnownPortal:
    """Make the values of a portal that is not installed; it has no address until Bitrix24 has confirmed one."""
    return KnownPortal(
        id=portal, endpoint="", domain="", language="en", api="v2", license="", bot=None, crm_feed=True, installer=None
    )


async def _language(event: Event, portal: KnownPortal, memory: Memory) -> tuple[Event, str, LanguageRecognised | None]:
    """Return the event with the language of its author, the language of the texts for it, and what was recognised."""
    if isinstance(event, events.DialogEvent):
        spoken, recognised = await person_language.spoken(event, memory)
        return spoken, spoken.language, recognised
    if isinstance(event, events.BotTokenChanged) and event.user is not None:
        return event, (await memory.language(event.user)).language or portal.language, None
    if isinstance(event, events.Done | events.Failed | events.Delayed):
        return event, str(event.effect.get("language") or portal.language), None
    return event, event.language if isinstance(event, events.Installed) else portal.language, None


async def _bot_is_absent(event: Event, memory: Memory) -> bool:
    """Check whether an event is a command from a dialog where the bot is not a member.

    There the bot can only answer the command itself (reference: imbot.v2.Command.answer).
    """
    if not isinstance(event, events.Commanded):
        return False
    if not event.is_group:
        return event.is_elsewhere or event.in_chat is False
    return not (event.in_chat if event.in_chat is not None else await memory.is_member(event.dialog))
