"""How much a team uses, day by day and within a day: pure functions of a seed."""

import math
from bisect import bisect_right
from datetime import date, timedelta
from hashlib import blake2b
from typing import Literal

Rhythm = Literal["office", "always", "nightly", "month end"]

_BY_WEEKDAY: dict[Rhythm, tuple[float, ...]] = {
    "office": (0.98, 1.08, 1.1, 1.06, 0.9, 0.27, 0.22),
    "always": (1.0, 1.02, 1.03, 1.02, 1.0, 0.86, 0.82),
    "nightly": (0.4, 1.1, 1.1, 1.1, 1.1, 1.1, 0.4),
    "month end": (1.0,) * 7,
}
# (hour, share of the day's volume used by then), straight lines between.
_WITHIN_DAY: dict[Rhythm, tuple[tuple[float, float], ...]] = {
    "office": ((0, 0.0), (6, 0.05), (9, 0.2), (12, 0.48), (14, 0.62), (18, 0.92), (24, 1.0)),
    "always": ((0, 0.0), (7, 0.2), (22, 0.95), (24, 1.0)),
    "nightly": ((0, 0.0), (1, 0.0), (5, 1.0), (24, 1.0)),
    "month end": ((0, 0.0), (2, 0.0), (8, 1.0), (24, 1.0)),
}
_QUIET_OUTSIDE_MONTH_END = 0.04


def usual_volume(seed: str, rhythm: Rhythm, growth: float, days_on: int, day: date) -> float:
    """Return the day's volume as a multiple of a usual day's, `days_on` days after day zero.

    `growth` is the relative change a day. Noise is a function of the seed and the day alone.
    """
    volume = math.exp(growth * days_on) * _BY_WEEKDAY[rhythm][day.weekday()]
    if rhythm == "month end" and (day + timedelta(days=1)).day != 1:
        volume *= _QUIET_OUTSIDE_MONTH_END
    return volume * math.exp(0.5 * (_uniform(seed, day) - 0.5))


def used_by(rhythm: Rhythm, since_midnight: timedelta) -> float:
    """Return the share of a day's volume used by that time after midnight, from 0 to 1."""
    hours = since_midnight / timedelta(hours=1)
    line = _WITHIN_DAY[rhythm]
    if hours <= 0:
        return 0.0
    if hours >= 24:
        return 1.0
    after = bisect_right(line, hours, key=lambda point: point[0])
    (from_hour, from_share), (to_hour, to_share) = line[after - 1], line[after]
    return from_share + (to_share - from_share) * (hours - from_hour) / (to_hour - from_hour)


def made_up_id(seed: str, name: str, length: int) -> str:
    """Return lower-case hexadecimal that looks like a provider's id and is always the same."""
    return blake2b(f"{seed}/{name}".encode(), digest_size=32).hexdigest()[:length]


def _uniform(seed: str, day: date) -> float:
    digest = blake2b(f"{seed}/{day.toordinal()}".encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48
