"""The content of one user's Home tab, as plain values of one moment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from bot.access.models import VisibilityRule
from bot.budgets.grouping import by_rule
from bot.budgets.models import AlertLine, BudgetStatus, RuleStatus
from bot.db.models import AuditEntry, DigestSubscription
from bot.ledger.data_quality import ConnectionState
from bot.reports.models import Summary

Step = Literal["connected", "synced", "digest", "budget"]
RESOLVED_FOR = timedelta(days=3)
STEPS: tuple[Step, ...] = ("connected", "synced", "digest", "budget")


@dataclass(frozen=True, slots=True)
class OpenMessage:
    """An alert message with an unresolved alert: its content, and its channel."""

    delivery_id: int
    channel: str
    lines: tuple[AlertLine, ...]


@dataclass(frozen=True, slots=True)
class AdminSection:
    """The sections for managers only."""

    rules: int
    pressing: tuple[RuleStatus, ...]
    """The budgets and low-balance rules nearest to their thresholds."""
    alert_channels: tuple[tuple[str, int], ...]
    """Channels of budget alerts, each with its number of budgets."""
    anomaly_channels: tuple[str, ...]
    """The channels that get anomaly alerts."""
    digests: int
    paused: int
    """Number of paused digests."""
    first_digests: tuple[DigestSubscription, ...]
    """The paused ones first, then by due time."""
    limited: tuple[VisibilityRule, ...]
    """Channels and user groups with limited visibility."""
    audit: tuple[AuditEntry, ...]
    """The latest changes, newest first."""
    managed_anomaly_channels: frozenset[str] = frozenset()
    """Of the channels that get anomaly alerts, those that `aicost.toml` manages."""


@dataclass(frozen=True, slots=True)
class HomeData:
    """The content of one user's Home tab."""

    now: datetime
    summary: Summary
    """The month to date, limited to what the user may see."""
    states: tuple[ConnectionState, ...]
    done: frozenset[Step]
    """The setup steps that are done."""
    overall: tuple[BudgetStatus, ...]
    """Budgets of the scope "all"."""
    bars: tuple[tuple[str, tuple[BudgetStatus, ...]], ...]
    """Names of connections, each with the budgets of it or of its provider; only those that have
    any."""
    alerts: tuple[OpenMessage, ...]
    """Newest first; the alerts of one rule are in only one of them."""
    resolved: tuple[AlertLine, ...]
    """Those resolved in the last `RESOLVED_FOR`, oldest first."""
    digests: tuple[DigestSubscription, ...]
    """Digests of the user's channels, and those that the user made."""
    are_channels_known: bool
    """True if Slack returned the user's channels."""
    managed: AdminSection | None
    """None except for managers."""

    @property
    def next_step(self) -> Step | None:
        """Return the next setup step; None if all are done."""
        return next((step for step in STEPS if step not in self.done), None)


def one_line_each(messages: Sequence[OpenMessage]) -> tuple[OpenMessage, ...]:
    """Return the messages with each rule's alerts in only one of them: the one with its latest
    threshold. Messages that become empty are left out."""
    message_of = {
        line.alert_id: message.delivery_id for message in messages for line in message.lines
    }
    lines: dict[int, list[AlertLine]] = {}
    for group in by_rule(line for each in messages for line in each.lines):
        lines.setdefault(message_of[group[-1].alert_id], []).extend(group)
    return tuple(
        replace(each, lines=tuple(lines[each.delivery_id]))
        for each in messages
        if each.delivery_id in lines
    )


def fullest(bars: Sequence[BudgetStatus], most: int) -> tuple[BudgetStatus, ...]:
    """Return the budgets with the largest used share."""
    return tuple(sorted(bars, key=lambda bar: (-bar.share, bar.rule.id))[:most])
