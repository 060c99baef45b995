"""Every ordering key, token owner and idempotency key; nothing else spells one, SQL gets them as parameters.

::

    ordering key of an event        of an effect                    handled or sent in order
      dialog:chat42                   dialog:chat42                   what is said in a dialog
      post:217                                                        what happens to a post
      application:<digest>                                            installations in the name of one portal
      portal                                                          what happens to a portal as a whole
      quiet:chat42                                                    the quiet line of a chat
      check                                                           the checks of chats
      timer:again                                                     one timer that waits for nothing but itself
                                      action:27:chat42                the actions of one person in a dialog
                                      card:217:chat42                 the edits of one card
                                      setup, setup:find               what an installation asks for

    token owner
      install                  who installed the application: the bot speaks with this token
      user:27                  a person, for their own actions and reads
      pending:<digest>         the tokens of an installation that is not handled yet

An idempotency key is taken once per portal (an event), or is an effect's own wherever it is sent.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

from bot.model import effects
from bot.model.effects import Effect
from bot.model.events import Commanded, Dialog, From, PortalId, PostId, UserId

# --- Ordering keys ---------------------------------------------------------------------------------------------

DIALOG: Final = "dialog:"
POST: Final = "post:"
APPLICATION: Final = "application:"
QUIET: Final = "quiet:"
TIMER: Final = "timer:"
USER_ACTION: Final = "action:"
CARD: Final = "card:"
"""How the keys of many queues begin."""
PORTAL: Final = "portal"
CHECK: Final = "check"
SETUP: Final = "setup"
"""The key of one queue each; each command and binding of an installation has one of its own as well."""


def of_dialog(dialog: Dialog) -> str:
    """Give the key of what is said in a dialog."""
    return f"{DIALOG}{dialog}"


def of_post(post: PostId | int) -> str:
    """Give the key of what happens to a post."""
    return f"{POST}{post}"


def of_quiet_line(dialog: Dialog) -> str:
    """Give the key of the quiet line of a chat."""
    return f"{QUIET}{dialog}"


def of_timer(key: str) -> str:
    """Give the key of the event of a timer that nothing else has to wait for."""
    return f"{TIMER}{key}"


def of_application(portal: PortalId, endpoint: str, auth_endpoint: str) -> str:
    """Give the key of installations, updates and removals in the name of a portal at an address.

    A portal that has moved, or is only claimed, has a queue of its own.
    """
    return APPLICATION + digest(repr((portal, endpoint, auth_endpoint)))


def of_effect(effect: Effect) -> str:
    """Give the key of an effect.

    The actions of a person have a queue of their own: while the portal puts one off, the bot goes on speaking in that
    dialog. So has a card that stands: nothing else is about that message. What an installation asks for is asked side
    by side: a command that is refused holds up no other.
    """
    if isinstance(effect, effects.EditCard | effects.DeleteCard):
        return f"{CARD}{effect.post}:{effect.dialog}"
    if isinstance(effect, effects.ByUser):
        return f"{USER_ACTION}{effect.user}:{effect.dialog}"
    if isinstance(effect, effects.DialogEvent):
        return of_dialog(effect.dialog)
    if isinstance(effect, effects.RegisterCommand):
        return f"{SETUP}:{effect.name}"
    return f"{SETUP}:{effect.event}" if isinstance(effect, effects.BindEvent) else SETUP


def of_result(effect: Effect, result: Any) -> str:
    """Give the key of the event that tells how an effect ended.

    What concerns a post goes through the queue of that post, so that nothing overtakes it.
    """
    if isinstance(effect, effects.ShowCard | effects.EditCard | effects.DeleteCard):
        return of_post(effect.post)
    if isinstance(effect, effects.Publish) and isinstance(result, int):
        return of_post(result)
    return of_dialog(effect.dialog) if isinstance(effect, effects.DialogEvent) else of_effect(effect)


# --- Token owners ----------------------------------------------------------------------------------------------

INSTALL: Final = "install"
USER: Final = "user:"
PENDING: Final = "pending:"


def owner_user(user: UserId) -> str:
    """Name a person as the owner of tokens."""
    return f"{USER}{user}"


def owner_pending(refresh_token: str) -> str:
    """Name an installation that is not handled yet as the owner of the tokens it brings."""
    return PENDING + digest(refresh_token)


def owner_of(effect: Effect) -> str:
    """Say with whose token an effect goes out."""
    return owner_user(effect.user) if isinstance(effect, effects.ByUser) else INSTALL


# --- What is looked for before it is sent again ----------------------------------------------------------------

LOOKED_FOR: Final = (effects.Publish, effects.CrmComment)
"""Effects for which the portal knows no idempotency key, and whose results it lists."""

# --- Idempotency keys of what a portal tells: it may tell the same thing twice (reference: D1) ------------------

SHORT: Final = 64
"""A longer part of a key is replaced by its digest; so a key stays under 200 characters."""
DIGEST: Final = 8
"""Bytes of a digest, 16 hex digits: only parts within one message have to differ."""


def key_of_message(message: int, text: str) -> str:
    """Give the key of a message with this text, so that an edited message is a new one.

    `/name rest` has the key of that typed command, which may come as well.
    """
    name, _, rest = text.partition("\n")[0].strip().partition(" ")
    return key_of_typed(message, name[1:], rest) if name[:1] == "/" and name != "/" else f"msg:{message}:{digest(text)}"


def key_of_typed(message: int, name: str, params: str) -> str:
    """Give the key of a typed command; it has no time, because command and message come one after the other."""
    return f"cmd:{message}:{_short(name)}:{_short(params.strip())}"


def key_of_command(event: Commanded) -> str:
    """Give the key of a command; the same button can be pressed again and again, so a press has its time in it."""
    if event.source is From.TYPED:
        return key_of_typed(event.message, event.name, event.params)
    return f"press:{event.message}:{event.command}:{event.author.id}:{_short(event.params)}:{event.ts}"


def key_of_joining(dialog: Dialog, bot: int, ts: int) -> str:
    """Give the key of the bot's coming to a dialog."""
    return f"join:{dialog}:{bot}:{ts}"


