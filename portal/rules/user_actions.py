"""Actions of people on the web page, such as writing, pressing buttons and publishing.

The control API and the people of tests use them.
"""

import html
from collections.abc import Iterable, Mapping
from typing import Any

from portal.engine.core import Actor, Portal
from portal.errors import ControlError, Refused
from portal.rules import rights
from portal.rules.feed import posts
from portal.rules.messenger import chats, files, messages, reactions
from portal.wire import php
from portal.world.crm import Card
from portal.world.feed import Gratitude, Poll, Post, Question
from portal.world.messenger import Chat, File, Message
from portal.world.people import User

Pressed = dict[str, Any] | None


def person(portal: Portal, number: object) -> User:
    """Return the active user with an id, given as a number or text; raise ControlError when there is none."""
    user = portal.world.user(php.int_of(number))
    if user is None:
        raise ControlError(f"There is no user {number!r}.")
    return user


def acting_user(portal: Portal, body: Mapping[str, Any]) -> User:
    """Return the user whose id is `as` in a request, by default user 1; raise ControlError when there is none."""
    return person(portal, body.get("as", 1))


def required_text(body: Mapping[str, Any], name: str) -> str:
    """Return a text of a request by its name; raise ControlError when it is missing, empty or no text."""
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ControlError(f"{name} is missing.")
    return value


def chat_of(portal: Portal, user: User, dialog: object) -> Chat:
    """Return the chat that a DIALOG_ID names for a person; create a private dialog when there is none.

    Raise ControlError when the person is not a member or may not write to the other person.
    """
    name = str(dialog)
    chat = chats.find(portal, name, user.id)
    other = portal.world.user(int(name)) if chat is None and name.isdecimal() else None
    if other is not None and rights.may_contact(portal.world, user, other):
        chat = chats.private_dialog(portal, user.id, other.id, Actor(user=user.id))
    if chat is None or user.id not in chat.members:
        raise ControlError(f"{user.name} has no chat {name!r}.")
    return chat


def group_of(portal: Portal, user: User, dialog: object) -> Chat:
    """Return the group chat that a DIALOG_ID names; raise ControlError for a private dialog and for a non-member."""
    chat = chat_of(portal, user, dialog)
    if chat.private:
        raise ControlError("A private dialog has two people.")
    return chat


def contact(portal: Portal, user: User, number: object) -> User:
    """Return the user with an id if the person may write to them; raise ControlError for any other."""
    other = person(portal, number)
    if not rights.may_contact(portal.world, user, other):
        raise ControlError(f"{user.name} is an extranet user and may not contact {other.name}.")
    return other


def create_group_chat(portal: Portal, user: User, title: str, numbers: Iterable[object]) -> Chat:
    """Create a group chat of a person with other people; raise ControlError when the person may not write to them."""
    members = [contact(portal, user, number).id for number in numbers]
    return chats.create(portal, Actor(user=user.id), title=title, members=members)


def invite(portal: Portal, user: User, dialog: object, number: object, *, automation: bool = False) -> bool:
    """Add a person to a group chat in the name of a member; return False when they are a member already.

    With `automation`, a robot or a business process does it. Raise ControlError when the member may not add people.
    Reference: im.chat.user.add.
    """
    chat, new = group_of(portal, user, dialog), contact(portal, user, number)
    if not rights.may_invite(chat, user):
        raise ControlError(f"{user.name} is an extranet user and may add people only to chats they own or manage.")
    return chats.join(portal, chat, [new.id], actor_of(user, automation=automation))


def remove(portal: Portal, user: User, dialog: object, number: object) -> bool:
    """Remove a person from a group chat, or leave it; return False when they are not a member.

    Raise ControlError when `user` may not remove them.
    """
    chat, other = group_of(portal, user, dialog), person(portal, number)
    if not rights.may_remove(chat, user.id, other.id):
        raise ControlError(f"{user.name} may not remove {other.name}: only the chat's owner and managers may.")
    return chats.leave(portal, chat, other.id)


def say(portal: Portal, user: User, dialog: object, text: str, *, reply_to: int | None = None) -> Message:
    """Write a message as a person who types it; raise ControlError for an empty text or a reply to another chat."""
    chat = chat_of(portal, user, dialog)
    if not text.strip():
        raise ControlError("The message is empty.")
    if reply_to is not None and message_of(portal, user, reply_to).chat != chat.id:
        raise ControlError("A reply must be in the same chat.")
    draft = messages.MessageDraft(author=user.id, chat=chat.id, text=text, reply_to=reply_to)
    return messages.write(portal, draft, Actor(user=user.id))


