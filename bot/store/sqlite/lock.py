"""One process for a database: a lock beside the file, which ends with the process however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from bot.errors import ConfigError


def take(path: Path | str) -> int:
    """Take the lock of a database; it is held until what this returns is closed. The file of the lock stays.

    Raises:
        ConfigError: another process has it, or there can be no lock.
    """
    path = os.path.realpath(path)  # a link leads to the same database
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
