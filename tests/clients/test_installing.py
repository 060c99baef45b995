"""Tests of clients that cannot be installed skip with a reason; real problems fail."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients import installing

NOWHERE = "http://127.0.0.1:9/"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Install below a folder of the test, without a reachable registry."""
    monkeypatch.setenv("FEEDBRIDGE_CLIENTS", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", NOWHERE)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("npm_config_registry", NOWHERE)
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.clients
@pytest.mark.parametrize(
    ("install", "package"),
    [(installing.python_of, "b24api"), (installing.node_modules_of, "@bitrix24/b24jssdk")],
    ids=["python", "node"],
)
def test_an_unreachable_registry_is_a_reason_to_skip(install: Callable[[str], Path], package: str) -> None:
    """Without a registry, the client is absent with a reason, and not marked as installed."""
    for _ in range(2):
        with pytest.raises(installing.Absent, match=r"registry cannot be reached|Node\.js"):
            install(package)
    assert not list(installing.cache().glob("*.done"))


def test_a_missing_node_is_a_reason_to_skip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without Node.js on the PATH, the reason says how to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(installing.Absent, match="apt-get install nodejs"):
        installing.node_modules_of("@bitrix24/b24jssdk")


@pytest.mark.clients
def test_a_version_that_does_not_exist_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the registry lacks the pinned version, the test fails, because the pin is wrong."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(AssertionError, match="b24api could not be installed"):
        installing.python_of("b24api")


def test_an_installed_client_is_not_installed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A finished folder is used without asking the registry."""
    asked: list[str] = []
    monkeypatch.setattr(installing, "run", lambda _command, package: asked.append(package))
    assert installing.python_of("b24api") == installing.python_of("b24api")
    assert asked == ["b24api"]
