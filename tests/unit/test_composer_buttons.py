"""The buttons of a draft: whose they are, where the composer lives, and how a draft ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.feed.composer import drafts, presses
from bot.feed.composer.drafts import EndedDraft
from bot.feed.composer.presses import Action, Press
from bot.framework.context import Context
from bot.model.effects import Edit, Effect, Publish, Say, ShowDraft
from bot.model.events import DraftToEnd, MessageId
from bot.model.state_changes import TimerCancelled, TimerSet
from tests.composing import CARD, TOM, button, conversation, draft_of, press, rows, shown
from tests.stand_ins import ANNA, GROUP, PORTAL, PRIVATE, SETTINGS, SIGNER, Conversation, puts


@pytest.fixture
def chat() -> Conversation:
    """Return Anna's own dialog with the bot."""
    return conversation()


# --- whose buttons, and which ------------------------------------------------------------------------------------


async def test_another_person_s_press_does_nothing() -> None:
    """Another person gets a word in private, nothing of the draft, and nothing is published."""
    chat = conversation(GROUP)
    card = await shown(chat, "/post We won.")
    chat.who = TOM
    (said,) = await press(chat, card, "Publish")
    assert isinstance(said, Say)
    assert said.dialog == str(TOM.id)
    assert said.content.text.startswith("That draft belongs to somebody else")
    assert "We won" not in str(said)


@pytest.mark.parametrize(
    "params",
    ["", "x", "AAAAAAAAAAAAAAAA", "title:News We won", "\U0001f600" * 40],
    ids=["none", "x", "A", "text", "signs"],
)
@pytest.mark.parametrize("name", ["draft", "preview", "publish", "cancel"])
async def test_a_forged_press_does_nothing(chat: Conversation, name: str, params: str) -> None:
    """A button whose parameters we did not sign changes nothing, and the presser is told so."""
    await shown(chat, "/post We won.")
    before = draft_of(chat)
    (said,) = await chat.press(name, params)
    assert isinstance(said, Say)
    assert "nothing was done" in said.content.text or "belongs to somebody else" in said.content.text
    assert draft_of(chat) == before


async def test_a_button_of_another_dialog_does_nothing(chat: Conversation) -> None:
    """A button that was made for one dialog cannot be used in another, also not by its owner."""
    await shown(chat, "/post We won.")
    group = conversation(GROUP, memory=chat.memory)
    card = await shown(group, "/post In the group.")
    (said,) = await chat.press(*button(card, "Publish"))
    assert isinstance(said, Say)
    assert draft_of(chat) is not None


async def test_an_old_button_shows_the_draft_as_it_is(chat: Conversation) -> None:
    """A button from before a change publishes nothing: its message shows the draft as it is now."""
    card = await shown(chat, "/post We won.")
    (menu,) = await press(chat, card, "Change")
    assert isinstance(menu, Edit)
    await press(chat, menu, "Mark as important")
    assert await press(chat, card, "Publish") == []  # the message is being edited at this moment
    chat.now += 60
    (again,) = await press(chat, card, "Publish")
    assert isinstance(again, Edit)
    assert rows(again)["Importance"] == "high"


async def test_a_button_of_a_published_draft_says_so(chat: Conversation) -> None:
    """A button of a draft that was published, pressed much later, publishes nothing: its message says what it is."""
    card = await shown(chat, "/post We won.")
    await press(chat, card, "Publish")
    chat.now += 60
    (again,) = await press(chat, card, "Cancel")
    assert isinstance(again, Edit)
    assert again.content.text == "You chose to publish this draft. The result is in a later message."


async def test_a_replayed_button_changes_no_other_message(chat: Conversation) -> None:
    """A press that names another message than the card's edits neither: the owner gets a word."""
    card = await shown(chat, "/post We won.", message=MessageId(499))
    await shown(chat, "/draft title:News", message=MessageId(498))
    chat.now += 60
    (said,) = await press(chat, card, "Publish")
    assert isinstance(said, Say)
    assert "out of date" in said.content.text


async def test_the_buttons_expire_with_the_draft(chat: Conversation) -> None:
    """A day later a button is out of date, and publishes nothing."""
    card = await shown(chat, "/post We won.")
    chat.now += drafts.LIFETIME + 120
    (said,) = await press(chat, card, "Publish")
    assert isinstance(said, Say)
    assert "out of date" in said.content.text


async def test_a_signature_is_for_one_owner(chat: Conversation) -> None:
    """The signed parameters differ for each person, dialog and revision."""
    await shown(chat, "/post We won.")
    draft = draft_of(chat)
    assert draft
    ctx: Any = type("Signs", (), {"signer": SIGNER, "now": chat.now, "sign": Context.sign, "signed": Context.signed})()
    made = {
        presses.button(ctx, one, Action.PUBLISH, dialog=dialog, user=user).params
        for one in (draft, replace(draft, revision=f"{draft.id}.2"))
        for dialog in (PRIVATE, GROUP)
        for user in (ANNA.id, TOM.id)
    }
    assert len(made) == 8
    assert Press(action=Action.PUBLISH, revision=draft.revision) in [
        presses.read(ctx, params, dialog=PRIVATE, user=ANNA.id)
        for params in [presses.button(ctx, draft, Action.PUBLISH, dialog=PRIVATE, user=ANNA.id).params]
    ]


