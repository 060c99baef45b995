"""log.blogcomment.*: comments on posts (reference: G1, behaviour 7.4).

No method lists the comments of one post.
"""

from typing import Any

from portal.api.call import Call, Params
from portal.api.methods.log import posts as log_posts
from portal.api.methods.shared import content
from portal.api.registry import method
from portal.clock import iso
from portal.errors import RestError
from portal.rules import rights
from portal.rules.feed import posts
from portal.wire.files import feed_file
from portal.world.feed import Comment, Post

MAX_COUNT = 100
"""Most comments in one answer of log.blogcomment.user.get, and the default of LIMIT."""


def _check_blog(call: Call, *, deleting: bool = False) -> None:
    text = "Blog module not installed" if deleting else "No blog module installed"
    log_posts.check_blog(call, module=("", text), blog=None if deleting else ("", "No blog found"))


@method("log.blogcomment.add", scope="log")
def add(call: Call, params: Params) -> Any:
    """Comment on a post and return the id of the comment; raise RestError for a text that the author repeats."""
    _check_blog(call)
    post, text = call.world.feed.posts.get(params.number("POST_ID")), params.text("TEXT")
    if post is None:
        raise RestError("", "No post found")
    if not rights.may_read_post(call.world, post, call.user):
        raise RestError("", "No permissions")
    author, files = log_posts.author_of(call, params), content.files(call, params.get("FILES"))
    if not text.strip() and not files:
        raise RestError("", "Blog comment hasn't been added")
    if not files and _is_duplicate(call, post, author.id, text):
        raise RestError("", "Duplicate comment")
    return posts.comment(call.portal, post, author, text, files=files).id


def _is_duplicate(call: Call, post: Post, author: int, text: str) -> bool:
    rows = call.world.feed.comments_of(post.id)
    return any((row.author, row.text) == (author, text) and not row.shared for row in rows)


@method("log.blogcomment.delete", scope="log")
def delete(call: Call, params: Params) -> Any:
    """Delete a comment.

    People may delete their own comments and all comments on their own posts; administrators may delete all.
    """
    _check_blog(call, deleting=True)
    if params.number("COMMENT_ID") <= 0:
        raise RestError("", "Wrong comment ID")
    comment = call.world.feed.comments.get(params.number("COMMENT_ID"))
    if comment is None:
        raise RestError("", "No comment found")
    user = log_posts.author_of(call, params)
    if comment.author != user.id and not rights.may_change_post(call.world.feed.posts[comment.post], user):
        raise RestError("", "No delete perms")
    posts.delete_comment(call.portal, comment)
    return True


@method("log.blogcomment.user.get", scope="log")
def of_user(call: Call, params: Params) -> Any:
    """List the comments of a person, by default those of the caller, newest first.

    Only administrators may list the comments of other people.
    """
    user, everybody = log_posts.author_of(call, params), False
    if not params.has("USER_ID"):
        everybody = call.portal.switches.comments_of == "all"
    posts_seen = call.world.feed.posts
    rows = [
        row
        for row in reversed(call.world.feed.comments.values())
        if not row.shared
        and (everybody or row.author == user.id)
        and rights.may_read_post(call.world, posts_seen[row.post], call.user)
        and _is_between(row, params)
    ]
    limit = params.number("LIMIT", MAX_COUNT)
    rows = rows[: limit if 0 < limit <= MAX_COUNT else MAX_COUNT]
    people = call.world.people.users
    files = {
        str(file.id): feed_file(file, url=call.portal.url, author=people[row.author], date=row.date)
        for row in rows
        for file in row.files
    }
    return {"comments": [_render(call, row) for row in rows], "files": files or []}


def _is_between(row: Comment, params: Params) -> bool:
    """Tell whether the id of a comment is above FIRST_ID and below LAST_ID; an absent one sets no bound."""
    first, last = params.number("FIRST_ID"), params.number("LAST_ID")
    return (not first or row.id > first) and (not last or row.id < last)


def _render(call: Call, row: Comment) -> dict[str, Any]:
    return {
        "id": row.id,
        "comment_id": row.id,
        "log_id": call.world.feed.posts[row.post].log,
        "date": iso(row.date),
        "text": row.text,
        "attach": [file.id for file in row.files],
    }
