"""A prepaid balance declared through its modal."""

import re

import pytest

from bot.ledger.repository import LedgerRepository
from bot.reports import views
from bot.slack import openers
from simulators.slack.office import COSTS, MANAGER, MEMBER
from tests.harness import Harness
from tests.home.test_modals import opened, sent, shown

LEFT = {
    views.CONNECTION: "openai",
    views.KIND: "left",
    views.AMOUNT: "9000",
    views.AT: "2026-11-01",
}


async def test_a_balance_and_what_was_bought_since(harness: Harness) -> None:
    """Both stand in the ledger and the audit trail; the modal says what is left by them."""
    answer = await sent(harness, await opened(harness, openers.BALANCE), LEFT)
    assert answer.errors == {}
    assert "Saved: $9,000.00 left at OpenAI at the start of 1 Nov (UTC)" in shown(harness)
    bought = {
        views.KIND: "bought",
        views.AMOUNT: "100",
        views.EXPIRES: "2027-03-01",
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


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({views.AMOUNT: "-1"}, views.AMOUNT),
        ({views.AT: "2027-01-01"}, views.AT),
        ({views.EXPIRES: "2026-10-01"}, views.EXPIRES),
    ],
)
async def test_errors_are_next_to_their_field(
    harness: Harness, wrong: dict[str, str], field: str
) -> None:
    """Nothing is declared. Only accounts that don't report their own balance are offered."""
    form = await opened(harness, openers.BALANCE)
    offered = re.findall(r"'value': '(open\w+)'", str(form.content))
    assert set(offered) == {"openai"}
    answer = await sent(harness, form, LEFT | wrong)
    assert set(answer.errors) == {field}
    async with harness.database.reading() as session:
        assert not await LedgerRepository(session).declared()


async def test_members_are_not_offered_it(harness: Harness) -> None:
    """Their Home tab has no such button."""
    home = await harness.slack.open_home(MEMBER)
    assert home is not None
    assert openers.BALANCE not in str(home.content)
