"""Everything that can go wrong, and how it is judged: one tree, one table.

::

    BotError
      ConfigError              which key, which line, what is allowed
      BadEvent                 not what a portal sends                          -> 400
        NotOurs                application_token or portal unknown              -> 403, no detail
      PortalError              the portal answered with an error; .code .text .method .status
        TooFast                too many requests; try again a little later
        MethodBlocked          this method is over its operating time; .until
        TokenExpired           the access token ran out; refresh it and call again
        TokenRefused           the authorization server or the portal does not know the token any more
          ApplicationRefused   the authorization server refuses our application, whosever token it is
        TooBig                 a message, keyboard, attach or menu is over the limit
        Gone                   what the call names is not there, or is not there for this user
        Broken                 the portal's own internal error; it may have done what was asked
        Refused                any other refusal; calling again would not help
      PortalDown               no answer, 5xx, HTML, broken JSON; .outcome_unknown says whether the call may have worked
        AuthorizationDown      the same of the authorization server; the call for which a token was wanted was not made
      StoreError               the database; .passing; __cause__ holds the driver's own error
        Overtaken              another event decided about the same thing meanwhile; decide again
    UserMistake                shown to the user in their language; never logged as an error

Every error carries its judgement. `judge` gives it, also for an error that is none of ours; worker, sender and all
other loops decide by it.

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
Refused, Gone           no         always         no             no          person
TooBig                  no         always         no             no          us
StoreError, passing     yes        never          no             yes         operator
StoreError, other       yes        always         no             no          us
Overtaken               now        never          no             no          nobody
ConfigError             no         always         no             no          operator
BadEvent, NotOurs       no         always         no             no          client
any other exception     no         always         no             no          us
======================  =========  =============  =============  ==========  ========

An attempt that does not count is repeated for a day (bot/retry.py); what counts, a set number of times. Where the table
says no to a retry, the sender gives up at once. The worker tries again even then: it has only read so far, and an event
comes once. In a dialog it tries twice what is no fault of the portal or the operator: everything said there waits.
An AuthorizationDown that is about a person's token pauses nothing: the portal itself answers everybody else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class Retry(Enum):
    """Whether the same request may work later."""

    YES = "yes"
    NOW = "at once: nothing failed, another event came first"
    NO = "no"
    INSTALLER = "only with the installer's token: a person's next event brings a new one"


class Counts(Enum):
    """When a failed attempt counts against what was tried."""

    ALWAYS = "always"
    NEVER = "never"
    AWAITED = "while people wait for it, or for what stands behind it"

    def applies(self, *, awaited: bool) -> bool:
        """Whether an attempt counts; `awaited`: people wait for what was tried, or for what stands behind it."""
        return self is Counts.ALWAYS or (self is Counts.AWAITED and awaited)


class Fault(Enum):
    """Whose fault an error is, and so who is told."""

    PORTAL = "the portal is waited for; a person hears of it when we give up"
    PERSON = "the person who asked, in their dialog"
    US = "the log, with a traceback; a person who waits gets an apology"
    OPERATOR = "the log, in one line"
    NOBODY = "nobody's: the log, in one line"
    CLIENT = "whoever sent the request, by its status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What follows from an error. `pauses_portal`: nothing is sent to that portal for a while."""

    retry: Retry = Retry.NO
    counts: Counts = Counts.ALWAYS
    outcome_unknown: bool = False
    pauses_portal: bool = False
    fault: Fault = Fault.US

    @property
    def passes(self) -> bool:
        """Whether the error goes away by itself: the same works later, however often it has failed."""
        return self.counts is Counts.NEVER

    def retries(self, *, as_installer: bool) -> bool:
        """Whether a request that went out with the installer's token, or a person's, may work later."""
        return self.retry in (Retry.YES, Retry.NOW) or (self.retry is Retry.INSTALLER and as_installer)


_UNANSWERED = Judgement(retry=Retry.YES, counts=Counts.NEVER, pauses_portal=True, fault=Fault.PORTAL)
_STORE_BUSY = Judgement(retry=Retry.YES, counts=Counts.NEVER, pauses_portal=True, fault=Fault.OPERATOR)
_STORE_FAULT = Judgement(retry=Retry.YES)
_AGAIN = Judgement(retry=Retry.NOW, counts=Counts.NEVER, fault=Fault.NOBODY)


class BotError(Exception):
    """The root of our errors; `code` and `text` are the portal's words, where it was the portal that spoke."""

    judgement: Judgement = Judgement()
    code: str = ""
    text: str = ""


