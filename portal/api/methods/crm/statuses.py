"""crm.status.list: the names of the stages of leads and deals, from the reference books of the CRM."""

from typing import Any

from portal.api.call import Call, Params
from portal.api.methods.crm.cards import DENIED
from portal.api.registry import method
from portal.rules import rights
from portal.wire import lists
from portal.world.crm import BOOKS


def _rows() -> list[dict[str, Any]]:
    rows = [(book, place, *stage) for book, stages in BOOKS.items() for place, stage in enumerate(stages, 1)]
    return [
        {
            "ID": str(number),
            "ENTITY_ID": book,
            "STATUS_ID": code,
            "NAME": name,
            "NAME_INIT": name,
            "SORT": str(place * 10),
            "SYSTEM": "Y",
            "CATEGORY_ID": book.rpartition("_")[2] if book[-1].isdigit() else "0",
            "COLOR": "#55D0E0",
            "SEMANTICS": semantics or None,
        }
        for number, (book, place, code, name, semantics) in enumerate(rows, 1)
    ]


@method("crm.status.list", scope="crm")
def listed(call: Call, params: Params) -> Any:
    """List the stages that match a filter, all of them in one page; parameters: filter, order."""
    if not rights.may_use_crm(call.user):
        raise DENIED
    order = params.inner("order").raw or {"SORT": "ASC"}
    return lists.sorted_rows(lists.filtered(_rows(), params.inner("filter").raw), order)
