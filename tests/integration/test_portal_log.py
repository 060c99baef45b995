"""log.*: content of posts, rights, cutting of lists, comments."""

import base64
from typing import Any

import pytest

from portal.rules.feed import posts
from portal.testing import RestClient, Setup

NOW = 1_790_000_000
ADD, UPDATE, GET, SHARE = (f"log.blogpost.{name}" for name in ("add", "update", "get", "share"))
COMMENT, MINE = "log.blogcomment.add", "log.blogcomment.user.get"
PREFIX = "SONET_CONTROLLER_LIVEFEED_BLOG"
GIF = b"GIF89a\x03\x00\x02\x00" + b"\x00" * 20
TEXT = base64.b64encode(b"minutes").decode()


async def one(client: RestClient, post: int) -> dict[str, Any]:
    """Read one post, or {} when it is missing."""
    rows = await client.result(GET, POST_ID=post)
    return dict(rows[0]) if rows else {}


async def refusal_of(client: RestClient, method: str, **params: Any) -> tuple[int, str, str]:
    """Make a refused call and return status, code and text."""
    status, body = await client.call(method, params)
    assert set(body) == {"error", "error_description"}, body
    return status, body["error"], body["error_description"]


async def test_a_post_has_gratitude_poll_and_preview(setup: Setup) -> None:
    """Gratitude, poll and preview have ids in their user fields; unknown UF_* values stay."""
    anna = setup.client(2)
    data = {"QUESTIONS": [{"QUESTION": "Where?", "ANSWERS": [{"MESSAGE": "Riga"}, {"MESSAGE": "Oslo"}, {}]}]}
    poll = {"UF_BLOG_POST_VOTE": "n0", "UF_BLOG_POST_VOTE_n0_DATA": {**data, "ANONYMITY": 2, "OPTIONS": 1}}
    thanks = {"GRATITUDE_MEDAL": "cup", "GRATITUDE_EMPLOYEES": [3, "U4", 3, 999]}
    words = {"POST_MESSAGE": "See https://nordlicht.example/trip now", "PARSE_PREVIEW": "Y", "UF_COLOUR": "red"}
    number = await anna.result(ADD, {**words, **poll, **thanks})
    post = setup.p.emulator.world.feed.posts[number]
    assert post.gratitude
    assert (post.gratitude.medal, post.gratitude.people) == ("cup", (3, 4))
    assert post.poll
    assert [(one.text, one.answers) for one in post.poll.questions] == [("Where?", ("Riga", "Oslo"))]
    shown = await one(anna, number)
    assert shown["UF_GRATITUDE"]["VALUE"] == str(post.gratitude.id)
    assert (shown["UF_BLOG_POST_VOTE"]["VALUE"], post.poll.anonymous) == (str(post.poll.id), True)
    assert shown["UF_BLOG_POST_URL_PRV"]["VALUE"] == "https://nordlicht.example/trip"
    assert (shown["UF_COLOUR"]["VALUE"], shown["HAS_PROPS"]) == ("red", "Y")


@pytest.mark.parametrize(
    "more",
    [
        {"GRATITUDE_MEDAL": "cup", "GRATITUDE_EMPLOYEES": [999]},
        {"UF_GRATITUDE": {"GRATITUDE_MEDAL": "cup", "GRATITUDE_EMPLOYEES": [3]}},
        {"GRATITUDE_MEDAL": "kettle", "GRATITUDE_EMPLOYEES": [3]},
        {"UF_BLOG_POST_VOTE": "n0"},
        {"UF_BLOG_POST_VOTE": "n0", "UF_BLOG_POST_VOTE_n0_DATA": {"QUESTIONS": [{"QUESTION": "?", "ANSWERS": []}]}},
        {"UF_BLOG_POST_VOTE_n0_DATA": {"QUESTIONS": [{"QUESTION": "?", "ANSWERS": ["a"]}]}},
    ],
    ids=["no person", "inside", "no such medal", "no data", "no answers", "unnamed"],
)
async def test_an_incomplete_poll_or_gratitude_is_ignored(setup: Setup, more: dict[str, Any]) -> None:
    """A post with an incomplete poll or gratitude is published without it."""
    shown = await one(setup.client(2), await setup.client(2).result(ADD, POST_MESSAGE="x", **more))
    assert (shown["UF_GRATITUDE"]["VALUE"], shown["UF_BLOG_POST_VOTE"]["VALUE"]) == (None, None)


