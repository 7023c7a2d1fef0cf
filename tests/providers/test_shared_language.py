"""Money, periods and the catalog."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import catalog
from providers.money import from_nano, parse_amount, plain, to_nano, total
from providers.period import Like, Period, utc_day

DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("0E-6176", "0"),
        ("0.000004500000000000000000000000000000000", "0.0000045"),
        ("12.50", "12.5"),
        ("+1.e-3", "0.001"),
        (7, "7"),
        (Decimal("4.6e-07"), "0.00000046"),
        ("-3.2", "-3.2"),
    ],
)
def test_amounts_of_all_forms_are_read(value: Any, amount: str) -> None:
    """Numbers and text, tiny, zero with an exponent, negative."""
    assert parse_amount(value) == Decimal(amount)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "",
        "NaN",
        "-Infinity",
        "1e400",
        "1e999999999",
        "1,5",
        "1_000",
        "١٢",
        " 12 ",
        "0" * 200,
        Decimal("1e999999999"),
        Decimal("NaN"),
        10**50,
        float("inf"),
        2e9,
        [],
        {},
    ],
)
def test_what_is_no_amount_is_refused(value: Any) -> None:
    """Nothing else is quietly an amount."""
    with pytest.raises(ValueError, match="not an amount"):
        parse_amount(value)


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_nanos_are_exact_both_ways(nano: int) -> None:
    """What is kept comes back as it was, and is written without an exponent."""
    assert to_nano(from_nano(nano)) == nano
    assert Decimal(plain(from_nano(nano))) == from_nano(nano)
    assert "E" not in plain(from_nano(nano))


@given(st.lists(st.decimals(-(10**9), 10**9, places=24, allow_nan=False), max_size=20))
def test_sums_do_not_depend_on_order(amounts: list[Decimal]) -> None:
    """No digit is lost, whatever the order."""
    assert total(amounts) == total(reversed(amounts)) == total(sorted(amounts))


def test_rounding_is_to_the_nearest_even() -> None:
    """Half a nano goes to the even neighbour, so that errors do not pile up."""
    assert to_nano(Decimal("0.0000000005")) == 0
    assert to_nano(Decimal("0.0000000015")) == 2
    assert to_nano(Decimal("-0.0000000015")) == -2


@given(DAYS, st.integers(0, 500), st.integers(1, 40))
def test_windows_cover_a_period_once(start: date, length: int, days: int) -> None:
    """Windows are newest first, none too long, and hold each day once."""
    period = Period(start, start + timedelta(days=length))
    windows = period.windows(days)
    assert [day for window in reversed(windows) for day in window] == list(period)
    assert all(0 < len(window) <= days for window in windows)


@given(DAYS, DAYS, DAYS, DAYS)
def test_clipping_keeps_the_days_in_both(a: date, b: date, c: date, d: date) -> None:
    """The clipped period has just the common days."""
    one, other = Period(min(a, b), max(a, b)), Period(min(c, d), max(c, d))
    assert set(one.clip(other)) == set(one) & set(other)


def test_a_period_ends_after_it_starts() -> None:
    """Reversed ends are refused."""
    with pytest.raises(ValueError, match="ends after"):
        Period(date(2026, 11, 2), date(2026, 11, 1))


@pytest.mark.parametrize(
    ("start", "end", "like", "before"),
    [
        ("2026-11-01", "2026-11-24", "days", "2026-10-09..2026-10-31"),
        ("2026-11-01", "2026-11-24", "month", "2026-10-01..2026-10-23"),
        ("2026-10-01", "2026-11-01", "month", "2026-09-01..2026-09-30"),
        ("2026-02-01", "2026-03-01", "month", "2026-01-01..2026-01-31"),
        ("2026-03-01", "2026-03-31", "month", "2026-02-01..2026-02-28"),
        ("2026-01-01", "2026-01-02", "month", "2025-12-01..2025-12-01"),
        ("2026-11-23", "2026-11-26", "week", "2026-11-16..2026-11-18"),
        ("2026-11-24", "2026-11-25", "week", "2026-11-17..2026-11-17"),
    ],
)
def test_a_period_is_compared_with_a_like_one(
    start: str, end: str, like: Like, before: str
) -> None:
    """As many days before; or the same weekdays of last week, or days of last month."""
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    assert str(period.before(like)) == before


def test_days_are_utc() -> None:
    """A moment's day is that of UTC, and a moment without a zone has none."""
    assert utc_day(datetime(2026, 11, 24, 1, tzinfo=timezone(timedelta(hours=2)))) == date(
        2026, 11, 23
    )
    assert utc_day(datetime(2026, 11, 24, tzinfo=UTC)) == date(2026, 11, 24)
    with pytest.raises(ValueError, match="zone"):
        utc_day(datetime(2026, 11, 24))  # noqa: DTZ001


def test_the_catalog_finds_by_name() -> None:
    """Each provider is found by its own name, in any case, and no other name finds one."""
    assert [catalog.by_name(kind.name.upper()) for kind in catalog.ALL] == list(catalog.ALL)
    assert catalog.by_name("nobody") is None
    assert len({kind.key_variable for kind in catalog.ALL}) == len(catalog.ALL)


def test_one_file_speaks_http() -> None:
    """httpx is imported in one place. No provider imports another, Slack or a database. Only the
    catalog imports providers, each of which is a folder of its own and in it once."""
    folder = Path(catalog.__file__).parent
    providers = {path.name for path in folder.iterdir() if (path / "__init__.py").exists()}
    assert sorted(providers) == sorted(kind.name for kind in catalog.ALL)
    for file in folder.rglob("*.py"):
        imported = re.findall(r"^(?:from|import) ([\w.]+)", file.read_text(), re.MULTILINE)
        assert ("httpx" in imported) == (file.name == "http.py"), file
        assert not any(
            name.split(".")[0] in ("bot", "sqlalchemy", "slack_sdk") for name in imported
        )
        if file != Path(catalog.__file__):
            others = providers - {file.parent.name}
            assert not others & {name.split(".")[1] for name in imported if "." in name}
