"""Build the command from what was parsed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn, get_args

from bot.budgets.models import DEFAULT_THRESHOLDS
from bot.language import build_budgets, build_digests, commands, periods, statement
from bot.language.build_budgets import Filled, about_of
from bot.language.commands import AlertFilter, Query
from bot.language.names import scope_text
from bot.language.periods import NamedPeriod
from bot.language.text import text_of
from bot.language.tokens import ParseError
from bot.ledger.models import Dimension
from bot.scope import Scope

_TOPICS: Mapping[str, commands.Topic] = {
    **{topic: topic for topic in get_args(commands.Topic)},
    "cap": "budget",
    "spikes": "alerts",
    "report": "digest",
}


def _scope(filled: Filled) -> Scope | None:
    """Return the connection or provider; None for all."""
    scope: Scope | None = filled.get("scope")
    return scope if scope and scope.name else None


def _about(filled: Filled) -> Scope | None:
    """Return the one project, key, model, team, person or channel that is asked about."""
    about: Scope | None = filled.get("about")
    place: Scope | None = filled.get("place")
    if about and place:
        raise ParseError(f"One at a time: {scope_text(about)} or {scope_text(place)}.")
    return about or place


def _period(filled: Filled) -> NamedPeriod:
    return filled.get("period") or periods.month_to_date(filled["today"])


def _spend(filled: Filled) -> commands.Spend:
    by, rank, about = filled.get("by", ()), filled.get("rank"), _about(filled)
    if rank and not by:
        raise ParseError(f"The top {abs(rank)} of what? For example top {abs(rank)} models.")
    asked = _period(filled)
    first, second = _dimensions(by)
    if about and about.kind in (first, second):
        raise ParseError(f"{scope_text(about)} is one {about.kind}. Leave out “by {about.kind}”.")
    return commands.Spend(
        scope=_scope(filled),
        period=asked.period,
        period_words=asked.words,
        by=first,
        period_text=asked.text,
        about=about,
        then_by=second,
        top=rank,
    )


def _dimensions(by: tuple[Dimension, ...]) -> tuple[Dimension | None, Dimension | None]:
    """Return one or two dimensions. Each row names its provider, so that one can be combined with
    any other."""
    others = tuple(each for each in by if each != "provider") or by
    if len(others) > 1 and (len(others) > 2 or set(others) != {"project", "model"}):
        raise ParseError(
            "One breakdown at a time, or by project and model: "
            f"“by {others[0]}” or “by {others[1]}”."
        )
    return (others[0] if others else None), (others[1] if len(others) > 1 else None)


def _compare(filled: Filled) -> commands.Compare:
    scopes, items, sides = (filled.get(slot, ()) for slot in ("scopes", "items", "sides"))
    if "earlier" in filled or (len(sides) == 1 and len(scopes) + len(items) < 2):
        sides = _both_sides(sides, filled)
    is_of_periods = len(sides) == 2 and len(scopes) < 2 and len(items) < 2
    named = [{"scope": scope} for scope in scopes] + [{"about": item} for item in items]
    if len(items) == 2 and len(set(scopes)) == 1:
        named = [{"scope": scopes[0], "about": item} for item in items]
    if not is_of_periods and (len(named) != 2 or len(sides) > 1):
        raise ParseError(
            "Compare two periods, two providers, or two projects, models or keys, for example "
            "“this month vs last month”.",
            *_of_several(named, filled),
        )

    def side(names: Mapping[str, Scope], at: int) -> commands.Spend:
        asked = sides[min(at, len(sides) - 1)] if sides else None
        return _spend({**filled, "period": asked, **names})

    if is_of_periods:
        both = {key: scope for names in named for key, scope in names.items()}
        return commands.Compare(side(both, 0), side(both, 1))
    return commands.Compare(side(named[0], 0), side(named[1], 0))


def _of_several(named: Sequence[Mapping[str, Scope]], filled: Filled) -> Iterator[str]:
    """Yield the breakdown that has more than two names side by side."""
    kinds = {
        "provider" if slot == "scope" else of.kind for each in named for slot, of in each.items()
    }
    if len(named) > 2 and len(kinds) == 1:
        sides = filled.get("sides", ())
        asked = sides[0] if len(sides) == 1 else _period(filled)
        yield f"{asked.text} by {kinds.pop()}"


def _compare_either(filled: Filled) -> commands.Compare:
    """Return a comparison of two names: “openai or openrouter”. “up or down” names none."""
    if len((*filled.get("scopes", ()), *filled.get("items", ()))) < 2:
        raise ParseError("“or” compares two names. Ask “by provider”, or name two.")
    return _compare(filled)


def _both_sides(sides: tuple[NamedPeriod, ...], filled: Filled) -> tuple[NamedPeriod, ...]:
    """Return both periods where one is named by the other: “up compared to last week”, “this week
    than the one before”. The running one comes first."""
    today = filled["today"]
    named = sides[0] if sides else _period(filled)
    if len(sides) > 1:
        raise ParseError("Compare two periods at a time.")
    if "earlier" in filled:
        return (named, periods.earlier(named, today))
    running = periods.running(named, today)
    return (running, named) if running and running != named else sides


def _why(filled: Filled) -> commands.Why:
    asked, by = _period(filled), filled.get("by", ())
    if len(by) > 1 or not {"model", "project", "key"}.issuperset(by):
        raise ParseError("“why” lists models, projects or keys: one of them at a time.")
    about = _about(filled)
    return commands.Why(_scope(filled), asked.period, asked.words, asked.text, about, *by)


def _why_than(filled: Filled) -> commands.Why:
    """Return the causes of a change against a period that is named: “why is this week higher than
    last week”. Raises `ParseError` if that isn't the period before."""
    sides, today = filled.get("sides", ()), filled["today"]
    if len(sides) + ("earlier" in filled) > 2:
        raise ParseError("A change is between two periods.")
    is_named = len(sides) == 2 or "earlier" in filled
    before = sides[-1] if sides and (len(sides) == 2 or not is_named) else None
    asked = sides[0] if sides and is_named else before and periods.running(before, today)
    found = _why({**filled, "period": asked} if asked else filled)
    if before and periods.earlier(asked or _period(filled), today) != before:
        raise ParseError(f"Use {found.period_text} vs {before.text} to compare them.")
    return found


