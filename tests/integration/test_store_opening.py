"""Opening a database: its lock, its owner, its version and its key."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot import app
from bot.errors import ConfigError, StoreError
from bot.model import events
from bot.model.records import TokenPair
from bot.store import Encryption, Store, key_from_file, open_database
from bot.store.sqlite import migrations
from tests import webhooks
from tests.storing import PORTAL, installed, known, one_event, opened, said


async def test_a_database_is_for_one_process(tmp_path: Path) -> None:
    """A second process gets an error that names the first one, and changes nothing; later it can open the file."""
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


async def test_a_link_to_a_database_has_the_same_lock(tmp_path: Path) -> None:
    """A second process cannot open the database of a running service through a link."""
    (tmp_path / "link.db").symlink_to("feedbridge.db")
    async with opened(tmp_path / "feedbridge.db"):
        with pytest.raises(ConfigError, match="another feedbridge"):
            async with opened(tmp_path / "link.db"):
                pass


async def test_a_wrong_key_is_reported(tmp_path: Path) -> None:
    """A database that was written with another key gives a clear error."""
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
    """If the file is not a database, the start ends and names the file."""
    path = tmp_path / "rubbish.db"
    await asyncio.to_thread(path.write_bytes, b"this is no database, it is a sentence" * 50)
    with pytest.raises(ConfigError, match=r"rubbish\.db"):
        async with open_database(path):
            pass


@pytest.mark.parametrize("first", [100, 4096, 40 * 4096], ids=["the first page", "the second", "a later one"])
async def test_a_damaged_database_says_what_to_do(tmp_path: Path, first: int) -> None:
    """If pages of the file are damaged, the start ends and says where to read on."""
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
    """The service does not write into a schema of a newer version."""
    path = tmp_path / "feedbridge.db"
    async with open_database(path):
        pass
    with contextlib.closing(sqlite3.connect(path)) as newer:
        newer.execute("INSERT INTO schema_version VALUES (9000, 'future', 0)")
        newer.commit()
    with pytest.raises(ConfigError, match="newer Feedbridge"):
        async with open_database(path):
            pass


async def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    """If the file can be neither opened nor created, the error says what to check."""
    with pytest.raises(ConfigError, match="its folder must be there"):
        async with open_database(tmp_path / "none" / "feedbridge.db"):
            pass


def test_migrations_are_numbered_without_gaps() -> None:
    """Migrations are numbered 1, 2, 3 and so on."""
    assert [number for number, _, _ in migrations()] == list(range(1, len(migrations()) + 1))


def test_a_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    """The first use creates the file with mode 0600, the second reads it; a file that others can read is refused."""
    path = tmp_path / "feedbridge.key"
    key = key_from_file(path)
    assert key_from_file(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        key_from_file(path)


def modes(folder: Path) -> dict[str, int]:
    """Return the mode of each file in a folder."""
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o277, 0o777], ids=oct)
async def test_only_the_owner_reads_what_is_stored(tmp_path: Path, mask: int) -> None:
    """Database, WAL, shared memory, lock and key have mode 0600, whatever the umask, from the start on."""
    path, before = tmp_path / "feedbridge.db", os.umask(mask)
    try:
        await asyncio.to_thread(key_from_file, tmp_path / "feedbridge.key")
        async with opened(path) as store:
            await store.receive([said(1)], now=1.0)
            found = modes(tmp_path)
    finally:
        os.umask(before)
    names = ("feedbridge.db", "feedbridge.db-wal", "feedbridge.db-shm", "feedbridge.db.lock", "feedbridge.key")
    assert found == dict.fromkeys(names, 0o600)


@pytest.mark.parametrize("link", [False, True], ids=["itself", "through a link"])
async def test_what_others_could_read_is_closed_to_them(tmp_path: Path, *, link: bool) -> None:
    """Files that an earlier version, or a restored copy, left readable are closed at the start."""
    path = named = tmp_path / "feedbridge.db"
    async with opened(path) as store:
        await store.receive([said(1)], now=1.0)
    path.chmod(0o664)
    (tmp_path / "feedbridge.db.lock").chmod(0o644)
    if link:
        named = tmp_path / "link.db"
        named.symlink_to(path)
    async with opened(named) as store:
        await store.receive([said(2)], now=1.0)
        assert set(modes(tmp_path).values()) == {0o600}


async def test_a_lost_key_is_not_replaced(tmp_path: Path) -> None:
    """If the database was written with a key that is gone, the start ends and makes no new one."""
    settings = webhooks.settings(tmp_path, key="", key_file=str(tmp_path / "feedbridge.key"))
    async with app.serving(settings) as service:
        await webhooks.install(service.store)
    (tmp_path / "feedbridge.key").unlink()
    with pytest.raises(ExceptionGroup) as caught:
        async with app.serving(settings):
            pass
    assert re.search(r"feedbridge\.key is not there.*If the key is lost", str(caught.value.exceptions[0]))
    assert not (tmp_path / "feedbridge.key").exists()


def test_an_unreachable_key_file_is_reported(tmp_path: Path) -> None:
    """A path that cannot be read or created is an error of the setting."""
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "feedbridge.key", tmp_path / ("x" * 300)):
        with pytest.raises(ConfigError, match=r"security\.key_file: cannot"):
            key_from_file(path)


@pytest.mark.parametrize("content", [b"", b"abc\n", b"x" * 44], ids=["empty", "short", "not base64"])
def test_a_key_file_without_a_key_is_reported(tmp_path: Path, content: bytes) -> None:
    """The content is checked when the file is read, so that the error can name the file."""
    path = tmp_path / "feedbridge.key"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=rf"security.key_file: {path} holds no key"):
        key_from_file(path)


async def test_a_key_that_does_not_fit_the_database_ends_the_start(tmp_path: Path) -> None:
    """The right key is accepted; with another one the start ends, because all events would be refused."""
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
    """No token of the installer, of a user or of the application is in the files as plain text."""
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
