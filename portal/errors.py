"""Errors of the emulator.

RestError: a method refuses a call; its code, text and status become the answer.
Refused: a rule refuses an action. A method passes it to a RestError as `because`, and then the answer has its code
(behaviour 9.3).
ControlError: a request to the control API, or a setting of the emulator, is invalid.
"""


class Refused(Exception):
    """An action that the rules refuse, with the code and text that Bitrix24 gives."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class RestError(Exception):
    """A refused REST call: code, text and HTTP status of the answer.

    `argument` is the name of the wrong argument, or empty.
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
