"""What is usual for an hour, which hours are reported, and what hours cost."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.analysis.hour_costs import priced, rates, unknown_meters, unknown_models
from bot.analysis.hours import (
    ALERTED_WITHIN,
    QUIET_HOURS,
    SETTLES,
    find_hour_anomaly,
    hour_to_alert,
    run_end,
)
from bot.analysis.intraday import early_figure
from bot.anomalies.detection import drivers_of_hour
from bot.ledger.models import HourFigure, HourItem, LineFigure
from providers.hours import HOUR, HourCost, HoursRead, HourTokens, hours_read, whole_hour
from providers.period import midnight

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
"""Of a Wednesday."""
NIGHT = datetime(2026, 11, 18, 3, tzinfo=UTC)
D = Decimal


def costs(end: datetime) -> dict[datetime, Decimal]:
    """Five weeks of hours: $4 to $6 from nine to five on working days, cents otherwise."""
    found = {}
    for n in range(35 * 24, 0, -1):
        at = whole_hour(end) - HOUR * n
        is_work = 9 <= at.hour < 17 and at.weekday() < 5
        found[at] = D(4 + at.day % 3) if is_work else D("0.05") * (at.day % 3)
    return found


def figures(
    end: datetime, extra: Mapping[datetime, Decimal], unpriced: tuple[str, ...] = ()
) -> dict[datetime, HourFigure]:
    """The same hours, up to `end`, and what some of them cost beyond."""
    return {
        at: HourFigure("openai", at, cost + extra.get(at, D(0)), False, unpriced)
        for at, cost in costs(end).items()
    }


def test_an_hour_is_held_against_the_same_hour() -> None:
    """$8 at noon is work; $60 at noon, and $8 at three at night, are spikes."""
    assert find_hour_anomaly(costs(NOON), NOON, D(8)) is None
    found = find_hour_anomaly(costs(NOON), NOON, D(60))
    assert found is not None
    assert (found.usual.low, found.usual.middle, found.usual.high) == (D(4), D(5), D(6))
    assert find_hour_anomaly(costs(NIGHT), NIGHT, D(8)) is not None


def test_a_working_hour_s_cost_on_a_sunday_is_a_spike() -> None:
    """Weekends are held against weekends."""
    sunday = datetime(2026, 11, 15, 12, tzinfo=UTC)
    assert find_hour_anomaly(costs(sunday), sunday, D(8)) is not None


def test_too_few_hours_know_no_usual() -> None:
    """With less than six hours alike, nothing is a spike."""
    lately = {at: cost for at, cost in costs(NOON).items() if at >= NOON - timedelta(days=5)}
    assert find_hour_anomaly(lately, NOON, D(600)) is None


@pytest.mark.parametrize("refund", ["0.5", "6", "4000"])
def test_hours_below_nothing_break_no_judgement(refund: str) -> None:
    """Where a provider gives money back, a spike is one all the same, and the usual is none."""
    known = {at: cost - D(refund) for at, cost in costs(NOON).items()}
    assert find_hour_anomaly(known, NOON, D(600)) is not None
    assert (
        find_hour_anomaly(known | {at: D(0) for at in list(known)[::2]}, NOON, D(600)) is not None
    )
    assert find_hour_anomaly(known, NOON, D(4) - D(refund)) is None


def test_clocks_put_forward_wake_nobody() -> None:
    """When work begins an hour earlier by UTC, eight o'clock is no spike; $60 then is one."""
    eight = NOON.replace(hour=8)
    assert find_hour_anomaly(costs(eight), eight, D(6)) is None
    assert find_hour_anomaly(costs(eight), eight, D(60)) is not None


def test_a_batch_that_ran_about_then_before_is_no_news() -> None:
    """Two nights of the last four weeks cost as much within an hour of that one."""
    known = costs(NIGHT)
    known[NIGHT - timedelta(days=6) + HOUR] = D(50)
    assert find_hour_anomaly(known, NIGHT, D(60)) is not None
    known[NIGHT - timedelta(days=13)] = D(45)
    assert find_hour_anomaly(known, NIGHT, D(60)) is None


def test_where_nothing_is_used_a_little_is_no_news() -> None:
    """An idle account that wakes up must cost five times the minimum."""
    idle = dict.fromkeys(costs(NOON), D(0))
    assert find_hour_anomaly(idle, NOON, D(20)) is None
    assert find_hour_anomaly(idle, NOON, D(30)) is not None


def test_of_unusual_hours_the_first_is_reported() -> None:
    """Neither the hours that go on with it nor one that is worse; after quiet hours it is news."""
    extra = {NOON: D(60), NOON + HOUR: D(55), NOON + HOUR * 2: D(300)}
    now = NOON + HOUR + SETTLES
    shown = hour_to_alert(figures(now, extra), now, None)
    assert shown is not None
    assert shown[0] == NOON
    for hours in range(2, 6):
        now = NOON + HOUR * hours + SETTLES
        assert hour_to_alert(figures(now, extra), now, NOON) is None, hours
    extra[NOON + HOUR * 7] = D(60)
    now = NOON + HOUR * 8 + SETTLES
    again = hour_to_alert(figures(now, extra), now, NOON)
    assert again is not None
    assert again[0] == NOON + HOUR * 7


