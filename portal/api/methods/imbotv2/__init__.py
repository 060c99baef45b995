"""The methods imbot.v2.*."""

from portal.api.methods.imbotv2 import bots, chats, commands, events, files, managers, messages, reactions

__all__ = ["bots", "chats", "commands", "events", "files", "managers", "messages", "reactions"]
