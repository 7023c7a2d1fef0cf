"""Where a period ends, and how long a balance lasts: exact where known, honest where not."""

import math
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.backtest import backtest, past_error, points_before, score, try_once
from bot.analysis.burn_rate import daily_burn, runway
from bot.analysis.forecast import Forecast, Spending, crossing, forecast_sum
from bot.ledger.models import BalanceReading
from providers.period import Period, midnight

NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))
DAY = timedelta(days=1)
History = list[tuple[date, Decimal]]


def days(start: date, end: date, used: Sequence[str]) -> History:
    """Days that cost these amounts in turn."""
    count = (end - start).days
    return [(start + DAY * n, Decimal(used[n % len(used)])) for n in range(count)]


def forecast(
    history: History, period: Period, now: datetime, so_far_today: Decimal | None = None
) -> Forecast | None:
    """Forecast a single connection."""
    return forecast_sum([Spending(history, so_far_today)], period, now)


def office(start: date, end: date) -> History:
    """$100 on working days, $10 on weekends."""
    found = []
    for n in range((end - start).days):
        day = start + DAY * n
        found.append((day, Decimal(10 if day.weekday() >= 5 else 100)))
    return found


def test_a_steady_office_is_forecast_to_the_dollar() -> None:
    """Weekdays known, the month's end is what its weekdays add up to, not the run rate."""
    truth = sum(used for _, used in office(NOVEMBER.start, NOVEMBER.end))
    found = forecast(
        office(date(2026, 8, 1), date(2026, 11, 7)), NOVEMBER, midnight(date(2026, 11, 7))
    )
    assert found is not None
    assert abs(found.expected - truth) < truth / 50
    assert found.low <= truth <= found.high
    assert not found.is_thin
    assert found.run_rate is not None
    assert abs(found.run_rate - truth) > truth / 10


@given(
    st.lists(st.just(Decimal(0)) | st.decimals(0, 10_000, places=9), min_size=3, max_size=80),
    st.integers(0, 24),
    st.none() | st.decimals(0, 5000, places=9),
)
def test_what_is_known_is_exact_and_the_band_holds_together(
    used: list[Decimal], hour: int, part: Decimal | None
) -> None:
    """Whatever the history: low ≤ expected ≤ high, none below what was used, which is exact."""
    today = date(2026, 11, 12)
    history = [(today - DAY * (len(used) - n), each) for n, each in enumerate(used)]
    now = midnight(today) + timedelta(hours=min(hour, 23))
    found = forecast(history, NOVEMBER, now, part)
    if found is None:
        assert len([each for each in used if each]) < 3
        return
    known = [each for day, each in history if day in NOVEMBER]
    assert found.actual == sum(known, part or Decimal(0))
    assert found.actual <= found.low <= found.expected <= found.high
    path = found.path
    assert [each.day for each in path] == list(Period(today, NOVEMBER.end))
    assert all(a.expected <= b.expected for a, b in pairwise(path))


def test_a_single_spike_does_not_move_the_forecast() -> None:
    """A day at twenty times its usual counts once, in what was used."""
    history = office(date(2026, 9, 1), date(2026, 11, 11))
    spiked = [(day, used * 20 if day == date(2026, 11, 9) else used) for day, used in history]
    now = midnight(date(2026, 11, 11))
    plain, after = forecast(history, NOVEMBER, now), forecast(spiked, NOVEMBER, now)
    assert plain is not None
    assert after is not None
    extra = after.expected - plain.expected
    assert abs(extra - 1900) < plain.expected / 10


def test_a_phase_that_is_over_does_not_move_the_forecast() -> None:
    """Three days at four times their usual, and two as before: they count once, as used."""
    history = office(date(2026, 9, 1), date(2026, 11, 7))
    spell = Period(date(2026, 11, 2), date(2026, 11, 5))
    spiked = [(day, used * 4 if day in spell else used) for day, used in history]
    now = midnight(date(2026, 11, 7))
    plain, after = forecast(history, NOVEMBER, now), forecast(spiked, NOVEMBER, now)
    assert plain is not None
    assert after is not None
    extra = after.expected - plain.expected
    assert abs(extra - 900) < plain.expected / 10


