"""The sentences of the commands on posts that exist already."""
