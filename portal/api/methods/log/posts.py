"""log.blogpost.*: publish, change, share and delete posts (reference: G1, behaviour 7)."""

from typing import Any

from portal.api.call import Call, Params
from portal.api.methods.log import extras
from portal.api.methods.shared import content
from portal.api.registry import method
from portal.clock import moment_of
from portal.errors import RestError
from portal.rules import rights
from portal.rules.feed import email_users, posts
from portal.wire import php
from portal.world.feed import Post, parse_code
from portal.world.people import User

PREFIX = "SONET_CONTROLLER_LIVEFEED_BLOG"
UPDATE_ERROR = f"{PREFIX}POST_UPDATE_ERROR"


def author_of(call: Call, params: Params) -> User:
    """Return the author of a post or comment: for administrators the user USER_ID, otherwise the caller."""
    if call.user.admin and params.number("USER_ID") > 0:
        return call.world.user(params.number("USER_ID")) or call.user
    return call.user


def check_blog(
    call: Call, *, module: tuple[str, str] = ("", "Blog module not installed"), blog: tuple[str, str] | None = None
) -> None:
    """Raise RestError when the switch `blog` has removed the module or the blog.

    `module` and `blog` are the code and text of the method's error for each case; None for `blog` means no error.
    """
    missing = {"no_module": module, "no_blog": blog}.get(call.portal.switches.blog)
    if missing is not None:
        raise RestError(*missing)


def dest_of(params: Params, *, old: bool = False) -> tuple[str, ...] | None:
    """Return the recipient codes in DEST, else those in the older SPERM; None if neither was sent.

    An `old` portal does not know DEST.
    SPERM groups its codes by kind; they are returned as one flat tuple, and AU and G2 become UA.
    """
    if params.has("DEST") and not old:
        return tuple(php.text_of(code) for code in params.values("DEST"))
    if not params.has("SPERM"):
        return None
    codes: list[Any] = []
    for value in params.values("SPERM"):
        codes.extend(php.values_of(value))
    return tuple("UA" if code in ("AU", "G2") else php.text_of(code) for code in codes)


def _read_tags(params: Params) -> tuple[str, ...]:
    parts = ",".join(php.text_of(value) for value in params.values("TAGS")).split(",")
    return tuple(part.strip() for part in parts if part.strip())


def _read_important_until(params: Params) -> float | None:
    return moment_of(params.text("IMPORTANT_DATE_END") or params.text("UF_IMPRTANT_DATE_END"))


def _read_files(call: Call, params: Params) -> Any:
    """Return the files in FILES; without FILES, the existing files that UF_BLOG_POST_FILE names ("n12")."""
    if params.has("FILES"):
        return content.files(call, params.get("FILES"))
    return extras.from_drive(call, params.values("UF_BLOG_POST_FILE"))


@method("log.blogpost.add", scope="log")
def add(call: Call, params: Params) -> Any:
    """Publish a post and return its id."""
    module = (f"{PREFIX}POST_MODULE_BLOG_NOT_INSTALLED", "Blog module is not installed")
    check_blog(call, module=module, blog=(f"{PREFIX}_NOT_FOUND", "Blog not found"))
    post_draft = posts.PostDraft(
        text=params.text("POST_MESSAGE"),
        title=params.text("POST_TITLE").strip(),
        dest=dest_of(params, old=call.portal.switches.recipients_in == "SPERM"),
        important=params.yes("IMPORTANT") or params.yes("UF_BLOG_POST_IMPRTNT"),
        important_until=_read_important_until(params),
        tags=_read_tags(params),
        background=params.text("BACKGROUND_CODE"),
        files=_read_files(call, params),
        gratitude=extras.gratitude(call, params),
        poll=extras.poll(call, params),
        preview=params.yes("PARSE_PREVIEW"),
        extra=extras.others(params),
    )
    rule = call.portal.switches.posts_for_others
    author = call.user if rule == "ignored" else author_of(call, params)
    judged = call.user if rule == "caller" else author
    return posts.publish(call.portal, author, post_draft, call.actor, judged=judged).id


def _get_changeable(call: Call, params: Params) -> Post:
    """Return the post that POST_ID names if the caller may change it; raise RestError for any other."""
    if params.number("POST_ID") <= 0:
        raise RestError(UPDATE_ERROR, "Wrong post ID")
    module, blog = (UPDATE_ERROR, "Blog module is not installed"), (UPDATE_ERROR, "No blog found")
    check_blog(call, module=module, blog=blog)
    post = call.world.feed.posts.get(params.number("POST_ID"))
    if post is None:
        raise RestError(UPDATE_ERROR, "No post found")
    if not rights.may_change_post(post, call.user):
        raise RestError(UPDATE_ERROR, "No write perms")
    return post


