"""The methods imbot.* of the first generation."""

from portal.api.methods.imbot import bots, chats, commands, messages

__all__ = ["bots", "chats", "commands", "messages"]
