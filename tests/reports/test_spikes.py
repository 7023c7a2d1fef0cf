"""What is usual, and what is a spike."""

from datetime import date, timedelta
from decimal import Decimal

from bot.analysis.anomalies import Anomaly, find_anomaly, is_switch_from_byok, usual

DAY = timedelta(days=1)
TODAY = date(2026, 11, 18)
"""A Wednesday."""


def office(end: date, count: int, dollars: Decimal = Decimal(100)) -> list[tuple[date, Decimal]]:
    """Working days at `dollars` give or take a tenth, weekends at a tenth of it."""
    found = []
    for n in range(count):
        day = end - DAY * (count - n)
        wobble = Decimal(90 + (n * 7) % 21) / 100
        found.append((day, dollars * wobble * (Decimal("0.1") if day.weekday() >= 5 else 1)))
    return found


def test_a_day_is_held_against_its_own_weekday() -> None:
    """A Sunday's usual is a Sunday's, a Wednesday's a Wednesday's."""
    history = office(TODAY, 60)
    wednesday = usual(history, TODAY)
    sunday = usual(office(date(2026, 11, 15), 60), date(2026, 11, 15))
    assert wednesday is not None
    assert sunday is not None
    assert 90 < wednesday.middle < 110
    assert 8 < sunday.middle < 12
    assert wednesday.low < wednesday.middle < wednesday.high
    assert wednesday.basis == 60


def test_a_working_day_s_cost_on_a_sunday_is_a_spike() -> None:
    """$100 is nothing on a Wednesday and ten times the usual on a Sunday."""
    sunday = date(2026, 11, 15)
    assert find_anomaly(office(TODAY, 60), TODAY, Decimal(110)) is None
    found = find_anomaly(office(sunday, 60), sunday, Decimal(100))
    assert found is not None
    assert 85 < found.excess < 95
    assert not found.is_continuing


def test_cents_wake_nobody() -> None:
    """Ten times next to nothing is next to nothing."""
    assert find_anomaly(office(TODAY, 60, Decimal("0.10")), TODAY, Decimal(1)) is None


def test_an_idle_account_that_wakes_up_is_a_spike() -> None:
    """Usually nothing: a few dollars are no news, hundreds are."""
    idle = [(day, Decimal(0)) for day, _ in office(TODAY, 60)]
    history = [*office(TODAY - DAY * 60, 30), *idle]
    expected = usual(history, TODAY)
    assert expected is not None
    assert expected.high == 0
    assert find_anomaly(history, TODAY, Decimal(8)) is None
    assert find_anomaly(history, TODAY, Decimal(500)) is not None


def test_the_second_day_of_an_episode_is_not_news() -> None:
    """A day as unusual as the one before goes on with it; a day far above it is news again."""
    history = [*office(TODAY - DAY, 60), (TODAY - DAY, Decimal(400))]
    same, worse = (
        find_anomaly(history, TODAY, Decimal(410)),
        find_anomaly(history, TODAY, Decimal(1000)),
    )
    assert same is not None
    assert same.is_continuing
    assert worse is not None
    assert not worse.is_continuing


def test_a_few_days_know_no_usual() -> None:
    """Without ten days since the first use, nothing is usual and nothing a spike."""
    assert usual(office(TODAY, 9), TODAY) is None
    assert find_anomaly(office(TODAY, 9), TODAY, Decimal(10_000)) is None
    assert usual([], TODAY) is None


def test_days_to_come_say_nothing_of_a_day() -> None:
    """The usual of a day rests on the days before it alone."""
    history = office(TODAY, 60)
    later = [(TODAY + DAY * n, Decimal(9999)) for n in range(5)]
    assert usual([*history, *later], TODAY) == usual(history, TODAY)


def a_spike(byok: Decimal) -> tuple[Anomaly, bool]:
    """A day at $250 instead of $100, and whether it is a switch, with that BYOK on the day."""
    found = find_anomaly(office(TODAY, 60), TODAY, Decimal(250))
    assert found is not None
    return found, is_switch_from_byok(found, office(TODAY, 60, Decimal(150)), TODAY, byok)


def test_an_exhausted_upstream_key_is_recognised() -> None:
    """What others used to bill and now do not, explains what is drawn instead."""
    assert a_spike(Decimal(5))[1]
    assert not a_spike(Decimal(148))[1]
    found = a_spike(Decimal(5))[0]
    assert not is_switch_from_byok(found, office(TODAY, 60, Decimal(10)), TODAY, Decimal(0))
    assert not is_switch_from_byok(found, [], TODAY, Decimal(0))


def test_what_a_weekday_always_cost_is_usual_for_it() -> None:
    """Ten Mondays of $8 among dearer days: the eleventh lies within the band."""
    first = date(2026, 9, 14)
    history = [
        (first + timedelta(days=n), Decimal(8) if n % 7 == 0 else Decimal("9.5")) for n in range(70)
    ]

    found = usual(history, first + timedelta(days=70))

    assert found is not None
    assert found.low <= Decimal(8) <= found.high
