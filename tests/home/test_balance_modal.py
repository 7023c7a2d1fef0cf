"""A prepaid balance declared through its modal."""

import pytest

from bot.ledger.repository import LedgerRepository
from bot.reports.views import declared_balance
from bot.slack import openers
from simulators.slack.office import COSTS, MANAGER, MEMBER
from tests.harness import Harness
from tests.home.test_modals import opened, sent, shown

LEFT = {
    declared_balance.CONNECTION: "openai",
    declared_balance.KIND: "left",
    declared_balance.AMOUNT: "9000",
    declared_balance.AT: "2026-11-01",
}


async def test_a_balance_and_what_was_bought_since(harness: Harness) -> None:
    """Both stand in the ledger and the audit trail; the modal says what is left by them."""
    answer = await sent(harness, await opened(harness, openers.BALANCE), LEFT)
    assert answer.errors == {}
    assert "Noted: $9,000.00 left of OpenAI at the start of 1 Nov (UTC)" in shown(harness)
    bought = {
        declared_balance.KIND: "bought",
        declared_balance.AMOUNT: "100",
        declared_balance.EXPIRES: "2027-03-01",
    }
    await sent(harness, await opened(harness, openers.BALANCE), LEFT | bought)
    async with harness.database.reading() as session:
        first, second = await LedgerRepository(session).declared()
    assert [first.kind, second.kind] == ["balance", "purchase"]
    assert [first.amount, second.amount] == [9000, 100]
    assert str(second.expires_on) == "2027-03-01"
    actions = [entry.action for entry in await harness.changes()]
    assert actions == ["balance.balance", "balance.purchase"]
    said = (await harness.slack.say(MANAGER, COSTS, "/aicost balance")).text
    assert "OpenAI: about" in said
    assert "(estimated)" in said


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({declared_balance.AMOUNT: "-1"}, declared_balance.AMOUNT),
        ({declared_balance.AT: "2027-01-01"}, declared_balance.AT),
        ({declared_balance.EXPIRES: "2026-10-01"}, declared_balance.EXPIRES),
        ({declared_balance.CONNECTION: "openrouter"}, declared_balance.CONNECTION),
    ],
)
async def test_errors_stand_beside_their_field(
    harness: Harness, wrong: dict[str, str], field: str
) -> None:
    """Nothing is declared; an account that tells its own balance takes none."""
    answer = await sent(harness, await opened(harness, openers.BALANCE), LEFT | wrong)
    assert set(answer.errors) == {field}
    async with harness.database.reading() as session:
        assert not await LedgerRepository(session).declared()


async def test_members_are_not_offered_it(harness: Harness) -> None:
    """Their Home tab has no such button."""
    home = await harness.slack.open_home(MEMBER)
    assert home is not None
    assert openers.BALANCE not in str(home.content)
