"""Who asks, and where."""

from dataclasses import dataclass

from bot.permission import Person


@dataclass(frozen=True, slots=True)
class Asker:
    """A person in a Slack conversation."""

    person: Person
    channel: str
