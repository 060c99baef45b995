"""Defines what handlers may ask the portal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import tzinfo
from typing import Protocol

from bot.framework.reads.crm import CrmPortal
from bot.model.acting import Verdict
from bot.model.chat_messages import ChatMessage
from bot.model.events import Dialog, EventTokens, MessageId, PostId, UserId
from bot.model.records import AppInfo, FeedPart, Named, Post, Readership
from bot.policy import Author, Need


class Portal(CrmPortal, Protocol):
    """Reads from the portal of the event; every method may raise PortalError or PortalDown, if it asks the portal."""

    async def app_info(self) -> AppInfo:
        """Return the answer of app.info to the token of this event."""
        ...

    async def proven(self, endpoint: str, auth_endpoint: str) -> tuple[Portal, EventTokens]:
        """Ask the authorization server whether the tokens of this event belong to the portal at this endpoint.

        Return a reader that calls the endpoint, and its tokens. `auth_endpoint` is the server that the event names.

        Raises:
            TokenRefused: the tokens belong to another portal, address or application.
        """
        ...

    async def is_admin(self) -> bool:
        """Check whether the token of this event belongs to an administrator (user.admin)."""
        ...

    async def has_method(self, name: str) -> bool:
        """Check whether the portal has a REST method (method.get)."""
        ...

    async def post(self, post: PostId, *, reader: UserId | None = None, beside: Sequence[Dialog] = ()) -> Post | None:
        """Return the post as `reader` sees it; None if they may not see it, or it does not exist.

        Without `reader` the token of the event is used, else the installer's. The same request reads what
        `has_extranet_users` will be asked about the dialogs `beside`.
        """
        ...

    async def message(self, dialog: Dialog, message: MessageId, *, reader: UserId) -> ChatMessage | None:
        """Return a message of a dialog as `reader` sees it; None if they see no such message.

        Raises:
            TokenRefused, TokenExpired: we have no valid token of the reader.
        """
        ...

    async def feed(self, reader: UserId, *, start: int = 0) -> FeedPart:
        """Return the part of a person's feed that begins at post `start` (counted from 0), latest change first.

        Raises:
            TokenRefused, TokenExpired: we have no valid token of the reader.
        """
        ...

    async def posts_for(self, codes: Sequence[str], *, reader: UserId) -> dict[str, frozenset[PostId]]:
        """Return the latest posts for each department and group (DR3, SG7) that `reader` sees; raises as `feed`."""
        ...

    async def readership(self, post: PostId, reader: UserId) -> Readership | None:
        """Return who has read an important post, as `reader` may know it; None as for `post`, raises as `feed`."""
        ...

    async def find(self, text: str, *, reader: UserId) -> list[Named]:
        """Find people, departments and groups whose name contains `text`, as `reader` sees them.

        Raises:
            TokenRefused, TokenExpired: we have no valid token of the reader.
        """
        ...

    def found(self, reader: UserId) -> Sequence[Named]:
        """Return the results of the reader's last search that every employee may see, without asking the portal.

        Empty if the last search was some minutes ago.
        """
        ...

    async def read_chats(self, dialogs: Sequence[Dialog]) -> None:
        """Read in few requests what `has_extranet_users` needs to know about many dialogs."""
        ...

    async def has_extranet_users(self, dialog: Dialog) -> bool:
        """Check whether an extranet user may read this dialog.

        True also if the portal refuses the question, or its answer does not say.
        """
        ...

    def knows(self, dialog: Dialog) -> bool:
        """Check whether the answer of `has_extranet_users` for this dialog is known, so that it costs no request."""
        ...

    def extranet_answers(self) -> dict[Dialog, bool]:
        """Return for each dialog that the portal was asked about during this event whether an extranet user is in it.

        Dialogs without an answer are left out.
        """
        ...

    async def is_in_feed_of(self, post: Post, reader: UserId) -> bool:
        """Check whether a post is in the reader's own feed, because it is for them or by them.

        That an administrator may open every post does not count.
        """
        ...

    async def goes_to_groups(self, post: Post) -> bool:
        """Check whether a post is addressed to a department or workgroup; False if that is unknown."""
        ...

    async def addressed(self, post: Post, codes: Sequence[str]) -> frozenset[str]:
        """Return those of the departments and groups (DR3, SG7) that a post is for, as far as we can see."""
        ...

    async def all_receive(self, post: Post, dialog: Dialog) -> bool:
        """Check whether every member of a group chat receives a post by department or workgroup; False if unknown."""
        ...

    async def members(self, dialogs: Sequence[Dialog]) -> dict[Dialog, str]:
        """Return a text for each group chat that changes with the chat's members.

        A chat whose members are unknown is left out.
        """
        ...

    async def open_posts(self, wanted: Sequence[PostId]) -> dict[PostId, Post]:
        """Read at most fifty posts, and return those that the installer may open, by their ids."""
        ...

    async def count_people(self, codes: Sequence[str], *, reader: UserId) -> int | None:
        """Count the people whom these recipients (UA, U5, DR3, SG7) are, as `reader` sees them; None if unknown."""
        ...

    async def may_act(self, user: UserId, codes: Sequence[str]) -> Verdict:
        """Judge whether the service may publish to these recipients for a user whose token it does not have."""
        ...

    def acted_for(self, user: UserId) -> bool:
        """Check whether something was read or judged for a user during this event, without their token."""
        ...

    async def author(self, user: UserId, needs: Collection[Need]) -> Author:
        """Return what the rules of a policy ask about a person; what the portal does not say is None.

        Raises:
            TokenRefused, TokenExpired: we have no valid token of the person.
        """
        ...

    async def department_tree(self) -> Mapping[int, int] | None:
        """Return the department above each department (0: none); None if the portal does not say."""
        ...

    async def names_of(self, people: Sequence[UserId]) -> dict[UserId, str]:
        """Return the names of people; people whom the portal does not name are left out."""
        ...

    async def time_zone(self, *, reader: UserId) -> tzinfo:
        """Return the time zone of `reader`; the configured one if the portal names none."""
        ...

    async def manages(self, dialog: Dialog, user: UserId) -> bool:
        """Check whether a user owns or manages this group; False if the portal does not say."""
        ...

    async def is_shut_out(self, dialog: Dialog) -> bool:
        """Check whether the portal says that this group does not exist, or is closed to our bot."""
        ...
