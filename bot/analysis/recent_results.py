"""Results that are asked for again and again, while the days of a ledger change with each sync."""

from array import array
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from typing import Generic, TypeVar

from bot.analysis.seasonality import History

T = TypeVar("T")


class RecentResults(Generic[T]):
    """The latest results of one calculation, without the histories that they were computed from:
    a year of days takes 70 KB, and each sync reads its own, its digest 16 bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[tuple[int, bytes], T] = OrderedDict()

    def get(self, history: History, compute: Callable[[], T], days: int = 0) -> T:
        """Return the result for this history and the number of `days` that it depends on."""
        key = (days, _digest(history))
        if key not in self._found:
            self._found[key] = compute()
            if len(self._found) > self._most:
                self._found.popitem(last=False)
        self._found.move_to_end(key)
        return self._found[key]


def _digest(history: History) -> bytes:
    days = array("l", [day.toordinal() for day, _ in history])
    used = " ".join([str(used) for _, used in history])
    return blake2b(days.tobytes() + used.encode(), digest_size=16).digest()
