"""Methods of the scope im."""

from portal.api.methods.im import chats, dialogs, directory, messages, notifications, recent, share

__all__ = ["chats", "dialogs", "directory", "messages", "notifications", "recent", "share"]
