"""Run the emulator as a program: `python -m portal`."""

import argparse
import asyncio
import json
import logging
import signal
import ssl
import sys
import tomllib
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from portal.certificate import context, files_in
from portal.engine import snapshot
from portal.engine.core import Portal
from portal.errors import ControlError
from portal.rules import apps
from portal.serve import authorizing, listening
from portal.world.apps import App

WEBHOOK_OF = 1
"""Id of the user whose webhook is printed, and who installs: the administrator of the default seed."""


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line, by default that of the process; exit with status 2 when an option is wrong."""
    parser = argparse.ArgumentParser(prog="portal", description="Run a Bitrix24 emulator on this machine, in memory.")
    parser.add_argument("--port", type=int, default=0, help="the port; 0 selects a free one (default)")
    parser.add_argument("--client-id", default="", help="with an application: its id")
    parser.add_argument("--client-secret", default="", help="with an application: its secret")
    parser.add_argument("--app-name", default="Application", help="the name of the application")
    parser.add_argument("--app-handler", default="", help="add an application with this event handler")
    parser.add_argument(
        "--tls", type=Path, metavar="FOLDER", help="listen with TLS, with a certificate that is created in this folder"
    )
    parser.add_argument(
        "--proxy-port", type=int, default=0, help="with --tls: the port of the HTTPS proxy; 0 selects a free one"
    )
    parser.add_argument("--install", action="store_true", help="install the application as the administrator")
    parser.add_argument(
        "--oauth-port", type=int, metavar="N", help="also serve the authorization server on a separate port"
    )
    parser.add_argument("--seed", type=Path, help="a TOML (or JSON) file with another company")
    parser.add_argument("--state", type=Path, help="save the state in this file, and load it at the start")
    parser.add_argument("--insecure-ok", action="store_true", help="send events over plain HTTP also to other machines")
    return parser.parse_args(given)


def seed_of(path: Path | None) -> dict[str, Any] | None:
    """Read a seed file in TOML or JSON; return None without a path.

    Raise ControlError when the file cannot be read.
    """
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
        seed = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as wrong:
        raise ControlError(f"The seed {path} cannot be read: {wrong}.") from wrong
    if not isinstance(seed, dict):
        raise ControlError(f"The seed {path} is not a JSON object.")
    return seed


def application_of(options: argparse.Namespace, portal: Portal) -> App:
    """Return the application from the command line, and create it when it is new.

    An application that an earlier start has saved stays as it is, installed or not.
    """
    old = portal.world.apps.apps.get(options.client_id)
    if old and old.handler == options.app_handler and options.client_secret in ("", old.client_secret):
        return old
    return apps.add(
        portal,
        name=options.app_name,
        handler=options.app_handler,
        client_id=options.client_id,
        client_secret=options.client_secret,
    )


async def serve(options: argparse.Namespace, portal: Portal, tls: ssl.SSLContext | None) -> None:
    """Serve the portal until SIGINT or SIGTERM arrives, and print the addresses and secrets that clients need."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with (
        snapshot.saving(portal, options.state),
        listening(portal, port=options.port, tls=tls, proxy_port=options.proxy_port),
        AsyncExitStack() as stack,
    ):
        print(f"Portal ready: {portal.url}", flush=True)
        if options.oauth_port is not None:
            server = await stack.enter_async_context(authorizing(portal, port=options.oauth_port, tls=tls))
            print(f"Authorization server: {server}", flush=True)
        if options.tls:
            print(f"Trust: {files_in(options.tls).authority}\nProxy: {portal.proxy}", flush=True)
        if options.client_id or options.app_handler:
            app = application_of(options, portal)
            print(f"Application: {app.client_id} {app.client_secret}", flush=True)
            if options.install:
                apps.install(portal, app, by=WEBHOOK_OF)
        hooks = portal.world.apps.webhooks.values()  # a loaded state may contain it
        hook = next((row for row in hooks if (row.user, row.scopes) == (WEBHOOK_OF, apps.SCOPES)), None)
        hook = hook or apps.add_webhook(portal, user=WEBHOOK_OF)
        print(f"Webhook: {portal.rest_url}{hook.user}/{hook.secret}/", flush=True)
        await ended.wait()


def main(given: list[str] | None = None) -> int:
    """Run the emulator and return the exit status.

    The status is 0 after SIGTERM or SIGINT, and 2 when an option is wrong, the port cannot be used, or the state file
    cannot be read.
    """
    options = arguments(given)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        tls = context(options.tls, now=datetime.now(tz=UTC)) if options.tls else None
        portal = Portal(seed=seed_of(options.seed), insecure_ok=options.insecure_ok)
        if options.state:
            snapshot.load(portal, options.state)
        asyncio.run(serve(options, portal, tls))
    except (ControlError, OSError) as failure:
        print(failure, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
