"""Stores everything that the service remembers, in SQLite; the interface would also fit PostgreSQL."""

from bot.store.encryption import Encryption, key_from_file
from bot.store.memory import StoredMemory
from bot.store.sqlite import Database, open_database, open_to_read
from bot.store.store import Store
from bot.store.timers import Timers

__all__ = [
    "Database",
    "Encryption",
    "Store",
    "StoredMemory",
    "Timers",
    "key_from_file",
    "open_database",
    "open_to_read",
]
