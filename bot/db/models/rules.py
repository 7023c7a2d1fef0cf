"""Budgets, low-balance rules and their alerts."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index, String, false, text
from sqlmodel import Field

from bot.budgets.models import (
    STORED_BASIS,
    AlertState,
    Basis,
    Budget,
    BudgetPeriod,
    Ended,
    Facts,
    LowBalanceRule,
    Threshold,
)
from bot.db.models.base import Json, JsonText, Money, StoredText, Table, column
from bot.scope import Scope, ScopeKind


class Rule(Table, table=True):
    """A budget or low-balance rule in one channel. Its scope and thresholds are read as `scope` and
    `target`."""

    id: int = Field(default=None, primary_key=True)
    version: int = 1
    scope_kind: ScopeKind = Field(sa_type=String)
    scope_name: str | None = None
    channel: str
    amount: Decimal | None = Field(default=None, sa_type=Money)
    period: BudgetPeriod | None = Field(default=None, sa_type=String)
    thresholds: tuple[int, ...] = Field(default=(), sa_type=Json)
    forecast_thresholds: tuple[int, ...] = Field(default=(), sa_type=Json)
    low_balance_dollars: Decimal | None = Field(
        default=None, sa_type=Money, sa_column_kwargs=column("low_balance_dollars", "floor_dollars")
    )
    low_balance_days: int | None = Field(
        default=None, sa_column_kwargs=column("low_balance_days", "floor_days")
    )
    low_balance_currency: str = Field(
        default="USD", sa_column_kwargs={"server_default": text("'USD'")}
    )
    """The currency of `low_balance_dollars`: that of the balance."""
    mentions: tuple[tuple[int, str], ...] = Field(default=(), sa_type=Json)
    """Pairs of a threshold and the user or user group that is mentioned when it is crossed."""
    is_end_quiet: bool = False
    """When an alert is resolved, its message is edited without a reply in the thread."""
    made_by: str
    made_at: datetime
    changed_at: datetime
    first_evaluated_at: datetime | None = Field(
        default=None, sa_column_kwargs=column("first_evaluated_at", "judged_at")
    )
    """When this version was first compared with figures; None: never yet."""
    snoozed_until: datetime | None = None
    snoozed_level: int = 0
    """The snooze silences thresholds up to this percentage."""
    removed_at: datetime | None = None
    is_managed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """`aicost.toml` says so: it can't be changed in Slack."""

    @classmethod
    def of(
        cls,
        scope: Scope,
        target: Budget | LowBalanceRule,
        channel: str,
        made_by: str,
        made_at: datetime,
    ) -> "Rule":
        """Return a new rule, version 1, not saved yet."""
        rule = cls(
            scope_kind=scope.kind,
            scope_name=scope.name,
            channel=channel,
            made_by=made_by,
            made_at=made_at,
            changed_at=made_at,
        )
        rule._set_target(target)
        return rule

    @property
    def scope(self) -> Scope:
        """Return what the rule is about."""
        return Scope(self.scope_kind, self.scope_name)

    @property
    def target(self) -> Budget | LowBalanceRule:
        """Return the amount and thresholds."""
        if self.amount is None or self.period is None:
            return LowBalanceRule(
                self.low_balance_dollars, self.low_balance_days, self.low_balance_currency
            )
        return Budget(self.amount, self.period, self.thresholds, self.forecast_thresholds)

    def change(self, target: Budget | LowBalanceRule, now: datetime) -> None:
        """Start the next version, which is not evaluated yet and not snoozed."""
        self._set_target(target)
        self.version += 1
        self.changed_at = now
        self.first_evaluated_at = self.snoozed_until = None

    def _set_target(self, target: Budget | LowBalanceRule) -> None:
        budget = target if isinstance(target, Budget) else None
        low = target if isinstance(target, LowBalanceRule) else None
        self.amount, self.period = (budget.amount, budget.period) if budget else (None, None)
        self.thresholds = budget.thresholds if budget else ()
        self.forecast_thresholds = budget.forecast_thresholds if budget else ()
        self.low_balance_dollars = low.dollars if low else None
        self.low_balance_days = low.days if low else None
        self.low_balance_currency = low.currency if low else "USD"


class Alert(Table, table=True):
    """A threshold that was crossed, and the state of that alert."""

    __table_args__ = (Index("ix_alert_rule_id_state", "rule_id", "state"),)

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    """Unique among all alerts ever opened."""
    rule_id: int | None = Field(default=None, foreign_key="rule.id")
    version: int = 0
    """Version of the rule; 0 without a rule."""
    basis: Basis = Field(sa_type=StoredText(STORED_BASIS))
    threshold: int
    period_start: date | None = None
    """Start of the budget's period; None for a low-balance rule."""
    rearm_count: int = Field(default=0, sa_column_kwargs=column("rearm_count", "arming"))
    """Counts how often this threshold was armed again within the period, from 0."""
    channel: str
    delivery_id: int = Field(default=None, foreign_key="delivery.id", index=True, nullable=False)
    """Its message in the outbox."""
    facts: Facts = Field(sa_type=JsonText(Facts))
    """As they were at the crossing, or when the rule was changed since."""
    is_initial: bool = Field(default=False, sa_column_kwargs=column("is_initial", "is_standing"))
    """Found when the rule was first evaluated: the current state, not news."""
    crossed_at: datetime
    state: AlertState = Field(default="open", index=True, sa_type=String)
    acted_by: str | None = None
    """Name of the user who acknowledged or snoozed it. Text from outside; escape it."""
    acted_at: datetime | None = None
    snoozed_until: datetime | None = None
    """While `snoozed`: when the snooze ends."""
    ended: Ended | None = Field(default=None, sa_type=String)
    ended_at: datetime | None = None
    is_rearmed: bool = False
    """After it was resolved, the figure went back far enough for another crossing."""
    credits_at_crossing: Decimal | None = Field(default=None, sa_type=Money)
    """For a low-balance rule: all credits ever bought on its account, as of the crossing."""

    @property
    def level(self) -> Threshold:
        """Return the threshold that was crossed."""
        return Threshold(self.basis, self.threshold)

    def act(
        self,
        state: AlertState,
        now: datetime,
        *,
        by: str | None = None,
        snoozed_until: datetime | None = None,
    ) -> None:
        """Acknowledge or snooze the alert, or open it again after a snooze."""
        self.state, self.acted_by, self.acted_at = state, by, now
        self.snoozed_until = snoozed_until

    def end(self, ended: Ended, now: datetime) -> None:
        """Resolve the alert."""
        self.state, self.ended, self.ended_at = "resolved", ended, now

    def reopen(self) -> None:
        """Undo the resolution."""
        self.state, self.ended, self.ended_at = "open", None, None
