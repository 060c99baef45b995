"""Encodes templates, which belong to a person or to a chat."""

from __future__ import annotations

from typing import Any

from bot.model import ordering
from bot.model.state_changes import StateChange, TemplateDropped, TemplateSaved


def put(state_change: StateChange) -> tuple[str, dict[str, Any]]:
    """Return the name of the query that stores a template, and the parameters of the query."""
    assert isinstance(state_change, TemplateSaved)  # noqa: S101 - the table of state changes says so
    values = {"key": state_change.key, "name": state_change.name, "text": state_change.text}
    return "template_put", {"owner": _owner(state_change), **values}


def drop(state_change: StateChange) -> tuple[str, dict[str, Any]]:
    """Return the name of the query that removes a template, and the parameters of the query."""
    assert isinstance(state_change, TemplateDropped)  # noqa: S101 - the table of state changes says so
    return "template_end", {"owner": _owner(state_change), "key": state_change.key}


def _owner(change: TemplateSaved | TemplateDropped) -> str:
    return ordering.chooser(user=change.user, dialog=change.dialog)
