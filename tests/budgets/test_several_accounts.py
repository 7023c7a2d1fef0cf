"""A low-balance rule for a provider with several accounts: each account has alerts of its own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import col, select

from bot.access.models import Policy
from bot.access.service import VisibilityService
from bot.budgets.alert_actions import AlertActions
from bot.budgets.alert_details import AlertDetailsReader
from bot.budgets.alert_store import RESOLUTION
from bot.budgets.alerting import AlertEvaluator
from bot.budgets.messages.alert_details import alert_details_message
from bot.budgets.messages.alert_words import line_sentence, title_words
from bot.budgets.messages.budgets import rule_listing_message, rule_status_words
from bot.budgets.messages.resolution_words import end_words
from bot.budgets.models import LowBalanceFacts
from bot.budgets.repository import line_of
from bot.budgets.results import RuleSet
from bot.budgets.service import Budgets
from bot.db.database import Database, open_database
from bot.db.models import Alert, Delivery
from bot.language.commands import BudgetRemove, LowBalanceSet
from bot.ledger.models import ConfiguredConnection
from bot.ledger.repository import LedgerRepository
from bot.metrics import Metrics
from providers.models import PrepaidBalance
from tests.budgets.budget_harness import MANAGER, OPENROUTER, down
from tests.conftest import CONNECTIONS

FIRST = next(each for each in CONNECTIONS if each.billing == "prepaid")
SECOND = replace(FIRST, name="second", title="OpenRouter (second)")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BOUGHT = Decimal(100)


@dataclass(slots=True)
class Accounts:
    """Two prepaid accounts of one provider, whose balances a test sets."""

    database: Database
    url: str
    now: datetime = NOW

    @property
    def budgets(self) -> Budgets:
        """Set and remove rules."""
        return Budgets(self.database, AlertEvaluator(self.database, Metrics()))

    async def restart(self, *connections: ConfiguredConnection) -> None:
        """Start again with these connections in the configuration."""
        await self.database.close()
        self.database = await open_database(self.url, connections, self.now)

    async def set(self, dollars: int) -> RuleSet:
        """Make or change the rule."""
        return await self.budgets.set(
            LowBalanceSet(OPENROUTER, Decimal(dollars), None, None), MANAGER, self.now
        )

    async def read(self, *, currency: str = "USD", **left: str | None) -> None:
        """Read these balances and evaluate all rules. None: the read fails."""
        self.now += timedelta(minutes=5)
        async with self.database.writing() as session:
            ledger = LedgerRepository(session)
            for name, amount in left.items():
                if amount is None:
                    await ledger.record_fault(name, "balance", down(), self.now)
                    continue
                used = BOUGHT - Decimal(amount)
                reading = PrepaidBalance(Decimal(amount), BOUGHT, used, currency=currency)
                await ledger.add_balance(name, reading, self.now)
                await ledger.record_success(name, "balance", self.now)
                await ledger.record_success(name, "charges", self.now)
            await AlertEvaluator(self.database, Metrics()).after_sync(session, self.now)

    async def every(self) -> list[Alert]:
        """Every alert, oldest first."""
        async with self.database.reading() as session:
            return list((await session.exec(select(Alert).order_by(col(Alert.id)))).all())

    async def alerts(self) -> list[tuple[str, str]]:
        """The account and state of each unresolved alert, oldest first."""
        return [
            (each.facts.connection, each.state)
            for each in await self.every()
            if each.state != "resolved" and isinstance(each.facts, LowBalanceFacts)
        ]

    async def words(self) -> list[tuple[str, str]]:
        """What the heading and the first sentence say of each alert, oldest first."""
        lines = [line_of(each) for each in await self.every()]
        return [(title_words([each]), f"{line_sentence([each]).split('. ')[0]}.") for each in lines]

    async def replies(self) -> list[str]:
        """What was posted in threads, oldest first."""
        async with self.database.reading() as session:
            rows = await session.exec(
                select(Delivery).where(col(Delivery.kind) == "note").order_by(col(Delivery.id))
            )
            return [end_words(RESOLUTION.read(each.payload)) for each in rows.all()]


@pytest.fixture
async def accounts(sqlite_url: str) -> AsyncIterator[Accounts]:
    """Both have enough, and a rule for their provider alerts at 20 dollars."""
    made = Accounts(await open_database(sqlite_url, [FIRST, SECOND], NOW), sqlite_url)
    await made.read(openrouter="50", second="50")
    await made.set(20)
    yield made
    await made.database.close()


async def test_an_account_that_is_low_hides_no_other(accounts: Accounts) -> None:
    """The second is reported while the alert of the first is open or snoozed; each ends alone."""
    await accounts.read(openrouter="10", second="50")
    assert await accounts.alerts() == [("openrouter", "open")]
    await AlertActions(accounts.database).snooze(None, timedelta(days=1), MANAGER, accounts.now)
    await accounts.read(openrouter="10", second="15")
    assert await accounts.alerts() == [("openrouter", "snoozed"), ("second", "open")]
    await accounts.read(openrouter="10", second="60")
    assert await accounts.alerts() == [("openrouter", "snoozed")]


async def test_an_account_that_cannot_be_read_hides_no_other(accounts: Accounts) -> None:
    """A balance that is known and low is reported; one that isn't known resolves nothing."""
    await accounts.read(openrouter=None, second="15")
    assert await accounts.alerts() == [("second", "open")]
    await accounts.read(openrouter="10", second=None)
    assert await accounts.alerts() == [("second", "open"), ("openrouter", "open")]


