"""The digest: what matters first; two lines on a quiet day."""

from bot.digests.messages.parts import (
    BUDGETS,
    budget_line,
    connection_line,
    freshness,
    late_words,
    lead,
    movers_line,
    recap_lines,
    restated,
    so_far,
    title,
    who,
)
from bot.digests.models import Bar, Digest
from bot.reports.messages.parts import left_words, stop_line
from bot.reports.messages.suggestions import ask, scoped
from bot.slack.blocks import (
    Element,
    actions,
    bounded,
    button,
    context,
    escape,
    header,
    name,
    paragraphs,
    section,
)
from bot.slack.charts import Amount, Cell, Series, chart, data_table
from bot.slack.message import Block, Message
from bot.wording import day, money, month_name, rounding_note, window
from providers.money import total
from providers.period import DAY

PAUSE = "aicost.digest.pause"
SETTINGS = "aicost.digest.settings"
CONNECTIONS = 12


def digest_message(digest: Digest) -> Message:
    """One digest, as a channel gets it."""
    if digest.is_quiet:
        return _quiet(digest)
    parts = [_figures(digest), _connections(digest), _changes(digest)]
    blocks: list[Block] = [header(title(digest))]
    blocks += [block for part in parts for block in paragraphs(part)]
    if digest.depth == "full":
        blocks += [each for each in (_chart(digest), _table(digest)) if each is not None]
    blocks.append(context(_small_print(digest)))
    blocks.append(actions(_buttons(digest)))
    lines = [line for part in parts for line in part]
    said = [f"{escape(who(digest))}:", *lines, *_small_print(digest)]
    return Message(" ".join(said).replace("*", ""), bounded(blocks))


def _quiet(digest: Digest) -> Message:
    """Nothing needs attention: what was used and where the month stands; what is left and when
    it was read."""
    scope = "" if digest.scope.kind == "all" else f"{escape(who(digest))}: "
    first = [scope + lead(digest), *so_far(digest)[-1:]]
    first += [budget_line(each) for each in digest.budgets[:1]]
    second = [
        f"{name(each.title)}: {left_words(each.left, digest.now.date())}."
        for each in digest.connections
        if each.left is not None
    ]
    second += _small_print(digest)
    lines = [" ".join(first), " ".join(second)]
    blocks: list[Block] = [section("\n".join(lines)), actions(_buttons(digest))]
    return Message(" ".join(lines).replace("*", ""), tuple(blocks))


def _figures(digest: Digest) -> list[str]:
    """What was used, and how that stands against budgets."""
    if digest.recap is not None and digest.cadence == "monthly":
        return recap_lines(digest.recap, digest)
    budgets = [budget_line(each) for each in digest.budgets[:BUDGETS]]
    return [lead(digest), *so_far(digest), *budgets]


def _connections(digest: Digest) -> list[str]:
    """Return a line for each connection, in its own billing terms, and one for the next limit."""
    if not digest.connections:
        return ["No connection is set up for this: see `/aicost status`."]
    lines = [connection_line(each, digest) for each in digest.connections[:CONNECTIONS]]
    if digest.next_limit:
        lines.append(f"*Earliest stop:* {stop_line(digest.next_limit, digest.now.date())}.")
    return lines


def _changes(digest: Digest) -> list[str]:
    """What moved, what was restated, what settled."""
    moved = movers_line(digest)
    lines = [*([moved] if moved else []), *restated(digest)]
    if digest.recap is not None and digest.cadence != "monthly":
        lines += recap_lines(digest.recap, digest)
    return lines


def _small_print(digest: Digest) -> list[str]:
    late = [late_words(digest.late_by)] if digest.late_by else []
    used = [each.used for each in digest.connections if each.used is not None]
    return [*late, freshness(digest), *rounding_note(used, total(used))]


def _chart(digest: Digest) -> Block | None:
    bars = digest.chart
    if len(bars) < 2:
        return None
    titles = [each for each, _ in bars[0].used]
    series = [
        Series(each, tuple(dict(bar.used)[each] for bar in bars))
        for each in titles
        if any(dict(bar.used)[each] for bar in bars)
    ]
    if not series:
        return None
    unit = "month" if digest.cadence == "monthly" else "day"
    heading = f"Used by {unit}, {_span(bars)}"
    return chart(
        "bar", heading, [_label(bar) for bar in bars], series, x_label=f"{unit.capitalize()} (UTC)"
    )


def _label(bar: Bar) -> str:
    return day(bar.period.start) if len(bar.period) == 1 else month_name(bar.period.start)


def _span(bars: tuple[Bar, ...]) -> str:
    first, last = bars[0].period.start, bars[-1].period.end - DAY
    return f"{day(first)} – {day(last)}"


def _table(digest: Digest) -> Block | None:
    if not digest.top:
        return None
    titles = {each.name: each.title for each in digest.connections}
    rows: list[list[Cell]] = [
        [
            each.name,
            titles.get(each.connection, each.connection),
            Amount(each.used, money(each.used)),
        ]
        for each in digest.top
    ]
    head = ["Model", "Connection", "Used"]
    if len(digest.connections) < 2:
        head, rows = ["Model", "Used"], [[row[0], row[2]] for row in rows]
    return data_table(f"Top models, {window(digest.period, digest.now.date())}", head, rows)


def _buttons(digest: Digest) -> list[Element]:
    """The next questions; what changes the digest itself only where there is one."""
    scope = digest.scope.name if digest.scope.kind in ("provider", "connection") else None
    days = f"{digest.period.start}..{digest.period.end - DAY}"
    if digest.cadence == "monthly":
        days = f"{digest.period.start:%Y-%m}"
    buttons = [
        ask("By model", scoped(scope, f"{days} by model")),
        ask("By project", scoped(scope, f"{days} by project")),
        ask("Why it changed", f"why {scoped(scope, days)}"),
        ask("Month to date", scoped(scope, "mtd")),
    ]
    if digest.digest_id is None:
        return buttons
    number = str(digest.digest_id)
    return [
        *buttons,
        button("Settings", SETTINGS, number, spoken="Settings of this digest"),
        button("Pause", PAUSE, number, spoken="Pause this digest"),
    ]
