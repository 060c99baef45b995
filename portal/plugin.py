"""The pytest plugin with the fixture `portal`: a new emulated Bitrix24 for each test.

It comes with feedbridge-portal (entry point `feedbridge.portal`). The fixture needs pytest-asyncio; without it, only
tests that request the fixture fail. Heavy modules are imported when a test requests the fixture. Each test has its own
portal on a free loopback port, so tests may run in parallel.
"""

from collections.abc import AsyncIterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from portal.testing import RunningPortal


MISSING = "the fixture `portal` needs pytest-asyncio: pip install 'feedbridge-portal[pytest]'"


async def _run_portal(request: pytest.FixtureRequest) -> AsyncIterator["RunningPortal"]:
    """Provide a running portal for one test, as the fixture `portal`.

    `@pytest.mark.portal(seed=..., **switches)` sets another company or other switches.
    """
    from portal.testing import running  # noqa: PLC0415  # other tests do not load it

    marker = request.node.get_closest_marker("portal")
    wanted = dict(marker.kwargs) if marker else {}
    async with running(seed=wanted.pop("seed", None)) as started:
        if wanted:
            started.switch(**wanted)
        yield started


def _fail() -> None:
    """Fail a test that requests the fixture without pytest-asyncio."""
    pytest.fail(MISSING, pytrace=False)


fixture: object
# Without pytest-asyncio an async fixture gives a confusing error, so a plain one fails with an explanation.
if find_spec("pytest_asyncio") is None:
    fixture = pytest.fixture(name="portal")(_fail)
else:
    import pytest_asyncio

    fixture = pytest_asyncio.fixture(name="portal")(_run_portal)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker `portal`."""
    config.addinivalue_line("markers", "portal(seed=None, **switches): the company and the switches of the fixture")