def _why_details(filled: Filled) -> commands.Why:
    return replace(_why(filled), is_detailed=True)


def _forecast(filled: Filled) -> commands.ForecastQuery:
    month = periods.month_to_date(filled["today"])
    asked = commands.ForecastQuery(_scope(filled), _about(filled))
    if "period" in filled and filled["period"].period != month.period:
        asked_for = filled["period"].period
        is_past = asked_for.end <= month.period.start and len(asked_for) > 1
        raise ParseError(
            "Forecasts always cover this month. Leave out the period.",
            text_of(_spend(filled) if is_past else asked),
        )
    if "amount" in filled:
        raise ParseError(
            "A forecast says where the month ends. A budget compares that with an amount.",
            text_of(asked),
        )
    return asked


def _export(filled: Filled) -> commands.Export:
    asked = _period(filled)
    found = commands.Export(_scope(filled), asked.period, asked.words, asked.text, _about(filled))
    if "by" in filled:
        raise ParseError(
            "An export always holds every charge: "
            f"“{text_of(found)}”. In Slack: “{text_of(_spend(filled))}”."
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
    )


def _alerts_list(filled: Filled) -> commands.AlertsList | commands.AlertsHistory:
    only = _filter(filled)
    return commands.AlertsHistory(only) if only.state == "resolved" else commands.AlertsList(only)


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
    scope = _scope(filled)
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


def _forget(filled: Filled) -> commands.BalanceForget:
    scope = _scope(filled)
    if scope is None:
        raise ParseError("Whose balance is it?")
    return commands.BalanceForget(scope)


BUILDERS: Mapping[str, Callable[[Filled], Query]] = {
    "spend": _spend,
    "compare": _compare,
    "compare either": _compare_either,
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
    "balance": lambda filled: commands.BalanceQuery(_scope(filled)),
    "limits": lambda filled: commands.LimitsQuery(_scope(filled)),
    "status": lambda _filled: commands.StatusQuery(),
    "budget": build_budgets.budget_or_list,
    "budget set": lambda filled: build_budgets.budget(filled, DEFAULT_THRESHOLDS),
    "budget change": build_budgets.budget_change,
    "budget alert": lambda filled: build_budgets.budget(filled, (100,)),
    "budget list": build_budgets.budget_list,
    "alerts off": build_budgets.alerts_off,
    "budget form": build_budgets.budget_form,
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
    "digest off": lambda filled: commands.DigestOff(
        filled.get("number"), filled.get("rhythm", (None,))[0]
    ),
    "digest list": lambda filled: commands.DigestList(filled.get("page", 1)),
    "digest preview": lambda filled: commands.DigestPreview(filled.get("number")),
    "balance set": lambda filled: _declared(filled, "were left"),
    "balance add": lambda filled: _declared(filled, "were bought"),
    "balance forget": _forget,
}
