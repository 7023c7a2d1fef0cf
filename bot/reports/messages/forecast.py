"""Forecasts of the month, the week and each budget's period."""

from collections.abc import Callable
from decimal import Decimal

from bot.analysis.backtest import Score
from bot.analysis.forecast import Forecast
from bot.budgets.models import BudgetStatus
from bot.currency.models import reporting_text
from bot.reports.messages.parts import limit_block
from bot.reports.messages.small_print import small_print
from bot.reports.messages.spend import subject
from bot.reports.messages.suggestions import ask, scoped, share_costs
from bot.reports.models import ForecastAnswer, Outlook, Summary
from bot.slack.blocks import (
    actions,
    bounded,
    context,
    escape,
    header,
    message_of,
    name,
    paragraphs,
    section,
)
from bot.slack.charts import CATEGORIES, Series, chart
from bot.slack.message import Block, Message
from bot.wording import (
    band,
    day,
    day_list,
    days,
    estimate,
    listed,
    money,
    month_name,
    percent,
    plural,
    rounded,
)

BUDGETS = 20
ALL_BUDGETS = "ask for one provider, or see `/aicost budget list`"
TOO_LITTLE = "Not enough data: a forecast needs three full days of usage."


def forecast_message(answer: ForecastAnswer, budget_line: Callable[[BudgetStatus], str]) -> Message:
    """Return the month, the week, and the budget nearest to its amount or the next limit. Other
    budgets follow below."""
    summary, scope, about = answer.summary, answer.query.scope, answer.query.about
    month = answer.outlooks[0] if answer.outlooks else None
    found = month.forecast if month else None
    lines = [_outlook(each, summary) for each in answer.outlooks]
    lines[:1] = [" ".join([*lines[:1], *_reporting(answer)])] if lines else []
    budgets = sorted(answer.budgets, key=_share, reverse=True)
    blocks: list[Block] = [header(_title(answer)), *paragraphs(lines)]
    blocks += [section(budget_line(budgets[0]))] if budgets else limit_block(summary)
    if found is not None and (drawn := _chart(found)):
        blocks.append(drawn)
    if budgets[1:]:
        blocks += paragraphs([budget_line(each) for each in budgets[1:BUDGETS]])
        blocks += limit_block(summary)
    if notes := [*_notes(answer), *small_print(summary)]:
        blocks.append(context(notes))
    buttons = [
        ask("Spend", scoped(scope, "mtd", about)),
        ask("Why", f"why {scoped(scope, 'mtd', about)}"),
        ask("Balance", "balance"),
        *share_costs(answer.query),
    ]
    return message_of(bounded(blocks, [actions(buttons)], rest=ALL_BUDGETS))


def _title(answer: ForecastAnswer) -> str:
    """``Forecast for November: about $5,678``, in plain text."""
    summary = answer.summary
    of = subject(summary, "")
    month = month_name(summary.now.date())
    title = f"{of} forecast for {month}" if of else f"Forecast for {month}"
    found = answer.outlooks[0].forecast if answer.outlooks else None
    if found is None:
        return f"{title}: unknown"
    if found.is_thin:
        return f"{title}: {band(found.low, found.high)}"
    return f"{title}: about {estimate(found.expected)}"


def _outlook(outlook: Outlook, summary: Summary) -> str:
    """Return ``80% likely $5,647–$5,718. $5,278.26 spent so far (1–30 Nov, UTC).``, also for the
    week."""
    today, found = summary.now.date(), outlook.forecast
    is_month = outlook.span == "month"
    week = f"This week ({days(outlook.period, today)}): "
    if found is None:
        return TOO_LITTLE if is_month else f"{week}unknown."
    likely = f"80% likely {band(found.low, found.high)}"
    if found.is_thin:
        likely += f" (only {plural(found.basis_days, 'day')} of data)"
    spent = "" if found.actual is None else f" {money(found.actual)} spent so far"
    if not is_month:
        about = "" if found.is_thin else f"about {estimate(found.expected)}, "
        return f"{week}{about}{likely}.{spent}{'.' if spent else ''}"
    if not spent:
        return f"{likely[0].upper()}{likely[1:]}. No day of the month has data yet."
    return f"{likely}.{spent} ({days(summary.period, today)}, UTC)."


def _reporting(answer: ForecastAnswer) -> list[str]:
    """Return the month's forecast in the reporting currency; its range if the basis is thin."""
    reporting = answer.summary.reporting
    found = answer.outlooks[0].forecast if answer.outlooks else None
    if found is None:
        return []
    dollars = (found.low, found.high) if found.is_thin else (found.expected,)
    text = reporting_text(reporting, *dollars, shown=estimate, between=" to ")
    return [] if text is None else [escape(text)]


def _share(status: BudgetStatus) -> Decimal:
    """Return the forecast of a budget as a share of its amount."""
    amount, expected = status.target.amount, status.forecast
    return status.share if expected is None or amount <= 0 else expected / amount


def _past(past: Score, span: str) -> str:
    """Return the average error of such forecasts, and of a simple run rate: ``1% over 6 months
    (simple run rate: 5%)``."""
    words = f"{percent(past.error, Decimal(1))} over {plural(past.trials, span)}"
    if past.run_rate_error is None:
        return words
    return f"{words} (simple run rate: {percent(past.run_rate_error, Decimal(1))})"


def _chart(found: Forecast) -> Block | None:
    """Return the expected running total by day, with its range."""
    path = found.path[:CATEGORIES]
    if len(path) < 2:
        return None
    return chart(
        "line",
        "Forecast running total",
        [day(each.day) for each in path],
        [
            Series("Expected", tuple(rounded(each.expected) for each in path)),
            Series("Low", tuple(rounded(each.low) for each in path)),
            Series("High", tuple(rounded(each.high) for each in path)),
        ],
        x_label="Day (UTC)",
    )


def _notes(answer: ForecastAnswer) -> list[str]:
    today = answer.summary.now.date()
    lines = []
    if answer.left_out:
        names = listed([*map(name, answer.left_out)])
        lines.append(f"Without {names}: too few days of data.")
    found = answer.outlooks[0].forecast if answer.outlooks else None
    if found is not None:
        lines.append(
            "Based on recent daily spend by weekday; single spikes and outages are excluded."
        )
        if found.filled_days:
            filled = day_list(found.filled_days, today)
            lines.append(f"No data for {filled}; usual spend is assumed.")
    past = [_past(each.past, each.span) for each in answer.outlooks if each.past is not None]
    return [*lines, f"Average error at this point: {'; '.join(past)}."] if past else lines
