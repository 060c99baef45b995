"""The News Feed: posts and their comments."""

from dataclasses import dataclass, field
from typing import Any

from portal.state.talk import File


@dataclass(frozen=True, slots=True, kw_only=True)
class Gratitude:
    """Thanks to colleagues that hang on a post."""

    id: int
    medal: str
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of a poll with its answers; `many` lets a person tick several."""

    text: str
    answers: tuple[str, ...]
    many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A poll on a post; a vote is (person, question, answer), counted from 0."""

    id: int
    questions: tuple[Question, ...]
    anonymous: bool = False
    options: int = 0
    votes: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A blog post; `log` is its feed entry, `touched` what LOG_UPDATE holds."""

    id: int
    log: int
    author: int
    title: str
    text: str
    dest: tuple[str, ...]
    date: float
    touched: float
    micro: bool = False
    important: bool = False
    important_until: float | None = None
    tags: tuple[str, ...] = ()
    background: str = ""
    edited: bool = False
    files: tuple[File, ...] = ()
    readers: tuple[int, ...] = ()
    gratitude: Gratitude | None = None
    poll: Poll | None = None
    preview: str = ""
    """The address whose preview stands below the post."""
    extra: dict[str, Any] = field(default_factory=dict)
    """UF_* values the portal keeps without understanding them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment below a post; `shared` holds the codes when sharing made it."""

    id: int
    post: int
    author: int
    text: str
    date: float
    files: tuple[File, ...] = ()
    shared: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Feed:
    """All posts and comments."""

    posts: dict[int, Post] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)

    def comments_of(self, post: int) -> list[Comment]:
        """Return the comments of a post, oldest first."""
        return [comment for comment in self.comments.values() if comment.post == post]
