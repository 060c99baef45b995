"""Methods of the News Feed."""

from portal.api.methods.log import comments, extras, posts, reading

__all__ = ["comments", "extras", "posts", "reading"]
