"""Budgets for each person, team or project in a channel that sees less than everything, and what
people do about alerts that they don't see."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from bot.access.models import Person, Policy, Requester, ScopeFilter, VisibilityRule, visibility_of
from bot.access.service import VisibilityService
from bot.budgets.alert_store import held_alerts
from bot.budgets.delivery_handlers import AlertDeliveryHandler
from bot.budgets.messages.budgets import rule_listing_message
from bot.budgets.results import scope_of
from bot.db.database import Database
from bot.language.commands import CommandRejected
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.repository import LedgerRepository
from bot.notifications.models import NOTHING_TO_SAY
from bot.notifications.repository import OutboxRepository
from bot.scope import EachKind, Scope
from bot.teams.models import AllocationRule, Teams, whole
from providers.models import BreakdownItem, Charge, ChargesRead
from providers.period import Period
from tests.budgets.budget_harness import MANAGER, BudgetHarness, down

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KINDS: tuple[EachKind, ...] = ("person", "team", "project")
PROJECTS = ("alpha", "beta", "gamma")
TEAMS = Teams(
    ("zebra", "yak"),
    (
        AllocationRule("openai", "project", "alpha", whole("zebra"), "team 1"),
        AllocationRule("openai", "project", "beta", whole("yak"), "team 2"),
    ),
)
PEOPLE = Teams(
    ("UANN",), (AllocationRule("openai", "user", "user_ann", whole("UANN"), "person 1"),)
)
POLICY = Policy(frozenset({"UBOSS"}))


@pytest.fixture
def team(ledger: Database) -> BudgetHarness:
    ledger.teams, ledger.person_costs = TEAMS, PEOPLE
    return BudgetHarness(ledger, NOW)


async def spend(team: BudgetHarness, **dollars: int) -> None:
    """What each project used today, all of it by one user."""
    period, used = Period(date(2026, 11, 1), date(2026, 11, 21)), Decimal(sum(dollars.values()))
    charges = [Charge(DAY, Decimal(cost), name, "gpt-5", "gpt-5") for name, cost in dollars.items()]
    async with team.database.writing() as session:
        read = ChargesRead(period, charges, frozenset(period))
        await ChargeWriter(session).replace_days("openai", read, NOW)
        row = BreakdownItem(DAY, "user_ann", None, used)
        await ChargeWriter(session).replace_breakdown("openai", Period.of_day(DAY), "user", [row])
        for part in ("charges", "users"):
            await LedgerRepository(session).record_success("openai", part, NOW)
        await LedgerRepository(session).record_success("openrouter", "charges", NOW)
        await team.alerts.after_sync(session, NOW)


async def limit(team: BudgetHarness, part: ScopeFilter) -> None:
    service = VisibilityService(team.database, POLICY)
    await service.limit(VisibilityRule("C1", part), "UBOSS", NOW)


async def alerted(team: BudgetHarness) -> set[str | None]:
    """What an unresolved alert in C1 is about."""
    return {scope_of(each.facts).name for each in await team.open_alerts() if each.channel == "C1"}


async def posted(team: BudgetHarness) -> str:
    """What the channel reads by now."""
    handler = AlertDeliveryHandler(team.database, ())
    rows = [*await team.said(), *await team.said("alert_edit"), *await team.said("note")]
    found = [await handler.compose(each, NOW) for each in rows if each.channel == "C1"]
    return json.dumps([each.blocks for each in found if each is not None])


@pytest.mark.parametrize("kind", KINDS)
async def test_refused_where_the_channel_sees_less(team: BudgetHarness, kind: EachKind) -> None:
    """From any place where it is typed, and when its amount is changed. Elsewhere it can be set."""
    await spend(team, alpha=1)
    await team.budget(50, scope=Scope("each", kind))
    await limit(team, ScopeFilter(projects=frozenset({"alpha"})))
    with pytest.raises(CommandRejected, match="doesn't see everything") as rejected:
        await team.budget(60, scope=Scope("each", kind))
    assert rejected.value.about == "channel"
    await team.budget(60, scope=Scope("each", kind), channel="C2")
    listing = rule_listing_message(await team.budgets.listing(NOW))
    assert json.dumps(listing.blocks).count("Its channel doesn't see everything") == 1


@pytest.mark.parametrize("seeds", [range(3), pytest.param(range(3, 9), marks=pytest.mark.slow)])
async def test_nothing_hidden_is_posted_once_it_is_limited(
    team: BudgetHarness, seeds: range
) -> None:
    """Whatever the limit and the spend, also of what a provider doesn't answer. Without the limit,
    everyone past the amount is alerted."""
    await spend(team, alpha=0)
    for kind in KINDS:
        await team.budget(50, 100, scope=Scope("each", kind))
    for seed in seeds:
        random = Random(seed)
        seen = random.choice([frozenset[str](), frozenset({"alpha"}), frozenset({"beta", "gamma"})])
        connections = random.choice([None, frozenset({"openrouter"}), frozenset({"openai"})])
        await limit(team, ScopeFilter(connections, seen))
        used = {name: random.choice([10, 60]) for name in PROJECTS}
        await spend(team, **used)
        shown = seen if connections != frozenset({"openrouter"}) else frozenset()
        over = {name for name in PROJECTS if used[name] > 50}
        assert await alerted(team) == over & shown
        text = await posted(team)
        assert not any(name in text for name in ("zebra", "yak", "UANN", *(over - shown)))
        async with team.database.writing() as session:
            late = NOW + timedelta(hours=8)
            await LedgerRepository(session).record_fault("openai", "charges", down(), NOW)
            await team.alerts.after_sync(session, late)
        assert await alerted(team) == over & shown
        await limit(team, ScopeFilter())
        await spend(team, **used)
        teams = {TEAMS.names[PROJECTS.index(name)] for name in over - {"gamma"}}
        assert await alerted(team) == over | teams | {"UANN"}
        await spend(team, **dict.fromkeys(PROJECTS, 1))
        assert await alerted(team) == set()


async def test_what_waits_while_a_channel_is_limited(team: BudgetHarness) -> None:
    """An alert that wasn't posted yet isn't posted then, nor is it in the message after a pause."""
    await spend(team, alpha=60)
    await team.budget(50, 100, scope=Scope("each", "team"))
    await team.budget(50, 100, scope=Scope("each", "person"))
    assert "zebra" in await posted(team)
    await limit(team, ScopeFilter(projects=frozenset({"alpha"})))
    assert await posted(team) == "[]"
    async with team.database.reading() as session:
        assert await held_alerts(session, NOW, NOW) == []


async def test_what_was_withheld_is_posted_once_it_may_be_seen(team: BudgetHarness) -> None:
    """An alert that had nothing to say while its channel was limited is due again when that is
    lifted, once. What was skipped for another reason is not."""
    await spend(team, alpha=60)
    await team.budget(50, 100, scope=Scope("each", "team"))
    await limit(team, ScopeFilter(projects=frozenset({"alpha"})))

    async def skip(why: str) -> None:
        async with team.database.writing() as session:
            outbox = OutboxRepository(session)
            for each in await outbox.claim(NOW, 9, "one"):
                await outbox.record_failed(each.id, "one", why, NOW, state="skipped")

    async def states() -> list[str]:
        return [each.state for each in await team.said()]

    await skip(NOTHING_TO_SAY)
    await spend(team, alpha=60)
    assert await states() == ["skipped"]
    await limit(team, ScopeFilter())
    await spend(team, alpha=60)
    assert await states() == ["pending"]
    assert "zebra" in await posted(team)
    await skip("no_posts")
    await spend(team, alpha=60)
    assert await states() == ["skipped"]


async def test_a_budget_on_one_thing_stays_where_it_was_set(team: BudgetHarness) -> None:
    """Its channel reads its alerts also once it is limited, and the list of budgets says so."""
    await spend(team, alpha=1, beta=60)
    for project in ("alpha", "beta"):
        await team.budget(50, 100, scope=Scope("project", project))
    assert await team.budgets.unseen_in("C1") == 0
    await limit(team, ScopeFilter(projects=frozenset({"alpha"})))
    assert await team.budgets.unseen_in("C1") == 1
    listing = rule_listing_message(await team.budgets.listing(NOW))
    assert json.dumps(listing.blocks).count("Its channel may not see this otherwise") == 1
    assert "beta" in await posted(team)


async def test_a_hidden_alert_is_one_that_does_not_exist(team: BudgetHarness) -> None:
    """To a lead and a member, in what they acknowledge, snooze and count."""
    limits = (VisibilityRule("SLEADS", ScopeFilter(projects=frozenset({"alpha"}))),)
    await spend(team, alpha=60, beta=60)
    await team.budget(50, 100, scope=Scope("each", "team"))
    await team.budget(50, 100, scope=Scope("each", "person"))
    await team.budget(50, 100, scope=Scope("project", "alpha"))
    numbers = {scope_of(each.facts).name: str(each.id) for each in await team.open_alerts()}

    def requester(who: str, *groups: str) -> Requester:
        person = Person(who, who, "UTC", groups=frozenset(groups))
        return replace(
            MANAGER, person=person, visibility=visibility_of(person, "C2", limits, POLICY)
        )

    lead, member = requester("UDAN", "SLEADS"), requester("UDAN")
    for who, hidden in ((lead, ("zebra", "yak", "UANN")), (member, ("UANN",))):
        for name in hidden:
            message = f"There is no alert “{numbers[name]}”"
            with pytest.raises(CommandRejected, match=message):
                await team.actions.acknowledge(numbers[name], who, NOW)
            with pytest.raises(CommandRejected, match=message):
                await team.actions.snooze(numbers[name], "tomorrow", who, NOW)
    with pytest.raises(CommandRejected, match="3 alerts are open"):
        await team.actions.acknowledge(None, member, NOW)
    done = await team.actions.acknowledge(None, lead, NOW)
    assert str(done.line.alert_id) == numbers["alpha"]
    states = {scope_of(each.facts).name: each.state for each in await team.open_alerts()}
    assert states == {"zebra": "open", "yak": "open", "UANN": "open", "alpha": "acknowledged"}


async def test_a_project_of_a_hidden_connection_is_hidden(team: BudgetHarness) -> None:
    """Also from who sees all of another connection."""
    await spend(team, alpha=60)
    await team.budget(50, 100, scope=Scope("project", "alpha"))
    for connection, seen in (("openrouter", 0), ("openai", 1)):
        limits = (VisibilityRule("SLEADS", ScopeFilter(frozenset({connection}))),)
        lead = Person("UDAN", "UDAN", "UTC", groups=frozenset({"SLEADS"}))
        visibility = visibility_of(lead, "C2", limits, POLICY)
        assert len((await team.budgets.listing(NOW, visibility)).statuses) == seen
        assert len((await team.actions.listing(visibility=visibility)).alerts) == seen
