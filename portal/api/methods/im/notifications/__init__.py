"""The methods im.notify.*."""

from portal.api.methods.im.notifications import listing, sending

__all__ = ["listing", "sending"]
