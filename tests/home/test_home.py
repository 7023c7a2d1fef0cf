"""The Home tab, opened and pressed by everybody there is."""

from dataclasses import replace

import pytest

from bot.budgets.messages.alert import ACKNOWLEDGE, DETAILS
from bot.home.views.home import REFRESH
from bot.home.views.managing import AUDIT
from bot.slack import openers
from bot.slack.text_renderer import plain_text
from simulators.slack.limits import view_problems, view_too_large
from simulators.slack.office import (
    COSTS,
    GUEST,
    MANAGER,
    MEMBER,
    NARROW_GUEST,
    STRANGER,
)
from simulators.slack.things import View
from tests.harness import Harness
from tests.harness.fixtures import Start
from tests.quick import QUICK


def words(view: View | None) -> str:
    """A view as plain text; it is inside Slack's limits."""
    assert view is not None
    content = {key: value for key, value in view.content.items() if key != "state"}
    assert view_problems(content) == []
    assert not view_too_large(content)
    return plain_text({"text": "", "blocks": view.blocks})


def actions_of(view: View | None) -> set[str]:
    """What can be pressed in a view."""
    assert view is not None
    found = set()
    for block in view.blocks:
        for element in [*block.get("elements", ()), block.get("accessory") or {}]:
            if isinstance(element, dict) and "action_id" in element:
                found.add(str(element["action_id"]))
    return found


async def test_a_member_sees_the_figures_and_no_settings(harness: Harness) -> None:
    """A member's Home tab has used, left and stops, and nothing that only managers may do."""
    view = await harness.slack.open_home(MEMBER)
    said = words(view)
    assert "this month so far" in said
    assert "OpenAI: $" in said
    assert "left" in said
    assert "Credit until" in said
    assert "Times are in your time zone" in said
    assert "because you are a manager" not in said
    assert not actions_of(view) & {openers.NEW_BUDGET, openers.ROUTING, openers.VISIBILITY, AUDIT}


async def test_a_manager_sees_the_settings(harness: Harness) -> None:
    """A manager's has every setting, and never a key."""
    view = await harness.slack.open_home(MANAGER)
    said = words(view)
    assert "because you are a manager" in said
    assert actions_of(view) >= {
        openers.NEW_BUDGET,
        openers.NEW_LOW_BALANCE,
        openers.DIGEST,
        openers.VISIBILITY,
    }
    for secret in ("sk-", "xoxb", "xapp"):
        assert secret not in said


async def test_guests_and_strangers_are_refused(start_bot: Start) -> None:
    """Guests and people of other workspaces read why not; one who is named sees the figures."""
    async with start_bot(AICOST_VIEWERS=NARROW_GUEST) as harness:
        for user, who in ((GUEST, "Guests"), (STRANGER, "People of other workspaces")):
            view = await harness.slack.open_home(user)
            said = words(view)
            assert who in said
            assert "$" not in said
            assert actions_of(view) == set()
        assert "OpenAI: $" in words(await harness.slack.open_home(NARROW_GUEST))


async def test_the_guide_knows_what_is_done(harness: Harness) -> None:
    """The first-run guide offers the next step, and is gone once all is done."""
    office = harness.slack
    said = words(await office.open_home(MANAGER))
    assert "A provider is connected: done" in said
    assert "A channel gets a digest: not yet" in said
    await office.say(MANAGER, COSTS, "/aicost digest on 09:00 weekdays")
    said = words(await office.open_home(MANAGER))
    assert "A channel gets a digest: done" in said
    assert "Next: Set a budget" in said
    await office.say(MANAGER, COSTS, "/aicost budget set all 100000 monthly")
    assert "Welcome" not in words(await office.open_home(MANAGER))


