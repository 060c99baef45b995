"""Methods that search people, chats and departments."""

from portal.api.methods.im.directory import departments, search, users

__all__ = ["departments", "search", "users"]
