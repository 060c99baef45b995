"""Use b24api in one way: read JSON from standard input, and write the result as JSON to standard output."""

import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from b24api import Bitrix24

Input = dict[str, Any]
Result = dict[str, Any]


def client(given: Input) -> Bitrix24:
    """Return a client of a webhook, which reads its settings from the environment."""
    os.environ["BITRIX24_API_WEBHOOK_URL"] = given["webhook"]
    os.environ["BITRIX24_API_RETRY_DELAY"] = "0.2"
    return Bitrix24()


def _error(run: Callable[[], Any]) -> list[str]:
    """Run a call and return the class of its exception with the beginning of the message."""
    try:
        run()
    except Exception as refused:  # noqa: BLE001  # the class of the exception is the result
        return [type(refused).__name__, str(refused).partition(" for ")[0].partition(":")[0]]
    return []


def _ids(rows: Iterable[Any]) -> list[int]:
    return [int(row["ID"]) for row in rows]


def asked(name: str, **parameters: Any) -> dict[str, Any]:
    """Return a request in the form of the client."""
    return {"method": name, "parameters": parameters}


def calls(given: Input) -> Result:
    """Call methods one by one."""
    b24 = client(given)
    return {
        "profile": b24.call(asked("profile"))["ID"],
        "message": b24.call(asked("im.message.add", DIALOG_ID="chat10", MESSAGE="Good morning")),
        "post": int(b24.call(asked("log.blogpost.add", POST_TITLE="Lunch", POST_MESSAGE="At one.", DEST=["UA"]))),
        "deal": b24.call(asked("crm.deal.get", id=42))["TITLE"],
    }


def batches(given: Input) -> Result:
    """Send more commands than fit into a batch, and a batch that stops at a failed command."""
    b24 = client(given)
    messages = (asked("im.message.add", DIALOG_ID="chat10", MESSAGE=f"Message {n}") for n in range(120))
    named = [(asked("crm.deal.get", id=n), n) for n in given["deals"]]
    paired = [(int(deal["ID"]), n) for deal, n in b24.batch(named, with_payload=True)]
    wrong = [asked("server.time"), asked("im.message.add", DIALOG_ID="chat999", MESSAGE="No"), asked("profile")]
    return {
        "sent": list(b24.batch(messages)),
        "paired": all(one == other for one, other in paired) and len(paired),
        "failed": _error(lambda: list(b24.batch(wrong))),
    }


def pages(given: Input) -> Result:
    """Read lists of more than one page in every way that the client has."""
    b24 = client(given)
    deals = asked("crm.deal.list", select=["ID"])
    comments = asked("crm.timeline.comment.list", select=["ID"], filter={"ENTITY_TYPE": "deal"})
    return {
        "users": _ids(b24.list_sequential(asked("user.get"))),
        "users_batched": _ids(b24.list_batched(asked("user.get"))),
        "deals": _ids(b24.list_batched(deals)),
        "deals_fast": _ids(b24.list_batched_no_count(deals)),
        "posts": _ids(b24.list_sequential(asked("log.blogpost.get"))),
        "comments": _ids(b24.reference_batched_no_count(comments, [{"ENTITY_ID": n} for n in given["deals"]])),
    }


def throttle(given: Input) -> Result:
    """Send more calls than the rate limit allows; every call must succeed after waiting."""
    b24 = client(given)
    return {"times": [bool(b24.call(asked("server.time"))) for _ in range(given["times"])]}


def errors(given: Input) -> Result:
    """Cause errors of many kinds, and return how the client reports each."""
    b24 = client(given)
    return {
        "unknown": _error(lambda: b24.call(asked("im.no.such.method"))),
        "scope": _error(lambda: b24.call(asked("department.get"))),
        "empty": _error(lambda: b24.call(asked("im.message.add", DIALOG_ID="chat10"))),
        "missing": _error(lambda: b24.call(asked("crm.deal.get", id=999999))),
        "limit": _error(lambda: b24.call(asked("server.time"))),
        "html": _error(lambda: b24.call(asked("server.time"))),
        "cut": _error(lambda: b24.call(asked("server.time"))),
    }


if __name__ == "__main__":
    command: Callable[[Input], Result] = globals()[sys.argv[1]]
    sys.stdout.write(json.dumps(command(json.load(sys.stdin))))