def test_an_hour_is_not_reported_before_it_is_whole_nor_when_it_is_old() -> None:
    """A quarter of an hour after its end at the earliest, six hours after it began at the latest:
    what began before that and goes on is no news either."""
    extra = {NOON + HOUR * n: D(60) for n in range(9)}
    early = NOON + HOUR + SETTLES - timedelta(minutes=1)
    assert hour_to_alert(figures(NOON + HOUR, extra), early, None) is None
    late = NOON + ALERTED_WITHIN
    assert hour_to_alert(figures(late, extra), late, None) is not None
    too_late = late + timedelta(minutes=1)
    assert hour_to_alert(figures(late, extra), too_late, None) is None


def test_a_run_ends_with_quiet_hours() -> None:
    """Three usual hours in a row; unknown ones do not count."""
    extra = {NOON: D(60), NOON + HOUR * 2: D(60)}
    after = NOON + HOUR * (3 + QUIET_HOURS)
    now = after + SETTLES
    known = figures(now, extra)
    assert run_end(known, NOON, now) == after
    assert run_end(known, NOON, now - HOUR) is None
    del known[NOON + HOUR * 4]
    assert run_end(known, NOON, now) is None


def test_what_goes_on_for_days_ends_nothing_and_hides_nothing() -> None:
    """After three days without quiet hours a run of unusual hours has not ended, but what is far
    worse is news."""
    extra = {NOON + HOUR * n: D(60) for n in range(80)}
    now = NOON + HOUR * 80 + SETTLES
    known = figures(now, extra)
    assert run_end(known, NOON, now) is None
    assert hour_to_alert(known, now, NOON) is None
    known[NOON + HOUR * 79] = HourFigure("openai", NOON + HOUR * 79, D(900), False)
    assert hour_to_alert(known, now, NOON) is not None


def test_what_comes_back_the_next_day_is_the_same_run() -> None:
    """A new daily job, or a new level in working hours, is reported on its first day alone."""
    extra = {NOON: D(60)}
    assert hour_to_alert(figures(NOON + HOUR, extra), NOON + HOUR + SETTLES, None) is not None
    for days in (1, 2, 5, 6):
        hour = NOON + timedelta(days=days)
        extra[hour] = D(62)
        now = hour + HOUR + SETTLES
        assert hour_to_alert(figures(now, extra), now, NOON) is None, days


def test_hours_are_held_against_hours_known_as_well() -> None:
    """A model that has a price by now would make all hours without it look cheap."""
    now = NOON + HOUR + SETTLES
    extra = {NOON: D(60)}
    assert hour_to_alert(figures(now, extra, unpriced=("gpt-6",)), now, None) is not None
    known = figures(now, extra, unpriced=("gpt-6",))
    known[NOON] = HourFigure("openai", NOON, D(65), True)
    assert hour_to_alert(known, now, None) is None


def line(
    model: str, meter: str | None, used: str, quantity: str, unit: str = "tokens"
) -> LineFigure:
    return LineFigure("openai", None, model, f"{model}, {meter}", meter, D(used), D(quantity), unit)


LATELY = rates(
    [
        line("gpt-5", "input", "10", "1000000"),
        line("gpt-5", "cached input", "1", "1000000"),
        line("gpt-5", "output", "5", "500", "1000_tokens"),
        line("gpt-audio", "audio input", "9", "100"),
        line("gpt-audio", "text input", "1", "900"),
        line("images", "images", "7", "7", "images"),
    ]
)


def test_tokens_cost_what_they_cost_of_late() -> None:
    """Each meter at its own price; speech and text of one model at what they cost together."""
    uses = [
        HourTokens(NOON, "gpt-5", {"input": D(200), "cached input": D(1000), "output": D(50)}),
        HourTokens(NOON + HOUR, "gpt-audio", {"input": D(300)}),
    ]
    found = priced("openai", HoursRead(NOON, NOON + HOUR * 3, uses), LATELY)
    assert [figure.used for figure in found.figures] == [D("0.0035"), D(3), D(0)]
    assert [figure.is_estimated for figure in found.figures] == [True, True, False]
    assert [(item.model, item.used) for item in found.items] == [
        ("gpt-5", D("0.0035")),
        ("gpt-audio", D(3)),
    ]


@pytest.mark.parametrize(
    ("spelling", "meter"),
    [
        ("input_tokens", "input"),
        ("Output Tokens", "output"),
        ("input_cached_tokens", "cached input"),
        ("12h cache writes", "cache writes"),
    ],
)
def test_every_spelling_of_a_meter_has_its_price(spelling: str, meter: str) -> None:
    """Also in charges that were kept before the spelling was known."""
    assert rates([line("m", spelling, "2", "10")])["m", meter] == D("0.2")


