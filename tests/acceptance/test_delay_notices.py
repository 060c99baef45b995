"""A portal that puts a post off: whoever wrote it is told once, is answered meanwhile, and sees the post in the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.line import CLARA, OLGA, WITHIN, laid

KEPT = "Your post is kept"


@pytest.mark.parametrize("api", ["v1", "v2"])
@pytest.mark.parametrize("member", [True, False], ids=["member", "guest"])
async def test_a_post_that_is_put_off(tmp_path: Path, api: str, *, member: bool) -> None:
    """The method is over its time for a while: one sentence, an answer to something else, then the result."""
    async with laid(tmp_path, api, FEEDBRIDGE_RETRY__LATE="0.5") as line:
        clara, group = line.portal.person(CLARA), line.group(OLGA, CLARA, bot=member)
        line.portal.faults({"method": "log.blogpost.add", "kind": "429", "seconds": 1, "times": None})
        asked = await clara.says("/post Tea at five", dialog=group)
        told = await clara.sees(KEPT, dialog=group, after=asked, within=WITHIN)
        assert [post for post in line.portal.posts(CLARA) if post.text == "Tea at five"] == []
        await clara.says("/help share", dialog=group)
        answer = await clara.sees("/share 217 to:here", dialog=group, after=asked, within=WITHIN)
        line.portal.faults()
        published = await clara.sees("Published as", dialog=group, after=asked, within=WITHIN)
        assert told.id < answer.id < published.id
        await line.quiet()
        assert len([post for post in line.portal.posts(CLARA) if post.text == "Tea at five"]) == 1
        assert len([row for row in clara.reads(dialog=group) if KEPT in row.text]) == 1
