"""The life of an episode, decided without I/O."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bot.budgets.evaluate import Crossing, evaluate
from bot.budgets.models import (
    BalanceStatus,
    Basis,
    Budget,
    BudgetStatus,
    DataOutageFacts,
    LowBalanceRule,
    Threshold,
)
from bot.db.models import Alert, Rule
from bot.scope import Scope
from providers.period import Period
from tests.entities import changed

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOVEMBER = date(2026, 11, 1)
BUDGET = Budget(Decimal(500), "monthly", (50, 80, 100), (100,))
RULE = Rule.of(Scope("provider", "openai"), BUDGET, "C1", "U1", NOW)
LOW = LowBalanceRule(dollars=Decimal(20))
FLOOR = Rule.of(RULE.scope, LOW, "C1", "U1", NOW)


def episode(
    threshold: int,
    basis: Basis = "actual",
    period_start: date | None = NOVEMBER,
    **changes: object,
) -> Alert:
    """An open alert of the actual threshold at that percentage."""
    alert = Alert(
        id=threshold,
        key=f"{basis} {threshold}",
        rule_id=1,
        version=1,
        basis=basis,
        threshold=threshold,
        period_start=period_start,
        channel="C1",
        facts=DataOutageFacts("openai", NOW, "", "", ()),
        crossed_at=NOW,
    )
    return changed(alert, **changes)


def spent(amount: int | str, forecast: int | None = None) -> BudgetStatus:
    """Figures of a budget's scope."""
    expected = None if forecast is None else Decimal(forecast)
    return BudgetStatus(
        RULE, BUDGET, Period.of_month(NOVEMBER), actual=Decimal(amount), forecast=expected
    )


def left(amount: str, bought: int = 100, days: int | None = None) -> BalanceStatus:
    """A reading of a balance."""
    return BalanceStatus(
        FLOOR,
        LOW,
        remaining=Decimal(amount),
        burn_per_day=Decimal(4),
        runway_days=days,
        total_credits=Decimal(bought),
    )


def test_every_line_reached_is_crossed_at_once() -> None:
    """Two thresholds passed between two syncs are two crossings."""
    evaluation = evaluate(RULE, spent(400), [], NOW)

    assert [c.level.percent for c in evaluation.crossings] == [50, 80]


def test_a_line_is_crossed_when_it_is_reached_exactly() -> None:
    """80% of $500 is $400, not $400.000000001."""
    assert evaluate(RULE, spent("399.999999999"), [episode(50)], NOW).crossings == []
    assert evaluate(RULE, spent("400"), [episode(50)], NOW).crossings == [
        Crossing(Threshold("actual", 80), NOVEMBER, 0)
    ]


def test_what_was_said_is_not_said_again() -> None:
    """However often the figures are read."""
    evaluation = evaluate(RULE, spent(420), [episode(50), episode(80)], NOW)

    assert evaluation.crossings == []
    assert evaluation.endings == []


def test_nothing_is_concluded_from_figures_that_are_not_known() -> None:
    """Stale is neither over nor under."""
    evaluation = evaluate(RULE, None, [episode(50)], NOW)

    assert evaluation.crossings == []
    assert evaluation.endings == []


def test_the_period_s_end_ends_its_episodes_even_without_data() -> None:
    """The calendar needs no provider."""
    old = episode(100, period_start=date(2026, 10, 1))

    assert evaluate(RULE, None, [old], NOW).endings == [(old, "period_ended")]


def test_a_restatement_below_the_line_ends_and_a_small_one_back_reopens() -> None:
    """Without a second message: the line arms again only well below itself."""
    going = evaluate(RULE, spent("398"), [episode(80)], NOW)
    assert (episode(80), "below_line") in going.endings

    ended = episode(80, state="resolved", ended="below_line")
    back = evaluate(RULE, spent("401"), [episode(50), ended], NOW)
    assert back.reopened == [ended]
    assert back.crossings == []


