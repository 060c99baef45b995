"""The SQLite database: connections, group commits, migrations."""

from bot.store.sqlite.database import MOST_IN_A_COMMIT, Database, Row, in_thread
from bot.store.sqlite.opening import load_queries, migrations, open_database, open_to_read

__all__ = [
    "MOST_IN_A_COMMIT",
    "Database",
    "Row",
    "in_thread",
    "load_queries",
    "migrations",
    "open_database",
    "open_to_read",
]