async def test_files_of_a_post(setup: Setup) -> None:
    """FILES overrides UF_BLOG_POST_FILE, which names existing files; del removes one, empty removes all."""
    anna = setup.client(2)
    first = await anna.result(ADD, POST_MESSAGE="x", FILES=[["plan.gif", base64.b64encode(GIF).decode()]])
    (number,) = (await one(anna, first))["FILES"]
    assert (await one(anna, first))["HAS_IMAGES"] == "Y"
    again = await anna.result(ADD, POST_MESSAGE="x", UF_BLOG_POST_FILE=[f"n{number}", "n77"])
    assert (await one(anna, again))["FILES"] == [number]
    foreign = await setup.client(4).result(ADD, POST_MESSAGE="x", UF_BLOG_POST_FILE=[f"n{number}"])
    assert (await one(anna, foreign))["FILES"] == []
    await anna.result(UPDATE, POST_ID=again, POST_TITLE="t", FILES={number: "del", "0": ["notes.txt", TEXT]})
    (left,) = (await one(anna, again))["FILES"]
    assert (left != number, (await one(anna, again))["HAS_IMAGES"]) == (True, "N")
    await anna.result(UPDATE, POST_ID=again, POST_TITLE="t", UF_BLOG_POST_FILE=["empty"])
    assert (await one(anna, again))["UF_BLOG_POST_FILE"]["VALUE"] is False


async def test_an_update_changes_only_the_sent_fields(setup: Setup) -> None:
    """Importance, gratitude, poll, tags and background stay until they are sent again."""
    anna, emulator = setup.client(2), setup.p.emulator
    given = {"IMPORTANT": "Y", "TAGS": "trip", "BACKGROUND_CODE": "blue", "UF_NOTE": "1"}
    thanks = {"GRATITUDE_MEDAL": "cup", "GRATITUDE_EMPLOYEES": [3]}
    number = await anna.result(ADD, {"POST_TITLE": "t", "POST_MESSAGE": "x", **given, **thanks})
    before = emulator.world.feed.posts[number]
    await anna.result(UPDATE, POST_ID=number, POST_TITLE="New", SPERM={"U": ["U3"]})
    after = emulator.world.feed.posts[number]
    kept = ("important", "tags", "background", "gratitude", "dest", "extra", "text")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    more: dict[str, Any] = {
        "UF_BLOG_POST_IMPRTNT": 0,
        "UF_GRATITUDE": "",
        "TAGS": "",
        "UF_NOTE": "2",
        "PARSE_PREVIEW": "Y",
    }
    vote = {"UF_BLOG_POST_VOTE": "n0", "UF_BLOG_POST_VOTE_n0_DATA": {"QUESTIONS": [{"QUESTION": "?", "ANSWERS": "a"}]}}
    await anna.result(UPDATE, {"POST_ID": number, "POST_TITLE": "New", "BACKGROUND_CODE": "red", **more, **vote})
    last = emulator.world.feed.posts[number]
    assert (last.important, last.gratitude, last.tags, last.background) == (False, None, (), "red")
    assert (last.extra, last.poll is not None) == ({"UF_NOTE": "2"}, True)


async def test_an_email_address_invites_a_mail_user(setup: Setup) -> None:
    """UE<address> invites a mail user once, who is in no list; extranet users cannot invite."""
    anna, world = setup.client(2), setup.p.emulator.world
    post = await anna.result(ADD, POST_MESSAGE="x", DEST=["UEpartner@agency.example", "U3"])
    invited = world.feed.posts[post].dest[0]
    assert world.people.users[int(invited[1:])].mail is True
    await anna.result(SHARE, POST_ID=post, DEST=["uePartner@Agency.example", "UEboris@nordlicht.example"])
    assert world.feed.posts[post].dest == (invited, "U3")
    assert invited[1:] not in [row["ID"] for row in await anna.result("user.get")]
    before = len(world.people.users)
    extranet_user = await setup.client(6).result(ADD, POST_MESSAGE="x", DEST=["SG7", "UEx@y.example", "UEnobody"])
    assert (world.feed.posts[extranet_user].dest, len(world.people.users)) == (("SG7",), before)


async def test_sharing_adds_a_comment_and_readers(setup: Setup) -> None:
    """New recipients may read and comment; existing ones are skipped; the post moves up."""
    anna, clara = setup.client(2), setup.client(4)
    post = await anna.result(ADD, POST_MESSAGE="x", DEST=["U3"])
    assert await refusal_of(clara, COMMENT, POST_ID=post, TEXT="?") == (400, "", "No permissions")
    setup.p.clock.advance(5)
    await anna.result(SHARE, POST_ID=post, DEST=["U3", "U4"])
    (comment,) = setup.p.emulator.world.feed.comments_of(post)
    assert (comment.author, comment.shared) == (2, ("U4",))
    await anna.result(SHARE, POST_ID=post, DEST=["U4"])
    assert len(setup.p.emulator.world.feed.comments_of(post)) == 1
    await clara.result(COMMENT, POST_ID=post, TEXT="thanks")
    assert ((await one(clara, post))["NUM_COMMENTS"], (await anna.result(MINE))["comments"]) == ("1", [])
    assert (await clara.result(GET))[0]["ID"] == str(post)


