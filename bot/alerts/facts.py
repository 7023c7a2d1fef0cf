"""What drove a crossing: gathered when there is one, frozen into its alert."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from bot.answers.left import read_earliest_stop
from bot.seeing.sights import SightReading
from bot.seeing.visibility import Sight
from bot.spend.ledger import By, ItemFigure
from bot.spend.summary import Stop
from bot.spend.watching.books import ITEM_KINDS, Books, in_scope, is_named
from bot.spend.watching.notice import BudgetFacts, Contributor, Facts, FloorFacts, NextStop
from bot.spend.watching.rules import Budget, BudgetPeriod, Floor, Rule, Scope, budget_period
from bot.spend.watching.standing import account, budget_figures, foretell
from providers.period import DAY, WEEK, Like, Period, utc_day

TOP = 3
LIKE: Mapping[BudgetPeriod, Like] = {"daily": "week", "weekly": "week", "monthly": "month"}
"""What the days of a budget's period are compared with."""


class Evidence:
    """Answers from the ledger to what alert messages tell, each asked for at most once."""

    def __init__(self, ledger: SightReading, books: Books) -> None:
        self._ledger = ledger
        self.books = books
        self._items: dict[tuple[Period, By], Sequence[ItemFigure]] = {}
        self._stops: dict[Sight, NextStop | None] = {}

    async def contributors(
        self, scope: Scope, period: Period, like: Like, most: int = TOP
    ) -> tuple[Contributor, ...]:
        """The largest models (of a model: projects) of a scope, and what their complete days are
        compared with.

        For a project or key the cut by model is not kept: it contributes alone.
        """
        by: By = "project" if scope.kind == "model" else "model"
        if scope.kind in ("project", "key", "model"):
            by = ITEM_KINDS[scope.kind]
        names = {c.name for c in in_scope(scope, self.books.connections)}
        now = [
            item
            for item in await self._cut(period, by)
            if item.connection in names
            and (scope.kind not in ITEM_KINDS or is_named(item, scope.name))
        ]
        past = period.clip(Period(date.min, utc_day(self.books.now)))
        is_compared = (
            len(past) > 0 and self._covers(names, past) and self._covers(names, past.before(like))
        )
        before = _by_item(await self._cut(past.before(like), by)) if is_compared else {}
        by_yesterday = _by_item(await self._cut(past, by)) if past != period else None
        return tuple(
            Contributor(
                name=item.name or item.item_id or "(unattributed)",
                connection=item.connection,
                used=item.used,
                used_before=before.get(_key(item), Decimal(0)) if is_compared else None,
                used_by_yesterday=None
                if by_yesterday is None
                else by_yesterday.get(_key(item), Decimal(0)),
            )
            for item in sorted(now, key=lambda each: -each.used)[:most]
            if item.used > 0
        )

    def credits(self, rule: Rule) -> Decimal | None:
        """All that had ever been bought on a floor's account."""
        if isinstance(rule.target, Budget):
            return None
        found = account(rule.scope, self.books)
        return None if found is None else found[1].total_credits

    async def next_stop(self, sight: Sight) -> NextStop | None:
        """What bites first of all that is seen; None where nothing of it can be dated."""
        if sight not in self._stops:
            stop = await read_earliest_stop(self._ledger.seen_by(sight), self.books.now)
            self._stops[sight] = None if stop is None else _as_of_now(stop)
        return self._stops[sight]

    def _covers(self, names: set[str], period: Period) -> bool:
        return all(day in self.books.days.get(name, {}) for name in names for day in period)

    async def _cut(self, period: Period, by: By) -> Sequence[ItemFigure]:
        if (period, by) not in self._items:
            self._items[period, by] = await self._ledger.items(period, by)
        return self._items[period, by]


def _by_item(items: Sequence[ItemFigure]) -> dict[tuple[str, str | None], Decimal]:
    return {_key(item): item.used for item in items}


def _key(item: ItemFigure) -> tuple[str, str | None]:
    return item.connection, item.item_id


def _as_of_now(stop: Stop) -> NextStop:
    return NextStop(
        what=stop.what,
        on=stop.on,
        consequence=stop.consequence,
        is_biting=stop.is_biting,
        earliest=stop.earliest,
        latest=stop.latest,
        until=stop.until,
    )


async def facts_of(rule: Rule, evidence: Evidence, sight: Sight) -> Facts:
    """The facts of a rule that was crossed, as they are now; beside its own figures nothing that is
    not seen with `sight` where it is told."""
    if isinstance(rule.target, Budget):
        return await _budget_facts(rule, rule.target, evidence, sight)
    return await _floor_facts(rule, rule.target, evidence)


async def _budget_facts(
    rule: Rule, target: Budget, evidence: Evidence, sight: Sight
) -> BudgetFacts:
    books = evidence.books
    today = utc_day(books.now)
    period = budget_period(target.period, today)
    figures = budget_figures(rule, target, books)
    if figures is None:
        raise ValueError("a budget whose figures are not known is never crossed")
    expected = None if figures.is_least else foretell(rule.scope, target, books)
    read = [c.charges_read_at for c in in_scope(rule.scope, books.connections)]
    return BudgetFacts(
        scope=rule.scope,
        amount=target.amount,
        period=target.period,
        period_start=period.start,
        period_end=period.end,
        actual=figures.actual,
        forecast=expected.expected if expected else None,
        forecast_low=expected.low if expected else None,
        forecast_high=expected.high if expected else None,
        as_of=min((at for at in read if at is not None), default=books.now),
        contributors=await evidence.contributors(
            rule.scope, Period(period.start, today + DAY), LIKE[target.period]
        ),
        next_stop=await evidence.next_stop(sight),
        is_least=figures.is_least,
    )


async def _floor_facts(rule: Rule, target: Floor, evidence: Evidence) -> FloorFacts:
    books = evidence.books
    found = account(rule.scope, books)
    if found is None:
        raise ValueError("a floor whose balance is not known is never crossed")
    connection, balance = found
    today = utc_day(books.now)
    return FloorFacts(
        scope=rule.scope,
        connection=connection.name,
        dollars=target.dollars,
        days=target.days,
        remaining=balance.remaining,
        burn_per_day=books.burn.get(connection.name),
        runs_out_on=books.runs_out_on.get(connection.name),
        as_of=balance.read_at,
        contributors=await evidence.contributors(
            Scope("connection", connection.name), Period(today - DAY * WEEK, today), "days"
        ),
        is_estimated=balance.is_estimated,
    )
