"""What of an answer about rules and alerts somebody may see."""

from collections.abc import Sequence
from dataclasses import replace

from bot.seeing.visibility import Sight
from bot.spend.ledger import Connection
from bot.spend.watching.notice import BudgetFacts, Facts, FloorFacts
from bot.spend.watching.rule_answers import AlertListing, RuleListing
from bot.spend.watching.rules import Scope

Pairs = Sequence[tuple[str, str]]
"""Name and provider of each connection."""


def pairs_of(connections: Sequence[Connection]) -> Pairs:
    """The connections as a sight wants them."""
    return [(each.name, each.provider) for each in connections]


def seen_rules(listing: RuleListing, sight: Sight, pairs: Pairs) -> RuleListing:
    """Of the rules, those whose scope is seen."""
    return replace(
        listing,
        standings=tuple(
            each for each in listing.standings if sight.sees_scope(each.rule.scope, pairs)
        ),
    )


def seen_alerts(listing: AlertListing, sight: Sight, pairs: Pairs) -> AlertListing:
    """Of the alerts, those whose scope is seen."""
    return replace(
        listing,
        alerts=tuple(
            each for each in listing.alerts if sight.sees_scope(scope_of(each.line.facts), pairs)
        ),
    )


def scope_of(facts: Facts) -> Scope:
    """What an alert is about."""
    if isinstance(facts, BudgetFacts | FloorFacts):
        return facts.scope
    return Scope("connection", facts.connection)
