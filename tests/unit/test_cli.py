"""The command line: its texts, errors and exit codes."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from bot import app, cli, config, demo
from bot.cli.exit_codes import ExitCode
from bot.cli.portal import NOT_INSTALLED
from bot.cli.run import log_failure
from bot.cli.signals import until_signal
from bot.errors import ConfigError, StoreError
from bot.observability import log
from bot.store.sqlite import lock
from tests.programs import Program

ROOT = Path(__file__).resolve().parents[2]
WITHIN = 60
"""Seconds that a program may take on a busy machine."""


@pytest.fixture
def quiet() -> Iterator[None]:
    """Put the log back after a command that set it up."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    yield
    logging.captureWarnings(capture=False)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def started(*arguments: str, **environ: str) -> subprocess.Popen[str]:
    """Start `python -m bot` as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ran(folder: Path, *arguments: str, **environ: str) -> tuple[int, str, str]:
    """Run `python -m bot` to its end, forked; return its exit code, and what it wrote to stdout and stderr."""
    with (folder / "stderr").open("w+", encoding="utf-8") as errors:
        program = Program("-m", "bot", *arguments, environ={**os.environ, **environ}, stderr=errors.fileno())
        out = program.stdout.read()
        code = program.wait(WITHIN)
        errors.seek(0)
        return code, out, errors.read()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["--help"], ["run", "portal", "demo"], id="the whole"),
        pytest.param(["run", "--help"], ["--config FILE", "SIGTERM", "FEEDBRIDGE_SERVER__PORT"], id="run"),
        pytest.param(["demo", "--help"], ["--port N", "emulator", "Ctrl+C"], id="demo"),
        pytest.param(["--version"], ["feedbridge "], id="version"),
    ],
)
def test_every_command_has_help(arguments: list[str], words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Every command explains itself and ends with 0."""
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    told = capsys.readouterr().out
    assert (ended.value.code, [word for word in words if word not in told]) == (0, [])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param([], "COMMAND", id="nothing"),
        pytest.param(["walk"], "invalid choice: 'walk'", id="unknown command"),
        pytest.param(["run", "--prot", "80"], "unrecognized arguments: --prot 80", id="unknown option"),
        pytest.param(["demo", "--port", "-1"], "--port", id="negative port"),
        pytest.param(["demo", "--port", "99999"], "'99999' is no port; allowed: 0 to 65535", id="port too high"),
    ],
)
def test_a_wrong_command_line_is_refused(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A command line that cannot be understood ends with 2 and says why."""
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == cli.MISCONFIGURED
    assert words in capsys.readouterr().err


def test_a_wrong_setting_ends_the_start(tmp_path: Path, capsys: pytest.CaptureFixture[str], quiet: None) -> None:
    """With a log for people the sentence is written to stderr unchanged, and the exit code is 2."""
    path = tmp_path / "feedbridge.toml"
    path.write_text("[server]\nport = 0\n[log]\nformat = 'text'\n", encoding="utf-8")
    assert cli.main(["run", "--config", str(path)]) == cli.MISCONFIGURED
    told = capsys.readouterr()
    assert told.err == f"{path}, line 2: server.port cannot be 0; allowed: a whole number from 1 to 65535\n"
    assert told.out == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_the_work_cleanly(number: signal.Signals) -> None:
    """A signal cancels the work once; its cleanup runs, and nothing is raised."""
    put_away = []

    async def work() -> None:
        os.kill(os.getpid(), number)
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            put_away.append(True)

    until_signal(work())
    assert put_away == [True]


def test_work_that_was_cancelled_by_itself_did_not_end_cleanly() -> None:
    """Only a signal makes a cancelled service a clean end."""

    async def work() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        until_signal(work())


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a service that uses only the test's own folder."""
    return {
        "FEEDBRIDGE_APP__CLIENT_ID": "local.1",
        "FEEDBRIDGE_APP__CLIENT_SECRET": "secret",
        "FEEDBRIDGE_STORE__URL": f"sqlite:///{tmp_path / 'f.db'}",
        "FEEDBRIDGE_SECURITY__KEY_FILE": str(tmp_path / "f.key"),
    }


@contextlib.contextmanager
def taken(folder: Path) -> Iterator[dict[str, str]]:
    """Take a port."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield {"SERVER__PORT": str(other.getsockname()[1])}


def not_ours(folder: Path) -> dict[str, str]:
    """Write a file that is no database of ours."""
    (folder / "f.db").write_bytes(b"somebody's diary, not a database at all\n" * 200)
    return {}


def open_key(folder: Path) -> dict[str, str]:
    """Make a key file that others can read."""
    (folder / "f.key").touch()
    (folder / "f.key").chmod(0o644)
    return {}


def locked(folder: Path) -> dict[str, str]:
    """Use the database from this process."""
    lock.take(folder / "f.db")
    return {}


def no_toml(folder: Path) -> dict[str, str]:
    """Write a configuration that is not TOML."""
    (folder / "f.toml").write_text("[server\nport=1", encoding="utf-8")
    return {}


Case = Callable[[Path], dict[str, str]] | dict[str, str]
WRONG: dict[str, tuple[Case, str]] = {
    "a value": ({"SERVER__PORT": "0"}, "server.port cannot be '0'"),
    "an unknown variable": ({"SERVER__PROT": "1"}, "FEEDBRIDGE_SERVER__PROT is unknown"),
    "the log's own format": ({"LOG__FORMAT": "xml"}, "log.format cannot be 'xml'"),
    "no configuration": (no_toml, "is not TOML"),
    "an address of another machine": ({"SERVER__HOST": "203.0.113.7"}, "server.host, server.port: cannot listen on"),
    "a name that is none": ({"SERVER__HOST": "no-such-host.invalid"}, "server.host, server.port: cannot listen on"),
    "a database that is not ours": (not_ours, "cannot be used: file is not a database"),
    "a database in use": (locked, "another feedbridge"),
    "a folder for a database": ({"STORE__URL": "sqlite:////proc/f.db"}, "store.url: /proc/f.db cannot be used"),
    "a key that others can read": (open_key, "can be read by others"),
    "a secret in quotes": ({"APP__CLIENT_SECRET": "'x'"}, "app.client_secret has quotes"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_set_wrong_ends_with_2_and_json(settings: dict[str, str], tmp_path: Path, name: str) -> None:
    """Every wrong setting, found early or late, ends with 2, and every line on stderr is JSON that names it."""
    case, words = WRONG[name]
    given = case(tmp_path) if callable(case) else case
    more = ["--config", str(tmp_path / "f.toml")] if case is no_toml else []
    environ = settings | {f"FEEDBRIDGE_{key}": value for key, value in given.items()}
    code, out, errors = ran(tmp_path, "run", *more, **environ)
    assert (code, out) == (cli.MISCONFIGURED, ""), errors
    lines = [json.loads(line) for line in errors.splitlines()]
    [line] = [line for line in lines if line["level"] == "critical"]
    assert line["event"] == "wrong setting"
    assert words in line["why"]


@pytest.mark.parametrize("program", ["run", "portal", "demo"])
def test_a_taken_port_ends_the_start(settings: dict[str, str], tmp_path: Path, program: str) -> None:
    """If the port is taken, every program says so and ends with 2; no traceback."""
    with taken(tmp_path) as given:
        port = given["SERVER__PORT"]
        if program == "run":
            process = started("run", **settings, FEEDBRIDGE_SERVER__PORT=port)
        else:
            process = started(program, "--port", port)
        out, errors = process.communicate(timeout=WITHIN)
    assert (out, process.returncode) == ("", cli.MISCONFIGURED)
    assert "address already in use" in errors
    assert "Traceback" not in errors


def test_the_exit_codes_are_one_table() -> None:
    """Each code has its meaning, and the page of the documentation has the same ones."""
    page = (ROOT / "docs/reference/exit-codes.md").read_text(encoding="utf-8")
    told = {int(code): meaning for code, meaning in re.findall(r"^\| `(\d+)` \| (.+) \|$", page, re.MULTILINE)}
    assert told == {code.value: code.meaning for code in ExitCode}
    assert "RestartPreventExitStatus=2" in (ROOT / "deploy/feedbridge.service").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param(
            {"APP__CLIENT_ID": "", "APP__CLIENT_SECRET": ""}, "app.client_id and app.client_secret are not", id="both"
        ),
        pytest.param({"APP__CLIENT_SECRET": ""}, "app.client_id is set, but app.client_secret is not", id="secret"),
        pytest.param({"APP__CLIENT_ID": ""}, "app.client_secret is set, but app.client_id is not", id="id"),
        pytest.param(
            {"SERVER__PUBLIC_URL": "http://localhost:80"}, "server.public_url is http://localhost:80", id="name"
        ),
        pytest.param({"SERVER__PUBLIC_URL": "https://10.0.0.9"}, "server.public_url is https://10.0.0.9", id="network"),
        pytest.param({"SERVER__PUBLIC_URL": "http://[::1]:8080"}, "server.public_url is http://[::1]:8080", id="IPv6"),
        pytest.param({"SERVER__PUBLIC_URL": "http://0.0.0.0:8080"}, "server.public_url is", id="every interface"),
        pytest.param({"SERVER__PUBLIC_URL": "https://10.0.0.9", "SECURITY__PRIVATE_PORTALS": "true"}, "", id="inside"),
        pytest.param(
            {"SECURITY__INSECURE_PORTALS": "true", "SERVER__PUBLIC_URL": "http://127.0.0.1"}, "", id="emulator"
        ),
        pytest.param({}, "", id="fine"),
    ],
)
def test_what_is_allowed_but_will_not_do_is_a_warning(given: dict[str, str], words: str) -> None:
    """A missing half of the credentials, or an address that portals cannot reach, is said precisely at the start."""
    good = {"APP__CLIENT_ID": "local.1", "APP__CLIENT_SECRET": "s", "SERVER__PUBLIC_URL": "https://bot.example.com"}
    environ = {f"FEEDBRIDGE_{key}": value for key, value in (good | given).items() if value}
    warnings = app.warnings(config.load(None, environ))
    assert len(warnings) == bool(words)
    assert all(warning.startswith(words) for warning in warnings)


@pytest.mark.parametrize(
    ("exc", "event"),
    [
        pytest.param(StoreError("locked"), "the service could not go on", id="expected"),
        pytest.param(ExceptionGroup("", [OSError("taken"), StoreError("x")]), "the service could not go on", id="two"),
        pytest.param(ExceptionGroup("", [OSError("taken"), KeyError("x")]), "the service broke down", id="a bug"),
    ],
)
def test_the_reason_of_the_end_is_logged(
    exc: Exception, event: str, caplog: pytest.LogCaptureFixture, quiet: None
) -> None:
    """An expected error is logged in a sentence, a bug with its traceback; both end with 1."""
    log.setup(stream=io.StringIO())
    assert log_failure(exc) == cli.FAILED
    (record,) = caplog.records
    assert isinstance(record.msg, dict)
    assert record.msg["event"] == event


def test_a_wrong_setting_found_late_is_reported() -> None:
    """An unreadable key file is reported like any other wrong setting."""
    with pytest.raises(ConfigError, match="key file"):
        log_failure(ExceptionGroup("", [ExceptionGroup("", [ConfigError("the key file is empty")])]))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_the_service_runs_until_a_signal(settings: dict[str, str], free_port: int, number: signal.Signals) -> None:
    """`python -m bot run` prints its address, and ends with 0 after a signal."""
    process = started("run", FEEDBRIDGE_SERVER__PORT=str(free_port), **settings)
    assert process.stdout is not None
    with process:
        told = process.stdout.readline()
        process.send_signal(number)
        _, errors = process.communicate(timeout=WITHIN)
    assert (told, process.returncode) == (f"Feedbridge ready: http://127.0.0.1:{free_port}\n", 0)
    assert "Traceback" not in errors


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
@pytest.mark.parametrize("named", ["option", "variable"])
def test_health_follows_the_configuration(
    settings: dict[str, str], tmp_path: Path, free_port: int, host: str, named: str
) -> None:
    """The check asks the configured address: 0 while the service runs, 1 afterwards, 2 for a wrong setting."""
    path = tmp_path / "config.toml"
    path.write_text(f"[server]\nhost = '{host}'\nport = {free_port}\n", encoding="utf-8")
    settings |= {"http_proxy": "http://127.0.0.1:9"}
    more = ["--config", str(path)] if named == "option" else []
    settings |= {config.FILE_VARIABLE: str(path)} if named == "variable" else {}

    service = Program("-m", "bot", "run", *more, environ={**os.environ, **settings})
    assert service.stdout.readline()
    assert ran(tmp_path, "health", *more, **settings) == (cli.OK, "", "")
    service.terminate()
    assert service.wait(WITHIN) == cli.OK
    code, _, errors = ran(tmp_path, "health", *more, **settings)
    assert (code, f":{free_port}/healthz does not answer" in errors) == (cli.FAILED, True)
    path.write_text("[server]\nport = 0\n", encoding="utf-8")
    assert ran(tmp_path, "health", *more, **settings)[0] == cli.MISCONFIGURED


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_the_portal_command_becomes_the_emulator(free_port: int, number: signal.Signals) -> None:
    """`feedbridge portal` becomes the emulator, with its arguments, output, signals and exit code."""
    process = started("portal", "--port", str(free_port))
    assert process.stdout is not None
    with process:
        told = process.stdout.readline()
        process.send_signal(number)
        process.communicate(timeout=WITHIN)
    assert (told, process.returncode) == (f"Portal ready: http://127.0.0.1:{free_port}/\n", 0)


def test_the_exit_code_of_the_emulator_is_kept() -> None:
    """If the portal refuses its arguments, `feedbridge portal` has the same exit code."""
    process = started("portal", "--no-such-option")
    process.communicate(timeout=WITHIN)
    assert process.returncode == cli.MISCONFIGURED


@pytest.mark.parametrize("command", ["portal", "demo"])
def test_a_missing_emulator_is_explained(command: str, tmp_path: Path) -> None:
    """Without feedbridge-portal, both commands name the extra to install and end with 1."""
    code = (
        "import importlib.util as util, sys\n"
        "found = util.find_spec\n"
        "util.find_spec = lambda name, *more: None if name == 'portal' else found(name, *more)\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from bot import cli\n"
        f"sys.exit(cli.main([{command!r}]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=WITHIN
    )
    assert done.returncode == cli.FAILED
    assert done.stderr.strip() == NOT_INSTALLED
    assert "pip install 'feedbridge[demo]'" in NOT_INSTALLED


def test_the_demo_says_how_it_ends() -> None:
    """What the demo prints is for people: it ends with how to stop it, and has no identifiers of the code."""
    assert demo.TRY.endswith("Ctrl+C ends the demo.")
    assert "_" not in demo.TRY
