"""Build the command from what was parsed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn, get_args

from bot.language import (
    build_budgets,
    build_comparisons,
    build_digests,
    commands,
    periods,
    statement,
)
from bot.language.build_budgets import Filled, about_of
from bot.language.build_spend import about_asked, period, scope_of, spend
from bot.language.commands import AlertFilter, Query
from bot.language.names import scope_text
from bot.language.text import text_of
from bot.language.tokens import ParseError, shown
from bot.scope import Scope
from providers.period import DAY

_TOPICS: Mapping[str, commands.Topic] = {
    **{topic: topic for topic in get_args(commands.Topic)},
    "cap": "budget",
    "spikes": "alerts",
    "report": "digest",
}


def _why(filled: Filled) -> commands.Why:
    asked, by = period(filled), filled.get("by", ())
    if len(by) > 1 or not {"model", "project", "key"}.issuperset(by):
        raise ParseError("“why” lists models, projects or keys: one of them at a time.")
    about = about_asked(filled)
    return commands.Why(scope_of(filled), asked.period, asked.words, asked.text, about, *by)


def _why_than(filled: Filled) -> commands.Why:
    """Return the causes of a change against a period that is named: “why is this week higher than
    last week”. Raises `ParseError` if that isn't the period before."""
    sides, today = filled.get("sides", ()), filled["today"]
    if len(sides) + ("earlier" in filled) > 2:
        raise ParseError("A change is between two periods.")
    is_named = len(sides) == 2 or "earlier" in filled
    before = sides[-1] if sides and (len(sides) == 2 or not is_named) else None
    asked = sides[0] if sides and is_named else before and periods.running(before, today)
    if not sides and filled.get("earlier"):
        asked = periods.of_unit(filled["earlier"], today)
    found = _why({**filled, "period": asked} if asked else filled)
    if before and periods.earlier(asked or period(filled), today) != before:
        name = found.about or found.scope
        both = f"{found.period_text} vs {before.text}"
        both = f"{scope_text(name)} {both}" if name else both
        raise ParseError(f"Use {both} to compare them.", both)
    return found


def _why_details(filled: Filled) -> commands.Why:
    return replace(_why(filled), is_detailed=True)


def _forecast(filled: Filled) -> commands.ForecastQuery:
    month = periods.month_to_date(filled["today"])
    asked = commands.ForecastQuery(scope_of(filled), about_asked(filled))
    if "period" in filled and filled["period"].period != month.period:
        asked_for = filled["period"].period
        is_past = asked_for.end <= month.period.start and len(asked_for) > 1
        is_past = is_past and asked_for.end > month.period.start - DAY * 180  # no coming december
        raise ParseError(
            "Forecasts always cover this month. Leave out the period.",
            text_of(spend(filled) if is_past else asked),
        )
    if "amount" in filled:
        raise ParseError(
            "A forecast says where the month ends. A budget compares that with an amount.",
            text_of(asked),
        )
    return asked


def _balance(filled: Filled) -> commands.BalanceQuery:
    if about := about_asked(filled):
        name = scope_text(about)
        raise ParseError(
            f"{shown(name)} has no balance of its own: a connection has.",
            *(f"budget list {name}", f"{name} mtd"),
        )
    return commands.BalanceQuery(scope_of(filled))


def _export(filled: Filled) -> commands.Export:
    asked = period(filled)
    found = commands.Export(
        scope_of(filled), asked.period, asked.words, asked.text, about_asked(filled)
    )
    if filled.get("by", ("day",)) != ("day",):  # a charge is of one day anyway
        raise ParseError(
            "An export always holds every charge: "
            f"“{text_of(found)}”. In Slack: “{text_of(spend(filled))}”.",
            text_of(found),
        )
    return found


def _help(filled: Filled) -> commands.Help:
    topics = (_TOPICS.get(word) for word in filled.get("topic", ()))
    return commands.Help(next(filter(None, topics), None))


def _filter(filled: Filled) -> AlertFilter:
    scope = about_of(filled)
    if scope is not None and scope.kind == "person":
        raise ParseError("No alert is about a person. Name a project, a team or a provider.")
    return AlertFilter(
        scope=scope,
        channel=filled.get("channel"),
        state=filled.get("state"),
        page=filled.get("page", 1),
        period=filled.get("period"),
    )


def _alerts_list(filled: Filled) -> commands.AlertsList | commands.AlertsHistory:
    only = _filter(filled)
    is_past = only.state == "resolved" or only.period is not None
    return commands.AlertsHistory(only) if is_past else commands.AlertsList(only)


def _snooze(filled: Filled) -> commands.AlertsSnooze | commands.AlertsList:
    if "scope" in filled or "about" in filled:  # its alerts, to choose from
        if "number" in filled or "until" in filled:
            raise ParseError("Give an alert's number, and for how long.", _alerts_of(filled))
        return commands.AlertsList(_filter(filled))
    return commands.AlertsSnooze(filled.get("number"), filled.get("until", timedelta(hours=1)))


