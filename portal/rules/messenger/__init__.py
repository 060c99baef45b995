"""What happens in the messenger: chats, messages, reactions, files."""
