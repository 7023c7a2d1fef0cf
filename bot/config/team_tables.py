"""The tables of `aicost.toml` about teams: `[[team]]` and `[[shared_cost]]`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from bot.config.environment import Problem
from bot.config.fields import explained, wrong
from bot.config.managed_tables import FileTable, Name
from bot.teams.models import AllocationRule, ItemKind, Share, Shares, Teams, whole
from providers.catalog import ALL

MOST_TEAMS = 200
MOST_NAMES = 2000
"""Of one rule."""
_KINDS: tuple[ItemKind, ...] = ("project", "key", "user")
_ADDRESS_REMEDY = "Use the name or id that `by user` shows. aicost keeps no e-mail addresses."


def _no_address(name: str) -> str:
    if "@" in name:
        raise ValueError
    return name


TeamName = Annotated[
    str,
    StringConstraints(pattern=r"^\w[\w .&-]{0,38}\w$|^\w$"),
    explained(
        "isn't a team's name",
        "Use up to 40 letters, digits, spaces, dots, dashes, underscores and &.",
    ),
]
UserName = Annotated[
    Name, AfterValidator(_no_address), explained("isn't a user's name or id", _ADDRESS_REMEDY)
]
Percent = Annotated[
    Decimal,
    Field(gt=0, le=100, decimal_places=2, allow_inf_nan=False),
    explained("isn't a percentage", "Use a number above 0 up to 100, such as 60 or 33.33."),
]


class RuleEntry(FileTable):
    """One rule of a team: items of one kind, or the rest of a connection."""

    connection: Name | None = Field(None, description="One connection; any if left out.")
    projects: tuple[Name, ...] = Field(
        (), max_length=MOST_NAMES, description="Projects, by name or id."
    )
    keys: tuple[Name, ...] = Field(
        (), max_length=MOST_NAMES, description="API keys, by their names or ids. Not the keys!"
    )
    users: tuple[UserName, ...] = Field(
        (), max_length=MOST_NAMES, description="Users, by name or id as `by user` shows them."
    )

    @model_validator(mode="after")
    def _is_about_one_kind(self) -> Self:
        named = [kind for kind in _KINDS if getattr(self, f"{kind}s")]
        if len(named) > 1:
            raise wrong(
                f"has {named[0]}s and {named[1]}s",
                "aicost doesn't read in which project a key or a user spent. Use one kind.",
            )
        if not named and self.connection is None:
            raise wrong("names nothing", "Give it projects, keys, users or a connection.")
        return self

    def rules(self, team: str, place: str) -> Iterator[AllocationRule]:
        """Yield a rule for each thing that it names."""
        items = [(kind, name) for kind in _KINDS for name in getattr(self, f"{kind}s")]
        for kind, name in items:
            yield AllocationRule(self.connection, kind, name.casefold(), whole(team), place)
        if not items:
            yield AllocationRule(self.connection, None, "", whole(team), place)


class TeamEntry(FileTable):
    """One `[[team]]`: who it is, and the charges that belong to it."""

    name: TeamName = Field(description="What people type after /aicost team.")
    rules: tuple[RuleEntry, ...] = Field(
        (), max_length=MOST_NAMES, description="A charge that one of them takes is the team's."
    )


class SharedCostEntry(FileTable):
    """One `[[shared_cost]]`: what several teams pay together, by fixed percentages."""

    connection: Name | None = Field(
        None, description="The connection; with nothing else, everything there that no rule takes."
    )
    project: Name | None = Field(None, description="One project, by name or id.")
    key: Name | None = Field(None, description="One API key, by its name or id. Not the key!")
    user: UserName | None = Field(None, description="One user, by name or id.")
    shares: Mapping[str, Percent] = Field(
        description="Percentages by team, 100 in all at most. The rest is unallocated."
    )

    @property
    def items(self) -> Sequence[tuple[ItemKind, str]]:
        """The item that it is about; empty for the rest of a connection."""
        named = ((kind, getattr(self, kind)) for kind in _KINDS)
        return [(kind, name.casefold()) for kind, name in named if name is not None]

    @model_validator(mode="after")
    def _is_about_one_thing(self) -> Self:
        if len(self.items) > 1 or not (self.items or self.connection):
            raise wrong(
                "needs one project, key or user, or else a connection", "Name exactly one of them."
            )
        if not self.shares or sum(self.shares.values()) > 100:
            raise wrong("has percentages that add up to 0 or more than 100", "Use 100 at most.")
        return self

    def rule(self, shares: Shares, place: str) -> AllocationRule:
        """Return it as a rule."""
        kind, name = self.items[0] if self.items else (None, "")
        return AllocationRule(self.connection, kind, name, shares, place)


class PersonEntry(FileTable):
    """One `[[person]]`: a Slack user, and who that is at the providers."""

    slack: Annotated[
        str,
        StringConstraints(pattern=r"^[UW][A-Z0-9]{2,20}$"),
        explained(
            "isn't the ID of a Slack user",
            "Use an ID such as U0123456789. In Slack, open the profile and choose Copy member ID.",
        ),
    ] = Field(description="ID of the Slack user.")
    users: tuple[UserName, ...] = Field(
        max_length=MOST_NAMES,
        description="Who that is at the providers, by name or id as `by user` shows them.",
    )

    @model_validator(mode="after")
    def _names_a_user(self) -> Self:
        if not self.users:
            raise wrong("names no user", "List the names or ids that `by user` shows.")
        return self


def check_people(people: Sequence[PersonEntry]) -> None:
    """Raise a validation error for a person or a provider's user that is there twice."""
    first: dict[str, int] = {}
    for number, person in enumerate(people, start=1):
        for each in {person.slack, *(user.casefold() for user in person.users)}:
            if (earlier := first.setdefault(each, number)) != number:
                raise wrong(
                    f"person {number} has the same user as person {earlier}",
                    "A Slack user is one entry, and a provider's user belongs to one person.",
                )


