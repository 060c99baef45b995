"""Writes the parameters that publish a post (log.blogpost.add)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.model.effects import Publish
from bot.model.post_parts import Poll, Thanks

_NEW_POLL = "n0"
"""The name of a poll that does not exist yet: any number behind an n (reference: log.blogpost.add)."""
_NUMBER = re.compile(r"\d+\Z")
_REVOTE = 1
"""OPTIONS of a poll in which people may change their answer."""


def parameters(effect: Publish) -> dict[str, Any]:
    """Return the parameters that publish a post; what it does not have is left out."""
    given = {
        "POST_TITLE": effect.title,
        "IMPORTANT": "Y" if effect.important else "",
        "IMPORTANT_DATE_END": effect.important_until if effect.important else "",
        "TAGS": ",".join(effect.tags),
        "SITE_ID": effect.site,
        "BACKGROUND_CODE": effect.background,
        "UF_BLOG_POST_FILE": [f"n{number}" for number in effect.files],
        "PARSE_PREVIEW": "Y" if effect.link_preview else "",
    }
    made = {"POST_MESSAGE": effect.text, "DEST": effect.dest} | {name: value for name, value in given.items() if value}
    made |= _older(effect.dest)
    return made | (_thanks(effect.thanks) if effect.thanks else {}) | (_poll(effect.poll) if effect.poll else {})


def _older(dest: Sequence[str]) -> dict[str, Any]:
    """Return the recipients once more as SPERM, for portals that are too old for DEST.

    Such a portal would publish the post for everybody, and its answer would not tell. Others prefer DEST.
    """
    if set(dest) <= {"UA"}:
        return {}
    by_kind: dict[str, list[str]] = {}
    for code in dest:
        by_kind.setdefault(_NUMBER.sub("", code), []).append(code)
    return {"SPERM": by_kind}


def _thanks(thanks: Thanks) -> dict[str, Any]:
    """Return the parameters of thanks; the portal reads them beside the others, and not inside UF_GRATITUDE."""
    return {"GRATITUDE_MEDAL": thanks.medal, "GRATITUDE_EMPLOYEES": list(thanks.people)}


def _poll(poll: Poll) -> dict[str, Any]:
    answers = [{"MESSAGE": answer} for answer in poll.answers]
    question = {"QUESTION": poll.question, "FIELD_TYPE": int(poll.several), "ANSWERS": answers}
    data = {"QUESTIONS": [question], "ANONYMITY": 0, "OPTIONS": _REVOTE}
    return {"UF_BLOG_POST_VOTE": _NEW_POLL, f"UF_BLOG_POST_VOTE_{_NEW_POLL}_DATA": data}
