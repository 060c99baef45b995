"""Methods for every caller: information about application, user and portal (reference: A8)."""

from typing import Any

from portal.api.authentication import NARROWER
from portal.api.call import Call, Params
from portal.api.registry import METHODS, known, method
from portal.clock import iso
from portal.errors import RestError
from portal.events.catalog import scope_of

FEATURES = ("rest_offline_extended", "rest_auth_connector")
"""Features that feature.get knows; the emulated plan has both or neither."""


LICENSE = "en_company"
SCOPES = (
    *("ai_admin", "biconnector", "bizproc", "booking", "calendar", "call", "cashbox", "catalog", "crm"),
    *("crm.documentgenerator", "delivery", "department", "disk", "documentgenerator", "entity", "im", "imbot"),
    *("imopenlines", "landing", "lists", "log", "mailservice", "messageservice", "pay_system", "placement", "pull"),
    *("rpa", "sale", "sign.b2e", "sonet_group", "socialnetwork", "task", "telephony", "timeman", "user"),
    *("user.userfield", "user_basic", "user_brief", "userconsent", "userfieldconfig", "vote"),
)
"""All documented scopes; most of their methods are not emulated."""


@method("app.info")
def app_info(call: Call, _params: Params) -> Any:
    """Describe the application and its installation; a webhook gets its scopes and the license (source: 2.3)."""
    if call.app is None:
        if call.portal.switches.app_info_by_webhook == "refused":
            raise RestError("ACCESS_DENIED", "Access denied! Application context required")
        return {"SCOPE": list(call.scopes), "LICENSE": LICENSE}
    return {
        "ID": call.app.id,
        "CODE": call.app.client_id,
        "VERSION": call.app.version,
        "STATUS": "L",
        "INSTALLED": call.app.installed,
        "PAYMENT_EXPIRED": "N",
        "DAYS": None,
        "LANGUAGE_ID": "en",
        "LICENSE": LICENSE,
        "LICENSE_TYPE": "company",
        "LICENSE_FAMILY": "company",
    }


@method("profile")
def profile(call: Call, _params: Params) -> Any:
    """Describe the user of the token; no scope is needed."""
    user = call.user
    return {
        "ID": str(user.id),
        "ADMIN": user.admin,
        "NAME": user.first_name,
        "LAST_NAME": user.last_name,
        "PERSONAL_GENDER": user.gender,
        "TIME_ZONE": user.time_zone,
    }


@method("user.admin")
def user_admin(call: Call, _params: Params) -> Any:
    """Tell whether the caller is an administrator, who may manage applications."""
    return call.user.admin


@method("server.time")
def server_time(call: Call, _params: Params) -> Any:
    """Return the time of the portal as ISO 8601."""
    return iso(call.portal.clock.now())


@method("scope")
def scope(call: Call, params: Params) -> Any:
    """List the scopes of the token; with `full`, list all scopes."""
    everything = {scope_of(call.portal, one) for one in SCOPES}
    everything |= {scope_of(call.portal, one.scope) for one in METHODS.values() if one.scope}
    return sorted(everything.union(call.scopes)) if params.yes("full") else list(call.scopes)


def _allows(call: Call, scope: str) -> bool:
    """Tell whether the scopes of the token allow methods of a scope."""
    wanted = NARROWER.get(scope) or {scope_of(call.portal, scope)}
    return not scope or not wanted.isdisjoint(call.scopes)


@method("method.get")
def method_get(call: Call, params: Params) -> Any:
    """Tell whether a method exists, and whether the token has its scope.

    A name that is not in lower case does not exist.
    """
    name = params.text("name")
    found = known(name, bot_api=call.portal.switches.bot_api) if name == name.lower() else None
    available = found is not None and _allows(call, found.scope)
    return {"isExisting": found is not None, "isAvailable": available}


@method("methods")
def methods(call: Call, params: Params) -> Any:
    """List the methods that the token may call, in lower case.

    `scope` selects the methods of one scope, `full` selects all.
    """
    wanted = params.text("scope")
    names = [one for one in METHODS.values() if known(one.name, bot_api=call.portal.switches.bot_api)]
    if wanted:
        names = [one for one in names if scope_of(call.portal, one.scope) == wanted]
    elif not params.yes("full"):
        names = [one for one in names if _allows(call, one.scope)]
    return sorted(one.name.lower() for one in names)


@method("feature.get")
def feature_get(call: Call, params: Params) -> Any:
    """Tell whether the plan of the portal has a feature."""
    if not params.text("CODE"):
        raise RestError("CODE_EMPTY", "CODE can't be empty")
    return {"value": "Y" if params.text("CODE") in FEATURES and call.portal.switches.offline_features else "N"}
