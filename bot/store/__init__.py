"""What we remember, on SQLite today and written so that PostgreSQL can join."""

from bot.store.encryption import Encryption, key_from_file
from bot.store.memory import StoredMemory
from bot.store.sqlite import Database, open_database
from bot.store.store import Store
from bot.store.timers import Timers

__all__ = ["Database", "Encryption", "Store", "StoredMemory", "Timers", "key_from_file", "open_database"]
