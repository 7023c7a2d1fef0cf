"""People matched by e-mail address, where the app has the scope for it."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from bot.db.models import UserMatch
from bot.db.session import Session
from bot.ledger.charge_writer import ChargeWriter
from bot.teams import matching
from providers.models import BreakdownItem
from providers.period import DAY, Period, utc_day
from simulators.slack.faults import Says, Status
from simulators.slack.office import COLLEAGUE, LEFT, MANAGER, MEMBER
from simulators.slack.state import SCOPES, Installation
from simulators.world.openrouter_team import Member
from tests.harness import Harness
from tests.harness.fixtures import Start

UNKNOWN = "doesn't know which users of the providers you are"
GRANTED = SCOPES | {matching.SCOPE}


OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
LISTED = 7
"""Users whose addresses the providers give: three at OpenAI, four at OpenRouter."""


def lookups(harness: Harness) -> int:
    """How often Slack was asked."""
    return len([c for c in harness.slack_server.calls if c.method == "users.lookupByEmail"])


def give_addresses(harness: Harness) -> None:
    """Ben is Ines Duarte at OpenAI, Chen is Kai; Lee has left, and nobody else is known
    there, nor anybody at OpenRouter."""
    ines, kai, lee = harness.providers.world.openai.users
    for who, address in (MEMBER, ines.email.upper()), (COLLEAGUE, kai.email), (LEFT, lee.email):
        harness.slack.person(who).email = address


async def stored(session: Session) -> dict[str, str | None]:
    return {each.user_id: each.slack_id for each in await session.exec(select(UserMatch))}


@pytest.fixture
async def matched(start_bot: Start) -> AsyncIterator[Harness]:
    """A bot with the scope, which has matched who can be matched."""
    async with start_bot(installation=Installation(scopes=GRANTED)) as harness:
        give_addresses(harness)
        await harness.sync()
        yield harness


async def test_they_ask_for_their_own_costs(matched: Harness) -> None:
    """Each sees the costs of their user, nobody else's. Nobody is looked up again soon. No address
    is in the database, the log or a message."""
    harness = matched
    own = await harness.ask("me last month")
    assert own.startswith("Your AI spend: $")
    other = await harness.ask("me last month", COLLEAGUE)
    assert other.startswith("Your AI spend: $")
    assert own.split()[3] != other.split()[3]
    assert UNKNOWN in await harness.ask("me", MANAGER)
    assert lookups(harness) == LISTED
    with capture_logs() as logged:
        await harness.advance("sync", days=8)
        assert lookups(harness) == 2 * LISTED - 2  # those who were not found
        harness.slack_server.fail("users.lookupByEmail", Says("fatal_error"), times=1)
        await harness.advance("sync", days=25)
        await harness.sync()
        assert lookups(harness) == 3 * LISTED - 1
    async with harness.database.reading() as session:
        assert sorted(filter(None, (await stored(session)).values())) == [COLLEAGUE, MEMBER]
    held = [each.read_bytes() for each in sorted(harness.folder.glob("ledger.db*"))]
    assert "people.not_matched" in str(logged)
    for text in (str(logged), str(held), own, other, await harness.ask("by user", MANAGER)):
        assert "fernhill.example" not in text.casefold()


async def test_a_member_at_openrouter(start_bot: Start) -> None:
    """The address is in OpenRouter's list of members, the costs are in its analytics."""
    async with start_bot(installation=Installation(scopes=GRANTED)) as harness:
        noor = harness.providers.world.openrouter.users[0]
        harness.slack.person(MEMBER).email = noor.email
        await harness.sync()
        async with harness.database.reading() as session:
            assert (await stored(session))[noor.user_id] == MEMBER
        truth = harness.providers.world.truth.by_user("openrouter", OCTOBER)
        assert f"${truth[noor.user_id]:,.2f}" in await harness.ask("me last month")


async def test_a_user_at_anthropic(start_bot: Start) -> None:
    """The address is in the costs by user themselves."""
    async with start_bot(installation=Installation(scopes=GRANTED)) as harness:
        server = harness.providers.anthropic
        ines = server.world.anthropic.people[0]
        harness.slack.person(MEMBER).email = ines.email
        variables: dict[str, Any] = server.environment
        async with harness.run(**variables):
            await harness.bots[1].scheduler.jobs[0].run()
            async with harness.bots[1].services.database.reading() as session:
                assert (await stored(session))[ines.user_id] == MEMBER


async def test_twenty_are_looked_up_at_once(start_bot: Start) -> None:
    """After one sync; the next goes on with the others."""
    async with start_bot(installation=Installation(scopes=GRANTED)) as harness:
        await harness.sync()
        assert lookups(harness) == LISTED
        new = [Member(f"user_{n}", f"New {n}", f"new{n}@fernhill.example") for n in range(25)]
        harness.providers.world.openrouter.users += new
        day = utc_day(harness.clock()) - DAY * 50
        used = [BreakdownItem(day, each.user_id, None, Decimal(1)) for each in new]
        async with harness.database.writing() as session:
            await ChargeWriter(session).replace_breakdown(
                "openrouter", Period.of_day(day), "user", used
            )
        for expected in (20, 25):
            await harness.advance("sync", days=2)  # members are listed once a day
            assert lookups(harness) == LISTED + expected


async def test_the_file_goes_first(start_bot: Start) -> None:
    """A user whom the file names is that person; the others are matched all the same."""
    toml = f'[[person]]\nslack = "{MANAGER}"\nusers = ["Ines Duarte"]\n'
    async with start_bot(toml=toml, installation=Installation(scopes=GRANTED)) as harness:
        give_addresses(harness)
        await harness.sync()
        assert (await harness.ask("me last month", MANAGER)).startswith("Your AI spend: $")
        assert UNKNOWN in await harness.ask("me", MEMBER)
        assert (await harness.ask("me", COLLEAGUE)).startswith("Your AI spend: $")


@pytest.mark.parametrize("lists_scopes", [True, False])
async def test_without_the_scope_nothing_is_looked_up(start_bot: Start, lists_scopes: bool) -> None:
    """Slack is asked once at most, where it doesn't say which scopes there are."""
    installation = Installation(lists_scopes=lists_scopes)
    async with start_bot(installation=installation) as harness:
        give_addresses(harness)
        for _ in range(3):
            await harness.advance("sync", days=1)
        assert lookups(harness) == (0 if lists_scopes else 1)
        assert UNKNOWN in await harness.ask("me")


async def test_a_scope_that_is_taken_away(matched: Harness) -> None:
    """What was found with it is forgotten by the next bot. So it is where users aren't read."""
    matched.slack.app.scopes = SCOPES
    async with matched.run():
        await matched.bots[1].scheduler.jobs[0].run()
        async with matched.database.reading() as session:
            assert await stored(session) == {}


async def test_a_slack_that_is_busy(start_bot: Start) -> None:
    """One failure ends the look-ups of a sync; the next one goes on."""
    async with start_bot(installation=Installation(scopes=GRANTED)) as harness:
        give_addresses(harness)
        for fault in (Status(503), Says("ratelimited")):
            harness.slack_server.fail("users.lookupByEmail", fault, times=1)
            await harness.sync()
            assert UNKNOWN in await harness.ask("me")
        assert lookups(harness) == 2
        await harness.sync()
        assert lookups(harness) == LISTED + 2
        assert (await harness.ask("me")).startswith("Your AI spend")
