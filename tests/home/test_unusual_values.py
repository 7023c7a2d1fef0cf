"""What a button or a form never holds, sent all the same: answered, and no defect of ours."""

import asyncio

from structlog.testing import capture_logs

from simulators.slack.office import MANAGER
from tests.harness import Harness
from tests.home.test_forged import button, forged_message, forged_view, tokenize
from tests.slack.test_surface import shown

VALUES = ("", "x", "-1", "²", "9" * 20, "1 x", "\0")
"""Numbers that are none, or more than a database takes; and text where a number belongs."""
NUMBERED = (
    "aicost.alert.acknowledge",
    "aicost.alert.details",
    "aicost.alert.raise",
    "aicost.alert.snooze",
    "aicost.alert.why",
    "aicost.budget.remove",
    "aicost.digest.allow",
    "aicost.digest.pause",
    "aicost.digest.resume",
    "aicost.digest.settings",
    "aicost.open.change",
    "aicost.open.digest",
)


async def test_unusual_values_of_buttons_are_answered(harness: Harness) -> None:
    """Each press is answered, as outdated where a number is wanted, and none is a traceback."""

    async def press(action: str, value: str) -> str:
        message = forged_message(harness, MANAGER, action)
        answer = await harness.slack.press(message, action, MANAGER, value)
        assert answer.failure is None, (action, value)
        return answer.text

    with capture_logs() as lines:
        for value in VALUES:
            await asyncio.gather(*(press(action, value) for action in NUMBERED))
        for value in ("x", "\0"):
            await asyncio.gather(*(press(action, value) for action in shown("Buttons and menus")))
        assert "earlier version" in await press("aicost.digest.pause", "9" * 20)
    assert not [line for line in lines if line.get("exc_info")]


async def test_unusual_metadata_of_forms_is_answered(harness: Harness) -> None:
    """A form whose number is none is answered as outdated, or asks for what it lacks."""
    with capture_logs() as lines:
        for form in shown("Modals"):
            for value in ("x", "²", "9" * 20, "1 x"):
                content = {"callback_id": form, "submit": button(form)["text"], "blocks": []}
                view = forged_view(harness, MANAGER, {**content, "private_metadata": value})
                await harness.slack.submit(view, MANAGER, {})
                assert "something went wrong" not in tokenize(view), form
                harness.slack.person(MANAGER).modals.clear()
    assert not [line for line in lines if line.get("exc_info")]
