"""Roles and visibility. Pure: decided from the settings, the rules, the place and the person.

=================  ======  =====  =======  ======
person             read    share  operate  manage
=================  ======  =====  =======  ======
manager            yes     yes    yes      yes
full member        yes     yes    yes      no
named viewer       yes     no     no       no
guest, stranger    no      no     no       no
=================  ======  =====  =======  ======

Managers are full members who are workspace admins or owners, or named in ``AICOST_MANAGERS``.
A lead is a full member whom ``AICOST_LEADS`` names: they may do what members may, and see what each
user costs. A viewer is a guest or a person of another workspace whom ``AICOST_VIEWERS`` names. All
name people (``U…``) or user groups (``S…``).

A visibility rule limits a channel or a user group. Answers in a limited channel are limited for
everyone. A person of limited groups sees in every place what those groups may see together, unless
they are a manager. Where both apply, only what both allow is visible.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.scope import Scope

GROUP_PREFIX = "S"
EACH_PERSON = Scope("each", "person")
ConversationKind = Literal["channel", "direct", "group"]
"""A public or private channel, a direct message, or a group direct message."""
DIRECT = "D"
"""First letter of the ids of direct messages."""
Act = Literal["read", "share", "operate", "manage"]
"""``operate``: acknowledge and snooze alerts, set a digest. ``manage``: budgets, low-balance
alerts, visibility, connections."""


@dataclass(frozen=True, slots=True)
class Person:
    """A Slack user, as Slack describes them now."""

    id: str
    name: str
    """Text from outside; escape it."""
    zone: str
    """IANA time zone."""
    is_admin: bool = False
    """A workspace admin or owner."""
    is_guest: bool = False
    is_stranger: bool = False
    """A user of another workspace, through Slack Connect."""
    is_gone: bool = False
    """Deactivated, or not a person."""
    groups: frozenset[str] = frozenset()
    """The user groups named by the settings that this person belongs to."""
    unknown_groups: frozenset[str] = frozenset()
    """The groups whose members Slack did not return."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The ids of users and user groups that the settings name."""

    managers: frozenset[str] = frozenset()
    viewers: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()

    @property
    def named_managers(self) -> tuple[str, ...]:
        """Return the user ids named one by one, who can get a direct message."""
        return tuple(sorted(each for each in self.managers if not each.startswith(GROUP_PREFIX)))

    @property
    def groups(self) -> frozenset[str]:
        """Return the user group ids that the settings name."""
        named = self.managers | self.viewers | self.leads
        return frozenset(each for each in named if each.startswith(GROUP_PREFIX))


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a person may not do something, in words for that person."""

    reason: str


def may(person: Person, act: Act, policy: Policy) -> Denial | None:
    """Return None if the person may do it, otherwise the reason to show."""
    if person.is_gone:
        return Denial("This account is deactivated.")
    if person.is_guest or person.is_stranger:
        return _outsider(person, act, policy)
    if act == "manage" and not is_manager(person, policy):
        return Denial(
            "Only workspace admins and the managers of aicost can change this. Ask one of them."
        )
    return None


def is_manager(person: Person, policy: Policy) -> bool:
    """Return True for a full member who may change settings."""
    return _is_member(person) and (person.is_admin or _is_named(person, policy.managers))


def is_lead(person: Person, policy: Policy) -> bool:
    """Return True for a full member who may see what each user costs."""
    return _is_member(person) and _is_named(person, policy.leads)


def _is_member(person: Person) -> bool:
    return not (person.is_guest or person.is_stranger or person.is_gone)


def _outsider(person: Person, act: Act, policy: Policy) -> Denial | None:
    who = "People of other workspaces" if person.is_stranger else "Guests of this workspace"
    if not _is_named(person, policy.viewers):
        return Denial(f"{who} don't see what AI providers cost here. Ask a manager for access.")
    if act != "read":
        return Denial(f"{who} can read the figures, but not change or share anything.")
    return None


def _is_named(person: Person, named: frozenset[str]) -> bool:
    return person.id in named or not person.groups.isdisjoint(named)


@dataclass(frozen=True, slots=True)
class ScopeFilter:
    """A choice of connections or projects. None means any."""

    connections: frozenset[str] | None = None
    projects: frozenset[str] | None = None
    """Names or ids, case-folded."""

    def projects_of(self, connection: str) -> frozenset[str] | None:
        """Return the visible projects of this connection, or None if all of it is visible."""
        if self.connections is not None and connection not in self.connections:
            return frozenset()
        return self.projects


@dataclass(frozen=True, slots=True)
class VisibilityRule:
    """What one channel or user group may see."""

    place: str
    """The channel ``C…`` or user group ``S…``."""
    part: ScopeFilter
    is_managed: bool = False
    """`aicost.toml` says so: it can't be changed in Slack."""


