"""Budgets, low-balance rules and digests changed and ended by pressing alone; and who may not."""

from decimal import Decimal

import pytest

from bot.budgets.models import Budget, LowBalanceRule
from bot.budgets.views import budget
from bot.digests import views as digest
from bot.digests.repository import DigestRepository
from bot.slack import openers
from bot.slack.openers import ASK
from simulators.slack.office import COSTS, ENGINEERING, GUEST, LEADS, MANAGER, MEMBER, STRANGER
from simulators.slack.things import Message, View
from tests.harness import Harness
from tests.home.test_home import actions_of, words
from tests.home.test_modals import DIGEST, check, opened, sent, shown

REMOVED = {budget.REMOVE: [budget.REMOVE]}


async def budget_set(harness: Harness, text: str = "openai 100000 monthly at 50,100") -> None:
    """A budget or low-balance rule, as someone typed it."""
    answer = await harness.slack.say(MANAGER, COSTS, f"/aicost budget set {text}")
    assert "created:" in answer.text


async def test_a_budget_is_changed(harness: Harness) -> None:
    """The modal holds what is set; sent with another amount, the ledger has it under the same
    number, it is answered, audited, and on Home."""
    await budget_set(harness)
    modal = await opened(harness, openers.CHANGE_RULE, value="1")
    said = check(modal)
    assert "add a new budget" in said
    assert _initial(modal, budget.AMOUNT) == "100000"
    assert _initial(modal, budget.THRESHOLDS) == "50, 100"
    answer = await sent(harness, modal, {budget.AMOUNT: "3550.5", budget.FORECAST: "120"})
    assert answer.errors == {}
    (rule,) = await harness.rules()
    assert (rule.id, rule.version, rule.channel) == (1, 2, COSTS)
    assert isinstance(rule.target, Budget)
    assert str(rule.target.amount.normalize()) == "3550.5"
    assert (rule.target.thresholds, rule.target.forecast_thresholds) == ((50, 100), (120,))
    assert "changed: OpenAI, $100,000 per month → $3,550.50 per month" in shown(harness)
    assert [each.action for each in await harness.changes()] == ["budget.set", "budget.changed"]
    assert "$3,550.50 monthly budget" in words(await harness.slack.open_home(MANAGER))


async def test_a_low_balance_rule_is_changed(harness: Harness) -> None:
    """Dollars stay dollars and days stay whole days."""
    await budget_set(harness, "openrouter left 0.5")
    await budget_set(harness, "openrouter left 2d")
    modal = await opened(harness, openers.CHANGE_RULE, value="1")
    await sent(harness, modal, {budget.AMOUNT: "0.25"})
    modal = await opened(harness, openers.CHANGE_RULE, value="2")
    assert _initial(modal, budget.AMOUNT) == "2"
    answer = await sent(harness, modal, {budget.AMOUNT: "3651"})
    assert "whole number of days" in answer.errors[budget.AMOUNT]
    await sent(harness, modal, {budget.AMOUNT: "1"})
    dollars, days = await harness.rules()
    assert dollars.target == LowBalanceRule(Decimal("0.25"))
    assert days.target == LowBalanceRule(None, 1)


async def test_wrong_values_are_next_to_their_field(harness: Harness) -> None:
    """Nothing is changed by them, nor by sending back what is set already."""
    await budget_set(harness)
    modal = await opened(harness, openers.CHANGE_RULE, value="1")
    wrong = {budget.AMOUNT: "0", budget.THRESHOLDS: "x", budget.FORECAST: "0"}
    answer = await sent(harness, modal, wrong)
    assert set(answer.errors) == {*wrong}
    right = {
        budget.AMOUNT: "100000",
        budget.THRESHOLDS: "50, 100",
        budget.FORECAST: None,
    }
    answer = await sent(harness, modal, right)
    assert answer.errors == {}
    assert "Nothing changed" in shown(harness)
    (rule,) = await harness.rules()
    assert rule.version == 1


async def test_the_changed_alert_is_previewed(harness: Harness) -> None:
    """With the line that is filled in; nothing is set by it."""
    await budget_set(harness)
    modal = await opened(harness, openers.CHANGE_RULE, value="1")
    filled = {budget.AMOUNT: "100", budget.THRESHOLDS: "70"}
    preview = await harness.open_modal(modal, budget.PREVIEW, MANAGER, filled={**filled})
    assert "of $100 used" in check(preview)
    (rule,) = await harness.rules()
    assert rule.version == 1


async def test_a_budget_is_removed(harness: Harness) -> None:
    """Checked and sent, it is gone, its open alerts are over, and it is on record."""
    await budget_set(harness, "openai 100 monthly")
    modal = await opened(harness, openers.CHANGE_RULE, value="1")
    answer = await sent(harness, modal, REMOVED | {budget.AMOUNT: "0"})
    assert answer.errors == {}
    assert await harness.rules() == []
    assert "removed: OpenAI" in shown(harness)
    assert "open alerts resolved" in shown(harness)
    assert [each.action for each in await harness.changes()][-1] == "budget.removed"


async def test_what_changed_meanwhile_is_left_alone(harness: Harness) -> None:
    """A form about an older version, or about a budget that is gone, changes nothing and keeps
    what was filled in."""
    await budget_set(harness)
    old = await opened(harness, openers.CHANGE_RULE, value="1")
    await harness.slack.say(MANAGER, COSTS, "/aicost budget set openai 3550 monthly")
    answer = await sent(harness, old, {budget.AMOUNT: "70"})
    assert "it is $3,550 now" in answer.errors[budget.AMOUNT]
    answer = await sent(harness, old, REMOVED)
    assert "it is $3,550 now" in answer.errors[budget.REMOVE]
    assert harness.slack.person(MANAGER).modal is old
    (rule,) = await harness.rules()
    assert rule.version == 2
    await harness.slack.say(MANAGER, COSTS, "/aicost budget remove 1")
    answer = await sent(harness, old, {budget.AMOUNT: "70"})
    assert "removed in the meantime" in answer.errors[budget.AMOUNT]
    assert await harness.rules() == []


