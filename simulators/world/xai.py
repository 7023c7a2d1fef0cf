"""The made-up team at xAI: what it bought and used, in dollars."""

from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from providers.money import from_nano, to_nano, total
from providers.period import DAY, Period, utc_day
from simulators.clock import DemoClock
from simulators.world.usage import MILLION, Meter, Stream, Usage

TEAM = "7d1f6a52-simulated-team"
_CENT = Decimal("0.01")


class XAIAccount:
    """All figures depend only on the seed, the purchases and the moment asked for."""

    def __init__(self, seed: str, clock: DemoClock) -> None:
        self._clock = clock
        self.first = utc_day(clock()) - timedelta(days=70)
        self.purchases = [(clock() - timedelta(days=69), Decimal(900))]
        self.pending = Decimal(40)
        """A purchase that was never paid."""
        self.limit = Decimal(0)
        """The limit of a month's use beyond prepaid credit, in dollars."""
        streams = tuple(
            Stream(name, name, (Meter("tokens", Decimal(price) / MILLION, per_day * MILLION),))
            for name, price, per_day in (
                ("grok-4 output tokens", "15", 0.31),
                ("grok-4 input tokens", "3", 1.7),
                ("live search", "25000", 0.00004),
            )
        )
        self._usage = Usage(f"{seed}/xai", clock(), streams)

    def buy(self, amount: Decimal) -> None:
        """Buy credit now."""
        self.purchases.append((self._clock(), amount))

    def day(self, day: date, until: datetime | None = None) -> dict[str, Decimal]:
        """Return what each model or thing cost on a UTC day, exactly."""
        lines = self._usage.day(day, until or self._clock()) if day >= self.first else ()
        return {line.stream.model: line.amount for line in lines}

    def used(self, period: Period) -> Decimal:
        """Return the sum over a period's days, each amount rounded to the nano."""
        return total(from_nano(to_nano(each)) for day in period for each in self.day(day).values())

    def used_cents(self, period: Period) -> Decimal:
        """Return the same in whole cents, as an invoice has it."""
        spent = total(each for day in period for each in self.day(day).values())
        return spent.quantize(_CENT, ROUND_FLOOR)

    @property
    def month(self) -> Period:
        """Return the running month so far."""
        today = utc_day(self._clock())
        return Period(today.replace(day=1), today + DAY)

    @property
    def bought(self) -> Decimal:
        """Return all credit that was bought and paid."""
        return total(amount for _, amount in self.purchases)

    @property
    def before(self) -> Decimal:
        """Return the credit left at the start of the month, with purchases since."""
        return self.bought - self.used_cents(Period(self.first, self.month.start))

    @property
    def left(self) -> Decimal:
        """Return the credit that is left now."""
        return self.before - min(self.before, self.used_cents(self.month))
