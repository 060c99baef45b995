"""The pytest plugin: the fixture `portal`, a Bitrix24 of its own for each test, with people who say and see things.

Installed with feedbridge-portal (entry point `feedbridge.portal`). The fixture needs pytest-asyncio; without it, only a
test that asks for the fixture fails. Nothing heavy is imported before a test asks for the fixture. Each test has its
own portal on a free loopback port, so tests may run side by side.
"""

from collections.abc import AsyncIterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from portal.testing import Running


MISSING = "the fixture `portal` needs pytest-asyncio: pip install 'feedbridge-portal[pytest]'"


async def _started(request: pytest.FixtureRequest) -> AsyncIterator["Running"]:
    """Give a running portal; `@pytest.mark.portal(seed=..., **switches)` gives it another company or other ways."""
    from portal.testing import running  # noqa: PLC0415  # only who asks for a portal pays for it

    marker = request.node.get_closest_marker("portal")
    wanted = dict(marker.kwargs) if marker else {}
    async with running(seed=wanted.pop("seed", None)) as started:
        if wanted:
            started.switch(**wanted)
        yield started


def _refused() -> None:
    """Fail a test that asks for the fixture where pytest-asyncio is not installed."""
    pytest.fail(MISSING, pytrace=False)


fixture: object
if find_spec("pytest_asyncio") is None:
    fixture = pytest.fixture(name="portal")(_refused)
else:
    import pytest_asyncio

    fixture = pytest_asyncio.fixture(name="portal")(_started)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "portal(seed=None, **switches): the company and the switches of the fixture")
