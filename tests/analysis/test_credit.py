"""A prepaid balance that is declared, not read."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access.repository import AuditRepository
from bot.budgets.repository import AlertRepository
from bot.budgets.service import Budgets
from bot.cli.printing import answer_json
from bot.db.models import DeclaredBalance, DeclaredKind
from bot.language.commands import CommandRejected, LowBalanceSet
from bot.ledger.balances import estimate
from bot.ledger.models import DayFigure
from bot.ledger.repository import LedgerRepository
from bot.reports.models import BalanceAnswer, CreditDeclared, RemainingBalance
from bot.scope import Scope
from bot.slack.text_renderer import plain_text
from providers.models import PrepaidBalance
from providers.money import total
from providers.period import DAY, Period, midnight
from tests.analysis.conftest import MANAGER, BalanceHarness
from tests.harness.answers import ask, render

FIRST = date(2026, 11, 1)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def declared(
    kind: DeclaredKind, amount: str, day: date, expires: date | None = None, number: int = 1
) -> DeclaredBalance:
    """Said of the start of that day."""
    at = midnight(day)
    return DeclaredBalance(
        id=number,
        connection="openai",
        kind=kind,
        at=at,
        amount=Decimal(amount),
        used_before=Decimal(0),
        expires_on=expires,
        made_by="U1",
        made_at=at,
    )


def days(period: Period, a_day: str) -> list[DayFigure]:
    return [DayFigure("openai", day, Decimal(a_day), Decimal(0), NOW, NOW, NOW) for day in period]


async def left(balances: BalanceHarness) -> RemainingBalance:
    """What is left of OpenAI, as the balance is answered."""
    answer = await balances.ask("balance openai")
    assert isinstance(answer, BalanceAnswer)
    found = answer.summary.connections[0].left
    assert found is not None
    return found


async def test_what_was_used_since_is_taken_off(balances: BalanceHarness) -> None:
    """23 whole days at 3 and 2 today: 71 of 250 are gone, and it says that it is an estimate."""
    answer = await balances.say("balance set openai 250 at 2026-11-01")
    assert isinstance(answer, CreditDeclared)
    found = await left(balances)
    assert found.remaining == 179
    assert found.is_estimated
    assert found.burn_per_day == 3
    assert found.runs_out_on == date(2027, 1, 23)
    shown = answer_json(await ask(balances.database, "balance openai", balances.now))[
        "connections"
    ][0]
    assert shown["billing"] == "prepaid"
    assert shown["left"] == "179.000000000"
    assert shown["left_is_estimated"] is True
    assert shown["estimate"]["declared"] == "250.000000000"


async def test_what_is_bought_later_is_added(balances: BalanceHarness) -> None:
    """Whenever it was bought since then; it expires a year later where nothing else is said."""
    await balances.say("balance set openai 250 at 2026-11-01")
    answer = await balances.say("balance add openai 100 at 2026-11-10")
    assert isinstance(answer, CreditDeclared)
    assert answer.declared is not None
    assert answer.declared.expires_on == date(2027, 11, 10)
    assert (await left(balances)).remaining == 279


async def test_a_balance_declared_now_leaves_out_what_was_published_before(
    balances: BalanceHarness,
) -> None:
    """The two dollars of today that the ledger has were spent before."""
    await balances.say("balance set openai 50")
    assert (await left(balances)).remaining == 50
    await balances.spend(Period.of_day(date(2026, 11, 24)), "7")
    assert (await left(balances)).remaining == 45


async def test_days_that_are_not_known_make_the_balance_unknown(balances: BalanceHarness) -> None:
    """Declared for a day before the ledger begins: nothing is guessed."""
    await balances.say("balance set openai 250 at 2026-09-01")
    found = await left(balances)
    assert found.remaining is None
    assert found.reason is not None
    assert "aicost sync --since 2026-09-01" in found.reason


async def test_what_was_declared_can_be_taken_back(balances: BalanceHarness) -> None:
    """The account is billed afterwards again, as it is configured."""
    await balances.say("balance set openai 250")
    await balances.say("balance forget openai")
    answer = answer_json(await ask(balances.database, "balance openai", balances.now))
    assert answer["connections"][0]["billing"] == "postpaid"
    assert answer["connections"][0]["left"] is None


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("balance add openai 100", "First enter OpenAI's balance"),
        ("balance forget openai", "No balance is entered"),
        ("balance set openai 5 at 2026-11-24 expires 2027-11-24", None),
    ],
)
async def test_what_cannot_be_done_says_why(
    balances: BalanceHarness, said: str, why: str | None
) -> None:
    """And what can be done instead."""
    answer = await balances.say(said)
    assert isinstance(answer, CommandRejected) == (why is not None)
    if isinstance(answer, CommandRejected) and why:
        assert why in answer.message


async def test_an_account_that_reports_its_balance_takes_no_declaration(
    balances: BalanceHarness,
) -> None:
    """What OpenRouter says is better than what anybody remembers."""
    async with balances.database.writing() as session:
        balance = PrepaidBalance(Decimal(9), Decimal(10), Decimal(1))
        await LedgerRepository(session).add_balance("openrouter", balance, balances.now)
    answer = await balances.say("balance set openrouter 5")
    assert isinstance(answer, CommandRejected)
    assert "reports its own balance" in answer.message


async def test_a_low_balance_rule_works_on_an_estimated_balance(balances: BalanceHarness) -> None:
    """It is accepted once a balance is declared, and is crossed as the ledger's cost grows."""
    floor = LowBalanceSet(Scope("provider", "openai"), Decimal(40), None, None)
    budgets = Budgets(balances.database, balances.alerts)
    with pytest.raises(CommandRejected):
        await budgets.set(floor, MANAGER, balances.now)
    await balances.say("balance set openai 50")
    await budgets.set(floor, MANAGER, balances.now)
    await balances.spend(Period.of_day(date(2026, 11, 24)), "13")
    async with balances.database.writing() as session:
        assert await balances.alerts.after_sync(session, balances.now) == 1
        (row,) = await AlertRepository(session).unresolved()
    assert row.facts.kind == "low_balance"
    assert row.facts.remaining == 39
    assert row.facts.is_estimated
    await balances.say("balance add openai 100")
    async with balances.database.reading() as session:
        (ended,) = await AlertRepository(session).ended_since(balances.now - timedelta(days=1))
    assert ended.ended == "topped_up"


