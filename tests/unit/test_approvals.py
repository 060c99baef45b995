"""Requests for an approval, step by step: who may press what, forged and old buttons, and what comes late."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.errors import PortalDown, TokenRefused, UserMistake
from bot.feed.policy.asking import MOST
from bot.model import effects
from bot.model.approvals import ApprovalState
from bot.model.effects import CrmEntity, CrmPost, Edit, Effect, Publish, Say, ShowDraft
from bot.model.events import ApprovalToEnd, Dialog, From, MessageId, Person, UserId
from bot.model.post_parts import ApprovedBy
from bot.policy import Author, Decision, Policy, Rule
from tests.composing import PREVIEWS, TOM, button, conversation, press, shown
from tests.stand_ins import ANNA, PORTAL, Conversation, labels, puts

OLGA = Person(id=UserId(1), name="Olga Sommer")
DAY = 86_400.0
TWO = Policy(rules=(Rule(number=1, name="Two", then=Decision.APPROVE, approvers=(1, 5)),))
NAMES = {1: "Olga Sommer", 5: "Tom Berg"}


def talk(policy: Policy = TWO, **more: Any) -> Conversation:
    """Return Anna's private dialog, where everything needs the approval of Olga or Tom."""
    chat = conversation(**more)
    chat.settings = replace(PREVIEWS, policy=policy)
    chat.portal.called = dict(NAMES)
    return chat


def as_(chat: Conversation, who: Person) -> Conversation:
    """Return the private dialog of another person with the same bot."""
    return replace(chat, who=who, dialog=Dialog(str(who.id)))


async def asked(chat: Conversation, text: str = "/post Cake at four.") -> list[ShowDraft]:
    """Let Anna ask for an approval, and let the messages to the approvers be sent; return these."""
    made = await press(chat, await shown(chat, text), "Ask for approval")
    cards = [one for one in made if isinstance(one, ShowDraft)]
    for number, card in enumerate(cards):
        await chat.done(card, 700 + number)
    return cards


def published(made: list[Effect]) -> list[Publish]:
    """Return the posts among some effects."""
    return [one for one in made if isinstance(one, Publish)]


def said(made: list[Effect]) -> list[str]:
    """Return the texts of messages and edits, with their dialogs."""
    return [f"{one.dialog}: {one.content.text}" for one in made if isinstance(one, Say | Edit)]


async def test_a_request_is_shown_to_each_approver() -> None:
    """Each gets the post with signed buttons in their own dialog; the author can withdraw; nothing is published."""
    chat = talk()
    card = await shown(chat, "/post Cake at four.")
    assert labels(card)[0] == "Ask for approval"
    made = await press(chat, card, "Ask for approval")
    assert published(made) == []
    cards = [one for one in made if isinstance(one, ShowDraft)]
    assert [(one.dialog, one.user, labels(one)) for one in cards] == [
        (str(user), user, ["Approve", "Refuse", "Refuse with a reason"]) for user in (1, 5)
    ]
    assert [one["ACTION_VALUE"] for one in cards[0].content.keyboard if one.get("ACTION") == "PUT"] == ["/refuse 1 "]
    (edit,) = [one for one in made if isinstance(one, Edit)]
    assert "I asked for the approval of Olga Sommer or Tom Berg" in edit.content.text
    assert labels(edit) == ["Withdraw"]


async def test_the_first_press_decides() -> None:
    """The first press publishes in the author's name, with the approver noted; a later one of another says so."""
    chat = talk()
    olga, tom = await asked(chat)
    made = await press(as_(chat, OLGA), olga, "Approve")
    (post,) = published(made)
    assert (post.user, post.author_name, post.text, post.answers) == (ANNA.id, "Anna Lind", "Cake at four.", None)
    assert post.approved is not None
    assert (post.approved.request, post.approved.user, post.approved.name) == (1, 1, "Olga Sommer")
    assert "5: Request 1 is approved by Olga Sommer." in said(made)
    pressed = [(card, who, label) for card, who in ((olga, OLGA), (tom, TOM)) for label in ("Approve", "Refuse")]
    for card, who, label in pressed:
        again = await press(as_(chat, who), card, label)
        assert said(again) == ([f"{TOM.id}: Request 1 is approved by Olga Sommer."] if who is TOM else [])
        assert published(again) == []


