"""Cards are compared with the feed, which finds changes whose events were lost."""

from __future__ import annotations
