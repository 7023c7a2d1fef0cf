"""Gauges of the current state for `/metrics`, computed at each scrape: the figures of `/aicost
status` and `/aicost forecast`.

An unknown figure is absent, never 0.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.budgets.models import BudgetStatus
from bot.budgets.repository import AlertRepository, read_fullest
from bot.clock_check import ClockCheck
from bot.copies import Copies
from bot.db.database import Database
from bot.db.errors import DatabaseUnavailable
from bot.language.commands import ForecastQuery
from bot.logs import LogStates
from bot.reports.answers import Answers
from bot.reports.models import ConnectionSummary, ForecastAnswer, Outlook, StatusAnswer
from bot.scheduler import Scheduler
from bot.wording import USD
from providers.period import midnight

SECONDS_KEPT = 1.0
"""Faster scrapes get the same figures, because anyone who reaches the port may send them."""
_STATES = ("open", "acknowledged", "snoozed")
Values = Mapping[str, Mapping[tuple[str, ...], float]]
"""By gauge and by label values."""

AMOUNTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "aicost_spend_dollars": ("Spend of the month to date.", ("connection",)),
    "aicost_balance_dollars": ("What is left of prepaid credit.", ("connection",)),
    "aicost_burn_dollars_per_day": ("Recent use of prepaid credit.", ("connection",)),
    "aicost_forecast_dollars": (
        "Spend that the running period is forecast to reach; low and high are an 80% range.",
        ("period", "bound"),
    ),
    "aicost_budget_dollars": ("Amount of a budget.", ("budget", "scope", "name", "period")),
}
"""Gauges with amounts, which a setting turns on: text and labels by name."""
GAUGES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "aicost_database_up": ("Whether the figures here could be read from the database.", ()),
    "aicost_data_age_seconds": (
        "Time since a part of a connection was last read.",
        ("connection", "part"),
    ),
    "aicost_settled_until_timestamp_seconds": (
        "End of the last UTC day whose figures have settled.",
        ("connection",),
    ),
    "aicost_connection_ok": ("Whether a connection's figures are up to date.", ("connection",)),
    "aicost_read_failing": (
        "1 for each part of a connection that can't be read, by the kind of error.",
        ("connection", "part", "kind"),
    ),
    "aicost_missing_days": ("Past days of the month without figures.", ("connection",)),
    "aicost_runway_days": ("Days until prepaid credit runs out.", ("connection",)),
    "aicost_budget_used_ratio": (
        "Spend as a share of a budget.",
        ("budget", "scope", "name", "period"),
    ),
    "aicost_budget_forecast_ratio": (
        "Forecast for the end of the period as a share of a budget.",
        ("budget", "scope", "name", "period"),
    ),
    "aicost_alerts_unresolved": ("Alerts that have not ended, by state.", ("state",)),
    "aicost_deliveries_overdue": ("Messages due for over a minute and not posted.", ()),
    "aicost_deliveries_given_up": ("Messages given up within a week.", ()),
    "aicost_webhook_waiting": ("Events that wait to be sent to the webhook.", ()),
    "aicost_webhook_given_up": ("Events given up within a week.", ()),
    "aicost_digests_paused": ("Digests that can't be posted and were paused for it.", ()),
    "aicost_job_age_seconds": ("Time since a periodic job last made progress.", ("name",)),
    "aicost_job_late": ("Whether a periodic job has missed three of its intervals.", ("name",)),
    "aicost_clock_offset_seconds": (
        "How far this machine's clock is ahead of the time in answers of providers and Slack.",
        (),
    ),
    "aicost_slack_unknown_connections": (
        "Connections with this app's tokens from no copy of aicost on this database.",
        (),
    ),
    **AMOUNTS,
}
"""Every gauge that is computed at a scrape: text and labels by name."""


class Gauges(Collector):
    """The gauges of one process."""

    def __init__(
        self,
        answers: Answers,
        database: Database,
        scheduler: Scheduler,
        clock_check: ClockCheck,
        copies: Copies,
        states: LogStates,
        *,
        with_amounts: bool,
        longest: float,
    ) -> None:
        """Create the gauges. `longest` is how many seconds a scrape waits for the database."""
        self._longest = longest
        self._answers = answers
        self._database = database
        self._scheduler = scheduler
        self._clock_check = clock_check
        self._copies = copies
        self._states = states
        self._with_amounts = with_amounts
        self._turn = asyncio.Lock()
        self._read_at = float("-inf")
        self._values: Values = {}

    async def refresh(self, now: datetime) -> None:
        """Read the figures again, unless that was just done. Without a database there are no
        figures."""
        async with self._turn:
            if time.monotonic() - self._read_at < SECONDS_KEPT:
                return
            try:
                async with asyncio.timeout(self._longest):
                    self._values = {"aicost_database_up": {(): 1.0}, **await self._read(now)}
            except Exception as error:
                self._values = {"aicost_database_up": {(): 0.0}}
                if not isinstance(error, DatabaseUnavailable | TimeoutError):
                    self._states.failing("gauges", "metrics.failing", error=error)
            else:
                self._states.working("gauges")
            self._read_at = time.monotonic()

    def collect(self) -> Iterator[Metric]:
        """Yield each gauge that has a value."""
        late = self._scheduler.late()
        offset = self._clock_check.least_offset()
        unknown = self._copies.unknown_connections
        shown: dict[str, Mapping[tuple[str, ...], float]] = {
            **self._values,
            "aicost_clock_offset_seconds": {} if offset is None else {(): offset.total_seconds()},
            "aicost_slack_unknown_connections": {} if unknown is None else {(): unknown},
            "aicost_job_age_seconds": {(k,): age for k, age in self._scheduler.ages().items()},
            "aicost_job_late": {(k,): float(k in late) for k in self._scheduler.ages()},
        }
        for name, values in shown.items():
            if name in AMOUNTS and not self._with_amounts:
                continue
            text, labels = GAUGES[name]
            family = GaugeMetricFamily(name, text, labels=labels)
            for each, value in values.items():
                family.add_metric(each, value)
            yield family

    async def _read(self, now: datetime) -> Values:
        async with self._database.reading() as session:
            status = await self._answers.status(session, now)
            forecast = await self._answers.forecast(session, ForecastQuery(None), now)
            alerts = Counter[str](a.state for a in await AlertRepository(session).unresolved())
            fullest = await read_fullest(session, now)
        values: dict[str, dict[tuple[str, ...], float]] = defaultdict(dict)
        values["aicost_alerts_unresolved"] = {(each,): float(alerts[each]) for each in _STATES}
        _add_status(values, status, now)
        if isinstance(forecast, ForecastAnswer):
            for outlook in forecast.outlooks:
                _add_outlook(values, outlook)
            for budget in (*forecast.budgets, *fullest):
                _add_budget(values, budget)
        return values


_Adding = dict[str, dict[tuple[str, ...], float]]


def _add_status(values: _Adding, status: StatusAnswer, now: datetime) -> None:
    problems = status.problems
    values["aicost_deliveries_overdue"][()] = problems.overdue
    values["aicost_deliveries_given_up"][()] = len(problems.undelivered)
    values["aicost_digests_paused"][()] = len(problems.stopped)
    if problems.webhook is not None:
        values["aicost_webhook_waiting"][()] = problems.webhook.waiting
        values["aicost_webhook_given_up"][()] = problems.webhook.given_up
    for connection in status.summary.connections:
        _add_connection(values, connection, now)
    for state in status.states:
        ages = {"charges": state.charges_read_at, "balance": state.balance_read_at}
        for part, read_at in ages.items():
            if read_at is not None:
                age = (now - read_at).total_seconds()
                values["aicost_data_age_seconds"][state.name, part] = age
        for fault in state.faults:
            values["aicost_read_failing"][state.name, fault.part, fault.kind] = 1.0


def _add_connection(values: _Adding, connection: ConnectionSummary, now: datetime) -> None:
    name, left, today = connection.name, connection.left, now.date()
    missing = sum(day < today for day in connection.missing_days)
    settled = connection.settled_until
    _add(values, "aicost_connection_ok", float(connection.status == "ok"), name)
    _add(values, "aicost_missing_days", missing, name)
    _add(values, "aicost_spend_dollars", connection.used, name)
    if settled is not None:
        until = midnight(settled).timestamp()
        _add(values, "aicost_settled_until_timestamp_seconds", until, name)
    if left is not None and left.currency == USD:
        _add(values, "aicost_balance_dollars", left.remaining, name)
        _add(values, "aicost_burn_dollars_per_day", left.burn_per_day, name)
    if left is not None:
        _add(values, "aicost_runway_days", _days_until(left.runs_out_on, today), name)


def _add_outlook(values: _Adding, outlook: Outlook) -> None:
    found = outlook.forecast
    if found is not None:
        for bound in ("expected", "low", "high"):
            amount = getattr(found, bound)
            _add(values, "aicost_forecast_dollars", amount, outlook.span, bound)


def _add_budget(values: _Adding, status: BudgetStatus) -> None:
    rule, target = status.rule, status.target
    labels = (str(rule.id), rule.scope.kind, rule.scope.name or "", target.period)
    _add(values, "aicost_budget_dollars", target.amount, *labels)
    if status.actual is not None:
        _add(values, "aicost_budget_used_ratio", status.actual / target.amount, *labels)
    if status.forecast is not None:
        _add(values, "aicost_budget_forecast_ratio", status.forecast / target.amount, *labels)


def _days_until(day: date | None, today: date) -> int | None:
    return None if day is None else (day - today).days


def _add(values: _Adding, name: str, value: Decimal | float | None, *labels: str) -> None:
    if value is not None:
        values[name][labels] = float(value)
