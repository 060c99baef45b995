"""Views of the portal as JSON for the control API: chats, messages, posts and timelines."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from portal.clock import iso
from portal.control import workbench
from portal.engine.call_log import CallRecord, DeliveryRecord, mask
from portal.engine.core import Portal
from portal.markup import size
from portal.rules import rights
from portal.rules.messenger import messages as message_rules
from portal.wire import files
from portal.world.bots import Bot
from portal.world.crm import BOOKS, Card
from portal.world.feed import BACKGROUNDS, Poll, Post
from portal.world.messenger import Chat, File, Message
from portal.world.people import User

View = dict[str, Any]


def state(portal: Portal, viewer: User, *, recording: View | None = None) -> View:
    """Return the data that the web page needs to show the portal to one person."""
    world = portal.world
    now = portal.clock.now()
    return {
        "portal": {"name": world.name, "member_id": world.member_id, "url": portal.url, "now": iso(now)},
        "users": [
            {**user(row), "known": rights.may_contact(world, viewer, row)}
            for row in world.people.users.values()
            if row.active
        ],
        "me": user(viewer),
        "chats": chats(portal, viewer),
        "apps": [app(portal, client) for client in world.apps.apps],
        "groups": [
            {"id": row.id, "name": row.name, "members": list(row.members)} for row in world.people.groups.values()
        ],
        "departments": [
            {"id": row.id, "name": row.name, "parent": row.parent} for row in world.people.departments.values()
        ],
        "crm": [
            {"type": row.type, "id": row.id, "title": row.title, **crm_details(row)}
            for row in world.crm.cards.values()
            if rights.may_see_card(row, viewer)
        ],
        "switches": switches(portal),
        "bench": workbench.state(portal, recording=recording),
    }


def switches(portal: Portal) -> View:
    """Return all switches by name."""
    row = portal.switches
    return {name: getattr(row, name) for name in type(row).__slots__}


def user(row: User) -> View:
    """Describe a person or bot."""
    return {
        "id": row.id,
        "name": row.name,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "position": row.position,
        "language": row.language,
        "departments": list(row.departments),
        "admin": row.admin,
        "extranet": row.extranet,
        "bot": row.bot,
    }


def chats(portal: Portal, viewer: User) -> list[View]:
    """Describe the chats of a person, the one with the newest message first."""
    rows = portal.world.messenger.of(viewer.id)
    shown = [chat(portal, row, viewer) for row in rows]
    return sorted(shown, key=lambda row: row["last"]["id"] if row["last"] else 0, reverse=True)


def chat(portal: Portal, row: Chat, viewer: User) -> View:
    """Describe one chat as one person sees it."""
    messenger, users = portal.world.messenger, portal.world.people.users
    shown = messenger.shown(row.id, viewer.id)
    last = messenger.messages[shown[-1]] if shown else None
    others = [users[member].name for member in row.members if member != viewer.id]
    return {
        "dialog": row.dialog_for(viewer.id),
        "title": (others or [viewer.name])[0] if row.private else row.title,
        "type": "private" if row.private else "chat",
        "members": list(row.members),
        "owner": row.owner,
        "invites": not row.private and rights.may_invite(row, viewer),
        "rules": rights.manages(row, viewer.id),
        "last": message(portal, last, viewer) if last else None,
        "unread": messenger.unread(row.id, viewer.id),
    }


def app(portal: Portal, client_id: str) -> View:
    """Describe an application with its bots and commands."""
    row, world = portal.world.apps.apps[client_id], portal.world
    return {
        "client_id": row.client_id,
        "client_secret": row.client_secret,
        "application_token": row.application_token,
        "name": row.name,
        "handler": row.handler,
        "scopes": list(row.scopes),
        "installed": row.installed,
        "bots": [bot(portal, one) for one in world.bots.of(client_id)],
        "commands": [
            command(portal, one.id, "en") for own in world.bots.of(client_id) for one in world.bots.commands_of(own.id)
        ],
    }


def bot(portal: Portal, row: Bot) -> View:
    """Describe a bot."""
    return {"id": row.id, "code": row.code, "name": portal.world.people.users[row.id].name, "api": row.api}


def command(portal: Portal, number: int, language: str) -> View:
    """Describe a command with its texts in one language."""
    row = portal.world.bots.commands[number]
    return {
        "bot_id": row.bot,
        "command": f"/{row.name}",
        "title": _in_language(row.titles, language),
        "params": _in_language(row.params, language),
        "hidden": not row.listed,
    }


def _in_language(words: Mapping[str, str], language: str) -> str:
    return words.get(language) or words.get("en") or next(iter(words.values()), "")


def messages(portal: Portal, row: Chat, viewer: User, *, limit: int) -> View:
    """Describe the newest messages of a chat, oldest first, and mark the chat as read.

    The view also has the people who are typing, and the commands that the viewer can call here.
    """
    messenger, now = portal.world.messenger, portal.clock.now()
    numbers = messenger.shown(row.id, viewer.id)[-limit:]
    messenger.read[row.id, viewer.id] = max(numbers, default=0)
    typing = [
        who for (chat, who), until in messenger.typing.items() if chat == row.id and until > now and who != viewer.id
    ]
    offered = [
        one.id
        for one in portal.world.bots.commands.values()
        if one.listed and (one.common or one.bot in row.members) and (one.extranet or not viewer.extranet)
    ]
    return {
        "messages": [message(portal, messenger.messages[number], viewer) for number in numbers],
        "typing": typing,
        "doing": {str(who): messenger.doing[row.id, who] for who in typing if messenger.doing.get((row.id, who))},
        "can_write": row.writable and row.text_field,
        "commands": [command(portal, number, viewer.language) for number in offered],
    }


def message(portal: Portal, row: Message, viewer: User) -> View:
    """Describe one message with the sizes of its keyboard, menu and attach."""
    author = portal.world.people.users.get(row.author)
    return {
        "id": row.id,
        "dialog": portal.world.messenger.chats[row.chat].dialog_for(viewer.id),
        "author": {
            "id": row.author,
            "name": author.name if author else "",
            "bot": bool(author and author.bot),
            "system": row.system,
        },
        "date": iso(row.date),
        "text": row.text,
        "edited": row.edited,
        "deleted": row.deleted,
        "system": row.system,
        "attach": row.attach,
        "keyboard": row.keyboard,
        "menu": row.menu,
        "files": [attached(file, viewer) for file in row.files],
        "reply_to": row.reply_to,
        "likes": list(row.likes),
        "reactions": reactions(row, viewer),
        "forwarded_from": _name_of(portal, row.forward.author) if row.forward is not None else None,
        "sizes": sizes(portal, row),
    }


def _name_of(portal: Portal, number: int) -> str:
    """Return the name of a user; "" for the system."""
    user = portal.world.people.users.get(number)
    return user.name if user is not None else ""


def attached(file: File, viewer: User, *, post: int = 0) -> View:
    """Describe a file of a message or post, with its address for the viewer and the size of a picture in pixels.

    `post` is the id of the post that the file belongs to, 0 for a message.
    """
    picture = files.image(file)
    url = f"/-/file?as={viewer.id}{f'&post={post}' if post else ''}&id={file.id}"
    return {"id": file.id, "name": file.name, "size": file.size, "url": url, "image": picture or None}


def reactions(row: Message, viewer: User) -> list[View]:
    """Return for each reaction to a message the ids of its people, and whether the viewer is one of them."""
    people: dict[str, list[int]] = {}
    for who, reaction in row.reactions:
        people.setdefault(reaction, []).append(who)
    return [{"reaction": name, "users": who, "mine": viewer.id in who} for name, who in people.items()]


def sizes(portal: Portal, row: Message) -> View:
    """Return size and limit of the text, keyboard, menu and attach of a message."""
    rule = portal.switches.size_rule
    objects = {"attach": row.attach, "keyboard": row.keyboard, "menu": row.menu}
    shown = {
        name: {"chars": size.measure(value, rule), "limit": size.max_size(rule)}
        for name, value in objects.items()
        if value is not None
    }
    return shown | {"text": {"chars": len(row.text), "limit": message_rules.TEXT_LIMIT}}


def feed(portal: Portal, viewer: User, *, limit: int, asked: int = 0) -> View:
    """Describe the newest posts in a person's feed, latest change first, and say how many more there are.

    `asked` is the id of a post that the viewer wants to open. It comes separately when they may read it and it is not
    among the others.
    """
    visible, post_index = rights.feed_of(portal.world, viewer), portal.world.feed.post_index()
    rows = list(islice((row for row in post_index.newest() if row.id in visible), limit))
    apart = post_index.get(asked) if asked not in {row.id for row in rows} else None
    shown = apart is not None and rights.may_read_post(portal.world, apart, viewer)
    return {
        "posts": [post(portal, row, viewer) for row in rows],
        "more": len(visible) - len(rows),
        "asked": post(portal, apart, viewer) if apart is not None and shown else None,
    }


def post(portal: Portal, row: Post, viewer: User) -> View:
    """Describe one post with its comments."""
    users = portal.world.people.users
    return {
        "id": row.id,
        "author": {"id": row.author, "name": users[row.author].name},
        "title": "" if row.micro else row.title,
        "text": row.text,
        "dest": list(row.dest),
        "dest_names": [rights.name_of(portal, code) for code in row.dest],
        "important": row.important,
        "date": iso(row.date),
        "edited": row.edited,
        "comments": [
            {
                "id": comment.id,
                "author": {"id": comment.author, "name": users[comment.author].name},
                "text": comment.text,
                "shared": [rights.name_of(portal, code) for code in comment.shared],
                "date": iso(comment.date),
                "files": [attached(file, viewer, post=row.id) for file in comment.files],
            }
            for comment in portal.world.feed.comments_of(row.id)
        ],
        "tags": list(row.tags),
        "background": row.background if row.background in BACKGROUNDS else "",
        "files": [attached(file, viewer, post=row.id) for file in row.files],
        "readers": len(row.readers),
        "read": viewer.id in row.readers,
        "gratitude": {
            "medal": row.gratitude.medal,
            "people": [{"id": one, "name": users[one].name} for one in row.gratitude.people],
        }
        if row.gratitude
        else None,
        "poll": poll(row.poll, viewer) if row.poll else None,
        "can_edit": rights.may_change_post(row, viewer),
    }


def poll(row: Poll, viewer: User) -> View:
    """Describe a poll with its votes as one person sees them."""
    questions = []
    for index, question in enumerate(row.questions):
        by = [
            [who for who, asked, tick in row.votes if (asked, tick) == (index, at)]
            for at in range(len(question.answers))
        ]
        answers = [
            {"text": text, "votes": len(who), "mine": viewer.id in who}
            for text, who in zip(question.answers, by, strict=True)
        ]
        questions.append({"text": question.text, "many": question.many, "answers": answers})
    voters = {who for who, _, _ in row.votes}
    return {"questions": questions, "voters": len(voters), "voted": viewer.id in voters, "anonymous": row.anonymous}


def crm_details(card: Card) -> View:
    """Describe the stage, the amount and the responsible person of a card; what it has not is ""."""
    book = {"lead": "STATUS", "deal": "DEAL_STAGE"}.get(card.type, "")
    code = str(card.fields.get("STATUS_ID" if card.type == "lead" else "STAGE_ID") or "NEW")
    names = {one: name for key, stages in BOOKS.items() if book and key.startswith(book) for one, name, _ in stages}
    amount = " ".join(str(card.fields.get(name) or "") for name in ("OPPORTUNITY", "CURRENCY_ID"))
    return {"stage": names.get(code, ""), "amount": amount.strip(), "responsible": card.responsible}


def timeline(portal: Portal, card: Card) -> View:
    """Describe the entries of a card's timeline, newest first."""
    users = portal.world.people.users
    return {
        "entity": {"type": card.type, "id": card.id, "title": card.title, **crm_details(card)},
        "items": [
            {
                "id": entry.id,
                "kind": entry.kind,
                "author": {"id": entry.author, "name": users[entry.author].name},
                "title": entry.title,
                "text": entry.text,
                "date": iso(entry.date),
                "files": [file.name for file in entry.files],
                "to": [rights.name_of(portal, code) for code in entry.dest],
            }
            for entry in reversed(portal.world.crm.timeline(card.type, card.id))
        ],
    }


def call(row: CallRecord) -> View:
    """Describe a recorded call; its tokens are masked."""
    shown: View = {
        "n": row.n,
        "at": iso(row.at),
        "method": row.method,
        "who": {"user": row.user, "app": row.app, "webhook": row.webhook},
        "params": mask(row.params),
        "status": row.status,
        "ms": round(row.ms, 2),
        "in_batch": row.in_batch,
        "fault": row.fault,
    }
    if row.error is None:
        return shown | {"result": mask(row.result)}
    return shown | {"error": row.error, "error_description": row.error_text}


def delivery(row: DeliveryRecord) -> View:
    """Describe a recorded delivery; its tokens are masked."""
    return {
        "n": row.n,
        "at": iso(row.at),
        "event": row.event,
        "url": row.url,
        "status": row.status,
        "ms": round(row.ms, 2),
        "form": mask(row.form),
        "error": row.error,
    }