async def test_it_is_audited_who_declared_what(balances: BalanceHarness) -> None:
    """Like any other setting."""
    await balances.say("balance set openai 50")
    async with balances.database.reading() as session:
        (entry,) = await AuditRepository(session).since(balances.now - timedelta(hours=1))
    assert (entry.actor, entry.action, entry.target) == ("UMANAGER", "balance.balance", "openai")


async def test_every_answer_is_a_message(balances: BalanceHarness) -> None:
    """Set, added, forgotten; none claims more than what was declared."""
    said = []
    for text in (
        "set openai 250 at 2026-11-01",
        "add openai 1",
        "forget openai",
    ):
        answer = await balances.say(f"balance {text}")
        said.append(plain_text({"blocks": render(answer).blocks}))
    assert said[0].startswith(
        "Saved: $250.00 left at OpenAI at the start of 1 Nov (UTC).\nThat leaves about $179 now.\n"
    )
    assert "That leaves about $180 now.\n" in said[1]
    assert said[2].startswith("Removed")


def test_credit_that_expires_unused_is_gone() -> None:
    """The sooner expiry is used first; what is left of it then is lost, and nothing else."""
    period = Period(FIRST, date(2026, 11, 25))
    found = estimate(
        [
            declared("balance", "30", FIRST, date(2026, 11, 6)),
            declared("purchase", "100", FIRST, date(2027, 11, 1), number=2),
        ],
        days(period, "3"),
        NOW,
    )
    assert found is not None
    assert found.expired == 15
    assert found.remaining == 130 - 15 - 24 * 3
    assert found.expiring == ((date(2027, 11, 1), Decimal(43)),)


def test_what_is_owed_is_paid_by_the_next_purchase() -> None:
    """An account that went below zero keeps that debt, and expiry does not forgive it."""
    period = Period(FIRST, date(2026, 11, 25))
    found = estimate(
        [
            declared("balance", "3", FIRST),
            declared("purchase", "100", date(2026, 11, 11), number=2),
        ],
        days(period, "1"),
        NOW,
    )
    assert found is not None
    assert found.remaining == 103 - 24


@given(
    lots=st.lists(
        st.tuples(st.integers(0, 22), st.integers(0, 500), st.none() | st.integers(1, 40)),
        max_size=6,
    ),
    costs=st.lists(st.integers(0, 60), min_size=24, max_size=24),
)
def test_an_estimate_adds_up(lots: list[tuple[int, int, int | None]], costs: list[int]) -> None:
    """Declared plus bought, less used, less expired: whatever is bought, used and expires when."""
    start = declared("balance", "100", FIRST)
    bought = [
        declared(
            "purchase",
            str(amount),
            FIRST + DAY * after,
            None if life is None else FIRST + DAY * (after + life),
            number,
        )
        for number, (after, amount, life) in enumerate(lots, 2)
    ]
    figures = [
        DayFigure("openai", FIRST + DAY * n, Decimal(cost), Decimal(0), NOW, NOW, NOW)
        for n, cost in enumerate(costs)
    ]
    found = estimate([start, *bought], figures, NOW)
    assert found is not None
    assert found.used == sum(costs)
    assert found.remaining == total((Decimal(100), found.bought, -found.used, -found.expired))
    assert found.expired >= 0
    assert all(on > NOW.date() for on, _ in found.expiring)
