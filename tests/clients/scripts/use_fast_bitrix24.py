"""Use fast_bitrix24 in one way: read JSON from standard input, and write the result as JSON to standard output."""

import asyncio
import json
import sys
import urllib.parse
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any

from fast_bitrix24 import Bitrix, BitrixAsync

Input = dict[str, Any]
Result = dict[str, Any]


def client(given: Input, **more: Any) -> BitrixAsync:
    """Return a client of a webhook."""
    return BitrixAsync(given["webhook"], verbose=False, **more)


async def _error(asked: Awaitable[Any]) -> list[Any]:
    """Await a call and return the class of its exception with its status or error codes."""
    try:
        await asked
    except Exception as refused:  # noqa: BLE001  # the class of the exception is the result
        details = refused.args[0] if refused.args else None
        codes = [one["error"] for one in details.values()] if isinstance(details, dict) else []
        return [type(refused).__name__, getattr(refused, "status", None) or codes]
    return []


async def calls(given: Input) -> Result:
    """Call methods one by one, with and without the conversion of results."""
    bx = client(given)
    post = await bx.call("log.blogpost.add", {"POST_TITLE": "Lunch", "POST_MESSAGE": "At one.", "DEST": ["UA"]})
    return {
        "message": await bx.call("im.message.add", {"DIALOG_ID": "chat10", "MESSAGE": "Good morning & welcome"}),
        "post": int(post),
        "raw": (await bx.call("profile", raw=True))["result"]["ID"],
        "deal": (await bx.get_by_ID("crm.deal.get", [42, 43]))["42"]["TITLE"],
    }


async def batches(given: Input) -> Result:
    """Send many calls of one method, an own batch, and a batch that stops at a failure."""
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


async def pages(given: Input) -> Result:
    """Read lists of more than one page."""
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


def _refresh_token(given: Input) -> str:
    """Exchange the refresh token for new tokens, as the client's documentation says."""
    names = ("client_id", "client_secret", "refresh_token")
    asked = urllib.parse.urlencode({"grant_type": "refresh_token", **{name: given[name] for name in names}})
    with urllib.request.urlopen(f"{given['oauth']}?{asked}") as answer:  # noqa: S310  # the address of the emulator
        got = json.load(answer)
    given["refresh_token"] = got["refresh_token"]
    return str(got["access_token"])


async def refresh(given: Input) -> Result:
    """Call with an expired access token; the client gets a new one from a function that we pass."""
    old = [str(given["access"])]

    async def token() -> str:
        return old.pop() if old else await asyncio.to_thread(_refresh_token, given)

    bx = BitrixAsync(given["endpoint"], token_func=token, verbose=False)
    profile = await bx.call("profile", raw=True)
    return {"profile": profile["result"]["ID"], "users": len(await bx.get_all("user.get"))}


async def throttle(given: Input) -> Result:
    """Send more parallel calls than the rate limit allows; every call must succeed after waiting."""
    bx = client(given)
    asked = (bx.call("server.time", raw=True) for _ in range(given["times"]))
    return {"times": [bool(answer["result"]) for answer in await asyncio.gather(*asked)]}


async def errors(given: Input) -> Result:
    """Cause errors of many kinds, and return how the client reports each."""
    bx = client(given)
    return {
        "unknown": await _error(bx.call("im.no.such.method", raw=True)),
        "scope": await _error(bx.call("department.get", raw=True)),
        "in_batch": await _error(bx.call("im.message.add", {"DIALOG_ID": "chat999", "MESSAGE": "Hello"})),
        "limit": await _error(bx.call("server.time", raw=True)),
        "server": await _error(bx.call("server.time", raw=True)),
    }


def plain_calls(given: Input) -> Result:
    """Use the synchronous client."""
    bx = Bitrix(given["webhook"], verbose=False)
    return {"users": len(bx.get_all("user.get")), "deal": bx.get_by_ID("crm.deal.get", [42, 43])["42"]["TITLE"]}


if __name__ == "__main__":
    command: Callable[[Input], Any] = globals()[sys.argv[1]]
    given: Input = json.load(sys.stdin)
    seen = asyncio.run(command(given)) if asyncio.iscoroutinefunction(command) else command(given)
    sys.stdout.write(json.dumps(seen))
