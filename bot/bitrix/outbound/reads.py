"""Reads from a portal for handlers: implements `context.Portal` over REST."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.bitrix import addresses
from bot.bitrix.outbound import answers, calls
from bot.bitrix.outbound.acting.reads import ActingReads
from bot.bitrix.outbound.caller import Caller, Identity
from bot.bitrix.outbound.crm import cards
from bot.bitrix.outbound.memberships import ACTOR, Asker, Company, Headcount, Kept, Memberships, Standing
from bot.bitrix.outbound.posts.feed_reads import FeedReads
from bot.bitrix.outbound.rows import is_extranet, named_of, object_of, people_of, post_of, rows_of
from bot.errors import BadEvent, Gone, Refused, TokenExpired, TokenRefused
from bot.model import ordering
from bot.model.crm_records import CrmFound, CrmLook
from bot.model.effects import CrmEntity
from bot.model.events import Dialog, EventTokens, PostId, UserId
from bot.model.records import AppInfo, KnownPortal, Named, Post
from bot.policy import Author, Need

MOST_BESIDE = calls.MOST_IN_A_BATCH - 2
"""The most dialogs that are asked about in the request that reads a post and its author."""
SHORTEST_SEARCH = 2
"""The fewest characters that the portal searches for (reference: im.search.user.list, FIND_SHORT)."""
REFUSALS = (Refused, Gone)
"""Errors that a retry would get too; any other error says nothing about the chat that was asked for."""
SHUT_OUT = {"ACCESS_DENIED", "ACCESS_ERROR", "CHAT_NOT_FOUND"}
"""Errors that say that the bot is not in a chat, or the chat does not exist.

