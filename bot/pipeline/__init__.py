"""Moves events from the inbox through the handlers, and effects from the outbox to the portal."""
