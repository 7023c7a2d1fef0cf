"""Alert messages: what was crossed, what drove it, what comes next; and what became of it since."""

from collections.abc import Sequence

from bot.slack.blocks import actions, bounded, button, context, header, section
from bot.slack.message import Block, Message
from bot.slack.messages.rule_words import (
    PERIODS,
    budget_title,
    connection_words,
    floor_words,
    over_or_left,
    scope_words,
    share_of,
)
from bot.slack.text import change, clip, day, escape, listed, moment, money, name, plural, window
from bot.spend.notice import (
    AlertLine,
    BlindFacts,
    BudgetFacts,
    Contributor,
    EpisodeEnd,
    FloorFacts,
    LimitFacts,
    Notice,
    SpikeFacts,
)
from providers.period import Period

ACKNOWLEDGE = "aicost.alert.acknowledge"
SNOOZE = "aicost.alert.snooze"
RAISE = "aicost.alert.raise"
DETAILS = "aicost.alert.details"
REASON = 400
RULES = 6
LINES = 12
"""Shown of one message; what more was crossed stands in `alerts list`."""
ENDS = {
    "period_ended": "the period is over",
    "changed": "the rule was changed",
    "removed": "the rule was removed",
    "below_line": "the figures fell below the line again",
    "topped_up": "the balance was topped up",
    "recovered": "it is well again",
    "came_true": "the line itself was reached",
}


def notice_message(notice: Notice) -> Message:
    """One alert message in the state it is in now."""
    said = [line_sentence(line) for line in notice.lines]
    is_over = all(line.state == "resolved" for line in notice.lines)
    blocks: list[Block] = [header(_heading(notice, is_over=is_over))]
    for line in notice.lines[:LINES]:
        blocks += _line_blocks(line)
    rest = len(notice.lines) - LINES
    if rest > 0:
        more = f"And {plural(rest, 'more line')} crossed: see `/aicost alerts list`."
        blocks.append(section(more))
        said = [*said[:LINES], more.replace("`", "")]
    if not is_over:
        blocks.append(actions(_buttons(notice)))
    prefix = "Over: " if is_over else ""
    return Message(prefix + " ".join(said), bounded(blocks))


def episode_end_message(end: EpisodeEnd) -> Message:
    """What is said in an alert's thread when it is over."""
    return Message(_end_words(end), (section(_end_words(end)),))


def _heading(notice: Notice, *, is_over: bool) -> str:
    lines = notice.lines
    state = "Over: " if is_over else ""
    if len(lines) > 1:
        return clip(f"{state}{len(lines)} lines crossed", 150)
    (line,) = lines
    return clip(f"{state}{_short(line)}", 150)


def _short(line: AlertLine) -> str:
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
            return f"Unusual day on {_plain_scope(facts.connection)}"


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
        case SpikeFacts():
            return (
                f"{connection_words(facts.connection)} used {money(facts.used)} on "
                f"{day(facts.day)} (UTC), usual is about {money(facts.usual)}.{_switch(facts)}"
            )


def _some(rules: Sequence[str]) -> str:
    """Rules as they are typed, the first of them where there are many."""
    shown = list(rules[:RULES])
    rest = len(rules) - len(shown)
    return listed([*shown, plural(rest, "more budget")] if rest else shown)


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
            f"{money(facts.forecast)}; used so far: {money(facts.actual)} ({span})."
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
        f"overdrawn by {money(-facts.remaining)}"
        if facts.remaining < 0
        else f"{about}{money(facts.remaining)} left"
    )
    words = f"{scope_words(facts.scope)} credit is low: {left}"
    if facts.burn_per_day:
        words += f", at about {money(facts.burn_per_day)} a day"
    if facts.runs_out_on and facts.remaining > 0:
        words += f" it lasts until {day(facts.runs_out_on)} (UTC)"
    return f"{words}. Asked to warn at {floor_words(facts.dollars, facts.days)}."


def _line_blocks(line: AlertLine) -> list[Block]:
    facts = line.facts
    words = [line_sentence(line)]
    if line.mentions and line.state == "open":
        words.append(" ".join(_mention(who) for who in line.mentions))
    blocks: list[Block] = [section("\n".join(words))]
    details = _details(line)
    if details:
        blocks.append(section("\n".join(details)))
    notes = [*_fresh(facts), f"Alert #{line.alert_id} · {state_words(line)}"]
    blocks.append(context(notes))
    return blocks


