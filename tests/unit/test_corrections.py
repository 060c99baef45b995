"""Edited messages: the draft that a message began changes, and the post that it published is asked about."""

from __future__ import annotations

from typing import Any

import pytest

from bot import commands
from bot.errors import UserMistake
from bot.model.chat_messages import ChatMessage
from bot.model.effects import ChangePost, Edit, Effect, Publish, Say, ShowDraft
from bot.model.events import MessageId, Person, PostId, Said, UserId
from bot.model.records import Post
from tests.composing import PEOPLE, conversation, draft_of, rows, shown
from tests.stand_in_portal import StandInPortal
from tests.stand_ins import ANNA, BOT, GROUP, PORTAL, PRIVATE, Conversation, labels

WROTE = MessageId(500)
"""The message that the stand-in types."""


async def edits(chat: Conversation, text: str, *, message: MessageId = WROTE) -> list[Effect]:
    """Edit a message, as the portal tells it in private and after a mention."""
    return await chat.hear(
        Said(
            portal=PORTAL, bot=BOT, dialog=chat.dialog, author=chat.who, language=chat.language, message=message,
            text=text, edited=True,
        )
    )  # fmt: skip


async def published(chat: Conversation, text: str) -> Publish:
    """Publish a post as number 217."""
    (effect,) = await chat.say(text)
    assert isinstance(effect, Publish)
    await chat.done(effect, 217)
    post = Post(id=PostId(217), author=ANNA.id, title=effect.title, text=effect.text)
    chat.portal.posts = {217: post}
    return effect


def at_once(dialog: Any = PRIVATE, **more: Any) -> Conversation:
    """Return a dialog where posts are published at once."""
    return Conversation(
        router=commands.router(), portal=StandInPortal(people=list(PEOPLE)), dialog=dialog, keeps=True, **more
    )


async def press(chat: Conversation, said: Say, label: str) -> list[Effect]:
    """Press a button of the question."""
    (found,) = [one for one in said.content.keyboard if one["TEXT"] == label]
    return await chat.press(str(found["COMMAND"]), str(found["COMMAND_PARAMS"]))


# --- a draft -----------------------------------------------------------------------------------------------------


async def test_the_draft_is_as_the_message_says_now() -> None:
    """The preview shows the new text, title and recipients; what the message no longer names is gone."""
    chat = conversation()
    await shown(chat, "/post to:sales title:News important We won.")
    *_, card = await edits(chat, "/post tags:cup We won again.")
    assert isinstance(card, ShowDraft)
    draft = draft_of(chat)
    assert draft is not None
    assert (draft.text, draft.title, draft.to) == ("We won again.", "", ())
    assert (draft.important, draft.tags) == (False, ("cup",))
    assert rows(card)["For"].startswith("everyone")


async def test_default_recipients_stay() -> None:
    """A message that still names nobody keeps the recipients chosen with /settings."""
    chat = conversation()
    await chat.say("/settings to:sales")
    await shown(chat, "/post We won.")
    await edits(chat, "/post We won again.")
    draft = draft_of(chat)
    assert draft is not None
    assert (draft.text, draft.dest) == ("We won again.", ["DR3"])


async def test_another_message_does_not_change_the_draft() -> None:
    """The edit of a message that did not begin the draft is asked about, as before."""
    chat = conversation()
    await shown(chat, "/post We won.")
    with pytest.raises(UserMistake, match=r"words\.edited"):
        await edits(chat, "/post Something else", message=MessageId(400))


async def test_unclear_names_are_asked_about() -> None:
    """If a name of the edited message could be several people, the bot asks first."""
    chat = conversation()
    await shown(chat, "/post We won.")
    (said,) = await edits(chat, "/post to:tom We won.")
    assert isinstance(said, Say)
    assert labels(said) == ["Tom Berg (person)", "Tom Ahrens (person)"]


# --- a published post --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "question", "yes"),
    [
        ("en", "You changed the message of post 217. Shall I change the post too?", "Change post 217"),
        ("de", "Sie haben die Nachricht zu Beitrag 217 geändert.", "Beitrag 217 ändern"),
        ("ru", "Вы изменили сообщение с записью 217.", "Изменить запись 217"),
    ],
)
@pytest.mark.parametrize("dialog", [PRIVATE, GROUP])
async def test_the_change_is_offered_and_done_once(dialog: Any, language: str, question: str, yes: str) -> None:
    """A press changes text and title of the post, once; nothing is published a second time."""
    chat = at_once(dialog, language=language)
    await published(chat, "/post title:News We won.")
    (said,) = await edits(chat, "/post title:Cup We won again.")
    assert isinstance(said, Say)
    assert said.content.text.startswith(question)
    first, text, title = await press(chat, said, yes)
    assert isinstance(first, Edit)
    assert first.content.keyboard == []
    assert isinstance(text, ChangePost)
    assert isinstance(title, ChangePost)
    assert (text.post, text.text, title.title) == (217, "We won again.", "Cup")
    (over,) = await press(chat, said, yes)
    assert isinstance(over, Say)
    assert over.dialog == str(ANNA.id)


