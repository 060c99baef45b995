"""The version of the service."""

from __future__ import annotations

from importlib import metadata


def installed() -> str:
    """Return the installed version."""
    try:
        return metadata.version("feedbridge")
    except metadata.PackageNotFoundError:
        return "not installed"