def _details(line: AlertLine) -> list[str]:
    facts = line.facts
    lines: list[str] = []
    if isinstance(facts, BudgetFacts | FloorFacts | SpikeFacts) and facts.contributors:
        lines.append("*Most of it:* " + "; ".join(_contributor(c) for c in facts.contributors))
    if isinstance(facts, BudgetFacts):
        if facts.forecast is not None and line.level.basis == "actual":
            band = (
                f" ({money(facts.forecast_low)} to {money(facts.forecast_high)})"
                if facts.forecast_low is not None and facts.forecast_high is not None
                else ""
            )
            lines.append(f"*Forecast for its end:* {money(facts.forecast)}{band}")
        stop = facts.next_stop
        if stop is not None and stop.on is not None:
            lines.append(
                f"*Next stop:* {escape(clip(stop.what, 200))} on {day(stop.on)} (UTC); "
                f"{escape(clip(stop.consequence, 200))}"
            )
    if isinstance(facts, LimitFacts):
        lines.append(f"*Then:* {escape(clip(facts.consequence, REASON))}")
        if facts.resets_at is not None:
            lines.append(f"*Starts anew:* {moment(facts.resets_at)}")
    return lines


def _contributor(each: Contributor) -> str:
    moved = change(each.used, each.used_before)
    return f"{name(each.name)} {money(each.used)}" + (f", {moved}" if moved else "")


def _fresh(facts: object) -> list[str]:
    if isinstance(facts, BudgetFacts | FloorFacts | LimitFacts | SpikeFacts):
        return [f"Figures read {moment(facts.as_of)}"]
    return []


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


def _mention(who: str) -> str:
    return f"<!subteam^{who}>" if who.startswith("S") else f"<@{who}>"


def _buttons(notice: Notice) -> Sequence[dict[str, object]]:
    value = str(notice.delivery_id)
    live = [line for line in notice.lines if line.state != "resolved"]
    budget = next((line for line in live if isinstance(line.facts, BudgetFacts)), None)
    buttons = []
    if any(line.state != "acknowledged" for line in live):
        buttons.append(button("Acknowledge", ACKNOWLEDGE, value, style="primary"))
    buttons.append(button("Snooze 1 hour", SNOOZE, f"{value} 1h"))
    buttons.append(button("Snooze to tomorrow 09:00", SNOOZE, f"{value} tomorrow"))
    if budget is not None:
        buttons.append(button("Snooze to the period's end", SNOOZE, f"{value} period end"))
        buttons.append(button("Raise budget", RAISE, str(budget.rule_id)))
    buttons.append(button("Details", DETAILS, value))
    return buttons


def _end_words(end: EpisodeEnd) -> str:
    facts = end.facts
    why = ENDS[end.ended]
    if isinstance(facts, BudgetFacts):
        title = f"{scope_words(facts.scope)} at {end.level.threshold}%"
        if end.ended == "period_ended":
            span = window(Period(facts.period_start, facts.period_end), facts.period_start)
            return f"Over: {title}. The period {span} has ended."
        now = ""
        if end.figure is not None and end.amount is not None and end.ended != "removed":
            now = (
                f" Now {money(end.figure)} of {money(end.amount)}, "
                f"{share_of(end.amount, end.figure)}."
            )
        return f"Over: {title}, {why}.{now}"
    if isinstance(facts, FloorFacts):
        left = f" {money(end.figure)} is left now." if end.figure is not None else ""
        if end.ended == "topped_up":
            bought = f" by {money(end.bought)}" if end.bought is not None else ""
            return f"Thank you: {scope_words(facts.scope)} was topped up{bought}.{left}"
        return f"Over: {scope_words(facts.scope)} credit, {why}.{left}"
    if isinstance(facts, BlindFacts):
        if end.ended == "removed":
            return f"Over: no budget here depends on {connection_words(facts.connection)} now."
        again = f"{connection_words(facts.connection)} can be read again"
        return f"Over: {again}, and what depends on it is watched."
    if isinstance(facts, LimitFacts):
        what = escape(clip(facts.what, 200))
        if end.ended == "period_ended":
            return f"Over: {what} has started anew."
        return f"Over: {what} is no longer {'used up' if facts.is_biting else 'close'}."
    return f"Over: {connection_words(facts.connection)} on {day(facts.day)}, {why}."
