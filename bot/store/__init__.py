"""What we remember, on SQLite today and written so that PostgreSQL can join: `store.open(url, seal)`."""

from bot.store.sqlite import Database, open_database
from bot.store.store import Arrived, Outcome, Store, WaitingEffect, WaitingEvent

__all__ = ["Arrived", "Database", "Outcome", "Store", "WaitingEffect", "WaitingEvent", "open_database"]
