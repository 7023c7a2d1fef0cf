"""Figures, days and names in words."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import wording
from bot.slack import blocks
from providers.period import Period

amounts = st.decimals(-(10**9), 10**9, places=9, allow_nan=False, allow_infinity=False)
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (None, "unknown"),
        (Decimal(0), "$0.00"),
        (Decimal("4.6e-7"), "under $0.01"),
        (Decimal("0.005"), "under $0.01"),
        (Decimal("0.0051"), "$0.01"),
        (Decimal("-0.001"), "just below $0"),
        (Decimal("1234.5"), "$1,234.50"),
        (Decimal("-3.2"), "−$3.20"),
        (Decimal("1e9"), "$1,000,000,000.00"),
    ],
)
def test_money_reads_exactly_so(amount: Decimal | None, words: str) -> None:
    """Money reads exactly so."""
    assert wording.money(amount) == words


@given(amounts)
def test_money_is_zero_only_where_it_is(amount: Decimal) -> None:
    """What is not zero never reads as $0.00, and never needs escaping."""
    words = wording.money(amount)
    assert (words.lstrip("−") == "$0.00") == (amount == 0)
    assert blocks.escape(words) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("5723.86", "$5,724"),
        ("100.4", "$100"),
        ("87.11", "$87"),
        ("9.96", "$10"),
        ("4.237", "$4.20"),
        ("0.417", "$0.42"),
        ("0.004", "under $0.01"),
        ("0", "$0.00"),
        ("-250.6", "−$251"),
    ],
)
def test_an_estimate_is_not_shown_to_the_cent(amount: str, words: str) -> None:
    """An estimate is in whole dollars, and has two digits below ten dollars."""
    assert wording.estimate(Decimal(amount)) == words


@given(amounts, amounts)
def test_a_change_is_the_difference_of_what_is_shown(now: Decimal, before: Decimal) -> None:
    """The amount of a change is the difference of the two figures as they are shown."""
    words = wording.more_or_less(now, before) or ""
    shown = re.search(r"\$[0-9,.]+", words)
    moved = abs(_read(wording.money(now)) - _read(wording.money(before)))
    assert _read(shown[0] if shown else "") == moved


def _read(words: str) -> Decimal:
    if not words.startswith(("$", "−$")):
        return Decimal(0)
    return Decimal(words.replace("$", "").replace(",", "").replace("−", "-"))


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        ("118", "100", "$18.00 more (+18%) than"),
        ("95", "100", "$5.00 less (−5%) than"),
        ("100", "100", "about the same as"),
        ("100.1", "100", "$0.10 more (under 1%) than"),
        ("3", "0", "$3.00 more than"),
        ("0", "3", "$3.00 less (−100%) than"),
        ("1350", "100", "$1,250.00 more (+1,250%) than"),
        ("3", "-1", "$4.00 more than"),
        ("5", "0.004", "$5.00 more than"),
        ("258.624", "269.455", "$10.84 less (−4%) than"),
    ],
)
def test_a_change_has_direction_percent_and_dollars(now: str, before: str, words: str) -> None:
    """A change says direction, percent and dollars; there is no percent of nothing."""
    assert wording.more_or_less(Decimal(now), Decimal(before)) == words


def test_nothing_is_compared_with_the_unknown() -> None:
    """Nothing is compared with what is not known."""
    assert wording.more_or_less(Decimal(1), None) is None
    assert wording.more_or_less(None, Decimal(1)) is None


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-11-01", "2026-11-25", "1–24 Nov, UTC"),
        ("2026-11-24", "2026-11-25", "24 Nov, UTC"),
        ("2026-10-28", "2026-11-04", "28 Oct – 3 Nov, UTC"),
        ("2025-10-01", "2025-11-01", "1–31 Oct 2025, UTC"),
        ("2025-12-28", "2026-01-04", "28 Dec 2025 – 3 Jan 2026, UTC"),
        ("2026-11-24", "2026-11-24", "no days"),
    ],
)
def test_a_window_names_its_days(start: str, end: str, words: str) -> None:
    """A window names its first and last day, the year where it is another one, and UTC."""
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    assert wording.window(period, TODAY) == words


def test_day_list() -> None:
    """Runs of days are joined; a long list says how much is left out, and what shows it."""
    days = [date(2026, 11, n) for n in (3, 4, 5, 9)]
    assert wording.day_list(days, TODAY) == "3–5 Nov, 9 Nov"
    many = [date(2026, month, n) for month in (10, 11) for n in range(1, 32, 2) if n < 31]
    assert wording.day_list(many, TODAY).endswith("1 Nov and 14 more days (see `/aicost 2026-11`)")


def test_a_moment_is_in_the_reader_s_zone() -> None:
    """A moment is in the reader's zone in Slack and in UTC elsewhere."""
    words = blocks.moment(datetime(2026, 11, 24, 15, 20, tzinfo=UTC))
    assert words == "<!date^1795533600^{date_short_pretty} at {time}|24 Nov 15:20 UTC>"


@given(st.text(max_size=200), st.integers(2, 60))
def test_names_are_harmless(name: str, limit: int) -> None:
    """No name, whatever it holds, opens a link, a ping or a second line, or reads backwards."""
    words = blocks.name(name, limit)
    assert not set("<>\n\r\u202e\u2066\u200b") & set(words)
    assert words
    assert len(wording.tidy(name, limit)) <= max(limit, len("(no name)"))


@given(st.text(alphabet="a<>&;@!| ", max_size=60), st.integers(3, 40))
def test_clipped_mrkdwn_is_whole(raw: str, limit: int) -> None:
    """Clipping leaves neither half an entity nor an open bracket."""
    clipped = blocks.clip_mrkdwn(blocks.escape(raw) + " <!date^1^{date}|x>", limit)
    assert len(clipped) <= limit
    assert clipped.count("<") == clipped.count(">")
    rest = clipped.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert "&" not in rest


def test_lists_end_in_and() -> None:
    """Lists end in "and"; one is singular."""
    assert wording.listed([]) == ""
    assert wording.listed(["a"]) == "a"
    assert wording.listed(["a", "b", "c"]) == "a, b and c"
    assert wording.plural(1, "day") == "1 day"
    assert wording.plural(1200, "day") == "1,200 days"
    assert wording.day_name(TODAY) == "Tuesday"
    assert wording.month(TODAY) == "Nov 2026"
