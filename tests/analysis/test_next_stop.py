"""The next stop that an alert names is the earliest stop that answers name."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.access.models import Person, Policy, Requester, ScopeFilter, VisibilityRule
from bot.access.repository import VisibilityRepository
from bot.access.service import VisibilityService
from bot.budgets.alert_details import AlertDetailsReader
from bot.budgets.models import Budget, BudgetFacts
from bot.budgets.repository import AlertRepository, RuleRepository
from bot.budgets.results import AlertDetails
from bot.db.database import Database
from bot.db.models import Rule
from bot.language.commands import CommandRejected
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.repository import LedgerRepository
from bot.reports.models import SpendAnswer
from bot.scope import Scope
from providers.models import (
    BreakdownItem,
    Charge,
    ChargesRead,
    PrepaidBalance,
    ProviderLimit,
)
from providers.period import DAY, Period
from tests.analysis.conftest import BalanceHarness

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
TODAY = NOW.date()
ALL = Scope("all")
CAP = ProviderLimit(
    kind="project_spend_limit",
    scope_id="proj_search",
    scope_name="search",
    amount=Decimal(270),
    used=None,
    remaining=None,
    interval="month",
    resets_at=None,
    is_hard=True,
    is_enforcing=False,
    consequence="429 project_spend_limit_exceeded",
)


async def cap(balances: BalanceHarness, limit: ProviderLimit, connection: str = "openai") -> None:
    async with balances.database.writing() as session:
        await LedgerRepository(session).replace_limits(connection, [limit], NOW)


async def openrouter(balances: BalanceHarness, left: str, days: int) -> None:
    """So many days at four dollars, all by one key, and what is left."""
    known = Period(TODAY - DAY * days, TODAY)
    charges = [Charge(day, Decimal(4), sku_id="claude", x_model="claude") for day in known]
    keys = [BreakdownItem(day, "ci", None, Decimal(4)) for day in known]
    async with balances.database.writing() as session:
        await ChargeWriter(session).replace_days(
            "openrouter", ChargesRead(known, charges, frozenset(known)), NOW
        )
        await ChargeWriter(session).replace_breakdown("openrouter", known, "key", keys)
        await LedgerRepository(session).add_balance(
            "openrouter", PrepaidBalance(Decimal(left), Decimal(left) + 100, Decimal(100)), NOW
        )
        for part in ("charges", "balance"):
            await LedgerRepository(session).record_success("openrouter", part, NOW)


async def a_project_s_cap(balances: BalanceHarness) -> None:
    await cap(balances, CAP)


async def a_key_s_cap(balances: BalanceHarness) -> None:
    await openrouter(balances, "9000", 60)
    key = replace(CAP, kind="key_limit", scope_id="ci", scope_name=None, used=Decimal(96))
    await cap(balances, replace(key, amount=Decimal(110), remaining=Decimal(14)), "openrouter")


async def the_organization_s_cap(balances: BalanceHarness) -> None:
    await cap(
        balances, replace(CAP, kind="organization_spend_limit", scope_id="org", scope_name=None)
    )


async def a_cap_that_bites(balances: BalanceHarness) -> None:
    await cap(balances, replace(CAP, is_enforcing=True))


async def a_balance(balances: BalanceHarness) -> None:
    await openrouter(balances, "30", 60)


async def a_balance_known_for_days(balances: BalanceHarness) -> None:
    await openrouter(balances, "30", 6)


async def a_declared_balance(balances: BalanceHarness) -> None:
    await balances.say("balance set openai 300 at 2026-11-01")


STOPS: dict[str, tuple[Callable[[BalanceHarness], Awaitable[None]], str]] = {
    "project": (a_project_s_cap, "OpenAI: spend limit of project search"),
    "key": (a_key_s_cap, "OpenRouter: limit of key ci"),
    "organization": (the_organization_s_cap, "OpenAI: organization's spend limit"),
    "biting": (a_cap_that_bites, "OpenAI: spend limit of project search"),
    "balance": (a_balance, "OpenRouter credit"),
    "vague": (a_balance_known_for_days, "OpenRouter credit"),
    "declared": (a_declared_balance, "OpenAI credit"),
}


@pytest.fixture
async def balances(database: Database) -> BalanceHarness:
    """Ten dollars a day since September, all by one project."""
    made = BalanceHarness(database, NOW)
    known = Period(date(2026, 9, 1), TODAY + timedelta(days=1))
    charges = [Charge(day, Decimal(10), "proj_search", "gpt-5, input", "gpt-5") for day in known]
    async with database.writing() as session:
        await ChargeWriter(session).replace_days(
            "openai", ChargesRead(known, charges, frozenset(known)), NOW
        )
        await LedgerRepository(session).record_success("openai", "charges", NOW)
    return made


async def crossed(balances: BalanceHarness, scope: Scope = ALL) -> tuple[BudgetFacts, int]:
    """What was frozen into a budget's alert when its crossing was found, and its message."""
    budget = Budget(Decimal(200), "monthly", (100,))
    async with balances.database.writing() as session:
        await RuleRepository(session).save(Rule.of(scope, budget, "C1", "U1", NOW))
        await balances.alerts.after_sync(session, NOW)
    async with balances.database.reading() as ledger:
        rows = await AlertRepository(ledger).unresolved()
    [(facts, message)] = [
        (row.facts, row.delivery_id) for row in rows if isinstance(row.facts, BudgetFacts)
    ]
    return facts, message


