"""One budget for each person, team or project: a rule of its own for each of them."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random

import pytest

from bot.access.models import (
    Person,
    Policy,
    ScopeFilter,
    VisibilityRule,
    may,
    visibility_of,
)
from bot.budgets.messages.alert import notice_message
from bot.budgets.messages.alert_list import alert_listing_message
from bot.budgets.messages.budgets import rule_listing_message
from bot.budgets.models import BudgetFacts
from bot.budgets.repository import AlertRepository
from bot.budgets.results import RuleListing
from bot.db.database import Database
from bot.language.commands import BudgetSet, CommandRejected, ParseFailure
from bot.language.names import Vocabulary
from bot.language.parser import parse
from bot.language.text import text_of
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.repository import LedgerRepository
from bot.scope import Scope
from bot.slack.message import Message
from bot.teams.models import AllocationRule, Teams, whole
from providers.models import BreakdownItem
from providers.period import Period
from tests.budgets.budget_harness import MANAGER, BudgetHarness

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EACH = Scope("each", "person")
USERS = {"UANN": "user_ann", "UBEN": "user_ben", "UCAT": "user_cat"}
PEOPLE = Teams(
    tuple(USERS),
    tuple(
        AllocationRule(None, "user", user, whole(who), "person 1") for who, user in USERS.items()
    ),
)


def text_of_message(message: Message) -> str:
    """Everything that it says, as mrkdwn."""
    return json.dumps(message.blocks)


async def spend(team: BudgetHarness, **dollars: int) -> None:
    """What each user used today, all read now."""
    team.spent = {DAY: Decimal(sum(dollars.values()))}
    async with team.database.writing() as session:
        rows = [
            BreakdownItem(DAY, f"user_{who}", None, Decimal(used)) for who, used in dollars.items()
        ]
        await ChargeWriter(session).replace_breakdown("openai", Period.of_day(DAY), "user", rows)
        await LedgerRepository(session).record_success("openai", "users", NOW)
    await team.sync()


async def open_for(team: BudgetHarness) -> list[tuple[str | None, int]]:
    """Who has an open alert, at which threshold."""
    found = []
    for alert in await team.open_alerts():
        assert isinstance(alert.facts, BudgetFacts)
        found.append((alert.facts.scope.name, alert.threshold))
    return found


@pytest.fixture
def team(ledger: Database) -> BudgetHarness:
    ledger.person_costs = PEOPLE
    return BudgetHarness(ledger, NOW)


async def test_each_is_alerted_once_in_one_message(team: BudgetHarness) -> None:
    """All who passed a threshold by one sync are named in one message, nobody twice. A snooze
    silences only that person. Who is below again is resolved alone."""
    await spend(team, ann=10, ben=10, cat=10)
    await team.budget(50, 100, scope=EACH)
    assert await team.said() == []
    await spend(team, ann=60, ben=70, cat=10)
    await team.sync()
    assert await open_for(team) == [("UANN", 100), ("UBEN", 100)]
    [message] = await team.said()
    async with team.database.reading() as session:
        notice = await AlertRepository(session).notice(message.id)
    assert notice is not None
    text = text_of_message(notice_message(notice))
    assert text.index("<@UBEN>: $70.00 of $50") < text.index("<@UANN>: $60.00 of $50")
    assert "UCAT" not in text

    first = (await team.open_alerts())[0]
    await team.actions.snooze(str(first.id), "period end", MANAGER, NOW)
    await spend(team, ann=60, ben=10, cat=55)
    assert await open_for(team) == [("UANN", 100), ("UCAT", 100)]
    assert [len(each) for each in await team.lines()] == [2, 1]

    await spend(team, ann=60, ben=75, cat=55)
    assert await open_for(team) == [("UANN", 100), ("UCAT", 100), ("UBEN", 100)]
    await team.pass_time(days=12)
    assert await open_for(team) == []
    assert len(await team.said("note")) == 4


async def test_people_see_their_own_and_managers_all(team: BudgetHarness) -> None:
    """In the list of budgets and of alerts. Who isn't among the people sees nothing of it."""
    await spend(team, ann=60, ben=30, cat=10)
    await team.budget(50, 100, scope=EACH)

    async def seen(who: str, *managers: str) -> str:
        policy = Policy(frozenset(managers))
        visibility = visibility_of(Person(who, who, "UTC"), "C1", (), policy)
        budgets = await team.budgets.listing(NOW, visibility)
        alerts = await team.actions.listing(visibility=visibility)
        assert budgets.is_personal == bool(budgets.statuses)
        assert alerts.is_personal == bool(alerts.alerts)
        messages = (rule_listing_message(budgets), alert_listing_message(alerts))
        return " ".join(map(text_of_message, messages))

    everyone = await seen("UBOSS", "UBOSS")
    assert "1 person of 3 at $50 or more. Highest: <@UANN>, $60.00 used" in everyone
    assert "<@UANN>: $60.00 of $50 used this month (120%)" in everyone
    own = await seen("UBEN")
    assert "<@UBEN>: $30.00 used this month (60%)" in own
    assert "UANN" not in own
    assert "No open alerts." in own
    assert "<@UANN>: $60.00 of $50" in await seen("UANN")
    nobody = await seen("UDAN")
    assert "No budgets yet." in nobody
    assert "No open alerts." in nobody


