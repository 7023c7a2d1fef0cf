"""Budgets and floors, and the alerts they gave rise to."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, String
from sqlmodel import JSON, Field

from bot.budgets.models import Basis, BudgetPeriod, Ended, EpisodeState, ScopeKind
from bot.db.models.base import Money, Table


class Rule(Table, table=True):
    """A budget (`amount` and `period`) or a floor (`floor_dollars` or `floor_days`)."""

    id: int = Field(default=None, primary_key=True)
    version: int = 1
    scope_kind: ScopeKind = Field(sa_type=String)
    scope_name: str | None = None
    channel: str
    amount: Decimal | None = Field(default=None, sa_type=Money)
    period: BudgetPeriod | None = Field(default=None, sa_type=String)
    thresholds: list[int] = Field(default_factory=list, sa_type=JSON)
    forecast_thresholds: list[int] = Field(default_factory=list, sa_type=JSON)
    floor_dollars: Decimal | None = Field(default=None, sa_type=Money)
    floor_days: int | None = None
    mentions: list[Any] = Field(default_factory=list, sa_type=JSON)
    """Pairs of a threshold and a Slack user or user group."""
    is_end_quiet: bool = False
    made_by: str
    made_at: datetime
    changed_at: datetime
    judged_at: datetime | None = None
    snoozed_until: datetime | None = None
    snoozed_level: int = 0
    removed_at: datetime | None = None


class Alert(Table, table=True):
    """One episode: a line crossed, and what became of it."""

    __table_args__ = (Index("ix_alert_rule_id_state", "rule_id", "state"),)

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    rule_id: int | None = Field(default=None, foreign_key="rule.id")
    version: int
    basis: Basis = Field(sa_type=String)
    threshold: int
    period_start: date | None = None
    arming: int
    channel: str
    delivery_id: int = Field(foreign_key="delivery.id", index=True)
    facts: str
    """JSON of the facts frozen when the line was crossed."""
    is_standing: bool
    crossed_at: datetime
    state: EpisodeState = Field(index=True, sa_type=String)
    acted_by: str | None = None
    acted_at: datetime | None = None
    snoozed_until: datetime | None = None
    ended: Ended | None = Field(default=None, sa_type=String)
    ended_at: datetime | None = None
    is_rearmed: bool = False
    credits_at_crossing: Decimal | None = Field(default=None, sa_type=Money)