def test_a_meter_that_is_not_known_is_named() -> None:
    """Of models that were used, and only where tokens are metered."""
    read = HoursRead(NOON, NOON + HOUR, [HourTokens(NOON, "m", {"input": D(1)})])
    lines = [
        line("m", "deep thoughts", "1", "1"),
        line("m", "input_tokens", "1", "1"),
        line("m", "pictures", "1", "1", "images"),
        line("other", "deep thoughts", "1", "1"),
    ]
    [shown] = unknown_meters(lines, read)
    assert shown.startswith("m: ")
    assert "“deep thoughts”" in shown


def test_an_hour_that_cannot_be_read_is_not_known() -> None:
    """It is no hour without use."""
    uses = [HourTokens(NOON, "gpt-5", {"input": D(200)})]
    read = HoursRead(NOON, NOON + HOUR * 3, uses, {NOON + HOUR: "a row without tokens"})
    found = priced("openai", read, LATELY)
    assert [figure.hour for figure in found.figures] == [NOON, NOON + HOUR * 2]


def test_a_price_below_nothing_is_none() -> None:
    """Where more was given back than it cost, no hour is said to have earned money."""
    cost, refund = line("m", "input", "2", "10"), line("m", "input", "-5", "10")
    assert rates([cost]) == {("m", "input"): D("0.2")}
    assert not rates([cost, refund])


@pytest.mark.parametrize(
    ("use", "name"),
    [
        (HourTokens(NOON, "gpt-6", {"input": D(1)}), "gpt-6"),
        (HourTokens(NOON, "gpt-5", {"input": D(1), "cache writes": D(1)}), "gpt-5"),
        (HourTokens(NOON, None, {"input": D(1)}), "(unattributed)"),
    ],
)
def test_without_a_price_nothing_is_made_up(use: HourTokens, name: str) -> None:
    """What has no price, even in part, is named and is no part of the sum; it is not zero."""
    other = HourTokens(NOON, "gpt-audio", {"input": D(1)})
    read = HoursRead(NOON, NOON + HOUR, [use, other])
    (figure,) = priced("openai", read, LATELY).figures
    assert (figure.used, figure.unpriced) == (D("0.01"), (name,))
    assert unknown_models(read, LATELY) == {name}


def test_costs_reported_by_the_hour_need_no_price() -> None:
    """They are exact, and say so."""
    read = HoursRead(NOON, NOON + HOUR, [HourCost(NOON, "m", D("0.1")), HourCost(NOON, None, D(2))])
    (figure,) = priced("openrouter", read, {}).figures
    assert (figure.used, figure.is_estimated, figure.unpriced) == (D("2.1"), False, ())
    assert not unknown_models(read, {})


def test_hours_at_the_end_without_use_may_not_be_reported_yet() -> None:
    """They are unknown until something follows, or a day has gone by."""
    use = HourCost(NOON, "m", D(1))
    assert hours_read(NOON - HOUR, NOON + HOUR * 4, [use]).end == NOON + HOUR
    assert hours_read(NOON - HOUR, NOON + HOUR * 30, [use]).end == NOON + HOUR * 6
    assert hours_read(NOON, NOON + HOUR * 3, []).end == NOON


def test_the_running_day_so_far_is_its_hours_without_a_gap() -> None:
    """Up to the first that is not known; nothing is said where nothing has a price."""
    start = midnight(NOON.date())

    def known(n: int, used: str, *unpriced: str) -> HourFigure:
        return HourFigure("openai", start + HOUR * n, D(used), True, unpriced)

    found = early_figure([known(0, "1"), known(1, "2", "gpt-6"), known(3, "9")], NOON.date())
    assert found is not None
    assert (found.amount, found.until, found.unpriced) == (D(3), start + HOUR * 2, ("gpt-6",))
    assert early_figure([known(1, "2")], NOON.date()) is None
    assert early_figure([known(0, "0", "gpt-6")], NOON.date()) is None


def test_what_drove_an_hour_is_what_cost_more_than_it_does() -> None:
    """Largest excess first, a new model too; what cost no more than usual had no part in it."""
    before = [NOON - timedelta(days=n) for n in (1, 2, 5)]
    items = [
        *(HourItem("openai", at, "gpt-5", D(5)) for at in before),
        *(HourItem("openai", at, "gpt-5-mini", D(90)) for at in before),
        HourItem("openai", NOON, "gpt-5-mini", D(89)),
        HourItem("openai", NOON, "gpt-5", D(25)),
        HourItem("openai", NOON, None, D(40)),
    ]
    found = drivers_of_hour(NOON, items, before, 3)
    assert [(each.name, each.used, each.used_before) for each in found] == [
        ("(unattributed)", D(40), D(0)),
        ("gpt-5", D(25), D(5)),
    ]