def message_of(portal: Portal, user: User, number: object) -> Message:
    """Return the message with an id if the person can see it; raise ControlError for any other."""
    messenger = portal.world.messenger
    message = messenger.messages.get(php.int_of(number))
    member = message is not None and user.id in messenger.chats[message.chat].members
    if message is None or not member or message.id <= messenger.since.get((message.chat, user.id), 0):
        raise ControlError(f"{user.name} cannot see a message {number!r}.")
    return message


def press(portal: Portal, user: User, message: Message, index: int, *, menu: bool = False) -> Pressed:
    """Press the button, or with `menu` choose the menu item, at an index of a message, counted from 0.

    Return what the client does itself, or None for a command, which the bot gets.
    """
    elements = (message.menu if menu else message.keyboard) or []
    if not 0 <= index < len(elements) or elements[index].get("TYPE") == "NEWLINE":
        raise ControlError(f"Message {message.id} has no {'menu item' if menu else 'button'} {index}.")
    element = elements[index]
    if element.get("DISABLED") == "Y":
        raise ControlError("This button is disabled.")
    if "COMMAND" in element:
        messages.press(portal, message, element, "MENU" if menu else "KEYBOARD", actor=Actor(user=user.id))
        return None
    return _client_action(portal, user, message, element)


def _client_action(portal: Portal, user: User, message: Message, element: Mapping[str, Any]) -> Pressed:
    """Return what the client does without the bot: `action` and `value`; SEND also writes a message."""
    if "LINK" in element:
        return {"action": "LINK", "value": html.unescape(element["LINK"])}
    if "APP_ID" in element:
        return {"action": "APP", "value": str(element["APP_ID"])}
    action, value = element["ACTION"], element["ACTION_VALUE"]
    if action == "SEND":
        draft = messages.MessageDraft(author=user.id, chat=message.chat, text=value)
        messages.write(portal, draft, Actor(user=user.id))
    return {"action": action, "value": value}


def forward(portal: Portal, user: User, message: Message, dialog: object) -> Message:
    """Forward a message to another chat as a person; raise ControlError for a message without content."""
    if message.deleted or message.system:
        raise ControlError("This message cannot be forwarded.")
    return messages.forward(portal, message, chat_of(portal, user, dialog), author=user.id, actor=Actor(user=user.id))


def edit(portal: Portal, user: User, message: Message, text: str) -> None:
    """Change the text of a person's own message; raise ControlError when it is too late or not their message."""
    try:
        own = messages.get_editable(portal, message.id, user.id)
    except Refused as refusal:
        raise ControlError(refusal.text) from refusal
    messages.edit(portal, own, Actor(user=user.id), text=text)


def delete(portal: Portal, user: User, message: Message) -> None:
    """Delete a message; raise ControlError when the person may not."""
    try:
        own = messages.get_deletable(portal, message.id, user.id)
    except Refused as refusal:
        raise ControlError(refusal.text) from refusal
    messages.delete(portal, own, Actor(user=user.id))


def like(portal: Portal, user: User, message: Message) -> None:
    """Like a message, or remove the like of the person."""
    reactions.like(portal, message, Actor(user=user.id), wanted=None)


def react(portal: Portal, user: User, message: Message, reaction: str, *, on: bool) -> bool:
    """React to a message, or remove the reaction; return False when nothing changed.

    Raise ControlError for an unknown reaction or a deleted message.
    """
    if reaction not in reactions.REACTIONS:
        raise ControlError(f"There is no reaction {reaction!r}.")
    if message.deleted:
        raise ControlError("The message was deleted.")
    return reactions.react(portal, message, Actor(user=user.id), reaction=reaction, on=on)


def attach(portal: Portal, user: User, dialog: object, file: tuple[str, bytes], *, text: str = "") -> Message:
    """Send a file, given as (name, content), to a chat; raise ControlError for an empty or too big file."""
    chat, (name, content) = chat_of(portal, user, dialog), file
    if not name.strip() or not content or len(content) > portal.switches.file_limit:
        raise ControlError("A file needs a name and content, and must not be larger than file_limit.")
    made = File(id=portal.world.next_id("file"), name=name.strip().replace("/", "_"), content=content)
    return files.upload(portal, chat, user.id, made, text=text, actor=Actor(user=user.id))


