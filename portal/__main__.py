"""`python -m portal`: the pretend Bitrix24 as a program of its own."""

import argparse
import asyncio
import json
import logging
import signal
import sys
from pathlib import Path
from typing import Any

from portal.core import Portal
from portal.deeds import apps
from portal.errors import ControlError
from portal.serve import listening


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="portal", description="A pretend Bitrix24 on this machine, in memory.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--client-id", default="", help="with an application: its id")
    parser.add_argument("--client-secret", default="", help="with an application: its secret")
    parser.add_argument("--app-name", default="Application", help="what the application is called")
    parser.add_argument("--app-handler", default="", help="add an application whose events go to this address")
    parser.add_argument("--seed", type=Path, help="a JSON file with another company")
    parser.add_argument("--insecure-ok", action="store_true", help="send events over plain HTTP to other machines too")
    return parser.parse_args(given)


def seed_of(path: Path | None) -> dict[str, Any] | None:
    """Read a seed file; raises ControlError when it is none."""
    if path is None:
        return None
    try:
        seed = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise ControlError(f"The seed {path} cannot be read: {wrong}.") from wrong
    if not isinstance(seed, dict):
        raise ControlError(f"The seed {path} is no JSON object.")
    return seed


async def serve(options: argparse.Namespace, house: Portal) -> None:
    """Listen until told to end."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with listening(house, port=options.port):
        print(f"Portal ready: {house.url}", flush=True)
        if options.client_id or options.app_handler:
            app = apps.add(
                house,
                name=options.app_name,
                handler=options.app_handler,
                client_id=options.client_id,
                client_secret=options.client_secret,
            )
            print(f"Application: {app.client_id} {app.client_secret}", flush=True)
        await ended.wait()


def main(given: list[str] | None = None) -> int:
    """Run the portal; 0 after SIGTERM or SIGINT, 1 when it could not start."""
    options = arguments(given)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(serve(options, Portal(seed=seed_of(options.seed), insecure_ok=options.insecure_ok)))
    except (ControlError, OSError) as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
