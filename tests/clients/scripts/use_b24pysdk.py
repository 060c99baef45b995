"""Use b24pysdk in one way: read JSON from standard input, and write the result as JSON to standard output."""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from b24pysdk import BitrixApp, BitrixToken, BitrixWebhook, Client, Config
from b24pysdk.credentials import OAuthEventData
from b24pysdk.errors import BitrixAPIError, BitrixSDKException

Input = dict[str, Any]
Result = dict[str, Any]


def by_webhook(given: Input) -> BitrixWebhook:
    """Return the token of a webhook, from its address."""
    host, _, path = given["webhook"].removeprefix("https://").partition("/rest/")
    return BitrixWebhook(domain=host, webhook_token=path.strip("/"))


def by_oauth(given: Input) -> BitrixToken:
    """Return the token of a user in an application."""
    app = BitrixApp(client_id=given["client_id"], client_secret=given["client_secret"])
    return BitrixToken(
        domain=given["domain"], auth_token=given["access"], refresh_token=given["refresh_token"], bitrix_app=app
    )


def _error(run: Callable[[], Any]) -> list[str]:
    """Run a call and return the class of its exception with the portal's error code."""
    try:
        run()
    except BitrixAPIError as refused:
        return [type(refused).__name__, str(refused.error)]
    except BitrixSDKException as failed:
        return [type(failed).__name__]
    return []


def _ids(rows: Sequence[Any]) -> list[int]:
    return [int(row["ID"]) for row in rows]


def calls(given: Input) -> Result:
    """Call methods through the typed wrappers, and read their parsed answers."""
    client = Client(by_webhook(given))
    post = client.log.blogpost.add("Lunch is at one.", post_title="Lunch", dest=["UA"]).result
    return {
        "profile": client.profile().value.bitrix_id,
        "user": client.user.current().result["LAST_NAME"],
        "people": [person.bitrix_id for person in client.user.get(filter={"UF_DEPARTMENT": 2}).values],
        "departments": [one["NAME"] for one in client.department.get(bitrix_id=3).result],
        "groups": [one["NAME"] for one in client.sonet_group.get(filter={"ID": 8}).result],
        "deal": client.crm.deal.get(bitrix_id=42).result["TITLE"],
        "message": client.im.message.add("chat10", message="Good morning").result,
        "post": post,
        "posts": _ids(client.log.blogpost.get(post_id=int(post)).result),
        "comment": client.crm.timeline.comment.add(
            fields={"ENTITY_ID": 42, "ENTITY_TYPE": "deal", "COMMENT": "They called."}
        ).result,
        "time": client.server.time().response.time.duration >= 0,
    }


def batches(given: Input) -> Result:
    """Send more commands than fit into a batch; stop at the first failure; use a result in the next command."""
    token = by_webhook(given)
    client = Client(token)
    many = client.call_batches([client.crm.deal.get(bitrix_id=n) for n in given["deals"]]).result
    wrong = {"a": ("server.time", {}), "b": ("crm.deal.get", {"id": 1}), "c": ("server.time", {})}
    halted, whole = (token.call_batch(wrong, halt=halt)["result"] for halt in (True, False))
    chained = token.call_batch(
        {
            "mine": ("user.current", {}),
            "same": ("user.get", {"ID": "$result[mine][ID]"}),
        }
    )["result"]["result"]
    listed = token.call_batch([("server.time", {}), ("profile", {})])["result"]
    return {
        "many": _ids(list(many.result.values())),
        "halted": [sorted(halted["result"]), sorted(halted["result_error"])],
        "whole": [sorted(whole["result"]), sorted(whole["result_error"])],
        "chained": chained["mine"]["ID"] == chained["same"][0]["ID"],
        "listed": [type(listed["result"]).__name__, type(listed["result_error"]).__name__],
    }


def pages(given: Input) -> Result:
    """Read lists of more than one page in every way that the client has."""
    client = Client(by_webhook(given))
    first = client.user.get()
    return {
        "page": [len(first.result), first.response.next, first.response.total],
        "users": _ids(client.user.get().as_list().result),
        "users_fast": _ids(list(client.user.get().as_list_fast().result)),
        "deals": _ids(client.crm.deal.list(select=["ID"]).as_list().result),
        "deals_fast": _ids(list(client.crm.deal.list(select=["ID", "TITLE"]).as_list_fast().result)),
        "deals_down": _ids(list(client.crm.deal.list().as_list_fast(descending=True, limit=60).result)),
        "posts": _ids(client.log.blogpost.get().as_list().result),
        "no_count": list(client.crm.deal.list(start=-1).response.to_dict()),
    }


