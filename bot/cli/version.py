"""The version of the service that is installed."""

from __future__ import annotations

from importlib import metadata


def installed() -> str:
    """Return the version of the service that is installed; "not installed" if it runs from its source only."""
    try:
        return metadata.version("feedbridge")
    except metadata.PackageNotFoundError:
        return "not installed"
