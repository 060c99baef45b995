"""A pretend Bitrix24: REST, OAuth, events, limits and rights in one process, in memory, on loopback only."""
