"""A person for tests who writes messages, presses buttons and waits for messages."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from portal.engine.changes import WAIT_SECONDS
from portal.engine.core import Actor, Portal
from portal.rules import user_actions
from portal.rules.crm import timeline
from portal.rules.feed import posts
from portal.rules.feed.posts import without_bb_code
from portal.world.messenger import Chat, Message
from portal.world.people import User


class Person:
    """A person of the emulated portal; each action of the person is a method.

    Actions raise ControlError when the person may not do them; methods that wait raise AssertionError after `within`
    seconds. A dialog None means the private dialog with the first bot.
    """

    def __init__(self, portal: Portal, number: int) -> None:
        self._portal = portal
        self.id = number

    @property
    def user(self) -> User:
        """Return the stored data of the person."""
        return user_actions.person(self._portal, self.id)

    def _dialog_of(self, dialog: str | int | None) -> str:
        """Return the dialog as text; None means the private dialog with the first bot."""
        if dialog is not None:
            return str(dialog)
        bots = list(self._portal.world.bots.bots)
        if not bots:
            raise AssertionError("No bot is registered yet.")
        return str(bots[0])

    def _chat_of(self, dialog: str | int | None) -> Chat:
        return user_actions.chat_of(self._portal, self.user, self._dialog_of(dialog))

    async def opens(self, dialog: str | int | None = None) -> None:
        """Open a private dialog; when the dialog is new, a bot in it gets an event."""
        self._chat_of(dialog)

    async def says(self, text: str, *, dialog: str | int | None = None, reply_to: int | None = None) -> int:
        """Write a message and return its id."""
        return user_actions.say(self._portal, self.user, self._dialog_of(dialog), text, reply_to=reply_to).id

    async def mentions(self, bot: int | str, text: str, *, dialog: str) -> int:
        """Write a message in a group that begins with a mention of a bot, and return its id."""
        name = user_actions.person(self._portal, bot).name
        return await self.says(f"[USER={bot}]{name}[/USER] {text}", dialog=dialog)

    async def forwards(self, message: int, *, dialog: str | int | None = None) -> int:
        """Forward a message to a chat and return the id of the copy."""
        row = user_actions.message_of(self._portal, self.user, message)
        return user_actions.forward(self._portal, self.user, row, self._dialog_of(dialog)).id

    async def edits(self, message: int, text: str) -> None:
        """Edit a message of this person."""
        user_actions.edit(self._portal, self.user, user_actions.message_of(self._portal, self.user, message), text)

    async def deletes(self, message: int) -> None:
        """Delete a message."""
        user_actions.delete(self._portal, self.user, user_actions.message_of(self._portal, self.user, message))

    async def reacts(self, message: int, reaction: str = "like", *, on: bool = True) -> bool:
        """React to a message, or with on=False remove the reaction; return False when nothing changed."""
        row = user_actions.message_of(self._portal, self.user, message)
        return user_actions.react(self._portal, self.user, row, reaction, on=on)

    async def sends_file(self, name: str, content: bytes, *, dialog: str | int | None = None, text: str = "") -> int:
        """Send a file to a chat and return the id of the message."""
        return user_actions.attach(self._portal, self.user, self._dialog_of(dialog), (name, content), text=text).id

    async def makes_chat(self, title: str, *members: int) -> str:
        """Create a group chat with these members and return its DIALOG_ID, such as "chat101"."""
        return f"chat{user_actions.create_group_chat(self._portal, self.user, title, members).id}"

    async def invites(self, who: int, *, dialog: str, automation: bool = False) -> bool:
        """Add a person to a group chat; return False when they are a member already."""
        return user_actions.invite(self._portal, self.user, dialog, who, automation=automation)

    async def removes(self, who: int, *, dialog: str) -> bool:
        """Remove a person from a group chat, or leave it; return False when they are not a member."""
        return user_actions.remove(self._portal, self.user, dialog, who)

    async def posts(self, text: str, *, dest: Iterable[str] = ("UA",), automation: bool = False, **more: Any) -> int:
        """Publish a post on the web page and return its id; with `automation`, a robot does it in the person's name.

        Further arguments: title, important, tags, poll, gratitude. Examples: `poll={"question": "Where to?", "answers":
        ["Lake", "Woods"]}`, `gratitude={"medal": "cup", "people": [4]}`.
        """
        given = {"text": text, "dest": list(dest), **more}
        draft = user_actions.read_post_draft(self._portal, given)
        return user_actions.publish(self._portal, self.user, draft, automation=automation).id

    async def edits_post(self, post: int, **values: Any) -> None:
        """Change text, title, dest or important of a post on the web page; with `automation=True`, a robot does it."""
        user_actions.edit_post(self._portal, self.user, post, values)

    async def deletes_post(self, post: int, *, automation: bool = False) -> None:
        """Delete a post on the web page; with `automation`, a robot does it."""
        found = user_actions.post_of(self._portal, self.user, post, change=True)
        posts.delete(self._portal, found, user_actions.actor_of(self.user, automation=automation))

    async def comments(self, post: int, text: str) -> int:
        """Comment on a post on the web page and return the comment's id."""
        return posts.comment(self._portal, user_actions.post_of(self._portal, self.user, post), self.user, text).id

    async def votes(self, post: int, answers: Mapping[int, Iterable[int]]) -> None:
        """Answer the poll of a post.

        `answers` maps each question to the selected answers, both counted from 0: `{0: [1]}` selects the second answer
        of the first question.
        """
        user_actions.vote(self._portal, self.user, post, {index: list(ticks) for index, ticks in answers.items()})

    async def confirms(self, post: int) -> None:
        """Press "I have read it" on an important post."""
        posts.mark_read(self._portal, user_actions.post_of(self._portal, self.user, post), self.user)

    async def comments_card(self, kind: str, number: int, text: str) -> int:
        """Add a comment to a CRM card and return its id."""
        card, actor = user_actions.card_of(self._portal, self.user, kind, number), Actor(user=self.id)
        return timeline.comment(self._portal, card, self.user, text, actor=actor).id

    async def presses(
        self, text: str, *, dialog: str | int | None = None, within: float = WAIT_SECONDS
    ) -> dict[str, Any] | None:
        """Wait for a button with this text and press it; of several, the one on the newest message.

        The text may be a part of the button's text. Return what the client does itself, such as
        {"action": "LINK", "value": ...}, or None for a command, which the bot handles.
        """
        chat = self._chat_of(dialog)
        found = await self._portal.hub.until(lambda: self._find_button(chat, text), within=within)
        if found is None:
            raise AssertionError(f"{self.user.name} cannot see a button {text!r}. {self._describe_newest(chat)}")
        message, index = found
        return user_actions.press(self._portal, self.user, message, index)

    def _find_button(self, chat: Chat, text: str) -> tuple[Message, int] | None:
        for same in (str.__eq__, str.__contains__):
            for message in self._newest_messages(chat):
                for index, button in enumerate(message.keyboard or []):
                    if same(button.get("TEXT", ""), text):
                        return message, index
        return None

    async def chooses(self, text: str, *, dialog: str | int | None = None) -> dict[str, Any] | None:
        """Choose a menu item with this text; of several, the one of the newest message.

        Return what the client does itself, or None for a command. Raise AssertionError when there is no such item.
        """
        for message in self._newest_messages(self._chat_of(dialog)):
            for index, item in enumerate(message.menu or []):
                if item["TEXT"] == text:
                    return user_actions.press(self._portal, self.user, message, index, menu=True)
        raise AssertionError(f"{self.user.name} cannot see a menu item {text!r}.")

    async def sees(
        self, text: str, *, dialog: str | int | None = None, within: float = WAIT_SECONDS, after: int = 0
    ) -> Message:
        """Wait for a message of another author that contains a text, and return the newest of these.

        The text is searched in the plain text and in the attachment. With `after`, only messages with a greater id
        count. Edited messages count with their current text.
        """
        chat = self._chat_of(dialog)

        def look() -> Message | None:
            rows = (row for row in self._newest_messages(chat) if row.id > after and row.author != self.id)
            return next((row for row in rows if text in text_of(row)), None)

        found = await self._portal.hub.until(look, within=within)
        if found is None:
            raise AssertionError(
                f"{self.user.name} did not see {text!r} within {within} s. {self._describe_newest(chat)}"
            )
        return found

    async def waits(self, look: Callable[[], Any], *, within: float = WAIT_SECONDS) -> Any:
        """Wait until `look` returns a value that is not None, and return it.

        `look` is called again after every change.
        """
        found = await self._portal.hub.until(look, within=within)
        if found is None:
            raise AssertionError(f"Nothing was found within {within} s.")
        return found

    def reads(self, *, dialog: str | int | None = None) -> list[Message]:
        """Return the messages of a chat, oldest first."""
        return self._newest_messages(self._chat_of(dialog))[::-1]

    def _newest_messages(self, chat: Chat) -> list[Message]:
        messenger = self._portal.world.messenger
        return [messenger.messages[number] for number in reversed(messenger.shown(chat.id, self.id))]

    def _describe_newest(self, chat: Chat) -> str:
        rows = [f"{row.author}: {text_of(row)[:200]!r}" for row in self._newest_messages(chat)[:5]]
        return f"Newest in {chat.dialog_for(self.id)}: {rows}"


def text_of(message: Message) -> str:
    """Return the text of a message and of its attachment, without BB code."""
    parts = [message.text, *_list_texts(message.attach or {})]
    return without_bb_code("\n".join(parts))


def _list_texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        shown = ("MESSAGE", "NAME", "VALUE", "DESC", "BLOCKS", "GRID", "LINK", "USER", "RICH_LINK", "IMAGE", "FILE")
        return [word for key in shown if key in value for word in _list_texts(value[key])]
    if isinstance(value, list):
        return [word for item in value for word in _list_texts(item)]
    return [value] if isinstance(value, str) else []
