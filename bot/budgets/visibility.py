"""Filter answers about rules and alerts by a person's visibility."""

from collections.abc import Sequence
from dataclasses import replace

from bot.access.models import VisibilityScope
from bot.budgets.models import BudgetFacts, Facts, FloorFacts, Scope
from bot.budgets.results import AlertListing, RuleListing
from bot.ledger.models import Connection

Pairs = Sequence[tuple[str, str]]
"""Name and provider of each connection."""


def pairs_of(connections: Sequence[Connection]) -> Pairs:
    """Return pairs of name and provider, as `VisibilityScope` takes them."""
    return [(each.name, each.provider) for each in connections]


def visible_budgets(listing: RuleListing, visibility: VisibilityScope, pairs: Pairs) -> RuleListing:
    """Of the rules, those whose scope is seen."""
    return replace(
        listing,
        standings=tuple(
            each for each in listing.standings if visibility.sees_scope(each.rule.scope, pairs)
        ),
    )


def visible_alerts(
    listing: AlertListing, visibility: VisibilityScope, pairs: Pairs
) -> AlertListing:
    """Of the alerts, those whose scope is seen."""
    return replace(
        listing,
        alerts=tuple(
            each
            for each in listing.alerts
            if visibility.sees_scope(scope_of(each.line.facts), pairs)
        ),
    )


def scope_of(facts: Facts) -> Scope:
    """What an alert is about."""
    if isinstance(facts, BudgetFacts | FloorFacts):
        return facts.scope
    return Scope("connection", facts.connection)
