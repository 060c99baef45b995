"""A seed for the emulator: what it does not know is refused with a message, not ignored."""

from typing import Any

import pytest

from portal.errors import ControlError
from portal.world.seed import DEFAULT, world_from


@pytest.mark.parametrize(
    ("seed", "words"),
    [
        ({"user": []}, "unknown tables: user. Known are users,"),
        ({"Users": []}, "unknown tables: Users."),
        ({"users": [], "tasks": [], "deals": []}, "unknown tables: deals, tasks."),
        ({"users": [{"id": 1, "firstname": "Ada"}]}, "unknown keys in users: firstname. Known are id,"),
        ({"groups": [{"id": 1, "title": "x"}]}, "unknown keys in groups: title."),
        ({"posts": [{"id": 1, "recipients": ["UA"]}]}, "unknown keys in posts: recipients."),
        ({"cards": [{"id": 1, "stage": "NEW"}]}, "unknown keys in cards: stage."),
        ({"users": "Ada"}, "seed"),
        ({"users": [1]}, "seed"),
    ],
)
def test_what_a_seed_does_not_have_is_named(seed: dict[str, Any], words: str) -> None:
    """An unknown table or key is named, with those that exist."""
    with pytest.raises(ControlError, match=words):
        world_from(seed, now=1.0)


def test_the_company_is_known_whole() -> None:
    """The emulator's own seed passes."""
    assert world_from(DEFAULT, now=1.0).people.users
