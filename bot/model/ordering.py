"""Makes every ordering key, token owner and idempotency key; no other module writes one, SQL gets them as parameters.

::

    ordering key of an event        of an effect                    handled or sent in order
      dialog:chat42                   dialog:chat42                   messages of a dialog
      post:217                        post:217                        changes of a post
      application:<digest>                                            installations that name one portal
      portal                                                          changes of a whole portal
      quiet:chat42                                                    the quiet line of a chat
      check                                                           the checks of chats
      timer:again                                                     a timer that waits for no other event
                                      action:27:chat42                the actions of one person in a dialog
                                      card:217:chat42                 the edits of one card
                                      setup, setup:find               the registrations of an installation
                                      notice:27                       the notifications of one person

    token owner
      install                  the user who installed the application; the bot's own messages use this token
      user:27                  a person, for their own actions and reads
      bot:90                   the bot's own user, which reads the dialogs of the bot
      acting                   the installer, for actions in the name of somebody else
      spare                    a user whom their event did not name, where no other token lets the bot speak
      pending:<digest>         the tokens of an installation that is not handled yet

The idempotency key of an event is unique on its portal; that of an effect is unique everywhere.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

from bot.model import effects
from bot.model.effects import Effect
from bot.model.events import BotId, Commanded, Dialog, From, PortalId, PostId, UserId

# --- Ordering keys ---------------------------------------------------------------------------------------------

DIALOG: Final = "dialog:"
POST: Final = "post:"
APPLICATION: Final = "application:"
QUIET: Final = "quiet:"
TIMER: Final = "timer:"
USER_ACTION: Final = "action:"
CARD: Final = "card:"
"""Beginnings of ordering keys; each has many queues."""
PORTAL: Final = "portal"
CHECK: Final = "check"
SETUP: Final = "setup"
NOTICE: Final = "notice:"
"""Ordering keys with one queue each; of `setup`, each command and event binding also has a queue of its own."""


def of_dialog(dialog: Dialog) -> str:
    """Return the ordering key of the messages of a dialog."""
    return f"{DIALOG}{dialog}"


def of_post(post: PostId | int) -> str:
    """Return the ordering key of the changes of a post."""
    return f"{POST}{post}"


def of_quiet_line(dialog: Dialog) -> str:
    """Return the ordering key of the quiet line of a chat."""
    return f"{QUIET}{dialog}"


def of_timer(key: str) -> str:
    """Return the ordering key of the event of a timer that waits for no other event; `key` is the timer's key."""
    return f"{TIMER}{key}"


def of_application(portal: PortalId, endpoint: str, auth_endpoint: str) -> str:
    """Return the ordering key of installations, updates and removals that name this portal and these addresses.

    Events with other addresses have another key, because anybody can claim to be a portal.
    """
    return APPLICATION + digest(repr((portal, endpoint, auth_endpoint)))


def of_effect(effect: Effect) -> str:
    """Return the ordering key of an effect.

    Changes of one post are sent in order, whichever dialog they come from. The other actions of a person in a dialog
    have their own key, so that the bot still answers in that dialog while the portal delays an action. The edits of a
    card have their own key too, because no other effect concerns that message. The registrations of an installation do
    not wait for each other, so that a refused command delays no other.
    """
    if isinstance(effect, effects.EditCard | effects.DeleteCard):
        return f"{CARD}{effect.post}:{effect.dialog}"
    if isinstance(effect, effects.ChangePost | effects.DeletePost):
        return of_post(effect.post)
    if isinstance(effect, effects.ByUser):
        return f"{USER_ACTION}{effect.user}:{effect.dialog}"
    if isinstance(effect, effects.DialogEvent):
        return of_dialog(effect.dialog)
    if isinstance(effect, effects.Notify):
        return f"{NOTICE}{effect.user}"
    if isinstance(effect, effects.RegisterCommand):
        return f"{SETUP}:{effect.name}"
    return f"{SETUP}:{effect.event}" if isinstance(effect, effects.BindEvent) else SETUP