def test_a_line_restated_well_away_is_armed_and_crossed_again() -> None:
    """Then the crossing is news."""
    ended = episode(80, state="resolved", ended="below_line")
    armed = evaluate(RULE, spent("370"), [episode(50), ended], NOW)
    assert armed.rearmed == [ended]

    again = evaluate(RULE, spent("401"), [episode(50), changed(ended, is_rearmed=True)], NOW)
    assert again.crossings == [Crossing(Threshold("actual", 80), NOVEMBER, 1)]


def test_a_raised_budget_ends_what_is_no_longer_crossed_and_carries_the_rest() -> None:
    """$520 of $500 becomes $520 of $1,000: half is still passed, 80 and 100 are not."""
    raised = changed(RULE, version=2, amount=Decimal(1000))
    before = [episode(50), episode(80), episode(100)]

    evaluation = evaluate(raised, spent(520), before, NOW)

    assert evaluation.carried == [before[0]]
    assert evaluation.endings == [(before[1], "changed"), (before[2], "changed")]
    assert evaluation.crossings == []


def test_a_raised_budget_crossed_again_alerts_again() -> None:
    """The new line is another line."""
    raised = changed(RULE, version=2, amount=Decimal(1000))
    over = episode(100, state="resolved", ended="changed")

    evaluation = evaluate(raised, spent(1000), [episode(50, version=2), over], NOW)

    assert Crossing(Threshold("actual", 100), NOVEMBER, 1) in evaluation.crossings


def test_a_higher_line_speaks_through_the_snooze_of_a_lower_one() -> None:
    """Quiet up to 80%, not above."""
    snoozed = changed(RULE, snoozed_until=NOW + timedelta(hours=1), snoozed_level=80)

    quiet = evaluate(snoozed, spent(400), [episode(50)], NOW)
    loud = evaluate(snoozed, spent(500), [episode(50)], NOW)
    after = evaluate(snoozed, spent(400), [episode(50)], NOW + timedelta(hours=1))

    assert quiet.crossings == []
    assert [c.level.percent for c in loud.crossings] == [100]
    assert [c.level.percent for c in after.crossings] == [80]


def test_a_snoozed_alert_of_one_silences_lower_thresholds_for_that_one() -> None:
    """In a budget for each person. A higher threshold alerts, and so does what isn't snoozed."""
    for_each = Rule.of(Scope("each", "person"), BUDGET, "C1", "U1", NOW)
    snoozed = episode(80, state="snoozed", snoozed_until=NOW + timedelta(hours=1))
    forecast = changed(snoozed, basis="forecast", threshold=100)
    taken = episode(80, state="acknowledged")

    def crossed(rule: Rule, alert: Alert) -> list[int]:
        return [c.level.percent for c in evaluate(rule, spent(500), [alert], NOW).crossings]

    assert crossed(for_each, snoozed) == [100]
    assert crossed(for_each, forecast) == []
    assert crossed(for_each, taken) == crossed(RULE, snoozed) == [50, 100]


def test_an_alert_of_a_threshold_that_the_rule_no_longer_has_ends() -> None:
    """Unless days are missing: what is known may be less than what was spent."""
    fewer = Budget(BUDGET.amount, BUDGET.period, (80, 100))
    rule = changed(Rule.of(RULE.scope, fewer, "C1", "U1", NOW), version=2)
    alerts = [episode(50), episode(80)]
    partly = BudgetStatus(rule, fewer, Period.of_month(NOVEMBER), None, at_least=Decimal(450))

    assert evaluate(rule, spent(450), alerts, NOW).endings == [(alerts[0], "changed")]
    assert evaluate(rule, partly, alerts, NOW).endings == []


def test_a_forecast_warns_before_the_actual_and_comes_true() -> None:
    """It speaks once, and is over when the line itself is reached."""
    warned = evaluate(RULE, spent(300, forecast=510), [episode(50)], NOW)
    assert warned.crossings == [Crossing(Threshold("forecast", 100), NOVEMBER, 0)]

    forecast = episode(100, basis="forecast")
    true = evaluate(RULE, spent(505, forecast=700), [episode(50), episode(80), forecast], NOW)
    assert (forecast, "came_true") in true.endings
    assert true.crossings == [Crossing(Threshold("actual", 100), NOVEMBER, 0)]


