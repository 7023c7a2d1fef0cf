"""Time zones as people name and choose them: by continent and city."""

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
    """IANA names, UTC under a heading of its own; old names without a continent are left out."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in sorted(available_timezones()):
        continent = name.partition("/")[0]
        if continent in _CONTINENTS:
            found[continent].append(name)
    return {UTC_NAME: [UTC_NAME], **found}


def zone_called(name: str) -> str | None:
    """The IANA zone of that name, or of that city, in any case.

    None for what is no city's clock: ``EST`` is an hour off for half the year, and ``BST`` has
    several meanings.
    """
    key = name.casefold()
    return _names().get(key) or _cities().get(key.replace("_", " ").replace("-", " "))


def likely(name: str) -> str | None:
    """The zone that an abbreviation or a fixed offset may stand for, to be named as an example;
    None where it is neither."""
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
    """Cities whose zone has two names, as ``Asia/Istanbul`` and ``Europe/Istanbul``, are one."""
    cities = {}
    for name in _names().values():
        cities[name.rpartition("/")[2].casefold().replace("_", " ").replace("-", " ")] = name
    return cities


def is_zone(name: str) -> bool:
    """Whether this names a time zone."""
    return name in available_timezones()
