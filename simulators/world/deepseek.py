"""The made-up account at DeepSeek: what it bought, was granted and used, in yuan."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from providers.money import total
from providers.period import DAY, Period, midnight, utc_day
from simulators.clock import DemoClock
from simulators.world.usage import FOREVER, MILLION, Meter, Stream, Surge, Usage

CURRENCY = "CNY"
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Credit:
    """Credit that was bought or granted; what is granted expires."""

    at: datetime
    amount: Decimal
    is_granted: bool = False


class DeepSeekAccount:
    """All figures depend only on the seed, the purchases and the moment asked for."""

    def __init__(self, seed: str, clock: DemoClock) -> None:
        self._clock = clock
        self._first = utc_day(clock()) - timedelta(days=20)
        start = midnight(self._first)
        self.credits = [Credit(start, Decimal(10), is_granted=True), Credit(start, Decimal(500))]
        meters = (
            Meter("input", Decimal(2) / MILLION, 6 * MILLION),
            Meter("output", Decimal(3) / MILLION, 1.1 * MILLION),
        )
        stream = Stream("chat", "deepseek-chat", meters)
        self._usage = Usage(f"{seed}/deepseek", clock(), (stream,))

    def buy(self, amount: Decimal) -> None:
        """Buy credit now."""
        self.credits.append(Credit(self._clock(), amount))

    def spike(self, factor: float) -> None:
        """From now on, use `factor` times as much."""
        self._usage.surge(Surge(lambda _: True, factor, self._clock(), FOREVER))

    def used(self, until: datetime | None = None) -> Decimal:
        """Return what was used since its first day, exactly."""
        now = until or self._clock()
        days = Period(self._first, utc_day(now) + DAY)
        return total(line.amount for day in days for line in self._usage.day(day, now))

    def left(self, until: datetime | None = None) -> tuple[Decimal, Decimal]:
        """Return what is left of granted and of bought credit, in whole cents; grants are used
        first."""
        now = until or self._clock()
        given = [each for each in self.credits if each.at <= now]
        granted = total(each.amount for each in given if each.is_granted)
        bought = total(each.amount for each in given if not each.is_granted)
        used = self.used(now)
        rest = bought - max(Decimal(0), used - granted)
        left = max(Decimal(0), granted - used), rest
        return left[0].quantize(_CENT, ROUND_FLOOR), left[1].quantize(_CENT, ROUND_FLOOR)

    def balance(self, until: datetime | None = None) -> Decimal:
        """Return what is left, as DeepSeek shows it."""
        return total(self.left(until))
