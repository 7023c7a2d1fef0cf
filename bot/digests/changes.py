"""What changed, for a digest: models, days of earlier digests, a month that has settled."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bot.budgets.figures import WHOLE_CONNECTIONS
from bot.budgets.models import Contributor
from bot.db.models import Restatement
from bot.digests.facts import DigestFacts, KnownDays, budget_statuses
from bot.digests.models import Recap
from bot.ledger.models import ItemFigure
from providers.money import difference, total
from providers.period import DAY, Period

TOP = 5
MOVERS = 3
_CENT = Decimal("0.01")
_WORTH_MOVING = 50
"""A model that changed by less than the total divided by this is left out."""
_SETTLING_CHANGE = Decimal(1)
"""Minimum change in dollars for a day that was still settling to be shown."""


def movers(facts: DigestFacts, known: KnownDays) -> tuple[Contributor, ...]:
    """Return the models that changed most against the days before, largest change first. Only
    connections whose days are complete in both periods count."""
    comparable = {
        each.name
        for each in facts.connections
        if known.is_finished(each.name, facts.period) and known.is_finished(each.name, facts.before)
    }
    now = {item.key: item for item in facts.items if item.connection in comparable}
    before = {item.key: item for item in facts.items_before if item.connection in comparable}
    moved = [_contributor(now.get(key), before.get(key)) for key in dict.fromkeys([*now, *before])]
    whole = total(item.used for item in facts.items)
    least = max(_CENT, abs(whole) / _WORTH_MOVING)
    moved = [each for each in moved if abs(_change(each)) >= least]
    moved.sort(key=lambda each: (-abs(_change(each)), each.connection, each.name))
    return tuple(moved[:MOVERS])


def _contributor(now: ItemFigure | None, before: ItemFigure | None) -> Contributor:
    item = now or before
    if item is None:
        raise ValueError("nothing moved")
    return Contributor(
        name=item.label,
        connection=item.connection,
        used=now.used if now else Decimal(0),
        used_before=before.used if before else Decimal(0),
    )


def _change(contributor: Contributor) -> Decimal:
    return difference(contributor.used, contributor.used_before or Decimal(0))


def top(facts: DigestFacts) -> tuple[Contributor, ...]:
    """Return the models that cost most, largest first."""
    largest = sorted(facts.items, key=lambda item: (-item.used, item.connection))
    return tuple(
        Contributor(item.label, item.connection, item.used, None)
        for item in largest[:TOP]
        if item.used > 0
    )


def restatements_of(facts: DigestFacts) -> tuple[Restatement, ...]:
    """Return days of earlier digests that changed, each from its first to its last figure.

    A day that was still settling counts only if it changed by `_SETTLING_CHANGE`. Days of a month
    in the recap are left to the recap.
    """
    return tuple(
        each
        for each in merged(facts.restatements)
        if each.day < facts.period.start
        and (facts.recap_month is None or each.day not in facts.recap_month)
        and each.is_announced
        and (each.was_settled or each.was_kept or abs(each.after - each.before) >= _SETTLING_CHANGE)
    )


def merged(restatements: Sequence[Restatement]) -> tuple[Restatement, ...]:
    """Merge the changes of each day, newest day first. A day that is back at its first figure is
    dropped."""
    days: dict[tuple[str, object], Restatement] = {}
    for each in sorted(restatements, key=lambda one: one.found_at):
        first = days.get((each.connection, each.day))
        days[each.connection, each.day] = Restatement(
            connection=each.connection,
            day=each.day,
            before=first.before if first and not each.was_kept else each.before,
            after=each.after,
            found_at=each.found_at,
            was_settled=each.was_settled or (first is not None and first.was_settled),
            was_kept=each.was_kept,
        )
    changed = [each for each in days.values() if each.was_kept or each.before != each.after]
    return tuple(sorted(changed, key=lambda one: (one.day, one.connection), reverse=True))


def recap_of(facts: DigestFacts, known: KnownDays) -> Recap | None:
    """Return the month that has settled since the digest before, if there is one."""
    month = facts.recap_month
    if month is None:
        return None
    changes = tuple(
        each
        for each in merged(facts.recap_restatements)
        if each.day in month and each.is_announced and not each.was_kept
    )
    missing = {day for each in facts.connections for day in known.missing(each.name, month)}
    ended = replace(facts, period=month)
    monthly = [
        each
        for each in facts.budgets
        if each.target.period == "monthly" and each.rule.scope.kind in WHOLE_CONNECTIONS
    ]
    return Recap(
        month=month,
        used=known.sum(facts.connections, month),
        used_before=known.sum(facts.connections, Period.of_month(month.start - DAY)),
        changes=changes,
        change=total(difference(each.after, each.before) for each in changes),
        budgets=budget_statuses(ended, monthly),
        missing_days=tuple(sorted(missing)),
    )
