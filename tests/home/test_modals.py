"""Every setting through its modal: open, fill, preview, send, see the change; and who may not."""

from dataclasses import replace
from typing import Any

import pytest

from bot.budgets.models import Budget, LowBalanceRule
from bot.budgets.repository import RuleRepository
from bot.budgets.views import budget
from bot.digests import views as digest
from bot.digests.repository import DigestRepository
from bot.home.views import visibility
from bot.slack import openers
from bot.slack.blocks import button
from bot.slack.text_renderer import plain_text
from simulators.slack.answer import Answer
from simulators.slack.limits import view_problems, view_too_large
from simulators.slack.office import COSTS, ENGINEERING, GUEST, LEADS, MANAGER, MEMBER, QUIET
from simulators.slack.things import View
from tests.harness import Harness
from tests.quick import QUICK

BUDGET = {
    budget.SCOPE: "provider:openai",
    budget.AMOUNT: "750.50",
    budget.PERIOD: "monthly",
    budget.THRESHOLDS: "60, 90%",
    budget.FORECAST: "100",
    budget.CHANNEL: ENGINEERING,
}
DIGEST = {
    digest.CHANNEL: ENGINEERING,
    digest.SCOPE: "all",
    digest.RHYTHM: "days",
    digest.DAYS: ["0", "3"],
    digest.AT: "08:30",
    digest.ZONE: "Asia/Tokyo",
    digest.DEPTH: "short",
}


async def opened(harness: Harness, action: str, user: str = MANAGER, value: str = "new") -> View:
    """The modal behind a button of that person's Home tab; Slack takes it."""
    home = await harness.slack.open_home(user)
    assert home is not None
    modal = await harness.open_modal(home, action, user, value)
    check(modal)
    return modal


def check(modal: View) -> str:
    """A modal as plain text; it is inside Slack's limits."""
    assert view_problems(dict(modal.content)) == []
    assert not view_too_large(modal.content)
    return plain_text({"text": "", "blocks": modal.blocks})


def shown(harness: Harness, user: str = MANAGER) -> str:
    """What the modal on top says."""
    modal = harness.slack.person(user).modal
    assert modal is not None
    return check(modal)


async def previewed(harness: Harness, form: View, action: str, user: str = MANAGER) -> str:
    """What the modal that a preview's button opened comes to say, once it is done."""
    modal = await harness.open_modal(form, action, user)
    return check(modal)


async def sent(
    harness: Harness, modal: View, values: dict[str, Any], user: str = MANAGER
) -> Answer:
    """What came of sending a modal."""
    return await harness.slack.submit(modal, user, values)


async def test_a_budget_that_is_sent_is_set(harness: Harness) -> None:
    """Sent, it stands in the ledger, is answered in the modal and audited, and is on Home."""
    modal = await opened(harness, openers.NEW_BUDGET)
    answer = await sent(harness, modal, BUDGET)
    assert answer.errors == {}
    assert answer.failure is None
    (rule,) = await harness.rules()
    assert isinstance(rule.target, Budget)
    assert (rule.scope.kind, rule.scope.name) == ("provider", "openai")
    assert str(rule.target.amount.normalize()) == "750.5"
    assert rule.target.thresholds == (60, 90)
    assert rule.target.forecast_thresholds == (100,)
    assert rule.channel == ENGINEERING
    assert "created: OpenAI, $750.50 per month. Alerts at 60% and 90%" in shown(harness)
    assert [entry.action for entry in await harness.changes()] == ["budget.set"]


async def test_a_budget_again_changes_it(harness: Harness) -> None:
    """The same scope, period and channel is one budget, however often the form is sent."""
    modal = await opened(harness, openers.NEW_BUDGET)
    copy = View(modal.id, modal.hash, modal.user, modal.content, modal.root_id)
    await sent(harness, modal, BUDGET)
    await harness.slack.submit(copy, MANAGER, BUDGET | {budget.AMOUNT: "800"})
    (rule,) = await harness.rules()
    assert isinstance(rule.target, Budget)
    assert rule.target.amount == 800


