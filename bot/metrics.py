"""Counters for `/metrics`. One object, made at start; nothing is registered at import.

Gauges of the current state are in `bot.monitoring`.
"""

import functools
import platform
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

SECONDS = (1, 2, 5, 10, 30, 60, 120, 300, 900, 3600, 14400)


class Metrics:
    """Every metric of the app, in a registry of its own."""

    def __init__(self) -> None:
        # Nobody asks for a second series of each counter. The library leaves this untyped.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        Gauge(
            "aicost_build_info",
            "1, with the versions that run as labels.",
            ("version", "python"),
            registry=self.registry,
        ).labels(version_text(), platform.python_version()).set(1)
        self.syncs = self._counter(
            "aicost_syncs", "Reads of a part of a connection.", "connection", "part", "outcome"
        )
        self.sync_seconds = Histogram(
            "aicost_sync_round_seconds",
            "Duration of a sync of all connections.",
            buckets=(0.5, 1, 2, 5, 10, 30, 60, 120),
            registry=self.registry,
        )
        self.rule_evaluation_failures = self._counter(
            "aicost_rule_evaluation_failures", "Syncs after which rules could not be evaluated."
        )
        self.requests = self._counter(
            "aicost_slack_requests", "Requests from Slack, by listener.", "listener", "outcome"
        )
        self.requests_refused = self._counter(
            "aicost_slack_requests_refused",
            "Requests to Slack's URL that did not come from Slack, or not for this app.",
            "reason",
        )
        self.response_url_failures = self._counter(
            "aicost_slack_response_url_failures",
            "Answers sent another way because a response URL failed.",
        )
        self.socket_failures = self._counter(
            "aicost_slack_socket_failures", "Failed attempts to connect the socket."
        )
        self.digests_due = self._counter("aicost_digests_due", "Digest slots that came due.")
        self.digests_late = self._counter("aicost_digests_late", "Digest slots posted late.")
        self.digests_skipped = self._counter(
            "aicost_digests_skipped", "Digest slots too late to be useful."
        )
        self.alerts = self._counter("aicost_alerts", "Thresholds crossed.", "basis")
        self.deliveries_sent = self._counter(
            "aicost_deliveries_sent", "Messages accepted by Slack.", "kind"
        )
        self.deliveries_retried = self._counter(
            "aicost_deliveries_retried", "Attempts that will be retried.", "kind", "error"
        )
        self.deliveries_failed = self._counter(
            "aicost_deliveries_failed", "Messages given up.", "kind", "error"
        )
        self.deliveries_doubtful = self._counter(
            "aicost_deliveries_doubtful",
            "Messages that may be posted twice, because Slack's answer was lost.",
            "kind",
        )
        self.deliveries_pending = Gauge(
            "aicost_deliveries_pending", "Messages waiting to be posted.", registry=self.registry
        )
        self.delivery_lateness = Histogram(
            "aicost_delivery_lateness_seconds",
            "From a message's due time to Slack's acceptance.",
            ("kind",),
            buckets=SECONDS,
            registry=self.registry,
        )

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(name, words, labels, registry=self.registry)


@functools.cache
def version_text() -> str:
    """Return the version that is running; `unknown` if it was not installed as a package."""
    try:
        return version("aicost-bot")
    except PackageNotFoundError:
        return "unknown"
