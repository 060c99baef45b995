"""The methods event.*."""

from portal.api.methods.event import bindings, offline

__all__ = ["bindings", "offline"]
