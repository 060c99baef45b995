"""A database is opened: whose it is, who uses it, which key it was written with."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.errors import ConfigError, StoreError
from bot.model import events
from bot.model.records import TokenPair
from bot.store import Encryption, Store, key_from_file, open_database
from bot.store.sqlite import migrations
from tests.storing import PORTAL, installed, known, one_event, opened, said


async def test_a_database_is_for_one_process(tmp_path: Path) -> None:
    """A second process is told who uses the database, and changes nothing; later it is free again."""
    path = tmp_path / "feedbridge.db"
    program = "import os, sys; from bot.store.sqlite import lock; lock.take(sys.argv[1])"
    program += "; print(os.getpid(), flush=True); input()"
    pipe = asyncio.subprocess.PIPE
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(path), stdin=pipe, stdout=pipe)
    assert other.stdout
    pid = int(await other.stdout.readline())
    with pytest.raises(ConfigError, match=rf"store.url: another feedbridge \(pid {pid}\) uses this database"):
        async with opened(path):
            pass
    assert not path.exists()
    other.kill()
    await other.wait()
    for _ in range(2):
        async with opened(path) as store:
            await store.receive([said(1)], now=1.0)


async def test_another_name_of_a_database_is_the_same_database(tmp_path: Path) -> None:
    """A link to the file of a running service is no way to run a second one beside it."""
    (tmp_path / "link.db").symlink_to("feedbridge.db")
    async with opened(tmp_path / "feedbridge.db"):
        with pytest.raises(ConfigError, match="another feedbridge"):
            async with opened(tmp_path / "link.db"):
                pass


async def test_the_wrong_key_says_so(tmp_path: Path) -> None:
    """A database written with another key gives a sentence, not gibberish."""
    path = tmp_path / "feedbridge.db"
    async with opened(path) as store:
        await installed(store)
        await store.put_token_pair(PORTAL, "install", TokenPair(access_token="t", refresh_token="", expires=0))
    async with opened(path, Fernet.generate_key()) as store:
        with pytest.raises(StoreError, match="the key is not the one"):
            await store.token_pair(PORTAL, "install")


async def test_a_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    """A SQLite file that is not ours is refused and not touched."""
    path = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE cookies (name TEXT)")
        other.commit()
    before = await asyncio.to_thread(path.read_bytes)
    with pytest.raises(ConfigError, match="another program"):
        async with open_database(path):
            pass
    assert await asyncio.to_thread(path.read_bytes) == before


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Rubbish in the file's place ends the start with its name."""
    path = tmp_path / "rubbish.db"
    await asyncio.to_thread(path.write_bytes, b"this is no database, it is a sentence" * 50)
    with pytest.raises(ConfigError, match=r"rubbish\.db"):
        async with open_database(path):
            pass


@pytest.mark.parametrize("first", [100, 4096, 40 * 4096], ids=["the first page", "the second", "a later one"])
async def test_a_damaged_database_says_what_to_do(tmp_path: Path, first: int) -> None:
    """Where pages of the file are not what was written, the start ends, and says where to go on."""
    path = tmp_path / "feedbridge.db"
    async with opened(path) as store:
        await store.receive([said(number) for number in range(1_000)], now=1.0)
    spoilt = bytearray(await asyncio.to_thread(path.read_bytes))
    spoilt[first : first + 3 * 4096] = b"\xa5" * 3 * 4096
    await asyncio.to_thread(path.write_bytes, spoilt)
    with pytest.raises(ConfigError, match=r"feedbridge\.db cannot be used: .*malformed.*`If the database is damaged`"):
        async with open_database(path):
            pass


async def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """We do not write into a schema we do not know."""
    path = tmp_path / "feedbridge.db"
    async with open_database(path):
        pass
    with contextlib.closing(sqlite3.connect(path)) as newer:
        newer.execute("INSERT INTO schema_version VALUES (9000, 'future', 0)")
        newer.commit()
    with pytest.raises(ConfigError, match="newer Feedbridge"):
        async with open_database(path):
            pass


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Where no file can be opened or made, the sentence says what to look at."""
    with pytest.raises(ConfigError, match="its folder must be there"):
        async with open_database(tmp_path / "none" / "feedbridge.db"):
            pass


def test_migrations_are_numbered_without_gaps() -> None:
    """Migrations are 1, 2, 3 ... so that none can be forgotten."""
    assert [number for number, _, _ in migrations()] == list(range(1, len(migrations()) + 1))


def test_a_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    """The first use makes a key with mode 0600, the second reads the same; one that others can read is refused."""
    path = tmp_path / "feedbridge.key"
    key = key_from_file(path)
    assert key_from_file(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        key_from_file(path)


def test_a_key_file_out_of_reach_is_named(tmp_path: Path) -> None:
    """A place where we may not even look, or where nothing can be, is an error of the setting."""
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "feedbridge.key", tmp_path / ("x" * 300)):
        with pytest.raises(ConfigError, match=r"security\.key_file: cannot"):
            key_from_file(path)


@pytest.mark.parametrize("content", [b"", b"abc\n", b"x" * 44], ids=["empty", "short", "not base64"])
def test_a_key_file_without_a_key_is_named(tmp_path: Path, content: bytes) -> None:
    """What stands in the file is checked where its name is known."""
    path = tmp_path / "feedbridge.key"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=rf"security.key_file: {path} holds no key"):
        key_from_file(path)


async def test_another_key_than_the_database_was_written_with_ends_the_start(tmp_path: Path) -> None:
    """The key that fits is taken; with any other the start ends, and does not turn every event away."""
    async with opened(tmp_path / "feedbridge.db") as store:
        await store.check_key()
        await store.commit_event(await one_event(store, said(1)), [known()], [], now=2.0)
        await store.check_key()
        with pytest.raises(ConfigError, match="If the key is lost"):
            await Store(store.db, Encryption(Fernet.generate_key())).check_key()


def on_disk(folder: Path) -> dict[str, bytes]:
    """Read all files of a folder."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


async def test_no_token_can_be_read_in_the_database_file(tmp_path: Path) -> None:
    """Neither the installer's tokens nor a user's nor the application token stand readable in the files on disk."""
    secrets = [b"installer-token", b"refresh-me", b"app-token", b"a-users-token", b"a-users-refresh"]
    async with opened(tmp_path / "feedbridge.db") as store:
        await installed(store)
        pair = TokenPair(access_token="a-users-token", refresh_token="a-users-refresh", expires=0)
        await store.put_token_pair(PORTAL, "user:5", pair)
        tokens = events.EventTokens(access_token="a-users-token", application_token="app-token")
        await store.receive([replace(said(2), event_tokens=tokens)], now=1.0)
        files = on_disk(tmp_path)
    assert b"one.example" in b"".join(files.values())
    assert [(name, secret) for name, content in files.items() for secret in secrets if secret in content] == []
