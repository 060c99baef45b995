"""All errors of the service, and the judgement of each one.

::

    BotError
      ConfigError              a setting is wrong: its key, its place and the allowed values
      BadEvent                 a request that no portal sends                   -> 400
        NotOurs                unknown application_token or portal              -> 403, no detail
      PortalError              the portal answered with an error; .code .text .method .status
        TooFast                too many requests; try again a little later
        MethodBlocked          this method is over its operating time limit; .until
        TokenExpired           the access token has expired; refresh it and call again
        TokenRefused           the authorization server or the portal does not accept the token any more
          ApplicationRefused   the authorization server refuses our application, for every token
            ApplicationUnset   app.client_id or app.client_secret is not set
        TooBig                 a message, keyboard, attach or menu is over the limit
        Gone                   the object of the call does not exist, or this user may not see it
        Broken                 an internal error of the portal; it may have executed the call
        Refused                any other refusal; a retry would not help
      PortalDown               no answer, 5xx, HTML, broken JSON; .outcome_unknown says whether the call may have worked
        AuthorizationDown      the same for the authorization server; the call that needed the token was not made
      StoreError               an error of the database; .passing; __cause__ holds the driver's own error
        Overtaken              another event changed the same card meanwhile; run the handler again
    UserMistake                shown to the user in their language; never logged as an error

Every error class has a judgement. `judge` returns it, also for errors that are not in this tree. The worker, the sender
and all other loops decide by it.

======================  =========  =============  =============  ==========  ========
error                   retry      attempt        write may      portal is   fault of
                                   counts         have happened  paused
======================  =========  =============  =============  ==========  ========
TooFast, MethodBlocked  yes        never          no             no          portal
PortalDown              yes        never          if it says so  yes         portal
AuthorizationDown       yes        never          no             yes         portal
Broken                  yes        while awaited  yes            no          portal
TokenExpired            yes        always         no             no          portal
TokenRefused            installer  always         no             no          person
NoBotToken              yes        never          no             no          operator
BotTokenReplaced        now        never          no             no          nobody
ApplicationRefused      yes        always         no             no          operator
ApplicationUnset        yes        always         no             no          operator
Refused, Gone           no         always         no             no          person
TooBig                  no         always         no             no          us
StoreError, passing     yes        never          no             yes         operator
StoreError, other       yes        always         no             no          us
Overtaken               now        never          no             no          nobody
ConfigError             no         always         no             no          operator
BadEvent, NotOurs       no         always         no             no          client
any other exception     no         always         no             no          us
======================  =========  =============  =============  ==========  ========

If an attempt does not count, it is repeated for a day (bot/retry.py); if it counts, a limited number of times. Where
the table says no to a retry, the sender gives up at once. The worker retries even then, because it has only read so
far and Bitrix24 sends an event only once. In a dialog the worker makes at most two attempts if the error is no fault
of the portal or the operator, because all later events of that dialog wait. An AuthorizationDown for the token of a
person does not pause the portal: the portal itself still answers for everybody else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

POST_OVERTAKEN = "POST_OVERTAKEN"
"""Our own error code: the outcome of a change is unknown, and somebody else has changed the post since."""
FILES_TOO_BIG = "FILES_TOO_BIG"
"""Our own error code: the files of a text for the CRM are together larger than we send."""
FILE_UNREADABLE = "FILE_UNREADABLE"
"""Our own error code: a file on the Drive cannot be read with the token of the person who sent it."""
NO_DRIVE = "NO_DRIVE"
"""Our own error code: the application has no permission to read files of the Drive."""
CLOSED_TO_USER = "user_access_error"
"""The code of the error that an administrator has not opened the application to this person."""
LATE_ANSWER = "COMMAND_ANSWER_FAILED"
"""The code of a refused answer to a command: the command is older than ten minutes, or its message is deleted.

