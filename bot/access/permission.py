"""Who may do what: one pure function over one table.

=================  ======  =====  =======  ======
person             read    share  operate  manage
=================  ======  =====  =======  ======
manager            yes     yes    yes      yes
full member        yes     yes    yes      no
named viewer       yes     no     no       no
guest, stranger    no      no     no       no
=================  ======  =====  =======  ======

Managers are full members who are workspace admins or owners, or named in ``AICOST_MANAGERS``.
A viewer is a guest or a person of another workspace whom ``AICOST_VIEWERS`` names. Both name people
(``U…``) or user groups (``S…``).
"""

from dataclasses import dataclass
from typing import Literal

Act = Literal["read", "share", "operate", "manage"]
"""``operate``: acknowledge and snooze alerts, set a digest. ``manage``: budgets, low-balance
alerts, visibility, connections."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who pressed or typed, as Slack knows them at this moment."""

    id: str
    name: str
    """Text from outside."""
    zone: str
    """IANA time zone."""
    is_admin: bool = False
    """A workspace admin or owner."""
    is_guest: bool = False
    is_stranger: bool = False
    """Of another workspace, through Slack Connect."""
    is_gone: bool = False
    """Deactivated, or no person at all."""
    groups: frozenset[str] = frozenset()
    """Of the user groups that settings name, those the person is in."""
    unknown_groups: frozenset[str] = frozenset()
    """Those whose members Slack did not answer."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom the settings name: ids of people, and of user groups for everybody in them."""

    managers: frozenset[str] = frozenset()
    viewers: frozenset[str] = frozenset()

    @property
    def named_managers(self) -> tuple[str, ...]:
        """The people named one by one: those who can get a direct message."""
        return tuple(sorted(each for each in self.managers if not each.startswith("S")))

    @property
    def groups(self) -> frozenset[str]:
        """The user groups among them."""
        return frozenset(each for each in self.managers | self.viewers if each.startswith("S"))


@dataclass(frozen=True, slots=True)
class Denial:
    """Why not, in words for the person."""

    reason: str


def may(person: Person, act: Act, policy: Policy) -> Denial | None:
    """None where the person may; otherwise the reason to give."""
    if person.is_gone:
        return Denial("This account is deactivated.")
    if person.is_guest or person.is_stranger:
        return _outsider(person, act, policy)
    if act == "manage" and not is_manager(person, policy):
        return Denial(
            "Only workspace admins and the managers named in AICOST_MANAGERS can change this. "
            "Ask one of them."
        )
    return None


def is_manager(person: Person, policy: Policy) -> bool:
    """Whether this full member may change settings."""
    is_member = not (person.is_guest or person.is_stranger or person.is_gone)
    return is_member and (person.is_admin or _is_named(person, policy.managers))


def _outsider(person: Person, act: Act, policy: Policy) -> Denial | None:
    who = "People of other workspaces" if person.is_stranger else "Guests of this workspace"
    if not _is_named(person, policy.viewers):
        return Denial(
            f"{who} don't see what AI providers cost here. "
            "A manager can allow it for you by name (setting AICOST_VIEWERS)."
        )
    if act != "read":
        return Denial(f"{who} can read the figures, and do no more than that.")
    return None


def _is_named(person: Person, named: frozenset[str]) -> bool:
    return person.id in named or not person.groups.isdisjoint(named)
