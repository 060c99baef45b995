"""The commands that only buttons send: answers to questions of the bot."""
