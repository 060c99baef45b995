"""Makes the parameters of the calls that write to CRM cards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.model import effects
from bot.model.effects import Effect

TYPES = {"lead": 1, "deal": 2, "contact": 3, "company": 4}
"""The number of each type of CRM card (reference: crm.enum.ownertype)."""

Params = dict[str, Any]


def post(effect: effects.CrmPost) -> Params:
    """Return the parameters that write to the CRM feed."""
    entity = effect.entity
    fields: Params = {"MESSAGE": effect.text, "ENTITYTYPEID": TYPES[entity.type], "ENTITYID": entity.id}
    if effect.title:
        fields["POST_TITLE"] = effect.title
    if effect.sperm:
        fields["SPERM"] = _sperm(effect.sperm)
    return {"fields": fields}


def comment(effect: effects.CrmComment) -> Params:
    """Return the parameters that write a comment in a timeline."""
    entity = effect.entity
    fields = {"ENTITY_ID": entity.id, "ENTITY_TYPE": entity.type, "COMMENT": effect.comment}
    return {"fields": fields}


def deletion(effect: effects.DeleteCrmComment) -> Params:
    """Return the parameters that delete a comment; they name the card, because it may be on several."""
    entity = effect.entity
    return {"id": effect.comment, "ownerTypeId": TYPES[entity.type], "ownerId": entity.id}


def has_files(effect: Effect) -> bool:
    """Check whether an effect needs files from the Drive."""
    return isinstance(effect, effects.CrmText) and bool(effect.files)


def with_files(params: Params, files: Sequence[tuple[str, str]]) -> Params:
    """Return the parameters of a text for the CRM with its files: pairs of a name and the content in Base64."""
    return params | {"fields": params["fields"] | {"FILES": [list(one) for one in files]}}


def _sperm(codes: Sequence[str]) -> dict[str, list[str]]:
    """Return the recipients by their kind, as SPERM has them: {"CRMDEAL": ["CRMDEAL43"], "U": ["U1"]}."""
    found: dict[str, list[str]] = {}
    for code in codes:
        found.setdefault(code.rstrip("0123456789"), []).append(code)
    return found