def test_a_forecast_alert_ends_well_below_its_line() -> None:
    """Below 95% of it, since forecasts fluctuate; a forecast that isn't known ends nothing."""
    forecast = episode(100, basis="forecast")
    for expected in (None, 475):
        going_on = evaluate(RULE, spent(300, expected), [episode(50), forecast], NOW)
        assert (going_on.endings, going_on.crossings) == ([], [])
    over = evaluate(RULE, spent(300, forecast=474), [episode(50), forecast], NOW)
    assert over.endings == [(forecast, "below_line")]


def test_a_balance_that_flickers_around_the_minimum_alerts_once() -> None:
    """The episode ends only well above the minimum."""
    going_on = episode(0, "left", period_start=None)

    assert evaluate(FLOOR, left("20.01"), [], NOW).crossings == []
    assert len(evaluate(FLOOR, left("20"), [], NOW).crossings) == 1
    assert evaluate(FLOOR, left("20.10"), [going_on], NOW).endings == []
    assert evaluate(FLOOR, left("19.90"), [going_on], NOW).crossings == []
    assert evaluate(FLOOR, left("22"), [going_on], NOW).endings == [(going_on, "recovered")]


def test_a_snoozed_minimum_is_crossed_once_it_wakes() -> None:
    """Quiet until then, and not forgotten; the snooze of another account's alert silences none."""
    until = NOW + timedelta(hours=1)
    snoozed = changed(FLOOR, snoozed_until=until, snoozed_level=0)
    ended = episode(0, "left", period_start=None)
    ended.act("snoozed", NOW, snoozed_until=until)
    ended.end("recovered", NOW)
    assert evaluate(snoozed, left("12"), [ended], NOW).crossings == []
    assert len(evaluate(snoozed, left("12"), [ended], until).crossings) == 1
    assert len(evaluate(snoozed, left("12"), [], NOW).crossings) == 1


def test_a_changed_minimum_carries_its_alert_or_ends_it() -> None:
    """At the new minimum it goes on; above it is over, however little."""
    going_on = episode(0, "left", period_start=None)
    edited = changed(FLOOR, version=2)
    carried = evaluate(edited, left("20"), [going_on], NOW)
    assert (carried.carried, carried.endings, carried.crossings) == ([going_on], [], [])
    ended = evaluate(edited, left("20.01"), [going_on], NOW)
    assert (ended.carried, ended.endings) == ([], [(going_on, "changed")])


def test_a_top_up_ends_a_low_balance_alert_and_arms_it_again() -> None:
    """Credits bought since the crossing are what shows a top-up."""
    low = episode(0, "left", period_start=None, credits_at_crossing=Decimal(100))

    evaluation = evaluate(FLOOR, left("65", bought=150), [low], NOW)
    assert evaluation.endings == [(low, "topped_up")]

    over = changed(low, state="resolved", ended="topped_up")
    again = evaluate(FLOOR, left("12", bought=150), [over], NOW)
    assert again.crossings == [Crossing(Threshold("left", 0), None, 1)]


def test_an_overdrawn_balance_is_below_every_minimum() -> None:
    """Negative is less than nothing left."""
    days = Rule.of(RULE.scope, LowBalanceRule(days=7), "C1", "U1", NOW)

    assert len(evaluate(FLOOR, left("-3.20"), [], NOW).crossings) == 1
    assert len(evaluate(days, left("-3.20"), [], NOW).crossings) == 1
    assert len(evaluate(days, left("0"), [], NOW).crossings) == 1


def test_a_minimum_runway_looks_at_days() -> None:
    """A week's runway with six days left; and nothing used lasts for ever."""
    rule = Rule.of(RULE.scope, LowBalanceRule(days=7), "C1", "U1", NOW)

    assert len(evaluate(rule, left("24", days=6), [], NOW).crossings) == 1
    assert evaluate(rule, left("24", days=None), [], NOW).crossings == []
