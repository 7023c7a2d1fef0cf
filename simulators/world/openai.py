"""The made-up organization at OpenAI: its exact use, and its events."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from providers.money import total
from providers.period import DAY, Period, midnight, utc_day
from simulators.clock import DemoClock
from simulators.world.caps import Cap, Caps
from simulators.world.openai_credit import YEAR, PrepaidCredit
from simulators.world.openai_team import Project, ProjectKey, User, build_team, tokens
from simulators.world.rhythm import made_up_id
from simulators.world.usage import (
    FOREVER,
    MILLION,
    Meter,
    PriceChange,
    Stream,
    Surge,
    Usage,
)


class CostRow(NamedTuple):
    """What one key of one project spent on one line item in one UTC day; None: unattributed."""

    project_id: str | None
    api_key_id: str | None
    line_item: str
    model: str
    quantity: int
    unit: str | None
    amount: Decimal
    user_id: str | None = None
    """Who owns the key; None: a service account."""


@dataclass(slots=True)
class SpendLimit:
    """A monthly cap in dollars, of the organization or of one project."""

    amount: Decimal
    project_id: str | None
    cap: Cap


@dataclass(frozen=True, slots=True)
class SpendAlert:
    """OpenAI's own e-mail at an amount of dollars a month."""

    alert_id: str
    amount: Decimal
    project_id: str | None = None


