"""log.*: the News Feed (reference: G1, behaviour 7)."""

from typing import Any

from portal import php
from portal.clock import iso, moment_of
from portal.deeds import posts, rights
from portal.errors import RestError
from portal.methods import content
from portal.rest.call import Call, Page, Params, page_of
from portal.rest.registry import method
from portal.state.feed import Post
from portal.state.people import User

UPDATE_ERROR = "SONET_CONTROLLER_LIVEFEED_BLOGPOST_UPDATE_ERROR"
MOST_ROWS = 200
MOST_READERS = 500


def _author(call: Call, params: Params) -> User:
    """Return who a post or comment is by: USER_ID for administrators, silently the caller for others."""
    if call.user.admin and params.number("USER_ID") > 0:
        return call.world.user(params.number("USER_ID")) or call.user
    return call.user


def _dest(params: Params) -> tuple[str, ...] | None:
    """Read recipients: DEST, else the older SPERM (lists by kind), else None."""
    if params.has("DEST"):
        return tuple(php.text_of(code) for code in params.values("DEST"))
    if not params.has("SPERM"):
        return None
    codes: list[Any] = []
    for value in params.values("SPERM"):
        codes.extend(php.values_of(value))
    return tuple("UA" if code in ("AU", "G2") else php.text_of(code) for code in codes)


def _tags(params: Params) -> tuple[str, ...]:
    parts = ",".join(php.text_of(value) for value in params.values("TAGS")).split(",")
    return tuple(part.strip() for part in parts if part.strip())


def _extra(params: Params) -> dict[str, Any]:
    """Keep UF_* values and gratitude without understanding them."""
    kept = ("UF_", "GRATITUDE_")
    return {name.upper(): value for name, value in params.raw.items() if name.upper().startswith(kept)}


@method("log.blogpost.add", scope="log")
def add(call: Call, params: Params) -> Any:
    """Publish a post; the answer is its id."""
    author = _author(call, params)
    writing = posts.Writing(
        text=params.text("POST_MESSAGE"),
        title=params.text("POST_TITLE").strip(),
        dest=_dest(params),
        important=params.yes("IMPORTANT") or params.yes("UF_BLOG_POST_IMPRTNT"),
        important_until=moment_of(params.text("IMPORTANT_DATE_END")),
        tags=_tags(params),
        background=params.text("BACKGROUND_CODE"),
        files=content.files(call, params.get("FILES")),
        extra=_extra(params),
    )
    return posts.publish(call.portal, author, writing, call.actor).id


def _mine(call: Call, params: Params) -> Post:
    """Return the post of POST_ID if the caller may change it; raises RestError."""
    if params.number("POST_ID") <= 0:
        raise RestError(UPDATE_ERROR, "Wrong post ID")
    post = call.world.feed.posts.get(params.number("POST_ID"))
    if post is None:
        raise RestError(UPDATE_ERROR, "No post found")
    if not rights.changes_post(post, call.user):
        raise RestError(UPDATE_ERROR, "No write perms")
    return post


@method("log.blogpost.update", scope="log")
def update(call: Call, params: Params) -> Any:
    """Change a post: text alone resets the title, title alone keeps the text, DEST replaces recipients."""
    post = _mine(call, params)
    title, text = params.text("POST_TITLE").strip(), params.text("POST_MESSAGE").strip()
    if not title and not text:
        raise RestError("EMPTY_TITLE", "Message title is not specified.")
    facts: dict[str, Any] = {
        "title": title or posts.title_of(text),
        "micro": not title,
        "text": params.text("POST_MESSAGE") if text else post.text,
    }
    if params.has("DEST"):
        dest = posts.allowed(call.portal, call.user, _dest(params))
        if not dest:
            raise RestError(UPDATE_ERROR, "No destination specified")
        facts["dest"] = dest
    facts |= _more(call, params, post)
    return posts.change(call.portal, post, call.actor, **facts).id


