"""The methods imbot.v2.*, the second generation of the bot API."""

from portal.api.methods.imbotv2 import bots, chats, commands, events, files, managers, messages, reactions

__all__ = ["bots", "chats", "commands", "events", "files", "managers", "messages", "reactions"]