class OpenAIAccount:
    """All figures depend only on the seed, the events and the moment asked for."""

    def __init__(self, seed: str, clock: DemoClock) -> None:
        self._seed = f"{seed}/openai"
        self._clock = clock
        team = build_team(self._seed, clock())
        self.projects: list[Project] = list(team.projects)
        self.keys: list[ProjectKey] = list(team.keys)
        self.users: list[User] = list(team.users)
        self.usage = Usage(self._seed, clock(), team.streams)
        self._caps = Caps(self.usage, clock(), lambda _: None)
        self.credit = PrepaidCredit(self._used_between)
        self.limits: list[SpendLimit] = []
        self.alerts: list[SpendAlert] = []

    def rows(self, day: date, until: datetime | None = None) -> list[CostRow]:
        """Return the day's rows up to `until`, by default now; no two share project, key and
        line item."""
        now = until or self._clock()
        self._caps.watch(now)
        owners = {key.key_id: key.user_id for key in self.keys}
        return [
            CostRow(
                line.stream.owner,
                line.stream.key,
                line.meter.name,
                line.stream.model,
                line.quantity,
                line.meter.unit,
                line.amount,
                owners.get(line.stream.key or ""),
            )
            for line in self.usage.day(day, now)
        ]

    def month_to_date(self, project_id: str | None = None) -> Decimal:
        """Return the spend since the first of the running UTC month, of all or of one project."""
        now = self._clock()
        self._caps.watch(now)
        return self._month_until(now, project_id)

    def is_enforcing(self, limit: SpendLimit) -> bool:
        """Return True if the month's spend has reached the cap."""
        return self.month_to_date(limit.project_id) >= limit.amount

    def project(self, name: str) -> Project:
        """Return the project that has this name now. Raises `KeyError` if there is none."""
        for project in self.projects:
            if project.name == name:
                return project
        raise KeyError(name)

    def spike(
        self, project_id: str, factor: float, start: datetime, lasting: timedelta | None = None
    ) -> None:
        """Let a project use `factor` times as much from `start`, for some time or from then on."""
        end = start + lasting if lasting else FOREVER
        self.usage.surge(Surge(lambda stream: stream.owner == project_id, factor, start, end))
        self._caps.reconsider()

    def new_project(self, name: str, model: str, daily_dollars: float, at: datetime) -> None:
        """Create a project with a key, which calls one model from `at` on."""
        project = Project(f"proj_{made_up_id(self._seed, name, 24)}", name, at)
        key_id = f"key_{made_up_id(self._seed, name, 16)}"
        self.projects.append(project)
        self.keys.append(ProjectKey(key_id, project.project_id, name))
        self.new_model(project.project_id, model, daily_dollars, at)

    def new_model(self, project_id: str, model: str, daily_dollars: float, at: datetime) -> None:
        """Let a project begin to call a model that nobody called before."""
        key = next(key for key in self.keys if key.project_id == project_id)
        millions = daily_dollars / 4.5
        meters = tokens(model, (2 * millions, millions, millions / 5), ("1.5", "0.15", "6.75"))
        self.usage.add(
            Stream(
                f"{key.key_id}/{model}/{at.isoformat()}",
                model,
                meters,
                owner=project_id,
                key=key.key_id,
                since=at,
            )
        )
        self._caps.reconsider()

    def write_to_cache(self, project_id: str, model: str, at: datetime) -> None:
        """Let a project begin to write to a model's cache: for half an hour, and at a higher price
        for twelve."""
        key = next(key for key in self.keys if key.project_id == project_id)
        meters = tuple(
            Meter(f"{model}, {kept} cache writes", Decimal(price) / MILLION, 2 * MILLION)
            for kept, price in (("30m", "1.5"), ("12h", "3"))
        )
        name = f"{key.key_id}/{model}/cache writes/{at.isoformat()}"
        stream = Stream(name, model, meters, owner=project_id, key=key.key_id, since=at)
        self.usage.add(stream)
        self._caps.reconsider()

    def change_price(self, model: str, factor: Decimal, at: datetime) -> None:
        """From `at`, let a model cost `factor` times as much."""
        self.usage.change_price(PriceChange(model, factor, at))
        self._caps.reconsider()

    def restate(self, day: date, factor: float) -> None:
        """Correct a day to about `factor` times its first figure; with 0 it reads empty."""
        self.usage.restate(day, factor)
        self._caps.reconsider()

    def rename(self, project_id: str, name: str) -> None:
        """Rename a project."""
        for project in self.projects:
            if project.project_id == project_id:
                project.name = name

    def limit_spend(self, amount: Decimal, project_id: str | None = None) -> None:
        """Set a monthly limit, which replaces an earlier one. Once the month's spend reaches it,
        use stops until the month ends or the limit is removed."""
        self.lift_limit(project_id)
        cap = Cap(
            hits=lambda stream: project_id is None or stream.owner == project_id,
            room=lambda at: amount - self._month_until(at, project_id),
            opens_after=lambda at: midnight(Period.of_month(utc_day(at)).end),
            since=self._clock(),
        )
        self.limits.append(SpendLimit(amount, project_id, cap))
        self._caps.add(cap)

    def lift_limit(self, project_id: str | None = None) -> None:
        """Remove that limit."""
        for limit in self.limits:
            if limit.project_id == project_id:
                limit.cap.until = self._clock()
        self.limits = [limit for limit in self.limits if limit.project_id != project_id]
        self._caps.reconsider()

    def buy_credit(
        self, amount: Decimal, at: datetime | None = None, lasting: timedelta = YEAR
    ) -> None:
        """Buy credit in advance, which the API doesn't report. From the first purchase on, use
        stops while none is left."""
        is_first = not self.credit.is_bought
        self.credit.buy(amount, at or self._clock(), lasting)
        if is_first:
            self._caps.add(
                Cap(
                    hits=lambda _: True,
                    room=self.credit.left,
                    opens_after=self.credit.next_purchase,
                    since=self.credit.since,
                )
            )
        self._caps.reconsider()

    def credit_left(self, until: datetime | None = None) -> Decimal:
        """Return what is left of the credit bought in advance, which the API doesn't report."""
        now = until or self._clock()
        self._caps.watch(now)
        return self.credit.left(now)

    def add_alert(self, amount: Decimal, project_id: str | None = None) -> None:
        """Set an amount at which OpenAI sends an e-mail."""
        alert_id = f"sa_{made_up_id(self._seed, f'{amount}/{project_id}', 20)}"
        self.alerts.append(SpendAlert(alert_id, amount, project_id))

    def _used_between(self, start: datetime, end: datetime) -> Decimal:
        first = utc_day(start)
        before = total(line.amount for line in self.usage.day(first, start))
        days = Period(first, utc_day(end) + DAY)
        whole = total(line.amount for day in days for line in self.usage.day(day, end))
        return total((whole, -before))

    def _month_until(self, until: datetime, project_id: str | None) -> Decimal:
        return total(
            line.amount
            for day in Period(_month_start(until), utc_day(until) + DAY)
            for line in self.usage.day(day, until)
            if project_id is None or line.stream.owner == project_id
        )


def _month_start(moment: datetime) -> date:
    return utc_day(moment).replace(day=1)
