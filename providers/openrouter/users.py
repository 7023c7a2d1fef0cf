"""Who a row of analytics is of: a user's id and name, and never the e-mail address. Pure.

Analytics shows a user as a name and an e-mail address, without an id. Names collide and change. The
organization's list of members has ids and the same addresses, so an address is looked up there and
then dropped. What looks like an e-mail address is no name here.
"""

from collections.abc import Callable, Iterable, Mapping

from providers.openrouter.mapper import Identity
from providers.parsing import Fields, address_in, text, text_if_any
from providers.redaction import HIDDEN


def user_of(members: Iterable[Fields]) -> Callable[[Fields], Identity]:
    """Return what identifies the user of a row: the id of the member with its address. Someone who
    isn't listed, such as a former member, goes by name; without a name the cost has no user."""
    known = {
        address.casefold(): (text_if_any(row, "id"), _full_name(row))
        for row in members
        if (address := address_in(row, "email"))
    }

    def identity(row: Fields) -> Identity:
        name = _if_name(text(row, "user"))
        address = address_in(row, "user_email")
        user_id, full_name = known.get(address.casefold() if address else "", (None, None))
        return user_id or name, full_name or name

    return identity


def addresses(members: Iterable[Fields]) -> Mapping[str, str]:
    """Return the e-mail addresses of members by id; see `Provider.user_addresses`."""
    found = ((text_if_any(row, "id"), address_in(row, "email")) for row in members)
    return {user: address for user, address in found if user and address}


def _full_name(member: Fields) -> str | None:
    parts = (text_if_any(member, name) for name in ("first_name", "last_name"))
    return _if_name(" ".join(part for part in parts if part))


def _if_name(found: str | None) -> str | None:
    return found if found and "@" not in found and HIDDEN not in found else None