@pytest.mark.parametrize(
    "now_configured",
    [
        pytest.param([FIRST], id="removed"),
        pytest.param([FIRST, replace(SECOND, name="renamed")], id="renamed"),
        pytest.param([FIRST, replace(SECOND, billing="postpaid")], id="postpaid"),
    ],
)
async def test_an_account_that_is_gone_ends_its_alert(
    accounts: Accounts, now_configured: list[ConfiguredConnection]
) -> None:
    """Without the figures of another account, which goes on."""
    await accounts.read(openrouter="10", second="15")
    await accounts.restart(*now_configured)
    await accounts.read(openrouter="10")
    assert await accounts.alerts() == [("openrouter", "open")]
    gone = (await accounts.every())[1]
    assert isinstance(gone.facts, LowBalanceFacts)
    assert (gone.ended, gone.facts.remaining_at_end) == ("account_removed", None)
    assert await accounts.replies() == [
        "Resolved: the configuration no longer has OpenRouter (second) as a prepaid account."
    ]


async def test_a_rule_that_is_changed_ends_the_alert_of_an_account_that_is_gone(
    accounts: Accounts,
) -> None:
    """Its balance isn't compared with the new minimum."""
    await accounts.read(second="15")
    await accounts.restart(FIRST)
    await accounts.set(10)
    (gone,) = await accounts.every()
    assert isinstance(gone.facts, LowBalanceFacts)
    assert (gone.ended, gone.facts.dollars) == ("account_removed", Decimal(20))


async def test_the_latest_figures_are_those_of_the_account(accounts: Accounts) -> None:
    """Those of the other, which is lower, are in its own message."""
    await accounts.read(openrouter="10")
    await accounts.read(openrouter="10", second="15")
    reader = AlertDetailsReader(accounts.database, VisibilityService(accounts.database, Policy()))
    second = (await accounts.every())[1]
    shown = await reader.of_message(second.delivery_id, MANAGER, accounts.now)
    text = str(alert_details_message(shown).blocks)
    assert "OpenRouter (second): $15.00 left." in text
    assert "$10.00" not in text


async def test_a_rule_that_is_removed_leaves_each_account_its_own_balance(
    accounts: Accounts,
) -> None:
    """Each alert ends with what its own account has."""
    await accounts.read(openrouter="10", second="15")
    await accounts.budgets.remove(BudgetRemove("openrouter"), MANAGER, accounts.now)
    left = [getattr(each.facts, "remaining_at_end", None) for each in await accounts.every()]
    assert left == [Decimal(10), Decimal(15)]


async def test_an_alert_from_before_accounts_had_their_own_goes_on(accounts: Accounts) -> None:
    """Its key names no account. It ends with that of its facts, and can be crossed again."""
    await accounts.read(openrouter="10")
    async with accounts.database.writing() as session:
        (old,) = (await session.exec(select(Alert))).all()
        old.key = old.key.removesuffix(":openrouter")
    await accounts.read(openrouter="10", second="15")
    assert await accounts.alerts() == [("openrouter", "open"), ("second", "open")]
    await accounts.read(openrouter="60", second="15")
    await accounts.read(openrouter="9", second="15")
    assert await accounts.alerts() == [("second", "open"), ("openrouter", "open")]


async def test_each_sentence_names_its_account(accounts: Accounts) -> None:
    """Also the replies of two that end together: one for each, with its own balance."""
    await accounts.read(openrouter="10", second="15")
    assert await accounts.words() == [
        ("OpenRouter balance, $10.00 left", "OpenRouter: $10.00 left."),
        ("OpenRouter (second) balance, $15.00 left", "OpenRouter (second): $15.00 left."),
    ]
    await accounts.read(openrouter="70", second="60")
    assert await accounts.replies() == [
        "Resolved: OpenRouter's balance is back above the threshold. $70.00 left.",
        "Resolved: OpenRouter (second)'s balance is back above the threshold. $60.00 left.",
    ]
    assert await accounts.words() == [
        ("OpenRouter, $70.00 left (was $10.00)", "OpenRouter is above the threshold again."),
        (
            "OpenRouter (second), $60.00 left (was $15.00)",
            "OpenRouter (second) is above the threshold again.",
        ),
    ]


async def test_an_account_in_another_currency_is_named_where_the_rule_is_made(
    accounts: Accounts,
) -> None:
    """And in the list, with the command that watches it."""
    await accounts.read(second="3", currency="CNY")
    made = await accounts.set(30)
    assert rule_status_words(made.status) == (
        "OpenRouter: $50.00 left. OpenRouter (second)'s balance is in CNY, so this alert doesn't "
        "watch it. Set another one, in CNY, for example: `/aicost budget set second left 30`"
    )
    listing = await accounts.budgets.listing(accounts.now)
    assert "`/aicost budget set second left 30`" in str(rule_listing_message(listing).blocks)
    assert await accounts.alerts() == []


async def test_the_reason_of_an_unknown_balance_names_its_account(accounts: Accounts) -> None:
    """The balance that is known is shown as such."""
    await accounts.read(openrouter="40", second=None)
    (status,) = (await accounts.budgets.listing(accounts.now)).statuses
    words = rule_status_words(status)
    assert words.startswith("OpenRouter: $40.00 left. OpenRouter (second): last read ")
    assert ": $50.00 left. The provider did not answer." in words
