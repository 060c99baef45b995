"""The commands of the control API by name.

Each command takes the portal and a JSON object, and returns JSON. `as` in the object is the id of the acting person.
A command raises ControlError, with a sentence, when it cannot be done.
"""

from collections.abc import Callable, Mapping
from typing import Any

from portal.api.methods.shared.content import decode_base64
from portal.clock import iso
from portal.control import views, workbench
from portal.engine.core import Portal
from portal.errors import ControlError
from portal.events import auth as auths
from portal.rules import apps, user_actions
from portal.rules.feed import posts
from portal.rules.messenger import messages, notifications
from portal.wire import php
from portal.world.apps import App
from portal.world.notifications import Kind

Body = Mapping[str, Any]
ControlCommand = Callable[[Portal, Body], Any]


def _read_seconds(body: Body, name: str) -> float:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ControlError(f"{name} is a number of seconds.")
    return float(value)


def say(portal: Portal, body: Body) -> Any:
    """Write a message and return its id."""
    reply = php.int_of(body.get("reply_to")) or None
    message = user_actions.say(
        portal,
        user_actions.acting_user(portal, body),
        body.get("dialog", ""),
        user_actions.required_text(body, "text"),
        reply_to=reply,
    )
    return {"message_id": message.id}


def forward(portal: Portal, body: Body) -> Any:
    """Forward a message to a chat, and return the id of the copy."""
    user = user_actions.acting_user(portal, body)
    message = user_actions.message_of(portal, user, body.get("message_id"))
    return {"message_id": user_actions.forward(portal, user, message, body.get("dialog", "")).id}


def press(portal: Portal, body: Body) -> Any:
    """Press a button, or choose a menu item."""
    user = user_actions.acting_user(portal, body)
    message = user_actions.message_of(portal, user, body.get("message_id"))
    menu = "menu" in body
    index = body.get("menu" if menu else "button")
    if isinstance(index, bool) or not isinstance(index, int):
        raise ControlError("button (or menu) is the number of an element, from 0.")
    return {"ok": True, "client": user_actions.press(portal, user, message, index, menu=menu)}


def edit(portal: Portal, body: Body) -> Any:
    """Replace the text of a message."""
    user = user_actions.acting_user(portal, body)
    user_actions.edit(
        portal, user, user_actions.message_of(portal, user, body.get("message_id")), str(body.get("text", ""))
    )
    return {"ok": True}


def delete(portal: Portal, body: Body) -> Any:
    """Delete a message."""
    user = user_actions.acting_user(portal, body)
    user_actions.delete(portal, user, user_actions.message_of(portal, user, body.get("message_id")))
    return {"ok": True}


def like(portal: Portal, body: Body) -> Any:
    """Like a message, or remove the like of the person."""
    user = user_actions.acting_user(portal, body)
    user_actions.like(portal, user, user_actions.message_of(portal, user, body.get("message_id")))
    return {"ok": True}


def react(portal: Portal, body: Body) -> Any:
    """React to a message; with on=false, remove the reaction."""
    user = user_actions.acting_user(portal, body)
    message = user_actions.message_of(portal, user, body.get("message_id"))
    changed = user_actions.react(
        portal, user, message, user_actions.required_text(body, "reaction"), on=body.get("on", True) is not False
    )
    return {"ok": True, "changed": changed}


def put_file(portal: Portal, body: Body) -> Any:
    """Send a file to a chat; its content comes as base64."""
    content = decode_base64(user_actions.required_text(body, "content"))
    if content is None:
        raise ControlError("content is base64.")
    file = (user_actions.required_text(body, "name"), content)
    text = str(body.get("text") or "")
    return {
        "message_id": user_actions.attach(
            portal, user_actions.acting_user(portal, body), body.get("dialog", ""), file, text=text
        ).id
    }


def notify_user(portal: Portal, body: Body) -> Any:
    """Notify a person; with confirm=true, the notification asks for an answer."""
    kind: Kind = "confirm" if body.get("confirm") else "user"
    user = user_actions.acting_user(portal, body)
    to = user_actions.contact(portal, user, body.get("user")).id
    draft = notifications.NotificationDraft(
        to=to, text=user_actions.required_text(body, "text"), kind=kind, author=user.id
    )
    return {"notification_id": notifications.send(portal, draft).id}


def open_dialog(portal: Portal, body: Body) -> Any:
    """Open a private dialog; a bot gets an event when it is new."""
    user = user_actions.acting_user(portal, body)
    return {"dialog": user_actions.chat_of(portal, user, body.get("dialog", "")).dialog_for(user.id)}


