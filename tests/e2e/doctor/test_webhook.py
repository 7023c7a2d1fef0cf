"""`aicost doctor` of a set-up with a webhook."""

from typing import Any

from tests.webhook.receiver import SECRET, receiving


async def test_the_receiver_is_reached_without_a_post(well: dict[str, str], doctor: Any) -> None:
    """Its path isn't asked, so nothing takes it for an event."""
    async with receiving() as receiver:
        given = {"AICOST_WEBHOOK_URL": receiver.url, "AICOST_WEBHOOK_SECRET": SECRET}
        (found,) = [e for e in await doctor(well | given) if e.subject == "webhook"]
        assert found.state == "ok"
        assert "Nothing was posted" in found.message
        assert receiver.sent == []


async def test_a_receiver_out_of_reach_is_a_fault(well: dict[str, str], doctor: Any) -> None:
    """The host is named, and the path isn't."""
    given = {"AICOST_WEBHOOK_URL": "http://127.0.0.1:9/Zq8token", "AICOST_WEBHOOK_SECRET": SECRET}
    (found,) = [e for e in await doctor(well | given) if e.subject == "webhook"]
    assert found.state == "fault"
    assert "127.0.0.1:9 couldn't be reached" in found.message
    assert "Zq8token" not in f"{found.message} {found.remedy}"


async def test_without_a_webhook_nothing_is_said(well: dict[str, str], doctor: Any) -> None:
    """And a half of it is a fault."""
    assert not [e for e in await doctor(well) if e.subject == "webhook"]
    (found,) = [
        e for e in await doctor(well | {"AICOST_WEBHOOK_SECRET": SECRET}) if e.subject == "webhook"
    ]
    assert (found.state, found.message) == ("fault", "AICOST_WEBHOOK_URL is not set.")
