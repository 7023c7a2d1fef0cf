"""The port to the store for rules and alerts: within one transaction with the ledger's figures."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from bot.access.service import VisibilityReading
from bot.budgets.alerts import AlertLine, Facts, Notice
from bot.budgets.models import (
    Budget,
    Ended,
    Ends,
    Episode,
    EpisodeState,
    LowBalanceRule,
    Rule,
    Scope,
    Threshold,
)
from bot.ledger.models import AuditEntry
from bot.ledger.ports import Store, Writing
from bot.notifications.models import OutboxWriting


@dataclass(frozen=True, slots=True)
class NewAlert:
    """An episode to be opened; `key` makes it unique for ever."""

    key: str
    rule_id: int | None
    version: int
    level: Threshold
    period_start: date | None
    arming: int
    channel: str
    delivery_id: int
    facts: Facts
    is_standing: bool
    crossed_at: datetime
    credits_at_crossing: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert as lists show it: its line, where it was said, and under which message."""

    line: AlertLine
    key: str
    channel: str
    delivery_id: int
    version: int


class RulesReading(VisibilityReading, Protocol):
    """Questions about rules and alerts, beside those to the ledger and to who sees what of it."""

    async def rules(self) -> Sequence[Rule]:
        """Every rule in force, oldest first."""

    async def episodes(self, oldest: date) -> Sequence[Episode]:
        """Of rules in force: the unresolved ones, every floor's, and those of budget periods that
        began on `oldest` or later."""

    async def notice(self, delivery: int) -> Notice | None:
        """What an alert's message says now."""

    async def alerts(self, *, ended_since: datetime | None = None) -> Sequence[AlertRow]:
        """The unresolved ones, newest first; or those that ended since then."""

    async def alert(self, alert: int) -> AlertRow | None:
        """One alert."""

    async def open_system_alerts(self) -> Sequence[AlertRow]:
        """The unresolved ones that belong to no rule: connections and caps, oldest first."""

    async def spike_watches(self) -> Sequence[str]:
        """The channels that asked to be told of unusual days and hours."""

    async def known_alerts(self, keys: Sequence[str]) -> frozenset[str]:
        """Which of these keys are those of alerts that were opened, whenever that was."""

    async def messages_of(self, alerts: Sequence[int]) -> Sequence[tuple[int, str]]:
        """The deliveries that told these alerts, each once, and the channels they went to."""


class RulesWriting(RulesReading, OutboxWriting, Protocol):
    """One transaction over figures, rules, alerts and the outbox."""

    async def add_rule(
        self, scope: Scope, target: Budget | LowBalanceRule, channel: str, by: str, now: datetime
    ) -> Rule:
        """A new rule, version 1."""

    async def change_rule(self, rule: int, target: Budget | LowBalanceRule, now: datetime) -> Rule:
        """The next version of it, not judged yet and not snoozed."""

    async def remove_rule(self, rule: int, now: datetime) -> None:
        """It is in force no longer; its alerts stay in the history."""

    async def route(self, rule: int, channel: str) -> None:
        """Another channel is warned from now on; what was said stays where it was."""

    async def move_rules(self, channel: str, to: str) -> None:
        """Slack gave a channel another id: rules, alerts and what is still to be said follow."""

    async def mention(self, rule: int, mentions: Sequence[tuple[int, str]]) -> None:
        """Who is named at which threshold."""

    async def say_ends(self, rule: int, how: Ends) -> None:
        """Aloud: the end of its alerts is said in their threads."""

    async def mark_judged(self, rules: Sequence[int], now: datetime) -> None:
        """These were held against figures in this version."""

    async def snooze_rule(self, rule: int, until: datetime | None, level: int) -> None:
        """Quiet up to that percentage until then; None: no longer."""

    async def open_alert(self, alert: NewAlert) -> int | None:
        """The new alert's id; None where one with this key exists: it was said already."""

    async def set_alert_state(
        self,
        alert: int,
        state: EpisodeState,
        now: datetime,
        *,
        by: str | None = None,
        snoozed_until: datetime | None = None,
    ) -> bool:
        """False where it was resolved in the meantime; then nothing is changed."""

    async def end_alert(self, alert: int, ended: Ended, now: datetime) -> None:
        """It is over."""

    async def reopen_alert(self, alert: int) -> None:
        """It was not over after all."""

    async def rearm_alert(self, alert: int) -> None:
        """Its line may be crossed again."""

    async def carry_alert(self, alert: int, version: int) -> None:
        """It goes on under the changed rule."""

    async def add_audit(self, entry: AuditEntry) -> None:
        """Who did what, when; before and after."""


class HouseWriting(Writing, RulesWriting, Protocol):
    """One transaction over everything: figures, and what follows from them."""


class HouseStore(Store, Protocol):
    """The store, seen by a sync that judges rules where it keeps figures."""

    def reading(self) -> AbstractAsyncContextManager[RulesReading]:
        """A consistent look at all of it."""

    def writing(self) -> AbstractAsyncContextManager[HouseWriting]:
        """A transaction; one writer at a time."""


class BudgetStore(Protocol):
    """The store, seen by alerts."""

    def reading(self) -> AbstractAsyncContextManager[RulesReading]:
        """A consistent look."""

    def writing(self) -> AbstractAsyncContextManager[RulesWriting]:
        """A transaction."""
