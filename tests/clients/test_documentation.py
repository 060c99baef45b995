"""The instructions of docs/start/other-bots.md work exactly as written."""

import asyncio
import re
from pathlib import Path

import aiohttp
import pytest

from portal.testing import RunningPortal
from tests.clients import installing
from tests.clients.conftest import USERS, Client, installed

PAGE = (Path(__file__).parents[2] / "docs" / "start" / "other-bots.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"```(?:python|js)\n(.*?)```", re.DOTALL)


def examples(client: str) -> list[str]:
    """Return the programs below the heading of a client."""
    return EXAMPLE.findall(PAGE.partition(f"\n### {client}\n")[2].partition("\n### ")[0])


async def run(client: Client, program: str, folder: Path, **environ: str) -> str:
    """Run an example as a file and return what it printed."""
    interpreter, script = client.command
    place = Path(script).parent if interpreter == "node" else folder
    file = place / f"example_{Path(script).stem}{Path(script).suffix}"
    file.write_text(program, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        interpreter,
        str(file),
        env={**client.environ, **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()[-2000:]
    return said.decode()


@pytest.mark.clients
@pytest.mark.parametrize(
    ("fixture", "name"),
    [
        ("b24pysdk", "b24pysdk"),
        ("fast_bitrix24", "fast-bitrix24"),
        ("b24api", "b24api"),
        ("b24jssdk", "@bitrix24/b24jssdk"),
    ],
)
async def test_the_example_of_each_client_runs(
    request: pytest.FixtureRequest, secure: RunningPortal, tmp_path: Path, fixture: str, name: str
) -> None:
    """With the webhook's address, each example writes to a chat and counts the people."""
    hook = secure.webhook()
    ways = {"WEBHOOK": hook, "BITRIX24_API_WEBHOOK_URL": hook}
    said = await run(request.getfixturevalue(fixture), examples(name)[0], tmp_path, **ways)
    assert said == f"{USERS} people\n"
    assert (await secure.person(2).sees("Good morning", dialog="chat10")).author == 1


@pytest.mark.clients
async def test_the_example_of_an_application_runs(b24pysdk: Client, secure: RunningPortal, tmp_path: Path) -> None:
    """With the code of the authorize page and the proxy, the example acts as an application."""
    given = await installed(secure)
    async with aiohttp.ClientSession() as http:
        asked = {"client_id": given["client_id"], "as": "2"}
        answer = await http.get(f"{secure.url}oauth/authorize/", params=asked, ssl=False, allow_redirects=False)
    code = answer.headers["Location"].partition("code=")[2].partition("&")[0]
    keys = {"CLIENT_ID": given["client_id"], "CLIENT_SECRET": given["client_secret"], "CODE": code}
    said = await run(b24pysdk, examples("b24pysdk")[1], tmp_path, HTTPS_PROXY=secure.proxy, **keys)
    assert said == f"{USERS} people\n"
    assert (await secure.person(1).sees("Good morning", dialog="chat10")).author == 2


def test_the_page_lists_the_tested_versions() -> None:
    """The table of clients has the versions that the tests install."""
    rows = dict(re.findall(r"^\| (\S+) \| (\d[\d.]*) \|", PAGE, re.MULTILINE))
    assert rows == {**installing.VERSIONS["python"], **installing.VERSIONS["node"]}