Reference: imbot.v2.Chat.get, imbot.dialog.get.
"""


class PortalReads(FeedReads, ActingReads):
    """Reads from one portal, with the rights of a user where these matter."""

    def __init__(
        self,
        caller: Caller,
        portal: KnownPortal,
        event_tokens: EventTokens,
        *,
        urgency: int,
        kept: Kept[Any] | None = None,
        zone: tzinfo = UTC,
        for_people: bool = False,
    ) -> None:
        """Make a reader; `zone` is the time zone of people whose profile names none.

        `for_people`: for people whose token is missing or refused, an administrator's reads what they may see.
        """
        super().__init__(for_people=for_people)
        self._zone = zone
        self._caller = caller
        self._portal = portal
        self._event_tokens = event_tokens
        self._urgency = urgency
        self._extranet: dict[Dialog, bool | None] = {}
        self._kept: Kept[Any] = Kept() if kept is None else kept
        viewers = [event_tokens.user or ACTOR, None] if event_tokens.access_token else [None]
        self._memberships = Memberships(
            company=Company(portal=portal, ask=self._ask_as, kept=self._kept),
            viewers=tuple(viewers),
        )

    async def proven(self, endpoint: str, auth_endpoint: str) -> tuple[PortalReads, EventTokens]:
        """Ask the authorization server whether the tokens of the event belong to this portal at this endpoint.

        Return a reader that calls `endpoint`, and its tokens. No other server is asked.

        Raises:
            TokenRefused: these are not tokens of our application on this portal at this address.
        """
        confirmed_tokens = await self._caller.confirmed_tokens(self._portal, self._event_tokens, auth_endpoint)
        if (confirmed_tokens.portal, _address(confirmed_tokens.endpoint)) != (self._portal.id, _address(endpoint)):
            raise TokenRefused(
                "", "the token is of another portal, or of another address", method="app.info", status=401
            )
        token_pair = confirmed_tokens.token_pair
        event_tokens = replace(
            self._event_tokens,
            access_token=token_pair.access_token,
            refresh_token=token_pair.refresh_token,
            expires=token_pair.expires,
        )
        there = replace(self._portal, endpoint=endpoint)
        reads = PortalReads(self._caller, there, event_tokens, urgency=self._urgency, kept=self._kept, zone=self._zone)
        return reads, event_tokens

    async def app_info(self) -> AppInfo:
        """Call app.info with the token of the event."""
        answer = await self._with_token("app.info", {}, self._event_tokens.access_token)
        info = object_of(answer.get("result"))
        return AppInfo(
            code=str(info.get("CODE") or ""),
            installed=bool(info.get("INSTALLED")),
            status=str(info.get("STATUS") or ""),
            license=str(info.get("LICENSE_FAMILY") or info.get("LICENSE") or ""),
        )

    async def is_admin(self) -> bool:
        """Check whether the token of the event belongs to an administrator (user.admin)."""
        return (await self._with_token("user.admin", {}, self._event_tokens.access_token)).get("result") is True

    async def has_method(self, name: str) -> bool:
        """Check whether the portal has a REST method (method.get, which needs the name in lower case)."""
        answer = object_of((await self._as_actor("method.get", {"name": name.lower()})).get("result"))
        return bool(answer.get("isExisting")) and bool(answer.get("isAvailable"))

    async def post(self, post: PostId, *, reader: UserId | None = None, beside: Sequence[Dialog] = ()) -> Post | None:
        """Read a post, the name of its author, and whether extranet users are in some dialogs, in one request.

        The portal checks the rights of the `reader` (None: of the event's user, else of the installer). A dialog that
        does not fit into the request, or that this token may not ask about, is read by `has_extranet_users` later.
        """
        dialogs = [dialog for dialog in dict.fromkeys(beside) if dialog not in self._extranet][:MOST_BESIDE]
        asked = [
            calls.Call(method="log.blogpost.get", params={"POST_ID": post}),
            calls.Call(method="im.user.get", params={"ID": "$result[c0][0][AUTHOR_ID]"}),
            *map(self._chat_call, dialogs),
        ]
        params, keys = calls.batch(asked, halt=False)
        looking = None
        if reader is None:
            answer = await self._as_actor("batch", params)
        else:
            answer, looking = await self._for_reader("batch", params, reader)
        found, author, *there = answers.items(answer, keys, [one.method for one in asked])
        if found.error:
            raise found.error
        self._extranet |= {
            dialog: is_extranet(item.result) for dialog, item in zip(dialogs, there, strict=True) if item.error is None
        }
        posts = (parsed for row in rows_of(found.result) if (parsed := post_of(row)) and parsed.id == post)
        name = str(object_of(author.result).get("name") or "")
        made = next((replace(parsed, author_name=name) for parsed in posts), None)
        if made and reader and looking and not await looking.may_read(made, reader):
            return None
        return made

    async def find(self, text: str, *, reader: UserId) -> list[Named]:
        """Find people, departments and groups by a part of their name, in one request with the reader's own token.

        Raises:
            TokenRefused, TokenExpired: we have no valid token of the reader.
        """
        if len(text) < SHORTEST_SEARCH:
            return []
        searches = [
            calls.Call(method="im.search.user.list", params={"FIND": text, "LIMIT": 20}),
            calls.Call(method="im.search.department.list", params={"FIND": text, "LIMIT": 20}),
            calls.Call(method="sonet_group.get", params={"FILTER": {"%NAME": text}}),
        ]
        try:
            people, departments, groups = await self._own(reader, searches)
        except TokenRefused as refusal:
            seen = await self._acting(reader, refusal).find(searches, reader)
            if seen is None:
                raise
            found = seen
        else:
            found = named_of(people_of(people.result), rows_of(departments.result), rows_of(groups.result))
        if public := [one for one in found if one.visible]:
            self._kept.put(self._portal.id, "found", reader, value=public, size=len(public))
        return found

    async def crm_card(self, entity: CrmEntity, *, reader: UserId, ask_feed: bool) -> CrmLook:
        """Read a CRM card in one request, and with `ask_feed` whether the portal has a CRM feed; raises as `find`."""
        return await cards.look(lambda asked: self._own(reader, asked), entity, ask_feed=ask_feed)

    async def find_crm(self, texts: Sequence[str], types: Sequence[str], *, reader: UserId) -> CrmFound:
        """Find CRM cards of some types whose name contains one of the texts, in one request; raises as `find`."""
        return await cards.find(lambda asked: self._own(reader, asked), texts, types)

    def found(self, reader: UserId) -> Sequence[Named]:
        """Return the results of the reader's last search that every employee may see; empty after some minutes."""
        return self._kept.get(self._portal.id, "found", reader) or ()

    async def read_chats(self, dialogs: Sequence[Dialog]) -> None:
        """Read whether extranet users are in many dialogs, fifty in a request; keep the answers for this event."""
        unasked = [dialog for dialog in dict.fromkeys(dialogs) if dialog not in self._extranet]
        for start in range(0, len(unasked), calls.MOST_IN_A_BATCH):
            some = unasked[start : start + calls.MOST_IN_A_BATCH]
            asked = [self._chat_call(dialog) for dialog in some]
            params, keys = calls.batch(asked, halt=False)
            answer = await self._as_token_owner("batch", params, ordering.INSTALL)
            for dialog, item in zip(some, answers.items(answer, keys, [one.method for one in asked]), strict=True):
                if item.error is None:
                    self._extranet[dialog] = is_extranet(item.result)
                elif isinstance(item.error, REFUSALS):
                    self._extranet[dialog] = None

    async def has_extranet_users(self, dialog: Dialog) -> bool:
        """Check whether an extranet user may read a group or a private dialog.

        True also if the portal refuses the question, or its answer does not say.
        """
        if dialog not in self._extranet:
            asked = self._chat_call(dialog)
            try:
                found = (await self._as_token_owner(asked.method, asked.params, ordering.INSTALL)).get("result")
            except REFUSALS:
                return True
            self._extranet[dialog] = is_extranet(found)
        return self._extranet[dialog] is not False

    async def manages(self, dialog: Dialog, user: UserId) -> bool:
        """Check whether a user owns or manages a group (reference: imbot.v2.Chat.get, imbot.dialog.get)."""
        asked = self._chat_call(dialog)
        found = object_of((await self._as_token_owner(asked.method, asked.params, ordering.INSTALL)).get("result"))
        chat = object_of(found.get("chat", found))
        managers = chat.get("managerList") or chat.get("manager_list")
        people = [chat.get("owner"), *(managers if isinstance(managers, list) else ())]
        return user in map(calls.number, people)

    def extranet_answers(self) -> dict[Dialog, bool]:
        """Return for each dialog whether an extranet user is in it; dialogs without an answer are left out."""
        return {dialog: answer for dialog, answer in self._extranet.items() if answer is not None}

    def knows(self, dialog: Dialog) -> bool:
        """Check whether the portal was already asked about this dialog during this event."""
        return dialog in self._extranet

    async def is_in_feed_of(self, post: Post, reader: UserId) -> bool:
        """Check whether a post is in the reader's own feed.

        The feed contains only posts that are for the reader or by them. Reading the post by its id would prove nothing,
        because an administrator may open every post (reference: log.blogpost.get).
        """
        window = calls.window(post)
        if not window:
            return False
        params = {**window, "LIMIT": calls.MOST_POSTS}
        try:
            rows = rows_of((await self._as_reader("log.blogpost.get", params, reader)).get("result"))
        except TokenRefused as refusal:
            return await self._acting(reader, refusal).may_read(post, reader)
        return any(calls.number(row.get("ID")) == post.id for row in rows)

    async def goes_to_groups(self, post: Post) -> bool:
        """Check whether a post is for a department or workgroup; False if that is unknown."""
        return await self._memberships.is_addressed(post)

    async def addressed(self, post: Post, codes: Sequence[str]) -> frozenset[str]:
        """Return those of the departments and groups (DR3, SG7) that a post is for, as far as we can see."""
        return await self._memberships.addressed(post, codes)

    async def all_receive(self, post: Post, dialog: Dialog) -> bool:
        """Check whether every member of a group chat receives a post by department or workgroup; False if unknown."""
        return await self._memberships.all_receive(post, dialog)

    async def members(self, dialogs: Sequence[Dialog]) -> dict[Dialog, str]:
        """Return a text for each group chat that changes with the chat's members.

        A chat whose members are unknown is left out.
        """
        return await self._memberships.fingerprints(dialogs)

    async def count_people(self, codes: Sequence[str], *, reader: UserId) -> int | None:
        """Count the people whom these recipients are, with the rights of `reader`; None if that is unknown."""
        company = self._memberships.company
        try:
            return await Headcount(company=company, reader=reader).count(codes)
        except TokenRefused as refusal:
            if not (await self._acting(reader, refusal).verdict(reader, codes)).allowed:
                return None
            return await Headcount(company=company, reader=None).count(codes)

    async def author(self, user: UserId, needs: Collection[Need]) -> Author:
        """Read what the rules of a policy ask about a person; only some of it needs their own token."""
        return await Standing(company=self._memberships.company).read(user, needs)

    async def department_tree(self) -> Mapping[int, int] | None:
        """Return the department above each department (0: none); None if the portal does not say."""
        return await self._memberships.company.departments() or None

    async def names_of(self, people: Sequence[UserId]) -> dict[UserId, str]:
        """Return the names of people; people whom the portal does not name are left out."""
        return await Standing(company=self._memberships.company).names(people)

    async def time_zone(self, *, reader: UserId) -> tzinfo:
        """Return the time zone of `reader`, else the configured one; it is kept for some minutes."""
        kept: tzinfo | None = self._kept.get(self._portal.id, "zone", reader)
        if kept is None:
            profile = object_of((await self._as_reader("profile", {}, reader)).get("result"))
            kept = await asyncio.to_thread(_zone, str(profile.get("TIME_ZONE") or "")) or self._zone
            self._kept.put(self._portal.id, "zone", reader, value=kept)
        return kept

    async def _ask_as(self, asked: Sequence[calls.Call], asker: Asker) -> list[answers.Item]:
        """Send calls in one request with the token of a user, of the installer (None) or of the event (ACTOR)."""
        params, keys = calls.batch(asked, halt=False)
        came = asker == self._event_tokens.user and self._event_tokens.access_token != ""
        if asker == ACTOR:
            answer = await self._as_actor("batch", params)
        elif asker is None or (asker == self._portal.installer and not came):
            answer = await self._as_token_owner("batch", params, ordering.INSTALL)
        else:
            answer = await self._as_reader("batch", params, asker)
        return answers.items(answer, keys, [one.method for one in asked])

    async def is_shut_out(self, dialog: Dialog) -> bool:
        """Check whether the portal says that a group does not exist, or is closed to our bot.

        The question is sent in a batch: an error of the whole portal (such as a plan that ended, which has the same
        code) then refuses the whole request, and an error of the chat only its command.
        """
        asked = self._chat_call(dialog)
        params, keys = calls.batch([asked], halt=False)
        [item] = answers.items(await self._as_token_owner("batch", params, ordering.INSTALL), keys, [asked.method])
        return item.error is not None and item.error.code in SHUT_OUT

    def _chat_call(self, dialog: Dialog) -> calls.Call:
        if dialog.isdigit():
            return calls.Call(method="im.user.get", params={"ID": dialog})
        if self._portal.api == "v1":
            return calls.Call(method="imbot.dialog.get", params={"DIALOG_ID": dialog})
        return calls.Call(method="imbot.v2.Chat.get", params={"botId": self._portal.bot, "dialogId": dialog})

    async def _as_actor(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Call a method with the token of the event; with the installer's if that is missing, expired or refused."""
        if self._event_tokens.access_token:
            try:
                return await self._with_token(method, params, self._event_tokens.access_token)
            except (TokenExpired, TokenRefused):
                return await self._as_token_owner(method, params, ordering.INSTALL)
        return await self._as_token_owner(method, params, ordering.INSTALL)

    async def _as_reader(self, method: str, params: dict[str, Any], reader: UserId) -> dict[str, Any]:
        """Call a method with a token of the reader only: the one of the event, else the stored one."""
        token_owner, event_tokens = ordering.owner_user(reader), self._event_tokens
        if event_tokens.user == reader and event_tokens.access_token:
            try:
                return await self._with_token(method, params, event_tokens.access_token)
            except TokenExpired:  # the event waited longer than its token is valid
                await self._caller.adopt(self._portal, token_owner, event_tokens)
        return await self._as_token_owner(method, params, token_owner)

    async def _as_token_owner(self, method: str, params: dict[str, Any], token_owner: str) -> dict[str, Any]:
        identity = Identity(portal=self._portal, token_owner=token_owner)
        return await self._caller.read(identity, method, params, urgency=self._urgency)

    async def _with_token(self, method: str, params: dict[str, Any], token: str) -> dict[str, Any]:
        identity = Identity(portal=self._portal, token=token)
        return await self._caller.read(identity, method, params, urgency=self._urgency)


def _zone(name: str) -> tzinfo | None:
    """Return a time zone by its name (reference: profile, TIME_ZONE), None if there is none; this reads a file."""
    try:
        return ZoneInfo(name) if name else None
    except (OSError, ValueError, ZoneInfoNotFoundError):
        return None


def _address(endpoint: str) -> str:
    """Return an endpoint in the normal form of `addresses.endpoint`; "" if it is not valid."""
    try:
        return addresses.endpoint(endpoint, addresses.ANYWHERE)
    except BadEvent:
        return ""
