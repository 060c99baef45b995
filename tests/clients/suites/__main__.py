"""Run other people's tests with the emulator and print a table: `python -m tests.clients.suites [PROJECT ...]`.

The exit status is 1 when a test fails that reasons.toml does not list, or when it lists one that does not fail.
`--write` writes the table into docs/reference/client-tests.md.
"""

import argparse
import asyncio
import datetime as dt
import os
import sys
import tempfile
from pathlib import Path

from portal import certificate
from portal.testing import running
from portal.world.seed import DEFAULT
from tests.clients import installing
from tests.clients.environment import environment
from tests.clients.suites import page, projects, reasons
from tests.clients.suites.reasons import Judged

TESTER = {"id": 20, "first_name": "Test", "last_name": "Tester", "departments": [1], "inner_phone": "12"}
"""A person whom the tests of b24phpsdk search for, by name and by inner phone number."""


async def one(name: str) -> Judged:
    """Run the tests of one project with an emulator of its own, without a rate limit, and judge them."""
    with tempfile.TemporaryDirectory() as folder:
        context = certificate.context(Path(folder), now=dt.datetime.now(tz=dt.UTC))
        environ = environment(Path(folder), certificate.files_in(Path(folder)).authority)
        seed = {**DEFAULT, "users": [*DEFAULT["users"], TESTER]}
        async with running(seed=seed, tls=context) as portal:
            portal.switch(bucket_capacity=0)
            cases = await projects.results(name, portal, environ)
    return reasons.judged(name, cases, reasons.reasons().get(name, []))


def said(result: Judged) -> None:
    """Print what needs attention: failures without a reason, and reasons without a failure."""
    for case in result.unlisted:
        print(f"\n{result.project}: not listed: {case.name}\n{case.text[:1500]}", file=sys.stderr)
    for pattern in result.stale:
        print(f"\n{result.project}: listed, but no test fails: {pattern}", file=sys.stderr)


def main() -> int:
    """Run the chosen projects, print the table and what needs attention, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.clients.suites", description=__doc__)
    parser.add_argument("projects", nargs="*", help=f"any of {', '.join(projects.RUNNERS)}; all by default")
    parser.add_argument("--write", action="store_true", help="write the table into the documentation")
    chosen = parser.parse_args()
    names = chosen.projects or list(projects.RUNNERS)
    if unknown := sorted(set(names) - set(projects.RUNNERS)):
        parser.error(f"unknown: {', '.join(unknown)}; known are {', '.join(projects.RUNNERS)}")
    results, absent = [], []
    for name in names:
        try:
            results.append(asyncio.run(one(name)))
        except installing.Absent as why:
            absent.append(f"{name} was not run: it {why}")
    print(page.table(map(page.row, results)))
    for sentence in absent:
        print(sentence, file=sys.stderr)
    for result in results:
        said(result)
    if chosen.write:
        page.write(results)
    return os.EX_OK if all(result.as_listed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