async def test_it_can_be_left() -> None:
    """A press of the other button leaves the post, and the question says so."""
    chat = at_once()
    await published(chat, "/post We won.")
    (said,) = await edits(chat, "/post We won again.")
    assert isinstance(said, Say)
    (left,) = await press(chat, said, "Leave it")
    assert isinstance(left, Edit)
    assert left.content.text == "Post 217 stays as it is."


async def test_nobody_else_may_answer() -> None:
    """The press of another person changes nothing, and they get a word in private."""
    chat = at_once(GROUP)
    await published(chat, "/post We won.")
    (said,) = await edits(chat, "/post We won again.")
    assert isinstance(said, Say)
    chat.who = Person(id=UserId(8), name="Boris")
    (word,) = await press(chat, said, "Change post 217")
    assert isinstance(word, Say)
    assert (word.dialog, "Only the person who was asked" in word.content.text) == ("8", True)


async def test_the_same_words_change_nothing() -> None:
    """If only the recipients of the message changed, the bot says how to add some."""
    chat = at_once()
    await published(chat, "/post We won.")
    (said,) = await edits(chat, "/post to:sales We won.")
    assert isinstance(said, Say)
    assert "/share 217 to:" in said.content.text


async def test_a_draft_that_was_published_is_known_too() -> None:
    """The message that began a draft is that of the post which the draft became."""
    chat = conversation()
    card = await shown(chat, "/post We won.")
    (publish, *_) = await chat.press("publish", str(card.content.keyboard[0]["COMMAND_PARAMS"]))
    assert isinstance(publish, Publish)
    await chat.done(publish, 217)
    (said,) = await edits(chat, "/post We won again.")
    assert isinstance(said, Say)
    assert labels(said) == ["Change post 217", "Leave it"]


async def quoting(chat: Conversation, text: str) -> list[Effect]:
    """Type a command that answers a message of Boris."""
    message = ChatMessage(id=MessageId(77), author=UserId(8), author_name="Boris", text="We [b]won[/b].")
    chat.portal.messages = {(chat.dialog, 77): message}
    return await chat.hear(
        Said(
            portal=PORTAL, bot=BOT, dialog=chat.dialog, author=chat.who, language=chat.language, message=WROTE,
            text=text, reply_to=MessageId(77),
        )
    )  # fmt: skip


async def test_an_edited_message_keeps_its_quote() -> None:
    """The event of an edit does not say what the message answers: the draft keeps its quote, and so does the post."""
    chat = conversation()
    (card,) = [one for one in await quoting(chat, "/post Look") if isinstance(one, ShowDraft)]
    await chat.done(card, 501)
    await edits(chat, "/post Look at this")
    draft = draft_of(chat)
    assert draft is not None
    assert draft.body == "Look at this\n\n[QUOTE][B]Boris[/B]\nWe won.[/QUOTE]"
    chat = at_once()
    (effect,) = await quoting(chat, "/post Look")
    assert isinstance(effect, Publish)
    await chat.done(effect, 217)
    chat.portal.posts = {217: Post(id=PostId(217), author=ANNA.id, title="", text=effect.text)}
    (same,) = await edits(chat, "/post Look")
    assert isinstance(same, Say)
    assert "/share 217" in same.content.text
    (asked,) = await edits(chat, "/post Look here")
    assert isinstance(asked, Say)
    changed = [one for one in await press(chat, asked, "Change post 217") if isinstance(one, ChangePost)]
    assert [one.text for one in changed] == ["Look here\n\n[QUOTE][B]Boris[/B]\nWe won.[/QUOTE]"]


@pytest.mark.parametrize(("by", "text"), [(BOT, "A card"), (0, "Anna joined the chat."), (8, " ")])
async def test_only_what_people_wrote_is_quoted(by: int, text: str) -> None:
    """A message of the bot or of the portal, and one without content, is not quoted; the own text is published."""
    chat = at_once()
    chat.portal.messages = {}
    message = ChatMessage(id=MessageId(77), author=UserId(by), author_name="", text=text)
    said = Said(
        portal=PORTAL, bot=BOT, dialog=chat.dialog, author=chat.who, language=chat.language, message=WROTE,
        text="/post Look", reply_to=MessageId(77),
    )  # fmt: skip
    chat.portal.messages = {(chat.dialog, 77): message}
    (effect,) = await chat.hear(said)
    assert isinstance(effect, Publish)
    assert (effect.text, effect.quote) == ("Look", "")
