"""What a member, a lead, a manager and a guest see of teams and people, in made-up ledgers under
made-up rules."""

from collections import defaultdict
from decimal import Decimal
from random import Random

import pytest

from bot.access.models import (
    Person,
    Policy,
    Requester,
    ScopeFilter,
    VisibilityRule,
    visibility_of,
)
from bot.cli.printing import answer_text
from bot.db.database import Database
from bot.reports.models import CompareAnswer, SpendAnswer
from bot.reports.router import Answer
from bot.teams.models import AllocationRule, Teams, whole
from providers.money import total
from tests.harness.answers import ask
from tests.teams.worlds import CONNECTIONS, NOW, PERIOD, TEAMS, World, fill, made_up, sums
from tests.teams.worlds import USERS as NAMES

LEAD = frozenset({"alpha", "proj_3"})
RULES = (
    VisibilityRule("SLEADS", ScopeFilter(frozenset({"openai"}), LEAD)),
    VisibilityRule("SOPENAI", ScopeFilter(frozenset({"openai"}))),
    VisibilityRule("SPART", ScopeFilter(frozenset({"openrouter"}), LEAD)),
    VisibilityRule("C1", ScopeFilter(frozenset({"openai"}))),
)
POLICY = Policy(
    frozenset({"UMANAGER"}), leads=frozenset({"ULEAD", "UWHOLE", "UMIXED", "UFREE", "UGUEST"})
)
USERS = {"UMEMBER": "user_0", "ULEAD": "user_1", "UGUEST": "user_1"}
PEOPLE = Teams(
    tuple(USERS),
    tuple(
        AllocationRule("openai", "user", user, whole(who), "person 1")
        for who, user in USERS.items()
        if who != "UGUEST"
    ),
)
MEMBER, LEADER, MANAGER, GUEST = (
    Person("UMEMBER", "Mia", "UTC"),
    Person("ULEAD", "Lea", "UTC", groups=frozenset({"SLEADS"})),
    Person("UMANAGER", "Mo", "UTC", groups=frozenset({"SLEADS"})),
    Person("UGUEST", "Gus", "UTC", is_guest=True),
)
EVERYONE = (MEMBER, LEADER, MANAGER, GUEST)
LEADS = {
    Person("UWHOLE", "Wim", "UTC", groups=frozenset({"SOPENAI"})): ("openai",),
    Person("UMIXED", "Max", "UTC", groups=frozenset({"SOPENAI", "SPART"})): ("openai",),
    Person("UFREE", "Fay", "UTC"): CONNECTIONS,
}
"""Leads, and the connections that they see whole."""
BY_USER = ("2026-11 by user", "2026-11 top 5 users", "2026-10 vs 2026-11 by user")


async def asked(
    database: Database, person: Person, text: str, channel: str | None = None
) -> Answer:
    seen = visibility_of(person, channel, RULES, POLICY)
    requester = Requester(person, channel or "", seen)
    return await ask(database, text, NOW, requester=requester, policy=POLICY)


@pytest.mark.parametrize("seeds", [range(1), pytest.param(range(1, 4), marks=pytest.mark.slow)])
async def test_each_role_sees_its_teams_and_itself(database: Database, seeds: range) -> None:
    """The rows of teams are those of the visible charges, to the nano, and add up to the total. A
    hidden team reads as one that isn't there, and another person as nobody."""
    database.person_costs = PEOPLE
    hidden: set[str] = set()
    for seed in seeds:
        world = made_up(Random(seed))
        await fill(database, world)
        for person in EVERYONE:
            hidden |= await check_teams(database, world, person)
            await check_self(database, world, person)
            await check_users(database, world, person)
        await check_leads(database, world)
    assert hidden


