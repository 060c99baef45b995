"""`feedbridge check`: read the settings and the policy without starting anything, and say in words what holds."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot import app, config, policy
from bot.cli import config_file
from bot.cli.exit_codes import FAILED, OK
from bot.clock import Clock
from bot.errors import ConfigError
from bot.policy import Author, Case, Decision, Policy, PolicyVerdict, reading, words
from bot.policy.deciding import Ruling

DESCRIPTION = """\
Read the settings and the policy file without starting anything, and print each rule as a sentence. Ends with 2 if
something is wrong in them, and says what.

With --from and --to, say what the policy decides about a person who publishes, and by which rule; ends with 1 if they
may not publish without an approval. The portal is not asked: what a rule wants to know of the person is said with
options, and what is not said is not so.

  feedbridge check --from 5 --to SG7 --to everyone --at "2026-12-01 21:00" --department 3
"""
_ABOVE = re.compile(r"(\d{1,18}):(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What the options ask about: a person, recipients and a moment (None: now)."""

    author: Author
    to: tuple[str, ...]
    at: datetime | None
    portal: str
    tree: dict[int, int]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command to its parser."""
    config_file.add_option(parser)
    parser.add_argument("--from", dest="person", type=_id, metavar="USER", help="the id of the person who publishes")
    parser.add_argument(
        "--to", action="append", default=[], type=_to, metavar="RECIPIENT",
        help="everyone, crm, U5, DR3 or SG7; may be repeated (default: everyone)",
    )  # fmt: skip
    parser.add_argument(
        "--at", type=_at, metavar="TIME",
        help='such as "2026-12-01 21:00", in [publish] time_zone (default: now)',
    )  # fmt: skip
    parser.add_argument(
        "--department", action="append", default=[], type=_id, metavar="ID", help="a department of the person"
    )
    parser.add_argument(
        "--above", action="append", default=[], type=_above, metavar="ID:ABOVE",
        help="which department is above another one, such as 8:3",
    )  # fmt: skip
    parser.add_argument(
        "--group", action="append", default=[], type=_id, metavar="ID", help="a workgroup of the person"
    )
    parser.add_argument("--extranet", action="store_true", help="the person is an extranet user")
    parser.add_argument("--administrator", action="store_true", help="the person is an administrator")
    parser.add_argument("--portal", default="", metavar="DOMAIN", help="the domain or member id of the portal")


def trial(given: argparse.Namespace) -> Trial | None:
    """Return what the options ask about; None without `--from`.

    Raises:
        ConfigError: there are options about a person, but no person.
    """
    about = (given.to, given.at, given.department, given.above, given.group, given.extranet, given.administrator)
    if given.person is None:
        if any(about) or given.portal:
            raise ConfigError("--to and the other options say more about --from, which is missing: --from USER")
        return None
    tree = dict.fromkeys(given.department, 0)
    tree |= {number: 0 for one in given.to if one.startswith("DR") and (number := int(one[2:])) not in tree}
    tree |= {above: 0 for _, above in given.above} | dict(given.above)
    author = Author(
        id=given.person, departments=frozenset(given.department), groups=frozenset(given.group),
        extranet=given.extranet, administrator=given.administrator,
    )  # fmt: skip
    to = tuple(dict.fromkeys(given.to)) or ("UA",)
    return Trial(author=author, to=to, at=given.at, portal=given.portal.casefold(), tree=tree)


def main(path: Path | None, asked: Trial | None) -> int:
    """Print what was found, and return the exit code.

    Raises:
        ConfigError: a setting or the policy is wrong.
    """
    settings = config.load(path, os.environ)
    rules = policy.load(settings.publish.policy_path, zone=settings.publish.zone)
    if asked is None:
        print("\n".join([*_settings(path, settings), "", *_policy(settings, rules)]))
        return OK
    at = asked.at or datetime.fromtimestamp(Clock().wall(), settings.publish.zone)
    at = at if at.tzinfo else at.replace(tzinfo=settings.publish.zone)
    case = Case(portal=(asked.portal,), author=asked.author, to=asked.to, at=at.timestamp(), tree=asked.tree)
    verdict = policy.decide(rules, case)
    print("\n".join(_decision(case, verdict, at)))
    return OK if verdict.allows else FAILED


def _settings(path: Path | None, settings: config.Config) -> Iterator[str]:
    """Yield what was read, and a warning for each setting that lets the bot fall silent."""
    yield f"Settings: {path or 'no file, only defaults and the environment'}: nothing is wrong."
    for warning in app.warnings(settings):
        yield f"  Warning: {warning}."


def _policy(settings: config.Config, rules: Policy) -> Iterator[str]:
    if settings.publish.policy_path is None:
        yield "Policy: none; everybody may publish to anybody ([publish] policy names a file)."
        return
    yield f"Policy: {settings.publish.policy_path}: nothing is wrong."
    yield from (f"  {words.sentence(rule)}" for rule in rules.rules)
    yield f"  {words.otherwise(rules)}"
    yield from (f"  Warning: {warning}" for warning in words.unreachable(rules))


def _decision(case: Case, verdict: PolicyVerdict, at: datetime) -> Iterator[str]:
    """Yield what holds for each recipient, and for the whole post."""
    yield f"User {case.author.id} at {at:%Y-%m-%d %H:%M} ({at.tzinfo}):"
    yield from (f"  {_ruling(one)}" for one in verdict.rulings)
    if verdict.lonely:
        yield "Denied: nobody but the author may approve this for all recipients."
    elif verdict.approvers:
        yield f"Needs an approval: of user {' or '.join(map(str, verdict.approvers))}."
    else:
        yield "Allowed." if verdict.allows else "Denied."
    if rule := verdict.by and verdict.by.rule:
        yield from (f"  The person reads: {reason}" for reason in dict.fromkeys(rule.reasons.values()))


def _ruling(one: Ruling) -> str:
    by = f"rule {one.rule.number} ({one.rule.name})" if one.rule else "no rule matches, so otherwise holds"
    said = {Decision.ALLOW: "allowed", Decision.DENY: "denied", Decision.APPROVE: "needs an approval"}[one.decision]
    unknown = f"; unknown: {', '.join(sorted(one.unknown))}" if one.unknown else ""
    return f"{words.recipient(one.to)}: {said}, {by}{unknown}"


def _at(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'{text} is no time; write it like "2026-12-01 21:00"') from None


def _id(text: str) -> int:
    code = reading.code(text)
    if code is None:
        raise argparse.ArgumentTypeError(f"{text} is no id; write a number, such as 5")
    return int(code.lstrip("DRSGU"))


def _to(text: str) -> str:
    code = reading.recipient(text)
    if code is None or code in ("users", "departments", "groups", "anybody"):
        raise argparse.ArgumentTypeError(f"{text} is no recipient; write everyone, crm, U5, DR3 or SG7")
    return code


def _above(text: str) -> tuple[int, int]:
    found = _ABOVE.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text} is not two departments; write 8:3 if 3 is above 8")
    return int(found[1]), int(found[2])
