"""What teams pay, in made-up ledgers under made-up rules, for those who see all or less."""

import re
from decimal import Decimal
from random import Random

from bot.access.models import EVERYTHING, ScopeFilter, VisibilityScope
from bot.cli.printing import answer_text
from bot.db.database import Database
from bot.ledger.charges import ChargeRepository
from bot.reports.models import SpendAnswer
from bot.scope import Scope
from bot.teams.models import AllocationRule, Teams, whole
from bot.wording import UNALLOCATED
from providers.money import total
from tests.harness.answers import ask
from tests.teams.worlds import CONNECTIONS, NOW, PERIOD, TEAMS, World, fill, made_up, sums

LEAD = frozenset({"alpha", "proj_3"})
"""The projects that a lead's group may see."""
VISIBLE = {
    None: EVERYTHING,
    LEAD: VisibilityScope(((ScopeFilter(frozenset({"openai"}), LEAD),),)),
}


async def test_teams_add_up_and_none_is_seen_without_its_charges(
    database: Database, database_url: str
) -> None:
    """Each team pays its rows to the nano, by day and in sum. A team is seen where charges of it
    are, and nowhere else."""
    for seed in range(4 if database_url.startswith("sqlite") else 12):
        world = made_up(Random(seed))
        await fill(database, world)
        for projects, visibility in VISIBLE.items():
            seen = CONNECTIONS if projects is None else ("openai",)
            await check(database, world, visibility, seen, projects)


async def check(
    database: Database,
    world: World,
    visibility: VisibilityScope,
    seen: tuple[str, ...],
    projects: frozenset[str] | None,
) -> None:
    paid = {name: world.paid(name, projects) for name in seen}
    wanted = {(name, team): used for name in seen for team, used in sums(paid[name]).items()}
    async with database.reading(visibility) as session:
        charges = ChargeRepository(session)
        found = await charges.items(PERIOD, "team")
        assert {(e.connection, e.item_id): e.used for e in found if e.is_read} == wanted
        unread = {name: world.unread(name) for name in seen if projects is None}
        costs = {name: total(days.values()) for name, days in unread.items() if days}
        assert {each.connection: each.used for each in found if not each.is_read} == costs
        for team in TEAMS:
            one = ChargeRepository(session.narrowed(Scope("team", team.upper())))
            days = {(e.connection, e.day): e.used for e in await one.days(PERIOD) if e.used}
            by_day = {
                (name, day): total(parts)
                for name in seen
                for (who, day), parts in paid[name].items()
                if who == team
            }
            assert days == {key: used for key, used in by_day.items() if used}
            known = {(each.connection, each.day) for each in await one.days(PERIOD)}
            assert known.isdisjoint((name, day) for name in unread for day in unread[name])
            assert all(day in world.covered(name) for name, day in known)
            for by in ("project", "model"):
                used: dict[str, Decimal] = dict.fromkeys(seen, Decimal(0))
                for item in await one.items(PERIOD, by):
                    used[item.connection] += item.used
                split = (name for name in seen if world.teams.of(name).kind in (None, "project"))
                known_items = dict.fromkeys(seen, Decimal(0)) | {
                    name: wanted.get((name, team), Decimal(0)) for name in split
                }
                assert used == known_items, by
            lines: dict[str, Decimal] = {}
            for line in await one.lines(PERIOD):
                lines[line.connection] = lines.get(line.connection, Decimal(0)) + line.used
            every = {name: wanted.get((name, team), Decimal(0)) for name in seen}
            assert {n: u for n, u in lines.items() if u} == {n: u for n, u in every.items() if u}
            there = await one.with_charges(seen)
            assert {name for name, who in wanted if who == team} <= set(there)
            if projects is not None:
                assert set(there) == {name for name, who in wanted if who == team}


async def test_the_answer_has_the_total_and_always_the_rest(database: Database) -> None:
    """Rows by team and connection; one row is unallocated for each connection, also at zero;
    days whose breakdown was not read are apart."""
    world = made_up(Random(3))
    await fill(database, world)
    answer = (await ask(database, "2026-11 by team", NOW)).result
    assert isinstance(answer, SpendAnswer)
    assert answer.summary.breakdown is not None
    rows = answer.summary.breakdown.rows
    unread = {row.connection: (row.name, row.used) for row in rows if row.kind == "unread"}
    costs = total(world.unread("openrouter").values())
    assert unread == {"openrouter": ("(not read by key)", costs)}
    assert total(row.used for row in rows) == answer.summary.used_total
    assert {r.connection for r in rows if r.name == UNALLOCATED} == set(CONNECTIONS)
    for team in TEAMS:
        of_team = (await ask(database, f"team {team} 2026-11", NOW)).result
        assert isinstance(of_team, SpendAnswer)
        assert of_team.summary.used_total == total(r.used for r in rows if r.name == team)


async def test_what_teams_cannot_be_asked(ledger: Database) -> None:
    """With the reason."""
    for text in ("by team", "team search", "this month vs last month by team"):
        assert "No teams are set up here." in (await ask(ledger, text, NOW)).message.text
    await fill(ledger, made_up(Random(3)))
    for text, says in {
        "team nobody": "No team called “nobody” has cost anything.",
        "team search by model": "This team's models and projects aren't known",
        "why team search by model": "This team's models and projects aren't known",
        "team search by key": "A team can't be shown by key or user.",
        "team search by team": "team search is one team. Leave out “by team”.",
        "project alpha by team": "Only all costs, or those of a provider, can be shown by team.",
        "digest on team search": "A digest can't be about one team.",
    }.items():
        assert says in (await ask(ledger, text, NOW)).message.text, text
    ledger.teams = Teams(
        ("search",), (AllocationRule("openai", None, "", whole("search"), "team"),)
    )
    both = (await ask(ledger, "team search 2026-11 by model and project", NOW)).message.text
    assert "by project or by model, not by both" in both
    by_model = (await ask(ledger, "team search 2026-11 by model", NOW)).message.text
    assert "By model: gpt-5 $" in by_model


async def test_each_team_has_a_row_and_the_rest_too(ledger: Database) -> None:
    """A row for each team over all connections, the unallocated rest, and shares; two periods side
    by side; a forecast of one team."""
    await fill(ledger, made_up(Random(3)))
    said = answer_text(await ask(ledger, "2026-11 by team top 1", NOW))
    first, more, rest = re.findall(r"^(\S+(?: more)?) +\$([\d.]+) +(\d+)%$", said, re.MULTILINE)
    assert (first[0], more[0], rest[0]) == ("mobile", "2 more", UNALLOCATED)
    two = answer_text(await ask(ledger, "2026-11 vs 2026-11-01 by team", NOW))
    assert re.search(rf"^mobile .*\{'$'}{first[1]}\b", two, re.MULTILINE)
    forecast = answer_text(await ask(ledger, "forecast team mobile", NOW))
    assert "Team mobile forecast for November" in forecast
    assert "user, team, provider" in answer_text(await ask(ledger, "help", NOW))
