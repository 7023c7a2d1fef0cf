"""Who sees which connections and projects, tabled; and the ledger through their sessions."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.access.models import (
    EVERYTHING,
    Person,
    Policy,
    ScopeFilter,
    VisibilityRule,
    VisibilityScope,
    visibility_of,
)
from bot.access.repository import AuditRepository
from bot.access.service import VisibilityService
from bot.db.database import Database
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.charges import ChargeRepository
from bot.ledger.hours import HourRepository
from bot.ledger.models import HourFigure, HourItem
from bot.ledger.repository import LedgerRepository
from bot.scope import Scope
from providers.hours import HOUR
from providers.models import Charge, ChargesRead, Name
from providers.period import Period
from tests.conftest import BOTH_DATABASES

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MEMBER = Person("U1", "ben", "UTC")
MANAGER = Person("U2", "mona", "UTC", is_admin=True)
PAIRS = (("openai", "openai"), ("openrouter", "openrouter"))
OPENAI = ScopeFilter(frozenset({"openai"}))
SEARCH = ScopeFilter(None, frozenset({"search"}))
BOTH = ScopeFilter(frozenset({"openai"}), frozenset({"search", "mobile"}))
RULES = (
    VisibilityRule("C1", OPENAI),
    VisibilityRule("S1", SEARCH),
    VisibilityRule("S2", ScopeFilter(frozenset({"openrouter"}))),
)


@pytest.mark.parametrize(
    ("person", "groups", "channel", "openai", "openrouter"),
    [
        (MEMBER, set(), None, None, None),
        (MEMBER, set(), "C2", None, None),
        (MEMBER, set(), "C1", None, set()),
        (MANAGER, set(), "C1", None, set()),
        (MEMBER, {"S1"}, None, {"search"}, {"search"}),
        (MANAGER, {"S1"}, None, None, None),
        (MEMBER, {"S1", "S2"}, None, {"search"}, None),
        (MEMBER, {"S1"}, "C1", {"search"}, set()),
        (MEMBER, {"S2"}, "C1", set(), set()),
    ],
)
def test_channels_and_groups_limit_who_sees_what(
    person: Person,
    groups: set[str],
    channel: str | None,
    openai: set[str] | None,
    openrouter: set[str] | None,
) -> None:
    """Channels limit everybody in them; groups limit their members together, but no manager."""
    visibility = visibility_of(replace(person, groups=frozenset(groups)), channel, RULES, Policy())
    assert visibility.projects_of("openai") == openai
    assert visibility.projects_of("openrouter") == openrouter
    assert visibility.is_everything == (openai is None and openrouter is None)


@pytest.mark.parametrize(
    ("visibility", "scope", "is_seen"),
    [
        (EVERYTHING, Scope("all"), True),
        (VisibilityScope(((OPENAI,),)), Scope("all"), False),
        (VisibilityScope(((OPENAI,),)), Scope("provider", "openai"), True),
        (VisibilityScope(((OPENAI,),)), Scope("connection", "openrouter"), False),
        (VisibilityScope(((OPENAI,),)), Scope("key", "k"), False),
        (VisibilityScope(((SEARCH,),)), Scope("project", "Search"), True),
        (VisibilityScope(((SEARCH,),)), Scope("project", "other"), False),
        (VisibilityScope(((SEARCH,),)), Scope("provider", "openai"), False),
        (VisibilityScope(((BOTH,), (SEARCH,))), Scope("project", "mobile"), False),
        (VisibilityScope(((),)), Scope("provider", "openai"), False),
    ],
)
def test_which_budgets_are_seen(
    visibility: VisibilityScope, scope: Scope, *, is_seen: bool
) -> None:
    """A budget is seen by whoever sees all that it sums up."""
    assert visibility.sees_scope(scope, PAIRS) == is_seen


@BOTH_DATABASES
async def test_what_a_session_shows(database: Database) -> None:
    """Days and items hold the seen projects alone, whole days included; a project goes by its name
    or its id; what is left, limits and restatements of a part are not shown."""
    days = Period(date(2026, 11, 20), date(2026, 11, 23))
    charges = [
        Charge(day, cost, project, "gpt-5, input", "gpt-5", "input")
        for day, project, cost in (
            (date(2026, 11, 20), "proj_1", Decimal("1.5")),
            (date(2026, 11, 20), "proj_2", Decimal(40)),
            (date(2026, 11, 22), "proj_1", Decimal("2.25")),
        )
    ]
    async with database.writing() as session:
        await ChargeWriter(session).replace_days(
            "openai", ChargesRead(days, charges, frozenset(days)), NOW
        )
        await LedgerRepository(session).merge_names("openai", [Name("project", "proj_1", "Search")])
    for wanted in ("search", "proj_1"):
        visibility = VisibilityScope(((ScopeFilter(None, frozenset({wanted})),),))
        async with database.reading() as session:
            seen = session.seen_by(visibility)
            figures = await ChargeRepository(seen).days(days, ["openai"])
            assert [each.used for each in figures] == [Decimal("1.5"), 0, Decimal("2.25")]
            (item,) = await ChargeRepository(seen).items(days, "project", ["openai"])
            assert (item.name, item.used) == ("Search", Decimal("3.75"))
            (model,) = await ChargeRepository(seen).items(days, "model", ["openai"])
            assert model.used == Decimal("3.75")
            (key,) = await ChargeRepository(seen).items(days, "key", ["openai"])
            assert (key.item_id, key.used) == (None, Decimal("3.75"))
            assert sum(line.used for line in await ChargeRepository(seen).lines(days)) == Decimal(
                "3.75"
            )
            assert await LedgerRepository(seen).latest_balance("openrouter") is None
            assert await LedgerRepository(seen).limits() == []
            assert await LedgerRepository(seen).restatements(NOW) == []


async def test_limits_are_kept_and_lifted(database: Database) -> None:
    """What is set in Slack lasts, is audited, and is lifted."""
    visibility_service = VisibilityService(database, Policy())
    assert await visibility_service.limit(VisibilityRule("C1", BOTH), "U2", NOW)
    assert not await visibility_service.limit(VisibilityRule("C1", BOTH), "U2", NOW)
    assert (await visibility_service.of_channel("C1")).projects_of("openai") == BOTH.projects
    assert await visibility_service.limit(VisibilityRule("C1", ScopeFilter()), "U2", NOW)
    assert not await visibility_service.limit(VisibilityRule("C1", ScopeFilter()), "U2", NOW)
    assert (await visibility_service.of_channel("C1")).is_everything
    async with database.reading() as session:
        actions = [
            entry.action
            for entry in await AuditRepository(session).since(datetime(2026, 1, 1, tzinfo=UTC))
        ]
    assert actions == ["visibility.removed", "visibility.set"]


async def test_hours_are_of_whole_connections(database: Database) -> None:
    """Whoever sees some projects of one sees none of its hours."""
    hour = HourFigure("openai", NOW, Decimal(3), is_estimated=True)
    item = HourItem("openai", NOW, "gpt-5", Decimal(3))
    async with database.writing() as session:
        await HourRepository(session).replace_hours("openai", NOW, NOW + HOUR, [hour], [item])
    for part, seen in ((OPENAI, True), (SEARCH, False)):
        async with database.reading() as session:
            hours = HourRepository(session.seen_by(VisibilityScope(((part,),))))
            assert list(await hours.hours(NOW, ["openai"])) == ([hour] if seen else [])
            assert list(await hours.hour_items("openai", [NOW])) == ([item] if seen else [])
