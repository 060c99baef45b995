"""What the emulated portal does with USER_ID, and with events that have no tokens of the acting user."""

from __future__ import annotations

import pytest

from portal.testing import Setup
from portal.world.feed import Post

OLGA, ANNA, BORIS, CLARA, GUSTAV = 1, 2, 3, 4, 6
"""Olga is the only administrator; Anna, Boris and the extranet user Gustav are in group 7, Clara in group 8."""
ADD = "log.blogpost.add"
NOBODY = "SONET_CONTROLLER_LIVEFEED_BLOGPOST_ADD_ERROR"


def post_of(setup: Setup, number: int) -> Post:
    """Return a post of the portal."""
    return setup.p.emulator.world.feed.posts[number]


@pytest.mark.parametrize(
    ("rule", "dest", "author"),
    [
        ("author", "SG7", BORIS),
        ("author", "SG8", None),
        ("caller", "SG8", BORIS),
        ("ignored", "SG8", OLGA),
    ],
)
async def test_whose_rights_count(setup: Setup, rule: str, dest: str, author: int | None) -> None:
    """posts_for_others: the rights of the named author, those of the administrator, or USER_ID is ignored."""
    setup.p.switch(posts_for_others=rule)
    administrator = setup.client(OLGA)
    if author is None:
        assert await administrator.refusal(ADD, POST_MESSAGE="x", DEST=[dest], USER_ID=BORIS) == (400, NOBODY)
        return
    made = await administrator.result(ADD, POST_MESSAGE="x", DEST=[dest], USER_ID=BORIS)
    assert (post_of(setup, made).author, post_of(setup, made).dest) == (author, (dest,))


@pytest.mark.parametrize("rule", ["author", "caller", "ignored"])
async def test_from_others_it_is_ignored_without_an_error(setup: Setup, rule: str) -> None:
    """Somebody who is no administrator becomes the author, and their own rights count."""
    setup.p.switch(posts_for_others=rule)
    made = await setup.client(BORIS).result(ADD, POST_MESSAGE="x", DEST=["SG7"], USER_ID=CLARA)
    assert post_of(setup, made).author == BORIS
    assert await setup.client(BORIS).refusal(ADD, POST_MESSAGE="x", DEST=["SG8"], USER_ID=CLARA) == (
        400,
        NOBODY,
    )


async def test_shares_and_comments_name_the_person(setup: Setup) -> None:
    """A share and a comment with USER_ID are that person's; for the comment the administrator's rights count."""
    number = await setup.client(CLARA).result(ADD, POST_MESSAGE="x", DEST=["SG8"])
    administrator = setup.client(OLGA)
    await administrator.result("log.blogpost.share", POST_ID=number, DEST=["DR3"], USER_ID=CLARA)
    await administrator.result("log.blogcomment.add", POST_ID=number, TEXT="Seen", USER_ID=GUSTAV)
    feed = setup.p.emulator.world.feed
    assert [(one.author, one.text) for one in feed.comments_of(number)] == [(CLARA, ""), (GUSTAV, "Seen")]
    outside = await administrator.refusal("log.blogpost.share", POST_ID=number, DEST=["SG7"], USER_ID=CLARA)
    assert outside == (400, "")


async def test_a_deletion_ignores_it(setup: Setup) -> None:
    """log.blogpost.delete is done as the caller: Boris cannot delete a post of Clara by naming her."""
    number = await setup.client(CLARA).result(ADD, POST_MESSAGE="x")
    assert await setup.client(BORIS).refusal("log.blogpost.delete", POST_ID=number, USER_ID=CLARA) == (400, "403")
    assert await setup.client(OLGA).result("log.blogpost.delete", POST_ID=number, USER_ID=BORIS) is True


async def test_files_of_chats_of_others(setup: Setup) -> None:
    """files_of_others: an administrator attaches a file of a chat that they are not in; nobody else does."""
    message = await setup.p.person(BORIS).sends_file("plan.txt", b"The plan", dialog=ANNA)
    [file] = setup.p.emulator.world.messenger.messages[message].files
    given = {"POST_MESSAGE": "x", "UF_BLOG_POST_FILE": [f"n{file.id}"]}
    for allowed in (False, True):
        setup.p.switch(files_of_others=allowed)
        for user, may in ((BORIS, True), (CLARA, False), (OLGA, allowed)):
            made = await setup.client(user).result(ADD, given)
            assert [one.name for one in post_of(setup, made).files] == (["plan.txt"] if may else [])


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_events_without_tokens(setup: Setup, api: str) -> None:
    """tokens_in_events=false: an event of a bot names the user, and has no tokens of them; a command neither."""
    bot = await (setup.v1_bot() if api == "v1" else setup.v2_bot())
    for tokens in (True, False):
        setup.p.switch(tokens_in_events=tokens)
        await setup.p.person(ANNA).says("hello", dialog=bot)
        await setup.p.idle()
        auth = setup.receiver.events[-1]["auth"]
        assert auth["user_id"] == str(ANNA)
        assert ("access_token" in auth, "refresh_token" in auth) == (tokens, tokens)
        assert auth["application_token"]


async def test_a_mail_user_is_marked(setup: Setup) -> None:
    """external_auth_id tells people who sign in from mail users and bots."""
    number = await setup.client(BORIS).result(ADD, POST_MESSAGE="x", DEST=["UEsomebody@outside.example"])
    [code] = post_of(setup, number).dest
    bot = await setup.v2_bot()
    found = await setup.client(OLGA).result("im.user.list.get", ID=[ANNA, int(code[1:]), bot], RESULT_TYPE="array")
    assert [one["external_auth_id"] for one in found] == ["default", "email", "bot"]
