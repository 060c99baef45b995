"""Cards are compared with the feed: what events did not tell is found all the same."""

from __future__ import annotations
