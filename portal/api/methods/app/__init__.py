"""Methods about the application itself."""

from portal.api.methods.app import options, placements, system

__all__ = ["options", "placements", "system"]
