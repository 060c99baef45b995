"""Writes the rules of a policy as plain English sentences, for the command line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.policy import rules
from bot.policy.reading import DAYS
from bot.policy.rules import Decision, Hours, Policy, Rule

_PEOPLE = {
    rules.EVERYBODY: "everybody", rules.EMPLOYEES: "employees", rules.EXTRANET: "extranet users",
    rules.ADMINISTRATORS: "administrators",
}  # fmt: skip
_RECIPIENTS = {
    rules.EVERYONE: "everyone", rules.CRM: "the CRM", rules.USERS: "any user", rules.DEPARTMENTS: "any department",
    rules.GROUPS: "any workgroup", rules.ANYBODY: "anybody",
}  # fmt: skip
_VERBS = {Decision.ALLOW: "may publish to", Decision.DENY: "may not publish to", Decision.APPROVE: "may publish to"}


def sentence(rule: Rule) -> str:
    """Write a rule as one sentence, with its number and name."""
    who = _or(_PEOPLE.get(one) or _of(one) for one in rule.who)
    to = _or(recipient(one) for one in rule.to)
    said = f"{rule.number}. {rule.name}: {who} {_VERBS[rule.then]} {to}"
    if rule.when:
        said += f", {_when(rule.when)}"
    if rule.portals:
        said += f", on {_or(rule.portals)}"
    if rule.then is Decision.APPROVE:
        said += f", if {_or(f'user {one}' for one in rule.approvers)} approves"
    return f"{said}."


def otherwise(policy: Policy) -> str:
    """Write what holds for a recipient that no rule matches."""
    allowed = policy.otherwise is Decision.ALLOW
    return f"Otherwise: everybody {'may' if allowed else 'may not'} publish to anybody."


def unreachable(policy: Policy) -> list[str]:
    """Return a sentence for each rule that can never decide, because an earlier rule always matches."""
    found = []
    for place, rule in enumerate(policy.rules):
        before = next((one for one in policy.rules[:place] if _covers(one, rule)), None)
        if before:
            found.append(
                f"Rule {rule.number} ({rule.name}) never decides: rule {before.number} ({before.name}) comes first."
            )
    return found


def recipient(code: str) -> str:
    """Write a recipient in words, such as `workgroup 7`."""
    return _RECIPIENTS.get(code) or _of(code, below=code.startswith("DR"))


def _covers(before: Rule, rule: Rule) -> bool:
    """Check whether an earlier rule matches whenever a rule does; False if that is not certain."""
    return (
        before.portals in ((), rule.portals)
        and before.when in (None, rule.when)
        and (rules.EVERYBODY in before.who or set(rule.who) <= set(before.who))
        and (rules.ANYBODY in before.to or set(rule.to) <= set(before.to))
    )


def _of(code: str, *, below: bool = True) -> str:
    kind, number = code.rstrip("0123456789"), code.lstrip("DRSGU")
    if kind == "DR":
        return f"department {number}{' (with those below it)' if below else ''}"
    return f"{'user' if kind == 'U' else 'workgroup'} {number}"


def _or(parts: Iterable[str]) -> str:
    *most, last = parts
    return f"{', '.join(most)} or {last}" if most else last


def _when(when: Hours) -> str:
    days = _days(sorted(when.days))
    hours = "" if when.end - when.start == rules.DAY else f" {_clock(when.start)}-{_clock(when.end)}"
    return f"{days}{hours} ({getattr(when.zone, 'key', 'UTC')})"


def _days(days: Sequence[int]) -> str:
    if len(days) == len(DAYS):
        return "every day"
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:  # noqa: PLR2004  # two days are not worth "to"
        return f"{DAYS[days[0]].capitalize()} to {DAYS[days[-1]].capitalize()}"
    return ", ".join(DAYS[one].capitalize() for one in days)


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"