async def test_a_change_in_a_channel_is_on_the_tab_at_its_next_opening(harness: Harness) -> None:
    """The tab is published when it is opened: not by a command in a channel, as nobody sees it."""
    office = harness.slack
    view = await office.open_home(MANAGER)
    assert view is not None
    published = view.hash
    answer = await office.say(MANAGER, COSTS, "/aicost budget set openai 100000 monthly")
    assert "created" in answer.text
    assert view.hash == published
    assert "$100,000 monthly budget" in words(await office.open_home(MANAGER))


async def test_alerts_are_acknowledged_on_the_tab(harness: Harness) -> None:
    """An open alert stands there with its buttons; acknowledged there, it says so there."""
    office = harness.slack
    await office.say(MANAGER, COSTS, "/aicost budget set openai 100 monthly")
    view = await office.open_home(MEMBER)
    assert view is not None
    assert "#ai-costs" in words(view) or COSTS in words(view)
    answer = await office.press(view, ACKNOWLEDGE, MEMBER)
    assert answer.failure is None
    assert "acknowledged by ben" in words(office.person(MEMBER).home)
    details = await office.press(view, DETAILS, MEMBER)
    assert office.person(MEMBER).modal is not None, details.failure


async def test_a_press_opens_a_modal_that_leads_on(harness: Harness) -> None:
    """A question on the tab is answered in a modal; the next one takes its place there."""
    office = harness.slack
    view = await office.open_home(MEMBER)
    assert view is not None
    await office.press(view, "aicost.answer.ask", MEMBER, "mtd by model")
    modal = office.person(MEMBER).modal
    assert modal is not None
    assert "Model" in words(modal)
    await office.press(modal, "aicost.answer.ask", MEMBER, "why mtd")
    assert len(office.person(MEMBER).modals) == 1


async def test_refresh_reads_again(harness: Harness) -> None:
    """Refresh publishes the tab again."""
    view = await harness.slack.open_home(MEMBER)
    assert view is not None
    before = view.hash
    answer = await harness.slack.press(view, REFRESH, MEMBER)
    assert answer.view is not None
    assert harness.slack.person(MEMBER).home is not None
    assert harness.slack.person(MEMBER).home.hash != before  # type: ignore[union-attr]


async def test_forged_presses_change_nothing(harness: Harness) -> None:
    """A member who presses a manager's buttons is refused, and nothing opens or changes."""
    office = harness.slack
    view = await office.open_home(MANAGER)
    assert view is not None
    for action in (openers.NEW_BUDGET, openers.VISIBILITY):
        await office.press(view, action, MEMBER)
        modal = office.person(MEMBER).modal
        assert modal is not None
        assert "Only workspace admins" in words(modal)
        assert not modal.content.get("submit")
    assert await harness.changes() == []


async def test_changes_are_shown_to_managers(harness: Harness) -> None:
    """Who changed what stands on the manager's tab, and in full behind its button."""
    office = harness.slack
    await office.say(MANAGER, COSTS, "/aicost budget set all 100000 monthly")
    await office.say(MANAGER, COSTS, "/aicost budget set all 200000 monthly")
    view = await office.open_home(MANAGER)
    assert view is not None
    assert "changed budget 1 (all): amount 100000 → 200000" in words(view).replace(".000000000", "")
    await office.press(view, AUDIT, MANAGER)
    assert "set budget 1 (all)" in words(office.person(MANAGER).modal)


@pytest.mark.parametrize("intervals", [replace(QUICK, open_modal=0.2)], ids=["short"])
async def test_a_slow_answer_has_its_modal_in_time(harness: Harness) -> None:
    """Slack lets a press open a modal for three seconds: one is there by then, and the answer takes
    its place however late it is."""
    office = harness.slack
    home = await office.open_home(MEMBER)
    assert home is not None
    async with harness.database.writing():  # an export waits for its turn to be put on record
        opened = await office.press(home, "aicost.answer.ask", MEMBER, "export 7d", expect=1)
        assert opened.view is not None
        assert "Still working" in words(opened.view)
    await harness.answered()
    assert "Sent to you directly" in words(opened.view)