def _more(call: Call, params: Params, post: Post) -> dict[str, Any]:
    """Read what an update may change besides title, text and recipients."""
    facts: dict[str, Any] = {}
    if params.has("IMPORTANT"):
        facts["important"] = params.yes("IMPORTANT")
    if params.has("IMPORTANT_DATE_END"):
        facts["important_until"] = moment_of(params.text("IMPORTANT_DATE_END"))
    if params.has("TAGS"):
        facts["tags"] = _tags(params)
    files, given = post.files, params.get("FILES")
    if "empty" in [php.text_of(value) for value in params.values("UF_BLOG_POST_FILE")]:
        files = ()
    if isinstance(given, dict):
        gone = {php.int_of(key) for key, value in given.items() if value == "del"}
        files = tuple(file for file in files if file.id not in gone)
    facts["files"] = files + content.files(call, given)
    return facts


@method("log.blogpost.delete", scope="log")
def delete(call: Call, params: Params) -> Any:
    """Delete a post; codes are numbers in text."""
    post = call.world.feed.posts.get(params.number("POST_ID"))
    if post is None:
        raise RestError("100", "Wrong post ID")
    if not rights.changes_post(post, call.user):
        raise RestError("403", "You do not have permission to delete this message")
    posts.delete(call.portal, post, call.actor)
    return True


@method("log.blogpost.share", scope="log")
def share(call: Call, params: Params) -> Any:
    """Give a post more recipients; errors have an empty code."""
    post = call.world.feed.posts.get(params.number("POST_ID"))
    if post is None:
        raise RestError("", "Wrong post ID")
    if not rights.changes_post(post, call.user):
        raise RestError("", "No read perms")
    codes = tuple(dict.fromkeys(php.text_of(code).strip().upper() for code in params.values("DEST")))
    codes = tuple(code for code in codes if rights.names(code))
    if not codes:
        raise RestError("", "Wrong destinations")
    user = _author(call, params)
    if len(posts.allowed(call.portal, user, codes)) < len(codes):
        raise RestError("", f"No permissions to share by this user (ID ={user.id})")
    posts.share(call.portal, post, user, codes)
    return True


@method("log.blogpost.get", scope="log")
def get(call: Call, params: Params) -> Any:
    """List posts the caller may see, newest change first; what they may not see is simply not there."""
    feed, user = call.world.feed, call.user
    if params.has("POST_ID"):
        post = feed.posts.get(params.number("POST_ID"))
        rows = [post] if post is not None and rights.reads_post(call.world, post, user) else []
        return Page(result=[shown(call, post) for post in rows], total=len(rows))
    rows = [post for post in feed.posts.values() if rights.sees_post(call.world, post, user)]
    rows = _wanted(params, sorted(rows, key=lambda post: (post.touched, post.id), reverse=True))
    if any(params.has(name) for name in ("FIRST_ID", "LAST_ID", "LIMIT")):
        limit = max(1, min(MOST_ROWS, params.number("LIMIT", MOST_ROWS)))
        return Page(result=[shown(call, post) for post in rows[:limit]])
    page = page_of(rows, params.number("start"))
    return Page(result=[shown(call, post) for post in page.result], total=page.total, next=page.next)


def _wanted(params: Params, rows: list[Post]) -> list[Post]:
    """Keep the posts that match rights, dates and feed-entry ids."""
    codes = {"UA" if code in ("AU", "G2") else php.text_of(code).upper() for code in params.values("LOG_RIGHTS")}
    if codes:
        rows = [post for post in rows if codes & set(post.dest)]
    since, until = moment_of(params.text("LOG_DATE_FROM")), moment_of(params.text("LOG_DATE_TO"))
    rows = [post for post in rows if (since is None or post.date >= since) and (until is None or post.date <= until)]
    if params.number("FIRST_ID"):
        rows = [post for post in rows if post.log > params.number("FIRST_ID")]
    if params.number("LAST_ID"):
        rows = [post for post in rows if post.log < params.number("LAST_ID")]
    return rows


