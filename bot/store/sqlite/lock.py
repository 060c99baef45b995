"""Locks a database for one process; the system releases the lock when the process ends, even after a crash."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from bot.errors import ConfigError


def take(path: Path | str) -> int:
    """Lock the database file at `path`, and return a file descriptor that holds the lock until it is closed.

    The lock is on a file beside the database, with the suffix .lock, which is never deleted.

    Raises:
        ConfigError: another process has the lock, or the lock file cannot be used.
    """
    path = os.path.realpath(path)  # two links to one database must have one lock
    try:
        handle = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as exc:
        why = f"{exc.strerror}: {path}.lock; its folder must be there and be ours to write"
        raise ConfigError(f"store.url: {path} cannot be used: {why}") from exc
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.fchmod(handle, 0o600)  # the umask may have taken the owner's bits too, or an older version have left others'
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
    except BlockingIOError as exc:
        pid = os.pread(handle, 20, 0).decode("ascii", "replace") or "not told"
        os.close(handle)
        raise ConfigError(
            f"store.url: another feedbridge (pid {pid}) uses this database, {path}; stop it, or name another file"
        ) from exc
    except OSError as exc:
        os.close(handle)
        raise ConfigError(f"store.url: {path} cannot be used: no lock on {path}.lock: {exc.strerror}") from exc
    return handle
