"""Which posts a round of card checks compares."""

from __future__ import annotations

from bot.model.events import PostId
from bot.pipeline.card_checks import OLDER, RESTRICTED, in_turn


def test_every_post_is_checked_in_turn() -> None:
    """The newest posts are checked in every round, each older one after a few rounds."""
    posts = [PostId(number) for number in range(RESTRICTED + 3 * OLDER - 5)]
    rounds = [in_turn(posts, turn) for turn in range(3)]
    assert all(judged[:RESTRICTED] == posts[:RESTRICTED] for judged in rounds)
    assert {post for judged in rounds for post in judged} == set(posts)
    assert max(len(judged) for judged in rounds) == RESTRICTED + OLDER


def test_few_posts_are_all_checked_once() -> None:
    """If there are fewer posts than a round takes, none is checked twice."""
    assert in_turn([PostId(1), PostId(2)], 7) == [1, 2]
    posts = [PostId(number) for number in range(RESTRICTED + 2)]
    assert sorted(in_turn(posts, 9)) == posts
