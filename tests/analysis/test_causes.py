"""`why` names causes that the figures show, and no others."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.db.database import Database
from providers.models import Charge
from providers.period import DAY, Period
from tests.analysis.ledgers import Ledger, row
from tests.harness.answers import ask

NOW = datetime(2026, 11, 29, 15, tzinfo=UTC)
KNOWN = Period(NOW.date() - DAY * 75, NOW.date())
CHANGED = date(2026, 11, 16)
Rows = Callable[[date], Sequence[Charge]]
EMBEDDING = "text-embedding-3-small, input"


def another_model_grows(day: date) -> Sequence[Charge]:
    """Most of the tokens are another model's, which costs next to nothing."""
    is_now = day >= CHANGED
    return [
        row(day, "gpt-5, output", "1.9" if is_now else "1.0", "10"),
        row(day, EMBEDDING, "11.4" if is_now else "6.0", "0.02"),
        row(day, "gpt-5, output", "0.1", "10", "proj_r"),
    ]


def another_falls_a_little(day: date) -> Sequence[Charge]:
    """A model gains as many tokens as another loses of very many."""
    is_now = day >= CHANGED
    return [
        row(day, "gpt-audio audio, input", "0.2" if is_now else "0.1", "40"),
        row(day, EMBEDDING, "49.9" if is_now else "50.0", "0.02"),
    ]


def price_rises_late(day: date) -> Sequence[Charge]:
    """The price rises on the last day of the period."""
    return [row(day, "gpt-5, input", "8.0", "1.55" if day >= date(2026, 11, 28) else "1.25")]


def credit_in_a_row(day: date) -> Sequence[Charge]:
    """OpenAI gives back $60, in the same line item."""
    given_back = 60 if day == date(2026, 11, 20) else 0
    return [row(day, "gpt-5, input", "8.0", amount=str(10 - given_back))]


def credit_smaller_than_its_row(day: date) -> Sequence[Charge]:
    """The same of $6, which leaves the day's row above zero."""
    given_back = 6 if day == date(2026, 11, 20) else 0
    return [row(day, "gpt-5, input", "8.0", amount=str(10 - given_back))]


def free_quantity_is_used_up(day: date) -> Sequence[Charge]:
    """The first million of each day is free, and its price is in the average."""
    millions = Decimal("4.0" if day >= CHANGED else "1.5")
    return [row(day, "gpt-5, input", str(millions), amount=str((millions - 1) * Decimal("1.25")))]


def free_quantity_has_rows(day: date) -> Sequence[Charge]:
    """The same with a row of its own for what is free."""
    millions = Decimal("4.0" if day >= CHANGED else "1.5")
    return [
        row(day, "gpt-5, input", str(millions - 1), "1.25"),
        row(day, "gpt-5, input", "1", "0", "proj_free"),
    ]


def more_is_cached(day: date) -> Sequence[Charge]:
    """Input is read from the cache instead."""
    is_now = day >= CHANGED
    return [
        row(day, "gpt-5, input", "2.4" if is_now else "7.2", "1.25"),
        row(day, "gpt-5, cached input", "5.6" if is_now else "0.8", "0.125"),
        row(day, "gpt-5, output", "0.4", "10"),
    ]


def a_spike_is_over(day: date) -> Sequence[Charge]:
    """A week of a dear model in masses, next to an embedding whose use grows on its own."""
    is_now = day >= CHANGED
    find_anomaly = date(2026, 11, 9) <= day < CHANGED
    return [
        row(day, "gpt-5, output", "13" if find_anomaly else "0.5", "10"),
        row(day, "gpt-5, input", "90" if find_anomaly else "2", "1.25"),
        row(day, EMBEDDING, "120" if is_now else "40", "0.02"),
    ]


def moves_to_another_model(day: date) -> Sequence[Charge]:
    """What one model did another one does now."""
    is_now = day >= CHANGED
    return [
        row(day, "gpt-5-mini, input", "5" if is_now else "60", "0.25"),
        row(day, "gpt-5, input", "59" if is_now else "4", "1.25"),
    ]


