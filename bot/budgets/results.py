"""Results of commands and actions about budgets, low balances and alerts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from bot.analysis.drivers import Change
from bot.budgets.models import (
    AlertLine,
    Budget,
    BudgetFacts,
    BudgetStatus,
    Contributor,
    Facts,
    LowBalanceFacts,
    LowBalanceRule,
    Scope,
    UpcomingLimit,
)
from bot.db.models import Rule
from bot.language.commands import EVERY_ALERT, AlertFilter
from bot.ledger.models import Connection
from providers.period import Period

Deliverability = Literal["sure", "invite", "not_told"]
"""Whether a channel can be warned: I am in it, I could be invited, or Slack does not say."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule was made, or changed; or it was so already."""

    standing: BudgetStatus
    before: Budget | LowBalanceRule | None
    """Its amounts and thresholds before; None: it was made."""
    is_said_in_channel: bool
    """A threshold is already crossed: the channel gets one message about it."""
    ended: int
    """Alerts that the change ended."""
    reach: Deliverability = "sure"
    is_changed: bool = True


@dataclass(frozen=True, slots=True)
class RuleRemoved:
    """A rule is in force no longer."""

    rule: Rule
    ended: int


@dataclass(frozen=True, slots=True)
class RuleListing:
    """Every rule in force."""

    standings: tuple[BudgetStatus, ...]
    may_change: bool = False
    """The requester may change them."""
    page: int = 1


@dataclass(frozen=True, slots=True)
class ListedAlert:
    """An alert as lists show it."""

    line: AlertLine
    channel: str
    is_delivered: bool
    error: str | None
    """Slack's word for why it could not be posted, where it could not."""


@dataclass(frozen=True, slots=True)
class AlertListing:
    """Alerts that are not resolved, or those that are."""

    which: Literal["open", "ended"]
    alerts: tuple[ListedAlert, ...]
    """All that fit the filter, newest first."""
    only: AlertFilter = EVERY_ALERT

    @property
    def is_filtered(self) -> bool:
        """Some alerts may have been left out."""
        return replace(self.only, page=1, state=None) != EVERY_ALERT or (
            self.which == "open" and self.only.state is not None
        )


@dataclass(frozen=True, slots=True)
class AlertChanged:
    """An alert was acknowledged or snoozed; or it could not be: `already` says why."""

    line: AlertLine
    did: Literal["acknowledged", "snoozed"]
    already: Literal["resolved", "acknowledged", "snoozed"] | None = None
    with_it: tuple[int, ...] = ()
    """The other alerts of the same message, to which the same was done."""


@dataclass(frozen=True, slots=True)
class DetailedRule:
    """A rule that an alert is about, where it stands, and what drives it."""

    standing: BudgetStatus
    period: Period
    """The complete UTC days that the contributors are of; of a budget's first day, that day."""
    before: Period
    """What they are compared with."""
    contributors: tuple[Contributor, ...]
    """Largest first."""
    change: Change | None = None
    """The same complete days taken apart; None where the scope is no whole connection, or there is
    nothing to compare."""


@dataclass(frozen=True, slots=True)
class AlertDetails:
    """More about the alerts of one message, as they are now."""

    lines: tuple[AlertLine, ...]
    rules: tuple[DetailedRule, ...]
    """Of the lines' rules those that are still in force."""
    next_stop: UpcomingLimit | None
    now: datetime
    titles: Mapping[str, str] = field(default_factory=dict)
    """Connections as people write them, by name."""
    unusual: tuple[Change, ...] = ()
    """The unusual days among the lines, against the day before each, taken apart."""


Pairs = Sequence[tuple[str, str]]
"""Name and provider of each connection."""


def pairs_of(connections: Sequence[Connection]) -> Pairs:
    """Return pairs of name and provider, as `VisibilityScope` takes them."""
    return [(each.name, each.provider) for each in connections]


def scope_of(facts: Facts) -> Scope:
    """What an alert is about."""
    if isinstance(facts, BudgetFacts | LowBalanceFacts):
        return facts.scope
    return Scope("connection", facts.connection)
