"""The exit codes of the process, in one table for the code, the documentation and the tests."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """An exit code of the process."""

    OK = 0
    FAILED = 1
    MISCONFIGURED = 2

    @property
    def meaning(self) -> str:
        """Return the sentence that says what the code means."""
        return _MEANINGS[self]


OK, FAILED, MISCONFIGURED = ExitCode
_MEANINGS = {
    OK: "It was stopped (SIGTERM, Ctrl+C); what it accepted is stored.",
    FAILED: "An error ended it; the log says which. Starting it again may help.",
    MISCONFIGURED: "A setting or the command line is wrong, or an address, database or key cannot be used as set; the"
    " message names it. Starting it again does not help.",
}
