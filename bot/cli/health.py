"""`feedbridge health`: ask the service with this configuration whether it runs; for health checks of containers."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from pathlib import Path

from bot import config
from bot.cli.exit_codes import FAILED, OK

DESCRIPTION = """\
Ask the service that runs with this configuration for /healthz, and end with 0 if it answers, else with 1.

Address and port are those of the configuration, so that a health check follows it.
"""
WITHIN = 4.0
"""Seconds that the answer may take."""
_EVERY_INTERFACE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}


def main(path: Path | None) -> int:
    """Ask the service once, and return the exit code: OK if it answers, else FAILED, with the reason on stderr.

    Raises:
        ConfigError: a setting is wrong.
    """
    if reason := failure(config.load(path, os.environ).server):
        print(reason, file=sys.stderr)
        return FAILED
    return OK


def failure(server: config.Server) -> str:
    """Ask the service for /healthz, and return why it does not answer; "" if it does."""
    url = f"{address(server)}/healthz"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy: it is this machine
    try:
        with opener.open(url, timeout=WITHIN):
            return ""
    except OSError as exc:
        return f"{url} does not answer: {exc}"


def address(server: config.Server) -> str:
    """Return the address of the service on this machine."""
    return f"http://{_reachable(server.host)}:{server.port}"


def _reachable(host: str) -> str:
    """Return the host to ask for a service that listens on `host`, which may be every interface or an IPv6 address."""
    if host in _EVERY_INTERFACE:
        return _EVERY_INTERFACE[host]
    return f"[{host}]" if ":" in host else host
