"""Providers add values to their fields. One that aicost doesn't know is kept with its cost, or
named as not understood. It is never an error of the whole answer, and never zero."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from providers.anthropic import mapper as anthropic
from providers.deepseek import mapper as deepseek
from providers.errors import UnexpectedResponse
from providers.models import PrepaidBalance
from providers.openai import mapper as openai
from providers.openrouter import limits as openrouter
from providers.openrouter.mapper import charges_from_analytics
from providers.parsing import Fields, shown
from providers.period import DAY, Period

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
DAY_ONE = date(2026, 11, 22)
UNKNOWN = ("quarterly", "QUARTERLY", "x" * 80, 7, True, ["x"], {"type": "x"})
WORDS = [value for value in UNKNOWN if isinstance(value, str)]
Reading = Callable[[Any], list[str]]
"""Returns why something was not read, given a field's value; what is next to it was read."""


def raised(read: Callable[[Fields], object], row: Fields) -> list[str]:
    """Why one item can't be read. Its caller reads the others: see the tests of limits."""
    with pytest.raises(UnexpectedResponse) as refused:
        read(row)
    return [str(refused.value)]


OPENAI_LIMIT = {
    "threshold_amount": 500, "currency": "USD", "interval": "month", "id": "a1",
    "enforcement": {"status": "enforcing"},
}  # fmt: skip
ANTHROPIC_LIMIT = {
    "id": "l1", "amount": "500", "is_enabled": True, "scope": {"type": "organization"},
    "period": "monthly", "currency": "USD",
}  # fmt: skip
KEY = {"hash": "h1", "name": "odd", "limit": 10, "limit_remaining": 0, "limit_reset": "daily"}
BUDGET = {"scope": "member", "limit_usd": 5, "remaining_usd": 1, "reset_interval": "weekly"}
COST = {"line_item": "gpt-5, input", "project_id": "p", "amount": {"value": 2, "currency": "usd"}}


def openai_limit(row: Fields) -> list[str]:
    return raised(
        lambda of: openai.spend_limit(dict(of), "organization_spend_limit", "o", None), row
    )


def anthropic_limit(row: Fields) -> list[str]:
    return raised(lambda of: anthropic.spend_limit(of, {}), row)


def router_keys(row: Fields) -> list[str]:
    read = openrouter.key_limits([row, KEY | {"hash": "h2"}], NOW)
    assert [each.scope_id for each in read.items] == ["h2"]
    return list(read.not_read)


def router_budgets(row: Fields) -> list[str]:
    read = openrouter.budgets({"budgets": [row, BUDGET]}, NOW)
    assert len(read.items) == 1
    return list(read.not_read)


def openai_day(row: Fields) -> list[str]:
    charges, unreadable = openai.charges({DAY_ONE: [row, COST], DAY_ONE + DAY: [COST]})
    assert [each.charge_period_start for each in charges] == [DAY_ONE + DAY]
    return list(unreadable.values())


def anthropic_day(row: Fields) -> list[str]:
    good: Fields = {"group": {"model": "m"}, "cost": {"amount": "200", "currency": "USD"}}
    rows: Mapping[datetime, Sequence[Fields]] = {NOW: [row, good], NOW + DAY: [good]}
    charges, unreadable = anthropic.charges(rows)
    assert [each.effective_cost for each in charges] == [2]
    return list(unreadable.values())


