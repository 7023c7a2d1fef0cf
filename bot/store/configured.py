"""What the configuration says of a connection."""

from dataclasses import dataclass

from providers.charge import Billing


@dataclass(frozen=True, slots=True)
class ConfiguredConnection:
    """One account at one vendor, as this process is set up to read it."""

    name: str
    provider: str
    title: str
    billing: Billing
    settling_days: int