def refresh(given: Input) -> Result:
    """Call with an expired access token and with a used refresh token, also while a list is read."""
    token = by_oauth(given)
    client = Client(token)
    seen = {
        "profile": client.profile().value.bitrix_id,
        "renewed": [token.auth_token != given["access"], token.refresh_token != given["refresh_token"]],
        "users": len(client.user.get().as_list().result),
    }
    spent = by_oauth(given)
    return {**seen, "spent": _error(Client(spent).profile().call)}


def install(given: Input) -> Result:
    """Exchange the code of the authorize page for tokens, and use them."""
    app = BitrixApp(client_id=given["client_id"], client_secret=given["client_secret"])
    oauth = app.get_oauth_token(code=given["code"])
    token = BitrixToken.from_oauth(oauth=oauth, bitrix_app=app)
    return {
        "member": oauth.member_id,
        "user": oauth.user_id,
        "profile": Client(
            BitrixToken(
                domain=given["domain"],
                auth_token=oauth.oauth_token.access_token,
                refresh_token=oauth.oauth_token.refresh_token,
                bitrix_app=app,
            )
        )
        .profile()
        .value.bitrix_id,
        "domain": token.domain,
        "again": _error(lambda: app.get_oauth_token(code=given["code"])),
        "unknown_client": _error(lambda: BitrixApp(client_id="local.no", client_secret="no").get_oauth_token(code="x")),
    }


def trust(given: Input) -> Result:
    """Verify a real and a forged event with the authorization server, as the client's integrations do."""
    app = BitrixApp(client_id=given["client_id"], client_secret=given["client_secret"])
    info = by_oauth(given).get_app_info().result
    event = OAuthEventData.from_dict(given["form"])
    forged = OAuthEventData.from_dict({**given["form"], "auth[member_id]": "somebody else's"})
    return {
        "installed": [info.client_id, info.install.member_id, info.install.installed, info.user_id],
        "event": event.event,
        "true": event.validate_against_app_info(event.get_app_info(app)),
        "forged": _error(lambda: forged.validate_against_app_info(forged.get_app_info(app))),
    }


def bot(given: Input) -> Result:
    """Register a bot of the second generation with a command, and send a message as this bot."""
    client = Client(by_oauth(given))
    hook = {"eventMode": "webhook", "webhookUrl": given["handler"]}
    made = client.imbot.v2.bot.register(fields={"code": "echo", "properties": {"name": "Echo"}, **hook}).result["bot"]
    command = client.imbot.v2.command.register(
        made["id"], fields={"command": "echo", "title": {"en": "Repeat"}, "params": {"en": "text"}}
    ).result
    buttons = [{"TEXT": "Again", "COMMAND": "echo", "COMMAND_PARAMS": "again"}]
    sent = client.imbot.v2.chat.message.send(
        made["id"], dialog_id="2", fields={"message": "Hello, Anna", "keyboard": buttons}
    ).result
    return {
        "bot": made["id"],
        "app": client.app.info().value.code,
        "command": command["command"]["command"],
        "message": sent["id"],
        "events": client.event.bind("ONAPPUNINSTALL", handler=given["handler"]).result,
        "bound": [one["event"] for one in client.event.get().result],
    }


def throttle(given: Input) -> Result:
    """Send more calls than the rate limit allows; every call must succeed after waiting."""
    Config().configure(default_max_retries=6, default_initial_retry_delay=0.2, default_retry_delay_increment=0.2)
    client = Client(by_webhook(given))
    return {"times": [bool(client.server.time().call().result) for _ in range(given["times"])]}


def errors(given: Input) -> Result:
    """Cause errors of many kinds, and return the client's exception for each."""
    token = by_webhook(given)
    client = Client(token)
    nobody = BitrixWebhook(domain=token.domain, webhook_token="1/no")
    return {
        "unknown": _error(lambda: token.call_method("im.no.such.method")),
        "scope": _error(lambda: token.call_method("department.get")),
        "unknown_client": _error(lambda: nobody.call_method("profile")),
        "webhook": _error(lambda: token.call_method("event.get")),
        "argument": _error(lambda: client.im.message.add("chat10").call()),
        "hidden": _error(lambda: client.im.message.add("chat999", message="Hello").call()),
        "missing": _error(client.crm.deal.get(bitrix_id=999999).call),
        "limit": _error(lambda: token.call_method("server.time", {})),
        "html": _error(lambda: token.call_method("server.time", {})),
        "cut": _error(lambda: token.call_method("server.time", {})),
    }


def renamed(given: Input) -> Result:
    """Call a renamed portal, and return the name that the client uses afterwards."""
    token = by_webhook(given)
    return {"profile": Client(token).profile().value.bitrix_id, "domain": token.domain}


if __name__ == "__main__":
    command: Callable[[Input], Result] = globals()[sys.argv[1]]
    sys.stdout.write(json.dumps(command(json.load(sys.stdin))))