@method("log.blogpost.update", scope="log")
def update(call: Call, params: Params) -> Any:
    """Change a post and return its id.

    A text alone resets the title, a title alone keeps the text, DEST replaces the recipients.
    """
    post = _get_changeable(call, params)
    title, text = params.text("POST_TITLE").strip(), params.text("POST_MESSAGE").strip()
    if not title and not text:
        raise RestError("EMPTY_TITLE", "Message title is not specified.")
    values: dict[str, Any] = {
        "title": title or posts.make_title(text),
        "micro": not title,
        "text": params.text("POST_MESSAGE") if text else post.text,
    }
    if params.has("DEST"):
        dest = posts.allowed_recipients(call.portal, author_of(call, params), dest_of(params))
        if not dest:
            raise RestError(UPDATE_ERROR, "No destination specified")
        values["dest"] = dest
    values |= _read_other_changes(call, params, post)
    return posts.change(call.portal, post, call.actor, **values).id


def _read_other_changes(call: Call, params: Params, post: Post) -> dict[str, Any]:
    """Return the new values of a post besides title, text and recipients; absent fields stay."""
    values: dict[str, Any] = {"files": _read_files_after(call, params, post)}
    if params.has("IMPORTANT") or params.has("UF_BLOG_POST_IMPRTNT"):
        values["important"] = params.yes("IMPORTANT") or params.yes("UF_BLOG_POST_IMPRTNT")
    if params.has("IMPORTANT_DATE_END") or params.has("UF_IMPRTANT_DATE_END"):
        values["important_until"] = _read_important_until(params)
    if params.has("TAGS"):
        values["tags"] = _read_tags(params)
    if params.has("BACKGROUND_CODE"):
        values["background"] = params.text("BACKGROUND_CODE")
    if params.has("GRATITUDE_MEDAL") or params.has("UF_GRATITUDE"):
        values["gratitude"] = extras.gratitude(call, params)
    if params.has("UF_BLOG_POST_VOTE"):
        values["poll"] = extras.poll(call, params)
    if params.yes("PARSE_PREVIEW"):
        values["preview"] = posts.first_address(params.text("POST_MESSAGE") or post.text)
    extra = extras.others(params)
    return values | ({"extra": {**post.extra, **extra}} if extra else {})


def _read_files_after(call: Call, params: Params, post: Post) -> Any:
    """Return the files of a post after an update.

    `{attachId: "del"}` removes a file, pairs add files, `["empty"]` removes all.
    """
    files, given = post.files, params.get("FILES")
    if "empty" in [php.text_of(value) for value in params.values("UF_BLOG_POST_FILE")]:
        files = ()
    if isinstance(given, dict):
        removed = {php.int_of(key) for key, value in given.items() if value == "del"}
        files = tuple(file for file in files if file.id not in removed)
    new = (file for file in _read_files(call, params) if file not in files)
    return (*files, *new)


@method("log.blogpost.delete", scope="log")
def delete(call: Call, params: Params) -> Any:
    """Delete a post in the name of the caller; USER_ID is ignored.

    The codes of the errors are numbers, written as text.
    """
    check_blog(call, module=("0", "Blog module is not installed"))
    post = call.world.feed.posts.get(params.number("POST_ID"))
    if post is None:
        raise RestError("100", "Wrong post ID")
    if not rights.may_change_post(post, call.user):
        raise RestError("403", "You do not have permission to delete this message")
    posts.delete(call.portal, post, call.actor)
    return True


@method("log.blogpost.share", scope="log")
def share(call: Call, params: Params) -> Any:
    """Add recipients to a post; all errors have an empty code."""
    check_blog(call)
    post = call.world.feed.posts.get(params.number("POST_ID"))
    if post is None:
        raise RestError("", "Wrong post ID")
    if not rights.may_change_post(post, call.user):
        raise RestError("", "No read perms")
    user = author_of(call, params)
    given = (
        email_users.resolve(call.portal, php.text_of(code), user).strip().upper() for code in params.values("DEST")
    )
    codes = tuple(code for code in dict.fromkeys(given) if parse_code(code))
    if not codes:
        raise RestError("", "Wrong destinations")
    if len(posts.allowed_recipients(call.portal, user, codes)) < len(codes):
        raise RestError("", f"No permissions to share by this user (ID ={user.id})")
    posts.share(call.portal, post, user, codes)
    return True