@pytest.mark.parametrize("name", ["approve", "refuse", "approvals"])
async def test_forged_foreign_and_swapped_buttons_do_nothing(name: str) -> None:
    """Parameters of another person, of another command, of a draft or of nobody change nothing."""
    chat = talk()
    draft = await shown(chat, "/post Another.")
    _, of_draft = button(draft, "Ask for approval")
    olga, _tom = await asked(chat)
    _, approve = button(olga, "Approve")
    for params in (approve, approve[:-1], approve.replace("approve", "refuse"), of_draft, "x", "7", "1"):
        for who in (ANNA, TOM, OLGA):
            if name == "approve" and (params, who) == (approve, OLGA):
                continue  # the right button
            made = await as_(chat, who).press(name, params)
            assert published(made) == []
            assert all(line.startswith(f"{who.id}: ") for line in said(made))
    assert chat.memory.requests[1].state is ApprovalState.WAITING


async def test_a_button_does_not_open_a_later_request_of_the_same_number() -> None:
    """A number may be used again after weeks; a button of the earlier request does not decide about the later one."""
    chat = talk()
    olga, _tom = await asked(chat)
    chat.memory.requests.clear()
    chat.now += 5.0
    await asked(chat, "/post Something else.")
    made = await press(as_(chat, OLGA), olga, "Approve")
    assert (published(made), said(made)) == (
        [], ["1: That button is out of date, so nothing was done. /approvals lists what waits."],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("who", "text", "key"),
    [
        (ANNA, "/approve 1", "approval.own"), (Person(id=UserId(6)), "/approve 1", "approval.none"),
        (Person(id=UserId(6)), "/refuse 1", "approval.none"), (OLGA, "/approvals cancel 1", "approval.none"),
        (OLGA, "/approve 2", "approval.none"), (OLGA, "/approve", "approval.no_number"),
        (OLGA, "/refuse because", "approval.no_number"), (OLGA, "/approve 99999999999999999999", "approval.no_number"),
        (OLGA, "/approvals list", "words.extra"), (ANNA, "/approvals cancel", "approval.no_number"),
    ],
)  # fmt: skip
async def test_typed_mistakes(who: Person, text: str, key: str) -> None:
    """A command for a request that is not the person's to decide is a mistake in words, and nothing changes."""
    chat = talk()
    await asked(chat)
    assert await as_(chat, who).mistake(text) == key
    assert chat.memory.requests[1].state is ApprovalState.WAITING


async def test_a_request_expires() -> None:
    """After three days it ends once, with a word to the author; an early or repeated timer changes nothing."""
    chat = talk()
    await asked(chat)
    event = ApprovalToEnd(portal=PORTAL, number=1)
    assert await chat.hear(event) == []
    chat.now += 3 * DAY
    late = await as_(chat, OLGA).say("/approve 1")
    assert "because nobody decided" in said(late)[0]
    made = await chat.hear(event)
    (told,) = [one for one in made if isinstance(one, Say)]
    assert told.content.text.startswith("Nobody decided about your request 1")
    assert puts(told) == ["/post Cake at four."]
    assert {one.dialog for one in made if isinstance(one, Edit)} == {"1", "5", "7"}
    assert await chat.hear(event) == []


async def test_a_message_that_arrives_after_the_decision_says_so() -> None:
    """If a request is decided before its message reached an approver, that message is redrawn when it is there."""
    chat = talk()
    made = await press(chat, await shown(chat, "/post Cake."), "Ask for approval")
    (olga, tom) = [one for one in made if isinstance(one, ShowDraft)]
    await chat.done(olga, 700)
    await press(as_(chat, OLGA), olga, "Refuse")
    (edit,) = await chat.done(tom, 701)
    assert isinstance(edit, Edit)
    assert (edit.dialog, edit.message, edit.content.text) == (
        "5", MessageId(701), "Request 1 is refused by Olga Sommer. Nothing is published.",
    )  # fmt: skip


async def test_an_approver_who_is_not_reached_is_told_to_the_author() -> None:
    """If the portal refuses the message to an approver, the author is told while the request waits."""
    chat = talk()
    made = await press(chat, await shown(chat, "/post Cake."), "Ask for approval")
    (olga, _tom) = [one for one in made if isinstance(one, ShowDraft)]
    (told,) = await chat.failed(olga, "Gone", code="CHAT_NOT_FOUND")
    assert isinstance(told, Say)
    assert told.dialog == "7"
    assert told.content.text.startswith("I could not show your request 1 to user 1.")


async def test_a_text_that_goes_on_in_the_timeline_stays_approved() -> None:
    """Where a portal has no CRM feed, the comment in the timeline is the approved action, and told only once."""
    chat = talk()
    await asked(chat)
    approved = ApprovedBy(request=1, user=OLGA.id, name=OLGA.name)
    post = CrmPost(
        dialog=Dialog("7"), user=ANNA.id, entity=CrmEntity(type="deal", id=42), text="They called.", since=1,
        approved=approved, report=True,
    )  # fmt: skip
    (comment,) = await chat.failed(post, code="", text="Livefeed is no longer supported")
    assert isinstance(comment, effects.CrmComment)
    assert comment.approved == approved