def typing(portal: Portal, body: Body) -> Any:
    """Show the other members of a chat that a person is typing."""
    user = user_actions.acting_user(portal, body)
    messages.show_typing(portal, user_actions.chat_of(portal, user, body.get("dialog", "")), user.id)
    return {"ok": True}


def make_chat(portal: Portal, body: Body) -> Any:
    """Create a group chat and return its dialog."""
    chat = user_actions.create_group_chat(
        portal,
        user_actions.acting_user(portal, body),
        user_actions.required_text(body, "title"),
        php.values_of(body.get("members")),
    )
    return {"dialog": f"chat{chat.id}"}


def join_chat(portal: Portal, body: Body) -> Any:
    """Add a person to a group chat; the result is false when they are a member already."""
    return {
        "ok": user_actions.invite(
            portal,
            user_actions.acting_user(portal, body),
            body.get("dialog", ""),
            body.get("user"),
            automation=body.get("automation") is True,
        )
    }


def leave_chat(portal: Portal, body: Body) -> Any:
    """Leave a group chat, or remove the person `user` from it; the result is false for a non-member."""
    user = user_actions.acting_user(portal, body)
    return {"ok": user_actions.remove(portal, user, body.get("dialog", ""), body.get("user", user.id))}


def publish(portal: Portal, body: Body) -> Any:
    """Publish a post and return its id; with automation=true, a robot or a business process does it."""
    return {
        "post_id": user_actions.publish(
            portal,
            user_actions.acting_user(portal, body),
            user_actions.read_post_draft(portal, body),
            automation=body.get("automation") is True,
        ).id
    }


def edit_post(portal: Portal, body: Body) -> Any:
    """Change a post; absent fields stay."""
    if body.get("text") is not None:
        user_actions.required_text(body, "text")
    user_actions.edit_post(portal, user_actions.acting_user(portal, body), body.get("post_id"), body)
    return {"ok": True}


def delete_post(portal: Portal, body: Body) -> Any:
    """Delete a post."""
    user = user_actions.acting_user(portal, body)
    actor = user_actions.actor_of(user, automation=body.get("automation") is True)
    posts.delete(portal, user_actions.post_of(portal, user, body.get("post_id"), change=True), actor)
    return {"ok": True}


def comment_post(portal: Portal, body: Body) -> Any:
    """Comment on a post and return the id of the comment."""
    user = user_actions.acting_user(portal, body)
    post = user_actions.post_of(portal, user, body.get("post_id"))
    return {"comment_id": posts.comment(portal, post, user, user_actions.required_text(body, "text")).id}


def read_post(portal: Portal, body: Body) -> Any:
    """Mark an important post as read by a person."""
    user = user_actions.acting_user(portal, body)
    posts.mark_read(portal, user_actions.post_of(portal, user, body.get("post_id")), user)
    return {"ok": True}


def vote(portal: Portal, body: Body) -> Any:
    """Answer the poll of a post.

    The body is {"answers": {"0": [1]}}; questions and answers are counted from 0.
    """
    given = body.get("answers")
    if not isinstance(given, Mapping):
        raise ControlError("answers is an object with one key per question.")
    user_actions.vote(portal, user_actions.acting_user(portal, body), body.get("post_id"), given)
    return {"ok": True}


def _get_app(portal: Portal, body: Body) -> App:
    app = portal.world.apps.apps.get(str(body.get("client_id")))
    if app is None:
        raise ControlError(f"There is no application {body.get('client_id')!r}.")
    return app


def add_app(portal: Portal, body: Body) -> Any:
    """Add an application and return its client id and secrets."""
    app = apps.add(
        portal,
        name=user_actions.required_text(body, "name"),
        handler=user_actions.required_text(body, "handler"),
        client_id=str(body.get("client_id") or ""),
        client_secret=str(body.get("client_secret") or ""),
        scopes=[str(scope) for scope in php.values_of(body.get("scopes"))],
    )
    return {
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "application_token": app.application_token,
    }


def install_app(portal: Portal, body: Body) -> Any:
    """Install an application in the name of a user."""
    apps.install(portal, _get_app(portal, body), by=user_actions.acting_user(portal, body).id)
    return {"ok": True}


def uninstall_app(portal: Portal, body: Body) -> Any:
    """Uninstall an application."""
    apps.uninstall(portal, _get_app(portal, body), clean=bool(php.int_of(body.get("clean", 0))))
    return {"ok": True}


