"""Time zones by name, continent and city."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from zoneinfo import available_timezones

_CONTINENTS = frozenset(
    {
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    }
)
UTC_NAME = "UTC"
_LIKELY = {
    **dict.fromkeys(("est", "edt", "et", "est5edt"), "America/New_York"),
    **dict.fromkeys(("cst", "cdt", "ct", "cst6cdt"), "America/Chicago"),
    **dict.fromkeys(("mst", "mdt", "mt", "mst7mdt"), "America/Denver"),
    **dict.fromkeys(("pst", "pdt", "pt", "pst8pdt"), "America/Los_Angeles"),
    **dict.fromkeys(("gmt", "bst", "greenwich", "gb"), "Europe/London"),
    **dict.fromkeys(("wet", "west"), "Europe/Lisbon"),
    **dict.fromkeys(("cet", "cest", "met"), "Europe/Berlin"),
    **dict.fromkeys(("eet", "eest"), "Europe/Athens"),
    **dict.fromkeys(("aest", "aedt"), "Australia/Sydney"),
    **dict.fromkeys(("nz", "nzst", "nzdt"), "Pacific/Auckland"),
    "hst": "Pacific/Honolulu",
    "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
    "msk": "Europe/Moscow",
    "sgt": "Asia/Singapore",
}
_OFFSET = re.compile(r"(?:utc|gmt)?[-+−][0-9]{1,2}(?::?[0-9]{2})?|etc/.*")


@cache
def zones_by_continent() -> Mapping[str, Sequence[str]]:
    """Return IANA names by continent, with UTC under its own heading. Old names without a continent
    are left out."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in sorted(available_timezones()):
        continent = name.partition("/")[0]
        if continent in _CONTINENTS:
            found[continent].append(name)
    return {UTC_NAME: [UTC_NAME], **found}


def zone_called(name: str) -> str | None:
    """Return the IANA zone with that name or city, ignoring case.

    None for abbreviations: ``EST`` is an hour off for half the year, and ``BST`` has several
    meanings.
    """
    key = name.casefold()
    return _names().get(key) or _cities().get(key.replace("_", " ").replace("-", " "))


def likely(name: str) -> str | None:
    """Return the zone that an abbreviation or a fixed offset probably means, to suggest it;
    otherwise None."""
    key = name.casefold()
    if key in _LIKELY:
        return _LIKELY[key]
    return "Europe/Berlin" if _OFFSET.fullmatch(key) else None


@cache
def _names() -> Mapping[str, str]:
    names = [name for names in zones_by_continent().values() for name in names]
    return {name.casefold(): name for name in names}


@cache
def _cities() -> Mapping[str, str]:
    """Return zones by city. A city with two names of its zone, as ``Asia/Istanbul`` and
    ``Europe/Istanbul``, has one."""
    cities = {}
    for name in _names().values():
        cities[name.rpartition("/")[2].casefold().replace("_", " ").replace("-", " ")] = name
    return cities


def is_zone(name: str) -> bool:
    """Return True for the name of a time zone."""
    return name in available_timezones()
