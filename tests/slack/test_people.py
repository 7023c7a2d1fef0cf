"""Who someone is, as Slack says it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.people import People
from bot.slack.auth import sign_in
from bot.slack.errors import PersonUnknown
from simulators.slack import SimulatedSlack, serve_slack, small_office
from simulators.slack.faults import Says, Status
from simulators.slack.office import (
    ADMIN,
    GUEST,
    LEFT,
    MEMBER,
    NARROW_GUEST,
    OWNER,
    STRANGER,
)


@dataclass(slots=True)
class PeopleHarness:
    """People, the Slack they are asked of, and a monotonic clock to move, in seconds."""

    slack: SimulatedSlack
    seconds: float = 0.0
    people: People = field(init=False)

    def asked(self) -> int:
        """How often Slack was asked."""
        return len([call for call in self.slack.calls if call.method == "users.info"])


@pytest.fixture
async def town(now: datetime) -> AsyncIterator[PeopleHarness]:
    """The small office."""
    async with serve_slack(small_office(lambda: now)) as slack, aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[]
        )
        town = PeopleHarness(slack)
        workspace = await sign_in(client)
        town.people = People(client, workspace, monotonic=lambda: town.seconds)
        yield town


async def test_people_are_of_the_kind_slack_says(town: PeopleHarness) -> None:
    """Admins and owners, members, both kinds of guest, strangers and those who left."""
    found = {who: await town.people.person(who) for who in (ADMIN, OWNER, MEMBER)}
    assert [each.is_admin for each in found.values()] == [True, True, False]
    assert (found[MEMBER].name, found[MEMBER].zone) == ("ben", "Europe/Berlin")
    assert not any(each.is_guest or each.is_stranger or each.is_gone for each in found.values())
    assert (await town.people.person(GUEST)).is_guest
    assert (await town.people.person(NARROW_GUEST)).is_guest
    assert (await town.people.person(STRANGER)).is_stranger
    assert (await town.people.person(LEFT)).is_gone


async def test_people_are_remembered_for_five_minutes(town: PeopleHarness) -> None:
    """Slack is asked again once five minutes are over, so that a new guest is refused."""
    await town.people.person(MEMBER)
    town.slack.workspace.person(MEMBER).is_restricted = True
    town.seconds += 240
    assert not (await town.people.person(MEMBER)).is_guest
    town.seconds += 60
    assert (await town.people.person(MEMBER)).is_guest
    assert town.asked() == 2


async def test_someone_slack_does_not_show(town: PeopleHarness) -> None:
    """Whom Slack won't show to this workspace is no member of it."""
    assert (await town.people.person("U0NOBODY")).is_stranger


@pytest.mark.parametrize("fault", [Says("missing_scope"), Says("fatal_error"), Status(503)])
async def test_unknown_is_no_member(town: PeopleHarness, fault: Says | Status) -> None:
    """Where Slack can't be asked nobody is taken for a member, and it is asked again next time."""
    town.slack.fail("users.info", fault)
    with pytest.raises(PersonUnknown):
        await town.people.person(MEMBER)
    assert (await town.people.person(MEMBER)).id == MEMBER


async def test_the_same_organization_is_no_stranger(town: PeopleHarness) -> None:
    """On Enterprise Grid a person of another workspace of the same organization is no stranger."""
    town.people.workspace = replace(town.people.workspace, enterprise_id="E0ORG")
    person = town.people._read(
        "U1", {"team_id": "T0OTHER", "enterprise_user": {"enterprise_id": "E0ORG"}}
    )
    assert not person.is_stranger