async def test_an_administrator_acts_for_others(setup: Setup) -> None:
    """Administrators may set USER_ID: sharing and comments use that person's rights."""
    olga, anna = setup.client(1), setup.client(2)
    post = await anna.result(ADD, POST_MESSAGE="x", DEST=["U3"])
    number = await olga.result(COMMENT, POST_ID=post, TEXT="y", USER_ID=3)
    assert setup.p.emulator.world.feed.comments[number].author == 3
    mine = await anna.result(COMMENT, POST_ID=post, TEXT="y", USER_ID=3)
    assert setup.p.emulator.world.feed.comments[mine].author == 2
    assert await refusal_of(olga, COMMENT, POST_ID=post, TEXT="y", USER_ID=3) == (400, "", "Duplicate comment")
    await olga.result(COMMENT, POST_ID=post, TEXT="y", USER_ID=3, FILES=[["a.txt", TEXT]])
    text = "No permissions to share by this user (ID =3)"
    assert await refusal_of(olga, SHARE, POST_ID=post, DEST=["SG8"], USER_ID=3) == (400, "", text)
    assert await olga.refusal("log.blogcomment.delete", COMMENT_ID=mine, USER_ID=3) == (400, "")
    await anna.result("log.blogcomment.delete", COMMENT_ID=number)


async def test_lists_are_limited_by_dates_rights_entries_and_pages(setup: Setup) -> None:
    """Feed-entry ids are the cursor; LIMIT cuts; without a cursor, pages have fifty posts."""
    anna = setup.client(2)
    made = []
    for place in range(55):
        setup.p.clock.advance(60)
        made.append(await anna.result(ADD, POST_MESSAGE=f"n{place}", DEST=["UA"] if place % 2 else ["U2"]))
    logs = {number: setup.p.emulator.world.feed.posts[number].log for number in made}
    status, page = await anna.call(GET)
    assert (status, len(page["result"]), page["total"], page["next"]) == (200, 50, 58, 50)
    status, rest = await anna.call(GET, start=50)
    assert (len(rest["result"]), rest["total"], "next" in rest) == (8, 58, False)

    async def ids(**params: Any) -> list[int]:
        return [int(row["ID"]) for row in await anna.result(GET, params)]

    assert await ids(FIRST_ID=logs[made[52]]) == [made[54], made[53]]
    assert await ids(LAST_ID=logs[made[2]], LIMIT=2) == [made[1], made[0]]
    assert len(await ids(LIMIT=999)) == 58
    assert set(await ids(LOG_RIGHTS=["U2"], LIMIT=200)) & set(made) == set(made[::2])
    assert await ids(LOG_DATE_FROM=str((await one(anna, made[53]))["DATE_PUBLISH"])) == [made[54], made[53]]
    assert made[0] in await ids(LOG_DATE_TO=str((await one(anna, made[1]))["DATE_PUBLISH"]))
    assert await ids(POST_ID=made[3], LOG_RIGHTS=["U5"]) == [made[3]]


async def test_comments_of_a_person_are_listed(setup: Setup) -> None:
    """Comments have the feed entry, newest first, with files; others' only for administrators or by switch."""
    anna, boris, olga = setup.client(2), setup.client(3), setup.client(1)
    first = await anna.result(COMMENT, POST_ID=217, TEXT="one", FILES=[["plan.gif", base64.b64encode(GIF).decode()]])
    second = await anna.result(COMMENT, POST_ID=218, TEXT="two")
    answer = await anna.result(MINE)
    assert [row["comment_id"] for row in answer["comments"]] == [second, first]
    row = answer["comments"][1]
    assert (row["log_id"], row["text"], len(row["attach"])) == (setup.p.emulator.world.feed.posts[217].log, "one", 1)
    file = answer["files"][str(row["attach"][0])]
    assert (file["image"], file["size"], file["authorName"]) == ({"width": 3, "height": 2}, 30, "Anna Petrova")
    assert (await boris.result(MINE, USER_ID=2))["comments"] == []
    assert len((await olga.result(MINE, USER_ID=2))["comments"]) == 2
    assert [row["id"] for row in (await anna.result(MINE, FIRST_ID=first))["comments"]] == [second]
    assert [row["id"] for row in (await anna.result(MINE, LAST_ID=second, LIMIT=1))["comments"]] == [first]
    setup.p.switch(comments_of="all")
    assert [row["id"] for row in (await setup.client(4).result(MINE))["comments"]] == [first]


