"""app.option.*, user.option.*, access.name and user.access: saved options and access codes (reference: A8)."""

from collections.abc import Mapping
from typing import Any

from portal.api.call import Call, Params
from portal.api.registry import method
from portal.errors import RestError
from portal.rules import rights
from portal.wire import php
from portal.world.apps import App
from portal.world.feed import parse_code

EVERYBODY, ADMINS = ("AU", "G2"), "G1"
PROVIDERS = {"U": ("Users", "user"), "DR": ("Departments", "intranet"), "SG": ("Workgroups", "socnetgroup")}
"""Kinds of access codes, with title and id of the provider of their names."""


def _read_options(params: Params) -> Mapping[str, Any]:
    given = params.get("options")
    if not isinstance(given, Mapping) or not given:
        raise RestError("ERROR_ARGUMENT", "Argument 'options' is null or empty", argument="options")
    return given


def _app_of(call: Call) -> App:
    """Return the application of the call; refuse a webhook (source: 2.4)."""
    if call.app is None and call.portal.switches.option_refusal == "ACCESS_DENIED":
        raise RestError("ACCESS_DENIED", "Access denied! Application context required", 403)
    return call.of_app()


def _select_options(kept: Mapping[str, Any], params: Params) -> Any:
    """Return the value of the option that the parameter `option` names, or null when it is not saved.

    Without this parameter, return all saved options.
    """
    name = params.text("option")
    return kept.get(name) if name else (dict(kept) or [])


@method("app.option.set")
def app_set(call: Call, params: Params) -> Any:
    """Save options of the application; only administrators may.

    Options that are not sent stay.
    """
    app = _app_of(call)
    if not call.user.admin:
        raise RestError("ACCESS_DENIED", "Access denied! Administrator authorization required", 403)
    call.world.apps.options.setdefault(app.client_id, {}).update(_read_options(params))
    return True


@method("app.option.get")
def app_get(call: Call, params: Params) -> Any:
    """Return one option of the application, or all."""
    return _select_options(call.world.apps.options.get(_app_of(call).client_id, {}), params)


@method("user.option.set")
def user_set(call: Call, params: Params) -> Any:
    """Save options of the caller in the application; options that are not sent stay."""
    place = _app_of(call).client_id, call.user.id
    call.world.apps.user_options.setdefault(place, {}).update(_read_options(params))
    return True


@method("user.option.get")
def user_get(call: Call, params: Params) -> Any:
    """Return one option of the caller in the application, or all."""
    return _select_options(call.world.apps.user_options.get((_app_of(call).client_id, call.user.id), {}), params)


@method("user.access")
def user_access(call: Call, params: Params) -> Any:
    """Tell whether the caller has at least one of the access codes in ACCESS; an administrator has all."""
    codes = [php.text_of(code).upper() for code in params.values("ACCESS")]
    return call.user.admin or any(code in EVERYBODY or rights.includes(call.world, code, call.user) for code in codes)


@method("access.name")
def access_name(call: Call, params: Params) -> Any:
    """Return the names of access codes, by code.

    Codes that the caller may not know are left out; when no code is left, the result is false.
    """
    named = {php.text_of(code): _find_name(call, php.text_of(code).upper()) for code in params.values("ACCESS")}
    return {code: row for code, row in named.items() if row} or False


def _find_name(call: Call, code: str) -> dict[str, str] | None:
    if code in (*EVERYBODY, ADMINS):
        name = "Administrators" if code == ADMINS else "All authorized users"
        return {"provider": "", "name": name, "provider_id": "other" if code == "AU" else "group"}
    kind, number = parse_code(code) or ("", 0)
    if kind not in PROVIDERS or not _may_know(call, kind, number):
        return None
    provider, about = PROVIDERS[kind]
    return {"provider": provider, "name": rights.name_of(call.portal, code), "provider_id": about}


def _may_know(call: Call, kind: str, number: int) -> bool:
    people = call.world.people
    if kind == "U":
        user = call.world.user(number)
        return user is not None and rights.may_contact(call.world, call.user, user)
    if kind == "SG":
        group = people.groups.get(number)
        return group is not None and (call.user.admin or rights.may_see_group(group, call.user))
    return number in people.departments and not call.user.extranet
