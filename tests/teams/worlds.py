"""Made-up ledgers with rules, and what each team pays of them, computed row by row."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Literal

from sqlmodel import delete

from bot.db.database import Database
from bot.db.models import Coverage, Restatement, StoredBreakdown, StoredCharge, StoredCorrection
from bot.db.session import Session
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.repository import LedgerRepository
from bot.teams.models import AllocationRule, ItemKind, Share, Shares, Teams, split, whole
from bot.wording import UNALLOCATED
from providers.models import BreakdownItem, Charge, ChargesRead, Name
from providers.money import from_nano, total
from providers.period import Period

PERIOD = Period(date(2026, 11, 1), date(2026, 11, 5))
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEAMS = ("search", "platform", "mobile")
CONNECTIONS = ("openai", "openrouter")
PROJECTS = {"proj_0": "Alpha", "proj_1": "Beta", "proj_2": "alpha", "proj_3": None}
KEYS = {"key_0": "Backend", "key_1": None}
USERS = {"user_0": "Ines", "user_1": "Kai"}
ITEMS: Mapping[ItemKind, Mapping[str, str | None]] = {
    "project": PROJECTS,
    "key": KEYS,
    "user": USERS,
}
Amounts = dict[tuple[date, str | None], Decimal]
"""By day and item."""


@dataclass
class World:
    """What a ledger holds, and the rules."""

    teams: Teams
    items: Mapping[tuple[str, ItemKind], Amounts] = field(default_factory=dict)
    """By connection and kind, on the days that are covered."""
    gaps: Collection[tuple[str, date]] = ()
    """Days of a connection whose charges were not read."""
    beyond: Mapping[tuple[str, ItemKind], Amounts] = field(default_factory=dict)
    """What keys and users spent on those days: it is in no total."""

    def covered(self, connection: str) -> frozenset[date]:
        """The days of a connection whose charges were read."""
        return frozenset(day for day in PERIOD if (connection, day) not in self.gaps)

    def used(self, connection: str, projects: frozenset[str] | None = None) -> Amounts:
        """Cost by day and project; `projects`: only these, by name or id, case-folded."""
        found = self.items[connection, "project"]
        if projects is None:
            return found
        return {
            (day, item): amount
            for (day, item), amount in found.items()
            if item and projects & {item, (PROJECTS[item] or item).casefold()}
        }

    def unread(self, connection: str) -> Mapping[date, Decimal]:
        """What each day cost whose breakdown, the one of the rules, has no rows."""
        kind = self.teams.of(connection).kind
        if kind not in ("key", "user"):
            return {}
        read = {day for day, _ in self.items[connection, kind]}
        costs: dict[date, Decimal] = defaultdict(Decimal)
        for (day, _), amount in self.used(connection).items():
            costs[day] += amount
        return {day: cost for day, cost in costs.items() if cost and day not in read}

    def paid(
        self, connection: str, projects: frozenset[str] | None = None
    ) -> Mapping[tuple[str, date], list[Decimal]]:
        """What each team pays on each day, one amount for each item that it pays for."""
        rules = self.teams.of(connection)
        parts: dict[tuple[str, date], list[Decimal]] = defaultdict(list)
        left: dict[date, Decimal] = defaultdict(Decimal)
        for (day, _), amount in self.used(connection, projects).items():
            if day not in self.unread(connection):
                left[day] += amount
        kind = rules.kind or "project"
        amounts = self.items[connection, kind]
        if projects is not None:
            if kind != "project":
                return {}
            amounts = self.used(connection, projects)
        for (day, item), amount in amounts.items():
            shares = None if item is None else rules.shares_of(item, ITEMS[kind][item])
            if shares is not None:
                left[day] -= amount
                for team, part in split(amount, shares).items():
                    parts[team, day].append(part)
        for day, amount in left.items():
            for team, part in split(amount, rules.rest).items():
                if amount:
                    parts[team, day].append(part)
        return {key: each for key, each in parts.items() if key[0] != UNALLOCATED}


def made_up(random: Random) -> World:
    """A few days of two connections, with charges and credits. Each day has a charge without a
    project: a day that had cost and reads empty would keep what it had. Keys and users were not
    read on some days, and charges neither."""
    items: dict[tuple[str, ItemKind], Amounts] = {}
    for connection in CONNECTIONS:
        for kind, ids in ITEMS.items():
            items[connection, kind] = {
                (day, item): from_nano(random.choice((-1, 1, 1, 1)) * random.randrange(10**11))
                for day in PERIOD
                for item in (*ids, None)
                if (random.random() < 0.6 if item else kind == "project")
            }
    teams = Teams(TEAMS, tuple(_rules(random)))
    for (_, kind), amounts in items.items():
        unread = random.randrange(8)
        for day, item in list(amounts):
            if kind != "project" and day.day == unread:
                del amounts[day, item]
    gaps = {(name, day) for name in CONNECTIONS for day in PERIOD if random.random() < 0.2}
    beyond: dict[tuple[str, ItemKind], Amounts] = {}
    for (name, kind), amounts in items.items():
        left = {key: amounts.pop(key) for key in list(amounts) if (name, key[0]) in gaps}
        beyond[name, kind] = left if kind != "project" else {}
    return World(teams, items, gaps, beyond)


def _rules(random: Random) -> list[AllocationRule]:
    rules = []
    for connection in CONNECTIONS:
        kind = random.choice((*ITEMS, None))
        named: set[str] = set()
        for item, name in ITEMS[kind].items() if kind else ():
            called = random.choice((item, name or item)).casefold()
            if random.random() < 0.7 and called not in named:
                named.add(called)
                rules.append(AllocationRule(connection, kind, called, _shares(random), "team 1"))
        if random.random() < 0.5:
            rules.append(AllocationRule(connection, None, "", _shares(random), "team 1"))
    return rules


def _shares(random: Random) -> Shares:
    if random.random() < 0.5:
        return whole(random.choice(TEAMS))
    two = random.sample(TEAMS, 2)
    first = random.randrange(1, 9_900)
    rest = random.choice((10_000 - first, random.randrange(1, 10_000 - first)))
    percents = (Decimal(first) / 100, Decimal(rest) / 100)
    return tuple(Share(team, percent) for team, percent in zip(two, percents, strict=True))


async def fill(database: Database, world: World) -> None:
    """Make this what the ledger holds: read once with other amounts, then corrected in two reads,
    each of which replaces some days."""
    database.teams = world.teams
    middle = Random(len(world.gaps)).choice([*PERIOD][1:])
    reads = (Period(PERIOD.start, middle), Period(middle, PERIOD.end))
    async with database.writing() as session:
        for table in (StoredCharge, StoredBreakdown, Coverage, Restatement, StoredCorrection):
            await session.exec(delete(table))
        for connection in CONNECTIONS:
            await _read(session, world, connection, PERIOD, is_wrong=True)
            for period in reads:
                await _read(session, world, connection, period)
            names = [
                Name(kind, item, name)
                for kind, ids in ITEMS.items()
                for item, name in ids.items()
                if name
            ]
            await LedgerRepository(session).merge_names(connection, names)
            for part in ("charges", "breakdown", "users"):
                await LedgerRepository(session).record_success(connection, part, NOW)


async def _read(
    session: Session, world: World, connection: str, period: Period, *, is_wrong: bool = False
) -> None:
    """Store what a provider answers about these days. `is_wrong`: a part of it twice."""
    kinds: tuple[Literal["key", "user"], ...] = ("key", "user")

    def rows(kind: ItemKind) -> Iterator[tuple[date, str | None, Decimal]]:
        amounts = world.items[connection, kind] | world.beyond.get((connection, kind), {})
        for number, ((day, item), amount) in enumerate(amounts.items()):
            if day in period:
                yield day, item, amount * 2 if is_wrong and number % 3 else amount

    charges = [
        Charge(day, amount, project, "gpt-5, input", "gpt-5")
        for day, project, amount in rows("project")
    ]
    days = frozenset(period) & world.covered(connection)
    await ChargeWriter(session).replace_days(connection, ChargesRead(period, charges, days), NOW)
    for kind in kinds:
        items = [BreakdownItem(day, item, None, amount) for day, item, amount in rows(kind)]
        await ChargeWriter(session).replace_breakdown(connection, period, kind, items)


def sums(paid: Mapping[tuple[str, date], list[Decimal]]) -> Mapping[str, Decimal]:
    """What each team pays, over all days."""
    teams = dict.fromkeys(team for team, _ in paid)
    return {
        team: total(part for (one, _), parts in paid.items() for part in parts if one == team)
        for team in teams
    }
