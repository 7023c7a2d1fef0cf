"""Commands as text: what to type for exactly that command."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from bot.language import commands
from bot.language.adjustment import BudgetAdjustment
from bot.language.commands import AlertFilter, Incomplete, Query
from bot.language.names import scope_text, whole_text
from bot.language.references import reference
from bot.language.statement import Invoice, Statement, month_text
from bot.scope import Scope
from providers.period import DAY_NAMES


def text_of(query: Query) -> str:
    """Return what to type for this command."""
    return " ".join(part for part in _parts(query) if part)


def filter_text(only: AlertFilter, page: int = 1) -> str:
    """Return a filter as it is typed after `alerts list` or `alerts history`."""
    parts = [
        only.state if only.state != "resolved" else None,
        f"in <#{only.channel}>" if only.channel else None,
        only.period.text if only.period else None,
        f"page {page}" if page > 1 else None,
        scope_text(only.scope) if only.scope else None,
    ]
    return " ".join(part for part in parts if part)


def _parts(query: Query) -> Iterator[str | None]:
    match query:
        case commands.Spend():
            yield from _about(query)
            yield query.period_text
            yield from _breakdown(query)
        case commands.Compare(first=first, second=second):
            is_of_scopes = (first.scope, first.about) != (second.scope, second.about)
            if is_of_scopes:
                yield from (*_about(first), "vs", *_about(second), first.period_text)
            else:
                yield from (*_about(first), first.period_text, "vs", second.period_text)
            yield from _breakdown(first)
        case commands.BalanceQuery(scope=scope):
            yield from ("balance", whole_text(scope) if scope else None)
        case commands.LimitsQuery(scope=scope):
            yield from ("limits", whole_text(scope) if scope else None)
        case commands.ForecastQuery():
            yield from ("forecast", *_about(query))
        case commands.Why():
            yield from ("why", *_about(query), query.period_text, query.by and f"by {query.by}")
            yield "details" if query.is_detailed else None
        case commands.Export():
            yield from ("export", *_about(query), query.period_text)
        case Statement() | Invoice():
            yield from _statement(query)
        case commands.Help(topic=topic):
            yield from ("help", topic)
        case commands.StatusQuery(scope=scope):
            yield from ("status", whole_text(scope) if scope else None)
        case commands.BalanceSet() | commands.BalanceAdd():
            yield "balance set" if isinstance(query, commands.BalanceSet) else "balance add"
            yield from (whole_text(query.scope), _amount(query.amount))
            yield f"at {query.at}" if query.at else None
            yield f"expires {query.expires}" if query.expires else None
        case commands.BalanceForget(scope=scope):
            yield from ("balance forget", whole_text(scope))
        case _:
            yield from _rules_and_digests(query)


def _rules_and_digests(query: Query) -> Iterator[str | None]:
    match query:
        case commands.BudgetSet() | commands.LowBalanceSet():
            yield from ("budget set", whole_text(query.scope), *_rule(query))
            yield "quiet" if query.is_end_quiet else None
            yield f"in <#{query.channel}>" if query.channel else None
        case BudgetAdjustment():
            yield from _adjustment(query)
        case Incomplete():
            yield from _incomplete(query)
        case commands.BudgetRemove(reference=reference):
            yield f"budget remove {reference}"
        case commands.BudgetList(page=page, scope=scope):
            yield from ("budget list", f"page {page}" if page > 1 else None)
            yield whole_text(scope) if scope else None
        case commands.DigestList(page=page):
            yield "digest list all channels" if query.is_everywhere else "digest list"
            yield f"page {page}" if page > 1 else None
        case commands.AlertsList(only=only) | commands.AlertsHistory(only=only):
            yield "alerts list" if isinstance(query, commands.AlertsList) else "alerts history"
            yield filter_text(only, only.page)
        case commands.AlertsAck(reference=reference):
            yield from ("alerts ack", reference)
        case commands.AlertsSnooze(reference=reference, until=until):
            yield from ("alerts snooze", reference, _until(until))
        case commands.AnomalyAlertsSet(is_on=is_on, channel=channel):
            yield "alerts spikes on" if is_on else "alerts spikes off"
            yield f"in <#{channel}>" if channel else None
        case commands.DigestOn():
            yield "digest on" if query.form else "digest on another"
            yield from (f"{query.at:%H:%M}", _rhythm(query), query.zone)
            yield "about" if query.scope.kind == "channel" else None
            yield whole_text(query.scope) if query.scope != Scope("all") else None
            yield query.depth if query.depth == "short" else None
            yield f"when settled by {query.settled_by:%H:%M}" if query.settled_by else None
            yield f"in <#{query.channel}>" if query.channel else None
        case commands.DigestOff(reference=reference):
            yield from ("digest off", reference, query.rhythm)
        case commands.DigestPreview(reference=reference):
            yield from ("digest preview", reference)


def _statement(query: Statement | Invoice) -> Iterator[str | None]:
    match query:
        case Statement(scope=scope, is_file=is_file):
            yield "export statement" if is_file else "statement"
            yield from (month_text(query.month), whole_text(scope) if scope else None)
        case Invoice(scope=whose, amount=amount):
            yield f"statement {month_text(query.month)} invoice"
            yield "remove" if amount is None else None
            yield from (whole_text(whose), None if amount is None else _amount(amount))


def _about(
    query: commands.Spend | commands.Why | commands.ForecastQuery | commands.Export,
) -> Iterator[str | None]:
    yield whole_text(query.scope) if query.scope else None
    yield scope_text(query.about) if query.about else None


def _breakdown(query: commands.Spend) -> Iterator[str | None]:
    yield query.by and f"by {query.by}"
    yield query.then_by and f"and {query.then_by}"
    if query.top:
        yield f"top {query.top}" if query.top > 0 else f"bottom {-query.top}"


def _rule(query: commands.BudgetSet | commands.LowBalanceSet) -> Iterator[str | None]:
    if isinstance(query, commands.LowBalanceSet):
        yield f"left {query.days}d" if query.days else f"left {_amount(query.dollars)}"
        mentioned: dict[str, tuple[int, ...]] = {who: () for _, who in query.mentions}
    else:
        yield from (_amount(query.amount), query.period, f"at {_percents(query.thresholds)}")
        if query.forecast_thresholds:
            yield f"forecast at {_percents(query.forecast_thresholds)}"
        mentioned = {}
        for percent, who in query.mentions:
            mentioned[who] = (*mentioned.get(who, ()), percent)
    for who, percents in mentioned.items():
        yield f"mention {reference(who)}" + (f" at {_percents(percents)}" if percents else "")


def _adjustment(query: BudgetAdjustment) -> Iterator[str | None]:
    by, is_percent = query.difference.by, query.difference.is_percent
    yield "budget raise" if by > 0 else "budget lower"
    yield whole_text(query.scope) if query.scope else None
    yield f"by {_amount(abs(by))}{'%' if is_percent else ''}"
    yield query.period
    yield f"in <#{query.channel}>" if query.channel else None


def _incomplete(query: Incomplete) -> Iterator[str | None]:
    if query.form == "digest":
        yield from _incomplete_digest(query)
        return
    is_whole = bool(query.scope and (query.amount or query.days))
    if query.form == "low balance":
        yield "warning" if is_whole else "budget set"
    else:
        yield "budget change" if query.is_change else "keep" if is_whole else "budget set"
    yield whole_text(query.scope) if query.scope else None
    if query.form == "low balance":
        yield "below" if is_whole else "left"
    elif is_whole and not query.is_change:
        yield "below"
    yield _amount(query.amount) if query.amount else f"{query.days}d" if query.days else None
    yield query.period
    yield f"at {_percents(query.thresholds)}" if query.thresholds else None
    yield f"in <#{query.channel}>" if query.channel else None


def _incomplete_digest(query: Incomplete) -> Iterator[str | None]:
    yield "digest change" if query.is_change else "morning report" if query.at else "digest"
    yield "about" if query.scope and query.scope.kind == "channel" else None
    yield whole_text(query.scope) if query.scope else None
    yield query.rhythm if query.rhythm != "days" else None
    yield ",".join(DAY_NAMES[day][:3].lower() for day in sorted(query.weekdays))
    yield from (f"at {query.at:%H:%M}" if query.at else None, query.zone)
    yield f"in <#{query.channel}>" if query.channel else None


def _percents(percents: tuple[int, ...]) -> str:
    return ",".join(str(each) for each in percents)


def _amount(amount: Decimal | None) -> str:
    return f"{amount:f}"


def _until(until: timedelta | str) -> str:
    if isinstance(until, str):
        return f"until {until}"
    return f"{until // timedelta(minutes=1)}m"


def _rhythm(query: commands.DigestOn) -> str:
    days = ",".join(DAY_NAMES[day][:3].lower() for day in sorted(query.days))
    if query.rhythm == "weekly":
        return f"weekly {days}"
    return days if query.rhythm == "days" else query.rhythm