async def details(balances: BalanceHarness, message: int, channel: str) -> AlertDetails:
    visibility_service = VisibilityService(balances.database, Policy())
    requester = Requester(Person("U1", "ben", "Europe/London"), channel)
    return await AlertDetailsReader(balances.database, visibility_service).of_message(
        message, requester, NOW
    )


async def limit(balances: BalanceHarness, part: ScopeFilter) -> None:
    async with balances.database.writing() as session:
        await VisibilityRepository(session).put(VisibilityRule("C1", part), "U1", NOW)


@pytest.mark.parametrize("name", STOPS)
async def test_an_alert_names_the_stop_that_answers_name(
    balances: BalanceHarness, name: str
) -> None:
    """What is reached first is named, forecast or enforced, and so are its details."""
    arrange, what = STOPS[name]
    await arrange(balances)
    answer = await balances.ask("mtd")
    assert isinstance(answer, SpendAnswer)
    stop = answer.summary.next_limit
    assert stop is not None
    assert stop.what == what
    facts, message = await crossed(balances)
    assert facts.next_stop == stop
    shown = await details(balances, message, "C1")
    assert shown.next_stop == facts.next_stop


async def test_where_nothing_stops_anybody_no_stop_is_named(balances: BalanceHarness) -> None:
    """A cap that only mails is none."""
    await cap(balances, replace(CAP, is_hard=False))
    facts, _ = await crossed(balances)
    assert facts.next_stop is None


async def test_a_channel_reads_of_no_stop_that_it_does_not_see(balances: BalanceHarness) -> None:
    """Where only OpenAI is seen, OpenRouter's balance is not named, though it ends first; whoever
    sees it and asks for details elsewhere reads it."""
    await a_balance(balances)
    await limit(balances, ScopeFilter(connections=frozenset({"openai"})))
    facts, message = await crossed(balances)
    assert facts.next_stop is None
    elsewhere = await details(balances, message, "")
    assert elsewhere.next_stop is not None


@pytest.mark.parametrize(
    ("scope", "what"),
    [
        (Scope("connection", "openai"), "OpenAI: spend limit of project search"),
        (Scope("project", "proj_search"), "OpenAI: spend limit of project search"),
        (Scope("model", "gpt-5"), None),
    ],
)
async def test_only_limits_that_apply_to_the_budget_are_named(
    balances: BalanceHarness, scope: Scope, what: str | None
) -> None:
    """OpenRouter's balance ends first, but no OpenAI budget draws on it; and a project's limit
    stops no model."""
    await a_balance(balances)
    await cap(balances, CAP)
    facts, message = await crossed(balances, scope)
    shown = await details(balances, message, "C1")
    assert shown.next_stop == facts.next_stop
    assert (facts.next_stop and facts.next_stop.what) == what


async def test_details_are_refused_where_their_figures_are_not_seen(
    balances: BalanceHarness,
) -> None:
    """A channel that was limited after an alert learns nothing more from its button."""
    _, message = await crossed(balances)
    await limit(balances, ScopeFilter(projects=frozenset({"chat"})))
    with pytest.raises(CommandRejected):
        await details(balances, message, "C1")
    assert (await details(balances, message, "C2")).lines
