"""Reads what the store knows about one portal, for the handlers of an event."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

import msgspec

from bot.model import effects, ordering
from bot.model.approvals import Approval
from bot.model.crm_records import CrmWritten
from bot.model.effects import Effect
from bot.model.events import Dialog, MessageId, PortalId, PostId, UserId
from bot.model.records import (
    AtOnce,
    AuditEntry,
    Card,
    DefaultRecipients,
    Extranet,
    Follow,
    KnownPortal,
    Named,
    PersonLanguage,
    PortalStatus,
    Published,
    ScheduledPost,
    Shown,
    Template,
)
from bot.model.state_changes import PostSeen
from bot.retry import GIVE_UP
from bot.store import coding, conversations
from bot.store.later import approvals, scheduled
from bot.store.portals import read_status
from bot.store.sqlite import Row
from bot.store.store import Store

T = TypeVar("T")
E = TypeVar("E", bound=Effect)


class StoredMemory:
    """Implements `context.Memory`: reads the state of one portal from the store."""

    def __init__(self, store: Store, portal: PortalId) -> None:
        self._store = store
        self._db = store.db
        self._portal = portal

    async def portal(self) -> KnownPortal | None:
        """Return the portal; None if it is not installed."""
        return await self._store.portal(self._portal)

    async def is_member(self, dialog: Dialog) -> bool:
        """Check whether the bot is a member of this group, as far as events have told."""
        return bool(await self._db.read_value("chat_is_joined", portal=self._portal, dialog=dialog))

    async def follows(self, dialog: Dialog) -> list[Follow]:
        """Return the subscriptions of a dialog, oldest first."""
        rows = await self._db.read("follows_of", portal=self._portal, dialog=dialog)
        return [Follow(**dict(row)) for row in rows]

    async def followers(self) -> list[Follow]:
        """Return the subscriptions of all dialogs of the portal."""
        return [Follow(**dict(row)) for row in await self._db.read("follows_all", portal=self._portal)]

    async def post(self, post: PostId) -> PostSeen | None:
        """Return the last stored version of a post; None if the post was never read."""
        row = await self._db.read_one("post_get", portal=self._portal, post=post)
        return msgspec.convert(dict(row), PostSeen, strict=False) if row else None

    async def is_deleted(self, post: PostId) -> bool:
        """Check whether an event of the portal said that this post was deleted."""
        return bool(await self._db.read_value("post_is_deleted", portal=self._portal, post=post))

    async def cards(self, post: PostId) -> list[Card]:
        """Return the cards of a post in all dialogs."""
        return [_card(row) for row in await self._db.read("cards_of", portal=self._portal, post=post)]

    async def cards_with_content(self, dialog: Dialog) -> list[Card]:
        """Return the dialog's cards that contain the full text of their post, newest post first.

        A card whose message was not sent yet is included, unless it is marked as lost.
        """
        rows = await self._db.read("cards_with_content", portal=self._portal, dialog=dialog)
        return [_card(row) for row in rows]

    async def card_of_message(self, dialog: Dialog, message: MessageId) -> Card | None:
        """Return the card that a message of a dialog shows; None if it shows none."""
        row = await self._db.read_one("card_of_message", portal=self._portal, dialog=dialog, message=message)
        return _card(row) if row else None

    async def cards_of_version(self, dialog: Dialog, version: str) -> list[Card]:
        """Return the dialog's cards that have exactly this version, newest post first."""
        values = {"portal": self._portal, "dialog": dialog, "version": version}
        return [_card(row) for row in await self._db.read("cards_of_version", **values)]

    async def dialogs_with_content(self) -> dict[Dialog, float]:
        """Return the dialogs where a card shows the content of a post, and when their readers were last checked.

        The time is in unix seconds; 0 means that they were never checked.
        """
        rows = await self._db.read("dialogs_with_content", portal=self._portal)
        return {Dialog(row["dialog"]): row["asked_at"] for row in rows}

    async def restricted_cards(self) -> list[tuple[Card, str]]:
        """Return each card that shows the content of a post for some people only, with a fingerprint of its readers.

        The fingerprint is a text that changes with the members of the card's dialog; "" if they were never read.
        """
        rows = await self._db.read("restricted_cards", portal=self._portal)
        return [(_card(row), row["members"]) for row in rows]

    async def quiet_posts(self, dialog: Dialog, day: int) -> list[str]:
        """Return the times of the posts of a day that were withheld from a chat; `day` is a number like 20261128."""
        rows = await self._db.read("quiet_of", portal=self._portal, dialog=dialog, day=day)
        return [row["at"] for row in rows]

    async def quiet_is_off(self, dialog: Dialog) -> bool:
        """Check whether a chat switched its quiet line off."""
        return bool(await self._db.read_value("quiet_is_off", portal=self._portal, dialog=dialog))

    async def extranet(self) -> dict[Dialog, Extranet]:
        """Return, for each chat where an extranet user is or was a member, what the chat was told about that."""
        rows = await self._db.read("extranet_of", portal=self._portal)
        return {
            Dialog(row["dialog"]): Extranet(
                seen=bool(row["seen"]), told=bool(row["told"]), told_day=row["told_day"], off=bool(row["off"])
            )
            for row in rows
        }

    async def posts_with_content(self, many: int) -> list[Shown]:
        """Return at most `many` posts whose content some card shows, the newest first."""
        rows = await self._db.read("posts_with_content", portal=self._portal, many=many)
        return [Shown(post=PostId(row["post"]), version=row["version"], for_all=bool(row["for_all"])) for row in rows]

    async def ends(self, effect: int) -> Mapping[tuple[str, str], int]:
        """Count the effects that were committed together with this effect, by (kind, state).

        The argument is the id of an effect in the outbox. A state is "waiting", "done" or "dead".
        """
        rows = await self._db.read("outbox_ends", portal=self._portal, id=effect)
        return {(row["kind"], row["state"]): row["many"] for row in rows}

    async def publishing(self, author: UserId, since: float, *, post: PostId) -> list[effects.Publish]:
        """Return the effects that published, or may yet have published, a post of this author.

        Only effects that were stored at or after `since` (unix seconds) count, and none whose result is another post.
        """
        found = [
            msgspec.json.decode(row["payload"], type=effects.Publish)
            for row in await self._db.read("outbox_made", portal=self._portal, kind="Publish", since=since)
            if not row["result"] or row["result"] == json.dumps(post)
        ]
        return [publish for publish in found if publish.user == author]

    async def publications(self, post: PostId, since: float) -> list[effects.Publish]:
        """Return the effects that published this post, if they were stored at or after `since` (unix seconds)."""
        values = {"portal": self._portal, "kind": "Publish", "since": since, "result": json.dumps(post)}
        rows = await self._db.read("outbox_that_made", **values)
        return [msgspec.json.decode(row["payload"], type=effects.Publish) for row in rows]

    async def published_by(self, user: UserId, since: float) -> list[Published]:
        """Return what a user published through the bot since a time (unix seconds), newest first.

        The time of a publication is that of its report; the effect may have waited for a day before.
        """
        values = {"portal": self._portal, "kind": "Publish", "user": user, "since": since, "stored": since - GIVE_UP}
        rows = await self._db.read("outbox_published_by", **values, **coding.KEYS)
        return [
            Published(
                post=PostId(json.loads(row["result"])),
                effect=msgspec.json.decode(row["payload"], type=effects.Publish),
                at=row["received_at"],
            )
            for row in rows
        ]

    async def crm_written_by(self, user: UserId, since: float) -> list[CrmWritten]:
        """Return the timeline comments that a user wrote through the bot since a time (unix seconds), newest first."""
        rows = await self._crm_done("CrmComment", user, since)
        return [
            CrmWritten(
                comment=int(json.loads(row["result"])),
                effect=msgspec.json.decode(row["payload"], type=effects.CrmComment),
                at=row["received_at"],
            )
            for row in rows
        ]

    async def crm_posts_by(self, user: UserId, since: float) -> list[effects.CrmPost]:
        """Return what a user wrote to the CRM feed through the bot since a time (unix seconds), newest first."""
        rows = await self._crm_done("CrmPost", user, since)
        return [msgspec.json.decode(row["payload"], type=effects.CrmPost) for row in rows]

    async def _crm_done(self, kind: str, user: UserId, since: float) -> list[Row]:
        values = {"portal": self._portal, "kind": kind, "user": user, "since": since, "stored": since - GIVE_UP}
        return await self._db.read("outbox_published_by", **values, **coding.KEYS)

    async def crm_taken_back(self, since: float) -> set[int]:
        """Return the ids of the timeline comments whose deletion was asked for since a time, except those given up."""
        rows = await self._db.read("outbox_of_kind", portal=self._portal, kind="DeleteCrmComment", since=since)
        return {msgspec.json.decode(row["payload"], type=effects.DeleteCrmComment).comment for row in rows}

    async def effects_on(self, post: PostId, kind: type[E], since: float) -> list[tuple[E, bool]]:
        """Return the effects of one kind on a post since a time (unix seconds), oldest first, except those given up.

        The second value is True while the effect waits to be sent or is being sent.
        """
        values = {"portal": self._portal, "kind": kind.__name__, "post": post, "since": since}
        rows = await self._db.read("outbox_on_post", **values)
        return [(msgspec.json.decode(row["payload"], type=kind), bool(row["waits"])) for row in rows]

    async def at_once(self, *, user: UserId, dialog: Dialog) -> AtOnce:
        """Return what a person and a chat chose about publishing without a preview."""
        person, chat = ordering.chooser(user=user), ordering.chooser(dialog=dialog)
        rows = await self._db.read("at_once_of", portal=self._portal, person=person, chat=chat)
        chosen = {row["chooser"]: bool(row["at_once"]) for row in rows}
        return AtOnce(person=chosen.get(person), chat=chosen.get(chat))

    async def default_recipients(self, *, user: UserId, dialog: Dialog) -> DefaultRecipients:
        """Return who a post without recipients is for, as a person and a chat chose."""
        person, chat = ordering.chooser(user=user), ordering.chooser(dialog=dialog)
        rows = await self._db.read("default_recipients_of", portal=self._portal, person=person, chat=chat)
        chosen = {row["chooser"]: msgspec.json.decode(row["payload"], type=tuple[Named, ...]) for row in rows}
        return DefaultRecipients(person=chosen.get(person, ()), chat=chosen.get(chat, ()))

    async def scheduled(self, user: UserId) -> list[ScheduledPost]:
        """Return the scheduled posts of a user, the next one first."""
        return [scheduled.decode(row) for row in await self._db.read("scheduled_of", portal=self._portal, user=user)]

    async def scheduled_post(self, user: UserId, number: int) -> ScheduledPost | None:
        """Return the scheduled post of a user with this number; None if there is none."""
        row = await self._db.read_one("scheduled_get", portal=self._portal, user=user, number=number)
        return scheduled.decode(row) if row else None

    async def approval(self, number: int) -> Approval | None:
        """Return the request for an approval with this number; None if there is none."""
        row = await self._db.read_one("approval_get", portal=self._portal, number=number)
        return approvals.decode(row) if row else None

    async def approvals(self, now: float) -> list[Approval]:
        """Return the requests for an approval that wait, the oldest first."""
        rows = await self._db.read("approvals_waiting", portal=self._portal, now=now)
        return [approvals.decode(row) for row in rows]

    async def last_approval(self) -> int:
        """Return the highest number of a request for an approval; 0 if there is none."""
        return int(await self._db.read_value("approval_last", portal=self._portal))

    async def acts_until(self, user: UserId) -> float:
        """Return until when the bot can act in the name of a user (unix seconds); infinite with a refresh token."""
        row = await self._db.read_one("token_lasts", portal=self._portal, token_owner=ordering.owner_user(user))
        return 0.0 if row is None else math.inf if row["renewable"] else float(row["expires"])

    async def templates(self, *, user: UserId, dialog: Dialog) -> list[Template]:
        """Return the templates of a person and of a chat: those of the person first, by name."""
        person, chat = ordering.chooser(user=user), ordering.chooser(dialog=dialog)
        rows = await self._db.read("templates_of", portal=self._portal, person=person, chat=chat)
        return [Template(name=row["name"], text=row["text"], chat=bool(row["chat"])) for row in rows]

    async def conversation(self, dialog: Dialog, user: UserId, kind: type[T], *, now: float) -> T | None:
        """Return the state of a user's conversation in a dialog, if it is of the type `kind`.

        None if there is no such state, or it has expired by `now`.
        """
        of = {"portal": self._portal, "dialog": dialog, "user": user, "kind": conversations.kind_name(kind)}
        return conversations.decode(await self._db.read_value("conversation_get", **of, now=now), kind)

    async def status(self) -> PortalStatus | None:
        """Return what waits of the portal, and whether the bot can speak there; None if it is not installed."""
        return next(iter(await read_status(self._db, self._portal)), None)

    async def audit(self, *, before: int, most: int) -> list[AuditEntry]:
        """Return the newest entries of the audit whose id is below `before`, newest first."""
        rows = await self._db.read("audit_page", portal=self._portal, before=before, many=most)
        return [coding.audit_entry(row) for row in rows]

    async def audit_entry(self, entry: int) -> AuditEntry | None:
        """Return one entry of the audit."""
        row = await self._db.read_one("audit_get", portal=self._portal, id=entry)
        return coding.audit_entry(row) if row else None

    async def language(self, user: UserId) -> PersonLanguage:
        """Return the language of a person, as far as it is known."""
        row = await self._db.read_one("language_of", portal=self._portal, user=user)
        return PersonLanguage(**dict(row)) if row else PersonLanguage()

    async def languages(self) -> dict[UserId, PersonLanguage]:
        """Return the languages of all people whose language is known."""
        rows = await self._db.read("languages_all", portal=self._portal)
        return {
            UserId(row["user_id"]): PersonLanguage(chosen=row["chosen"], recognised=row["recognised"]) for row in rows
        }

    async def made(self, kind: str, since: float) -> set[int]:
        """Return the ids of the objects that our effects of one kind created on the portal.

        Only effects that were stored at or after `since` (unix seconds) count.
        """
        rows = await self._db.read("outbox_made", portal=self._portal, kind=kind, since=since)
        results = (json.loads(row["result"]) for row in rows if row["result"])
        return {result for result in results if isinstance(result, int) and not isinstance(result, bool)}

    async def messages(self, ids: Collection[int], since: float) -> set[int]:
        """Return those of some ids that are messages of the bot which our effects created.

        Only effects that were stored at or after `since` (unix seconds) count.
        """
        kinds = coding.KEYS["messages"]
        values = {"portal": self._portal, "kinds": kinds, "since": since, "ids": json.dumps(list(ids))}
        return {json.loads(row["result"]) for row in await self._db.read("outbox_messages", **values)}

    async def unnumbered_answers(self, message: MessageId, since: float) -> list[effects.Say]:
        """Return the answers to the commands of a message that the portal gave no message ids for; since as above."""
        values = {"portal": self._portal, "kind": effects.Say.__name__, "since": since, "message": message}
        rows = await self._db.read("outbox_answers", **values)
        return [msgspec.json.decode(row["payload"], type=effects.Say) for row in rows]


def _card(row: Any) -> Card:
    return Card(
        post=PostId(row["post"]),
        dialog=Dialog(row["dialog"]),
        version=row["version"],
        message=MessageId(row["message"]) if row["message"] is not None else None,
        made_at=row["made_at"],
        lost=bool(row["lost"]),
    )
