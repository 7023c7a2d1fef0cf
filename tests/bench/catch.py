"""How well unusual days and hours differ from usual ones."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Catch:
    """What a detector did over some series of days or hours."""

    caught: int
    missed: int
    false: int
    months: float

    @property
    def recall(self) -> float:
        """Percent of the true spikes or spells that were caught."""
        return 100 * self.caught / max(1, self.caught + self.missed)

    @property
    def precision(self) -> float:
        """Percent of the alarms that were true."""
        return 100 * self.caught / max(1, self.caught + self.false)

    @property
    def false_a_month(self) -> float:
        """False alarms in a month of one series."""
        return self.false / self.months