@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        ({}, "is published for Anna Lind."), ({"error": "Refused"}, "could not be carried out."),
        ({"error": "PortalDown", "outcome_unknown": True}, "The portal did not say whether request 1"),
    ],
)  # fmt: skip
async def test_the_approver_is_told_the_result(fails: dict[str, Any], expected: str) -> None:
    """The message with which a person approved says how it went, also if the portal did not say."""
    chat = talk()
    olga, _tom = await asked(chat)
    (post,) = published(await press(as_(chat, OLGA), olga, "Approve"))
    made = await (chat.failed(post, **fails) if fails else chat.done(post, 300))
    assert expected in next(line for line in said(made) if line.startswith("1: "))


async def test_a_press_where_the_bot_is_no_member_is_answered() -> None:
    """A typed decision in a chat without the bot gets its answer."""
    chat = talk()
    await asked(chat)
    outside = replace(chat, who=OLGA, dialog=Dialog("chat42"), bot_absent=True)
    made = await outside.say("/refuse 1 Not now.")
    (answer,) = [one for one in made if isinstance(one, Say) and one.answers]
    assert answer.content.text.startswith("Request 1 is refused by Olga Sommer.")


@pytest.mark.parametrize("error", [PortalDown("down", outcome_unknown=False), TokenRefused("", "no token")])
async def test_a_portal_that_does_not_answer_allows_nothing(error: PortalDown | TokenRefused) -> None:
    """If the portal is down, or has no valid token of the person, a rule about people denies, and the draft is kept."""
    admins = Rule(number=1, name="Admins", who=("administrators",), then=Decision.ALLOW)
    chat = talk(Policy(rules=(admins,), otherwise=Decision.DENY))
    chat.portal.authors = {7: Author(id=7, administrator=True)}
    card = await shown(chat, "/post Cake.")
    assert labels(card)[0] == "Publish"
    chat.portal.error = error
    assert await chat.mistake("/publish") == "policy.refused"
    with pytest.raises(UserMistake, match="refused"):
        await press(chat, card, "Publish")
    assert "I could not ask the portal" in (await shown(chat, "/draft Tea.")).content.text


async def test_nothing_is_approved_while_the_portal_does_not_answer() -> None:
    """If a rule that may deny cannot be checked at the press, the request waits on, and a later press decides."""
    chat = talk()
    (olga, _tom) = await asked(chat)
    admins = Rule(number=1, name="No admins", who=("administrators",), then=Decision.DENY)
    chat.settings = replace(chat.settings, policy=Policy(rules=(admins, replace(TWO.rules[0], number=2))))
    with pytest.raises(UserMistake, match="denied_now"):
        await press(as_(chat, OLGA), olga, "Approve")
    chat.portal.authors = {7: Author(id=7, administrator=False)}
    assert len(published(await press(as_(chat, OLGA), olga, "Approve"))) == 1


async def test_nobody_floods_the_approvers() -> None:
    """A person has at most twenty requests that wait; the draft of the next one is kept."""
    chat = talk()
    await asked(chat)
    first = chat.memory.requests[1]
    chat.memory.requests |= {number: replace(first, number=number) for number in range(2, MOST + 1)}
    card = await shown(chat, "/post One more.")
    with pytest.raises(UserMistake, match="full"):
        await press(chat, card, "Ask for approval")
    await as_(chat, OLGA).say("/refuse 7")
    assert [one for one in await press(chat, card, "Ask for approval") if isinstance(one, ShowDraft)]


async def test_a_long_list_says_that_there_are_more() -> None:
    """A message lists ten requests with their buttons, and says if others wait too."""
    chat = talk()
    await asked(chat)
    first = chat.memory.requests[1]
    for many, more in ((10, False), (11, True)):
        chat.memory.requests = {number: replace(first, number=number) for number in range(1, many + 1)}
        (listed,) = await as_(chat, OLGA).say("/approvals")
        assert isinstance(listed, Say)
        assert len(labels(listed)) == 20
        assert ("There are more." in listed.content.text) is more


async def test_an_approver_without_a_name_is_a_number() -> None:
    """If the portal does not name a person, the sentences say which user it is."""
    chat = talk()
    chat.portal.called.pop(5)
    assert "Needs the approval of Olga Sommer or user 5." in (await shown(chat, "/post Cake.")).content.text


async def test_a_menu_press_counts_like_a_button() -> None:
    """A decision that comes from a menu must be signed too."""
    chat = talk()
    olga, _tom = await asked(chat)
    name, params = button(olga, "Approve")
    assert published(await as_(chat, OLGA).press(name, "1", source=From.MENU)) == []
    assert len(published(await as_(chat, OLGA).press(name, params, source=From.MENU))) == 1
