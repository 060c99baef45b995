"""Building, normal form and measure of 30 KB, against json.dumps of the same data; fitting what is four times too big.

All in one run: json.dumps writes the JSON that a portal would store, with the defaults of the standard library. `build`
makes the values with all their checks, `normal + measure` the size that decides. `rules` is the long way, from the
wire form by the rules for foreign JSON, for comparison. Best of several rounds, in microseconds of this process's own
time; ratios in brackets.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from keyboards import Attach, Command, Keyboard, Link, Message, Rank, attach, fit, normal, size, stored
from keyboards.sizing.json_size import json_size

ROUNDS = 12
FOUR_TIMES = 4
LONG = 10_000


def best(work: Callable[[], object], times: int = 20) -> float:
    """Measure some work in microseconds: the best of several rounds, with the collector off as in timeit."""
    rounds = []
    gc.disable()
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(times):
            work()
        rounds.append(time.process_time() - start)
    gc.enable()
    return min(rounds) / times * 1e6


def keyboard(times: int = 1) -> Keyboard:
    """Make about 30 KB of buttons: commands with parameters and a link in each row; most may be dropped."""
    ranks = (Rank.MUST, Rank.SHOULD, Rank.MAY, Rank.MAY)
    return Keyboard.of(
        [
            Command(f"Опубликовать {row}", "post", f"publish {row}", rank=ranks[row % 4 if row > 9 else 0]),
            Link(f"Открыть {row}", f"https://portal.example/company/{row}/?tab=a&b={row}", rank=Rank.MAY),
        ]
        for row in range(1, 62 * times)
    )


def blocks(times: int = 1) -> Attach:
    """Make about 30 KB of cards: a text, a grid, a link and a line each; texts may be shortened, cards dropped."""
    made: list[attach.Block] = []
    for card in range(66 * times):
        rank = Rank.MUST if card < 9 else (Rank.SHOULD, Rank.MAY, Rank.MAY)[card % 3]
        text = f"[b]Post {card}[/b] and a few words of it, enough to be worth measuring, и по-русски тоже"
        made += (
            attach.Message(text, rank=rank, shorten=40),
            attach.Grid.of([("Author", "Anna"), ("Audience", f"Group {card}")]) if card < 9 else grid(card, rank),
            attach.Link(f"https://portal.example/post/{card}/", "Open the post", rank=Rank.MAY),
            attach.Delimiter(200, "#c6c6c6", rank=Rank.MAY),
        )
    return Attach.of(made)


def grid(card: int, rank: Rank) -> attach.Grid:
    """Make the rows of a card."""
    return attach.Grid(
        (attach.Row("Author", "Anna"), attach.Row("Audience", f"Group {card}", rank=Rank.MAY)), rank=rank
    )


def compare(name: str, build: Callable[[], Keyboard | Attach]) -> None:
    """Print what one thing costs against json.dumps."""
    thing = build()
    kept, wire = stored(thing), thing.wire()
    dumps = best(lambda: json.dumps(kept))
    built, measured = best(build), best(lambda: size(thing))
    whole = best(lambda: size(build()))
    foreign = best(lambda: json_size(normal.attach(wire) if isinstance(wire, dict) else normal.keyboard(wire, 456)))
    print(f"{name:9} {size(thing).bytes:6} bytes   json.dumps {dumps:6.0f}", end="   ")
    print(f"build {built:6.0f}   normal + measure {measured:6.0f}")
    print(f"{'':24} together {whole:6.0f} [{whole / dumps:.1f} x json.dumps, at most 8]   rules {foreign:6.0f}")


def fitting(name: str, message: Message) -> None:
    """Print what fitting costs against measuring the same message once."""
    things = [thing for thing in (message.keyboard, message.attach) if thing]
    measured = best(lambda: [size(thing) for thing in things], 5)
    fitted = best(lambda: fit(message), 5)
    report = fit(message).report
    part = report.parts[name]
    print(f"fit {name:8} {part.before.bytes} -> {part.after.bytes} bytes, {len(report.given_up)} given up", end="   ")
    print(f"measure {measured:6.0f}   fit {fitted:6.0f} [{fitted / measured:.1f} x one measure, at most 5]")


def memory() -> None:
    """Print how the memory in use changes over many rounds of building, measuring and fitting."""

    def work(times: int) -> None:
        for _ in range(times):
            size(keyboard())
            fit(Message("text", None, Attach.of([attach.Message("word " * 30, rank=Rank.MAY)] * 300)))

    work(LONG // 2)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    work(LONG // 2)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    tracemalloc.start()
    work(100)
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    print(f"memory    {LONG} rounds: peak {grown:+d} KB in the second half; 100 more rounds keep {kept} bytes")


def main() -> None:
    """Compare, fit, and look at the memory."""
    compare("keyboard", keyboard)
    compare("attach", blocks)
    fitting("keyboard", Message("text", keyboard(FOUR_TIMES)))
    fitting("attach", Message("text", None, blocks(FOUR_TIMES)))
    memory()


if __name__ == "__main__":
    main()
