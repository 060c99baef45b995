"""The files in deploy/ name settings and metrics as they are in the code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import config
from bot.observability import metrics

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
VARIABLE = re.compile(r"FEEDBRIDGE_\w+")
METRIC = re.compile(r"\bfeedbridge_\w+")


def queries() -> Iterator[str]:
    """Return every expression of the dashboard."""
    board: dict[str, Any] = json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))
    for panel in board["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def plain(name: str) -> str:
    """Return the metric's own name, without the endings that Prometheus adds to a histogram's."""
    return name if name in metrics.NAMES else re.sub(r"_(bucket|sum|count)$", "", name)


def test_the_dashboard_shows_every_metric_and_no_other() -> None:
    """The dashboard shows each metric of the service, and no other name."""
    assert {plain(name) for query in queries() for name in METRIC.findall(query)} == set(metrics.NAMES)


def test_the_dashboard_groups_by_existing_labels() -> None:
    """Each `by` of a query is a label of its metric."""
    service = metrics.Metrics()
    labels = {name: set(getattr(service, name.removeprefix("feedbridge_"))._labelnames) for name in metrics.NAMES}
    for query in queries():
        asked = {label.strip() for by in re.findall(r"by \(([^)]*)\)", query) for label in by.split(",")} - {"le"}
        (name,) = {plain(name) for name in METRIC.findall(query)}
        assert asked <= labels[name], query


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", "feedbridge.service"])
def test_variables_are_settings(name: str) -> None:
    """Every FEEDBRIDGE_ variable in the ready-made files is one that the service takes."""
    known = {setting.variable for setting in config.settings().values()}
    known |= {"FEEDBRIDGE_SECTION__KEY", config.FILE_VARIABLE}
    assert set(VARIABLE.findall((DEPLOY / name).read_text(encoding="utf-8"))) <= known


def test_the_dockerfile_names_what_is_there() -> None:
    """Each COPY names a file or folder that exists, and each folder that pip installs was copied."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    copied = [name for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE) for name in line.split()[:-1]]
    assert [name for name in copied if not (DEPLOY.parent / name).exists()] == []
    (installed,) = re.findall(r"pip install (.+)$", text, re.MULTILINE)
    folders = [one for one in installed.split() if one.startswith(".")]
    assert [one for one in folders if one != "." and one.removeprefix("./") not in copied] == []
    for folder in folders:
        assert (DEPLOY.parent / folder / "pyproject.toml").exists()
    assert {"bot", "pyproject.toml", "config.example.toml", "constraints.txt", "README.md", "LICENSE"} <= set(copied)


def test_the_container_s_health_check_follows_the_configuration() -> None:
    """The check asks the address of the configuration that the service runs with, and names no port itself."""
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    [check] = re.findall(r"^HEALTHCHECK .*$", dockerfile, re.MULTILINE)
    assert check.endswith('CMD ["/opt/feedbridge/bin/feedbridge", "health"]')
    assert f"{config.FILE_VARIABLE}=/etc/feedbridge/config.toml" in dockerfile
    assert "COPY config.example.toml /etc/feedbridge/config.toml" in dockerfile


def test_compose_mounts_a_configuration_and_publishes_its_port() -> None:
    """Port in the container, published port and the service's setting are one variable; the file is mounted."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    port = "${FEEDBRIDGE_SERVER__PORT:-8080}"
    assert f"FEEDBRIDGE_SERVER__PORT: {port}" in text
    assert f'- "127.0.0.1:{port}:{port}"' in text
    assert "target: /etc/feedbridge/config.toml" in text
    assert "create_host_path: false" in text  # otherwise a missing file becomes a folder
    assert re.findall(r"^ +(FEEDBRIDGE_APP__\w+):(.*)$", text, re.MULTILINE) == [
        ("FEEDBRIDGE_APP__CLIENT_ID", ""),
        ("FEEDBRIDGE_APP__CLIENT_SECRET", ""),
    ]  # an empty value would win over the file


def test_the_image_has_what_the_documentation_runs() -> None:
    """Each program in the commands of docs/start/deploy.md is in the image."""
    page = (DEPLOY.parent / "docs/start/deploy.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    programs = {line.split()[0] for block in blocks for line in block.splitlines()}
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert programs
    assert [name for name in programs if not re.search(rf"apt-get install [^&]*\b{name}\b", dockerfile)] == []
