"""Read what a post has besides text: gratitude, poll, existing files, other UF_* values."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from portal.api.call import Call, Fields, Params
from portal.wire import php
from portal.world.feed import MEDALS, Gratitude, Poll, Question
from portal.world.messenger import File

UNDERSTOOD = frozenset(
    [
        *("UF_BLOG_POST_FILE", "UF_BLOG_POST_IMPRTNT", "UF_IMPRTANT_DATE_END"),
        *("UF_GRATITUDE", "UF_BLOG_POST_VOTE", "UF_BLOG_POST_URL_PRV"),
    ]
)
"""UF_* values that the emulator understands."""
_DRIVE = re.compile(r"n(\d{1,18})\Z")


def gratitude(call: Call, params: Params) -> Gratitude | None:
    """Return the gratitude of a call, a medal and the thanked employees; None when one of both is missing or unknown.

    Both are parameters of the call: inside UF_GRATITUDE the portal does not read them.
    """
    medal = params.text("GRATITUDE_MEDAL").strip()
    given = params.values("GRATITUDE_EMPLOYEES")
    users = (call.world.user(php.int_of(php.text_of(one).upper().removeprefix("U"))) for one in given)
    people = tuple(dict.fromkeys(user.id for user in users if user is not None and not user.bot and not user.mail))
    if medal not in MEDALS or not people:
        return None
    return Gratitude(id=call.world.next_id("gratitude"), medal=medal, people=people)


def poll(call: Call, params: Params) -> Poll | None:
    """Return the poll of a call; None when it has no name or no question.

    UF_BLOG_POST_VOTE is the name of the poll ("n0"), UF_BLOG_POST_VOTE_n0_DATA holds the questions.
    """
    name = params.text("UF_BLOG_POST_VOTE")
    data = params.inner(f"UF_BLOG_POST_VOTE_{name}_DATA")
    questions = tuple(_read_questions(data.values("QUESTIONS")))
    if not name or not questions:
        return None
    return Poll(
        id=call.world.next_id("poll"),
        questions=questions,
        anonymous=data.number("ANONYMITY") > 1,
        options=data.number("OPTIONS"),
    )


def _read_questions(given: Iterable[Any]) -> Iterable[Question]:
    for row in given:
        fields = Fields(row)
        answers = (
            php.text_of(one.get("MESSAGE")) if isinstance(one, Mapping) else php.text_of(one)
            for one in fields.values("ANSWERS")
        )
        filled = tuple(answer.strip() for answer in answers if answer.strip())
        if fields.text("QUESTION").strip() and filled:
            many = fields.number("FIELD_TYPE") == 1 or fields.yes("MULTI")
            yield Question(text=fields.text("QUESTION").strip(), answers=filled, many=many)


def others(params: Params) -> dict[str, Any]:
    """Return the UF_* values that the emulator stores without understanding them."""
    return {
        name.upper(): value
        for name, value in params.raw.items()
        if name.upper().startswith("UF_") and not _is_understood(name.upper())
    }


def _is_understood(name: str) -> bool:
    return name in UNDERSTOOD or (name.startswith("UF_BLOG_POST_VOTE_") and name.endswith("_DATA"))


def from_drive(call: Call, given: Iterable[Any]) -> tuple[File, ...]:
    """Return those files of the caller's posts and chats that values like "n12" name by id; ignore all others.

    An administrator may name files of all posts and chats, unless the switch `files_of_others` is off.
    """
    wanted = [int(found[1]) for value in given if (found := _DRIVE.match(php.text_of(value)))]
    if not wanted:
        return ()
    world = call.world
    everything = call.user.admin and call.portal.switches.files_of_others
    attached = [post.files for post in world.feed.posts.values() if everything or post.author == call.user.id]
    chats = {chat.id for chat in world.messenger.of(call.user.id)}
    attached += [row.files for row in world.messenger.messages.values() if everything or row.chat in chats]
    known = {file.id: file for files in attached for file in files}
    return tuple(known[number] for number in dict.fromkeys(wanted) if number in known)