def add_webhook(portal: Portal, body: Body) -> Any:
    """Create an incoming webhook of the acting person and return its address."""
    scopes = [str(scope) for scope in php.values_of(body.get("scopes"))]
    webhook = apps.add_webhook(portal, user=user_actions.acting_user(portal, body).id, scopes=scopes)
    return {"url": f"{portal.rest_url}{webhook.user}/{webhook.secret}/"}


def set_switches(portal: Portal, body: Body) -> Any:
    """Change the switches that the body names, and return all switches."""
    portal.switches = portal.switches.changed(body)
    portal.hub.publish({"type": "chats"})
    return {"switches": views.switches(portal)}


def set_fault_rules(portal: Portal, body: Body) -> Any:
    """Replace all fault rules and return the new ones."""
    portal.faults.replace(php.values_of(body.get("rules")))
    portal.hub.publish({"type": "faults"})
    return {"rules": [workbench.rule(one) for one in portal.faults.rules]}


def down(portal: Portal, body: Body) -> Any:
    """Refuse all calls for some seconds; null means until this command is called with a number."""
    forever = "seconds" in body and body["seconds"] is None
    portal.faults.down_until = None if forever else portal.clock.now() + _read_seconds(body, "seconds")
    return {"ok": True}


def clock(portal: Portal, body: Body) -> Any:
    """Move the clock by `advance` seconds, stop it ({"stop": true}) or start it ({"stop": false})."""
    if "stop" in body:
        (portal.clock.stop if body["stop"] else portal.clock.go)()
    if "advance" in body or "stop" not in body:
        portal.clock.advance(_read_seconds(body, "advance"))
    portal.hub.publish({"type": "chats"})
    return {"now": iso(portal.clock.now()), "stopped": portal.clock.is_stopped}


def replay(portal: Portal, body: Body) -> Any:
    """Send the recorded event with the number `n` again, unchanged."""
    number = php.int_of(body.get("n"))
    found = next((row for row in portal.call_log.deliveries if row.n == number), None)
    if found is None:
        raise ControlError(f"There is no delivery {number} any more.")
    portal.event_sender.send(found.url, dict(found.form))
    return {"sent": 1}


def measure(portal: Portal, body: Body) -> Any:
    """Return the sizes of the text and objects of the recorded call `n`, and their limits."""
    number = php.int_of(body.get("n"))
    found = next((row for row in portal.call_log.calls if row.n == number), None)
    if found is None:
        raise ControlError(f"There is no call {number} any more.")
    return {"sizes": workbench.object_sizes(portal, found)}


def event(portal: Portal, body: Body) -> Any:
    """Send an event of your own and return the number of addresses.

    Without `url`, it goes to every installed application, with the real application_token of each.
    """
    name, data, given = user_actions.required_text(body, "event"), body.get("data", {}), body.get("auth")
    apps_ = [app for app in portal.world.apps.apps.values() if app.installed]
    targets = [(str(body["url"]), apps_[0] if apps_ else None)] if body.get("url") else [(a.handler, a) for a in apps_]
    for url, app in targets:
        auth = (
            given
            if isinstance(given, dict)
            else auths.auth_without_tokens(portal, app.application_token if app else "")
        )
        portal.event_sender.send(url, auths.event_envelope(portal, name, data=data, auth=auth))
    return {"sent": len(targets)}


def reset(portal: Portal, _body: Body) -> Any:
    """Reset the portal to its seed."""
    portal.reset()
    return {"ok": True}


COMMANDS: dict[str, ControlCommand] = {
    "say": say,
    "press": press,
    "forward": forward,
    "edit": edit,
    "delete": delete,
    "like": like,
    "react": react,
    "files": put_file,
    "notify": notify_user,
    "open": open_dialog,
    "typing": typing,
    "chats": make_chat,
    "chats/join": join_chat,
    "chats/leave": leave_chat,
    "posts": publish,
    "posts/edit": edit_post,
    "posts/delete": delete_post,
    "posts/comment": comment_post,
    "posts/read": read_post,
    "posts/vote": vote,
    "apps": add_app,
    "apps/install": install_app,
    "apps/uninstall": uninstall_app,
    "webhooks": add_webhook,
    "switches": set_switches,
    "faults": set_fault_rules,
    "down": down,
    "clock": clock,
    "replay": replay,
    "measure": measure,
    "event": event,
    "reset": reset,
}
