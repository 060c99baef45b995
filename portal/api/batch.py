"""Run the method `batch`: up to 50 commands in one request.

A command may use the results of the commands before it (reference: behaviour 9.6).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus

from portal.api.answers import Answer
from portal.api.call import Params
from portal.wire import php

MAX_COUNT = 50
"""Commands that are run; each further command gets an error."""
Maps = dict[str, dict[str, Any]]
Step = Callable[[str, Mapping[str, Any]], Answer]
"""A function that runs one method with its parameters."""

_REFERENCE = re.compile(r"\$(result|error|total|next|time)((?:\[[^\[\]]*\])+)")
_STEP = re.compile(r"\[([^\[\]]*)\]")


def run(params: Params, step: Step) -> Any:
    """Run the commands of `cmd` in order and return the five maps of the answer, by the key of each command.

    With `halt`, stop after the first command that fails.
    """
    halt = not php.is_empty(params.get("halt"))
    maps: Maps = {"result": {}, "error": {}, "total": {}, "next": {}, "time": {}}
    for index, (key, command) in enumerate(_list_commands(params.get("cmd"))):
        if index >= MAX_COUNT:
            text = "Max batch length exceeded"
            maps["error"][key] = {"error": "ERROR_BATCH_LENGTH_EXCEEDED", "error_description": text}
            continue
        _run_command(step, maps, key=key, command=command)
        if halt and key in maps["error"]:
            break
    return {
        "result": _as_php_array(maps["result"]),
        "result_error": _as_php_array(maps["error"]),
        "result_total": _as_php_array(maps["total"]),
        "result_next": _as_php_array(maps["next"]),
        "result_time": _as_php_array(maps["time"]),
    }


def method_names(cmd: Any) -> list[str]:
    """Return the names of the methods that a batch calls, for fault rules."""
    return [_split(command)[0] for _, command in _list_commands(cmd)]


def _list_commands(cmd: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(cmd, dict):
        yield from ((str(key), command) for key, command in cmd.items())
    elif isinstance(cmd, list):
        yield from ((str(index), command) for index, command in enumerate(cmd))


def _split(command: Any) -> tuple[str, Any]:
    """Split a command into its method and its parameters.

    A command is a text such as `user.get?ID=1`, or an object {method, params} as SDKs send it.
    """
    if isinstance(command, dict):
        return php.text_of(command.get("method")), command.get("params") or {}
    name, _, query = php.text_of(command).partition("?")
    return name.strip(), query


def _run_command(step: Step, maps: Maps, *, key: str, command: Any) -> None:
    name, given = _split(command)
    fields = given if isinstance(given, dict) else php.form_of(given if isinstance(given, str) else "")
    # A command cannot change the caller of its batch.
    fields = {
        part: _insert_results(value, maps) for part, value in fields.items() if part not in ("auth", "access_token")
    }
    answer = step(name.removesuffix(".json"), fields).body
    if "error" in answer:
        maps["error"][key] = {part: value for part, value in answer.items() if part != "time"}
        return
    maps["result"][key] = answer["result"]
    maps["time"][key] = answer["time"]
    for word in ("total", "next"):
        if word in answer:
            maps[word][key] = answer[word]


def _insert_results(value: Any, maps: Maps) -> Any:
    """Replace `$result[key][field]` with earlier results.

    A value that is nothing but a reference keeps the type of the result.
    """
    if isinstance(value, dict):
        return {key: _insert_results(item, maps) for key, item in value.items()}
    if isinstance(value, list):
        return [_insert_results(item, maps) for item in value]
    if not isinstance(value, str) or "$" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _resolve(whole, maps)
    return _REFERENCE.sub(lambda part: php.text_of(_resolve(part, maps)), value)


def _resolve(reference: re.Match[str], maps: Maps) -> Any:
    """Return the value that a reference such as `$result[key][field]` names; stop at the last value that exists."""
    node: Any = maps[reference[1]]
    for step in _STEP.findall(reference[2]):
        key = unquote_plus(step)
        if isinstance(node, dict) and key in node:
            node = node[key]
        elif isinstance(node, list) and key.isdecimal() and int(key) < len(node):
            node = node[int(key)]
        else:
            break
    return "" if node is maps[reference[1]] else node


def _as_php_array(values: dict[str, Any]) -> Any:
    """Return a map as PHP writes it: a list when the keys are 0, 1, 2..., else the map."""
    if all(key == str(index) for index, key in enumerate(values)):
        return list(values.values())
    return values
