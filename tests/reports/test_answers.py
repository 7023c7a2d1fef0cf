"""Questions answered from a real ledger."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bot.access.models import ScopeFilter, VisibilityScope
from bot.db.database import Database
from bot.language.commands import ParseFailure
from bot.language.names import Vocabulary
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.repository import LedgerRepository
from bot.reports.models import BalanceAnswer, HelpAnswer, SpendAnswer, StatusAnswer
from bot.reports.router import OPERATOR
from providers.errors import Unavailable
from providers.models import BreakdownItem, Charge, ChargesRead, Name, PrepaidBalance
from providers.period import Period, utc_day
from tests.harness.answers import ask, render

NOW = datetime(2026, 11, 23, 15, 20, tzinfo=UTC)
SEEN = Period(date(2026, 10, 1), date(2026, 11, 24))


async def fill(database: Database) -> None:
    """Two months of both providers: 3 dollars a day here, 2 there, 10 left."""
    openai = [
        Charge(day, Decimal(cost), project, sku, x_model=model)
        for day in SEEN
        for cost, project, sku, model in (
            ("2", "proj_1", "gpt-5, input", "gpt-5"),
            ("0.75", "proj_1", "gpt-5, output", "gpt-5"),
            ("0.25", None, None, None),
        )
    ]
    openrouter = [
        Charge(day, Decimal(2), sku_id="claude", x_model="claude", x_byok_estimate=Decimal(1))
        for day in SEEN
    ]
    keys = [BreakdownItem(day, "key_1", None, Decimal(1)) for day in SEEN]
    days = frozenset(SEEN)
    async with database.writing() as ledger:
        await ChargeWriter(ledger).replace_days("openai", ChargesRead(SEEN, openai, days), NOW)
        await ChargeWriter(ledger).replace_days(
            "openrouter", ChargesRead(SEEN, openrouter, days), NOW
        )
        await ChargeWriter(ledger).replace_breakdown("openai", SEEN, "key", keys)
        await LedgerRepository(ledger).merge_names("openai", [Name("project", "proj_1", "Search")])
        balance = PrepaidBalance(Decimal(10), Decimal(110), Decimal(100))
        await LedgerRepository(ledger).add_balance("openrouter", balance, NOW)
        for connection in ("openai", "openrouter"):
            await LedgerRepository(ledger).record_success(connection, "charges", NOW)
        await LedgerRepository(ledger).record_success("openrouter", "balance", NOW)


async def spend(database: Database, text: str) -> SpendAnswer:
    answer = (await ask(database, text, NOW)).result
    assert isinstance(answer, SpendAnswer)
    return answer


async def test_the_month_to_date_is_answered_from_the_ledger(database: Database) -> None:
    """Used of both, what is left, and the change against as many days before."""
    await fill(database)
    summary = (await spend(database, "")).summary
    assert summary.used_total == 23 * 5
    assert summary.is_complete
    assert (summary.used_compared, summary.used_before) == (Decimal(110), Decimal(110))
    openai, openrouter = summary.connections
    assert (openai.used, openrouter.used) == (Decimal(69), Decimal(46))
    assert openrouter.byok_excluded == 23
    assert openrouter.left is not None
    assert openrouter.left.burn_per_day == 2
    assert openrouter.left.runs_out_on == date(2026, 11, 28)


async def test_every_breakdown_adds_up_to_the_total(database: Database) -> None:
    """Names where they are known, ids where not, the rest unattributed."""
    await fill(database)
    rows = {}
    for cut in ("model", "project", "key", "day"):
        summary = (await spend(database, f"openai yesterday by {cut}")).summary
        assert summary.breakdown is not None
        assert sum(row.used for row in summary.breakdown.rows) == summary.used_total == 3
        rows[cut] = [(row.name, str(row.used.normalize())) for row in summary.breakdown.rows]
        assert all(row.used_before == row.used for row in summary.breakdown.rows if cut != "day")
    assert rows == {
        "model": [("gpt-5", "2.75"), ("(unattributed)", "0.25")],
        "project": [("Search", "2.75"), ("(unattributed)", "0.25")],
        "key": [("key_1", "1"), ("(unattributed)", "2")],
        "day": [("2026-11-22", "3")],
    }


async def test_an_empty_ledger_knows_nothing(database: Database) -> None:
    """Before the first sync every connection is unknown, and nothing is zero."""
    summary = (await spend(database, "")).summary
    assert summary.used_total is None
    assert [connection.status for connection in summary.connections] == ["unknown"] * 2


async def test_a_fault_is_shown_with_the_last_figures(database: Database) -> None:
    """An outage leaves the figures, marks them stale, and says why."""
    await fill(database)
    async with database.writing() as ledger:
        error = Unavailable("OpenRouter did not answer")
        await LedgerRepository(ledger).record_fault("openrouter", "balance", error, NOW)
    summary = (await spend(database, "openrouter")).summary
    (openrouter,) = summary.connections
    assert (openrouter.status, openrouter.used) == ("stale", Decimal(46))
    assert openrouter.left is not None
    assert openrouter.left.remaining == 10
    assert "did not answer" in str(openrouter.reason)


async def test_balance_status_and_help_are_answered(database: Database) -> None:
    """Each question has an answer of its own kind."""
    await fill(database)
    balance = (await ask(database, "balance openrouter", NOW)).result
    assert isinstance(balance, BalanceAnswer)
    assert [connection.name for connection in balance.summary.connections] == ["openrouter"]
    assert balance.summary.next_limit is not None
    status = (await ask(database, "status", NOW)).result
    assert isinstance(status, StatusAnswer)
    assert [state.covered_from for state in status.states] == [SEEN.start] * 2
    assert [state.holes for state in status.states] == [()] * 2
    helped = (await ask(database, "help export", NOW)).result
    assert isinstance(helped, HelpAnswer)
    assert helped.names == {
        "postpaid": "openai",
        "prepaid": "openrouter",
        "project": "Search",
        "model": "gpt-5",
    }
    assert "export project Search last month" in str(render(helped).blocks)


async def test_help_has_only_names_that_the_person_sees(database: Database) -> None:
    """Those of OpenRouter alone, for someone who sees nothing of OpenAI."""
    await fill(database)
    only = VisibilityScope(((ScopeFilter(frozenset({"openrouter"})),),))
    member = replace(OPERATOR, visibility=only)
    helped = (await ask(database, "help budget", NOW, requester=member)).result
    assert helped.names == {"prepaid": "openrouter", "model": "claude"}


async def test_what_cannot_be_answered_says_what_can(database: Database) -> None:
    """Nonsense, a provider without a connection, and a command are distinguished from answers."""
    vocabulary = Vocabulary(("openai", "openrouter", "mistral"), ("openai", "openrouter"))
    for text in ("xyzzy", "mistral", "balance mistral", "budget set openai 5"):
        answer = (await ask(database, text, NOW, vocabulary)).result
        assert isinstance(answer, ParseFailure), text
        if answer.suggestion is not None:
            again = (await ask(database, answer.suggestion, NOW, vocabulary)).result
            assert not isinstance(again, ParseFailure)


async def test_figures_that_nobody_refreshes_are_stale_for_a_running_bot(
    database: Database,
) -> None:
    """A bot that should have read an hour ago calls its figures stale; `ask` says their age."""
    await fill(database)
    later = NOW + timedelta(hours=2)
    running = await ask(database, "openai", later, stale_after=timedelta(hours=1))
    answer = running.result
    assert isinstance(answer, SpendAnswer)
    assert answer.summary.connections[0].status == "stale"
    assert answer.summary.connections[0].as_of == NOW
    calm = (await ask(database, "openai", later)).result
    assert isinstance(calm, SpendAnswer)
    assert calm.summary.connections[0].status == "ok"
    assert utc_day(later) == utc_day(NOW)


async def test_a_balance_from_a_later_clock_is_not_called_unreported(database: Database) -> None:
    """A clock that was set back hides the reading; the reason names the clock."""
    await fill(database)
    earlier = NOW - timedelta(days=2)
    answer = (await ask(database, "balance openrouter", earlier)).result
    assert isinstance(answer, BalanceAnswer)
    (openrouter,) = answer.summary.connections
    assert openrouter.left is not None
    assert openrouter.left.remaining is None
    assert "this machine's clock hasn't reached" in str(openrouter.left.reason)
