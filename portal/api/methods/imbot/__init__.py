"""The methods imbot.*, the first generation of the bot API."""

from portal.api.methods.imbot import bots, chats, commands, messages

__all__ = ["bots", "chats", "commands", "messages"]
