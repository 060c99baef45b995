"""The queues: from the inbox through the handlers and the outbox to the portal."""
