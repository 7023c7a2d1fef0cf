"""A store without a database, for the alerts of a team that lives through thousands of days."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Self

from bot.access.models import VisibilityRule, VisibilityScope
from bot.budgets.alerts import AlertLine, Notice
from bot.budgets.models import (
    Budget,
    Ended,
    Ends,
    Episode,
    EpisodeState,
    LowBalanceRule,
    Rule,
    Scope,
)
from bot.budgets.ports import AlertRow, NewAlert
from bot.ledger.declared_credit import Declared
from bot.ledger.models import (
    AuditEntry,
    BalanceReading,
    By,
    Connection,
    DayFigure,
    Fault,
    ItemFigure,
    LimitReading,
    Part,
)
from bot.notifications.models import Delivery, NewDelivery
from providers.charge import ChargesRead, PrepaidBalance
from providers.errors import ProviderError
from providers.period import Period


@dataclass(slots=True)
class Memory:
    """What a `BudgetStore` keeps, in dictionaries; one transaction is like another."""

    parts: dict[tuple[str, Part], datetime] = field(default_factory=dict)
    faults: dict[tuple[str, Part], Fault] = field(default_factory=dict)
    covered: dict[date, Decimal] = field(default_factory=dict)
    readings: dict[datetime, BalanceReading] = field(default_factory=dict)
    every_rule: dict[int, Rule] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    every_episode: dict[int, Episode] = field(default_factory=dict)
    rows: dict[int, AlertRow] = field(default_factory=dict)
    outbox: list[NewDelivery] = field(default_factory=list)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator["Memory"]:
        yield self

    @asynccontextmanager
    async def writing(self) -> AsyncIterator["Memory"]:
        yield self

    async def connections(self) -> Sequence[Connection]:
        return [
            self._connection("openai", "OpenAI", "postpaid"),
            self._connection("openrouter", "OpenRouter", "prepaid"),
        ]

    def _connection(self, name: str, title: str, billing: str) -> Connection:
        return Connection(
            name,
            name,
            title,
            billing,  # type: ignore[arg-type]
            3,
            charges_read_at=self.parts.get((name, "charges")),
            balance_read_at=self.parts.get((name, "balance")),
            faults=tuple(fault for (of, _), fault in self.faults.items() if of == name),
        )

    async def days(
        self, period: Period, connections: Sequence[str] | None = None
    ) -> Sequence[DayFigure]:
        at = datetime.min.replace(tzinfo=UTC)
        return [
            DayFigure("openai", day, used, Decimal(0), at, at, at)
            for day, used in sorted(self.covered.items())
            if day in period
        ]

    async def items(
        self, period: Period, by: By, connections: Sequence[str] | None = None
    ) -> Sequence[ItemFigure]:
        return ()

    async def limits(self) -> Sequence[LimitReading]:
        return ()

    async def balances(
        self, connection: str, since: datetime, until: datetime
    ) -> Sequence[BalanceReading]:
        if connection != "openrouter":
            return ()
        return [reading for at, reading in sorted(self.readings.items()) if since <= at <= until]

    async def declared(self) -> Sequence[Declared]:
        return ()

    async def visibility(self) -> Sequence[VisibilityRule]:
        return ()

    def seen_by(self, visibility: VisibilityScope) -> Self:
        return self

    async def replace_days(
        self, connection: str, read: ChargesRead, now: datetime, *, empty_by: datetime | None = None
    ) -> None:
        used = dict.fromkeys(read.covered, Decimal(0))
        for charge in read.charges:
            used[charge.charge_period_start] += charge.effective_cost
        self.covered |= {
            day: cost for day, cost in used.items() if cost or not self.covered.get(day)
        }

    async def add_balance(self, connection: str, balance: PrepaidBalance, now: datetime) -> None:
        self.readings[now] = BalanceReading(
            connection, now, balance.remaining, balance.total_credits, balance.total_usage
        )

    async def record_success(self, connection: str, part: Part, now: datetime) -> None:
        self.parts[connection, part] = now
        self.faults.pop((connection, part), None)

    async def record_fault(
        self, connection: str, part: Part, error: ProviderError, now: datetime
    ) -> None:
        known = self.faults.get((connection, part))
        since = known.since if known else now
        self.faults[connection, part] = Fault(part, "Unavailable", "", "", since, now, False)

    async def rules(self) -> Sequence[Rule]:
        return [rule for rule in self.every_rule.values() if rule.id not in self.removed]

    async def episodes(self, oldest: date) -> Sequence[Episode]:
        return [
            episode
            for episode in self.every_episode.values()
            if episode.rule_id not in self.removed and episode.rule_id
        ]

    async def notice(self, delivery: int) -> Notice | None:
        lines = [row.line for row in self.rows.values() if row.delivery_id == delivery]
        return Notice(delivery, tuple(lines)) if lines else None

    async def alerts(self, *, ended_since: datetime | None = None) -> Sequence[AlertRow]:
        is_over = ended_since is not None
        return [row for row in self.rows.values() if (row.line.state == "resolved") == is_over][
            ::-1
        ]

    async def alert(self, alert: int) -> AlertRow | None:
        return self.rows.get(alert)

    async def open_system_alerts(self) -> Sequence[AlertRow]:
        return [row for row in await self.alerts() if row.line.rule_id is None][::-1]

    async def spike_watches(self) -> Sequence[str]:
        return ()

    async def known_alerts(self, keys: Sequence[str]) -> frozenset[str]:
        return frozenset(row.key for row in self.rows.values()) & frozenset(keys)

    async def messages_of(self, alerts: Sequence[int]) -> Sequence[tuple[int, str]]:
        return list({(self.rows[each].delivery_id, self.rows[each].channel) for each in alerts})

    async def add_rule(
        self, scope: Scope, target: Budget | LowBalanceRule, channel: str, by: str, now: datetime
    ) -> Rule:
        number = len(self.every_rule) + 1
        self.every_rule[number] = Rule(number, 1, scope, target, channel, by, now)
        return self.every_rule[number]

    async def change_rule(self, rule: int, target: Budget | LowBalanceRule, now: datetime) -> Rule:
        held = self.every_rule[rule]
        self.every_rule[rule] = replace(
            held,
            version=held.version + 1,
            target=target,
            judged_at=None,
            snoozed_until=None,
            snoozed_level=0,
        )
        return self.every_rule[rule]

    async def remove_rule(self, rule: int, now: datetime) -> None:
        self.removed.add(rule)

    async def mention(self, rule: int, mentions: Sequence[tuple[int, str]]) -> None:
        self.every_rule[rule] = replace(self.every_rule[rule], mentions=tuple(mentions))

    async def say_ends(self, rule: int, how: Ends) -> None:
        self.every_rule[rule] = replace(self.every_rule[rule], is_end_quiet=how == "quietly")

    async def mark_judged(self, rules: Sequence[int], now: datetime) -> None:
        for rule in rules:
            self.every_rule[rule] = replace(self.every_rule[rule], judged_at=now)

    async def snooze_rule(self, rule: int, until: datetime | None, level: int) -> None:
        self.every_rule[rule] = replace(
            self.every_rule[rule], snoozed_until=until, snoozed_level=level
        )

    async def open_alert(self, alert: NewAlert) -> int | None:
        assert alert.key not in await self.known_alerts([alert.key])
        number = len(self.rows) + 1
        line = AlertLine(
            number,
            alert.rule_id,
            alert.level,
            alert.facts,
            alert.is_standing,
            alert.crossed_at,
            "open",
        )
        self.rows[number] = AlertRow(
            line, alert.key, alert.channel, alert.delivery_id, alert.version
        )
        self.every_episode[number] = Episode(
            number,
            alert.rule_id or 0,
            alert.version,
            alert.level,
            alert.period_start,
            alert.arming,
            "open",
            credits_at_crossing=alert.credits_at_crossing,
        )
        return number

    async def set_alert_state(
        self,
        alert: int,
        state: EpisodeState,
        now: datetime,
        *,
        by: str | None = None,
        snoozed_until: datetime | None = None,
    ) -> bool:
        if self.rows[alert].line.state == "resolved":
            return False
        self._change(alert, state=state, snoozed_until=snoozed_until)
        return True

    async def end_alert(self, alert: int, ended: Ended, now: datetime) -> None:
        self._change(alert, state="resolved", ended=ended)

    async def reopen_alert(self, alert: int) -> None:
        self._change(alert, state="open", ended=None)

    async def rearm_alert(self, alert: int) -> None:
        self.every_episode[alert] = replace(self.every_episode[alert], is_rearmed=True)

    async def carry_alert(self, alert: int, version: int) -> None:
        self.every_episode[alert] = replace(self.every_episode[alert], version=version)

    def _change(self, alert: int, **values: object) -> None:
        row = self.rows[alert]
        self.rows[alert] = replace(row, line=replace(row.line, **values))  # type: ignore[arg-type]
        self.every_episode[alert] = replace(self.every_episode[alert], **values)  # type: ignore[arg-type]

    async def add_audit(self, entry: AuditEntry) -> None:
        """Who did what is tried elsewhere."""

    async def enqueue(self, delivery: NewDelivery) -> int | None:
        self.outbox.append(delivery)
        return len(self.outbox)

    async def delivery(self, delivery: int) -> Delivery | None:
        return None