@pytest.mark.parametrize("intervals", [replace(QUICK, form_ack=0, form_outcome=1.2)], ids=["late"])
async def test_a_form_that_takes_long_shows_its_outcome_in_the_end(harness: Harness) -> None:
    """The outcome replaces "still working", also where it is known before Slack has that."""
    modal = await opened(harness, openers.NEW_BUDGET)
    harness.slack.sockets.ack_travels = 0.8
    await sent(harness, modal, BUDGET)
    assert "created: OpenAI, $750.50 per month. Alerts at 60% and 90%" in shown(harness)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        (budget.AMOUNT, "0", "amount"),
        (budget.AMOUNT, "12345678901234567890", "amount"),
        (budget.THRESHOLDS, "fifty", "percentages"),
        (budget.THRESHOLDS, "0, 50", "percentages"),
        (budget.THRESHOLDS, "1001", "percentages"),
        (budget.FORECAST, "-5", "percentages"),
        (budget.CHANNEL, QUIET, None),
    ],
)
async def test_errors_are_next_to_their_field(
    harness: Harness, field: str, value: str, says: str | None
) -> None:
    """A wrong value is said under its own field, and nothing is set."""
    modal = await opened(harness, openers.NEW_BUDGET)
    answer = await sent(harness, modal, BUDGET | {field: value})
    if says is None:  # a public channel takes posts without the app in it
        assert answer.errors == {}
        return
    assert set(answer.errors) == {field}
    assert says in answer.errors[field]
    assert await harness.rules() == []
    assert harness.slack.person(MANAGER).modal is modal


async def test_a_private_channel_without_the_app(harness: Harness) -> None:
    """A channel the app can't post in is said under the channel."""
    harness.slack.channel(LEADS).members.discard(harness.slack.app.bot_user)
    modal = await opened(harness, openers.NEW_BUDGET)
    answer = await sent(harness, modal, BUDGET | {budget.CHANNEL: LEADS})
    assert "Invite me" in answer.errors[budget.CHANNEL]


async def test_the_permission_is_checked_again(harness: Harness) -> None:
    """A manager who is one no more when the form comes back sets nothing; nor does anybody else."""
    modal = await opened(harness, openers.NEW_BUDGET)
    forged = View(modal.id, modal.hash, MEMBER, modal.content, modal.root_id)
    harness.slack.person(MEMBER).modals.append(forged)
    await harness.slack.submit(forged, MEMBER, BUDGET)
    assert "Only workspace admins" in shown(harness, MEMBER)
    assert await harness.rules() == []
    assert await harness.changes() == []


async def test_the_alert_is_previewed(harness: Harness) -> None:
    """The preview is the alert with the ledger's own figures, without a number, as it is no
    alert; nothing is set or posted by it."""
    modal = await opened(harness, openers.NEW_BUDGET)
    assert "Give an amount" in await previewed(harness, modal, budget.PREVIEW)
    await harness.slack.close(harness.slack.person(MANAGER).modals[-1], MANAGER)
    filled = _filled(modal, budget.AMOUNT, initial_value="100")
    filled = _filled(filled, budget.CHANNEL, initial_conversation=COSTS)
    said = await previewed(harness, filled, budget.PREVIEW)
    assert "Nothing is posted" in said
    assert "of $100 used" in said
    assert "Figures from" in said
    assert "Alert #" not in said
    assert harness.slack.channel(COSTS).messages == []
    assert await harness.rules() == []


async def test_a_low_balance_alert_takes_dollars_or_days(harness: Harness) -> None:
    """Days of runway or dollars, whole days only."""
    modal = await opened(harness, openers.NEW_LOW_BALANCE)
    values = {
        budget.SCOPE: "provider:openrouter",
        budget.KIND: "days",
        budget.AMOUNT: "7.5",
        budget.CHANNEL: ENGINEERING,
    }
    answer = await sent(harness, modal, values)
    assert "whole number of days" in answer.errors[budget.AMOUNT]
    await sent(harness, modal, values | {budget.AMOUNT: "7"})
    (rule,) = await harness.rules()
    assert rule.target == LowBalanceRule(None, 7)
    modal = await opened(harness, openers.NEW_LOW_BALANCE)
    await sent(harness, modal, values | {budget.KIND: "dollars", budget.AMOUNT: "20.5"})
    assert len(await harness.rules()) == 2


