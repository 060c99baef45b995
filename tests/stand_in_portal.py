"""A portal for tests: a plain implementation of the protocol of its reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from bot.errors import MethodBlocked, PortalDown, PortalError, TokenRefused
from bot.model.acting import Verdict
from bot.model.chat_messages import ChatMessage
from bot.model.crm_records import CrmDetails, CrmFound, CrmLook
from bot.model.effects import CrmEntity
from bot.model.events import Dialog, EventTokens, MessageId, PostId, UserId
from bot.model.records import AppInfo, FeedPart, Named, Post, Readership
from bot.policy import Author, Need


@dataclass(slots=True, kw_only=True)
class StandInPortal:
    """Posts and recipients in memory; `error`, if set, is raised by every read."""

    posts: dict[int, Post] = field(default_factory=dict)
    messages: dict[tuple[str, int], ChatMessage] = field(default_factory=dict)
    hidden_messages: set[tuple[int, int]] = field(default_factory=set)
    hidden_from: set[tuple[int, int]] = field(default_factory=set)
    not_in_feed: set[tuple[int, int]] = field(default_factory=set)
    grouped: set[int] = field(default_factory=set)
    places: dict[int, frozenset[str]] = field(default_factory=dict)
    mixed: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    busy: bool = False
    """It answers nothing about members of chats just now."""
    at_once: int = 200
    """How many posts of a feed one request reads."""
    read: dict[int, Readership] = field(default_factory=dict)
    crm: dict[tuple[str, int], CrmDetails] = field(default_factory=dict)
    crm_denied: bool = False
    """Nobody who asks may use the CRM."""
    crm_feed: bool | None = None
    people: list[Named] = field(default_factory=list)
    found_lately: list[Named] = field(default_factory=list)
    extranet_dialogs: set[str] = field(default_factory=set)
    answered: dict[Dialog, bool] = field(default_factory=dict)
    headcount: int | None = 212
    """How many people the recipients of any post are."""
    zone: tzinfo = UTC
    verdict: Verdict = field(default_factory=Verdict)
    """Whether we may act for anybody."""
    acted: set[int] = field(default_factory=set)
    """The people whose own token was refused."""
    authors: dict[int, Author] = field(default_factory=dict)
    """What the rules of a policy may ask about people; about the others the portal says nothing."""
    tree: dict[int, int] | None = None
    called: dict[int, str] = field(default_factory=dict)
    """The names of people."""
    managers: set[int] = field(default_factory=set)
    """Who owns or manages every group."""
    closed: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    error: PortalError | PortalDown | None = None
    unproven: PortalError | PortalDown | None = None
    admin: bool = True
    at: str = "https://north.example.com/rest/"
    info: AppInfo = field(default_factory=lambda: AppInfo(code="local.1", installed=True, license="basic"))

    async def app_info(self) -> AppInfo:
        self._check()
        return self.info

    async def proven(self, endpoint: str, _auth_endpoint: str) -> tuple[StandInPortal, EventTokens]:
        if self.unproven:
            raise self.unproven
        if endpoint != self.at:
            raise TokenRefused("", "the token is of another portal")
        return self, EventTokens(access_token="new", refresh_token="newer", application_token="proves", expires=2)

    async def is_admin(self) -> bool:
        self._check()
        return self.admin

    async def has_method(self, name: str) -> bool:
        self._check()
        return name in self.methods

    async def post(self, post: PostId, *, reader: UserId | None = None, beside: Sequence[Dialog] = ()) -> Post | None:
        self._check()
        return None if (post, reader) in self.hidden_from else self.posts.get(post)

    async def message(self, dialog: Dialog, message: MessageId, *, reader: UserId) -> ChatMessage | None:
        self._check()
        found = self.messages.get((dialog, message))
        return None if found is None or (message, reader) in self.hidden_messages else found

    async def feed(self, reader: UserId, *, start: int = 0) -> FeedPart:
        self._check()
        seen = [post for post in self.posts.values() if (post.id, reader) not in self.hidden_from | self.not_in_feed]
        seen = sorted(seen, key=lambda post: -post.id)
        end = start + self.at_once
        return FeedPart(posts=tuple(seen[start:end]), next=end if len(seen) > end else 0)

    async def posts_for(self, codes: Sequence[str], *, reader: UserId) -> dict[str, frozenset[PostId]]:
        self._check()
        known = {code: frozenset(PostId(n) for n, at in self.places.items() if code in at) for code in codes}
        return {code: frozenset(n for n in ids if (n, reader) not in self.hidden_from) for code, ids in known.items()}

    async def readership(self, post: PostId, reader: UserId) -> Readership | None:
        self._check()
        return None if (post, reader) in self.hidden_from else self.read.get(post)

    async def crm_card(self, entity: CrmEntity, *, reader: UserId, ask_feed: bool) -> CrmLook:
        self._check()
        seen = None if self.crm_denied else self.crm.get((entity.type, entity.id))
        return CrmLook(card=seen, feed=self.crm_feed if ask_feed else None)

    async def find_crm(self, texts: Sequence[str], types: Sequence[str], *, reader: UserId) -> CrmFound:
        self._check()
        cards = [one for one in self.crm.values() if one.entity.type in types]
        found = [one for one in cards if any(text.casefold() in one.name.casefold() for text in texts)]
        return CrmFound(cards=() if self.crm_denied else tuple(found), denied=self.crm_denied)

    async def find(self, text: str, *, reader: UserId) -> list[Named]:
        self._check()
        return [one for one in self.people if text.casefold() in one.name.casefold()]

    def found(self, reader: UserId) -> list[Named]:
        return self.found_lately

    async def read_chats(self, dialogs: Sequence[Dialog]) -> None:
        self._check()

    async def has_extranet_users(self, dialog: Dialog) -> bool:
        self._check()
        self.answered[dialog] = dialog in self.extranet_dialogs
        return dialog in self.extranet_dialogs

    def knows(self, dialog: Dialog) -> bool:
        return dialog in self.answered

    def extranet_answers(self) -> dict[Dialog, bool]:
        return dict(self.answered)

    async def is_in_feed_of(self, post: Post, reader: UserId) -> bool:
        self._check()
        return post.id in self.posts and not {(post.id, reader)} & (self.hidden_from | self.not_in_feed)

    async def goes_to_groups(self, post: Post) -> bool:
        self._check()
        return post.id in self.grouped

    async def addressed(self, post: Post, codes: Sequence[str]) -> frozenset[str]:
        self._check()
        return frozenset(codes) & self.places.get(post.id, frozenset())

    async def all_receive(self, post: Post, dialog: Dialog) -> bool:
        self._check()
        return post.id in self.grouped and dialog not in self.mixed | self.extranet_dialogs | self.unknown

    async def members(self, dialogs: Sequence[Dialog]) -> dict[Dialog, str]:
        self._check()
        if self.busy:
            raise MethodBlocked("OPERATION_TIME_LIMIT")
        return {one: "others too" if one in self.mixed else "recipients" for one in dialogs if one not in self.unknown}

    async def open_posts(self, wanted: Sequence[PostId]) -> dict[PostId, Post]:
        self._check()
        return {one: self.posts[one] for one in wanted if one in self.posts}

    async def count_people(self, codes: Sequence[str], *, reader: UserId) -> int | None:
        self._check()
        return self.headcount

    async def may_act(self, user: UserId, codes: Sequence[str]) -> Verdict:
        self._check()
        return self.verdict

    def acted_for(self, user: UserId) -> bool:
        return user in self.acted

    async def author(self, user: UserId, needs: Collection[Need]) -> Author:
        self._check()
        return self.authors.get(user, Author(id=user))

    async def department_tree(self) -> Mapping[int, int] | None:
        self._check()
        return self.tree

    async def names_of(self, people: Sequence[UserId]) -> dict[UserId, str]:
        self._check()
        return {one: self.called[one] for one in people if one in self.called}

    async def time_zone(self, *, reader: UserId) -> tzinfo:
        self._check()
        return self.zone

    async def manages(self, dialog: Dialog, user: UserId) -> bool:
        self._check()
        return user in self.managers

    async def is_shut_out(self, dialog: Dialog) -> bool:
        self._check()
        return dialog in self.closed

    def _check(self) -> None:
        if self.error:
            raise self.error