def test_a_total_is_as_uncertain_as_each_of_its_connections() -> None:
    """By as much as one may cost more or less, all together may: on each day ahead, also where a
    dear day makes that one uncertain, and in the sum nothing was unusual."""
    now = midnight(date(2026, 11, 20))
    dear = [
        (day, used * 3 if day == date(2026, 11, 19) else used)
        for day, used in office(date(2026, 8, 1), now.date())
    ]
    other = days(date(2026, 8, 1), now.date(), ["310", "290", "300", "330", "270"])
    parts = [Spending(history, Decimal(20)) for history in (dear, other)]
    whole = forecast_sum(parts, NOVEMBER, now)
    assert whole is not None
    for part in parts:
        alone = forecast_sum([part], NOVEMBER, now)
        assert alone is not None
        for of_all, of_one in zip(whole.path, alone.path, strict=True):
            assert of_all.high - of_all.expected >= of_one.high - of_one.expected
            assert of_all.expected - of_all.low >= of_one.expected - of_one.low
    assert whole.path[-1].high == whole.high


def test_a_level_that_stays_is_followed() -> None:
    """Days at three times their usual that do not end are how things are now."""
    history = office(date(2026, 9, 1), date(2026, 11, 7))
    raised = [(day, used * 3 if day >= date(2026, 11, 2) else used) for day, used in history]
    found = forecast(raised, NOVEMBER, midnight(date(2026, 11, 7)))
    plain = forecast(history, NOVEMBER, midnight(date(2026, 11, 7)))
    assert found is not None
    assert plain is not None
    assert found.expected > plain.expected * 2


def test_a_job_of_the_last_day_is_expected_again() -> None:
    """What the last day of each month cost on top, it will cost on top."""
    history = office(date(2026, 7, 1), date(2026, 11, 21))
    with_job = [(day, used + (1000 if (day + DAY).day == 1 else 0)) for day, used in history]
    now = midnight(date(2026, 11, 21))
    plain, jobs = forecast(history, NOVEMBER, now), forecast(with_job, NOVEMBER, now)
    assert plain is not None
    assert jobs is not None
    assert abs(jobs.expected - plain.expected - 1000) < 100


def test_an_outage_is_not_the_new_normal() -> None:
    """Three days of nothing leave the forecast of the coming days as it was."""
    history = office(date(2026, 9, 1), date(2026, 11, 12))
    out = [(day, Decimal(0) if day >= date(2026, 11, 9) else used) for day, used in history]
    now = midnight(date(2026, 11, 12))
    plain, after = forecast(history, NOVEMBER, now), forecast(out, NOVEMBER, now)
    assert plain is not None
    assert after is not None
    assert abs(plain.expected - after.expected - 300) < 50


def test_two_days_forecast_nothing() -> None:
    """Less than three days since the first use: no forecast, rather than a bad one."""
    history = days(date(2026, 11, 1), date(2026, 11, 3), ["5"])
    assert forecast(history, NOVEMBER, midnight(date(2026, 11, 3))) is None
    zeros = days(date(2026, 8, 1), date(2026, 11, 1), ["0"]) + history
    assert forecast(zeros, NOVEMBER, midnight(date(2026, 11, 3))) is None


def test_a_thin_history_says_so_and_is_wide() -> None:
    """Five days: marked thin, with a band wider than the same habit gets with months behind it."""
    now = midnight(date(2026, 11, 6))
    thin = forecast(days(date(2026, 11, 1), date(2026, 11, 6), ["9", "11"]), NOVEMBER, now)
    full = forecast(days(date(2026, 7, 1), date(2026, 11, 6), ["9", "11"]), NOVEMBER, now)
    assert thin is not None
    assert full is not None
    assert thin.is_thin
    assert thin.method == "level"
    assert not full.is_thin
    assert thin.high - thin.low > full.high - full.low


def test_after_another_level_the_range_is_wide_until_it_has_lasted() -> None:
    """$10 a day, then $30: after two days it may be $12 or $22 a day, after ten not."""
    before = days(date(2026, 7, 1), date(2026, 11, 5), ["10"])
    calm, new, settled = (
        forecast([*before, *days(date(2026, 11, 5), end, ["30"])], NOVEMBER, midnight(end))
        for end in (date(2026, 11, 5), date(2026, 11, 7), date(2026, 11, 15))
    )
    assert calm is not None
    assert new is not None
    assert settled is not None
    assert calm.high - calm.low < 20
    assert new.low < 40 + 60 + 23 * 12
    assert new.high > 40 + 60 + 23 * 22
    assert settled.low > 40 + 300 + 16 * 25


