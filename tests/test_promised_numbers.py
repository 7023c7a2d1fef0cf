"""Numbers and packages that the docs name are those of the code."""

import re
import tomllib

from bot.clock_check import TOLERANCE
from bot.config.intervals import PRODUCTION
from bot.db.cache import RESULTS_KEPT_FOR
from bot.http_connections import HEADER_SECONDS, MOST
from bot.ledger.models import ConfiguredConnection
from bot.ledger.sync_plan import REREAD_DAYS
from bot.reports import router
from bot.slack import responder, signed
from bot.web import LARGEST_REQUEST
from tests.test_promises import ROOT, page


def test_numbers_in_the_docs_are_those_of_the_code() -> None:
    """Each stands on its page as the code has it."""
    delay = ConfiguredConnection("x", "x", "x", "postpaid", 3).publication_delay
    assert signed.LONGEST_AGE == 5 * 60
    assert PRODUCTION.lease == 60
    assert (router.COMPUTED_AT_ONCE, responder.FAILURES, TOLERANCE.seconds) == (4, 3, 180)
    numbers = (
        (
            "explanation/security",
            f"{MOST} connections at most, {HEADER_SECONDS:g} seconds for the headers",
        ),
        ("explanation/security", f"{LARGEST_REQUEST >> 20} MiB for its body"),
        ("explanation/security", "within five minutes"),
        (
            "explanation/design",
            f"{delay.total_seconds() / 3600:g} hours have passed since it ended",
        ),
        ("explanation/design", f"the last {REREAD_DAYS} days are read again once a day"),
        ("explanation/design", f"for {RESULTS_KEPT_FOR.total_seconds():g} seconds at most"),
        ("explanation/design", "four are computed at a time"),
        ("explanation/design", f"after {PRODUCTION.still_working:g} seconds each person reads"),
        ("explanation/design", "fail three times in a row"),
        ("explanation/design", f"every {responder.PROBE_SECONDS:g} seconds still tries"),
        ("explanation/design", "was seen at the same claim for a minute"),
        ("how-to/monitoring", f"and {PRODUCTION.late_job:g} seconds at least"),
        ("how-to/monitoring", "by more than three minutes"),
    )
    for name, words in numbers:
        assert words in page(f"docs/{name}.md")


def test_every_package_in_the_docs_is_in_a_layer() -> None:
    """The table of packages names each of the bot's; the contract gives each a place."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    [layers] = [each["layers"] for each in contracts if each["type"] == "layers"]
    placed = {name for each in layers for name in each.split(" | ")}
    named = set(re.findall(r"`bot/(\w+)`", page("docs/architecture.md")))
    packages = {each.parent.name for each in (ROOT / "bot").glob("*/__init__.py")}
    assert packages <= named
    assert packages <= placed
