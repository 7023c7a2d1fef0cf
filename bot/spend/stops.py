"""What bites first: a vendor's own hard limit, or a prepaid balance."""

from collections.abc import Iterable, Sequence
from datetime import date

from bot.spend.ledger import Connection, LimitReading
from bot.spend.summary import ConnectionSummary, Stop

_KINDS = {
    "organization_spend_limit": "the organization's spend limit",
    "project_spend_limit": "the spend limit of project",
    "key_limit": "the limit of key",
    "budget": "the budget of",
}
_WIDEST_FIRST = tuple(_KINDS)


def earliest_stop(
    connections: Sequence[Connection],
    summaries: Iterable[ConnectionSummary],
    limits: Iterable[LimitReading],
) -> Stop | None:
    """The stop that bites already, the widest first; else the balance that runs out first."""
    titles = {connection.name: connection.title for connection in connections}
    biting = [reading for reading in limits if reading.connection in titles and bites(reading)]
    if biting:
        first = min(biting, key=_narrowness)
        return Stop(
            connection=first.connection,
            what=f"{titles[first.connection]}: {limit_words(first)}",
            on=None,
            consequence=first.limit.consequence,
            is_biting=True,
        )
    balances = [stop for summary in summaries if (stop := _of_balance(summary))]
    return min(balances, key=lambda stop: (not stop.is_biting, stop.on or date.max), default=None)


def bites(reading: LimitReading) -> bool:
    """Whether it blocks traffic now."""
    limit = reading.limit
    is_used_up = limit.remaining is not None and limit.remaining <= 0
    return limit.is_hard and (limit.is_enforcing or is_used_up)


def _narrowness(reading: LimitReading) -> tuple[int, bool]:
    kind = reading.limit.kind
    place = _WIDEST_FIRST.index(kind) if kind in _WIDEST_FIRST else len(_WIDEST_FIRST)
    return place, not reading.limit.is_enforcing


def limit_words(reading: LimitReading) -> str:
    """What it is called: ``the limit of key ci``, a name from outside in it."""
    limit = reading.limit
    words = _KINDS.get(limit.kind, limit.kind.replace("_", " "))
    if limit.kind == "organization_spend_limit":
        return words
    return f"{words} {limit.scope_name or limit.scope_id}"


def _of_balance(summary: ConnectionSummary) -> Stop | None:
    left = summary.left
    if left is None or left.remaining is None or left.runs_out_on is None:
        return None
    is_empty = left.remaining <= 0
    return Stop(
        connection=summary.name,
        what=f"{summary.title}: the prepaid balance",
        on=None if is_empty else left.runs_out_on,
        consequence="calls are refused until credit is bought",
        is_biting=is_empty,
    )