def test_days_that_are_not_covered_are_filled_and_named() -> None:
    """A gap is computed at its usual and said, never counted as zero."""
    history = days(date(2026, 9, 1), date(2026, 11, 11), ["10"])
    gap = {date(2026, 11, 3), date(2026, 11, 4)}
    found = forecast(
        [each for each in history if each[0] not in gap], NOVEMBER, midnight(date(2026, 11, 11))
    )
    assert found is not None
    assert set(found.filled_days) == gap
    assert abs(found.expected - 300) < 3
    assert found.actual == 80


def test_little_so_far_today_is_no_quiet_day_but_much_is_a_busy_one() -> None:
    """The running day lags: its part only ever raises what is expected of it."""
    history = days(date(2026, 9, 1), date(2026, 11, 11), ["10"])
    noon = midnight(date(2026, 11, 11)) + timedelta(hours=12)
    unread, little, much = (
        forecast(history, NOVEMBER, noon, part) for part in (None, Decimal(1), Decimal(95))
    )
    assert unread is not None
    assert little is not None
    assert much is not None
    assert unread.expected == little.expected
    assert abs(much.expected - unread.expected - 90) < 1


def test_a_budget_is_crossed_on_its_day() -> None:
    """$10 a day reaches $205 on the 21st, and $1,000 not within the month."""
    history = days(date(2026, 9, 1), date(2026, 11, 11), ["9", "11"])
    found = forecast(history, NOVEMBER, midnight(date(2026, 11, 11)))
    assert found is not None
    assert crossing(Decimal(205), found) == date(2026, 11, 21)
    assert crossing(Decimal(1000), found) is None


def test_a_job_once_a_week_is_expected_once_a_week() -> None:
    """Nothing on six days of seven: the month's end has as many jobs as it has Mondays."""
    history = [
        (day, Decimal(70 if day.weekday() == 0 else 0))
        for day, _ in office(date(2026, 8, 1), date(2026, 11, 11))
    ]
    found = forecast(history, NOVEMBER, midnight(date(2026, 11, 11)))
    assert found is not None
    assert found.actual == 140
    assert 320 < found.expected < 380
    assert found.low < 350 < found.high


def test_nothing_used_is_forecast_as_nothing() -> None:
    """A connection that stopped months ago is expected to cost nothing more."""
    history = days(date(2026, 5, 1), date(2026, 6, 1), ["10"])
    history += days(date(2026, 6, 1), date(2026, 11, 11), ["0"])
    found = forecast(history, NOVEMBER, midnight(date(2026, 11, 11)))
    assert found is not None
    assert found.expected == found.high == 0


@pytest.mark.parametrize("used", [["5", "-5", *["0"] * 8], ["0.1", "0.2", "-0.3", "0"], ["-2"]])
def test_what_was_given_back_is_forecast_as_nothing(used: Sequence[str]) -> None:
    """Where refunds left nothing of the use, no more is expected, and nothing breaks."""
    history = days(date(2026, 8, 1), date(2026, 11, 9), used)
    found = forecast(history, NOVEMBER, midnight(date(2026, 11, 9)))
    assert found is not None
    assert found.expected == found.actual


def test_backtest_gives_both_errors_and_coverage() -> None:
    """Past whole months are tried at three points; weekdays beat run rate in an office."""
    history = office(date(2026, 6, 1), date(2026, 11, 11))
    tried = backtest(history)
    assert {trial.period.start.month for trial in tried} == {6, 7, 8, 9, 10}
    result = score(tried)
    assert result is not None
    assert result.run_rate_error is not None
    assert result.error < result.run_rate_error
    past = past_error(history, points_before(NOVEMBER, 10))
    assert past is not None
    assert past.trials == 5
    assert past.error < Decimal("0.03")


def test_backtest_leaves_out_months_that_are_not_whole() -> None:
    """A month with a gap has no known truth to be tried against."""
    history = [each for each in office(date(2026, 9, 1), date(2026, 11, 1)) if each[0].day != 7]
    assert backtest(history) == []
    assert score([]) is None


NOW = datetime(2026, 11, 11, tzinfo=UTC)


def test_a_runway_walks_over_quiet_weekends() -> None:
    """From a Wednesday, $330 last Wednesday to Friday and the weekend: gone on Monday."""
    found = runway(Decimal(330), NOW, office(date(2026, 8, 1), date(2026, 11, 11)), NOW)
    assert found.likely == date(2026, 11, 16)
    assert found.earliest is not None
    assert found.latest is not None
    assert found.burn_per_day is not None
    assert found.earliest <= found.likely <= found.latest
    assert abs(found.burn_per_day - Decimal(520) / 7) < 2


