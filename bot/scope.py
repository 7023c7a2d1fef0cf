"""What a question, a rule or a digest is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ScopeKind = Literal[
    "all",
    "provider",
    "connection",
    "project",
    "key",
    "model",
    "team",
    "person",
    "channel",
    "each",
]
EachKind = Literal["person", "team", "project"]
"""What a budget can be for each of."""

Connections = Mapping[str, str]
"""The provider of each connection, by its name."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule is about. `name` is None for everything.

    The name of a person or a channel is the Slack id. With `each`, the name is a kind:
    `Scope("each", "person")` is every person, each with figures of their own. Only budgets have
    that.
    """

    kind: ScopeKind
    name: str | None = None

    @property
    def has_items(self) -> bool:
        """Return True if its spend is known by project and model: not that of a key, a team, a
        person or a channel."""
        return self.kind not in ("key", "team", "person", "channel", "each")

    def is_same_as(self, other: "Scope") -> bool:
        """Return True if both have the same kind and, ignoring case, the same name."""
        own, others = (self.name or "").casefold(), (other.name or "").casefold()
        return (self.kind, own) == (other.kind, others)

    def draws_on(self, connection: str, provider: str) -> bool:
        """Return True if its figures may come from that connection of that provider. Those of
        projects, keys and models may come from any."""
        if self.kind == "provider":
            return self.name == provider
        return self.kind != "connection" or self.name == connection


def usual_scope(scope: Scope, connections: Connections) -> Scope:
    """Return a provider's scope as its connection's, where it has only one: as the words of
    `/aicost` mean it."""
    if scope.kind != "provider":
        return scope
    names = [name for name, provider in connections.items() if provider == scope.name]
    return Scope("connection", names[0]) if len(names) == 1 else scope
