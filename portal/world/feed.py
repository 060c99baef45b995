"""The News Feed: posts and comments, indexed by recipient, author and post.

The indexes avoid a walk through all posts, because a portal may have very many.
"""

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from portal.world.messenger import File

Code = tuple[str, int]
"""A recipient as kind and number: ("SG", 7), ("UA", 0)."""
_CODE = re.compile(r"(UA|SG|DR|U)(\d{0,18})\Z")


@lru_cache(maxsize=10_000)
def parse_code(code: str) -> Code | None:
    """Split a recipient code into kind and number; return None when it is invalid."""
    found = _CODE.match(code.upper())
    if found is None or (found[1] == "UA") == bool(found[2]):
        return None
    return found[1], int(found[2] or 0)


MEDALS = frozenset(
    [
        *("thumbsup", "gift", "cup", "money", "crown", "drink", "cake"),
        *("thefirst", "flag", "star", "heart", "beer", "flowers", "smile"),
    ]
)
"""The codes of the medals that an installation brings."""
BACKGROUNDS = frozenset(
    [
        *("01_summer_field", "02_sunset_tree", "03_night_mountains", "04_yellow_foothills", "05_smoky_mountains"),
        *("06_sunny_river", "07_flaring_lava", "08_icy_peak", "09_violet_led", "10_arctic_village"),
        *("11_steel_curves", "12_desert_rocks", "13_colourful_fibers", "14_green_foothills"),
    ]
)
"""The codes of the backgrounds that an installation brings; any other code is kept and shows nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gratitude:
    """A gratitude to colleagues in a post."""

    id: int
    medal: str
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of a poll with its answers.

    `many` allows several answers by one person.
    """

    text: str
    answers: tuple[str, ...]
    many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A poll in a post.

    A vote is (person, question, answer); questions and answers are counted from 0.
    """

    id: int
    questions: tuple[Question, ...]
    anonymous: bool = False
    options: int = 0
    votes: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A blog post.

    `log` is its feed-log id, `touched` the Unix time of its last change (LOG_UPDATE).
    """

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
    """The address whose preview is shown with the post."""
    extra: dict[str, Any] = field(default_factory=dict)
    """UF_* values that the portal stores without understanding them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on a post.

    When sharing has created the comment, `shared` holds the added recipients.
    """

    id: int
    post: int
    author: int
    text: str
    date: float
    files: tuple[File, ...] = ()
    shared: tuple[str, ...] = ()


class PostIndex(dict[int, Post]):
    """Posts by id, with indexes by date, author and recipient.

    Change it only by `posts[n] = row` and `del posts[n]`, which keep the indexes right.
    """

    def __init__(self, rows: Iterable[Post] = ()) -> None:
        super().__init__()
        self._order: list[tuple[float, int]] = []
        self._to: dict[Code, set[int]] = {}
        self._by: dict[int, set[int]] = {}
        self.encoded_rows: dict[int, dict[str, Any]] = {}
        """By post id: the post as answers show it; removed when the post changes."""
        for row in rows:
            self[row.id] = row

    def __setitem__(self, number: int, post: Post) -> None:
        # The old row must leave the indexes before its date or recipients change.
        if number in self:
            self._forget(self[number])
        super().__setitem__(number, post)
        insort(self._order, (post.touched, number))
        self._by.setdefault(post.author, set()).add(number)
        for code in filter(None, map(parse_code, post.dest)):
            self._to.setdefault(code, set()).add(number)

    def __delitem__(self, number: int) -> None:
        self._forget(self[number])
        super().__delitem__(number)

    def _forget(self, post: Post) -> None:
        self.encoded_rows.pop(post.id, None)
        del self._order[bisect_left(self._order, (post.touched, post.id))]
        self._by[post.author].discard(post.id)
        for code in filter(None, map(parse_code, post.dest)):
            self._to[code].discard(post.id)

    def newest(self) -> Iterator[Post]:
        """Return all posts, latest change first."""
        return (self[number] for _, number in reversed(self._order))

    def addressed_to(self, codes: Iterable[Code], *, by: int = 0) -> set[int]:
        """Return the ids of all posts that have one of these recipients, or that the user `by` wrote."""
        return set(self._by.get(by, ())).union(*(self._to.get(code, ()) for code in codes))


class CommentIndex(dict[int, Comment]):
    """Comments by id, with an index by post.

    Change it only by `comments[n] = row` and `del comments[n]`, which keep the index right.
    """

    def __init__(self, rows: Iterable[Comment] = ()) -> None:
        super().__init__()
        self._below: dict[int, dict[int, None]] = {}
        for row in rows:
            self[row.id] = row

    def __setitem__(self, number: int, comment: Comment) -> None:
        super().__setitem__(number, comment)
        self._below.setdefault(comment.post, {})[number] = None

    def __delitem__(self, number: int) -> None:
        self._below[self[number].post].pop(number, None)
        super().__delitem__(number)

    def of_post(self, post: int) -> list[Comment]:
        """Return the comments of a post, oldest first."""
        return [self[number] for number in self._below.get(post, ())]


@dataclass(slots=True, kw_only=True)
class Feed:
    """All posts and comments."""

    posts: dict[int, Post] = field(default_factory=PostIndex)
    comments: dict[int, Comment] = field(default_factory=CommentIndex)

    def post_index(self) -> PostIndex:
        """Return the posts with their indexes; build the indexes when the data was loaded from a file."""
        if not isinstance(self.posts, PostIndex):
            self.posts = PostIndex(self.posts.values())
        return self.posts

    def comments_of(self, post: int) -> list[Comment]:
        """Return the comments of a post, oldest first."""
        if not isinstance(self.comments, CommentIndex):
            self.comments = CommentIndex(self.comments.values())
        return self.comments.of_post(post)

    def files_of(self, post: Post) -> Iterator[File]:
        """Return the files of a post, then those of its comments."""
        yield from post.files
        for comment in self.comments_of(post.id):
            yield from comment.files

    def delete(self, post: int) -> None:
        """Delete a post with its comments."""
        for comment in self.comments_of(post):
            del self.comments[comment.id]
        del self.posts[post]
