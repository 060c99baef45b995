"""Everything that can go wrong, drawn first.

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
      PortalDown               no answer, 5xx, HTML, broken JSON; .unsure says whether the call may have worked
        AuthorizationDown      the same of the authorization server; the call for which a token was wanted was not made
      StoreError               the database; __cause__ holds the driver's own error
        Overtaken              another event decided about the same thing meanwhile; decide again
    UserMistake                shown to the user in their language; never logged as an error
"""

from __future__ import annotations


class BotError(Exception):
    """The root of our errors."""


class ConfigError(BotError):
    """A setting is wrong; the sentence names the key, its place and what is allowed."""


class BadEvent(BotError):
    """What came in is not what a portal sends; the sentence is safe to return."""


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


class MethodBlocked(PortalError):
    """429 OPERATION_TIME_LIMIT: only this method waits, until `until` (unix seconds; None where not told)."""

    until: float | None = None


class TokenExpired(PortalError):
    """401 expired_token: refresh once, then call again."""


class TokenRefused(PortalError):
    """401 with any other code, or a refused refresh: somebody has to connect again."""


class ApplicationRefused(TokenRefused):
    """invalid_client, NOT_INSTALLED and the like: no token can be refreshed until somebody mends that."""


class TooBig(PortalError):
    """ATTACH_OVERSIZE and its kin: we measured wrongly, or the portal is stricter than its table."""


class Gone(PortalError):
    """The chat, message, post or bot is not there (any more), or not for this user."""


class Broken(PortalError):
    """500 INTERNAL_SERVER_ERROR, ERROR_UNEXPECTED_ANSWER: try again, and look first where a repeat would show."""


class Refused(PortalError):
    """A refusal that would come again."""


class PortalDown(BotError):
    """No usable answer. `unsure` is True when the portal may have done what was asked."""

    def __init__(self, text: str, *, outcome_unknown: bool) -> None:
        super().__init__(text)
        self.outcome_unknown = outcome_unknown


class AuthorizationDown(PortalDown):
    """The authorization server did not decide: a token may be refreshed later."""

    def __init__(self, text: str) -> None:
        super().__init__(f"the authorization server did not decide: {text}", outcome_unknown=False)


class StoreError(BotError):
    """The database did not do what it was asked; `__cause__` has the driver's own error.

    `passing`: it says nothing against what was asked (a full disk, a locked file); the same may work later.
    """

    def __init__(self, text: str, *, passing: bool = False) -> None:
        super().__init__(text)
        self.passing = passing


class Overtaken(StoreError):
    """What a handler decided rests on a state that another event has changed since; it is to be run again."""

    def __init__(self, text: str) -> None:
        super().__init__(text, passing=True)


class UserMistake(Exception):
    """Something the user can mend: a locale key and the values its sentence wants."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values