async def check_teams(database: Database, world: World, person: Person) -> set[str]:
    """Return the teams that are hidden from a lead."""
    answer = await asked(database, person, "2026-11 by team")
    text = answer_text(answer)
    if person is GUEST:
        assert "Guests" in text
        assert not any(team in text for team in TEAMS)
        return set()
    projects, seen = (LEAD, ("openai",)) if person is LEADER else (None, CONNECTIONS)
    paid = {
        (name, team): used
        for name in seen
        for team, used in sums(world.paid(name, projects)).items()
        if used
    }
    assert isinstance(answer.result, SpendAnswer)
    breakdown = answer.result.summary.breakdown
    assert breakdown is not None
    rows = [row for row in breakdown.rows if row.used]
    assert {(r.connection, r.name): r.used for r in rows if r.kind == "item"} == paid
    assert total(row.used for row in rows) == answer.result.summary.used_total
    hidden = set(TEAMS) - {team for _, team in paid}
    assert not any(team in text for team in hidden)
    nobody = answer_text(await asked(database, person, "team nobody 2026-11"))
    if person is not LEADER:
        return set()
    for team in hidden:
        of_team = answer_text(await asked(database, person, f"team {team} 2026-11"))
        assert of_team == nobody.replace("nobody", team)
    return hidden


async def check_self(database: Database, world: World, person: Person) -> None:
    answer = await asked(database, person, "me 2026-11")
    if person in (GUEST, MANAGER):
        says = "Guests" if person is GUEST else "doesn't know which users"
        assert says in answer_text(answer)
        return
    used = world.items["openai", "user"]
    own = total(used.get((day, USERS[person.id]), Decimal(0)) for day in PERIOD)
    if isinstance(answer.result, SpendAnswer):
        assert answer.result.summary.used_total == own
    else:
        assert not own


async def check_users(database: Database, world: World, person: Person) -> None:
    """A manager gets each user. Everyone else gets what they get of themselves; a lead who sees
    only projects gets the reason."""
    answers = [await asked(database, person, text) for text in BY_USER]
    if person is MANAGER:
        check_every_user(world, answers[0], CONNECTIONS)
        return
    if person is LEADER:
        assert "You see only some projects of OpenAI" in answer_text(answers[0])
    own = await asked(database, person, "me 2026-11")
    for answer in answers:
        text = answer_text(answer)
        assert not any(named in text for named in (*NAMES, *filter(None, NAMES.values())))
        assert not answer.is_public
        if isinstance(answer.result, SpendAnswer):
            assert isinstance(own.result, SpendAnswer)
            assert answer.result.summary.used_total == own.result.summary.used_total


def check_every_user(world: World, answer: Answer, seen: tuple[str, ...]) -> None:
    """Of these connections alone, each user, to the nano, and the unattributed rest even if it is
    nothing."""
    assert isinstance(answer.result, SpendAnswer)
    breakdown = answer.result.summary.breakdown
    assert breakdown is not None
    assert {row.connection for row in breakdown.rows} == set(seen)
    for name in seen:
        rows = [row for row in breakdown.rows if row.connection == name]
        used: dict[str | None, Decimal] = defaultdict(Decimal)
        for (_, user), amount in world.items[name, "user"].items():
            used[user] += amount
        used.pop(None, None)
        assert {row.item_id: row.used for row in rows if row.kind == "item"} == used
        [rest] = [row.used for row in rows if row.kind == "rest"]
        whole = total(world.items[name, "project"].values())
        unread = total(row.used for row in rows if row.kind == "unread")
        assert rest == whole - total(used.values()) - unread


async def check_leads(database: Database, world: World) -> None:
    """A lead gets each user of the connections that they see whole, and the total of those alone.
    In a limited channel they are a member as others."""
    for person, seen in LEADS.items():
        first, top, two = [await asked(database, person, text) for text in BY_USER]
        check_every_user(world, first, seen)
        whole = total(total(world.items[name, "project"].values()) for name in seen)
        assert isinstance(first.result, SpendAnswer)
        assert isinstance(top.result, SpendAnswer)
        assert isinstance(two.result, CompareAnswer)
        for summary in (first.result.summary, top.result.summary, two.result.second):
            assert summary.used_total == whole
            assert {each.name for each in summary.connections} == set(seen)
        assert not any(each.is_public for each in (first, top, two))
        part = "Without OpenRouter, where you see only some projects"
        assert (part in answer_text(first)) == (person.id == "UMIXED")
        for text in BY_USER:
            limited = answer_text(await asked(database, person, text, "C1"))
            assert "doesn't know which users of the providers you are" in limited
        if "openrouter" not in seen:
            refused = answer_text(await asked(database, person, "openrouter by user 2026-11"))
            assert not any(named in refused for named in (*NAMES, *filter(None, NAMES.values())))
