"""Who sees which connections and projects: pure, from the rules, the place and the person.

A rule limits a channel or a user group. Answers in a limited channel are limited for everyone.
A person of limited groups sees in every place what those groups may see together, unless they are a
manager. Where both apply, only what both allow is visible.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.access.permission import Person, Policy, is_manager
from bot.budgets.models import Scope

GROUP_PREFIX = "S"


@dataclass(frozen=True, slots=True)
class Part:
    """Some connections, or some projects of them; None: any."""

    connections: frozenset[str] | None = None
    projects: frozenset[str] | None = None
    """Names or ids, case-folded."""

    def of(self, connection: str) -> frozenset[str] | None:
        """The projects of this connection that are seen; None: the whole of it."""
        if self.connections is not None and connection not in self.connections:
            return frozenset()
        return self.projects


@dataclass(frozen=True, slots=True)
class VisibilityRule:
    """What one channel or user group may see."""

    place: str
    """The channel ``C…`` or user group ``S…``."""
    part: Part
    is_fixed: bool = False
    """Set in `aicost.toml`: it cannot be changed in Slack."""


@dataclass(frozen=True, slots=True)
class VisibilityScope:
    """What a person may see here: what all of its layers have in common."""

    layers: tuple[tuple[Part, ...], ...] = ()

    @property
    def is_everything(self) -> bool:
        """Nothing is held back."""
        return not self.layers

    def of(self, connection: str) -> frozenset[str] | None:
        """The projects of this connection that are seen, case-folded; None: the whole of it;
        empty: nothing of it."""
        seen: frozenset[str] | None = None
        for layer in self.layers:
            allowed = _together(part.of(connection) for part in layer)
            if allowed is not None:
                seen = allowed if seen is None else seen & allowed
        return seen

    def sees(self, connection: str) -> bool:
        """Whether anything of this connection is seen."""
        return self.of(connection) != frozenset()

    def sees_all(self, connections: Iterable[str]) -> bool:
        """Whether all of these are seen whole."""
        return all(self.of(connection) is None for connection in connections)

    def sees_scope(self, scope: Scope, connections: Sequence[tuple[str, str]]) -> bool:
        """Return whether a budget's scope is visible; `connections` are pairs of name and provider.

        Keys and models belong to several projects: only a person who sees everything sees them.
        """
        if self.is_everything:
            return True
        if scope.kind == "project" and scope.name is not None:
            wanted = scope.name.casefold()
            seen = [self.of(name) for name, _ in connections]
            return any(each is None or wanted in each for each in seen)
        drawn = [name for name, provider in connections if scope.draws_on(name, provider)]
        return bool(drawn) and self.sees_all(drawn)


EVERYTHING = VisibilityScope()


def visibility_of(
    person: Person, channel: str | None, rules: Sequence[VisibilityRule], policy: Policy
) -> VisibilityScope:
    """What this person may see in this channel (None: with nobody else there)."""
    layers: list[tuple[Part, ...]] = [(rule.part,) for rule in rules if rule.place == channel]
    if not is_manager(person, policy):
        groups = tuple(rule.part for rule in rules if rule.place in person.groups)
        if groups:
            layers.append(groups)
    return VisibilityScope(tuple(layers))


def visibility_of_channel(channel: str, rules: Sequence[VisibilityRule]) -> VisibilityScope:
    """What everybody in this channel may see."""
    return VisibilityScope(tuple((rule.part,) for rule in rules if rule.place == channel))


def groups_of(rules: Iterable[VisibilityRule]) -> frozenset[str]:
    """The user groups whose members have to be known."""
    return frozenset(rule.place for rule in rules if rule.place.startswith(GROUP_PREFIX))


def merged(
    fixed: Sequence[VisibilityRule], chosen: Sequence[VisibilityRule]
) -> tuple[VisibilityRule, ...]:
    """All rules; for a place that both name, that of the file holds."""
    taken = {rule.place for rule in fixed}
    return (*fixed, *(rule for rule in chosen if rule.place not in taken))


def _together(allowed: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """What any of them allows; None where one allows the whole."""
    seen: frozenset[str] = frozenset()
    for each in allowed:
        if each is None:
            return None
        seen |= each
    return seen