def key_of_bot_removal(bot: int, ts: int) -> str:
    """Give the key of the removal of the bot."""
    return f"botdelete:{bot}:{ts}"


def key_of_post_event(kind: str, post: PostId, ts: int) -> str:
    """Give the key of a post that was made or deleted."""
    return f"{POST}{kind}:{post}:{ts}"


def key_of_installation(ts: int, access_token: str, *, update: bool) -> str:
    """Give the key of an installation or an update; each brings new tokens."""
    return f"{'update' if update else 'install'}:{ts}:{digest(access_token)}"


def key_of_uninstallation(ts: int) -> str:
    """Give the key of the removal of the application."""
    return f"uninstall:{ts}"


def _short(part: str) -> str:
    return part if len(part) <= SHORT else digest(part)


def digest(part: str) -> str:
    """Give 16 hex digits that stand for a text."""
    return blake2b(part.encode("utf-8", "surrogatepass"), digest_size=DIGEST).hexdigest()


# --- Timers: each has a key on its portal ------------------------------------------------------------------------
#
# The idempotency key of the event that comes of one is TIMER, this key and the time at which it was due.

LATE: Final = "late:"
GREETING: Final = "greeting:"


def timer_of_delay(effect: int) -> str:
    """Give the key of the timer that tells of an effect that is late."""
    return f"{LATE}{effect}"


def timer_of_greeting(dialog: Dialog) -> str:
    """Give the key of the timer that greets in a new private dialog."""
    return f"{GREETING}{dialog}"


def timer_of_quiet_line(dialog: Dialog, day: int) -> str:
    """Give the key of the timer that says the quiet line of a day."""
    return f"{of_quiet_line(dialog)}:{day}"


# --- Idempotency keys of what we tell ourselves -----------------------------------------------------------------


def key_of_end(effect: int) -> str:
    """Give the key of the event that an effect has ended."""
    return f"end:{effect}"


def key_of_check(what: str, now: float) -> str:
    """Give the key of one check of a post or of all chats at a time."""
    return f"check:{what}:{now!r}"


def key_of_repeatable(ordering_key: str, now: float) -> str:
    """Give the key of an event that is never a repeat, but of what came at the very same time."""
    return f"{ordering_key}:{now!r}"


def key_of_effect(portal: PortalId, start: str, event: int, place: int) -> str:
    """Give the key of an effect: the event that asked for it, in which run of the database, and its place there."""
    return f"{portal}:{start}:{event}:{place}"
