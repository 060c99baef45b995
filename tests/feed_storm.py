"""Random sequences of what people do in the feed: posts, recipients, comments."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.storming import FEED
from tests.watching import Watch
from tests.witness import ADMIN, CODES, NOBODY, PEOPLE, Post, Remark, addresses

MOST_POSTS = 55
people = st.integers(0, 17)
"""Choose a person; from six on, one who probably has the right."""
places = st.integers(0, 30)
recipients = st.lists(st.sampled_from([*CODES, *NOBODY, "xx"]), max_size=3)


class FeedStorm(Watch):
    """Posts appear, change, are shared and deleted; people comment."""

    @staticmethod
    def one(number: int, *likely: int) -> int:
        """Return a person by number."""
        liked = sorted(set(likely) & set(PEOPLE))
        return liked[number % len(liked)] if number >= len(PEOPLE) and liked else PEOPLE[number % len(PEOPLE)]

    @precondition(lambda self: len(self.posts) < MOST_POSTS)
    @rule(user=people, dest=recipients, other=st.sampled_from([0, *PEOPLE]), page=st.booleans())
    def publish(self, *, user: int, dest: list[str], other: int, page: bool) -> None:
        """Publish a post to anybody, by REST or on the page; an administrator may write for another user."""
        user = self.one(user)
        author = other if other and user == ADMIN and not page else user
        mark, kept = self.mark(), {code for code in dest if addresses(author, code)}
        if page:
            done = self.did(user, "posts", {"text": mark, "dest": dest}, right=bool(kept))
            number = done["post_id"] if done else 0
        else:
            given = {"POST_MESSAGE": mark, "DEST": dest, **({"USER_ID": other} if other else {})}
            number = self.allowed(user, "log.blogpost.add", given, right=bool(kept))
        if kept:
            self.posts.append(Post(id=number, author=author, mark=mark, dest=kept, touched=self.now))
            self.known("post", self.posts[-1])
            self.expected.append(FEED[0])

    @precondition(lambda self: len(self.posts) < MOST_POSTS)
    @rule(seldom=st.integers(0, 7))
    def flood(self, *, seldom: int) -> None:
        """Publish more posts than a page holds."""
        for _ in range(45 if seldom == 7 else 0):
            self.publish(user=1, dest=["UA"], other=0, page=False)

    def post(self, place: int) -> Post | None:
        """Choose a post, also a deleted one."""
        return self.posts[-1 - place % len(self.posts)] if self.posts else None

    @precondition(lambda self: self.posts)
    @rule(user=people, place=places, dest=st.none() | recipients)
    def change(self, *, user: int, place: int, dest: list[str] | None) -> None:
        """Change the text and the recipients of a post."""
        post, mark = self.post(place), self.mark()
        assert post
        user = self.one(user, post.author)
        kept = {code for code in dest if addresses(user, code)} if dest is not None else post.dest
        given = {"POST_ID": post.id, "POST_MESSAGE": mark, **({"DEST": dest} if dest is not None else {})}
        if self.allowed(user, "log.blogpost.update", given, right=post.changeable(user) and bool(kept)):
            self.remarked(post, mark)
            post.dest, post.touched = kept, self.now
            self.expected.append(FEED[1])

    @precondition(lambda self: self.posts)
    @rule(user=people, place=places, dest=recipients)
    def share(self, *, user: int, place: int, dest: list[str]) -> None:
        """Add recipients to a post, all or none."""
        post, codes = self.post(place), {code for code in dest if code != "xx"}
        assert post
        user = self.one(user, post.author)
        right = post.changeable(user) and bool(codes) and all(addresses(user, code) for code in codes)
        if self.allowed(user, "log.blogpost.share", {"POST_ID": post.id, "DEST": dest}, right=right):
            post.touched = post.touched if codes <= post.dest else self.now
            post.dest |= codes

    @precondition(lambda self: self.posts)
    @rule(user=people, place=places, page=st.booleans())
    def unpublish(self, *, user: int, place: int, page: bool) -> None:
        """Delete a post with its comments."""
        post = self.post(place)
        assert post
        user = self.one(user, post.author)
        right = post.changeable(user)
        if page:
            self.did(user, "posts/delete", {"post_id": post.id}, right=right)
        else:
            self.allowed(user, "log.blogpost.delete", {"POST_ID": post.id}, right=right)
        if right:
            post.alive = False
            self.expected.append(FEED[2])

    @precondition(lambda self: self.posts)
    @rule(user=people, place=places, page=st.booleans())
    def comment(self, *, user: int, place: int, page: bool) -> None:
        """Comment on a post."""
        post, mark = self.post(place), self.mark()
        assert post
        user = self.one(user, *post.viewers())
        right = user in post.viewers()
        if page:
            done = self.did(user, "posts/comment", {"post_id": post.id, "text": mark}, right=right)
            number = done["comment_id"] if done else 0
        else:
            number = self.allowed(user, "log.blogcomment.add", {"POST_ID": post.id, "TEXT": mark}, right=right)
        if right:
            post.touched = self.now
            post.comments.append(Remark(id=number, author=user, mark=mark, post=post))
            self.known("comment", post.comments[-1])

    @precondition(lambda self: any(post.comments for post in self.posts))
    @rule(user=people, place=places)
    def uncomment(self, *, user: int, place: int) -> None:
        """Delete a comment as its author, the post's author, or an administrator."""
        rows = [row for post in self.posts for row in post.comments]
        row = rows[-1 - place % len(rows)]
        user = self.one(user, row.author, row.post.author)
        right = row.alive and row.post.alive and user in (ADMIN, row.author, row.post.author)
        if self.allowed(user, "log.blogcomment.delete", {"COMMENT_ID": row.id}, right=right):
            row.alive = False
