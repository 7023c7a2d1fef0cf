"""Results of commands and actions about budgets, low balances and alerts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from bot.access.models import VisibilityScope
from bot.analysis.drivers import Change
from bot.budgets.models import (
    AlertLine,
    AnomalyFacts,
    Budget,
    BudgetFacts,
    Contributor,
    DataOutageFacts,
    Facts,
    LimitFacts,
    LowBalanceFacts,
    LowBalanceRule,
    RuleStatus,
    UpcomingLimit,
)
from bot.db.models import Rule
from bot.language.commands import EVERY_ALERT, AlertFilter
from bot.ledger.models import Connection
from bot.scope import Scope
from providers.period import Period

Deliverability = Literal["sure", "invite", "unknown"]
"""Whether the bot can post in a channel: it is a member, it could be invited, or Slack doesn't say.
"""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule was created or changed, or was already so."""

    status: RuleStatus
    before: Budget | LowBalanceRule | None
    """Its amounts and thresholds before; None if it was created."""
    is_said_in_channel: bool
    """A threshold is already crossed, so the channel gets one message about it."""
    ended: int
    """Alerts that the change resolved."""
    reach: Deliverability = "sure"
    is_changed: bool = True


@dataclass(frozen=True, slots=True)
class RuleRemoved:
    """A rule was removed."""

    rule: Rule
    ended: int


@dataclass(frozen=True, slots=True)
class RuleListing:
    """The rules in force."""

    statuses: tuple[RuleStatus, ...]
    may_change: bool = False
    """The requester may change rules."""
    page: int = 1
    scope: Scope | None = None
    """The only scope whose rules were asked for; None: every rule."""
    held_back: frozenset[int] = frozenset()
    """The numbers of rules for each person, team or project whose channel may not see them all."""
    unseen: frozenset[int] = frozenset()
    """The numbers of rules that name what their channel may not see. It reads their alerts."""

    @property
    def is_personal(self) -> bool:
        """Return True if it names people, so that only the requester may read it."""
        items = (getattr(each, "item", None) for each in self.statuses)
        return any(item is not None and item.kind == "person" for item in items)


@dataclass(frozen=True, slots=True)
class ListedAlert:
    """An alert as lists show it."""

    line: AlertLine
    channel: str
    is_delivered: bool
    error: str | None
    """Slack's error code, if it could not be posted."""


@dataclass(frozen=True, slots=True)
class AlertListing:
    """Unresolved alerts, or resolved ones."""

    which: Literal["open", "ended"]
    alerts: tuple[ListedAlert, ...]
    """All that match the filter, newest first."""
    only: AlertFilter = EVERY_ALERT

    @property
    def is_personal(self) -> bool:
        """Return True if it names people, so that only the requester may read it."""
        return any(scope_of(each.line.facts).kind == "person" for each in self.alerts)

    @property
    def is_filtered(self) -> bool:
        """Return True if a filter may have hidden some alerts."""
        return replace(self.only, page=1, state=None) != EVERY_ALERT or (
            self.which == "open" and self.only.state is not None
        )


@dataclass(frozen=True, slots=True)
class AlertChanged:
    """An alert was acknowledged or snoozed. If it could not be, `already` says why."""

    line: AlertLine
    did: Literal["acknowledged", "snoozed"]
    already: Literal["resolved", "acknowledged", "snoozed"] | None = None
    with_it: tuple[int, ...] = ()
    """Other alerts of the same message that were changed with it."""


@dataclass(frozen=True, slots=True)
class DetailedRule:
    """A rule that an alert is about, its current figures, and what drives them."""

    status: RuleStatus
    period: Period
    """The complete UTC days that the contributors are about; on the first day of a budget's period,
    that day."""
    before: Period
    """The period they are compared with."""
    contributors: tuple[Contributor, ...]
    """Largest first."""
    change: Change | None = None
    """The causes of the change over the same complete days. None if the scope isn't a whole
    connection, or if there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class AlertDetails:
    """Details of the alerts of one message, as of now."""

    lines: tuple[AlertLine, ...]
    rules: tuple[DetailedRule, ...]
    """The rules of the lines that are still in force."""
    next_stop: UpcomingLimit | None
    now: datetime
    titles: Mapping[str, str] = field(default_factory=dict)
    """Titles of connections, by name."""
    unusual: tuple[Change, ...] = ()
    """The unusual days among the lines, each with the causes of its change from the day before."""
    unknown_limits: tuple[str, ...] = ()
    """Limits of their providers that aren't known, and why: a sentence for each connection."""


Pairs = Sequence[tuple[str, str]]
"""Name and provider of each connection."""


def pairs_of(connections: Sequence[Connection]) -> Pairs:
    """Return pairs of name and provider, for `VisibilityScope`."""
    return [(each.name, each.provider) for each in connections]


def soonest(limits: Iterable[UpcomingLimit | None]) -> UpcomingLimit | None:
    """Return a limit that is already reached, or else the next one; None if none is known."""
    known = [each for each in limits if each is not None]
    return min(known, key=lambda each: (not each.is_biting, each.on or date.max), default=None)


def sees_alert(visibility: VisibilityScope, facts: Facts, pairs: Pairs) -> bool:
    """Return whether an alert is visible: one of a project, where a connection that it spent on
    is."""
    scope = scope_of(facts)
    if scope.kind == "project" and isinstance(facts, BudgetFacts) and facts.contributors:
        sources = {each.connection for each in facts.contributors}
        pairs = [each for each in pairs if each[0] in sources]
    return visibility.sees_scope(scope, pairs)


def may_be_named(facts: Facts, seen: VisibilityScope, connections: Sequence[str]) -> bool:
    """Return whether a channel that sees so much of these connections may read an alert of a budget
    for each person, team or project."""
    scope = scope_of(facts)
    if scope.kind == "project" and isinstance(facts, BudgetFacts):
        connections = [each.connection for each in facts.contributors]
    return seen.sees_named(scope, connections)


def sees_rule(seen: VisibilityScope, scope: Scope, channel: str, pairs: Pairs) -> bool:
    """Return whether a rule's channel, which sees so much, sees what the rule names. It reads the
    alerts all the same, because a manager chose it for them. Of a budget for each person, team or
    project, it reads only what it sees (`may_be_named`)."""
    if scope.kind == "each" or scope == Scope("channel", channel):
        return True
    return seen.sees_scope(scope, pairs)


def scope_of(facts: Facts) -> Scope:
    """Return the scope that an alert is about."""
    match facts:
        case BudgetFacts() | LowBalanceFacts():
            return facts.scope
        case DataOutageFacts() | LimitFacts() | AnomalyFacts():
            return Scope("connection", facts.connection)