@dataclass(frozen=True, slots=True)
class VisibilityScope:
    """What a person may see in a place: the intersection of all layers."""

    layers: tuple[tuple[ScopeFilter, ...], ...] = ()
    people: frozenset[str] | None = field(default=None, compare=False)
    """The Slack ids of those whose own budgets and alerts are visible; None: everyone's. Answers
    that are the same for everyone with equal visibility contain none of these."""
    is_lead: bool = field(default=False, compare=False)
    """They may see what each user costs, of the connections that are fully visible."""

    @property
    def is_everything(self) -> bool:
        """Return True if nothing is hidden."""
        return not self.layers

    def projects_of(self, connection: str) -> frozenset[str] | None:
        """Return the visible projects of this connection, case-folded. None: all of it. Empty: none
        of it."""
        seen: frozenset[str] | None = None
        for layer in self.layers:
            allowed = _union(part.projects_of(connection) for part in layer)
            if allowed is not None:
                seen = allowed if seen is None else seen & allowed
        return seen

    def sees(self, connection: str) -> bool:
        """Return True if any part of this connection is visible."""
        return self.projects_of(connection) != frozenset()

    def sees_all(self, connections: Iterable[str]) -> bool:
        """Return True if all of these connections are fully visible."""
        return all(self.projects_of(connection) is None for connection in connections)

    def only_whole(self, connections: Sequence[str]) -> "VisibilityScope":
        """Return this without the connections of which only some projects are visible: what
        users cost isn't known by project."""
        whole = frozenset(each for each in connections if self.projects_of(each) is None)
        if len(whole) == len(connections):
            return self
        return replace(self, layers=(*self.layers, (ScopeFilter(whole),)))

    def sees_scope(self, scope: Scope, connections: Sequence[tuple[str, str]]) -> bool:
        """Return whether a budget's scope is visible; `connections` are pairs of name and provider.

        Keys and models belong to several projects, so only a person who sees everything sees them.
        Everyone sees their own, also where they see little else.
        """
        if scope.kind == "person":
            return self.people is None or scope.name in self.people
        if scope == EACH_PERSON:
            return self.people is None or bool(self.people)
        if self.is_everything:
            return True
        if scope.kind == "project" and scope.name is not None:
            wanted = scope.name.casefold()
            seen = [self.projects_of(name) for name, _ in connections]
            return any(each is None or wanted in each for each in seen)
        drawn = [name for name, provider in connections if scope.draws_on(name, provider)]
        return bool(drawn) and self.sees_all(drawn)

    def sees_named(self, item: Scope, connections: Sequence[str]) -> bool:
        """Return whether a channel may read about this item of a budget for each person, team or
        project, or about such a budget. `connections`: those that its figures are from."""
        if item.kind == "project" and item.name is not None:
            wanted, seen = item.name.casefold(), [self.projects_of(each) for each in connections]
            return all(each is None or wanted in each for each in seen)
        return self.sees_all(connections)


EVERYTHING = VisibilityScope()


def conversation_kind(channel: str, name: str = "") -> ConversationKind:
    """Return the kind of a conversation from its id and its name in Slack's payloads."""
    if channel.startswith(DIRECT) or name == "directmessage":
        return "direct"
    return "group" if name.startswith("mpdm-") else "channel"


@dataclass(frozen=True, slots=True)
class Requester:
    """A person in a Slack conversation."""

    person: Person
    channel: str
    visibility: VisibilityScope = EVERYTHING
    """What the person may see in this conversation."""
    kind: ConversationKind = "channel"
    """Kind of this conversation, as Slack's payload reports it."""

    def kind_of(self, channel: str) -> ConversationKind:
        """Return the kind of `channel`, which may differ from this conversation."""
        return (
            self.kind
            if channel == self.channel and self.kind == "group"
            else conversation_kind(channel)
        )


RequesterIn = Callable[..., Awaitable[Requester]]
"""`VisibilityService.requester`."""


def visibility_of(
    person: Person, channel: str | None, rules: Sequence[VisibilityRule], policy: Policy
) -> VisibilityScope:
    """Return what this person may see in this channel. Channel None: a place that nobody else
    reads."""
    layers: list[tuple[ScopeFilter, ...]] = [
        (rule.part,) for rule in rules if rule.place == channel
    ]
    is_channel_limited = bool(layers)
    if is_manager(person, policy):
        return VisibilityScope(tuple(layers))
    groups = tuple(rule.part for rule in rules if rule.place in person.groups)
    if groups:
        layers.append(groups)
    sees_users = is_lead(person, policy) and not is_channel_limited
    return VisibilityScope(tuple(layers), frozenset({person.id}), is_lead=sees_users)


def visibility_of_channel(channel: str, rules: Sequence[VisibilityRule]) -> VisibilityScope:
    """Return what everyone in this channel may see."""
    return VisibilityScope(tuple((rule.part,) for rule in rules if rule.place == channel))


def groups_of(rules: Iterable[VisibilityRule]) -> frozenset[str]:
    """Return the user groups whose members must be loaded."""
    return frozenset(rule.place for rule in rules if rule.place.startswith(GROUP_PREFIX))


def _union(allowed: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """Return the union of the allowed projects; None if one of them allows everything."""
    seen: frozenset[str] = frozenset()
    for each in allowed:
        if each is None:
            return None
        seen |= each
    return seen