Reference: imbot.v2.Command.answer. Portals also say true and write nothing, so the sender does not ask them then.
"""

_NO_CRM_FEED = "livefeed is no longer supported"


def says_no_crm_feed(code: str, text: str) -> bool:
    """Check whether an error means that a portal has no CRM feed; its code is empty (crm.livefeedmessage.add)."""
    return _NO_CRM_FEED in text.casefold() or code == "ERROR_METHOD_NOT_FOUND"


class Retry(Enum):
    """Says whether the same request may work if it is repeated."""

    YES = "yes"
    NOW = "at once: nothing failed, another event was handled first"
    NO = "no"
    INSTALLER = "only with the installer's token; the next event of a person brings a new token for them"


class Counts(Enum):
    """Says when a failed attempt counts towards the maximum number of attempts."""

    ALWAYS = "always"
    NEVER = "never"
    AWAITED = "while people wait for it, or for the items behind it in its queue"

    def applies(self, *, awaited: bool) -> bool:
        """Check whether a failed attempt counts.

        `awaited`: people wait for the item, or for the items behind it in its queue.
        """
        return self is Counts.ALWAYS or (self is Counts.AWAITED and awaited)


class Fault(Enum):
    """Says whose fault an error is; this decides who is notified."""

    PORTAL = "the service waits for the portal and notifies the person when it gives up"
    PERSON = "the service answers the person in their dialog"
    US = "the service logs a traceback; a person who waits gets an apology"
    OPERATOR = "the service logs one line"
    NOBODY = "the service logs one line; it is nobody's fault"
    CLIENT = "the client gets the HTTP status of the response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Says what the service does after an error.

    `outcome_unknown`: the write may have happened. `pauses_portal`: nothing is sent to the portal for a while.
    """

    retry: Retry = Retry.NO
    counts: Counts = Counts.ALWAYS
    outcome_unknown: bool = False
    pauses_portal: bool = False
    fault: Fault = Fault.US

    @property
    def passes(self) -> bool:
        """Check whether the error passes by itself, so that the number of attempts does not matter."""
        return self.counts is Counts.NEVER

    def retries(self, *, as_installer: bool) -> bool:
        """Check whether a retry may work; `as_installer`: the request was sent with the installer's token."""
        return self.retry in (Retry.YES, Retry.NOW) or (self.retry is Retry.INSTALLER and as_installer)


_UNANSWERED = Judgement(retry=Retry.YES, counts=Counts.NEVER, pauses_portal=True, fault=Fault.PORTAL)
_STORE_BUSY = Judgement(retry=Retry.YES, counts=Counts.NEVER, pauses_portal=True, fault=Fault.OPERATOR)
_STORE_FAULT = Judgement(retry=Retry.YES)
_AGAIN = Judgement(retry=Retry.NOW, counts=Counts.NEVER, fault=Fault.NOBODY)


class BotError(Exception):
    """The base class of the service's errors; `code` and `text` come from the portal, or are empty."""

    judgement: Judgement = Judgement()
    code: str = ""
    text: str = ""


class ConfigError(BotError):
    """A setting is wrong, or a file that it names; the message names the setting, its place and what is allowed."""

    judgement = Judgement(fault=Fault.OPERATOR)


class BadEvent(BotError):
    """An incoming request is not valid; the message of the error may be returned to the client."""

    judgement = Judgement(fault=Fault.CLIENT)


class NotOurs(BadEvent):
    """An incoming request is not authentic; the client gets no details."""


class PortalError(BotError):
    """The portal answered a call with an error (reference: section 9.4, system errors)."""

    def __init__(self, code: str, text: str = "", *, method: str = "", status: int = 400) -> None:
        super().__init__(f"{method or 'the portal'} answered {code or 'an error without a code'}: {text or 'no text'}")
        self.code = code
        self.text = text
        self.method = method
        self.status = status


class TooFast(PortalError):
    """503 QUERY_LIMIT_EXCEEDED or OVERLOAD_LIMIT: the leaky bucket is full; the call was not executed."""

    judgement = Judgement(retry=Retry.YES, counts=Counts.NEVER, fault=Fault.PORTAL)