def of_result(effect: Effect, result: Any) -> str:
    """Return the ordering key of the event that reports the outcome of an effect.

    `result` is the result in the portal's answer. The outcome of a card, a publication or a deletion has the key of its
    post, so that no later event of the post is handled first.
    """
    if isinstance(effect, effects.ShowCard | effects.EditCard | effects.DeleteCard | effects.DeletePost):
        return of_post(effect.post)
    if isinstance(effect, effects.Publish) and isinstance(result, int):
        return of_post(result)
    return of_dialog(effect.dialog) if isinstance(effect, effects.DialogEvent) else of_effect(effect)


# --- Token owners ----------------------------------------------------------------------------------------------

INSTALL: Final = "install"
USER: Final = "user:"
OWN: Final = "bot:"
ACTING: Final = "acting"
SPARE: Final = "spare"
PENDING: Final = "pending:"


def owner_user(user: UserId) -> str:
    """Return the token owner for the tokens of a person."""
    return f"{USER}{user}"


def chooser(*, user: UserId | None = None, dialog: Dialog | None = None) -> str:
    """Return the key under which a choice of a person or of a chat is stored."""
    return owner_user(user) if user is not None else of_dialog(dialog or Dialog(""))


def owner_own(bot: BotId) -> str:
    """Return the token owner for the tokens of the bot's own user."""
    return f"{OWN}{bot}"


def owner_pending(refresh_token: str) -> str:
    """Return the token owner for the tokens of an installation that is not handled yet."""
    return PENDING + digest(refresh_token)


def owner_of_bot(speaker: UserId | None) -> str:
    """Return the token owner with whose token the bot speaks; `speaker` None: the installer."""
    return INSTALL if speaker is None else owner_user(speaker)


def stored_owner(token_owner: str, speaker: UserId | None) -> str:
    """Return the owner under which a token is stored: for INSTALL the one with whose token the bot speaks.

    For ACTING it is always the installer: nobody else has allowed that their access is used for other people, and with
    a token that is no administrator's, a post would appear under the name of its user.
    """
    if token_owner == ACTING:
        return INSTALL
    return owner_of_bot(speaker) if token_owner == INSTALL else token_owner


def owner_of(effect: Effect) -> str:
    """Return the token owner whose token an effect is sent with."""
    if not isinstance(effect, effects.ByUser):
        return INSTALL
    return ACTING if effect.acting else owner_user(effect.user)


# --- Effects that need a search before a retry -----------------------------------------------------------------

LOOKED_FOR: Final = (
    effects.Publish, effects.CrmComment, effects.ChangePost, effects.DeletePost, effects.CommentOnPost,
)  # fmt: skip
"""Effects that the portal accepts without an idempotency key, and whose results can be read from it."""

BOT_MESSAGES: Final = (effects.Say, effects.ShowCard, effects.ShowDraft)
"""Effects that send a new message of the bot; where the portal drops no repeat, it is looked for in its dialog."""

# --- Idempotency keys of a portal's events: it may send one twice (reference: D1) -------------------------------

SHORT: Final = 64
"""The longest part of a key; a longer one is replaced by its digest, so that a key has under 200 characters."""
DIGEST: Final = 8
"""The bytes of a digest (16 hex digits); few, because only the parts within one message must differ."""


def key_of_message(message: int, text: str) -> str:
    """Return the idempotency key of a message with this text; the same message after an edit has another key.

    For `/name rest` it is the key of that typed command, because the portal may send an event for both.
    """
    name, _, rest = text.partition("\n")[0].strip().partition(" ")
    return key_of_typed(message, name[1:], rest) if name[:1] == "/" and name != "/" else f"msg:{message}:{digest(text)}"


def key_of_typed(message: int, name: str, params: str) -> str:
    """Return the idempotency key of a typed command.

    It contains no time, because the events of the command and of its message have different times.
    """
    return f"cmd:{message}:{_short(name)}:{_short(params.strip())}"


def key_of_command(event: Commanded) -> str:
    """Return the idempotency key of a command.

    For a pressed button it contains the time, because a button can be pressed again.
    """
    if event.source is From.TYPED:
        return key_of_typed(event.message, event.name, event.params)
    return f"press:{event.message}:{event.command}:{event.author.id}:{_short(event.params)}:{event.ts}"


