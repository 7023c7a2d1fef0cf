"""What can be chosen as the scope of a budget or digest: what is connected, and what was used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.ports import Reading
from bot.seeing.sights import Sights
from bot.seeing.visibility import Sight
from bot.spend.ledger import By, Connection
from bot.spend.watching.rules import ScopeKind
from providers.period import DAY, Period, utc_day

SEEN_DAYS = 70
MOST = 100
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Choices:
    """Scopes by kind; of projects, keys and models those that used most in ten weeks, each by its
    name, or its id where it has none or one too long to be sent back."""

    connections: tuple[Connection, ...]
    projects: tuple[str, ...]
    keys: tuple[str, ...]
    models: tuple[str, ...]

    def named(self, kind: ScopeKind) -> tuple[str, ...]:
        """The names of one kind of item."""
        match kind:
            case "project":
                return self.projects
            case "key":
                return self.keys
            case "model":
                return self.models
            case _:
                return ()


class Offer:
    """The use case that fills the menus of modals."""

    def __init__(self, sights: Sights) -> None:
        self._sights = sights

    async def choices(self, sight: Sight, now: datetime) -> Choices:
        """What this sight shows."""
        today = utc_day(now)
        seen = Period(today - DAY * SEEN_DAYS, today + DAY)
        async with self._sights.ledger(sight).reading() as ledger:
            return Choices(
                tuple(await ledger.connections()),
                await _names(ledger, seen, "project"),
                await _names(ledger, seen, "key"),
                await _names(ledger, seen, "model"),
            )


async def _names(ledger: Reading, seen: Period, by: By) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for item in await ledger.items(seen, by):
        name = item.name or item.item_id
        if name and len(name) > LONGEST_NAME:
            name = item.item_id
        if name and len(name) <= LONGEST_NAME:
            found.setdefault(name)
    return tuple(_kept(list(found)))


def _kept(names: Sequence[str]) -> Sequence[str]:
    """The largest, without two that differ by case alone: scopes don't tell those apart."""
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(name.casefold(), name)
    return list(kept.values())[:MOST]
