"""`feedbridge check`: settings and policy in words, and what would be decided."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot import cli

ROOT = Path(__file__).resolve().parents[2]
RULES = """
[[rule]]
name = "Sales in the day"
who = "DR3"
to = "everyone"
when = { days = "weekdays", hours = "8:00-20:00" }
then = "allow"

[[rule]]
name = "Two pairs of eyes"
to = "everyone"
then = "approve"
approvers = [1, 5]
reason = "Posts for everyone are read first."

[[rule]]
name = "No extranet in the CRM"
who = ["extranet"]
to = "crm"
portal = "north.example.com"
then = "deny"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Write settings that name a policy beside them."""
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    path = tmp_path / "config.toml"
    path.write_text('[publish]\npolicy = "rules.toml"\ntime_zone = "Europe/Berlin"\n', encoding="utf-8")
    return path


def run(config: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run the command, and return the exit code with what it printed."""
    code = cli.main(["check", "--config", str(config), *arguments])
    printed = capsys.readouterr()
    return code, printed.out + printed.err


def test_the_rules_are_printed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each rule is a sentence, the default too; the policy is found beside the file with the settings."""
    code, said = run(config, capsys)
    assert code == cli.OK
    assert "rules.toml: nothing is wrong." in said
    assert "1. Sales in the day: department 3 (with those below it) may publish to everyone, Monday to Friday" in said
    assert "8:00-20:00 (Europe/Berlin)." in said
    assert "2. Two pairs of eyes: everybody may publish to everyone, if user 1 or user 5 approves." in said
    assert "Otherwise: everybody may publish to anybody." in said


def test_without_a_policy_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a policy the command says that everything is allowed, and which setting names one."""
    path = tmp_path / "config.toml"
    path.write_text("[log]\nlevel = 'info'\n", encoding="utf-8")
    code, said = run(path, capsys)
    assert (code, "Policy: none; everybody may publish to anybody" in said) == (cli.OK, True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("--from 7 --to SG7", cli.OK, "workgroup 7: allowed, no rule matches, so otherwise holds\nAllowed."),
        (
            "--from 7 --at 2026-12-01T12:00 --department 3",
            cli.OK,
            "everyone: allowed, rule 1 (Sales in",
        ),
        ("--from 7 --at 2026-12-01T12:00 --department 8 --above 8:3", cli.OK, "rule 1 (Sales in the day)\nAllowed."),
        ("--from 7 --at 2026-12-01T12:00 --department 8", cli.FAILED, "rule 2 (Two pairs of eyes)"),
        ("--from 7 --at 2026-12-01T21:00 --department 3", cli.FAILED, "Needs an approval: of user 1 or 5."),
        ("--from 7 --at 2026-12-01T21:00 --to all --to everyone", 2, "all is no recipient"),
        ("--from 5 --to SG7 --to everyone", cli.FAILED, "Needs an approval: of user 1."),
        ("--from 7 --to crm --extranet --portal North.example.com", cli.FAILED, "the CRM: denied, rule 3"),
        ("--from 7 --to crm --extranet", cli.OK, "Allowed."),
        ("--from 7 --to crm --administrator --group 4", cli.OK, "Allowed."),
        ("--from nobody", 2, "nobody is no id; write a number"),
        ("--from 7 --at tomorrow", 2, "tomorrow is no time; write it like"),
        ("--from 7 --above 8", 2, "8 is not two departments"),
        ("--to everyone", cli.MISCONFIGURED, "--from, which is missing"),
    ],
)
def test_a_trial_says_what_is_decided(
    config: Path, capsys: pytest.CaptureFixture[str], arguments: str, code: int, said: str
) -> None:
    """The options describe a person, recipients and a time; the answer names the rule, and the exit code says it."""
    try:
        found, printed = run(config, capsys, *arguments.split())
    except SystemExit as exit_:
        found, printed = int(str(exit_.code)), capsys.readouterr().err
    assert (found, said in printed) == (code, True), printed


def test_a_time_may_have_a_space(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A time is in the configured zone, and written as people write it."""
    code, said = run(config, capsys, "--from", "7", "--at", "2026-12-01 21:00")
    assert (code, "User 7 at 2026-12-01 21:00 (Europe/Berlin):" in said) == (cli.FAILED, True)
    assert "The person reads: Posts for everyone are read first." in said


def test_mistakes_end_with_two(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong rule is told with the file and its number; so is a policy that does not exist."""
    (config.parent / "rules.toml").write_text('[[rule]]\nname = "R"\nthen = "alow"', encoding="utf-8")
    code, said = run(config, capsys)
    assert (code, 'rules.toml, rule 1 ("R"): then cannot be' in said) == (cli.MISCONFIGURED, True)
    (config.parent / "rules.toml").unlink()
    code, said = run(config, capsys)
    assert (code, "cannot be read" in said) == (cli.MISCONFIGURED, True)


def test_the_service_does_not_start_with_a_wrong_policy(config: Path) -> None:
    """`feedbridge run` ends like for a wrong setting, and says what is wrong in the policy."""
    (config.parent / "rules.toml").write_text('[[rule]]\nname = "R"\nthen = "alow"', encoding="utf-8")
    folder = config.parent
    config.write_text(
        f'[publish]\npolicy = "rules.toml"\n[log]\nformat = "text"\n[store]\nurl = "sqlite:///{folder}/f.db"\n'
        f'[security]\nkey_file = "{folder}/key"\n',
        encoding="utf-8",
    )
    started = [sys.executable, "-P", "-m", "bot", "run", "--config", str(config)]
    done = subprocess.run(started, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)
    assert done.returncode == cli.MISCONFIGURED
    assert 'rule 1 ("R"): then cannot be' in done.stderr
