"""All metrics of the service, served at /metrics for Prometheus."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The content type of what `render` returns."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SIZES = (1, 2, 5, 10, 20, 30, 40, 50)
_ROWS = (1, 2, 5, 10, 25, 50, 100, 250)

# Without this, every counter has a second series with its creation time.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it untyped


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """The description of one metric, for the documentation."""

    name: str
    type: str
    labels: tuple[str, ...]
    text: str


class Metrics:
    """All metrics of one service; an attribute is named like its metric without `feedbridge_`.

    Two services in one process share none. The label `kind` is the type of an event or effect, `outcome` a word from a
    short fixed list. Neither contains an id or a text, so the number of series stays small.
    """

    __slots__ = (
        "batch_size",
        "bot_token_troubles",
        "commit_rows",
        "dead_letters",
        "descriptions",
        "effects_sent_total",
        "events_handled_total",
        "events_received_total",
        "handler_seconds",
        "oldest_effect_age_seconds",
        "oldest_event_age_seconds",
        "passing_errors_total",
        "portal_request_seconds",
        "portal_requests_total",
        "portals_in_trouble",
        "registry",
        "token_refreshes_total",
        "unseen_repeats_total",
    )

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.descriptions: list[Description] = []
        count, gauge, spread = self._counter, self._gauge, self._histogram
        self.events_received_total = count(
            "events_received",
            "Requests: taken (also duplicates), ignored, refused (403, 429), bad (400, 408, 413), failed (503).",
            "kind",
            "outcome",
        )
        self.events_handled_total = count(
            "events_handled", "Events that the worker finished, by kind and outcome.", "kind", "outcome"
        )
        self.handler_seconds = spread(
            "handler_seconds", "Seconds from claiming an event to its commit.", _SECONDS, "kind"
        )
        self.oldest_event_age_seconds = gauge(
            "oldest_event_age_seconds",
            "Seconds that the oldest event has waited for its handlers; grows while a portal is down.",
        )
        self.oldest_effect_age_seconds = gauge(
            "oldest_effect_age_seconds",
            "Seconds that the oldest effect has waited to be sent; grows while a portal is down or throttles.",
        )
        self.portals_in_trouble = gauge(
            "portals_in_trouble",
            "Portals for which something waits after a failed attempt; the log says why.",
        )
        self.effects_sent_total = count(
            "effects_sent", "Effects that the sender finished, by kind and outcome.", "kind", "outcome"
        )
        self.portal_requests_total = count("portal_requests", "HTTP requests to portals, by outcome.", "outcome")
        self.portal_request_seconds = spread(
            "portal_request_seconds", "Seconds that one request to a portal took.", _SECONDS
        )
        self.batch_size = spread("batch_size", "Calls in one request.", _SIZES)
        self.dead_letters = gauge(
            "dead_letters",
            "Dead letters: events (an error of the service) and effects (refused, and no user told); alarm above 0.",
            "kind",
        )
        self.token_refreshes_total = count(
            "token_refreshes",
            "Refreshed access tokens, by outcome.",
            "outcome",
        )
        self.bot_token_troubles = gauge(
            "bot_token_troubles",
            "Portals where no token lets the bot speak (mute), or only one of another user than the installer (spare); "
            "alarm above 0: install the application there again.",
            "trouble",
        )
        self.passing_errors_total = count(
            "passing_errors",
            "Times a loop could not reach the database for a moment (a full disk, a locked file) and tried again.",
            "loop",
        )
        self.unseen_repeats_total = count(
            "unseen_repeats",
            "Messages that were sent again although nobody could look whether they had arrived; may be there twice.",
            "kind",
        )
        self.commit_rows = spread("commit_rows", "Events that were stored in one commit; more under load.", _ROWS)

    def render(self) -> bytes:
        """Return the values of all metrics in the text format of Prometheus."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        self._describe(f"{name}_total", "counter", text, labels)
        return Counter(f"feedbridge_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        self._describe(name, "gauge", text, labels)
        return Gauge(f"feedbridge_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        self._describe(name, "histogram", text, labels)
        return Histogram(f"feedbridge_{name}", text, labels, buckets=buckets, registry=self.registry)

    def _describe(self, name: str, kind: str, text: str, labels: tuple[str, ...]) -> None:
        self.descriptions.append(Description(name=f"feedbridge_{name}", type=kind, labels=labels, text=text))


def names() -> tuple[str, ...]:
    """Return the sorted names of all metrics; the documentation must explain each."""
    families = Metrics().registry.collect()
    return tuple(sorted(f"{family.name}_total" if family.type == "counter" else family.name for family in families))


NAMES = names()