def _ack(filled: Filled) -> commands.AlertsAck | commands.AlertsList:
    if "scope" not in filled and "about" not in filled:
        return commands.AlertsAck(filled.get("number"))
    if "number" in filled or filled.get("scope") == Scope("all"):
        raise ParseError("One at a time, by its number: alerts ack 3.", _alerts_of(filled))
    return commands.AlertsList(_filter(filled))  # its alerts, to choose from


def _alerts_of(filled: Filled) -> str:
    """Return the question for the alerts to choose from."""
    scope = about_of(filled)
    return f"alerts list {scope_text(scope)}" if scope and scope.name else "alerts list"


def _snooze_that(filled: Filled) -> commands.AlertsSnooze | commands.AlertsList:
    """Without a number, return the alerts to choose from. Nothing would be left of a duration."""
    is_about = "scope" in filled or "about" in filled
    if "number" in filled and not is_about:
        return _snooze(filled)
    if "number" in filled or "until" in filled:
        raise ParseError(
            "", *([_alerts_of(filled)] if is_about else [])
        )  # the phrase has the question
    return commands.AlertsList(_filter(filled))


def _readings(_filled: Filled) -> NoReturn:
    raise ParseError("")  # the phrase has the question


def _spikes(_filled: Filled) -> commands.AnomalyAlertsSet:
    raise ParseError("Turn anomaly alerts on or off: alerts spikes on.")


def _declared(filled: Filled, verb: str) -> commands.BalanceSet | commands.BalanceAdd:
    scope = scope_of(filled)
    if scope is None:
        raise ParseError("Whose balance is it, and how many dollars?")
    amount, at, expires = filled.get("declared"), filled.get("day"), filled.get("expiry")
    amount = filled.get("amount") if amount is None else amount
    if amount is None:
        raise ParseError(
            f"How many dollars {verb}, and on which day? For example 250 at {filled['today']}."
        )
    if expires is not None and expires <= (at or filled["today"]):
        raise ParseError("Credit can't expire before it is there.")
    make = commands.BalanceSet if verb == "were left" else commands.BalanceAdd
    return make(scope, amount, at, expires)


def _said(filled: Filled) -> NoReturn:
    """Ask whether an amount is what is left, or what an alert is for: no verb says it."""
    scope, amount = scope_of(filled) or Scope("all"), filled.get("declared")
    if amount is None:
        raise ParseError("How many dollars are left? For example balance set {prepaid} 250.")
    name = scope_text(scope) if scope.name else "PROVIDER"
    left = f"balance set {name} {amount:f}"
    left += f" at {filled['day']}" if "day" in filled else ""
    alert = f"budget set {name} left {amount:f}"
    raise ParseError(
        f"Is that what is left? Then type “{left}”. For an alert below it, type “{alert}”."
    )


def _forget(filled: Filled) -> commands.BalanceForget:
    scope = scope_of(filled)
    if scope is None:
        raise ParseError("Whose balance is it?")
    return commands.BalanceForget(scope)


BUILDERS: Mapping[str, Callable[[Filled], Query]] = {
    "spend": spend,
    "compare": build_comparisons.compare,
    "compare either": build_comparisons.compare_either,
    "why": _why,
    "why details": _why_details,
    "why than": _why_than,
    "forecast": _forecast,
    "export": _export,
    "statement": statement.statement,
    "statement file": statement.statement_file,
    "invoice": statement.invoice,
    "invoice remove": statement.no_invoice,
    "help": _help,
    "balance": _balance,
    "limits": lambda filled: commands.LimitsQuery(scope_of(filled)),
    "status": lambda filled: commands.StatusQuery(scope_of(filled)),
    "budget": build_budgets.budget_or_list,
    "budget set": build_budgets.budget_set,
    "budget change": build_budgets.budget_change,
    "budget alert": lambda filled: build_budgets.budget(filled, (100,)),
    "budget list": build_budgets.budget_list,
    "alerts off": build_budgets.alerts_off,
    "budget form": build_budgets.budget_form,
    "budget rate": build_budgets.budget_form,
    "low balance form": build_budgets.low_balance_form,
    "budget remove": build_budgets.budget_remove,
    "low balance": build_budgets.low_balance,
    "alerts list": _alerts_list,
    "alerts history": lambda filled: commands.AlertsHistory(_filter(filled)),
    "alerts ack": _ack,
    "alerts snooze": _snooze,
    "snooze": _snooze_that,
    "readings": _readings,
    "explained": _readings,
    "spikes": _spikes,
    "spikes on": lambda filled: commands.AnomalyAlertsSet(True, filled.get("channel")),
    "spikes off": lambda filled: commands.AnomalyAlertsSet(False, filled.get("channel")),
    "digest": build_digests.digest,
    "digest on": build_digests.digest_on,
    "digest change": build_digests.digest_change,
    "digest form": build_digests.report_form,
    "digest off": build_digests.digest_off,
    "digest list": lambda filled: commands.DigestList(
        filled.get("page", 1), filled.get("everywhere", False)
    ),
    "digest preview": lambda filled: commands.DigestPreview(filled.get("number")),
    "balance set": lambda filled: _declared(filled, "were left"),
    "balance add": lambda filled: _declared(filled, "were bought"),
    "balance said": _said,
    "balance forget": _forget,
}
