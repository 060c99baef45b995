"""Reads the rules of a policy from a TOML file, and says in words what is wrong in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.errors import ConfigError
from bot.policy import rules
from bot.policy.rules import OPEN, Decision, Hours, Policy, Rule
from bot.suggestions import nearest

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
GROUPS_OF_DAYS = {"weekdays": range(5), "weekends": range(5, 7)}
KEYS = ("name", "portal", "who", "to", "when", "then", "approvers", "reason")
PEOPLE = (rules.EVERYBODY, rules.EMPLOYEES, rules.EXTRANET, rules.ADMINISTRATORS)
RECIPIENTS = {
    "everyone": rules.EVERYONE, "crm": rules.CRM, rules.USERS: rules.USERS, rules.DEPARTMENTS: rules.DEPARTMENTS,
    rules.GROUPS: rules.GROUPS, rules.ANYBODY: rules.ANYBODY,
}  # fmt: skip
"""The words for recipients, and the codes that they stand for."""
MOST_APPROVERS = 20
"""The most approvers of a rule: each gets a message for each request."""
CUTOFF = 0.6
"""How similar (difflib) a word must be to count as a slip; low, because there are few words."""
_CODE = re.compile(r"(u|user|dr|department|sg|group|workgroup)[ :]*([1-9]\d{0,17})", re.ASCII)
_CODES = {"u": "U", "user": "U", "dr": "DR", "department": "DR"}
_HOURS = re.compile(r"(\d{1,2}):(\d\d) ?[-–] ?(\d{1,2}):(\d\d)", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2}")
_NUMBERS = "a number such as 5 or U5 for a user, DR3 for a department, SG7 for a workgroup"


def load(path: Path | None, *, zone: tzinfo = UTC) -> Policy:
    """Read the policy from a file; without a file everything is allowed. `zone` is that of hours that name none.

    Raises:
        ConfigError: the file cannot be read, or is wrong; its text has a line for each mistake.
    """
    if path is None:
        return OPEN
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read: {exc.strerror or exc}; publish.policy names it") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path} is not UTF-8 text (byte {exc.start} is wrong)") from exc
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"{path} is not TOML: {exc}") from exc
    return understand(document, place=str(path), zone=zone)


def understand(document: Mapping[str, Any], *, place: str, zone: tzinfo = UTC) -> Policy:
    """Make the policy from the content of a file; `place` is its name, for the messages. Raises as `load` does."""
    problems: list[str] = []
    for key in document:
        if key not in ("rule", "otherwise"):
            near = nearest(key, ("[[rule]]", "otherwise", *KEYS), cutoff=CUTOFF)
            hint = "; write [[rule]] above it" if near in KEYS else ""
            problems.append(
                f"{place}: {_plain(key)} is unknown;{_meant(near)} allowed are otherwise and [[rule]]{hint}"
            )
    otherwise = document.get("otherwise", Decision.ALLOW)
    if otherwise not in (Decision.ALLOW, Decision.DENY):
        problems.append(f'{place}: otherwise cannot be {otherwise!r:.100}; allowed: "allow", "deny"')
    written = document.get("rule", [])
    if not isinstance(written, list) or not all(isinstance(one, dict) for one in written):
        problems.append(f"{place}: rule must be a list of rules, each written [[rule]]")
        written = []
    found: list[Rule] = []
    for number, fields in enumerate(written, 1):
        reader = _Reader(fields=fields, place=f"{place}, rule {number}{_named(fields)}", zone=zone)
        rule = reader.rule(number)
        if rule and any(one.name == rule.name for one in found):
            reader.problems.append(f"{reader.place}: another rule has this name; allowed: a name of its own")
        problems += reader.problems
        found += [rule] if rule else []
    if problems:
        raise ConfigError("\n".join(problems))
    return Policy(rules=tuple(found), otherwise=Decision(otherwise))


def recipient(written: object) -> str | None:
    """Return the code or word that names a recipient in `to`; None if it names none."""
    word = str(written).strip().casefold()
    return RECIPIENTS.get(word) or ("UA" if word == "ua" else code(written))


def person(written: object) -> str | None:
    """Return the code or word that names people in `who`; None if it names nobody."""
    word = str(written).strip().casefold()
    return word if word in PEOPLE else code(written)


def code(written: object) -> str | None:
    """Return the code (U5, DR3, SG7) of a user, department or workgroup; None if it is none. A number is a user."""
    if isinstance(written, bool):
        return None
    text = str(written).strip().casefold()
    found = _CODE.fullmatch(f"u{text}" if text.isascii() and text.isdigit() else text)
    return f"{_CODES.get(found[1], 'SG')}{int(found[2])}" if found else None


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Reads one rule, and collects what is wrong in it."""

    fields: Mapping[str, Any]
    place: str
    zone: tzinfo
    problems: list[str] = field(default_factory=list)

    def rule(self, number: int) -> Rule | None:
        """Return the rule; None if something is wrong."""
        for key in self.fields:
            if key not in KEYS:
                near = nearest(key, KEYS, cutoff=CUTOFF)
                self._wrong(f"{_plain(key)} is unknown;{_meant(near)} a rule allows {', '.join(KEYS)}")
        name = self._text("name", required=True)
        then = self._then()
        approvers = self._approvers(then)
        made = Rule(
            number=number, name=name, then=then or Decision.DENY, approvers=approvers,
            portals=tuple(one.casefold() for one in self._texts("portal", ())),
            who=self._codes("who", person, PEOPLE, rules.EVERYBODY),
            to=self._codes("to", recipient, tuple(RECIPIENTS), rules.ANYBODY),
            when=self._when(),
            reasons=self._reasons(),
        )  # fmt: skip
        return None if self.problems else made

    def _wrong(self, what: str) -> None:
        self.problems.append(f"{self.place}: {what}")

    def _text(self, key: str, *, required: bool = False) -> str:
        value = self.fields.get(key, "")
        if not isinstance(value, str) or (not value.strip() and (required or key in self.fields)):
            missing = "is missing" if key not in self.fields else f"cannot be {value!r:.100}"
            self._wrong(f"{key} {missing}; allowed: text that is not empty")
            return ""
        return " ".join(value.split())

    def _texts(self, key: str, default: Sequence[str]) -> Sequence[str]:
        if key not in self.fields:
            return default
        values = _listed(self.fields[key])
        if not values or not all(isinstance(one, str) and one.strip() for one in values):
            self._wrong(f"{key} cannot be {self.fields[key]!r:.100}; allowed: a text, or a list of texts")
            return default
        return [one.strip() for one in values]

    def _codes(self, key: str, read: Any, words: Sequence[str], default: str) -> tuple[str, ...]:
        if key not in self.fields:
            return (default,)
        found: dict[str, None] = {}
        values = _listed(self.fields[key])
        if not values:
            self._wrong(f"{key} names nobody; leave it out if it means {default}")
        for one in values:
            known = read(one) if isinstance(one, str | int) else None
            if known is None:
                near = nearest(str(one), words, cutoff=CUTOFF)
                self._wrong(f"{key} cannot name {one!r:.100};{_meant(near)} allowed: {', '.join(words)}, or {_NUMBERS}")
            else:
                found[known] = None
        return tuple(found)

    def _then(self) -> Decision | None:
        value = self.fields.get("then")
        if isinstance(value, str) and value in list(Decision):
            return Decision(value)
        near = nearest(str(value), list(Decision), cutoff=CUTOFF) if value else None
        missing = "is missing" if value is None else f"cannot be {value!r:.100}"
        self._wrong(f'then {missing};{_meant(near)} allowed: "allow", "deny", "approve"')
        return None

    def _approvers(self, then: Decision | None) -> tuple[int, ...]:
        values = _listed(self.fields.get("approvers", []))
        codes = [code(one) if isinstance(one, str | int) else None for one in values]
        if any(one is None or not one.startswith("U") for one in codes):
            self._wrong(f"approvers cannot be {self.fields['approvers']!r:.100}; allowed: a list of user ids")
        elif len(codes) > MOST_APPROVERS:
            self._wrong(f"approvers names {len(codes)} users; allowed: at most {MOST_APPROVERS}, because each is asked")
        elif then is Decision.APPROVE and not codes:
            self._wrong('approvers is missing; then = "approve" needs the ids of the users who may approve')
        elif codes and then in (Decision.ALLOW, Decision.DENY):
            self._wrong('approvers stands only in a rule with then = "approve"')
        return tuple(dict.fromkeys(int(one[1:]) for one in codes if one and one.startswith("U")))

    def _reasons(self) -> dict[str, str]:
        value = self.fields.get("reason", {})
        by_language = {"": value} if isinstance(value, str) else value
        if not isinstance(by_language, dict) or not all(
            isinstance(one, str) and one.strip() and (isinstance(value, str) or _LANGUAGE.fullmatch(language))
            for language, one in by_language.items()
        ):
            self._wrong(
                f"reason cannot be {value!r:.100}; allowed: a sentence, or one for each language,"
                ' such as { en = "...", de = "..." }'
            )
            return {}
        return {language: " ".join(one.split()) for language, one in by_language.items()}

    def _when(self) -> Hours | None:
        if "when" not in self.fields:
            return None
        value = self.fields["when"]
        if not isinstance(value, dict):
            self._wrong('when must be a table: when = { days = ["weekdays"], hours = "9:00-18:00" }')
            return None
        for key in value:
            if key not in ("days", "hours", "zone"):
                near = nearest(key, ("days", "hours", "zone"), cutoff=CUTOFF)
                self._wrong(f"when.{_plain(key)} is unknown;{_meant(near)} when allows days, hours, zone")
        start, end = self._hours(value.get("hours", "0:00-24:00"))
        return Hours(days=self._days(value.get("days", list(DAYS))), start=start, end=end, zone=self._zone(value))

    def _days(self, written: object) -> frozenset[int]:
        found: set[int] = set()
        values = _listed(written)
        if not values:
            self._wrong("when.days names no day; leave it out if every day is meant")
        for one in values:
            word = str(one).strip().casefold()
            match = [place for place, day in enumerate(DAYS) if word in (day, day[:3])]
            match += GROUPS_OF_DAYS.get(word, ())
            if not match:
                near = nearest(word, (*DAYS, *GROUPS_OF_DAYS), cutoff=CUTOFF)
                self._wrong(
                    f"when.days cannot name {one!r:.100};{_meant(near)} allowed: {', '.join((*DAYS, *GROUPS_OF_DAYS))}"
                )
            found.update(match)
        return frozenset(found)

    def _hours(self, written: object) -> tuple[int, int]:
        found = _HOURS.fullmatch(written.strip()) if isinstance(written, str) else None
        if found:
            hours, minutes, until, past = map(int, found.groups())
            start, end = hours * 60 + minutes, until * 60 + past
            if max(minutes, past) < 60 and start < rules.DAY and 0 < end <= rules.DAY and start != end:  # noqa: PLR2004
                return start, end
            if end == 0 < start and max(minutes, past) < 60:  # noqa: PLR2004  # midnight is the end of the day
                return start, rules.DAY
        self._wrong(
            f'when.hours cannot be {written!r:.100}; allowed: hours such as "9:00-18:00", or "20:00-6:00" over midnight'
        )
        return 0, rules.DAY

    def _zone(self, value: Mapping[str, Any]) -> tzinfo:
        name = value.get("zone")
        if name is None:
            return self.zone
        try:
            return ZoneInfo(name)
        except (OSError, TypeError, ValueError, ZoneInfoNotFoundError):
            self._wrong(f"when.zone cannot be {name!r:.100}; allowed: names such as Europe/Berlin, or UTC")
            return UTC


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _meant(near: str | None) -> str:
    return f" did you mean {near}?" if near else ""


def _named(fields: Mapping[str, Any]) -> str:
    name = fields.get("name")
    return f' ("{_plain(" ".join(name.split())):.60}")' if isinstance(name, str) and name.strip() else ""


def _plain(text: str) -> str:
    """Return a text as one line of a message can show it."""
    return text if text.isprintable() else ascii(text)
