"""log.blogpost.get, and the people who have read a post (reference: G1, behaviour 7.3)."""

import zlib
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

from portal.api.answers import EncodedRow
from portal.api.call import PAGE, Call, Page, Params
from portal.api.registry import method
from portal.clock import iso, moment_of
from portal.errors import RestError
from portal.rules import rights
from portal.wire import php
from portal.wire.files import is_image
from portal.world.feed import Post, parse_code

MAX_ROWS = 200
MAX_READERS = 500
SORT_BELOW = 40
"""Up to this number of posts, sorting is faster than a walk through all posts."""


@method("log.blogpost.get", scope="log")
def get(call: Call, params: Params) -> Any:
    """List the posts that the caller may see, latest change first.

    Posts that the caller may not see are left out without an error.
    """
    feed, user = call.world.feed, call.user
    if params.has("POST_ID"):
        post = feed.posts.get(params.number("POST_ID"))
        found = [post] if post is not None and rights.may_read_post(call.world, post, user) else []
        return Page(result=[render(call, post) for post in found], total=len(found))
    rows, total = _find_posts(call, params)
    if any(params.has(name) for name in ("FIRST_ID", "LAST_ID", "LIMIT")):
        limit = max(1, min(MAX_ROWS, params.number("LIMIT", MAX_ROWS)))
        return Page(result=[render(call, post) for post in islice(rows, limit)])
    start = params.number("start")
    skipped = max(0, min(start, total))
    page = [render(call, post) for post in islice(rows, skipped, skipped + PAGE)]
    if start < 0:
        return Page(result=page)
    return Page(result=page, total=total, next=start + PAGE if start + PAGE < total else None)


def _find_posts(call: Call, params: Params) -> tuple[Iterator[Post], int]:
    """Return the posts in the caller's feed that match the dates and feed-log ids of the call, and their number.

    The posts are sorted by latest change.
    """
    post_index, visible = call.world.feed.post_index(), rights.feed_of(call.world, call.user)
    codes = {"UA" if code in ("AU", "G2") else php.text_of(code).upper() for code in params.values("LOG_RIGHTS")}
    if codes:
        visible &= post_index.addressed_to(filter(None, map(parse_code, codes)))
    since, until = moment_of(params.text("LOG_DATE_FROM")), moment_of(params.text("LOG_DATE_TO"))
    first, last = params.number("FIRST_ID"), params.number("LAST_ID")

    def fits(post: Post) -> bool:
        dated = (since is None or post.date >= since) and (until is None or post.date <= until)
        return dated and (not first or post.log > first) and (not last or post.log < last)

    if since is not None or until is not None or first or last:
        visible = {number for number in visible if fits(post_index[number])}
    if len(visible) < SORT_BELOW:
        rows = sorted(
            (post_index[number] for number in visible), key=lambda post: (post.touched, post.id), reverse=True
        )
        return iter(rows), len(rows)
    return (post for post in post_index.newest() if post.id in visible), len(visible)


def render(call: Call, post: Post) -> dict[str, Any]:
    """Return a post as log.blogpost.get shows it; numbers are strings.

    Of the recipients, only HAS_SOCNET_ALL is shown.
    """
    comments = [comment for comment in call.world.feed.comments_of(post.id) if not comment.shared]
    images = any(is_image(file) for comment in comments for file in comment.files)
    # Comments change without the post, so only these fields are compared with the cached row.
    counted = {"NUM_COMMENTS": str(len(comments)), "HAS_COMMENT_IMAGES": "Y" if images else None}
    encoded_rows = call.world.feed.post_index().encoded_rows
    row = encoded_rows.get(post.id)
    if row is None or any(row[name] != value for name, value in counted.items()):
        if len(encoded_rows) >= MAX_ENCODED:
            encoded_rows.clear()
        row = encoded_rows[post.id] = EncodedRow({**_render_post(post), **counted})
    return row


MAX_ENCODED = 500
"""Posts that are kept encoded; fifty with their user fields are half a million characters."""


def _render_post(post: Post) -> dict[str, Any]:
    """Return those fields of a post that no comment changes."""
    extras = (post.important, post.files, post.extra, post.gratitude, post.poll, post.preview)
    return {
        "ID": str(post.id),
        "BLOG_ID": str(post.author),
        "PUBLISH_STATUS": "P",
        "TITLE": post.title,
        "AUTHOR_ID": str(post.author),
        "ENABLE_COMMENTS": "Y",
        "NUM_COMMENTS": "0",
        "CODE": None,
        "MICRO": "Y" if post.micro else "N",
        "DETAIL_TEXT": post.text,
        "DATE_PUBLISH": iso(post.date),
        "CATEGORY_ID": ",".join(str(9 + index) for index in range(len(post.tags))),
        "HAS_SOCNET_ALL": "Y" if "UA" in post.dest else "N",
        "HAS_TAGS": "Y" if post.tags else "N",
        "HAS_IMAGES": "Y" if any(is_image(file) for file in post.files) else "N",
        "HAS_PROPS": "Y" if any(extras) else "N",
        "HAS_COMMENT_IMAGES": None,
        **_render_user_fields(post),
        "FILES": [str(file.id) for file in post.files],
    }


