"""The digest: the figure first, then what needs attention; two lines on a quiet day."""

from bot.digests.messages import budgets, month, sentences
from bot.digests.models import ChartBar, Digest
from bot.reports.messages.suggestions import ask, scoped
from bot.slack.blocks import (
    Element,
    actions,
    button,
    context,
    header,
    message_of,
    paragraphs,
)
from bot.slack.charts import Amount, Cell, Series, chart, data_table
from bot.slack.message import Block, Message
from bot.wording import day, days, money, month_name, undated, window, with_owner
from providers.money import difference, total
from providers.period import DAY, Period

PAUSE = "aicost.digest.pause"
SETTINGS = "aicost.digest.settings"


def digest_message(digest: Digest) -> Message:
    """Return a digest for its channel. On a quiet day: the figure, and the month so far."""
    quiet = [[month.quiet_month_line(digest), budgets.alerts_line(digest)]]
    parts = quiet if digest.is_quiet else _parts(digest)
    notes = sentences.balance_lines(digest) if digest.is_quiet else []
    blocks = [header(sentences.title(digest))]
    for lines in parts:
        blocks += paragraphs(list(filter(None, lines)))
    if digest.depth == "full" and not digest.is_quiet:
        blocks += [each for each in (_chart(digest), _table(digest)) if each is not None]
    notes += sentences.small_print(digest)
    return message_of([*blocks, context(notes), actions(_buttons(digest))])


def _parts(digest: Digest) -> list[list[str | None]]:
    """Return the month and the balances, the period's spend with what changed most (first if that
    is news), the forecast with the budgets, what else needs attention, and corrections: each a
    section of its own."""
    recap = [] if digest.recap is None else budgets.recap_lines(digest.recap, digest)
    spend = [*sentences.connection_lines(digest), sentences.movers_line(digest)]
    if digest.is_unusual or digest.cadence != "daily":
        spend = [spend[-1], *spend[:-1]]
    outlook = [month.month_forecast_line(digest), *budgets.budget_lines(digest), *recap]
    return [
        [month.month_line(digest), *sentences.balance_lines(digest)],
        *([recap, spend] if digest.cadence == "monthly" and recap else [spend, outlook]),
        [
            budgets.alerts_line(digest),
            sentences.limit_line(digest),
            *sentences.expiring_key_lines(digest),
        ],
        [*sentences.restated(digest)],
    ]


def _chart(digest: Digest) -> Block | None:
    bars = digest.chart
    if len(bars) < 2:
        return None
    used = [dict(bar.used) for bar in bars]
    series = [
        Series(title, tuple(each[title] for each in used))
        for title in used[0]
        if any(each[title] for each in used)
    ]
    if not series:
        return None
    unit = "month" if digest.cadence == "monthly" else "day"
    span = days(Period(bars[0].period.start, bars[-1].period.end), digest.now.date())
    labels = [_label(bar) for bar in bars]
    heading = f"Spend by {unit}, {span}"
    return chart("bar", heading, labels, series, x_label=f"{unit.capitalize()} (UTC)")


def _label(bar: ChartBar) -> str:
    return day(bar.period.start) if len(bar.period) == 1 else month_name(bar.period.start)


def _table(digest: Digest) -> Block | None:
    if not digest.top:
        return None
    titles = {each.summary.name: each.summary.title for each in digest.connections}
    owners = [titles.get(each.connection, each.connection) for each in digest.top]
    names = with_owner(undated([each.name for each in digest.top]), owners)
    rows: list[list[Cell]] = [
        [label, Amount(each.used, money(each.used))]
        for label, each in zip(names, digest.top, strict=True)
    ]
    if digest.used is not None and all(each.used is not None for each in digest.connections):
        rest = difference(digest.used, total(each.used for each in digest.top))
        if rest > 0:
            rows.append(["All others", Amount(rest, money(rest))])
    caption = f"Top models, {window(digest.period, digest.now.date())}"
    return data_table(caption, ["Model", "Spend"], rows)


def _buttons(digest: Digest) -> list[Element]:
    """Return what to press, the open alerts first. *By model* leads to other breakdowns and
    periods, and the settings to *Pause digest*."""
    scope = digest.scope if digest.scope.kind in ("provider", "connection") else None
    span = f"{digest.period.start}..{digest.period.end - DAY}"
    if digest.cadence == "monthly":
        span = f"{digest.period.start:%Y-%m}"
    buttons = [
        ask("Why", f"why {scoped(scope, span)}"),
        ask("By model", scoped(scope, f"{span} by model")),
    ]
    if digest.alerts:
        alerts = ask(f"Open alerts ({len(digest.alerts)})", "alerts list")
        buttons.insert(0, {**alerts, "style": "primary"})
    if any(each.summary.status != "ok" for each in digest.connections):
        buttons.append(ask("Status", "status"))
    if digest.digest_id is not None:
        buttons.append(button("Digest settings", SETTINGS, str(digest.digest_id)))
    return buttons