def key_of_joining(dialog: Dialog, bot: int, ts: int) -> str:
    """Return the idempotency key of the event that the bot joined a dialog."""
    return f"join:{dialog}:{bot}:{ts}"


def key_of_bot_removal(bot: int, ts: int) -> str:
    """Return the idempotency key of the event that the bot was deleted."""
    return f"botdelete:{bot}:{ts}"


def key_of_post_event(kind: str, post: PostId, ts: int) -> str:
    """Return the idempotency key of an event of a post; `kind` is a word for the kind of event."""
    return f"{POST}{kind}:{post}:{ts}"


def key_of_installation(ts: int, access_token: str, *, update: bool) -> str:
    """Return the idempotency key of an installation or an update; it contains a digest of the new access token."""
    return f"{'update' if update else 'install'}:{ts}:{digest(access_token)}"


def key_of_uninstallation(ts: int) -> str:
    """Return the idempotency key of the event that the application was removed."""
    return f"uninstall:{ts}"


def _short(part: str) -> str:
    return part if len(part) <= SHORT else digest(part)


def digest(part: str) -> str:
    """Return a digest of a text: 16 hex digits."""
    return blake2b(part.encode("utf-8", "surrogatepass"), digest_size=DIGEST).hexdigest()


# --- Timers: each has a key on its portal ------------------------------------------------------------------------
#
# The idempotency key of the timer's event contains TIMER, this key and the time when it was due.

LATE: Final = "late:"
GREETING: Final = "greeting:"
DRAFT: Final = "draft:"
SCHEDULED: Final = "scheduled:"
APPROVAL: Final = "approval:"


def timer_of_delay(effect: int) -> str:
    """Return the key of the timer for the delay notice of an effect; `effect` is its id in the outbox."""
    return f"{LATE}{effect}"


def timer_of_card(post: PostId, dialog: Dialog) -> str:
    """Return the key of the timer that sends a refused card again."""
    return f"{CARD}{post}:{dialog}"


def timer_of_greeting(dialog: Dialog) -> str:
    """Return the key of the timer that greets in a new private dialog."""
    return f"{GREETING}{dialog}"


def timer_of_draft(dialog: Dialog, user: UserId) -> str:
    """Return the key of the timer that ends a person's draft in a dialog."""
    return f"{DRAFT}{dialog}:{user}"


def timer_of_scheduled(user: UserId, number: int) -> str:
    """Return the key of the timer of a scheduled post."""
    return f"{SCHEDULED}{user}:{number}"


def timer_of_approval(number: int) -> str:
    """Return the key of the timer that ends a request for an approval."""
    return f"{APPROVAL}{number}"


def timer_of_quiet_line(dialog: Dialog, day: int) -> str:
    """Return the key of the timer that sends the quiet line of a day (a number like 20261128) to a chat."""
    return f"{of_quiet_line(dialog)}:{day}"


# --- Idempotency keys of our own events -------------------------------------------------------------------------

END: Final = "end:"
"""The beginning of the idempotency key of a report."""


def key_of_end(effect: int) -> str:
    """Return the idempotency key of the event that reports the outcome of an effect (given by its id in the outbox)."""
    return f"{END}{effect}"


def key_of_check(what: str, now: float) -> str:
    """Return the idempotency key of the event that starts a check at `now`; `what` is a post, or all chats."""
    return f"check:{what}:{now!r}"


def key_of_bot_token(now: float) -> str:
    """Return the idempotency key of the event that the bot speaks with another token since `now`."""
    return f"bot token:{now!r}"


def key_of_repeatable(ordering_key: str, now: float) -> str:
    """Return the idempotency key of an event that may repeat.

    Only another event of the same moment and with the same ordering key is a duplicate.
    """
    return f"{ordering_key}:{now!r}"


def key_of_effect(portal: PortalId, start: str, event: int, place: int) -> str:
    """Return the idempotency key of an effect, which is unique over all portals.

    It consists of the portal, the random text of the database's start, the id of the event that caused the effect, and
    the place among the effects of that event.
    """
    return f"{portal}:{start}:{event}:{place}"
