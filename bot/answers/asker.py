"""Who asks, and where."""

from dataclasses import dataclass

from bot.permission import Person
from bot.seeing.visibility import EVERYTHING, Sight


@dataclass(frozen=True, slots=True)
class Asker:
    """A person in a Slack conversation."""

    person: Person
    channel: str
    sight: Sight = EVERYTHING
    """What they may see there."""
