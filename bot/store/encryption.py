"""Encrypts the tokens that are stored, with Fernet."""

from __future__ import annotations

import base64
import contextlib
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from bot.errors import ConfigError, StoreError


class Encryption:
    """Encrypts and decrypts all secrets of one database with one key."""

    def __init__(self, key: str | bytes) -> None:
        try:
            self._fernet = Fernet(key)
        except ValueError as exc:
            raise ConfigError(
                "security.key is no Fernet key: 32 bytes, url-safe base64 (44 characters) are needed"
            ) from exc
        self._key = base64.urlsafe_b64decode(key)

    def derived(self, purpose: str) -> bytes:
        """Return a key of 32 bytes for another purpose, which is always the same for the same database."""
        return hmac.digest(self._key, purpose.encode(), "sha256")

    def encrypt(self, secret: str) -> bytes:
        """Encrypt a secret; an empty text gives empty bytes."""
        return self._fernet.encrypt(secret.encode()) if secret else b""

    def decrypt(self, encrypted: bytes | None) -> str:
        """Decrypt a secret; None and empty bytes give an empty text.

        Raises:
            StoreError: the secret was encrypted with another key.
        """
        if not encrypted:
            return ""
        try:
            return self._fernet.decrypt(encrypted).decode()
        except InvalidToken as exc:
            raise StoreError(
                "a stored token cannot be opened: the key is not the one this database was written with"
            ) from exc


def key_from_file(path: Path, *, make: bool = True) -> bytes:
    """Return the encryption key that a file contains.

    If there is no such file, and `make` is on, create it with a new key and with mode 0600 (only its owner may read
    it). A crash leaves the complete file or none.

    Raises:
        ConfigError: the file is missing and `make` is off; or it cannot be created or read, may be read by others, or
            contains no key.
    """
    try:
        if not path.exists():
            if not make:
                raise ConfigError(
                    f"security.key_file: {path} is not there, but this database was written with a key; put the copy of"
                    " the key in its place, or see `If the key is lost` in docs/start/deploy.md"
                )
            _make(path)
    except OSError as exc:
        raise ConfigError(f"security.key_file: cannot make {path}: {exc.strerror}") from exc
    return _read(path)


def _make(path: Path) -> None:
    # Written under another name and then linked, so that the file never exists with only a part of the key.
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(handle, 0o600)  # whatever the umask is
    with os.fdopen(handle, "wb") as file:
        file.write(Fernet.generate_key())
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):  # another process made the file meanwhile; its key is used
        os.link(fresh, path)
    fresh.unlink()


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigError(f"security.key_file: {path} can be read by others; run `chmod 600 {path}`")
        key = path.read_bytes().strip()
        Fernet(key)
    except OSError as exc:
        raise ConfigError(f"security.key_file: cannot read {path}: {exc.strerror}") from exc
    except ValueError as exc:
        raise ConfigError(f"security.key_file: {path} holds no key; put the copy of the key in its place") from exc
    return key
