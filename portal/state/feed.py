"""The News Feed: posts and their comments."""

from dataclasses import dataclass, field
from typing import Any

from portal.state.talk import File


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
