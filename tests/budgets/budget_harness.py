"""A ledger whose figures a test sets, with the alerts that follow from them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlmodel import col, select

from bot.access.models import Person, Requester
from bot.budgets.alert_actions import AlertActions
from bot.budgets.alerting import AlertEvaluator
from bot.budgets.messages.alert import notice_message
from bot.budgets.models import BudgetPeriod, Notice
from bot.budgets.repository import AlertRepository
from bot.budgets.results import RuleSet
from bot.budgets.service import Budgets
from bot.db.database import Database
from bot.db.models import Alert
from bot.db.models.outbox import Delivery
from bot.db.session import Session
from bot.language.commands import BudgetSet, LowBalanceSet
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.repository import LedgerRepository
from bot.metrics import Metrics
from bot.scope import Scope
from providers.errors import ProviderError, Unavailable
from providers.models import BreakdownItem, Charge, ChargesRead, PrepaidBalance
from providers.period import DAY, Period, utc_day

OPENAI = Scope("provider", "openai")
OPENROUTER = Scope("provider", "openrouter")
MANAGER = Requester(Person("UMANAGER", "Mo", "Europe/London", is_admin=True), "C1")


@dataclass(slots=True)
class BudgetHarness:
    """What the providers would answer, and a sync of it."""

    database: Database
    now: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC)
    spent: dict[date, Decimal] = field(default_factory=dict)
    models: dict[str, Decimal] = field(default_factory=dict)
    """What other models used today."""
    users: dict[str, Decimal] = field(default_factory=dict)
    """What each user used today; empty: nothing is read by user."""
    credits: Decimal = Decimal(100)
    used: Decimal = Decimal(0)
    unpublished: set[date] = field(default_factory=set)
    """Days that OpenAI has nothing for yet."""
    is_openai_down: bool = False
    is_openrouter_down: bool = False
    ask: Callable[["BudgetHarness"], None] = lambda _: None
    """Called where a sync asks the providers, while nobody else writes."""
    alerts: AlertEvaluator = field(init=False)
    budgets: Budgets = field(init=False)
    actions: AlertActions = field(init=False)

    def __post_init__(self) -> None:
        self.alerts = AlertEvaluator(self.database, Metrics())
        self.budgets = Budgets(self.database, self.alerts)
        self.actions = AlertActions(self.database)

    async def sync(self) -> int:
        """Read everything and evaluate it in one transaction, as a sync does."""
        today = utc_day(self.now)
        period = Period(today - DAY * 40, today + DAY)
        async with self.database.writing() as session:
            self.ask(self)
            if self.is_openai_down:
                await LedgerRepository(session).record_fault("openai", "charges", down(), self.now)
            else:
                covered = frozenset(period) - self.unpublished
                charges = [
                    Charge(day, cost, None, "gpt-5, input", "gpt-5")
                    for day, cost in self.spent.items()
                    if day in covered
                ]
                charges += [
                    Charge(today, cost, None, f"{model}, input", model)
                    for model, cost in self.models.items()
                ]
                read = ChargesRead(period, charges, covered)
                await ChargeWriter(session).replace_days("openai", read, self.now)
                await LedgerRepository(session).record_success("openai", "charges", self.now)
                await self._read_users(session, today)
            if self.is_openrouter_down:
                await LedgerRepository(session).record_fault(
                    "openrouter", "balance", down(), self.now
                )
            else:
                left = PrepaidBalance(self.credits - self.used, self.credits, self.used)
                await LedgerRepository(session).add_balance("openrouter", left, self.now)
                await LedgerRepository(session).record_success("openrouter", "balance", self.now)
                await LedgerRepository(session).record_success("openrouter", "charges", self.now)
            return await self.alerts.after_sync(session, self.now)

    async def _read_users(self, session: Session, today: date) -> None:
        if self.users:
            rows = [BreakdownItem(today, user, None, used) for user, used in self.users.items()]
            period = Period.of_day(today)
            await ChargeWriter(session).replace_breakdown("openai", period, "user", rows)
            await LedgerRepository(session).record_success("openai", "users", self.now)

    async def pass_time(self, **step: float) -> None:
        """Move the clock, and turn the calendar as the bot does each minute."""
        self.now += timedelta(**step)
        await self.alerts.expire_and_unsnooze(self.now)

    def spend(self, amount: str, day: date | None = None) -> None:
        """So much more on a day, today unless named; negative: restated."""
        day = day or utc_day(self.now)
        self.spent[day] = self.spent.get(day, Decimal(0)) + Decimal(amount)

    async def budget(
        self,
        amount: int,
        *thresholds: int,
        period: BudgetPeriod = "monthly",
        forecast: tuple[int, ...] = (),
        scope: Scope = OPENAI,
        channel: str = "C1",
    ) -> RuleSet:
        """Set a budget as a manager does."""
        command = BudgetSet(
            scope, Decimal(amount), period, thresholds or (50, 80, 100), forecast, channel
        )
        return await self.budgets.set(command, MANAGER, self.now)

    async def floor(self, dollars: int) -> RuleSet:
        """Set a low-balance rule as a manager does."""
        command = LowBalanceSet(OPENROUTER, Decimal(dollars), None, None)
        return await self.budgets.set(command, MANAGER, self.now)

    async def runway(self, days: int) -> RuleSet:
        """Set a minimum runway as a manager does."""
        command = LowBalanceSet(OPENROUTER, None, days, None)
        return await self.budgets.set(command, MANAGER, self.now)

    async def open_alerts(self) -> list[Alert]:
        """The unresolved ones, oldest first."""
        async with self.database.reading() as session:
            return list(await AlertRepository(session).unresolved())[::-1]

    async def said(self, kind: str = "alert") -> Sequence[Delivery]:
        """What the outbox holds of one kind, oldest first."""
        async with self.database.reading() as session:
            rows = await session.exec(
                select(Delivery).where(col(Delivery.kind) == kind).order_by(col(Delivery.id))
            )
            return rows.all()

    async def lines(self) -> list[list[int]]:
        """The thresholds that each alert message names, message by message."""
        return [[line.level.percent for line in each.lines] for each in await self._notices()]

    async def messages(self) -> list[str]:
        """What phones show of each alert message, as it is now."""
        return [notice_message(each).text for each in await self._notices()]

    async def _notices(self) -> list[Notice]:
        async with self.database.reading() as session:
            found = [
                await AlertRepository(session).notice(row.id or 0) for row in await self.said()
            ]
        return [each for each in found if each is not None]


def down() -> ProviderError:
    """A provider that does not answer."""
    return Unavailable("The provider did not answer.")
