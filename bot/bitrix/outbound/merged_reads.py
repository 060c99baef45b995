"""Several reads of one token in one `batch`: their commands side by side, and the answer taken apart again."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.bitrix.outbound import answers, calls
from bot.bitrix.outbound.calls import MOST_IN_A_BATCH, Params
from bot.errors import BotError, PortalDown, PortalError

Tree = dict[str, Any]

_REFERENCE = re.compile(r"%24(?:result|error|total|next|time)%5B")
"""How a command refers to another one's result (reference: batch), as it is written in a query."""
_MAPS = ("result", "result_error", "result_time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One request that only reads: a method, or a `batch` of them that does not halt."""

    method: str
    params: Params

    @property
    def size(self) -> int:
        """How many commands of a batch it takes."""
        return len(self.params["cmd"]) if self.method == "batch" else 1

    def commands(self, place: int) -> dict[str, str]:
        """Spell its commands with keys of their own; what refers to a result refers to one of the same read."""
        written = self.params["cmd"] if self.method == "batch" else {"": f"{self.method}?{calls.query(self.params)}"}
        return {_key(place, key): _REFERENCE.sub(rf"\g<0>{_key(place)}", one) for key, one in written.items()}

    def answer(self, tree: Tree, place: int) -> Tree | PortalError:
        """Take its answer, or the error of its only command, out of the answer to a batch of several reads."""
        if self.method != "batch":
            [item] = answers.items(tree, [_key(place)], [self.method])
            return item.error or {"result": item.result}
        keys = {_key(place, key): key for key in self.params["cmd"]}
        maps = tree.get("result")
        if not isinstance(maps, dict):
            raise PortalDown("batch: an answer without results", outcome_unknown=False)
        return {"result": {name: _renamed(maps.get(name), keys) for name in _MAPS}}


@dataclass(slots=True)
class WaitingReads:
    """Reads that will be one request; equal ones are asked once. Who waits for one gets its answer or the error."""

    go_along: bool = False
    """Whether they go with a request that writes."""
    _reads: list[tuple[Read, asyncio.Future[Tree | PortalError]]] = field(default_factory=list)

    @property
    def together(self) -> bool:
        """Whether the request is about more than one read, so that an error of it says nothing of each."""
        return self.go_along or len(self._unique()) > 1

    @property
    def size(self) -> int:
        """How many commands of a batch they take."""
        return sum(read.size for read in self._unique())

    def has_room(self, read: Read) -> bool:
        """Tell whether one more read fits into the same batch."""
        return read in self._unique() or self.size + read.size <= MOST_IN_A_BATCH

    def add(self, read: Read) -> asyncio.Future[Tree | PortalError]:
        """Add a read; gives what its answer will be set on."""
        answer = asyncio.get_running_loop().create_future()
        self._reads.append((read, answer))
        return answer

    def request(self) -> Read:
        """Give the request to send: a read that is alone goes out as it is."""
        reads = self._unique()
        return reads[0] if len(reads) == 1 else Read(method="batch", params={"cmd": self.commands(), "halt": 0})

    def commands(self) -> dict[str, str]:
        """Spell the commands of all."""
        return {key: one for place, read in enumerate(self._unique()) for key, one in read.commands(place).items()}

    def answer(self, tree: Tree, *, as_batch: bool) -> None:
        """Give each read its part of the answer; all of it to one that was alone (not `as_batch`)."""
        reads = self._unique()
        for read, waiting in self._reads:
            if not waiting.done():
                waiting.set_result(read.answer(tree, reads.index(read)) if as_batch else tree)

    @contextlib.contextmanager
    def being_answered(self) -> Iterator[None]:
        """Leave nobody waiting, whatever happens to the request meanwhile."""
        try:
            yield
        except BotError as exc:
            self.fail(exc)
            raise
        finally:
            self.fail(PortalDown("the request was given up", outcome_unknown=False))

    def fail(self, error: BotError) -> None:
        """Tell everybody who still waits that there is no answer."""
        for _, waiting in self._reads:
            if not waiting.done():
                waiting.set_exception(error)
                waiting.exception()  # who was cancelled meanwhile does not ask for it

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
