"""Alert messages: what was crossed, what drove it, what comes next; and what became of it since."""

from collections.abc import Sequence

from bot.slack.blocks import actions, bounded, button, context, header, section
from bot.slack.message import Block, Message
from bot.slack.messages.alert_words import (
    ENDS,
    REASON,
    hour_words,
    line_sentence,
    short_words,
    state_words,
)
from bot.slack.messages.parts import stop_line
from bot.slack.messages.rule_words import (
    connection_words,
    scope_words,
    share_of,
)
from bot.slack.text import change, clip, day, escape, estimate, moment, money, name, plural, window
from bot.spend.watching.notice import (
    PREVIEWED,
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
HEADED = 3
LINES = 12
"""Shown of one message; what more was crossed stands in `alerts list`."""


def notice_message(notice: Notice) -> Message:
    """One alert message in the state it is in now."""
    said, reasons = [line_sentence(line) for line in notice.lines], list[str]()
    is_over = all(line.state == "resolved" for line in notice.lines)
    blocks: list[Block] = [header(_heading(notice, is_over=is_over))]
    shown = notice.lines[:LINES]
    for number, line in enumerate(shown):
        has_more = any(_is_of_same(line, other) for other in shown[number + 1 :])
        details = [] if has_more else _details(line)
        blocks += _line_blocks(line, details)
        reasons += [f"{each.replace('*', '', 2)}." for each in details]
    rest = len(notice.lines) - LINES
    if rest > 0:
        more = f"And {plural(rest, 'more line')} crossed: see `/aicost alerts list`."
        blocks.append(section(more))
        said = [*said[:LINES], more.replace("`", "")]
    if not is_over:
        blocks.append(actions(_buttons(notice)))
    prefix = "Over: " if is_over else ""
    return Message(prefix + " ".join([*said, *reasons]), bounded(blocks))


def episode_end_message(end: EpisodeEnd) -> Message:
    """What is said in an alert's thread when it is over."""
    return Message(_end_words(end), (section(_end_words(end)),))


def _heading(notice: Notice, *, is_over: bool) -> str:
    lines = notice.lines
    state = "Over: " if is_over else ""
    said = list(dict.fromkeys(short_words(line) for line in lines))
    rest = len(said) - HEADED
    words = "; ".join(said[:HEADED]) + (f"; and {rest} more" if rest > 0 else "")
    return clip(f"{state}{words}", 150)


def _is_of_same(line: AlertLine, other: AlertLine) -> bool:
    """Two thresholds of one budget: what drives it is said once, under the last."""
    return line.rule_id is not None and line.rule_id == other.rule_id and line.facts == other.facts


def _line_blocks(line: AlertLine, details: Sequence[str]) -> list[Block]:
    facts = line.facts
    words = [line_sentence(line)]
    if line.mentions and line.state == "open":
        words.append(" ".join(_mention(who) for who in line.mentions))
    blocks: list[Block] = [section("\n".join(words))]
    if details:
        blocks.append(section("\n".join(details)))
    notes = [*_fresh(facts), *_number(line)]
    if notes:
        blocks.append(context(notes))
    return blocks


def _number(line: AlertLine) -> list[str]:
    """How it is asked for, and its state; of a preview there is neither."""
    return [f"Alert #{line.alert_id} · {state_words(line)}"] if line.alert_id != PREVIEWED else []


def _details(line: AlertLine) -> list[str]:
    facts = line.facts
    lines: list[str] = []
    if isinstance(facts, BudgetFacts | FloorFacts | SpikeFacts) and facts.contributors:
        most = "; ".join(_contributor(c) for c in facts.contributors)
        lines.append(f"*{_most_words(facts)}:* {most}")
    if isinstance(facts, BudgetFacts):
        if facts.forecast is not None and line.level.basis == "actual":
            band = (
                f" ({estimate(facts.forecast_low)} to {estimate(facts.forecast_high)})"
                if facts.forecast_low is not None and facts.forecast_high is not None
                else ""
            )
            lines.append(f"*Forecast for its end:* {estimate(facts.forecast)}{band}")
        if facts.next_stop is not None:
            stop = stop_line(facts.next_stop, line.crossed_at.date())
            lines.append(f"*Earliest stop:* {stop}")
    if isinstance(facts, LimitFacts):
        lines.append(f"*Then:* {escape(clip(facts.consequence, REASON))}")
        if facts.resets_at is not None:
            lines.append(f"*Starts anew:* {moment(facts.resets_at)}")
    return lines


def _most_words(facts: BudgetFacts | FloorFacts | SpikeFacts) -> str:
    if isinstance(facts, SpikeFacts) and facts.hour is not None:
        return "Most of it, beside what is usual for that hour"
    return "Most of it"


def _contributor(each: Contributor) -> str:
    moved = change(each.used, each.used_before)
    return f"{name(each.name)} {money(each.used)}" + (f", {moved}" if moved else "")


def _fresh(facts: object) -> list[str]:
    if isinstance(facts, BudgetFacts | FloorFacts | LimitFacts | SpikeFacts):
        return [f"Figures read {moment(facts.as_of)}"]
    return []


def _mention(who: str) -> str:
    return f"<!subteam^{who}>" if who.startswith("S") else f"<@{who}>"


def _buttons(notice: Notice) -> Sequence[dict[str, object]]:
    value = str(notice.delivery_id)
    live = [line for line in notice.lines if line.state != "resolved"]
    budgets = list(
        dict.fromkeys(line.rule_id for line in live if isinstance(line.facts, BudgetFacts))
    )
    buttons = []
    if any(line.state != "acknowledged" for line in live):
        buttons.append(button("Acknowledge", ACKNOWLEDGE, value, style="primary"))
    buttons.append(button("Snooze 1 hour", SNOOZE, f"{value} 1h"))
    buttons.append(button("Snooze to tomorrow 09:00", SNOOZE, f"{value} tomorrow"))
    if budgets:
        buttons.append(button("Snooze to the period's end", SNOOZE, f"{value} period end"))
    for rule in budgets[:LINES]:
        label = "Raise budget" if len(budgets) == 1 else f"Raise budget #{rule}"
        buttons.append(button(label, RAISE, str(rule)))
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
    when = f"on {day(facts.day)}" if facts.hour is None else hour_words(facts.hour)
    return f"Over: {connection_words(facts.connection)} {when}, {why}."