def _render_user_fields(post: Post) -> dict[str, Any]:
    until = post.important_until
    values: dict[str, Any] = {
        "UF_BLOG_POST_DOC": False,
        "UF_BLOG_POST_URL_PRV": post.preview or None,
        "UF_GRATITUDE": str(post.gratitude.id) if post.gratitude else None,
        "UF_BLOG_POST_FILE": [file.id for file in post.files] or False,
        "UF_BLOG_POST_IMPRTNT": "1" if post.important else None,
        "UF_IMPRTANT_DATE_END": iso(until) if until is not None else "",
        "UF_BLOG_POST_VOTE": str(post.poll.id) if post.poll else None,
        "UF_MAIL_MESSAGE": None,
        **post.extra,
    }
    return {name: _render_user_field(post, name, value) for name, value in values.items()}


TYPES = {
    "file": ("File", "file"),
    "url_preview": ("Preview of a link", "int"),
    "disk_file": ("File of the Drive", "int"),
    "integer": ("Whole number", "int"),
    "datetime": ("Date and time", "datetime"),
    "vote": ("Poll", "int"),
    "mail_message": ("Letter", "int"),
    "string": ("Text", "string"),
}
"""Kinds of user fields: title and stored type."""
FIELDS = {
    "UF_BLOG_POST_DOC": "file",
    "UF_BLOG_POST_URL_PRV": "url_preview",
    "UF_GRATITUDE": "integer",
    "UF_BLOG_POST_FILE": "disk_file",
    "UF_BLOG_POST_IMPRTNT": "integer",
    "UF_IMPRTANT_DATE_END": "datetime",
    "UF_BLOG_POST_VOTE": "vote",
    "UF_MAIL_MESSAGE": "mail_message",
}
"""The user fields of every post and their kinds; all other fields are text."""
MULTIPLE = ("UF_BLOG_POST_DOC", "UF_BLOG_POST_FILE")
SAME_FOR_ALL: dict[str, Any] = {
    "ENTITY_ID": "BLOG_POST",
    "SORT": "100",
    "MANDATORY": "N",
    "SHOW_FILTER": "N",
    "SHOW_IN_LIST": "N",
    "EDIT_IN_LIST": "Y",
    "IS_SEARCHABLE": "N",
    "SETTINGS": [],
    "EDIT_FORM_LABEL": None,
    "LIST_COLUMN_LABEL": None,
    "LIST_FILTER_LABEL": None,
    "ERROR_MESSAGE": None,
    "HELP_MESSAGE": None,
}
"""Values that all user fields have here; real portals have settings and labels for some."""


@cache
def _describe(name: str) -> dict[str, Any]:
    """Describe the user field with a name; custom fields get ids after those of the standard ones."""
    kind = FIELDS.get(name, "string")
    title, base = TYPES[kind]
    number = list(FIELDS).index(name) + 1 if name in FIELDS else OWN_FIELDS + zlib.crc32(name.encode()) % OWN_FIELDS
    return {
        "ID": str(number),
        "FIELD_NAME": name,
        "XML_ID": name,
        "USER_TYPE_ID": kind,
        "MULTIPLE": "Y" if name in MULTIPLE else "N",
        "USER_TYPE": {"USER_TYPE_ID": kind, "DESCRIPTION": title, "BASE_TYPE": base},
        **SAME_FOR_ALL,
    }


OWN_FIELDS = 1000


def _render_user_field(post: Post, name: str, value: Any) -> dict[str, Any]:
    """Return a user field with its description and its value in a post."""
    held = {"VALUE": value, "ENTITY_VALUE_ID": post.id, "VALUE_EXISTS": True, "VALUE_RAW": _database_value(value)}
    return {**_describe(name), **held, "CUSTOM_DATA": []}


def _database_value(value: Any) -> Any:
    """Return a value as the database stores it.

    A list of numbers is serialised as PHP does; an empty value is null.
    """
    if isinstance(value, list) and all(isinstance(one, int) for one in value):
        inner = "".join(f"i:{index};i:{one};" for index, one in enumerate(value))
        return f"a:{len(value)}:{{{inner}}}"
    return value or None


@method("log.blogpost.getusers.important", scope="log")
def readers(call: Call, params: Params) -> Any:
    """Return the ids of the people who have read an important post; none when the caller may not see the post."""
    if params.number("POST_ID") <= 0:
        raise RestError("", "Wrong post ID")
    post = call.world.feed.posts.get(params.number("POST_ID"))
    if post is None or not rights.may_read_post(call.world, post, call.user):
        return []
    return [str(user) for user in post.readers[:MAX_READERS]]
