"""The button *Why* of an alert: its question and its answer, for the requester alone."""

from collections.abc import Sequence
from datetime import date

from bot.analysis.drivers import are_most
from bot.budgets.messages.alert_words import title_words
from bot.budgets.models import (
    AlertLine,
    AnomalyFacts,
    BudgetFacts,
    BudgetPeriod,
    Contributor,
    Facts,
)
from bot.language.commands import Why
from bot.language.text import text_of
from bot.scope import Scope
from bot.slack.blocks import bounded, context, header, message_of, moment, name, section
from bot.slack.charts import Amount, Cell, data_table
from bot.slack.message import Message
from bot.wording import day, listed, money, plural, signed
from providers.money import difference
from providers.period import DAY, Period

_CURRENT: dict[BudgetPeriod, str] = {"daily": "today", "weekly": "wtd", "monthly": "mtd"}


def why_question(facts: Facts, today: date) -> str | None:
    """Return what to type for the causes. None for an unusual hour, which is compared with the same
    hour of other days, for a person, whose costs only they see, and for alerts that aren't about
    spend."""
    match facts:
        case BudgetFacts(scope=Scope(kind="person")):
            return None
        case BudgetFacts(scope=scope):
            period = Period(facts.period_start, facts.period_end)
            is_part = scope.kind in ("project", "key", "model", "team", "channel")
            whole = None if is_part or scope.kind == "all" else scope
            return _typed(whole, scope if is_part else None, period, _period_text(facts, today))
        case AnomalyFacts(hour=None):
            whole = Scope("connection", facts.connection)
            return _typed(whole, None, Period.of_day(facts.day), str(facts.day))
        case _:
            return None


def _typed(scope: Scope | None, about: Scope | None, period: Period, text: str) -> str:
    return text_of(Why(scope, period, text, text, about))


def _period_text(facts: BudgetFacts, today: date) -> str:
    """Return a budget's period as it is typed: the current one, or one that has ended."""
    if facts.period_start <= today < facts.period_end:
        return _CURRENT[facts.period]
    if facts.period == "monthly":
        return f"{facts.period_start:%Y-%m}"
    last = facts.period_end - DAY
    return f"{last}" if facts.period == "daily" else f"{facts.period_start}..{last}"


NAMED = 2
"""Drivers named in the sentence."""
NOT_ABOUT_SPEND = "This alert isn't about spend. Press Latest figures."


def drivers_message(lines: Sequence[AlertLine]) -> Message:
    """Return the largest costs that the alert itself holds, if its period can't be compared: an
    hour, or a day that isn't over."""
    facts = lines[-1].facts
    title = header(f"Why: {title_words(lines)}")
    if not isinstance(facts, BudgetFacts | AnomalyFacts):
        return message_of([section(NOT_ABOUT_SPEND)])
    drivers = facts.contributors
    if not drivers:
        return message_of([title, section("No model or project of it is known.")])
    table = data_table(f"Largest costs, {_compared(facts)}", _head(drivers), _rows(drivers))
    notes = context([f"As of the alert, {moment(facts.as_of)}"])
    spend = facts.actual if isinstance(facts, BudgetFacts) else facts.used
    is_most = are_most([each.used for each in drivers[:NAMED]], spend)
    named = f"{'Most of it' if is_most else 'Largest costs'}: {_named(drivers)}."
    return message_of([title, section(named), table, notes])


def all_causes_message(first: Message, others: Sequence[Message], left_out: int) -> Message:
    """Return the answers for each budget of an alert below each other."""
    if not others and not left_out:
        return first
    messages = [first, *others]
    blocks = [block for each in messages for block in each.blocks]
    if left_out:
        rest = plural(left_out, "more budget")
        blocks.append(context([f"And {rest}: see `/aicost alerts list`, and ask `/aicost why`."]))
    return Message("\n".join(each.text for each in messages), bounded(blocks))


def _compared(facts: BudgetFacts | AnomalyFacts) -> str:
    if isinstance(facts, BudgetFacts):
        return f"{day(facts.period_start)} so far (UTC)"
    if facts.hour is not None:
        return "compared with the usual hour"
    return f"{day(facts.day)} compared with a week before (UTC)"


def _moved(each: Contributor) -> str | None:
    if each.used_before is None:
        return None
    return signed(difference(each.used, each.used_before))


def _named(drivers: Sequence[Contributor]) -> str:
    return listed([_driver(each) for each in drivers[:NAMED]])


def _driver(each: Contributor) -> str:
    """``*gpt-5* $221.40 (+$61.38)``, without the change if it isn't known."""
    moved = _moved(each)
    return f"*{name(each.name)}* {money(each.used)}{f' ({moved})' if moved else ''}"


def _head(drivers: Sequence[Contributor]) -> list[str]:
    return ["What", "Spend", *(["Change"] if _are_compared(drivers) else [])]


def _rows(drivers: Sequence[Contributor]) -> list[list[Cell]]:
    are_compared = _are_compared(drivers)
    return [
        [each.name, Amount(each.used, money(each.used)), *([_change(each)] if are_compared else [])]
        for each in drivers
    ]


def _are_compared(drivers: Sequence[Contributor]) -> bool:
    return any(each.used_before is not None for each in drivers)


def _change(each: Contributor) -> Cell:
    if each.used_before is None:
        return "unknown"
    return Amount(difference(each.used, each.used_before), _moved(each) or "")