async def test_nobody_learns_of_others(team: BudgetHarness) -> None:
    """Whatever was spent: a member and a lead, who sees one project, find themselves alone in the
    lists, and no team where they see less. A manager finds everyone with an alert; a guest is
    refused."""
    team.database.teams = Teams(
        ("search",), (AllocationRule("openai", "user", "user_ann", whole("search"), "team 1"),)
    )
    rules = (VisibilityRule("SLEADS", ScopeFilter(projects=frozenset({"search"}))),)
    policy = Policy(frozenset({"UBOSS"}))
    random = Random(8)
    await spend(team, ann=1, ben=1, cat=1)
    await team.budget(50, 100, scope=EACH)
    await team.budget(50, 100, scope=Scope("each", "team"))
    for _ in range(5):
        await spend(team, **{who: random.randrange(120) for who in ("ann", "ben", "cat")})
        alerted = {who for who, _ in await open_for(team)}
        for who in ("UANN", "UBEN", "UDAN", "UBOSS"):
            for groups in (frozenset[str](), frozenset({"SLEADS"})):
                person = Person(who, who, "UTC", groups=groups)
                visibility = visibility_of(person, None, rules, policy)
                budgets = await team.budgets.listing(NOW, visibility)
                alerts = await team.actions.listing(visibility=visibility)
                shown = text_of_message(rule_listing_message(budgets))
                listed = text_of_message(alert_listing_message(alerts))
                named = set(re.findall(r"<@(\w+)>", shown + listed))
                is_lead = bool(groups) and who != "UBOSS"
                if who == "UBOSS":
                    assert alerted - {"search"} <= named
                else:
                    assert named <= {who}
                    assert (who in named) == (who in USERS)
                assert ("search" in shown) != is_lead
                assert ("search" in listed) == ("search" in alerted and not is_lead)
    guest = Person("UANN", "ann", "UTC", is_guest=True)
    assert may(guest, "read", policy) is not None


async def test_each_team_and_project(team: BudgetHarness) -> None:
    """Who is configured, or has spend. Without teams, such a budget can't be set."""
    with pytest.raises(CommandRejected, match="No team is set up here"):
        await team.budget(50, scope=Scope("each", "team"))
    rule = AllocationRule("openai", "user", "user_ann", whole("search"), "team 1")
    team.database.teams = Teams(("search", "mobile"), (rule,))
    await spend(team, ann=60, ben=30)
    team.models = {}
    await team.budget(50, 100, scope=Scope("each", "team"))
    await team.budget(50, 100, scope=Scope("each", "project"))
    assert await open_for(team) == [("search", 100)]
    [teams, projects] = (await team.budgets.listing(NOW)).statuses
    shown = text_of_message(rule_listing_message(RuleListing((teams,))))
    assert "1 team of 2 at $50 or more. Highest: team search" in shown
    assert projects.reason == "No project has any spend in this period yet."


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("budget set each person 50 monthly", "budget set each person 50 monthly at 50,80,100"),
        ("budget each person 50 monthly", "budget set each person 50 monthly at 50,80,100"),
        ("budget 20 weekly per team at 80", "budget set each team 20 weekly at 80"),
        ("budget for every project 5 a day", "budget set each project 5 daily at 50,80,100"),
        ("budget list each person", "budget list each person"),
        ("budget remove each person", "budget remove each person"),
    ],
)
def test_words(typed: str, means: str) -> None:
    """`each`, `every` or `per`, and a kind."""
    known = Vocabulary(("openai",), ("openai",))
    query = parse(typed, known, DAY)
    assert not isinstance(query, ParseFailure)
    assert text_of(query) == means
    if isinstance(query, BudgetSet):
        assert query.scope.kind == "each"
