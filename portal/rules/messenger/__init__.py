"""Actions in the messenger: chats, messages, reactions, files."""
