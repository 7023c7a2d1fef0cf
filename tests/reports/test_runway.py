"""How fast a balance is used, and when it runs out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.ledger.models import BalanceReading, DayFigure
from bot.reports.history import complete, estimate_runway
from providers.period import DAY

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TODAY = NOW.date()


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


def test_a_quiet_week_or_a_single_spike_is_not_the_burn() -> None:
    """The model of the forecast, not the mean of a week, says what is used in a day."""
    quiet = estimate_runway([reading("100", "0")], days([*["10"] * 69, *["0"] * 6]), NOW)
    spike = estimate_runway([reading("100", "0")], days([*["10"] * 72, "100", "10", "10"]), NOW)
    for found in (quiet, spike):
        assert found.burn_per_day is not None
        assert 9.9 < found.burn_per_day < 10.5
        assert found.likely == date(2026, 12, 3)


def test_nothing_to_go_by_is_unknown_and_no_use_is_zero() -> None:
    """No day known: None. Days known to be empty: zero, and it never runs out."""
    assert estimate_runway((), (), NOW).burn_per_day is None
    assert estimate_runway((), days(["0"] * 3), NOW).burn_per_day == 0
    unused = estimate_runway([reading("5", "0")], days(["0"] * 3), NOW)
    assert (unused.earliest, unused.likely, unused.latest) == (None, None, None)
    assert unused.burn_per_day == 0


def test_what_is_given_back_is_not_a_burn() -> None:
    """Where credits exceed the use there is neither a burn rate nor a runway."""
    found = estimate_runway([reading("5", "0")], days(["-0.25"] * 40), NOW)
    assert (found.burn_per_day, found.likely) == (None, None)


def test_a_day_read_before_its_end_is_no_complete_day() -> None:
    """Yesterday as it was read at noon would halve the burn."""
    read_at_noon = NOW - timedelta(days=1)
    assert complete(days(["1"], read_at_noon), NOW) == []


def test_the_day_it_runs_out_is_computed_from_the_reading() -> None:
    """Half of the reading's day is left; 10 dollars at 4 a day last until the 25th."""
    found = estimate_runway([reading("10", "0")], days(["4"] * 40), NOW)
    assert found.likely == date(2026, 11, 25)
    old = estimate_runway([reading("10", "0", timedelta(days=30))], days(["4"] * 40), NOW)
    assert old.likely == TODAY


def test_an_empty_or_overdrawn_balance_has_no_runway() -> None:
    """At zero or below no day is named; the burn rate is known all the same."""
    for remaining in ("0", "-3.2"):
        found = estimate_runway([reading(remaining, "9")], days(["4"] * 40), NOW)
        assert (found.earliest, found.likely, found.latest) == (None, None, None)
        assert found.burn_per_day == 4


def test_what_lasts_beyond_two_years_is_not_dated() -> None:
    """A date in the year 9000 is no information."""
    found = estimate_runway([reading("1000000000", "0")], days(["0.000000001"] * 40), NOW)
    assert found.likely is None


def test_a_team_that_rests_at_weekends_is_forecast_so() -> None:
    """On a Friday noon, a little more than half a day's use of credit lasts over the weekend."""
    friday = NOW - timedelta(days=3)
    start = friday.date() - DAY * 42
    used = ["0" if (start + DAY * n).weekday() >= 5 else "7" for n in range(42)]
    at_friday = reading("4.2", "0", timedelta(days=3))
    known = [replace(day, day=day.day - DAY * 3) for day in days(used)]
    found = estimate_runway([at_friday], known, friday)
    assert found.likely == date(2026, 11, 23)


def test_what_hardly_a_day_shows_is_a_wide_range() -> None:
    """Two days known: from half to double the burn, and said to be thin."""
    found = estimate_runway([reading("40", "0")], days(["4"] * 2), NOW)
    assert found.is_thin
    assert found.earliest is not None
    assert found.latest is not None
    assert (found.earliest - TODAY).days <= 5 <= 20 <= (found.latest - TODAY).days


def test_credit_that_expires_unused_shortens_a_runway() -> None:
    """Of 100, 60 are gone on the 27th but for what was used before; the rest lasts less long."""
    gone = date(2026, 11, 27)
    whole = estimate_runway([reading("100", "0")], days(["4"] * 40), NOW)
    part = estimate_runway(
        [reading("100", "0")], days(["4"] * 40), NOW, None, [(gone, Decimal(60))]
    )
    assert whole.likely == date(2026, 12, 18)
    assert part.likely == date(2026, 12, 6)


@given(
    remaining=st.decimals("-100", "100000", places=9),
    used=st.lists(st.decimals("0", "100", places=9), max_size=40),
    ago=st.timedeltas(timedelta(), timedelta(days=40)),
)
def test_it_never_runs_out_in_the_past_nor_before_it_is_used(
    remaining: Decimal, used: list[Decimal], ago: timedelta
) -> None:
    """A date is today or later, more credit never runs out earlier, and the range holds it."""
    known = days([str(amount) for amount in used])
    first = estimate_runway([reading(str(remaining), "0", ago)], known, NOW)
    later = estimate_runway([reading(str(remaining + 10), "0", ago)], known, NOW)
    if remaining <= 0 or not first.burn_per_day:
        return
    never = date.max
    assert (first.likely or never) >= TODAY
    assert (later.likely or never) >= (first.likely or never)
    dates = [each or never for each in (first.earliest, first.likely, first.latest)]
    assert dates == sorted(dates)


def test_the_account_s_own_usage_covers_days_that_charges_do_not() -> None:
    """Where no charge can be read, weekdays and scatter come from the balance's readings: the days
    that it lasts are the same as with the charges themselves."""
    drawn = [Decimal(n % 3 + 3) for n in range(7)]
    readings = [
        reading(str(60 - sum(drawn[:n])), str(sum(drawn[:n])), timedelta(days=7 - n, hours=12))
        for n in range(8)
    ]
    by_charges = estimate_runway(readings, days([str(each) for each in drawn]), NOW)
    by_readings = estimate_runway(readings, [], NOW)
    assert by_readings.basis_days == 7
    assert by_readings == by_charges
