"""What can go wrong inside the portal.

RestError    a method refuses; .code .text .status become the answer
Refused      a deed was refused deeper down; where a method raised, it replaces the method's own code (behaviour 9.3)
"""


class Refused(Exception):
    """A deed the portal does not allow, with the code and text of the application exception."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class RestError(Exception):
    """A refused REST call: the code, the text and the HTTP status of the answer; `argument` names what was wrong."""

    def __init__(
        self, code: str, text: str, status: int = 400, *, because: Refused | None = None, argument: str = ""
    ) -> None:
        super().__init__(text)
        self.code = code if because is None else because.code or "ERROR_CORE"
        self.text = text if because is None else because.text
        self.status = status
        self.argument = argument


class ControlError(Exception):
    """A request of the control side that makes no sense, as a sentence."""