def people_of(entries: Sequence[PersonEntry]) -> Teams:
    """Return the people as teams of one, by their Slack ids."""
    rules = [
        AllocationRule(None, "user", user.casefold(), whole(person.slack), f"person {number}")
        for number, person in enumerate(entries, start=1)
        for user in person.users
    ]
    return Teams(tuple(person.slack for person in entries), tuple(rules))


def check_teams(teams: Sequence[TeamEntry], shared: Sequence[SharedCostEntry]) -> None:
    """Raise a validation error for two teams of one name, and for shares of unknown teams."""
    names = [each.name.casefold() for each in teams]
    if twins := [each.name for each in teams if names.count(each.name.casefold()) > 1]:
        raise wrong(f"two teams are named {twins[0]}", "Give each its own name.")
    for number, cost in enumerate(shared, start=1):
        folded = [team.casefold() for team in cost.shares]
        if unknown := [team for team in cost.shares if team.casefold() not in names]:
            raise wrong(
                f"shared_cost {number} has a share of {unknown[0]}, which isn't a team",
                "Use the names of [[team]].",
            )
        if len(set(folded)) < len(folded):
            raise wrong(f"shared_cost {number} names a team twice", "Give each one share.")


def teams_of(entries: Sequence[TeamEntry], shared: Sequence[SharedCostEntry]) -> Teams:
    """Return the teams that the file describes."""
    names = {each.name.casefold(): each.name for each in entries}
    rules = [
        rule
        for number, team in enumerate(entries, start=1)
        for entry in team.rules
        for rule in entry.rules(team.name, f"team {number}")
    ]
    for number, cost in enumerate(shared, start=1):
        parts = cost.shares.items()
        shares = tuple(Share(names[team.casefold()], percent) for team, percent in parts)
        rules.append(cost.rule(shares, f"shared_cost {number}"))
    return Teams(tuple(names.values()), tuple(rules))


def team_problems(
    teams: Teams, people: Teams, name: str, connections: Mapping[str, str], *, has_users: bool
) -> Iterator[Problem]:
    """Yield what is wrong with rules: unknown connections, costs that are never known, and charges
    that two rules take. `name`: the file's; `connections`: the provider of each, by its name."""
    known = {kind.name: kind.breakdowns for kind in ALL}
    for rule in (*teams.rules, *people.rules):
        place = f"{name}: {rule.place}"
        if rule.connection is not None and rule.connection not in connections:
            yield Problem(
                f"{place} names an unknown connection: {rule.connection}.",
                f"Use one of: {', '.join(sorted(connections))}.",
            )
        elif rule.kind == "user" and not has_users:
            yield Problem(
                f"{place} is about users, but AICOST_BREAKDOWN_BY_USER is off.",
                "Turn it on, or use projects or keys.",
            )
        elif rule.connection and rule.kind in ("key", "user"):
            provider = connections[rule.connection]
            if rule.kind not in known.get(provider, frozenset()):
                yield Problem(
                    f"{place} is about {rule.kind}s of {rule.connection}, which reports no spend "
                    f"by {rule.kind}.",
                    _other_kinds(known[provider]),
                )
    found: set[tuple[str, str, str]] = set()
    for connection in connections:
        for first, second in teams.conflicts(connection):
            problem = _conflict(name, connection, first, second)
            if (key := (first.place, second.place, problem.what)) not in found:
                found.add(key)
                yield problem


def _other_kinds(breakdowns: Collection[str]) -> str:
    return f"Use {' or '.join(['projects', *(f'{each}s' for each in sorted(breakdowns))])}."


def _conflict(name: str, connection: str, first: AllocationRule, second: AllocationRule) -> Problem:
    is_one = first.place == second.place
    both = f"{name}: {first.place}" + ("" if is_one else f" and {second.place}")
    if first.kind != second.kind:
        verb = "is" if is_one else "are"
        return Problem(
            f"{both} {verb} about {first.kind}s and {second.kind}s of {connection}: a cost could "
            "be counted twice.",
            f"Use one kind for {connection}. Rules for other connections need connection = …",
        )
    what = f"the same {first.kind}" if first.kind else "the rest"  # a name may be a secret
    verb = "takes the same cost twice" if is_one else "take the same cost"
    return Problem(
        f"{both} {verb}: {what} of {connection}.",
        "Name it once. Use [[shared_cost]] to split it.",
    )