def shown(call: Call, post: Post) -> dict[str, Any]:
    """Return a post as log.blogpost.get shows it: strings, and recipients nowhere but in HAS_SOCNET_ALL."""
    comments = [comment for comment in call.world.feed.comments_of(post.id) if not comment.shared]
    return {
        "ID": str(post.id),
        "BLOG_ID": str(post.author),
        "PUBLISH_STATUS": "P",
        "TITLE": post.title,
        "AUTHOR_ID": str(post.author),
        "ENABLE_COMMENTS": "Y",
        "NUM_COMMENTS": str(len(comments)),
        "CODE": None,
        "MICRO": "Y" if post.micro else "N",
        "DETAIL_TEXT": post.text,
        "DATE_PUBLISH": iso(post.date),
        "CATEGORY_ID": ",".join(str(9 + place) for place in range(len(post.tags))),
        "HAS_SOCNET_ALL": "Y" if "UA" in post.dest else "N",
        "HAS_TAGS": "Y" if post.tags else "N",
        "HAS_IMAGES": "N",
        "HAS_PROPS": "Y" if post.important or post.files or post.extra else "N",
        "HAS_COMMENT_IMAGES": None,
        "UF_BLOG_POST_FILE": _uf(post, "UF_BLOG_POST_FILE", [file.id for file in post.files] or False, many=True),
        "UF_BLOG_POST_IMPRTNT": _uf(post, "UF_BLOG_POST_IMPRTNT", "1" if post.important else None),
        "UF_IMPRTANT_DATE_END": _uf(
            post, "UF_IMPRTANT_DATE_END", iso(post.important_until) if post.important_until is not None else None
        ),
        "UF_GRATITUDE": _uf(post, "UF_GRATITUDE", None),
        "UF_BLOG_POST_URL_PRV": _uf(post, "UF_BLOG_POST_URL_PRV", None),
        "FILES": [str(file.id) for file in post.files],
    }


def _uf(post: Post, name: str, value: Any, *, many: bool = False) -> dict[str, Any]:
    """Return a user field; of its many describing keys only the useful are shown."""
    return {
        "ENTITY_ID": "BLOG_POST",
        "FIELD_NAME": name,
        "MULTIPLE": "Y" if many else "N",
        "VALUE": value,
        "ENTITY_VALUE_ID": post.id,
        "VALUE_EXISTS": True,
        "CUSTOM_DATA": [],
    }


@method("log.blogpost.getusers.important", scope="log")
def readers(call: Call, params: Params) -> Any:
    """List who has read an important post."""
    if params.number("POST_ID") <= 0:
        raise RestError("", "Wrong post ID")
    post = call.world.feed.posts.get(params.number("POST_ID"))
    if post is None or not rights.reads_post(call.world, post, call.user):
        return []
    return [str(user) for user in post.readers[:MOST_READERS]]


@method("log.blogcomment.add", scope="log")
def comment_add(call: Call, params: Params) -> Any:
    """Comment a post; the same words by the same author again are refused."""
    post, text = call.world.feed.posts.get(params.number("POST_ID")), params.text("TEXT")
    if post is None:
        raise RestError("", "No post found")
    if not rights.reads_post(call.world, post, call.user):
        raise RestError("", "No permissions")
    author, files = _author(call, params), content.files(call, params.get("FILES"))
    if not text.strip() and not files:
        raise RestError("", "Blog comment hasn't been added")
    same = (row for row in call.world.feed.comments_of(post.id) if (row.author, row.text) == (author.id, text))
    if not files and next(same, None) is not None:
        raise RestError("", "Duplicate comment")
    return posts.comment(call.portal, post, author, text, files=files).id


@method("log.blogcomment.delete", scope="log")
def comment_delete(call: Call, params: Params) -> Any:
    """Delete a comment: one's own, or any as administrator."""
    if params.number("COMMENT_ID") <= 0:
        raise RestError("", "Wrong comment ID")
    comment = call.world.feed.comments.get(params.number("COMMENT_ID"))
    if comment is None:
        raise RestError("", "No comment found")
    if comment.author != call.user.id and not call.user.admin:
        raise RestError("", "No delete perms")
    del call.world.feed.comments[comment.id]
    call.portal.hub.publish({"type": "feed", "post_id": comment.post})
    return True
