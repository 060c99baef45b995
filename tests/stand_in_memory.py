"""A memory for tests: a plain implementation of the protocol of reads from the store."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeVar

from bot.model import effects, state_changes
from bot.model.effects import Effect
from bot.model.events import (
    BotId,
    Dialog,
    MessageId,
    PortalId,
    PostId,
    UserId,
)
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
)
from bot.model.state_changes import PostSeen, StateChange
from tests.stand_in_later import StandInLater

T = TypeVar("T")
E = TypeVar("E", bound=Effect)
PORTAL = PortalId("a1b2c3")
BOT = BotId(90)


def known_portal(**changes: Any) -> KnownPortal:
    """Return a portal with our bot on it."""
    first: dict[str, Any] = {
        "id": PORTAL, "endpoint": "https://north.example.com/rest/", "domain": "north.example.com", "language": "en",
        "api": "v2", "license": "", "bot": BOT, "crm_feed": True, "installer": UserId(1),
    }  # fmt: skip
    return KnownPortal(**(first | changes))


@dataclass(slots=True, kw_only=True)
class StandInMemory(StandInLater):
    """What a store would answer, in lists."""

    known: KnownPortal | None = field(default_factory=known_portal)
    member_of: set[str] = field(default_factory=set)
    following: list[Follow] = field(default_factory=list)
    seen: dict[int, PostSeen] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    shown: list[Card] = field(default_factory=list)
    state: PortalStatus | None = None
    entries: list[AuditEntry] = field(default_factory=list)
    leaving: list[effects.Publish] = field(default_factory=list)
    published: set[int] = field(default_factory=set)
    confirmed: dict[int, list[effects.Publish]] = field(default_factory=dict)
    done_at: list[Published] = field(default_factory=list)
    on_posts: list[tuple[Effect, bool]] = field(default_factory=list)
    """Effects on posts, and whether each still waits to be sent."""
    asked: dict[str, float] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    quiet: list[state_changes.QuietPost] = field(default_factory=list)
    conversations: dict[tuple[Dialog, UserId, type[object]], state_changes.ConversationState] = field(
        default_factory=dict
    )
    outside: dict[Dialog, Extranet] = field(default_factory=dict)
    silenced: set[Dialog] = field(default_factory=set)

    at_once_chosen: dict[str, bool] = field(default_factory=dict)
    """What people (by their id as text) and groups chose: whether /post publishes without a preview."""
    default_to: dict[str, tuple[Named, ...]] = field(default_factory=dict)
    """Who a post without recipients is for, by people (their id as text) and groups."""
    ended: dict[tuple[str, str], int] = field(default_factory=dict)
    spoken: dict[UserId, PersonLanguage] = field(default_factory=dict)

    async def portal(self) -> KnownPortal | None:
        return self.known

    async def ends(self, _effect: int) -> dict[tuple[str, str], int]:
        return self.ended

    async def is_member(self, dialog: Dialog) -> bool:
        return dialog in self.member_of

    async def follows(self, dialog: Dialog) -> list[Follow]:
        return [one for one in self.following if one.dialog == dialog]

    async def followers(self) -> list[Follow]:
        return list(self.following)

    async def post(self, post: PostId) -> PostSeen | None:
        return None if post in self.gone else self.seen.get(post)

    async def is_deleted(self, post: PostId) -> bool:
        return post in self.gone

    async def cards(self, post: PostId) -> list[Card]:
        return [one for one in self.shown if one.post == post]

    async def extranet(self) -> dict[Dialog, Extranet]:
        return dict(self.outside)

    async def quiet_posts(self, dialog: Dialog, day: int) -> list[str]:
        return [one.at for one in self.quiet if (one.dialog, one.day) == (dialog, day)]

    async def quiet_is_off(self, dialog: Dialog) -> bool:
        return dialog in self.silenced

    async def cards_with_content(self, dialog: Dialog) -> list[Card]:
        return [one for one in self._with_content() if one.dialog == dialog]

    async def card_of_message(self, dialog: Dialog, message: MessageId) -> Card | None:
        return next((one for one in self.shown if (one.dialog, one.message) == (dialog, message)), None)

    async def cards_of_version(self, dialog: Dialog, version: str) -> list[Card]:
        return [one for one in self.shown if (one.dialog, one.version) == (dialog, version)]

    async def dialogs_with_content(self) -> dict[Dialog, float]:
        return {one.dialog: self.asked.get(one.dialog, 0.0) for one in self._with_content()}

    async def restricted_cards(self) -> list[tuple[Card, str]]:
        cards = [one for one in self._with_content() if not (one.post in self.seen and self.seen[one.post].for_all)]
        return [(one, self.members.get(one.dialog, "")) for one in cards]

    def _with_content(self) -> list[Card]:
        shown = [one for one in self.shown if one.version.endswith(":full")]
        return [one for one in shown if one.message is not None or not one.lost]

    async def made(self, kind: str, since: float) -> set[int]:
        return self.published if kind == "Publish" else set()

    async def publications(self, post: PostId, since: float) -> list[effects.Publish]:
        return [one for one in self.confirmed.get(post, []) if one.since >= since]

    async def publishing(self, author: UserId, since: float, *, post: PostId) -> list[effects.Publish]:
        others = [one for number, made in self.confirmed.items() if number != post for one in made]
        return [one for one in self.leaving if one.user == author and one.since >= since and one not in others]

    async def published_by(self, user: UserId, since: float) -> list[Published]:
        return sorted(
            (one for one in self.done_at if one.effect.user == user and one.at >= since), key=lambda one: -one.at
        )

    async def effects_on(self, post: PostId, kind: type[E], since: float) -> list[tuple[E, bool]]:
        return [
            (one, waits) for one, waits in self.on_posts if isinstance(one, kind) and getattr(one, "post", 0) == post
        ]

    async def at_once(self, *, user: UserId, dialog: Dialog) -> AtOnce:
        return AtOnce(person=self.at_once_chosen.get(str(user)), chat=self.at_once_chosen.get(dialog))

    async def status(self) -> PortalStatus | None:
        return self.state

    async def audit(self, *, before: int, most: int) -> list[AuditEntry]:
        return [one for one in reversed(self.entries) if one.id < before][:most]

    async def audit_entry(self, entry: int) -> AuditEntry | None:
        return next((one for one in self.entries if one.id == entry), None)

    async def default_recipients(self, *, user: UserId, dialog: Dialog) -> DefaultRecipients:
        return DefaultRecipients(person=self.default_to.get(str(user), ()), chat=self.default_to.get(dialog, ()))

    async def language(self, user: UserId) -> PersonLanguage:
        return self.spoken.get(user, PersonLanguage())

    async def languages(self) -> dict[UserId, PersonLanguage]:
        return dict(self.spoken)

    async def conversation(self, dialog: Dialog, user: UserId, kind: type[T], *, now: float) -> T | None:
        found = self.conversations.get((dialog, user, kind))
        return found.state if found and found.expires_at > now and isinstance(found.state, kind) else None

    def learn(self, state_change: StateChange, now: float) -> None:
        """Keep a state change about chats and posts as the store does (bot/store/queries/chats.sql)."""
        match state_change:
            case state_changes.ChatJoined() | state_changes.ChatLeft():
                self._member(state_change)
            case state_changes.Following():
                self._follow(state_change)
            case state_changes.Unfollowing():
                self._unfollow(state_change.dialog, state_change.topic)
            case state_changes.ExtranetSeen() | state_changes.ExtranetTold():
                self._extranet(state_change)
            case state_changes.PostSeen() | state_changes.PostMarkedDeleted():
                self._post(state_change)
            case state_changes.CardMade() | state_changes.CardLost():
                self._card(state_change, now)
            case state_changes.ConversationState() | state_changes.ConversationEnded():
                self._conversation(state_change)
            case _:
                self.learn_later(state_change)
                self._look(state_change, now)

    def _look(self, state_change: StateChange, now: float) -> None:
        if isinstance(state_change, state_changes.ReadersAsked):
            self.asked[state_change.dialog], self.members[state_change.dialog] = now, state_change.members
        elif isinstance(state_change, state_changes.AtOnceChosen):
            self.at_once_chosen[str(state_change.user or state_change.dialog)] = state_change.at_once
        elif isinstance(state_change, state_changes.Audited):
            values = asdict(state_change)
            entry = {"id": len(self.entries) + 1, "portal": PORTAL, "at": now, "user_id": values.pop("user")}
            self.entries.append(AuditEntry(**entry, **values))
        elif isinstance(state_change, state_changes.DefaultRecipientsChosen):
            self.default_to[str(state_change.user or state_change.dialog)] = state_change.to
        elif isinstance(state_change, state_changes.QuietPost) and state_change not in self.quiet:
            self.quiet.append(state_change)
        elif isinstance(state_change, state_changes.LanguageChosen):
            before = self.spoken.get(state_change.user, PersonLanguage())
            self.spoken[state_change.user] = replace(before, chosen=state_change.language)
        elif isinstance(state_change, state_changes.QuietOff | state_changes.QuietOn):
            is_off = isinstance(state_change, state_changes.QuietOff)
            (self.silenced.add if is_off else self.silenced.discard)(state_change.dialog)

    def _member(self, state_change: state_changes.ChatJoined | state_changes.ChatLeft) -> None:
        change = self.member_of.add if isinstance(state_change, state_changes.ChatJoined) else self.member_of.discard
        change(state_change.dialog)

    def _conversation(self, said: state_changes.ConversationState | state_changes.ConversationEnded) -> None:
        if isinstance(said, state_changes.ConversationState):
            self.conversations[said.dialog, said.user, type(said.state)] = said
        else:
            self.conversations.pop((said.dialog, said.user, said.kind), None)

    def _extranet(self, state_change: state_changes.ExtranetSeen | state_changes.ExtranetTold) -> None:
        before = self.outside.get(state_change.dialog)
        if isinstance(state_change, state_changes.ExtranetSeen):
            before = before or Extranet(seen=state_change.seen, told=False, told_day=0)
            self.outside[state_change.dialog] = replace(before, seen=state_change.seen)
        else:
            before = before or Extranet(seen=state_change.told, told=state_change.told, told_day=0)
            self.outside[state_change.dialog] = replace(before, told=state_change.told, told_day=state_change.day)

    def _post(self, state_change: state_changes.PostSeen | state_changes.PostMarkedDeleted) -> None:
        if isinstance(state_change, PostSeen):
            self.seen[state_change.post] = state_change
        else:
            self.gone.add(state_change.post)

    def _follow(self, change: state_changes.Following) -> None:
        new = Follow(**{name: value for name, value in asdict(change).items() if name != "over"})
        self._unfollow(change.dialog, change.topic)
        places = [n for n, one in enumerate(self.following) if (one.dialog, one.topic) == (change.dialog, change.over)]
        self.following[(at := (*places, len(self.following))[0]) : at + 1] = [new]

    def _unfollow(self, dialog: Dialog, topic: str | None) -> None:
        self.following = [
            one for one in self.following if one.dialog != dialog or (topic is not None and one.topic != topic)
        ]

    def _card(self, state_change: state_changes.CardMade | state_changes.CardLost, now: float) -> None:
        before = next(
            (one for one in self.shown if (one.post, one.dialog) == (state_change.post, state_change.dialog)), None
        )
        if before:
            self.shown.remove(before)
        if isinstance(state_change, state_changes.CardLost):
            self.shown += [replace(before, lost=True)] if before else []
            return
        old = before and before.message is not None and state_change.message is not None
        made_at = before.made_at if before and old else now
        self.shown.append(
            Card(
                post=state_change.post,
                dialog=state_change.dialog,
                version=state_change.version,
                message=state_change.message,
                made_at=made_at,
            )
        )