def read_post_draft(portal: Portal, given: Mapping[str, Any]) -> posts.PostDraft:
    """Return the new post that a request describes; raise ControlError when it is invalid.

    Fields: text, title, dest, important, tags, background, poll, gratitude.
    """
    dest = given.get("dest")
    return posts.PostDraft(
        text=required_text(given, "text"),
        title=str(given.get("title") or ""),
        dest=None if dest is None else tuple(str(code) for code in php.values_of(dest)),
        important=bool(given.get("important")),
        tags=tuple(str(tag) for tag in php.values_of(given.get("tags"))),
        background=str(given.get("background") or ""),
        gratitude=_read_gratitude(portal, given.get("gratitude")),
        poll=_read_poll(portal, given.get("poll")),
    )


def _read_gratitude(portal: Portal, given: Any) -> Gratitude | None:
    if given is None:
        return None
    medal = required_text(given, "medal") if isinstance(given, Mapping) else ""
    people = tuple(person(portal, one).id for one in php.values_of(given.get("people"))) if medal else ()
    if not people:
        raise ControlError('gratitude is {"medal": ..., "people": [ids]}.')
    return Gratitude(id=portal.world.next_id("gratitude"), medal=medal, people=people)


def _read_poll(portal: Portal, given: Any) -> Poll | None:
    if given is None:
        return None
    asked = given if isinstance(given, Mapping) else {}
    answers = tuple(str(one).strip() for one in php.values_of(asked.get("answers")))
    if not answers or not all(answers):
        raise ControlError('poll is {"question": ..., "answers": [words], "many": false}.')
    question = Question(text=required_text(asked, "question"), answers=answers, many=bool(asked.get("many")))
    return Poll(id=portal.world.next_id("poll"), questions=(question,))


def vote(portal: Portal, user: User, number: object, answers: Mapping[Any, Any]) -> Post:
    """Answer the poll of a post and return the changed post; raise ControlError when there is no poll.

    `answers` maps each question to the selected answers, both counted from 0.
    """
    post = post_of(portal, user, number)
    if post.poll is None:
        raise ControlError("There is no poll to answer.")
    ticked = {php.int_of(index): [php.int_of(one) for one in php.values_of(ticks)] for index, ticks in answers.items()}
    return posts.vote(portal, post, user, ticked)


def actor_of(user: User, *, automation: bool = False) -> Actor:
    """Return the actor of an action in the name of a person: that person, or with `automation` nobody (user 0)."""
    return Actor(user=0 if automation else user.id)


def publish(portal: Portal, user: User, read_post_draft: posts.PostDraft, *, automation: bool = False) -> Post:
    """Publish a post in the name of a person; raise ControlError when it is refused.

    With `automation`, a robot or a business process does it.
    """
    try:
        return posts.publish(portal, user, read_post_draft, actor_of(user, automation=automation))
    except Refused as refusal:
        raise ControlError(refusal.text) from refusal


def edit_post(portal: Portal, user: User, number: object, wanted: Mapping[str, Any]) -> Post:
    """Change text, title, dest or important of a post, and return the changed post.

    Absent and null values change nothing. With `automation`, a robot or a business process does it. Raise ControlError
    when the person may not change the post.
    """
    post = post_of(portal, user, number, change=True)
    values: dict[str, Any] = {name: wanted[name] for name in ("text",) if wanted.get(name)}
    if wanted.get("title") is not None:
        title = str(wanted["title"]).strip()
        values |= {"title": title or posts.make_title(values.get("text", post.text)), "micro": not title}
    if wanted.get("dest") is not None:
        values["dest"] = posts.allowed_recipients(
            portal, user, tuple(str(code) for code in php.values_of(wanted["dest"]))
        )
        if not values["dest"]:
            raise ControlError("No destination specified")
    if wanted.get("important") is not None:
        values["important"] = bool(wanted["important"])
    automation = wanted.get("automation") is True
    return posts.change(portal, post, actor_of(user, automation=automation), **values)


def post_of(portal: Portal, user: User, number: object, *, change: bool = False) -> Post:
    """Return the post with an id if the person may read it, and with `change` may change it.

    Raise ControlError for any other post.
    """
    post = portal.world.feed.posts.get(php.int_of(number))
    if post is None or not rights.may_read_post(portal.world, post, user):
        raise ControlError(f"{user.name} cannot see a post {number!r}.")
    if change and not rights.may_change_post(post, user):
        raise ControlError(f"{user.name} may not change post {number!r}.")
    return post


def card_of(portal: Portal, user: User, kind: object, number: object) -> Card:
    """Return a CRM card by type and id if the person may see it; raise ControlError for any other."""
    card = portal.world.crm.cards.get((str(kind), php.int_of(number)))
    if card is None or not rights.may_see_card(card, user):
        raise ControlError(f"{user.name} cannot see a {kind} {number}.")
    return card