NAMED: Mapping[str, Reading] = {
    "OpenAI: a limit's status": lambda value: openai_limit(
        OPENAI_LIMIT | {"enforcement": {"status": value}}
    ),
    "OpenAI: a limit's currency": lambda value: openai_limit(OPENAI_LIMIT | {"currency": value}),
    "OpenAI: a limit's interval": lambda value: openai_limit(OPENAI_LIMIT | {"interval": value}),
    "OpenAI: an alert's interval": lambda value: raised(
        openai.spend_alert, OPENAI_LIMIT | {"interval": value}
    ),
    "OpenAI: a cost's currency": lambda value: openai_day(
        COST | {"amount": {"value": 2, "currency": value}}
    ),
    "Anthropic: a limit's period": lambda value: anthropic_limit(
        ANTHROPIC_LIMIT | {"period": value}
    ),
    "Anthropic: a limit's currency": lambda value: anthropic_limit(
        ANTHROPIC_LIMIT | {"currency": value}
    ),
    "Anthropic: a limit's scope": lambda value: anthropic_limit(
        ANTHROPIC_LIMIT | {"scope": {"type": value}}
    ),
    "Anthropic: a cost's currency": lambda value: anthropic_day(
        {"group": {"model": "m"}, "cost": {"amount": "200", "currency": value}}
    ),
    "OpenRouter: a key's reset": lambda value: router_keys(KEY | {"limit_reset": value}),
    "OpenRouter: whether a key is disabled": lambda value: router_keys(
        KEY | {"disabled": "perhaps" if value is True else value}
    ),
    "OpenRouter: a budget's scope": lambda value: router_budgets(BUDGET | {"scope": value}),
    "OpenRouter: a budget's reset": lambda value: router_budgets(
        BUDGET | {"reset_interval": value}
    ),
}
"""What would change a figure if it were guessed."""


@pytest.mark.parametrize("field", NAMED)
def test_a_value_that_changes_a_figure_is_named(field: str) -> None:
    """Whether a word or another type; the rest is read."""
    for value in UNKNOWN:
        (reason,) = NAMED[field](value)
        if isinstance(value, str):
            assert shown(value) in reason, value


def openai_cost(**fields: Any) -> tuple[Decimal, str]:
    charges, unreadable = openai.charges({DAY_ONE: [COST | {"quantity": 5} | fields]})
    assert not unreadable
    return charges[0].effective_cost, f"{charges[0].sku_id} {charges[0].consumed_unit}"


def anthropic_cost(**fields: Any) -> tuple[Decimal, str]:
    cost = {"amount": "200", "currency": "USD"}
    charges, unreadable = anthropic.charges(
        {NOW: [{"group": {"model": "m"} | fields, "cost": cost}]}
    )
    assert not unreadable
    return charges[0].effective_cost, str(charges[0].sku_id)


def router_cost(**fields: Any) -> tuple[Decimal, str]:
    row = {"date__day": f"{DAY_ONE}", "model": "m", "credits_usage": 2, "byok_usage": 0} | fields
    answer = {"data": [row], "metadata": {"truncated": False}}
    read = charges_from_analytics(answer, Period.of_day(DAY_ONE))
    assert read is not None
    assert not read.unreadable
    return read.items[0].effective_cost, f"{read.items[0].x_model} {read.items[0].sub_account_id}"


KEPT: Mapping[str, tuple[Callable[..., tuple[Decimal, str]], str]] = {
    "OpenAI: what was sold": (openai_cost, "line_item"),
    "OpenAI: its unit": (openai_cost, "quantity_unit"),
    "Anthropic: the kind of cost": (anthropic_cost, "cost_type"),
    "Anthropic: the kind of token": (anthropic_cost, "token_type"),
    "Anthropic: the service tier": (anthropic_cost, "service_tier"),
    "Anthropic: the speed": (anthropic_cost, "speed"),
    "OpenRouter: the model": (router_cost, "model"),
    "OpenRouter: the workspace": (router_cost, "workspace"),
}
"""What only describes a cost."""


@pytest.mark.parametrize("field", KEPT)
def test_a_word_that_describes_a_cost_is_kept(field: str) -> None:
    """With the whole cost."""
    read, name = KEPT[field]
    for word in WORDS:
        cost, kept = read(**{name: word})
        assert cost == 2
        assert word in kept


def test_a_currency_of_deepseek_is_kept() -> None:
    """Next to another one, whatever it is. What can't be one is named."""

    def read(code: object) -> PrepaidBalance:
        infos = [{"currency": each, "total_balance": "2"} for each in ("USD", code)]
        return deepseek.balance({"balance_infos": infos, "is_available": True})

    found = read("XTS")
    assert {found.currency: found.remaining, **found.others} == {"USD": 2, "XTS": 2}
    with pytest.raises(UnexpectedResponse, match="quarterly"):
        read("quarterly")
