"""The commands on posts that exist already."""
