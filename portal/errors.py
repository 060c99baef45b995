"""Errors of the emulator.

RestError: a method refuses a call; .code .text .status become the answer.
Refused: a rule refuses an action; a method that passes it on as `because` answers with its code (behaviour 9.3).
ControlError: a request to the control API, or a setting of the emulator, makes no sense.
"""


class Refused(Exception):
    """An action that the rules refuse, with code and text of Bitrix24's exception."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class RestError(Exception):
    """A refused REST call: code, text and HTTP status of the answer.

    `argument` names the wrong argument.
    """

    def __init__(
        self, code: str, text: str, status: int = 400, *, because: Refused | None = None, argument: str = ""
    ) -> None:
        super().__init__(text)
        self.code = code if because is None else because.code or "ERROR_CORE"
        self.text = text if because is None else because.text
        self.status = status
        self.argument = argument


class ControlError(Exception):
    """An invalid request to the control API, explained in one sentence."""
