"""placement.*: places in the pages of the portal that open an application (reference: A7)."""

from collections.abc import Mapping
from typing import Any

from portal.api.call import Call, Fields, Params
from portal.api.methods.event.bindings import check_url
from portal.api.registry import method
from portal.errors import RestError
from portal.wire import php
from portal.world.apps import Placement

WORKER = "PAGE_BACKGROUND_WORKER"
KINDS = ("LEAD", "DEAL", "CONTACT", "COMPANY")
PLACES: dict[str, str] = {
    "LEFT_MENU": "",
    "REST_APP_URI": "",
    WORKER: "",
    "USER_PROFILE_MENU": "",
    "USER_PROFILE_TOOLBAR": "",
    "IM_TEXTAREA": "im",
    "IM_SIDEBAR": "im",
    "IM_CONTEXT_MENU": "im",
    "IM_NAVIGATION": "im",
    "IMMOBILE_CONTEXT_MENU": "im",
    "SONET_GROUP_DETAIL_TAB": "sonet_group",
    "TASK_LIST_CONTEXT_MENU": "task",
    "TASK_VIEW_TAB": "task",
    "TASK_VIEW_SIDEBAR": "task",
    "TASK_VIEW_TOP_PANEL": "task",
    "TASK_USER_LIST_TOOLBAR": "task",
    "TASK_GROUP_LIST_TOOLBAR": "task",
    "TASK_ROBOT_DESIGNER_TOOLBAR": "task",
    **{f"CRM_{kind}_DETAIL_TAB": "crm" for kind in KINDS},
    **{f"CRM_{kind}_LIST_TOOLBAR": "crm" for kind in KINDS},
    **{f"CRM_{kind}_DETAIL_TOOLBAR": "crm" for kind in KINDS},
}
"""All places, each with the scope that it needs besides `placement`."""
SINGLE = ("REST_APP_URI", WORKER)
"""Places that allow one handler per application."""
WORDS = ("TITLE", "DESCRIPTION", "GROUP_NAME")
DENIED = RestError("ACCESS_DENIED", "Access denied!", 403)


def _make_error(call: Call, code: str, text: str, *, argument: str = "") -> RestError:
    """Make an error to raise, with the HTTP status that the switch `placement_errors` selects (Appendix 1.15)."""
    return RestError(code, text, int(call.portal.switches.placement_errors), argument=argument)


def _read_place(call: Call, params: Params) -> str:
    code = params.text("PLACEMENT").upper()
    if not code:
        raise _make_error(call, "ERROR_ARGUMENT", "Argument 'PLACEMENT' is null or empty", argument="PLACEMENT")
    if code not in PLACES or PLACES[code] not in ("", *call.scopes):
        raise _make_error(call, "ERROR_PLACEMENT_NOT_FOUND", "Placement not found")
    return code


def _read_handler(call: Call, params: Params) -> str:
    if not params.text("HANDLER"):
        raise _make_error(call, "ERROR_ARGUMENT", "Argument 'HANDLER' is null or empty", argument="HANDLER")
    try:
        return check_url(call.portal, params.text("HANDLER"))
    except RestError as wrong:
        raise _make_error(call, wrong.code, wrong.text.replace("event ", "placement ")) from wrong


@method("placement.bind", scope="placement", app_only=True)
def bind(call: Call, params: Params) -> Any:
    """Bind a handler address to a place; only administrators may."""
    if not call.user.admin:
        raise DENIED
    code, url, options = _read_place(call, params), _read_handler(call, params), _read_options(params)
    user = params.number("USER_ID")
    if user and code != WORKER:
        raise _make_error(call, "ERROR_PLACEMENT_USER_MODE", "Placement does not work in user mode")
    if code == WORKER and not options.get("errorHandlerUrl"):
        raise _make_error(call, "EMPTY_ERROR_HANDLER_URL", "errorHandlerUrl is empty")
    same_place = [row for row in _list_own(call) if row.code == code]
    if any((row.handler, row.user) == (url, user) for row in same_place):
        raise _make_error(call, "ERROR_CORE", "Unable to set placement handler: Handler already binded")
    if code in SINGLE and any(row.user == user for row in same_place):
        raise _make_error(call, "ERROR_PLACEMENT_MAX_COUNT", "Placement max count: 1")
    langs = _read_languages(params, call.user.language)
    new = Placement(
        id=call.world.next_id("placement"),
        client_id=call.of_app().client_id,
        code=code,
        handler=url,
        title=params.text("TITLE") or next((row["TITLE"] for row in langs.values() if row["TITLE"]), ""),
        description=params.text("DESCRIPTION"),
        options=options,
        langs=langs,
        user=user,
    )
    call.world.apps.placements[new.id] = new
    return True


def _read_options(params: Params) -> dict[str, str]:
    return {str(name): php.text_of(value) for name, value in params.inner("OPTIONS").raw.items()}


def _read_languages(params: Params, language: str) -> dict[str, dict[str, str]]:
    """Return title, description and group of a place by language, from LANG_ALL.

    Without LANG_ALL, the parameters TITLE, DESCRIPTION and GROUP_NAME are those of the caller's language.
    """
    given = params.get("LANG_ALL")
    if isinstance(given, Mapping) and given:
        return {str(lang): {word: Fields(row).text(word) for word in WORDS} for lang, row in given.items()}
    return {language: {word: params.text(word) for word in WORDS}}


def _list_own(call: Call) -> list[Placement]:
    client = call.of_app().client_id
    return [row for row in call.world.apps.placements.values() if row.client_id == client]


@method("placement.get", scope="placement", app_only=True)
def get(call: Call, _params: Params) -> Any:
    """List the places that the application has bound; only administrators may."""
    if not call.user.admin:
        raise DENIED
    return [
        {
            "placement": row.code,
            "userId": row.user,
            "handler": row.handler,
            "options": row.options or [],
            "title": row.title,
            "description": row.description,
            "langAll": row.langs or [],
        }
        for row in _list_own(call)
    ]


@method("placement.list", scope="placement", app_only=True)
def listed(call: Call, params: Params) -> Any:
    """List the places that the application may bind.

    SCOPE selects the places of one scope, FULL selects all.
    """
    wanted = params.text("SCOPE")
    if wanted:
        return [code for code, scope in PLACES.items() if scope == wanted]
    return [code for code, scope in PLACES.items() if params.yes("FULL") or scope in ("", *call.scopes)]


@method("placement.unbind", scope="placement", app_only=True)
def unbind(call: Call, params: Params) -> Any:
    """Remove one handler, or all handlers of the application, from a place; return their number as `count`.

    Most portals report twice the real number.
    """
    if not call.user.admin:
        raise DENIED
    code, url = _read_place(call, params), params.text("HANDLER")
    removed = [
        row
        for row in _list_own(call)
        if row.code == code
        and url in ("", row.handler)
        and (not params.has("USER_ID") or row.user == params.number("USER_ID"))
    ]
    for row in removed:
        del call.world.apps.placements[row.id]
    return {"count": len(removed) * (2 if call.portal.switches.placement_count == "doubled" else 1)}
