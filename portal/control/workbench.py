"""Data for the workbench of the web page: limits, faults, clock, recording, sizes of keyboards and attaches."""

from collections.abc import Mapping
from typing import Any

from portal.engine.call_log import CallRecord
from portal.engine.core import Portal
from portal.engine.faults import Rule
from portal.engine.switches import CHOICES
from portal.markup import attach, keyboard, menu, size
from portal.rules.messenger.messages import TEXT_LIMIT
from portal.wire import php

View = dict[str, Any]


def state(portal: Portal, *, recording: View | None) -> View:
    """Describe the limits, faults, clock and recording of the portal.

    `down` is the number of seconds that the portal stays down, null when it stays down until a command ends it.
    """
    now, switches, until = portal.clock.now(), portal.switches, portal.faults.down_until
    level = portal.buckets.level(now, rate=switches.bucket_rate)
    return {
        "bucket": {"level": round(level, 1), "capacity": switches.bucket_capacity, "rate": switches.bucket_rate},
        "faults": [rule(one) for one in portal.faults.rules if one.times != 0],
        "down": None if until is None else max(0.0, round(until - now, 1)),
        "clock": {"stopped": portal.clock.is_stopped},
        "recording": recording,
        "choices": {name: list(values) for name, values in CHOICES.items()},
    }


def rule(row: Rule) -> View:
    """Describe a fault rule."""
    return {
        "method": row.method,
        "kinds": list(row.kinds),
        "chance": row.chance,
        "times": row.times,
        "seconds": row.seconds,
        "seed": row.seed,
        "code": row.code,
        "text": row.text,
        "status": row.status,
    }


def object_sizes(portal: Portal, row: CallRecord) -> View:
    """Return size and limit of the text, keyboard, menu and attach that a recorded call has sent.

    Objects that the call refused for their size are included.
    """
    given = {str(name).upper(): value for name, value in row.params.items()}
    inner = given.get("FIELDS")
    if isinstance(inner, Mapping):
        given |= {str(name).upper(): value for name, value in inner.items()}
    bot, rule_ = php.int_of(given.get("BOT_ID") or given.get("BOTID")), portal.switches.size_rule
    objects = {
        "attach": attach.normalize(given.get("ATTACH"), now=row.at) if given.get("ATTACH") else None,
        "keyboard": keyboard.normalize(given.get("KEYBOARD"), bot=bot) if given.get("KEYBOARD") else None,
        "menu": menu.normalize(given.get("MENU"), bot=bot) if given.get("MENU") else None,
    }
    shown = {
        name: {"chars": size.measure(value, rule_), "limit": size.max_size(rule_)}
        for name, value in objects.items()
        if value
    }
    text = given.get("MESSAGE")
    return ({"text": {"chars": len(text), "limit": TEXT_LIMIT}} if isinstance(text, str) and text else {}) | shown
