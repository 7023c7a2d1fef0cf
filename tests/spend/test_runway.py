"""How fast a balance is used, and when it runs out."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.spend.ledger import BalanceReading, DayFigure
from bot.spend.runway import burn_per_day, complete, runs_out_on, weekday_pattern
from providers.period import DAY, Period

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
EVEN = dict.fromkeys(range(7), 1.0)


def reading(remaining: str, usage: str, ago: timedelta = timedelta()) -> BalanceReading:
    bought = Decimal(remaining) + Decimal(usage)
    return BalanceReading("openrouter", NOW - ago, Decimal(remaining), bought, Decimal(usage))


def days(amounts: Sequence[str], read_at: datetime = NOW) -> list[DayFigure]:
    """The last complete days, ending with yesterday."""
    start = TODAY - DAY * len(amounts)
    return [
        DayFigure("openrouter", start + DAY * n, Decimal(used), Decimal(0), *[read_at] * 3)
        for n, used in enumerate(amounts)
    ]


def test_burn_is_measured_from_the_accounts_own_usage() -> None:
    """Two readings two days apart tell the burn, whatever was bought meanwhile."""
    readings = [reading("10", "100", timedelta(days=2)), reading("102", "108")]
    assert burn_per_day(readings, days(["1"] * 7), NOW) == 4


def test_readings_less_than_a_day_apart_measure_nothing() -> None:
    """Over a few hours one would take a night for a week: the charges of a week are better."""
    readings = [reading("10", "100", timedelta(hours=23)), reading("2", "108")]
    assert burn_per_day(readings, days(["100", *["1"] * 7]), NOW) == 1


def test_a_usage_that_falls_measures_nothing() -> None:
    """An account's usage that went down is no burn."""
    readings = [reading("10", "100", timedelta(days=2)), reading("10", "50")]
    assert burn_per_day(readings, (), NOW) is None


def test_nothing_to_go_by_is_unknown_and_no_use_is_zero() -> None:
    """No day known: None. Days known to be empty: zero, and it never runs out."""
    assert burn_per_day((), (), NOW) is None
    assert burn_per_day((), days(["0"] * 3), NOW) == 0
    assert runs_out_on(reading("5", "0"), Decimal(0), EVEN, NOW) is None
    assert runs_out_on(reading("5", "0"), None, EVEN, NOW) is None


def test_a_day_read_before_its_end_is_no_complete_day() -> None:
    """Yesterday as it was read at noon would halve the burn."""
    read_at_noon = NOW - timedelta(days=1)
    assert complete(days(["1"], read_at_noon), NOW) == []


def test_the_day_it_runs_out_is_reckoned_from_the_reading() -> None:
    """Half of the reading's day is left; 10 dollars at 4 a day last until the 25th."""
    assert runs_out_on(reading("10", "0"), Decimal(4), EVEN, NOW) == date(2026, 11, 25)
    old = reading("10", "0", timedelta(days=30))
    assert runs_out_on(old, Decimal(4), EVEN, NOW) == TODAY


def test_an_empty_or_overdrawn_balance_has_run_out() -> None:
    """At zero or below it is out today, at whatever burn."""
    for remaining in ("0", "-3.2"):
        assert runs_out_on(reading(remaining, "9"), None, EVEN, NOW) == TODAY


def test_what_lasts_beyond_ten_years_is_not_dated() -> None:
    """A date in the year 9000 is no information."""
    assert runs_out_on(reading("1000000000", "0"), Decimal("0.000000001"), EVEN, NOW) is None


def test_a_team_that_rests_at_weekends_is_reckoned_so() -> None:
    """On a Friday noon, half a day's use of credit lasts over the weekend."""
    start = TODAY - DAY * 28
    used = ["0" if (start + DAY * n).weekday() >= 5 else "7" for n in range(28)]
    pattern = weekday_pattern(days(used), NOW)
    assert pattern[5] == 0
    assert sum(pattern.values()) == 7
    friday = NOW - timedelta(days=3)
    at_friday = reading("3.6", "0", timedelta(days=3))
    assert runs_out_on(at_friday, Decimal(5), pattern, friday) == date(2026, 11, 23)
    assert runs_out_on(at_friday, Decimal(5), EVEN, friday) == date(2026, 11, 21)


def test_too_short_a_history_has_no_pattern() -> None:
    """A week that has been seen once is no pattern."""
    assert weekday_pattern(days(["1"] * 5 + ["9"] * 2), NOW) == EVEN


@given(
    remaining=st.decimals("-100", "100000", places=9),
    burn=st.decimals("0", "1000", places=9),
    used=st.lists(st.decimals("0", "100", places=9), max_size=40),
    ago=st.timedeltas(timedelta(), timedelta(days=40)),
)
def test_it_never_runs_out_in_the_past_nor_before_it_is_used(
    remaining: Decimal, burn: Decimal, used: list[Decimal], ago: timedelta
) -> None:
    """A date is today or later, and more credit never runs out earlier."""
    pattern = weekday_pattern(days([str(amount) for amount in used]), NOW)
    first = runs_out_on(reading(str(remaining), "0", ago), burn, pattern, NOW)
    later = runs_out_on(reading(str(remaining + 10), "0", ago), burn, pattern, NOW)
    assert first is None or first >= TODAY
    assert later is None or (first is not None and later >= first)
    assert len(Period(TODAY, first or TODAY)) <= 3700