async def test_readers_of_an_important_post_are_listed(setup: Setup) -> None:
    """Readers are texts, and only people who may read the post get them."""
    post = await setup.client(2).result(ADD, POST_MESSAGE="x", IMPORTANT="Y", DEST=["U3"])
    emulator = setup.p.emulator
    posts.mark_read(emulator, emulator.world.feed.posts[post], emulator.world.people.users[3])
    method = "log.blogpost.getusers.important"
    assert await setup.client(2).result(method, POST_ID=post) == ["3"]
    assert await setup.client(4).result(method, POST_ID=post) == []
    assert await refusal_of(setup.client(2), method) == (400, "", "Wrong post ID")


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        (ADD, {"POST_MESSAGE": ""}, (f"{PREFIX}POST_ADD_ERROR", "Blog post hasn't been added")),
        (ADD, {"POST_MESSAGE": "x", "DEST": ["SG99"]}, (f"{PREFIX}POST_ADD_ERROR", "No destination specified")),
        (UPDATE, {"POST_ID": 0, "POST_TITLE": "x"}, (f"{PREFIX}POST_UPDATE_ERROR", "Wrong post ID")),
        (UPDATE, {"POST_ID": 999, "POST_TITLE": "x"}, (f"{PREFIX}POST_UPDATE_ERROR", "No post found")),
        (UPDATE, {"POST_ID": 218, "POST_TITLE": "x"}, (f"{PREFIX}POST_UPDATE_ERROR", "No write perms")),
        (UPDATE, {"POST_ID": 219}, ("EMPTY_TITLE", "Message title is not specified.")),
        (UPDATE, {"POST_ID": 219, "POST_TITLE": "x", "DEST": ["SG7"]}, (f"{PREFIX}POST_UPDATE_ERROR", "No dest")),
        ("log.blogpost.delete", {"POST_ID": 999}, ("100", "Wrong post ID")),
        ("log.blogpost.delete", {"POST_ID": 218}, ("403", "You do not have permission to delete this message")),
        (SHARE, {"POST_ID": 999, "DEST": ["UA"]}, ("", "Wrong post ID")),
        (SHARE, {"POST_ID": 219, "DEST": ["CRM1"]}, ("", "Wrong destinations")),
        (SHARE, {"POST_ID": 218, "DEST": ["UA"]}, ("", "No read perms")),
        (SHARE, {"POST_ID": 219, "DEST": ["SG7"]}, ("", "No permissions to share by this user (ID =4)")),
        (COMMENT, {"POST_ID": 999, "TEXT": "x"}, ("", "No post found")),
        (COMMENT, {"POST_ID": 218, "TEXT": "x"}, ("", "No permissions")),
        (COMMENT, {"POST_ID": 217, "TEXT": " "}, ("", "Blog comment hasn't been added")),
        ("log.blogcomment.delete", {}, ("", "Wrong comment ID")),
        ("log.blogcomment.delete", {"COMMENT_ID": 999}, ("", "No comment found")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_each_error_has_its_code_and_text(
    setup: Setup, method: str, params: dict[str, Any], error: tuple[str, str]
) -> None:
    """Each error has its code and text, with HTTP 400."""
    status, code, text = await refusal_of(setup.client(4), method, **params)
    assert (status, code) == (400, error[0])
    assert text.startswith(error[1])


@pytest.mark.parametrize(
    ("method", "no_module", "no_blog"),
    [
        (ADD, f"{PREFIX}POST_MODULE_BLOG_NOT_INSTALLED", f"{PREFIX}_NOT_FOUND"),
        (UPDATE, "Blog module is not installed", "No blog found"),
        ("log.blogpost.delete", "Blog module is not installed", ""),
        (SHARE, "Blog module not installed", ""),
        (COMMENT, "No blog module installed", "No blog found"),
        ("log.blogcomment.delete", "Blog module not installed", ""),
    ],
)
async def test_portals_without_a_blog(setup: Setup, method: str, no_module: str, no_blog: str) -> None:
    """Without the module or the blog, each method has its own error."""
    params = {"POST_ID": 219, "POST_MESSAGE": "x", "TEXT": "x", "DEST": ["UA"], "COMMENT_ID": 1}
    for value, words in (("no_module", no_module), ("no_blog", no_blog)):
        setup.p.switch(blog=value)
        if words:
            assert words in await refusal_of(setup.client(4), method, **params)
