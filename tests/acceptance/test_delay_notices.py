"""A portal that delays a post: the author is notified, is answered meanwhile, and the post is published."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.line import CLARA, OLGA, WITHIN, laid

KEPT = "Your post is kept"


@pytest.mark.parametrize("api", ["v1", "v2"])
@pytest.mark.parametrize("member", [True, False], ids=["member", "absent"])
async def test_a_delayed_post_is_announced_once(tmp_path: Path, api: str, *, member: bool) -> None:
    """While the method is blocked, there is one notice and an answer to something else; then the result comes."""
    async with laid(tmp_path, api, FEEDBRIDGE_RETRY__LATE="0.5") as line:
        clara, group = line.portal.person(CLARA), line.group(OLGA, CLARA, bot=member)
        line.portal.faults({"method": "log.blogpost.add", "kind": "429", "seconds": 1, "times": None})
        asked = await clara.says("/post Tea at five", dialog=group)
        told = await clara.sees(KEPT, dialog=group, after=asked, within=WITHIN)
        assert [post for post in line.portal.posts(CLARA) if post.text == "Tea at five"] == []
        await clara.says("/help share", dialog=group)
        answer = await clara.sees("Share a post with more people", dialog=group, after=asked, within=WITHIN)
        line.portal.faults()
        published = await clara.sees("Published as", dialog=group, after=asked, within=WITHIN)
        assert told.id < answer.id < published.id
        await line.quiet()
        assert len([post for post in line.portal.posts(CLARA) if post.text == "Tea at five"]) == 1
        assert len([row for row in clara.reads(dialog=group) if KEPT in row.text]) == 1
