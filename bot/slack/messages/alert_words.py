"""Alerts in sentences: what was crossed with its figures, and what became of it since."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.slack.messages.rule_words import (
    PERIODS,
    budget_title,
    connection_words,
    floor_words,
    over_or_left,
    scope_words,
    share_of,
)
from bot.slack.text import clip, day, escape, estimate, listed, moment, money, name, plural
from bot.spend.watching.notice import (
    AlertLine,
    BlindFacts,
    BudgetFacts,
    FloorFacts,
    LimitFacts,
    SpikeFacts,
)

REASON = 400
RULES = 6
ENDS = {
    "period_ended": "the period is over",
    "changed": "the rule was changed",
    "removed": "the rule was removed",
    "below_line": "the figures fell below the line again",
    "topped_up": "the balance was topped up",
    "recovered": "it is well again",
    "came_true": "the line itself was reached",
}


def short_words(line: AlertLine) -> str:
    """A line in a few plain words."""
    facts = line.facts
    match facts:
        case BudgetFacts():
            about = "forecast at" if line.level.basis == "forecast" else "at"
            scope = facts.scope.name or "all providers"
            share = (
                f"{line.level.threshold}%"
                if line.level.basis == "forecast"
                else share_of(facts.amount, facts.actual)
            )
            return f"{_plain_scope(scope)} budget {about} {share}"
        case FloorFacts():
            return f"{_plain_scope(facts.connection)} credit is low"
        case BlindFacts():
            return f"{_plain_scope(facts.connection)} can't be read"
        case LimitFacts():
            return f"{facts.what}: {'blocking now' if facts.is_biting else 'nearly used up'}"
        case SpikeFacts():
            what = "day" if facts.hour is None else "hour"
            return f"Unusual {what} on {_plain_scope(facts.connection)}"


def _plain_scope(scope: str) -> str:
    return {"openai": "OpenAI", "openrouter": "OpenRouter"}.get(scope, scope)


def line_sentence(line: AlertLine) -> str:
    """A line as one full sentence with its figures, in mrkdwn without marks."""
    facts = line.facts
    match facts:
        case BudgetFacts():
            return _budget_sentence(line, facts)
        case FloorFacts():
            return _floor_sentence(facts)
        case BlindFacts():
            since = moment(facts.since)
            return (
                f"{connection_words(facts.connection)} can't be read since {since}, so these see "
                f"nothing: {escape(_some(facts.rules))}. {escape(clip(facts.reason, REASON))} "
                f"{escape(clip(facts.remedy, REASON))}"
            )
        case LimitFacts():
            used = f"{money(facts.used)} of " if facts.used is not None else ""
            state = "is used up" if facts.is_biting else "is nearly used up"
            return f"{escape(clip(facts.what, 200))} {state}: {used}{money(facts.amount)}."
        case SpikeFacts(hour=datetime() as hour):
            return _hour_sentence(facts, hour)
        case SpikeFacts():
            return (
                f"{connection_words(facts.connection)} used {money(facts.used)} on "
                f"{day(facts.day)} (UTC), usual is about {estimate(facts.usual)}.{_switch(facts)}"
            )


def _some(rules: Sequence[str]) -> str:
    """Rules as they are typed, the first of them where there are many."""
    shown = list(rules[:RULES])
    rest = len(rules) - len(shown)
    return listed([*shown, plural(rest, "more budget")] if rest else shown)


def _hour_sentence(facts: SpikeFacts, hour: datetime) -> str:
    about = "about " if facts.is_estimated else ""
    words = (
        f"{connection_words(facts.connection)} used {about}{money(facts.used)} {hour_words(hour)}; "
        f"usual for that hour is {_band(facts)}."
    )
    if facts.is_estimated:
        words += " Estimated from tokens, at what they cost of late."
    if facts.unpriced:
        models = listed([name(each) for each in facts.unpriced[:RULES]])
        words += f" Not in it, as no price is known: {models}."
    return words


def _band(facts: SpikeFacts) -> str:
    low, high = facts.usual_low, facts.usual_high
    if money(facts.usual) == money(Decimal(0)):
        return "next to nothing"
    if low is None or high is None or estimate(low) == estimate(high):
        return f"about {estimate(facts.usual)}"
    return f"{estimate(low)} to {estimate(high)}"


def hour_words(hour: datetime) -> str:
    """``from 14:00 to 15:00 UTC on 24 Nov``, and when that was where the reader is."""
    utc = hour.astimezone(UTC)
    until = utc + timedelta(hours=1)
    return f"from {utc:%H:%M} to {until:%H:%M} UTC on {day(utc.date())} ({moment(hour)})"


def _switch(facts: SpikeFacts) -> str:
    if not facts.is_byok_switch:
        return ""
    return (
        " As much less ran on your own provider keys: one of them may be used up or withdrawn, and "
        "its calls are now paid from credit."
    )


def _budget_sentence(line: AlertLine, facts: BudgetFacts) -> str:
    title = budget_title(facts)
    span = _span(facts)
    if line.level.basis == "forecast":
        return (
            f"{title}: the forecast reaches {line.level.threshold}%. Expected at its end: "
            f"{estimate(facts.forecast)}; used so far: {money(facts.actual)} ({span})."
        )
    stand = "stands at" if line.is_standing else "reached"
    return (
        f"{title} {stand} {line.level.threshold}%: {money(facts.actual)} used, "
        f"{share_of(facts.amount, facts.actual)}, {over_or_left(facts.amount, facts.actual)} "
        f"({span})."
    )


def _span(facts: BudgetFacts) -> str:
    return f"{PERIODS[facts.period]}, since {day(facts.period_start)} UTC"


def _floor_sentence(facts: FloorFacts) -> str:
    about = "an estimated " if facts.is_estimated else ""
    left = (
        f"{money(facts.remaining)} left (overdrawn)"
        if facts.remaining < 0
        else f"{about}{money(facts.remaining)} left"
    )
    words = f"{scope_words(facts.scope)} credit is low: {left}"
    if facts.burn_per_day and facts.burn_per_day > 0 and facts.remaining > 0:
        words += f", at about {estimate(facts.burn_per_day)} a day"
        if facts.runs_out_on:
            words += f" it lasts until {day(facts.runs_out_on)} (UTC)"
    return f"{words}. Asked to warn at {floor_words(facts.dollars, facts.days)}."


def state_words(line: AlertLine) -> str:
    """What became of it, for the small print."""
    if line.state == "resolved" and line.ended is not None:
        when = f" {moment(line.ended_at)}" if line.ended_at else ""
        return f"over{when}: {ENDS[line.ended]}"
    if line.state == "acknowledged":
        when = f" {moment(line.acted_at)}" if line.acted_at else ""
        return f"acknowledged by {_person(line.acted_by)}{when}"
    if line.state == "snoozed":
        until = f" until {moment(line.snoozed_until)}" if line.snoozed_until else ""
        return f"snoozed by {_person(line.acted_by)}{until}"
    return f"open since {moment(line.crossed_at)}"


def _person(who: str | None) -> str:
    """Who pressed, by name: a mention would ring."""
    return name(who) if who else "somebody"
