"""Values of anomaly alerts."""

from dataclasses import dataclass

from bot.budgets.results import Deliverability


@dataclass(frozen=True, slots=True)
class AnomaliesTurned:
    """Anomaly alerts were turned on or off for a channel."""

    channel: str
    is_on: bool
    is_changed: bool
    """False: it was already so."""
    reach: Deliverability = "sure"
