"""Who may do what, the whole table."""

import pytest

from bot.access.models import Act, Person, Policy, is_manager, may

POLICY = Policy(
    managers=frozenset({"MANAGER", "GUESTMANAGER"}), viewers=frozenset({"VIEWER", "STRANGEVIEWER"})
)
ADMIN = Person("ADMIN", "Ada", "UTC", is_admin=True)
MANAGER = Person("MANAGER", "Mo", "UTC")
MEMBER = Person("MEMBER", "Ben", "UTC")
GUEST = Person("GUEST", "Gil", "UTC", is_guest=True)
VIEWER = Person("VIEWER", "Vi", "UTC", is_guest=True)
STRANGER = Person("STRANGER", "Stan", "UTC", is_stranger=True)
STRANGE_VIEWER = Person("STRANGEVIEWER", "Sue", "UTC", is_stranger=True)
STRANGE_ADMIN = Person("OTHERADMIN", "Olga", "UTC", is_stranger=True, is_admin=True)
GUEST_MANAGER = Person("GUESTMANAGER", "Gus", "UTC", is_guest=True)
GONE = Person("MANAGER", "Mo", "UTC", is_gone=True)


@pytest.mark.parametrize(
    ("person", "allowed"),
    [
        (ADMIN, {"read", "share", "operate", "manage"}),
        (MANAGER, {"read", "share", "operate", "manage"}),
        (MEMBER, {"read", "share", "operate"}),
        (VIEWER, {"read"}),
        (STRANGE_VIEWER, {"read"}),
        (GUEST, set()),
        (STRANGER, set()),
        (STRANGE_ADMIN, set()),
        (GUEST_MANAGER, set()),
        (GONE, set()),
    ],
    ids=lambda value: value.name + value.id if isinstance(value, Person) else None,
)
def test_each_kind_of_person_may_do_what_the_table_says(person: Person, allowed: set[Act]) -> None:
    """Each kind of person may do exactly this, and reads why not otherwise."""
    acts: tuple[Act, ...] = ("read", "share", "operate", "manage")
    for act in acts:
        refused = may(person, act, POLICY)
        assert (refused is None) == (act in allowed)
        assert refused is None or len(refused.reason) > 20
    assert is_manager(person, POLICY) == ("manage" in allowed)