@pytest.mark.parametrize(
    ("rows", "asked", "said", "unsaid"),
    [
        (
            another_model_grows,
            "why details openai last week",
            ["proj_s (+$63.76) used 6.3M more tokens of gpt-5"],
            ["44.1"],
        ),
        (another_falls_a_little, "why details openai last week", ["gpt-audio"], ["moved"]),
        (
            price_rises_late,
            "why details 30d",
            ["gpt-5, input costs 24% more per unit since 28 Nov", "higher prices +$2.40"],
            ["No price change"],
        ),
        (
            credit_in_a_row,
            "why details openai last week",
            ["was credited on gpt-5", "credits −$60.00", "No price change found"],
            ["per unit"],
        ),
        (
            credit_smaller_than_its_row,
            "why details openai last week",
            ["cost less on gpt-5", "It's unclear whether prices changed"],
            ["per unit", "No price change", "Of this"],
        ),
        (
            free_quantity_is_used_up,
            "why details openai last week",
            ["(+$21.87)", "It's unclear whether prices changed"],
            ["per unit", "No price change", "higher prices", "Of this"],
        ),
        (
            free_quantity_has_rows,
            "why details openai last week",
            ["used 17.5M more tokens of gpt-5", "No price change found"],
            ["per unit", "higher prices"],
        ),
        (
            more_is_cached,
            "why details openai last week",
            ["had more of its input of gpt-5 cached", "No price change found"],
            ["another mix", "moved"],
        ),
        (a_spike_is_over, "why details openai last week", ["less ("], ["moved", "more tokens"]),
        (
            moves_to_another_model,
            "why details openai last week",
            ["moved 385M tokens from gpt-5-mini to gpt-5"],
            ["more tokens"],
        ),
    ],
)
async def test_causes_are_those_of_the_figures(
    one_store: Database, rows: Rows, asked: str, said: list[str], unsaid: list[str]
) -> None:
    """Each sentence about a cause is true of the line items it speaks of, and what the change is
    made of says the same."""
    ledger = Ledger(one_store, NOW)
    await ledger.read("openai", KNOWN, [each for day in KNOWN for each in rows(day)])
    text = " ".join((await ledger.text(asked)).split())
    assert all(each in text for each in said), text
    assert not any(each in text for each in unsaid), text
    effects: dict[str, Any] = (await ledger.json(asked))["why"]["effects"]
    assert ("prices +" in text or "prices −" in text) == (Decimal(effects["price"]) != 0)
    assert not Decimal(effects["price"]) or "per unit" in text


async def test_changes_at_openrouter_have_causes(one_store: Database) -> None:
    """Its charges hold the tokens of a model in one figure: more of them count as more use at
    their average cost, and what a token costs more is not explained."""
    ledger = Ledger(one_store, NOW)
    charges = []
    for day in KNOWN:
        is_now = day >= CHANGED
        millions, cost = (Decimal(3), Decimal("6.60")) if is_now else (Decimal(1), Decimal(2))
        model = "z-ai/glm-5"
        charges.append(
            Charge(day, cost, None, model, model, None, millions * 10**6, "tokens"),
        )
    await ledger.read("openrouter", KNOWN, charges)
    text = " ".join((await ledger.text("why details openrouter last week")).split())
    assert "used 14.0M more tokens" in text, text
    assert "Of this: more use +$28.00 and not explained +$4.20." in text, text
    assert "It's unclear whether prices changed." in text


async def test_a_months_last_day_is_compared_with_months_last_days(one_store: Database) -> None:
    """What a job costs at each month's end is usual for that day, not for its weekday."""
    ledger = Ledger(one_store, datetime(2026, 12, 1, 15, tzinfo=UTC))
    known = Period(date(2026, 6, 1), date(2026, 12, 1))
    rows = [row(day, "gpt-5, input", "8.0", "1.25") for day in known]
    rows += [row(day, "gpt-5, output", "40", "10") for day in known if (day + DAY).day == 1]
    await ledger.read("openai", known, rows)
    text = " ".join((await ledger.text("why details openai 2026-11-30")).split())
    assert "The usual last day of a month: about $410" in text, text
    text = " ".join((await ledger.text("why details openai 2026-11-23")).split())
    assert "A usual Monday: about $10" in text, text


async def test_the_short_answer_is_a_sentence_and_a_table_of_the_same(one_store: Database) -> None:
    """The table lists what the sentence names, in eight rows; by another dimension the sentence
    names its largest rows. The rest is in the details."""
    ledger = Ledger(one_store, NOW)
    charges = [row(day, "gpt-5, output", "1", "1", f"p{n}") for day in KNOWN for n in range(9)]
    grown = [
        row(day, f"{model}, output", "9" if day >= CHANGED else "1", "1", "search")
        for day in KNOWN
        for model in ("gpt-5", "gpt-5-mini")
    ]
    await ledger.read("openai", KNOWN, [*charges, *grown])
    short = await ledger.text("why openai last week")
    assert "Project search (+$112.00) cost more, mostly because it was used more." in short
    message = (await ask(one_store, "why openai last week", NOW)).message
    [table] = [block for block in message.blocks if block["type"] == "data_table"]
    names = [line[0]["text"] for line in table["rows"]]
    assert names[:2] == ["Project", "search"]
    assert names[8:] == ["3 more"]
    assert [line["text"] for line in table["rows"][1]] == ["search", "$126.00", "+$112.00"]
    by_model = await ledger.text("why openai last week by model")
    assert "Most of it: gpt-5 (+$56.00) and gpt-5-mini (+$56.00)." in by_model
    assert "more use +$112.00" not in short
    assert "more use +$112.00" in await ledger.text("why details openai last week")
