"""What a post may have besides its text: a poll, thanks to colleagues, and the approval of another person."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.events import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A question with its answers in plain text; `several`: a person may choose several answers."""

    question: str
    answers: tuple[str, ...]
    several: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Thanks:
    """Thanks to colleagues: the code of a medal, and the ids of the people who get it."""

    medal: str
    people: tuple[UserId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedBy:
    """Who approved a user action: the number of the request, and the user with their name."""

    request: int
    user: UserId
    name: str = ""
