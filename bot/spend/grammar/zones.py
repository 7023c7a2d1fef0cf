"""Time zones as people choose them: by continent, then by city."""

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


@cache
def zones_by_continent() -> Mapping[str, Sequence[str]]:
    """IANA names, UTC under a heading of its own; old names without a continent are left out."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in sorted(available_timezones()):
        continent = name.partition("/")[0]
        if continent in _CONTINENTS:
            found[continent].append(name)
    return {UTC_NAME: [UTC_NAME], **found}


def is_zone(name: str) -> bool:
    """Whether this names a time zone."""
    return name in available_timezones()
