"""Alerts that share a line of a message."""

from collections.abc import Iterable
from datetime import datetime

from bot.budgets.models import AlertLine


def by_rule(lines: Iterable[AlertLine]) -> list[tuple[AlertLine, ...]]:
    """Group the alerts that share a line: the thresholds of one rule in one period, and of one
    person, team or project if the budget is for each of them, or of one account.

    The groups keep the order of their first alerts. The last alert of each group is the one whose
    figures are shown: one that isn't resolved, the newest of these and, of equally new ones, the
    highest threshold of the actual spend.
    """
    groups: dict[object, list[list[AlertLine]]] = {}
    order: list[list[AlertLine]] = []
    for line in lines:
        alike = groups.setdefault(_are_shown_as_one(line), [])
        group = next((each for each in alike if all(one.level != line.level for one in each)), None)
        if group is None:  # the first, or crossed again after it was resolved
            group = []
            alike.append(group)
            order.append(group)
        group.append(line)
    return [tuple(sorted(group, key=_rank)) for group in order]


def _are_shown_as_one(line: AlertLine) -> object:
    if line.rule_id is None:
        return ("alert", line.alert_id)
    kinds = ("period_start", "scope", "connection")
    return (line.rule_id, *(getattr(line.facts, each, None) for each in kinds))


def _rank(line: AlertLine) -> tuple[bool, datetime, bool, int]:
    level = line.level
    return line.state != "resolved", line.crossed_at, level.basis == "actual", level.percent