async def test_a_digest_by_a_member(harness: Harness) -> None:
    """A member sets a digest where they are; days, time, zone and depth come as chosen."""
    modal = await opened(harness, openers.DIGEST, MEMBER)
    answer = await sent(harness, modal, DIGEST, MEMBER)
    assert answer.errors == {}
    async with harness.database.reading() as session:
        (plan,) = await DigestRepository(session).active()
    settings = plan.settings
    assert (plan.channel, settings.depth) == (ENGINEERING, "short")
    assert settings.schedule.days == {0, 3}
    assert (settings.schedule.at.isoformat(), settings.schedule.zone) == ("08:30:00", "Asia/Tokyo")
    assert plan.next_due_at is not None
    home = await harness.slack.open_home(MEMBER)
    assert home is not None
    assert "Asia/Tokyo" in plain_text({"text": "", "blocks": home.blocks})


async def test_a_digest_is_changed_in_place(harness: Harness) -> None:
    """Change opens the modal with the digest's terms; sent back, there is still one digest."""
    await sent(harness, await opened(harness, openers.DIGEST, MEMBER), DIGEST, MEMBER)
    modal = await opened(harness, openers.DIGEST, MEMBER, "1")
    assert modal.content["private_metadata"] == "1"
    await sent(harness, modal, {digest.RHYTHM: "weekly", digest.DAYS: []}, MEMBER)
    async with harness.database.reading() as session:
        (plan,) = await DigestRepository(session).active()
    assert plan.settings.cadence == "weekly"
    assert plan.settings.schedule.zone == "Asia/Tokyo"


async def test_errors_of_a_digest_stand_at_its_fields(harness: Harness) -> None:
    """Chosen days without a day, and a channel that the person is not in, are said at the field."""
    modal = await opened(harness, openers.DIGEST, MEMBER)
    answer = await sent(harness, modal, DIGEST | {digest.DAYS: []}, MEMBER)
    assert set(answer.errors) == {digest.DAYS}
    harness.slack.channel(ENGINEERING).members.discard(MEMBER)
    answer = await sent(harness, modal, DIGEST | {digest.CHANNEL: ENGINEERING}, MEMBER)
    assert set(answer.errors) == {digest.CHANNEL}
    harness.slack.channel(ENGINEERING).members.add(MEMBER)
    answer = await sent(harness, modal, DIGEST | {digest.SETTLED_BY: "07:00"}, MEMBER)
    assert set(answer.errors) == {digest.SETTLED_BY}


async def test_the_digest_is_previewed(harness: Harness) -> None:
    """The preview is the real digest, to the person who pressed alone."""
    modal = await opened(harness, openers.DIGEST, MEMBER)
    filled = _filled(modal, digest.CHANNEL, initial_conversation=ENGINEERING)
    said = await previewed(harness, filled, digest.PREVIEW_DIGEST, MEMBER)
    assert "Nothing is posted" in said
    assert "$" in said
    assert harness.slack.channel(ENGINEERING).messages == []


async def test_alerts_go_to_the_chosen_channel_and_people(harness: Harness) -> None:
    """Another channel and other people, at every threshold or the last alone; the preview names
    them. The messages there are stay where they are, and a user group stays named."""
    office = harness.slack
    await office.say(MANAGER, COSTS, "/aicost budget set all 100 monthly at 50,100")
    async with harness.database.writing() as session:
        (rule,) = await RuleRepository(session).in_force()
        rule.mentions = ((100, "S0LEADS"),)
    modal = await opened(harness, openers.CHANGE_RULE, value="1")
    people = {budget.ALWAYS: [MEMBER], budget.AT_LAST: [MANAGER]}
    preview = await harness.open_modal(modal, budget.PREVIEW, MANAGER, filled=people)
    assert f"@{MEMBER}" in check(preview)
    await office.close(office.person(MANAGER).modals[-1], MANAGER)
    answer = await sent(harness, modal, people | {budget.CHANNEL: ENGINEERING})
    assert answer.errors == {}
    (rule,) = await harness.rules()
    assert (rule.channel, rule.version) == (ENGINEERING, 1)
    assert rule.mentions == ((100, "S0LEADS"), (50, MEMBER), (100, MEMBER), (100, MANAGER))
    assert [entry.action for entry in await harness.changes()] == ["budget.set", "budget.moved"]
    modal = await opened(harness, openers.CHANGE_RULE, value="1")
    await sent(harness, modal, {budget.THRESHOLDS: "60, 90"})
    (rule,) = await harness.rules()
    assert rule.mentions == ((90, "S0LEADS"), (60, MEMBER), (90, MEMBER), (90, MANAGER))


