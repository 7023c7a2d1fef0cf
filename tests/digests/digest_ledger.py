"""A made-up team's ledger, as syncs would have filled it: calm weekdays, quiet weekends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bot.db.database import Database
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.repository import LedgerRepository
from providers.errors import Unavailable
from providers.models import Charge, ChargesRead, Name, PrepaidBalance
from providers.period import DAY, Period, midnight, utc_day

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
"""A Tuesday, so that the finished day is Monday the 23rd."""
HISTORY = 130
_WOBBLE = (0, 3, -2, 4, -3, 1, -1, 2, -4, 0, 2, -1)
_SHARES = {
    "openai": (("gpt-5.2", "proj_search", "0.6"), ("gpt-5.2-mini", "proj_support", "0.4")),
    "openrouter": (
        ("anthropic/claude-sonnet-5", "default", "0.75"),
        ("google/gemini-3-pro", "default", "0.25"),
    ),
}
_USUAL = {"openai": (Decimal(40), Decimal(9)), "openrouter": (Decimal(12), Decimal(3))}


def usual_cost(connection: str, day: date) -> Decimal:
    """What a day costs where nothing happens, to the cent."""
    weekday, weekend = _USUAL[connection]
    base = weekday if day.weekday() < 5 else weekend
    wobble = _WOBBLE[(day.toordinal() + len(connection)) % len(_WOBBLE)]
    return (base * (100 + wobble) / 100).quantize(Decimal("0.01"))


@dataclass(slots=True)
class DigestLedger:
    """The ledger, and what a sync would read into it."""

    database: Database
    now: datetime = NOW
    special: dict[tuple[str, date], Decimal] = field(default_factory=dict)
    """Days that cost something else."""
    extra_model: Mapping[date, str] = field(default_factory=dict)
    """Days on which one model made up for all that was unusual at OpenAI."""
    credits: Decimal = Decimal(400)
    used: Decimal = Decimal(180)

    async def fill(self, read_at: datetime | None = None, days: int = HISTORY) -> None:
        """Read everything that has finished by then, and the balance, as a sync does."""
        at = read_at or self.now
        today = utc_day(at)
        for connection in _USUAL:
            await self.read(connection, Period(today - DAY * days, today), at)
        await self.read_balance(at)

    async def read(self, connection: str, period: Period, at: datetime) -> None:
        """Read these days of a connection."""
        charges = [charge for day in period for charge in self._charges(connection, day)]
        names = (
            [Name("project", "proj_search", "Search"), Name("project", "proj_support", "Support")]
            if connection == "openai"
            else []
        )
        async with self.database.writing() as session:
            await ChargeWriter(session).replace_days(
                connection, ChargesRead(period, charges, frozenset(period)), at
            )
            await LedgerRepository(session).merge_names(connection, names)
            await LedgerRepository(session).record_success(connection, "charges", at)

    async def read_balance(self, at: datetime) -> None:
        """Read what is left at OpenRouter; a week before, five days' burn more was."""
        burn = Decimal(12)
        async with self.database.writing() as session:
            for back in (6, 0):
                used = self.used - burn * back
                left = PrepaidBalance(self.credits - used, self.credits, used)
                await LedgerRepository(session).add_balance(
                    "openrouter", left, at - timedelta(days=back)
                )
            await LedgerRepository(session).record_success("openrouter", "balance", at)

    async def fail(self, connection: str, at: datetime) -> None:
        """A provider that does not answer."""
        error = Unavailable(f"{connection} did not answer (503).")
        async with self.database.writing() as session:
            await LedgerRepository(session).record_fault(connection, "charges", error, at)
            if connection == "openrouter":
                await LedgerRepository(session).record_fault(connection, "balance", error, at)

    def _charges(self, connection: str, day: date) -> list[Charge]:
        usual = usual_cost(connection, day)
        cost = self.special.get((connection, day), usual)
        model = self.extra_model.get(day) if connection == "openai" else None
        rest = usual if model else cost
        charges = [
            Charge(day, rest * Decimal(share), project, f"{name}, input", name, "input")
            for name, project, share in _SHARES[connection]
            if rest
        ]
        if model:
            charges.append(Charge(day, cost - usual, "proj_search", f"{model}, input", model))
        return charges


def finished(moment: datetime) -> datetime:
    """Just after the UTC midnight before that moment."""
    return midnight(utc_day(moment)) + timedelta(minutes=10)
