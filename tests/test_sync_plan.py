"""Which days a sync reads."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from bot.ledger.models import Connection, DayFigure
from bot.ledger.sync_plan import ConnectedProvider, plan
from providers.base import Provider, ProviderKind
from providers.period import DAY, Period, midnight

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
TODAY = NOW.date()


def source(history_days: int = 365, settling_days: int = 3) -> ConnectedProvider:
    kind = ProviderKind(
        name="acme",
        title="Acme",
        billing="postpaid",
        base_url="https://acme.example",
        key_variable="ACME_KEY",
        base_url_variable="ACME_BASE_URL",
        key_words="Any key.",
        history_days=history_days,
        settling_days=settling_days,
        publication_delay=timedelta(hours=24),
        window_days=31,
        connect=cast("Any", None),
    )
    return ConnectedProvider("acme", kind, "postpaid", cast("Provider", None))


def connection(**more: Any) -> Connection:
    return Connection("acme", "acme", "Acme", "postpaid", 3, **more)


def read_at(days: Iterable[date], moment: datetime) -> list[DayFigure]:
    return [DayFigure("acme", day, Decimal(1), Decimal(0), moment, moment, moment) for day in days]


def test_a_first_sync_reads_the_last_31_days_first_and_then_back_for_a_year() -> None:
    """All that the provider serves is read, in windows of at most 31 days, newest first."""
    made = plan(source(), connection(), [], NOW, None)
    assert made.recent == Period(TODAY - DAY * 30, TODAY + DAY)
    assert made.history[0].end == made.recent.start
    assert made.history[-1].start == TODAY - DAY * 364
    assert all(len(window) <= 31 for window in made.history)
    assert [window.start for window in made.history[:-1]] == [w.end for w in made.history[1:]]


def test_a_second_sync_reads_only_the_days_that_may_still_change() -> None:
    """Days that were read after they had settled are not asked for again."""
    year = Period(TODAY - DAY * 364, TODAY + DAY)
    made = plan(
        source(), connection(breakdowns_read_at={"key": NOW}), read_at(year, NOW), NOW, None
    )
    assert made.recent == Period(TODAY - DAY * 3, TODAY + DAY)
    assert made.breakdowns["key"] == Period(TODAY - DAY * 4, TODAY + DAY)
    assert made.history == []


def test_days_read_before_they_settled_are_read_again_however_long_ago() -> None:
    """A bot that was off for two months comes back to the days that it last saw unfinished."""
    stopped = midnight(TODAY - DAY * 60) + timedelta(hours=9)
    seen = read_at(Period(TODAY - DAY * 364, stopped.date() + DAY), stopped)
    made = plan(source(), connection(breakdowns_read_at={"key": stopped}), seen, NOW, None)
    asked = {day for window in (made.recent, *made.history) for day in window}
    assert min(asked) == stopped.date() - DAY * 3
    assert asked == set(Period(stopped.date() - DAY * 3, TODAY + DAY))


def test_since_reads_every_day_from_there_on_in_any_case() -> None:
    """`--since` reads again what was settled, and past what the provider is known to serve."""
    seen = read_at(Period(TODAY - DAY * 364, TODAY + DAY), NOW)
    since = TODAY - DAY * 400
    made = plan(source(), connection(earliest_served=TODAY - DAY * 90), seen, NOW, since)
    asked = {day for window in (made.recent, *made.history) for day in window}
    assert asked == set(Period(since, TODAY + DAY))


def test_since_on_an_empty_ledger_reads_no_further_back() -> None:
    """A first sync with `--since` reads from that date."""
    made = plan(source(), connection(), [], NOW, TODAY - DAY * 5)
    assert made.recent == Period(TODAY - DAY * 5, TODAY + DAY)
    assert made.history == []


def test_days_that_the_provider_no_longer_serves_are_not_asked_for() -> None:
    """What was refused once is not asked for again."""
    made = plan(source(), connection(earliest_served=TODAY - DAY * 40), [], NOW, None)
    assert made.history == [Period(TODAY - DAY * 40, TODAY - DAY * 30)]


def test_a_hole_far_back_is_read_by_itself() -> None:
    """An uncovered stretch is asked for alone, not with everything newer."""
    hole = set(Period(TODAY - DAY * 200, TODAY - DAY * 190))
    seen = read_at([day for day in Period(TODAY - DAY * 364, TODAY + DAY) if day not in hole], NOW)
    made = plan(source(), connection(breakdowns_read_at={"key": NOW}), seen, NOW, None)
    assert made.history == [Period(TODAY - DAY * 200, TODAY - DAY * 190)]


def test_the_breakdown_by_key_catches_up_from_its_own_last_reading() -> None:
    """Where the breakdown failed for ten days, the charges alone do not decide what is read of
    it."""
    seen = read_at(Period(TODAY - DAY * 364, TODAY + DAY), NOW)
    last = NOW - timedelta(days=10)
    made = plan(source(), connection(breakdowns_read_at={"key": last}), seen, NOW, None)
    assert made.breakdowns["key"] == Period(TODAY - DAY * 14, TODAY + DAY)


@given(
    known=st.sets(st.integers(0, 399)),
    ages=st.integers(0, 40),
    since=st.none() | st.integers(0, 500),
)
def test_windows_never_overlap_and_miss_nothing(
    known: set[int], ages: int, since: int | None
) -> None:
    """Whatever is known, each day that may change or is not known is read once, no day twice in
    the history, and today always."""
    seen = read_at([TODAY - DAY * age for age in known], NOW - timedelta(days=ages))
    first = None if since is None else TODAY - DAY * since
    made = plan(source(), connection(), seen, NOW, first)
    windows = [made.recent, *made.history]
    days = [day for window in windows for day in window]
    assert len(days) == len(set(days))
    assert TODAY in made.recent
    assert made.recent.end == TODAY + DAY
    oldest = first if first is not None else TODAY - DAY * 364
    uncovered = set(Period(oldest, TODAY)) - {figure.day for figure in seen}
    assert uncovered <= set(days)
    assert min(days) >= min(oldest, TODAY)