async def test_no_two_equal_budgets_in_a_channel(harness: Harness) -> None:
    """A budget can't be sent where there is one of its scope and period."""
    office = harness.slack
    await office.say(MANAGER, COSTS, "/aicost budget set all 100000 monthly")
    await office.say(MANAGER, ENGINEERING, "/aicost budget set all 200000 monthly")
    modal = await opened(harness, openers.CHANGE_RULE, value="1")
    answer = await sent(harness, modal, {budget.CHANNEL: ENGINEERING})
    assert "(budget 2)" in answer.errors[budget.CHANNEL]


async def test_the_button_of_older_messages_leads_to_every_budget(harness: Harness) -> None:
    """Where alerts go was chosen in a modal of its own: its button shows what can be changed."""
    await harness.slack.say(MANAGER, COSTS, "/aicost budget set all 100000 monthly")
    home = await harness.slack.open_home(MANAGER)
    assert home is not None
    (row, *_) = [block for block in home.blocks if block["type"] == "actions"]
    row["elements"].append(button("Choose where alerts go", openers.ROUTING, "new"))
    answer = await harness.slack.press(home, openers.ROUTING, MANAGER)
    assert "Budgets and low-balance alerts" in answer.plain


async def test_a_limited_channel_sees_less(harness: Harness) -> None:
    """A limited channel is answered with less, at once, and with everything once that is lifted."""
    office = harness.slack
    before = await office.say(MEMBER, ENGINEERING, "/aicost")
    assert "OpenRouter: $" in before.plain
    modal = await opened(harness, openers.VISIBILITY)
    limit = {visibility.CHANNEL: ENGINEERING, visibility.CONNECTIONS: ["openai"]}
    answer = await sent(harness, modal, limit)
    assert answer.errors == {}
    assert "OpenRouter: $" not in (await office.say(MEMBER, ENGINEERING, "/aicost")).plain
    assert "OpenRouter: $" not in (await office.say(MANAGER, ENGINEERING, "/aicost")).plain
    assert "OpenRouter: $" in (await office.say(MEMBER, COSTS, "/aicost")).plain
    modal = await opened(harness, openers.VISIBILITY)
    await sent(
        harness, modal, {visibility.CHANNEL: ENGINEERING, visibility.LIFT: [visibility.LIFT]}
    )
    assert "OpenRouter: $" in (await office.say(MEMBER, ENGINEERING, "/aicost")).plain
    actions = [entry.action for entry in await harness.changes()]
    assert actions == ["visibility.set", "visibility.removed"]


async def test_a_limit_needs_one_place_and_what_it_shows(harness: Harness) -> None:
    """Neither or both places, a group's name in place of its id, and no limit at all."""
    modal = await opened(harness, openers.VISIBILITY)
    answer = await sent(harness, modal, {})
    assert set(answer.errors) == {visibility.CHANNEL, visibility.CONNECTIONS}
    answer = await sent(harness, modal, {visibility.GROUP: "search", visibility.OTHERS: "x"})
    assert set(answer.errors) == {visibility.GROUP}


@pytest.mark.parametrize("action", [openers.NEW_BUDGET, openers.NEW_LOW_BALANCE, openers.DIGEST])
async def test_guests_open_nothing(harness: Harness, action: str) -> None:
    """A guest who forges a press is refused."""
    home = await harness.slack.open_home(MANAGER)
    assert home is not None
    await harness.slack.press(home, action, GUEST, "new")
    modal = harness.slack.person(GUEST).modal
    assert modal is not None
    assert "Guests" in check(modal)
    assert not modal.content.get("submit")


def _filled(modal: View, field: str, **initial: str) -> View:
    """The modal as someone has filled it: a simulated press sends initial values."""
    for block in modal.blocks:
        if block.get("block_id") == field:
            block["element"] = block["element"] | initial
    return modal