class ConfigError(BotError):
    """A setting is wrong; the sentence names the key, its place and what is allowed."""

    judgement = Judgement(fault=Fault.OPERATOR)


class BadEvent(BotError):
    """What came in is not what a portal sends; the sentence is safe to return."""

    judgement = Judgement(fault=Fault.CLIENT)


class NotOurs(BadEvent):
    """Nobody we know sent this; the sender is told nothing more."""


class PortalError(BotError):
    """The portal answered a call with an error of its own (reference: section 9.4, system errors)."""

    def __init__(self, code: str, text: str = "", *, method: str = "", status: int = 400) -> None:
        super().__init__(f"{method or 'the portal'} answered {code or 'an error without a code'}: {text or 'no text'}")
        self.code = code
        self.text = text
        self.method = method
        self.status = status


class TooFast(PortalError):
    """503 QUERY_LIMIT_EXCEEDED or OVERLOAD_LIMIT: the bucket is full; nothing was done."""

    judgement = Judgement(retry=Retry.YES, counts=Counts.NEVER, fault=Fault.PORTAL)


class MethodBlocked(PortalError):
    """429 OPERATION_TIME_LIMIT: only this method waits, until `until` (unix seconds; None where not told)."""

    judgement = Judgement(retry=Retry.YES, counts=Counts.NEVER, fault=Fault.PORTAL)
    until: float | None = None


class TokenExpired(PortalError):
    """401 expired_token: refresh once, then call again."""

    judgement = Judgement(retry=Retry.YES, fault=Fault.PORTAL)


class TokenRefused(PortalError):
    """401 with any other code, or a refused refresh: somebody has to connect again."""

    judgement = Judgement(retry=Retry.INSTALLER, fault=Fault.PERSON)


class ApplicationRefused(TokenRefused):
    """invalid_client, NOT_INSTALLED and the like: no token can be refreshed until somebody mends that."""

    judgement = Judgement(retry=Retry.YES, fault=Fault.OPERATOR)


class NoBotToken(TokenRefused):
    """No token that we know lets the bot speak on this portal; the next event may bring one."""

    judgement = Judgement(retry=Retry.YES, counts=Counts.NEVER, fault=Fault.OPERATOR)


class BotTokenReplaced(BotError):
    """The bot reads with the rights of another user since this began; it is to be run again."""

    judgement = _AGAIN


class TooBig(PortalError):
    """ATTACH_OVERSIZE and its kin: we measured wrongly, or the portal is stricter than its table."""


class Gone(PortalError):
    """The chat, message, post or bot is not there (any more), or not for this user."""

    judgement = Judgement(fault=Fault.PERSON)


class Broken(PortalError):
    """500 INTERNAL_SERVER_ERROR, ERROR_UNEXPECTED_ANSWER: try again, and look first where a repeat would show."""

    judgement = Judgement(retry=Retry.YES, counts=Counts.AWAITED, outcome_unknown=True, fault=Fault.PORTAL)


class Refused(PortalError):
    """A refusal that would come again."""

    judgement = Judgement(fault=Fault.PERSON)


class PortalDown(BotError):
    """No usable answer. `outcome_unknown` is True when the portal may have done what was asked."""

    judgement = _UNANSWERED

    def __init__(self, text: str, *, outcome_unknown: bool) -> None:
        super().__init__(text)
        self.text = text
        self.outcome_unknown = outcome_unknown
        self.judgement = replace(self.judgement, outcome_unknown=outcome_unknown)


class AuthorizationDown(PortalDown):
    """The authorization server did not decide: a token may be refreshed later."""

    def __init__(self, text: str) -> None:
        super().__init__(f"the authorization server did not decide: {text}", outcome_unknown=False)


class StoreError(BotError):
    """The database did not do what it was asked; `__cause__` has the driver's own error.

    `passing`: it says nothing against what was asked (a full disk, a locked file); the same may work later.
    """

    judgement = _STORE_FAULT

    def __init__(self, text: str, *, passing: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.passing = passing
        self.judgement = _STORE_BUSY if passing else _STORE_FAULT


class Overtaken(StoreError):
    """What a handler decided rests on a state that another event has changed since; it is to be run again."""

    judgement = _AGAIN

    def __init__(self, text: str) -> None:
        super().__init__(text, passing=True)
        self.judgement = _AGAIN


class UserMistake(Exception):
    """Something the user can mend: a locale key and the values its sentence wants."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


_OURS = Judgement()


def judge(error: BaseException) -> Judgement:
    """Say how an error is judged; what is none of our errors is a mistake of ours."""
    return error.judgement if isinstance(error, BotError) else _OURS
