"""What each place says while something fails, compared with the page that describes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.disasters import AWAY, DISASTERS
from tests.e2e.month_rules import check_alerts
from tests.e2e.test_metrics import Scrape

WELL = "all is well"
NOTHING = "–"
"""A place that says nothing of what fails."""
PLACES = ("status", "doctor", "metrics", "posted")
"""Columns of the page, and fields of a report; the last column is about Prometheus."""
PAGE = Path(__file__).parents[2] / "docs/explanation/failures.md"
HEALTH = (
    "aicost_ready",
    *("aicost_database_up", "aicost_connection_ok", "aicost_read_failing", "aicost_missing_days"),
    *("aicost_deliveries_overdue", "aicost_deliveries_given_up", "aicost_digests_paused"),
    *("aicost_slack_unknown_connections", "aicost_job_late"),
)
"""The metrics that say whether something fails."""


@dataclass(frozen=True, slots=True)
class Report:
    """What each place says while something fails."""

    status: str
    doctor: str
    metrics: str
    posted: str
    """In any channel or direct message on that day: as it is read meanwhile, and at the end."""
    scrape: Scrape | None
    """What Prometheus reads; None where no bot runs."""


def check_page(found: Mapping[str, Report], well: Report) -> None:
    """The page says what was said."""
    rows, wrong = rows_of_page(), []
    for what, report in found.items():
        for cell, place in zip(rows[what][:-1], PLACES, strict=True):
            said, words = getattr(report, place), re.findall(r"(no )?`([^`]+)`", cell)
            more = _signs(place, said) - _signs(place, getattr(well, place))
            if cell == NOTHING and more:
                wrong.append(f"{what}, {place}: more than nothing: {more}")
            elif cell != NOTHING and not words:
                wrong.append(f"{what}, {place}: nothing to compare")
            for no, each in words:
                is_there = fits(each, said)
                if is_there == bool(no) or (no and not fits(each, getattr(well, place))):
                    wrong.append(f"{what}, {place}: {no}{each}\n{said}")
    assert not wrong, "\n\n".join(wrong)
    alerts = {what: re.findall("`([^`]+)`", cells[-1]) for what, cells in rows.items()}
    scrapes = {what: report.scrape for what, report in found.items()}
    check_alerts(well.scrape, {WELL: well.scrape, **scrapes}, {WELL: [], **alerts})


def _signs(place: str, text: str) -> set[str]:
    """Return the lines that may say that something fails, without figures."""
    lines = text.splitlines()
    if place == "doctor":
        lines = [line for line in lines if not line.startswith(("ok ", " "))]
    elif place == "metrics":
        return {line for line in lines if line.startswith(HEALTH)}
    elif place == "posted":
        messages = [line for line in lines if re.match(r"C\w+: ", line)]
        lines = [line for line in messages if ": AI spend: " not in line]
    return {re.sub(r"\d+", "0", line) for line in lines}


def rows_of_page() -> dict[str, list[str]]:
    """The rows of the page: by disaster, the cell of each place, and of Prometheus."""
    rows = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and cells[0] in {*DISASTERS, AWAY}:
            rows[cells[0]] = cells[1:]
    return rows


def fits(words: str, text: str) -> bool:
    """Whether the text holds the words, in which `…` stands for any others. No word or number of
    the text goes on where the words begin or end."""
    inside = ".*?".join(map(re.escape, words.split("…")))
    before = r"(?<!\w)(?<!\d[.,])" if re.match(r"\w", words) else ""
    after = r"(?!\w|[.,]\d)" if re.search(r"\w$", words) else ""
    return re.search(f"{before}{inside}{after}", text) is not None
