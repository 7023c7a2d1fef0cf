"""Every limit that a provider reports: used, of how much, and when it resets."""

from datetime import UTC, date, datetime
from decimal import Decimal

from bot.cli.printing import answer_json
from bot.db.database import Database
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.models import DayFigure, ItemFigure
from bot.ledger.repository import LedgerRepository
from bot.reports.limits import known_limits
from bot.reports.models import LimitsAnswer
from providers.errors import PermissionMissing
from providers.models import Charge, ChargesRead, ProviderLimit
from providers.period import DAY, Period
from tests.harness.answers import ask, render
from tests.reports.test_stops import CONNECTIONS, NOW, limit

TODAY = NOW.date()
MONTH = Period(date(2026, 11, 1), date(2026, 11, 24))
DAYS = [DayFigure("openai", day, Decimal(2), Decimal(0), NOW, NOW, NOW) for day in MONTH]
HOSTILE = "<!channel>"
ACCOUNT = ProviderLimit(
    kind="organization_spend_limit",
    scope_id="organization",
    scope_name=None,
    amount=Decimal(50),
    consequence="all requests fail",
    interval="month",
    is_hard=True,
    is_enforcing=False,
)


def test_the_most_used_limit_comes_first_and_unknown_use_last() -> None:
    """Remaining and used are two ways to say it; what is unknown is no zero."""
    read = [
        limit("project_spend_limit", "60"),
        limit("strange_limit", None),
        limit("key_limit", "5"),
    ]
    found = known_limits(CONNECTIONS, read, DAYS, [], NOW)
    assert [each.used for each in found] == [Decimal(95), Decimal(40), None]
    assert {each.resets_on for each in found} == {date(2026, 12, 1)}


def test_use_that_a_provider_does_not_report_is_that_of_the_ledger() -> None:
    """Of the account: its days in the window, the running one included. Of a project: its own
    spend. With a past day missing it is unknown."""
    account, project = limit("organization_spend_limit", None), limit("project_spend_limit", None)
    items = [ItemFigure("openai", "id-1", "search", Decimal(7))]
    found = known_limits(CONNECTIONS, [account, project], DAYS, items, NOW)
    assert {each.used for each in found} == {Decimal(46), Decimal(7)}
    gap = known_limits(CONNECTIONS, [account, project], DAYS[1:], items, NOW)
    assert [each.used for each in gap] == [None, None]


def test_use_of_an_earlier_window_is_no_use_of_this_one() -> None:
    """A limit that was last read in October says nothing of November's use."""
    old = limit("key_limit", "0")
    old.read_at = datetime(2026, 10, 31, 23, tzinfo=UTC)
    (found,) = known_limits(CONNECTIONS, [old], [], [], NOW)
    assert (found.used, found.is_blocking) == (None, False)


async def test_limits_are_listed_with_their_use_and_reset(database: Database) -> None:
    """The heading says how many block requests; names from outside notify nobody."""
    one = Charge(TODAY - DAY, Decimal(3), "id-1", "gpt-5, input", "gpt-5")
    async with database.writing() as session:
        period = Period.of_day(TODAY - DAY)
        read = ChargesRead(period, [one], frozenset(period))
        await ChargeWriter(session).replace_days("openai", read, NOW)
        await LedgerRepository(session).record_success("openai", "charges", NOW)
    empty = (await ask(database, "limits", NOW)).result
    assert "No provider reports a limit" in str(render(empty).blocks)
    limits = [
        ProviderLimit(
            kind="project_spend_limit",
            scope_id="id-1",
            scope_name=HOSTILE,
            amount=Decimal(50),
            consequence="requests of that project fail",
            interval="month",
            is_hard=hard,
            is_enforcing=hard,
            used=Decimal(51 if hard else 20),
        )
        for hard in (False, True)
    ]
    async with database.writing() as session:
        await LedgerRepository(session).replace_limits("openai", limits, NOW)
    answer = await ask(database, "limits openai", NOW)
    assert isinstance(answer.result, LimitsAnswer)
    message = render(answer.result)
    assert message.text.startswith("Limits: 1 of 2 used up")
    (table,) = [each for each in message.blocks if each["type"] == "data_table"]
    used = [row[1]["text"] for row in table["rows"][1:]]
    assert used == ["$51.00 of $50", "$20.00 of $50"]
    assert "(e-mail only)" in table["rows"][2][0]["text"]
    assert HOSTILE not in str([each for each in message.blocks if each is not table])
    shown = answer_json(answer)["limits"]
    assert [each["blocking"] for each in shown] == [True, False]
    assert (shown[0]["used"], shown[0]["resets_on"]) == ("51.000000000", "2026-12-01")


async def test_limits_that_were_not_read_are_not_none(database: Database) -> None:
    """Where none is known, and below those that are: why, and what to do."""
    denied = PermissionMissing("Missing scopes: api.management.read")
    async with database.writing() as session:
        await LedgerRepository(session).record_fault("openai", "limits", denied, NOW)
    answer = await ask(database, "limits", NOW)
    message = render(answer.result)
    assert message.text.startswith("Limits: unknown")
    assert "OpenAI: Reading the provider's own limits has failed since" in str(message.blocks)
    (reason,) = answer_json(answer)["limits_not_known"]
    assert denied.remedy in reason
    async with database.writing() as session:
        ledger = LedgerRepository(session)
        await ledger.replace_limits("openai", [ACCOUNT], NOW)
        left_out = "spend limits of 70 of 120 projects: not read yet"
        await ledger.record_success("openai", "limits", NOW, degraded=left_out)
    message = render((await ask(database, "limits openai", NOW)).result)
    assert f"OpenAI: not every limit is known. {left_out}." in str(message.blocks)
    nothing = render((await ask(database, "limits openrouter", NOW)).result)
    assert "No provider reports a limit" in str(nothing.blocks)
