"""Allocation rules: which team each charge belongs to. Pure.

A provider reports spend by project, by key and by user, but not which project a key or a user spent
in. So all rules for one connection use the same dimension: with two, a charge could be counted
twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from bot.wording import UNALLOCATED
from providers.money import from_nano, to_nano

ItemKind = Literal["project", "key", "user"]


@dataclass(frozen=True, slots=True)
class Share:
    """A team's percentage of a cost."""

    team: str
    percent: Decimal
    """Above 0, up to 100."""


Shares = tuple[Share, ...]
"""Who pays a cost. The percentages add up to 100 at most; the rest is unallocated."""


def whole(team: str) -> Shares:
    """Return the shares of a cost that one team pays alone."""
    return (Share(team, Decimal(100)),)


@dataclass(frozen=True, slots=True)
class AllocationRule:
    """Who pays for one item, or for the rest of a connection."""

    connection: str | None
    """None: any connection."""
    kind: ItemKind | None
    """None: everything at the connection that no rule for an item takes."""
    name: str
    """Name or id of the item, case-folded; empty if `kind` is None."""
    shares: Shares
    place: str
    """Where the file has it: ``team 2``; empty if the file hasn't."""

    def is_for(self, connection: str) -> bool:
        """Return True if it holds for that connection."""
        return self.connection is None or self.connection == connection


@dataclass(frozen=True, slots=True)
class ConnectionAllocation:
    """The rules for one connection."""

    kind: ItemKind | None
    """What the rules are about; None: only the connection as a whole."""
    items: Mapping[str, Shares]
    """By case-folded name or id."""
    rest: Shares
    """Of everything else."""

    def shares_of(self, item_id: str, name: str | None) -> Shares | None:
        """Return the shares of an item; None if no rule names it. A rule with its id goes before
        one with its name."""
        found = self.items.get(item_id.casefold())
        return self.items.get((name or "").casefold()) if found is None else found

    def has(self, team: str) -> bool:
        """Return True if the team may pay for a part of the connection."""
        every = (self.rest, *self.items.values())
        return any(share.team == team for shares in every for share in shares)


@dataclass(frozen=True, slots=True)
class Teams:
    """Every team, in the order of the file, with the rules of all."""

    names: tuple[str, ...] = ()
    rules: tuple[AllocationRule, ...] = ()

    def called(self, name: str) -> str | None:
        """Return the team with that name, ignoring case, as the file writes it."""
        return next((each for each in self.names if each.casefold() == name.casefold()), None)

    def of(self, connection: str) -> ConnectionAllocation:
        """Return the rules for one connection, which `conflicts` has found consistent."""
        rules = [rule for rule in self.rules if rule.is_for(connection)]
        return ConnectionAllocation(
            kind=next((rule.kind for rule in rules if rule.kind), None),
            items={rule.name: rule.shares for rule in rules if rule.kind},
            rest=next((rule.shares for rule in rules if rule.kind is None), ()),
        )

    def conflicts(self, connection: str) -> Iterator[tuple[AllocationRule, AllocationRule]]:
        """Yield pairs of rules for this connection that can't both hold: they take the same, or
        use different dimensions."""
        first: dict[tuple[ItemKind | None, str], AllocationRule] = {}
        leading: AllocationRule | None = None
        for rule in self.rules:
            if not rule.is_for(connection):
                continue
            earlier = first.setdefault((rule.kind, rule.name), rule)
            if earlier is not rule:
                yield earlier, rule
            if rule.kind:
                leading = leading or rule
                if leading.kind != rule.kind:
                    yield leading, rule


NO_TEAMS = Teams()


@dataclass(frozen=True, slots=True)
class Match:
    """A provider's user who was found to be a Slack user."""

    connection: str
    user_id: str
    user_name: str | None
    slack_id: str


def with_matches(people: Teams, matches: Sequence[Match]) -> Teams:
    """Return people with the users who were found to be them. Of a user whom a rule of the file
    names, by id or name, only that rule counts."""
    named = {(rule.connection, rule.name) for rule in people.rules}
    new = [
        match
        for match in matches
        if named.isdisjoint(
            (connection, (name or match.user_id).casefold())
            for connection in (None, match.connection)
            for name in (match.user_id, match.user_name)
        )
    ]
    rules = [
        AllocationRule(each.connection, "user", each.user_id.casefold(), whole(each.slack_id), "")
        for each in new
    ]
    found = (*people.names, *(each.slack_id for each in new))
    return Teams(tuple(dict.fromkeys(found)), (*people.rules, *rules))


@dataclass(slots=True)
class PersonCosts:
    """Whose provider users are whose; shared by all who read a database in this process."""

    named: Teams = NO_TEAMS
    """As the file says, by Slack id."""
    all: Teams = NO_TEAMS
    """With those who were matched by e-mail address."""

    def match(self, matches: Sequence[Match]) -> None:
        """Replace those who were matched."""
        self.all = with_matches(self.named, matches)


_SCALE = 10**4
"""Percentages have up to two decimals, so a share is a whole number of ten-thousandths."""


def split(amount: Decimal, shares: Shares) -> Mapping[str, Decimal]:
    """Return each team's part of a cost or a credit, and what is left as `UNALLOCATED`.

    The parts add up to `amount` exactly. Nanos that can't be divided go to the largest remainders,
    and of equal ones to the first.
    """
    parts = _split_nano(to_nano(amount), _weights(shares))
    return {team: from_nano(nano) for team, nano in parts.items()}


def split_each(amounts: Iterable[Decimal], shares: Shares) -> Mapping[str, Decimal]:
    """Return the sums of the parts of several costs, each split on its own."""
    weights = _weights(shares)
    sums: dict[str, int] = {}
    for amount in amounts:
        for team, nano in _split_nano(to_nano(amount), weights).items():
            sums[team] = sums.get(team, 0) + nano
    return {team: from_nano(nano) for team, nano in sums.items()}


@lru_cache(maxsize=1000)
def _weights(shares: Shares) -> tuple[tuple[str, int], ...]:
    """Return each team's ten-thousandths, and those that are left as `UNALLOCATED`."""
    weights = {share.team: int(share.percent * 100) for share in shares}
    if left := _SCALE - sum(weights.values()):
        weights[UNALLOCATED] = left
    return tuple(weights.items())


def _split_nano(nano: int, weights: tuple[tuple[str, int], ...]) -> Mapping[str, int]:
    sign, size = (-1 if nano < 0 else 1), abs(nano)
    parts = {team: size * weight // _SCALE for team, weight in weights}
    if over := size - sum(parts.values()):
        by_remainder = sorted(weights, key=lambda each: -(size * each[1] % _SCALE))
        for team, _ in by_remainder[:over]:
            parts[team] += 1
    return parts if sign > 0 else {team: -part for team, part in parts.items()}
