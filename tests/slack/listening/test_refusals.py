"""Who is refused, and what is answered where something fails or is outdated."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from simulators.slack.faults import Says, Status
from simulators.slack.office import COSTS, GUEST, LEFT, MEMBER, NARROW_GUEST, PARTNERS, STRANGER
from tests.slack.listening.talk import SECRET, Open, SlackHarness, seen

OLD_BUTTON = {
    "type": "button",
    "action_id": "aicost.v0.gone",
    "value": "x",
    "text": {"type": "plain_text", "text": "Old"},
}
OLD_BUTTONS = {"type": "actions", "elements": [OLD_BUTTON]}


async def test_a_forged_request_is_refused(opened: Open) -> None:
    """In HTTP mode a request with a wrong signature is not listened to."""
    async with opened(http=True) as harness:
        harness.office.app.signing_secret = "another"
        answer = await harness.office.say(MEMBER, COSTS, "/aicost mtd")
        assert answer.failure == "http_service_error"
        assert not harness.talk.asked


@pytest.mark.parametrize(
    ("who", "where", "words"),
    [
        (GUEST, COSTS, "Guests of this workspace"),
        (STRANGER, PARTNERS, "People of other workspaces"),
        (LEFT, COSTS, "deactivated"),
    ],
)
async def test_outsiders_are_refused(
    harness: SlackHarness, who: str, where: str, words: str
) -> None:
    """Guests and strangers read why they see nothing, and nothing is asked for them."""
    answer = await harness.office.say(who, where, "/aicost mtd")
    assert words in answer.text
    assert "$" not in answer.plain
    assert not harness.talk.asked


async def test_a_named_viewer_reads_and_shares_nothing(harness: SlackHarness) -> None:
    """A guest named as viewer reads; sharing is for members."""
    answer = await harness.office.say(NARROW_GUEST, COSTS, "/aicost mtd")
    assert "$123.45" in answer.text
    refused = await harness.office.press(seen(answer), "aicost.answer.share", NARROW_GUEST)
    assert seen(refused).shown_to == NARROW_GUEST
    assert "not change or share anything" in refused.text


async def test_a_defect_is_answered_with_its_reference(harness: SlackHarness) -> None:
    """A raise right after the acknowledgement still answers: a reference, and no secret."""
    with capture_logs() as logged:
        answer = await harness.office.say(MEMBER, COSTS, "/aicost break")
    assert answer.acked_after is not None
    assert SECRET not in answer.plain
    (entry,) = [each for each in logged if each["event"] == "slack.listener_failed"]
    assert entry["reference"] in answer.text


async def test_an_unknown_person_gets_no_figures(harness: SlackHarness) -> None:
    """Where Slack won't say who asks, nothing is shown, and the person reads so."""
    harness.slack.fail("users.info", Says("fatal_error"))
    answer = await harness.office.say(MEMBER, COSTS, "/aicost mtd")
    assert "Slack didn't say who you are" in answer.text
    assert not harness.talk.asked


@pytest.mark.parametrize("fault", [Status(404), Status(500), Says("missing_scope")])
async def test_a_scope_is_blamed_only_where_slack_does(harness: SlackHarness, fault: Any) -> None:
    """Slack that doesn't answer is to be asked again; a scope that is missing is named."""
    beside = {"needed": "users:read", "provided": "commands"}
    is_scope = isinstance(fault, Says)
    harness.slack.fail("users.info", Says(fault.error, beside) if is_scope else fault)
    answer = await harness.office.say(MEMBER, COSTS, "/aicost mtd")
    assert "Slack didn't say who you are" in answer.text
    assert ("lacks the scope users:read" in answer.text) == is_scope
    assert ("Try again in a minute" in answer.text) != is_scope


async def test_an_outdated_button_is_answered(harness: SlackHarness) -> None:
    """A press on a button of another version is answered, not dropped."""
    first = await harness.office.say(MEMBER, COSTS, "/aicost mtd")
    old = seen(first).copy()
    old.blocks[-1]["elements"][0]["action_id"] = "aicost.v0.gone"
    answer = await harness.office.press(old, "aicost.v0.gone", MEMBER)
    assert "earlier version" in answer.text


async def test_an_outdated_press_on_the_home_tab_opens_a_modal(harness: SlackHarness) -> None:
    """Where there is no message to answer in, a modal says it."""
    home = harness.office.new_view(MEMBER, {"type": "home", "blocks": [OLD_BUTTONS]})
    answer = await harness.office.press(home, "aicost.v0.gone", MEMBER)
    assert answer.view is not None
    assert "earlier version" in answer.plain


async def test_an_outdated_form_is_answered(harness: SlackHarness) -> None:
    """A form of another version says so when it is sent, and keeps nobody waiting."""
    form = {
        "type": "modal",
        "callback_id": "aicost.v0.form",
        "title": {"type": "plain_text", "text": "Old"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "Old"}}],
    }
    view = harness.office.new_view(MEMBER, form)
    harness.office.person(MEMBER).modals.append(view)
    answer = await harness.office.submit(view, MEMBER)
    assert answer.failure is None
    assert "earlier version" in answer.plain
