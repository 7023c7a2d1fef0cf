"""What the configuration says of a connection."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from providers.models import Billing


@dataclass(frozen=True, slots=True)
class ConfiguredConnection:
    """One account at one provider, as this process is set up to read it."""

    name: str
    provider: str
    title: str
    billing: Billing
    settling_days: int
    purchase_fee: Decimal | None = field(default=None, compare=False)
    """A fraction of the credit bought; not kept in the database."""
    publication_delay: timedelta = field(default=timedelta(hours=24), compare=False)
    """As of `ProviderKind`; not kept in the database, nor is the next."""
    history_days: int = field(default=365, compare=False)