def test_a_thin_runway_is_a_range() -> None:
    """Four days of history give days apart, and say so; two only a wide range."""
    found = runway(
        Decimal(300), NOW, days(date(2026, 11, 7), date(2026, 11, 11), ["10", "20"]), NOW
    )
    assert found.is_thin
    assert found.earliest is not None
    assert found.latest is not None
    assert (found.latest - found.earliest).days >= 5
    two = days(date(2026, 11, 9), date(2026, 11, 11), ["10"])
    wide = runway(Decimal(100), NOW, two, NOW)
    assert (wide.earliest, wide.latest) == (date(2026, 11, 16), date(2026, 11, 30))


def test_a_limit_lengthens_a_runway() -> None:
    """What a provider's daily cap does not let through is not drawn from the balance."""
    history = days(date(2026, 9, 1), date(2026, 11, 11), ["20"])
    free = runway(Decimal(200), NOW, history, NOW)
    capped = runway(Decimal(200), NOW, history, NOW, cap_per_day=Decimal(10))
    assert free.likely == date(2026, 11, 20)
    assert capped.likely == date(2026, 11, 30)
    assert capped.burn_per_day == 10


def test_a_balance_that_lasts_for_years_has_no_date() -> None:
    """Beyond two years, no day is named."""
    found = runway(Decimal(10**6), NOW, days(date(2026, 9, 1), NOW.date(), ["1"]), NOW)
    assert (found.earliest, found.likely, found.latest) == (None, None, None)


def reading(at: datetime, credits_bought: str, usage: str) -> BalanceReading:
    """A balance as the provider reports it."""
    bought, used = Decimal(credits_bought), Decimal(usage)
    return BalanceReading("openrouter", at, bought - used, bought, used)


def test_burn_leaves_top_ups_out() -> None:
    """Buying credit changes what is left, not what was drawn; parts of days are no days."""
    start = datetime(2026, 11, 1, 18, tzinfo=UTC)
    found = daily_burn(
        [
            reading(start, "100", "0"),
            reading(start + timedelta(hours=12), "100", "5"),
            reading(start + timedelta(hours=36), "600", "25"),
            reading(start + timedelta(hours=54), "600", "43"),
        ]
    )
    assert found == ((date(2026, 11, 2), Decimal("17.5")), (date(2026, 11, 3), Decimal("23")))
    assert daily_burn([]) == ()


@pytest.mark.parametrize("fell", [True, False])
def test_a_correction_by_the_provider_is_no_negative_burn(fell: bool) -> None:
    """A day on which total usage fell is left out, the others stay."""
    readings = [
        reading(midnight(date(2026, 11, n)), "100", usage)
        for n, usage in enumerate(["0", "10", "4" if fell else "14", "20"], 1)
    ]
    known = [day.day for day, _ in daily_burn(readings)]
    assert known == ([1, 3] if fell else [1, 2, 3])


def scattered(share: float, weekends: bool, seed: int) -> History:
    """Half a year of about $40 on that share of days, by chance, and nothing on the others."""
    rng = random.Random(f"{share}/{weekends}/{seed}")
    found = []
    for day in Period(date(2026, 1, 1), date(2026, 7, 1)):
        is_used = (weekends or day.weekday() < 5) and rng.random() < share
        used = 40 * math.exp(rng.gauss(0, 0.25)) if is_used else 0
        found.append((day, Decimal(str(round(used, 6)))))
    return found


@pytest.mark.parametrize("weekends", [True, False])
@pytest.mark.parametrize(
    "share",
    [0.2, 0.6, *(pytest.param(each, marks=pytest.mark.slow) for each in (0.4, 0.7, 0.8, 0.9, 1.0))],
)
@pytest.mark.parametrize("known_days", [4, pytest.param(11, marks=pytest.mark.slow)])
def test_idle_days_are_part_of_the_pattern(share: float, weekends: bool, known_days: int) -> None:
    """Days without use, however many, are expected to go on: over 16 teams the forecast of June is
    neither too high nor too low by more than chance."""
    june = Period(date(2026, 6, 1), date(2026, 7, 1))
    expected = truth = Decimal(0)
    for seed in range(16):
        history = scattered(share, weekends, seed)
        found = try_once(history, june, known_days)
        if found is not None:
            expected, truth = expected + found.expected, truth + found.truth
    assert abs(expected / truth - 1) < Decimal("0.10" if share > 0.5 else "0.20")
