"""The scopes that a budget or digest can have: connections, and what was used."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col, select

from bot.access.models import VisibilityScope
from bot.db.database import Database
from bot.db.models import Balance
from bot.db.session import Session
from bot.language.commands import Incomplete
from bot.language.names import Vocabulary
from bot.language.parser import parse
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import Connection, Dimension
from bot.ledger.repository import LedgerRepository
from bot.scope import Scope, ScopeKind
from bot.wording import USD
from providers.period import DAY, Period, utc_day

SEEN_DAYS = 70
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class ScopeItem:
    """A project, key, model or team."""

    name: str
    """The provider's name: text from outside, of any length."""
    value: str
    """The name in scopes, or the id if the name is missing or too long for a menu."""


@dataclass(frozen=True, slots=True)
class Options:
    """Scopes by kind; projects, keys and models that were used in ten weeks, largest first."""

    connections: tuple[Connection, ...]
    projects: tuple[ScopeItem, ...]
    keys: tuple[ScopeItem, ...]
    models: tuple[ScopeItem, ...]
    teams: tuple[ScopeItem, ...] = ()
    """In the order of `aicost.toml`."""
    has_people: bool = False
    """`aicost.toml` names people."""
    channels: frozenset[str] = frozenset()
    """Ids of the channels of Slack for which a provider reported spend."""
    has_other_currencies: bool = False
    """A balance was read in another currency than US dollars."""

    def items(self, kind: ScopeKind) -> tuple[ScopeItem, ...]:
        """Return the items of one kind."""
        match kind:
            case "project":
                return self.projects
            case "key":
                return self.keys
            case "model":
                return self.models
            case "team":
                return self.teams
            case _:
                return ()


def parse_prefill(text: str, choices: Options, now: datetime) -> Incomplete | None:
    """Return what a button that opens a form holds of the typed command; None if it holds nothing.
    Menus show a connection that has its provider's name as the provider."""
    providers = tuple(dict.fromkeys(each.provider for each in choices.connections))
    names = tuple(each.name for each in choices.connections)
    typed = parse(text, Vocabulary(providers, names, has_channels=True), utc_day(now))
    if not isinstance(typed, Incomplete):
        return None
    scope = typed.scope
    if scope is not None and scope.kind == "connection" and scope.name in providers:
        typed = replace(typed, scope=Scope("provider", scope.name))
    return typed


class OptionLoader:
    """Loads the options of menus in modals."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def choices(self, visibility: VisibilityScope, now: datetime) -> Options:
        """Return the visible options."""
        today = utc_day(now)
        seen = Period(today - DAY * SEEN_DAYS, today + DAY)
        async with self._database.reading(visibility) as session:
            return Options(
                tuple(await LedgerRepository(session).connections()),
                await _items(session, seen, "project"),
                await _items(session, seen, "key"),
                await _items(session, seen, "model"),
                tuple(ScopeItem(name, name) for name in session.teams.names)
                if visibility.is_everything
                else (),
                has_people=bool(session.person_costs.names),
                channels=frozenset(item.value for item in await _items(session, seen, "channel")),
                has_other_currencies=await _has_other_currencies(session),
            )


async def _has_other_currencies(session: Session) -> bool:
    is_other = col(Balance.connection).in_(session.seen_whole()) & (col(Balance.currency) != USD)
    found = await session.exec(select(Balance.currency).where(is_other).limit(1))
    return found.first() is not None


async def _items(session: Session, seen: Period, by: Dimension) -> tuple[ScopeItem, ...]:
    return _distinct(
        ScopeItem(figure.name or figure.item_id or "", value)
        for figure in await ChargeRepository(session).items(seen, by)
        if (value := _value(figure.name, figure.item_id))
    )


def _value(name: str | None, item_id: str | None) -> str:
    """Return the name or id; empty if neither fits into a menu."""
    fitting = (each for each in (name, item_id) if each and len(each) <= LONGEST_NAME)
    return next(fitting, "")


def _distinct(items: Iterable[ScopeItem]) -> tuple[ScopeItem, ...]:
    """Drop items that differ from another by case only, because scopes ignore case."""
    kept: dict[str, ScopeItem] = {}
    for item in items:
        kept.setdefault(item.value.casefold(), item)
    return tuple(kept.values())
