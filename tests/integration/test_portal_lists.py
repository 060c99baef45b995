"""Lists of a large company: cached and late rendering gives the same rows as single rendering."""

import json
from typing import Any

from portal.api import answers, dispatch
from portal.api.authentication import Caller
from portal.api.methods import METHODS
from portal.clock import Clock
from portal.engine.core import Actor, Portal
from portal.rules.crm import cards
from portal.rules.feed import posts
from portal.world.feed import Post


def company(deals: int) -> tuple[Portal, Caller]:
    """Return a portal with many deals, every second one won."""
    assert METHODS
    emulator = Portal(clock=Clock(1_790_000_000))
    for place in range(deals):
        fields = {"STAGE_ID": "WON" if place % 2 else "NEW", "OPPORTUNITY": str(place)}
        cards.add(emulator, "deal", Actor(user=1), title=f"Deal {place}", responsible=1, fields=fields)
    return emulator, Caller(user=emulator.world.people.users[3], scopes=("crm", "log"))


def asked(emulator: Portal, caller: Caller, method: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Call a method and return the body of its answer."""
    answer = dispatch.run_method(emulator, caller, method, fields)
    assert answer.status == 200, answer.body
    return answer.body


def test_a_page_of_a_list_agrees_with_single_cards() -> None:
    """Filter, order, selection and pages agree with single cards."""
    emulator, caller = company(120)
    rows = asked(
        emulator,
        caller,
        "crm.deal.list",
        {"order": {"OPPORTUNITY": "DESC"}, "filter": {"STAGE_ID": "WON"}, "start": 50},
    )
    assert (rows["total"], rows.get("next"), len(rows["result"])) == (60, None, 10)
    assert [row["OPPORTUNITY"] for row in rows["result"]] == [str(number) for number in range(19, 0, -2)]
    for row in rows["result"]:
        assert row == asked(emulator, caller, "crm.deal.get", {"id": row["ID"]})["result"]
    for order in ("ASC", "DESC"):
        by_number = asked(
            emulator, caller, "crm.deal.list", {"order": {"ID": order}, "filter": {">ID": 60}, "start": 50}
        )
        assert (by_number["total"], by_number["next"], len(by_number["result"])) == (120, 100, 50)
        assert (
            by_number["result"][0]
            == asked(emulator, caller, "crm.deal.get", {"id": by_number["result"][0]["ID"]})["result"]
        )
    named = asked(emulator, caller, "crm.deal.list", {"select": ["TITLE"], "filter": {"NO_SUCH_FIELD": 1}})
    assert (named["total"], set(named["result"][0])) == (123, {"ID", "TITLE"})


def test_a_post_is_encoded_once_until_it_changes() -> None:
    """Two pages share the encoded posts; a changed post and a new comment are encoded again."""
    emulator, caller = company(0)
    author = emulator.world.people.users[2]
    first: Post = posts.publish(emulator, author, posts.PostDraft(text="First"), Actor(user=2))

    def row() -> dict[str, Any]:
        found = asked(emulator, caller, "log.blogpost.get", {"POST_ID": first.id})["result"][0]
        assert isinstance(found, dict)
        return found

    whole = asked(emulator, caller, "log.blogpost.get", {})
    assert answers.encode(whole) == answers.encode(json.loads(json.dumps(whole)))
    one, two = row(), row()
    assert one == two
    assert one["UF_GRATITUDE"] is two["UF_GRATITUDE"]
    said = posts.comment(emulator, first, author, "Well said")
    assert row()["NUM_COMMENTS"] == "1"
    posts.delete_comment(emulator, said)
    assert row() == one
    posts.change(emulator, emulator.world.feed.posts[first.id], Actor(user=2), text="Second")
    assert row()["DETAIL_TEXT"] == "Second"