class MethodBlocked(PortalError):
    """429 OPERATION_TIME_LIMIT: this method is blocked until `until` (unix seconds; None: the portal gave no time)."""

    judgement = Judgement(retry=Retry.YES, counts=Counts.NEVER, fault=Fault.PORTAL)
    until: float | None = None


class TokenExpired(PortalError):
    """401 expired_token: the token must be refreshed before the next call."""

    judgement = Judgement(retry=Retry.YES, fault=Fault.PORTAL)


class TokenRefused(PortalError):
    """401 with another code than expired_token, or a refused refresh: the user has to connect again."""

    judgement = Judgement(retry=Retry.INSTALLER, fault=Fault.PERSON)


class ApplicationRefused(TokenRefused):
    """invalid_client, NOT_INSTALLED and similar: no token can be refreshed until the operator solves the problem."""

    judgement = Judgement(retry=Retry.YES, fault=Fault.OPERATOR)


class ApplicationUnset(ApplicationRefused):
    """`app.client_id` or `app.client_secret` is not set, so the authorization server was not asked."""

    def __init__(self, missing: str) -> None:
        super().__init__("invalid_client", f"not set: {missing}", method="oauth/token", status=401)


class NoBotToken(TokenRefused):
    """No token that we know lets the bot speak on this portal; the next event may bring one."""

    judgement = Judgement(retry=Retry.YES, counts=Counts.NEVER, fault=Fault.OPERATOR)


class BotTokenReplaced(BotError):
    """The bot reads with the token of another user since the handlers began to run; they must run again."""

    judgement = _AGAIN


class TooBig(PortalError):
    """ATTACH_OVERSIZE and similar: our measure of a message is wrong, or the portal is stricter than documented."""


class Gone(PortalError):
    """The chat, message, post or bot does not exist (any more), or this user may not see it."""

    judgement = Judgement(fault=Fault.PERSON)


class Broken(PortalError):
    """500 INTERNAL_SERVER_ERROR, ERROR_UNEXPECTED_ANSWER: the portal may have executed the call.

    The call is retried. Where users would see a second write, the result of the first one is searched for before.
    """

    judgement = Judgement(retry=Retry.YES, counts=Counts.AWAITED, outcome_unknown=True, fault=Fault.PORTAL)


class Refused(PortalError):
    """The portal refused the call; a retry would be refused too."""

    judgement = Judgement(fault=Fault.PERSON)


class PortalDown(BotError):
    """The portal gave no usable answer; `outcome_unknown`: it may have executed the call."""

    judgement = _UNANSWERED

    def __init__(self, text: str, *, outcome_unknown: bool) -> None:
        super().__init__(text)
        self.text = text
        self.outcome_unknown = outcome_unknown
        self.judgement = replace(self.judgement, outcome_unknown=outcome_unknown)


class AuthorizationDown(PortalDown):
    """The authorization server gave no usable answer; the token can be refreshed later."""

    def __init__(self, text: str) -> None:
        super().__init__(f"the authorization server did not decide: {text}", outcome_unknown=False)


class StoreError(BotError):
    """The database refused a read or a write; `__cause__` is the driver's own error.

    `passing`: the cause is not the request itself (but a full disk or a locked file), so the same request may work
    later.
    """

    judgement = _STORE_FAULT

    def __init__(self, text: str, *, passing: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.passing = passing
        self.judgement = _STORE_BUSY if passing else _STORE_FAULT


class Overtaken(StoreError):
    """Another event changed a row after the handler had read it; the handler must run again."""

    judgement = _AGAIN

    def __init__(self, text: str) -> None:
        super().__init__(text, passing=True)
        self.judgement = _AGAIN


class UserMistake(Exception):
    """A mistake that the user can correct: the key of a sentence, and the values for the sentence's placeholders."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


_OURS = Judgement()


def judge(error: BaseException) -> Judgement:
    """Return the judgement of an error; any error that is not a BotError is judged as a defect of the service."""
    return error.judgement if isinstance(error, BotError) else _OURS