async def test_a_press_on_what_is_gone(harness: Harness) -> None:
    """A button that still stands next to a removed budget says so, and opens no form."""
    await budget_set(harness)
    listed = (await harness.slack.say(MANAGER, COSTS, "/aicost budget list")).message
    assert listed is not None
    await harness.slack.say(MANAGER, COSTS, "/aicost budget remove 1")
    answer = await harness.slack.press(listed, openers.CHANGE_RULE, MANAGER)
    assert "removed in the meantime" in answer.text
    assert harness.slack.person(MANAGER).modal is None


@pytest.mark.parametrize(
    ("user", "says"),
    [
        (MEMBER, "Only workspace admins"),
        (GUEST, "Guests"),
        pytest.param(STRANGER, "other workspaces", marks=pytest.mark.slow),
    ],
)
async def test_only_managers_change(harness: Harness, user: str, says: str) -> None:
    """A forged press opens nothing for anybody else, and a forged form changes nothing."""
    await budget_set(harness)
    modal = await opened(harness, openers.CHANGE_RULE, value="1")
    home = await harness.slack.open_home(MANAGER)
    assert home is not None
    for action in (openers.CHANGE_RULE, openers.ANOMALIES):
        reported = await harness.open_modal(home, action, user)
        assert says in check(reported)
        assert not reported.content.get("submit")
    forged = View(modal.id, modal.hash, user, modal.content, modal.root_id)
    harness.slack.person(user).modals.append(forged)
    await harness.slack.submit(forged, user, REMOVED)
    assert says in shown(harness, user)
    assert len(await harness.rules()) == 1
    assert [each.action for each in await harness.changes()] == ["budget.set"]


async def test_the_list_leads_to_the_modal(harness: Harness) -> None:
    """A manager's list has a button next to each budget, a member's has none; and none is shown to
    a channel."""
    await budget_set(harness)
    office = harness.slack
    listed = (await office.say(MEMBER, COSTS, "/aicost budget list")).message
    assert listed is not None
    assert openers.CHANGE_RULE not in _pressable(listed)
    listed = (await office.say(MANAGER, COSTS, "/aicost budget list")).message
    assert listed is not None
    assert openers.CHANGE_RULE in _pressable(listed)
    modal = await harness.open_modal(listed, openers.CHANGE_RULE, MANAGER)
    assert modal.content["callback_id"] == budget.FORM
    home = await office.open_home(MANAGER)
    assert home is not None
    list_modal = await harness.open_modal(home, ASK, MANAGER, "budget list")
    await office.press(list_modal, openers.CHANGE_RULE, MANAGER)
    assert "Remove this budget" in shown(harness)


async def test_a_digest_is_turned_off(harness: Harness) -> None:
    """By who may set it; the modal of a new one has no such box."""
    new = await opened(harness, openers.DIGEST, MEMBER)
    assert "Turn this digest off" not in check(new)
    await sent(harness, new, DIGEST, MEMBER)
    modal = await opened(harness, openers.DIGEST, MEMBER, "1")
    answer = await sent(harness, modal, {digest.OFF: [digest.OFF], digest.DAYS: []}, MEMBER)
    assert answer.errors == {}
    assert "Digest 1 is off:" in shown(harness, MEMBER)
    async with harness.database.reading() as session:
        assert await DigestRepository(session).active() == []
    assert [each.action for each in await harness.changes()] == ["digest.on", "digest.off"]


async def test_a_digest_that_is_gone_or_foreign_is_not_turned_off(harness: Harness) -> None:
    """A second try is answered so; and nobody ends the digest of a channel they are not in."""
    office = harness.slack
    await office.say(MANAGER, LEADS, "/aicost digest on 09:00 weekdays")
    modal = await opened(harness, openers.DIGEST, MANAGER, "1")
    forged = View(modal.id, modal.hash, MEMBER, modal.content, modal.root_id)
    office.person(MEMBER).modals.append(forged)
    off = {digest.OFF: [digest.OFF], digest.CHANNEL: ENGINEERING}
    answer = await harness.slack.submit(forged, MEMBER, off)
    assert "Only members of the channel" in answer.errors[digest.OFF]
    copy = View(modal.id, modal.hash, MANAGER, modal.content, modal.root_id)
    await sent(harness, modal, off)
    office.person(MANAGER).modals.append(copy)
    answer = await sent(harness, copy, off)
    assert "turned off in the meantime" in answer.errors[digest.OFF]


async def test_a_saved_digest_asks_nothing_of_no_channel(harness: Harness) -> None:
    """The answer in the modal has no button about "this channel": a modal is in none."""
    await sent(harness, await opened(harness, openers.DIGEST), DIGEST)
    modal = harness.slack.person(MANAGER).modal
    assert modal is not None
    assert "Pause" in shown(harness)
    assert not any(each.startswith(ASK) for each in actions_of(modal))


def _initial(modal: View, field: str) -> str:
    (block,) = (each for each in modal.blocks if each.get("block_id") == field)
    return str(block["element"]["initial_value"])


def _pressable(message: Message) -> set[str]:
    found = set()
    for block in message.blocks:
        for element in [*block.get("elements", ()), block.get("accessory") or {}]:
            if isinstance(element, dict) and "action_id" in element:
                found.add(str(element["action_id"]))
    return found
