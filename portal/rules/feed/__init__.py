"""Actions on posts of the News Feed."""
