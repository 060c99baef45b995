"""Use fast_bitrix24 for one thing: given come as JSON on standard input, what was seen goes to standard output."""

import asyncio
import json
import sys
import urllib.parse
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any

from fast_bitrix24 import Bitrix, BitrixAsync

Given = dict[str, Any]
Seen = dict[str, Any]


def client(given: Given, **more: Any) -> BitrixAsync:
    """Return a client of a webhook."""
    return BitrixAsync(given["webhook"], verbose=False, **more)


async def _error(asked: Awaitable[Any]) -> list[Any]:
    """Return the class of what a call raises, with the status or the codes it carries."""
    try:
        await asked
    except Exception as refused:  # noqa: BLE001  # whatever the client raises is what we ask
        details = refused.args[0] if refused.args else None
        codes = [one["error"] for one in details.values()] if isinstance(details, dict) else []
        return [type(refused).__name__, getattr(refused, "status", None) or codes]
    return []


async def calls(given: Given) -> Seen:
    """Call methods one by one, as the client wraps them, and raw."""
    bx = client(given)
    post = await bx.call("log.blogpost.add", {"POST_TITLE": "Lunch", "POST_MESSAGE": "At one.", "DEST": ["UA"]})
    return {
        "message": await bx.call("im.message.add", {"DIALOG_ID": "chat10", "MESSAGE": "Good morning & welcome"}),
        "post": int(post),
        "raw": (await bx.call("profile", raw=True))["result"]["ID"],
        "deal": (await bx.get_by_ID("crm.deal.get", [42, 43]))["42"]["TITLE"],
    }


async def batches(given: Given) -> Seen:
    """Send many calls of one method, a hand-made batch, and a batch that stops."""
    bx = client(given)
    sent = await bx.call("im.message.add", [{"DIALOG_ID": "chat10", "MESSAGE": f"Message {n}"} for n in range(120)])
    by_id = await bx.get_by_ID("crm.deal.get", given["deals"])
    mine = {"me": "user.current", "same": "user.get?ID=$result[me][ID]"}
    cmd = {"a": "server.time", "b": "crm.deal.get?id=1", "c": "server.time"}
    halted = await bx.call("batch", {"halt": 1, "cmd": cmd}, raw=True)
    return {
        "sent": list(sent),
        "deals": {key: value["ID"] for key, value in by_id.items()},
        "mine": [(await bx.call_batch({"halt": 0, "cmd": mine}))[key] for key in ("me", "same")],
        "halted": [sorted(halted["result"]["result"]), sorted(halted["result"]["result_error"])],
        "failed": await _error(bx.call_batch({"halt": 0, "cmd": cmd})),
    }


async def pages(given: Given) -> Seen:
    """Get everything of what is more than a page."""
    bx = client(given)
    users, deals, posts = await asyncio.gather(
        bx.get_all("user.get"),
        bx.get_all("crm.deal.list", {"select": ["ID", "TITLE"]}),
        bx.get_all("log.blogpost.get"),
    )
    some = await bx.get_all("crm.deal.list", {"filter": {">=ID": 1000, "<ID": 1060}})
    return {
        name: sorted(int(row["ID"]) for row in rows)
        for name, rows in (
            ("users", users),
            ("deals", deals),
            ("posts", posts),
            ("some", some),
        )
    }


def _renewed(given: Given) -> str:
    """Trade the refresh token for new ones, as the client's documentation says to."""
    names = ("client_id", "client_secret", "refresh_token")
    asked = urllib.parse.urlencode({"grant_type": "refresh_token", **{name: given[name] for name in names}})
    with urllib.request.urlopen(f"{given['oauth']}?{asked}") as answer:  # noqa: S310  # the portal's own address
        got = json.load(answer)
    given["refresh_token"] = got["refresh_token"]
    return str(got["access_token"])


async def refresh(given: Given) -> Seen:
    """Go on when the access token has expired; the client asks for a new one through a function of ours."""
    old = [str(given["access"])]

    async def token() -> str:
        return old.pop() if old else await asyncio.to_thread(_renewed, given)

    bx = BitrixAsync(given["endpoint"], token_func=token, verbose=False)
    profile = await bx.call("profile", raw=True)
    return {"profile": profile["result"]["ID"], "users": len(await bx.get_all("user.get"))}


async def throttle(given: Given) -> Seen:
    """Call faster than the portal likes, many at once; every call succeeds in the end."""
    bx = client(given)
    asked = (bx.call("server.time", raw=True) for _ in range(given["times"]))
    return {"times": [bool(answer["result"]) for answer in await asyncio.gather(*asked)]}


async def errors(given: Given) -> Seen:
    """Meet refusals of many kinds."""
    bx = client(given)
    return {
        "unknown": await _error(bx.call("im.no.such.method", raw=True)),
        "scope": await _error(bx.call("department.get", raw=True)),
        "in_batch": await _error(bx.call("im.message.add", {"DIALOG_ID": "chat999", "MESSAGE": "Hello"})),
        "limit": await _error(bx.call("server.time", raw=True)),
        "server": await _error(bx.call("server.time", raw=True)),
    }


def plain_calls(given: Given) -> Seen:
    """Use the client that does not wait for anything."""
    bx = Bitrix(given["webhook"], verbose=False)
    return {"users": len(bx.get_all("user.get")), "deal": bx.get_by_ID("crm.deal.get", [42, 43])["42"]["TITLE"]}


if __name__ == "__main__":
    command: Callable[[Given], Any] = globals()[sys.argv[1]]
    given: Given = json.load(sys.stdin)
    seen = asyncio.run(command(given)) if asyncio.iscoroutinefunction(command) else command(given)
    sys.stdout.write(json.dumps(seen))
