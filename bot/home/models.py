"""What the Home tab shows one person: everything at one moment, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from bot.budgets.models import AlertLine, Budget, BudgetStatus, by_rule
from bot.db.models import AuditEntry, DigestSubscription, Rule
from bot.ledger.data_quality import ConnectionState
from bot.reports.models import Summary

Step = Literal["connected", "synced", "digest", "budget"]
STEPS: tuple[Step, ...] = ("connected", "synced", "digest", "budget")


@dataclass(frozen=True, slots=True)
class BudgetBar:
    """A budget and how much of it is used; `actual` None: not known, but `at_least` may be."""

    rule: Rule
    target: Budget
    actual: Decimal | None
    at_least: Decimal | None = None

    @property
    def share(self) -> Decimal:
        """Used of planned; below everything where nothing of it is known."""
        known = self.at_least if self.actual is None else self.actual
        if known is None or self.target.amount <= 0:
            return Decimal(-1)
        return known / self.target.amount


@dataclass(frozen=True, slots=True)
class OpenMessage:
    """An alert message with an alert that isn't resolved: its content, and where it was posted."""

    delivery_id: int
    channel: str
    lines: tuple[AlertLine, ...]


@dataclass(frozen=True, slots=True)
class AdminSection:
    """What managers see in addition to what everybody sees."""

    rules: int
    pressing: tuple[BudgetStatus, ...]
    """The budgets and low-balance rules nearest their thresholds."""
    alert_channels: tuple[tuple[str, int], ...]
    """Where budgets warn, and how many of them."""
    spike_channels: tuple[str, ...]
    """The channels that get anomaly alerts."""
    digests: int
    paused: int
    """Of the digests."""
    first_digests: tuple[DigestSubscription, ...]
    """The paused ones first, then by when they are due."""
    limited: tuple[str, ...]
    """Channels and user groups that see less than everything."""
    audit: tuple[AuditEntry, ...]
    """The latest changes, newest first."""


@dataclass(frozen=True, slots=True)
class HomeData:
    """One person's Home tab."""

    now: datetime
    summary: Summary
    """The month to date, of what the person may see."""
    states: tuple[ConnectionState, ...]
    done: frozenset[Step]
    """Which steps of setting up are done."""
    overall: tuple[BudgetBar, ...]
    """Budgets over everything."""
    bars: tuple[tuple[str, tuple[BudgetBar, ...]], ...]
    """Connections' names, with the budgets over each or its provider; none where there is none."""
    alerts: tuple[OpenMessage, ...]
    """Newest first; each rule's alerts stand in one of them."""
    digests: tuple[DigestSubscription, ...]
    """Of the person's channels, and those they made."""
    are_channels_known: bool
    """Slack answered which channels the person is in."""
    managed: AdminSection | None
    """None for everybody but managers."""

    @property
    def next_step(self) -> Step | None:
        """What to set up next; None once all is done."""
        return next((step for step in STEPS if step not in self.done), None)


def one_line_each(messages: Sequence[OpenMessage]) -> tuple[OpenMessage, ...]:
    """Return the messages with each rule's alerts in only one of them: the one with its latest
    threshold. A message whose rules are all in others is left out."""
    message_of = {
        line.alert_id: message.delivery_id for message in messages for line in message.lines
    }
    lines: dict[int, list[AlertLine]] = {}
    for group in by_rule((line for each in messages for line in each.lines), lambda line: line):
        lines.setdefault(message_of[group[-1].alert_id], []).extend(group)
    return tuple(
        replace(each, lines=tuple(lines[each.delivery_id]))
        for each in messages
        if each.delivery_id in lines
    )


def fullest(bars: Sequence[BudgetBar], most: int) -> tuple[BudgetBar, ...]:
    """Those of which most is used."""
    return tuple(sorted(bars, key=lambda bar: (-bar.share, bar.rule.id))[:most])