# --- where the composer lives ------------------------------------------------------------------------------------


async def test_a_hidden_recipient_moves_the_composer_to_the_owner() -> None:
    """A recipient whom not everybody in the group may know is shown only in the owner's dialog with the bot."""
    chat = conversation(GROUP)
    card, said = await chat.say("/post to:velvet We won.")
    assert isinstance(card, ShowDraft)
    assert card.dialog == PRIVATE
    assert "Velvet" in str(card.content.attach)
    assert isinstance(said, Say)
    assert (said.dialog, "our private chat" in said.content.text) == (GROUP, True)
    assert "Velvet" not in str(said)


async def test_a_draft_leaves_the_group_when_its_recipients_become_hidden() -> None:
    """When a hidden group is added, the card in the group says only that the draft goes on elsewhere."""
    chat = conversation(GROUP)
    await shown(chat, "/post We won.")
    closed, card, said = await chat.say("/draft to:velvet")
    assert isinstance(closed, Edit)
    assert (closed.content.text, closed.content.keyboard) == ("This draft goes on in a private chat.", [])
    assert isinstance(card, ShowDraft)
    assert (card.dialog, "We won." in str(card.content.attach)) == (PRIVATE, True)
    assert isinstance(said, Say)
    assert await chat.mistake("/publish") == "draft.none_here"


async def test_without_the_bot_in_the_chat_the_composer_is_private() -> None:
    """Where the bot is no member, the answer there says that the draft is in the private dialog."""
    chat = conversation(GROUP, bot_absent=True)
    card, said = await chat.say("/post We won.")
    assert isinstance(card, ShowDraft)
    assert card.dialog == PRIVATE
    assert isinstance(said, Say)
    assert said.answers is not None


async def test_the_number_of_people_is_left_out_where_it_is_unknown(chat: Conversation) -> None:
    """If the portal does not count the recipients for this person, the card shows their names only."""
    chat.portal.headcount = None
    (card,) = await chat.say("/post to:sales We won.")
    assert isinstance(card, ShowDraft)
    assert rows(card)["For"] == "Sales"


# --- at once, and the end of a day -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("default", "chosen", "made"),
    [
        (False, {}, ShowDraft), (True, {}, Publish), (False, {"7": True}, Publish), (True, {"7": False}, ShowDraft),
        (False, {GROUP: True}, Publish), (True, {GROUP: False, "7": True}, Publish),
        (False, {GROUP: True, "7": False}, ShowDraft),
    ],
)  # fmt: skip
async def test_publishing_at_once_is_a_choice(*, default: bool, chosen: dict[str, bool], made: type[Effect]) -> None:
    """The person's choice decides, else that of the chat, else the setting of the service."""
    chat = conversation(GROUP)
    chat.settings, chat.memory.at_once_chosen = replace(SETTINGS, publish_at_once=default), chosen
    (effect,) = await chat.say("/post We won.")
    assert isinstance(effect, made)


async def test_a_draft_ends_after_a_day_with_a_word(chat: Conversation) -> None:
    """A day after its last change the draft is put away, its owner is told, and its text can be put back."""
    await shown(chat, "/post We won.")
    (timer, *_) = [one for one in chat.state_changes if isinstance(one, TimerSet)]
    assert isinstance(timer.event, DraftToEnd)
    chat.now = timer.at
    closed, said = await chat.hear(timer.event)
    assert isinstance(closed, Edit)
    assert isinstance(said, Say)
    assert (closed.message, closed.content.keyboard, said.dialog) == (CARD, [], PRIVATE)
    assert puts(said) == ["/post We won."]
    assert draft_of(chat) is None
    assert await chat.hear(timer.event) == []


async def test_a_changed_draft_lives_on(chat: Conversation) -> None:
    """A timer that is older than the last change ends nothing; a draft that was published has no timer."""
    await shown(chat, "/post We won.")
    draft = draft_of(chat)
    assert draft
    early = DraftToEnd(portal=PORTAL, dialog=PRIVATE, user=ANNA.id, draft=draft.id)
    assert await chat.hear(early) == []
    await chat.say("/publish")
    assert any(isinstance(one, TimerCancelled) for one in chat.state_changes)
    assert isinstance(chat.memory.conversations[PRIVATE, ANNA.id, EndedDraft].state, EndedDraft)


async def test_a_card_that_cannot_be_sent_keeps_the_text(chat: Conversation) -> None:
    """If the portal refuses the preview, the owner is told in private and can put the text back."""
    chat.dialog = GROUP
    (card,) = await chat.say("/post We won.")
    (said,) = await chat.failed(card, code="ACCESS_DENIED")
    assert isinstance(said, Say)
    assert (said.dialog, puts(said)) == (PRIVATE, ["/post We won."])
