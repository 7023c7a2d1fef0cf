"""Where the month, the week and each budget's period end: one plain sentence, then how sure."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from bot.analysis.backtest import Score
from bot.analysis.forecast import Forecast
from bot.budgets.models import BudgetStatus
from bot.language.text import text_of
from bot.reports.messages.parts import small_print, stop_line
from bot.reports.messages.suggestions import ask, scoped, share
from bot.reports.models import ForecastAnswer, Outlook
from bot.slack.blocks import actions, bounded, context, header, name, paragraphs, section
from bot.slack.charts import CATEGORIES, Series, chart
from bot.slack.message import Block, Message
from bot.wording import (
    day,
    day_list,
    estimate,
    listed,
    money,
    percent,
    plural,
    rounded,
    tidy,
    window,
)
from providers.period import DAY

BUDGETS = 20
EVERYTHING = "see `aicost ask forecast --json` where aicost runs"
UNKNOWN_END = (
    "Too little is known to say where it ends: it takes three complete days since the first use."
)


def forecast_message(answer: ForecastAnswer, budget_line: Callable[[BudgetStatus], str]) -> Message:
    """Month first; the week; what budgets this reaches, and when."""
    today = answer.summary.now.date()
    lines = [_outlook(each, today, strong="*") for each in answer.outlooks]
    said = [_outlook(each, today, strong="") for each in answer.outlooks]
    if answer.left_out:
        without = (
            f"Without {listed([*map(name, answer.left_out)])}, of which too few days are known."
        )
        lines.append(without)
        said.append(without)
    blocks: list[Block] = [header(_title(answer)), *paragraphs(lines)]
    budgets = [budget_line(each) for each in answer.budgets[:BUDGETS]]
    if budgets:
        blocks += paragraphs(["*Budgets*", *budgets])
        said += [each.replace("*", "") for each in budgets]
    if answer.summary.next_limit:
        stop = stop_line(answer.summary.next_limit, today)
        blocks.append(section(f"*Earliest stop:* {stop}"))
        said.append(f"Earliest stop: {stop}.")
    month = answer.outlooks[0].forecast if answer.outlooks else None
    if month is not None and (drawn := _chart(month)):
        blocks.append(drawn)
    notes = [*_notes(answer, today), *small_print(answer.summary)]
    if notes:
        blocks.append(context(notes))
    scope, about = answer.query.scope, answer.query.about
    buttons = [
        ask("What was used", scoped(scope, "mtd", about)),
        ask("Why it changed", f"why {scoped(scope, 'mtd', about)}"),
        ask("Balance", "balance"),
        share(text_of(answer.query)),
    ]
    return Message(" ".join(said), bounded([*blocks, actions(buttons)], rest=EVERYTHING))


def _title(answer: ForecastAnswer) -> str:
    summary = answer.summary
    if about := answer.query.about:
        return f"Forecast: {tidy(f'{about.kind} {about.name}')}"
    if answer.query.scope is None:
        return "Forecast"
    of_one = len(summary.connections) == 1
    return f"Forecast: {tidy(summary.connections[0].title if of_one else answer.query.scope)}"


def _outlook(outlook: Outlook, today: date, *, strong: str) -> str:
    """``This month (1–30 Nov, UTC) ends at about *$1,234.00*, most likely between … and …``."""
    when = f"This {outlook.span} ({window(outlook.period, today)})"
    found = outlook.forecast
    if found is None:
        return f"{when}: {UNKNOWN_END[0].lower()}{UNKNOWN_END[1:]}"
    if found.is_thin:
        words = (
            f"{when} ends somewhere between {strong}{estimate(found.low)} and "
            f"{estimate(found.high)}{strong}: only {plural(found.basis_days, 'day')} since the "
            "first use are known"
        )
    else:
        words = (
            f"{when} ends at about {strong}{estimate(found.expected)}{strong}, four times in five "
            f"between {estimate(found.low)} and {estimate(found.high)}"
        )
    if found.actual is None:
        words += "; none of its days is published yet."
    else:
        words += f"; {money(found.actual)} is used so far."
    return f"{words}{_past(outlook.past, outlook.span)}"


def _past(past: Score | None, span: str) -> str:
    """How far off such forecasts were, and how far a simple run rate was."""
    if past is None:
        return ""
    error = percent(past.error, Decimal(1))
    words = f" Average error at this point of the {span}: {error} over {plural(past.trials, span)}"
    if past.run_rate_error is not None:
        words += f" (simple run rate: {percent(past.run_rate_error, Decimal(1))})"
    return f"{words}."


def _chart(found: Forecast) -> Block | None:
    """The running total to come, day by day, with its band."""
    path = found.path[:CATEGORIES]
    if len(path) < 2:
        return None
    return chart(
        "line",
        "Running total, as expected",
        [day(each.day) for each in path],
        [
            Series("Expected", tuple(rounded(each.expected) for each in path)),
            Series("Low", tuple(rounded(each.low) for each in path)),
            Series("High", tuple(rounded(each.high) for each in path)),
        ],
        x_label="Day (UTC)",
    )


def _notes(answer: ForecastAnswer, today: date) -> list[str]:
    lines = ["From recent days with their weekdays, a lone spike or outage left aside."]
    found = answer.outlooks[0].forecast if answer.outlooks else None
    if found is not None and found.filled_days:
        lines.append(
            f"No figures for {day_list(found.filled_days, today)}: what is usual stands in."
        )
    last = answer.outlooks[0].period.end - DAY if answer.outlooks else None
    if last == today:
        lines.append("Today is the last day of the month.")
    return lines
