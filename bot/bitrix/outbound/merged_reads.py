"""Merges several reads with one token into one `batch`, and gives each read its part of the answer."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.bitrix import query_strings
from bot.bitrix.outbound import answers
from bot.bitrix.outbound.calls import MOST_IN_A_BATCH, Params
from bot.errors import BotError, PortalDown, PortalError

Tree = dict[str, Any]

_REFERENCE = re.compile(r"%24(?:result|error|total|next|time)%5B")
"""A reference of a command to the result of another one (reference: batch), as it is written in a query."""
_MAPS = ("result", "result_error", "result_time", "result_next", "result_total")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A request that only reads: one method, or a `batch` without `halt`."""

    method: str
    params: Params

    @property
    def size(self) -> int:
        """Return how many commands of a batch the request needs."""
        return len(self.params["cmd"]) if self.method == "batch" else 1

    def commands(self, place: int) -> dict[str, str]:
        """Return the request as commands of a larger batch, with keys that contain `place`, its number in that batch.

        References to results of the same request are changed to the new keys.
        """
        written = (
            self.params["cmd"] if self.method == "batch" else {"": f"{self.method}?{query_strings.encode(self.params)}"}
        )
        return {_key(place, key): _REFERENCE.sub(rf"\g<0>{_key(place)}", one) for key, one in written.items()}

    def answer(self, tree: Tree, place: int) -> Tree | PortalError:
        """Return this request's part of the answer `tree` to a batch of several reads; `place` as in `commands`.

        If the portal refused the only command of the request, return that error.

        Raises:
            PortalDown: the answer has no results.
        """
        if self.method != "batch":
            [item] = answers.items(tree, [_key(place)], [self.method])
            return item.error or {"result": item.result, "time": tree.get("time")}
        keys = {_key(place, key): key for key in self.params["cmd"]}
        maps = tree.get("result")
        if not isinstance(maps, dict):
            raise PortalDown("batch: an answer without results", outcome_unknown=False)
        return {"result": {name: _renamed(maps.get(name), keys) for name in _MAPS}}


@dataclass(slots=True)
class WaitingReads:
    """Collects reads for one request; equal reads share one command, and each caller gets the answer or the error."""

    go_along: bool = False
    """Whether the reads are sent in a request that also writes."""
    _reads: list[tuple[Read, asyncio.Future[Tree | PortalError]]] = field(default_factory=list)

    @property
    def together(self) -> bool:
        """Check whether the request contains more than one read, so that its error may be caused by another read."""
        return self.go_along or len(self._unique()) > 1

    @property
    def size(self) -> int:
        """Return how many commands of a batch the reads need."""
        return sum(read.size for read in self._unique())

    def has_room(self, read: Read) -> bool:
        """Check whether one more read fits into the batch of these reads."""
        return read in self._unique() or self.size + read.size <= MOST_IN_A_BATCH

    def add(self, read: Read) -> asyncio.Future[Tree | PortalError]:
        """Add a read, and return a future that gets its answer, or the error that the portal gave for it."""
        answer = asyncio.get_running_loop().create_future()
        self._reads.append((read, answer))
        return answer

    def request(self) -> Read:
        """Return the request for all reads; a single read stays as it is."""
        reads = self._unique()
        return reads[0] if len(reads) == 1 else Read(method="batch", params={"cmd": self.commands(), "halt": 0})

    def commands(self) -> dict[str, str]:
        """Return the batch commands of all reads, by their keys."""
        return {key: one for place, read in enumerate(self._unique()) for key, one in read.commands(place).items()}

    def answer(self, tree: Tree, *, as_batch: bool) -> None:
        """Give each read its part of the answer; without `as_batch`, a single read gets the whole answer."""
        reads = self._unique()
        for read, waiting in self._reads:
            if not waiting.done():
                waiting.set_result(read.answer(tree, reads.index(read)) if as_batch else tree)

    @contextlib.contextmanager
    def being_answered(self) -> Iterator[None]:
        """Make the reads that got no answer fail when this context ends, so that no caller waits forever."""
        try:
            yield
        except BotError as exc:
            self.fail(exc)
            raise
        finally:
            self.fail(PortalDown("the request was given up", outcome_unknown=False))

    def fail(self, error: BotError) -> None:
        """Give an error to every caller that still waits."""
        for _, waiting in self._reads:
            if not waiting.done():
                waiting.set_exception(error)
                waiting.exception()  # marks it as read, because the caller may have been cancelled

    def _unique(self) -> Sequence[Read]:
        found: list[Read] = []
        for read, _ in self._reads:
            if read not in found:
                found.append(read)
        return found


def _key(place: int, key: str = "") -> str:
    return f"r{place}{key}"


def _renamed(found: object, keys: dict[str, str]) -> Tree:
    return {keys[key]: value for key, value in found.items() if key in keys} if isinstance(found, dict) else {}
