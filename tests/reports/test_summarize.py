"""Summaries: what is known, what is not, and why."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.db.models import Part, Restatement
from bot.language.commands import Spend
from bot.ledger.models import BalanceReading, Connection, DayFigure, Dimension, Fault, ItemFigure
from bot.reports.as_json import spend_json
from bot.reports.models import LedgerFacts, Summary
from bot.reports.summarize import summarize
from bot.scope import Scope
from bot.wording import UNATTRIBUTED
from providers.money import from_nano
from providers.period import DAY, Period, midnight

NOW = datetime(2026, 11, 23, 15, 20, tzinfo=UTC)
TODAY = NOW.date()
MTD = Period(date(2026, 11, 1), date(2026, 11, 24))
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
OPENAI = Connection("openai", "openai", "OpenAI", "postpaid", 3, charges_read_at=NOW)
OPENROUTER = Connection(
    "openrouter",
    "openrouter",
    "OpenRouter",
    "prepaid",
    3,
    charges_read_at=NOW,
    balance_read_at=NOW,
)


def asked(period: Period = MTD, scope: Scope | None = None, by: Dimension | None = None) -> Spend:
    return Spend(scope, period, "a period", by, "mtd")


def figure(
    connection: str, day: date, used: str = "1", byok: str = "0", read_at: datetime = NOW
) -> DayFigure:
    return DayFigure(connection, day, Decimal(used), Decimal(byok), read_at, read_at, read_at)


def figures(connection: str, period: Period, used: str = "1") -> list[DayFigure]:
    return [figure(connection, day, used) for day in period]


def fault(part: Part, message: str = "the key is not accepted") -> Fault:
    since = NOW - timedelta(hours=2)
    return Fault(part, "CredentialRejected", message, "Put a new key in place.", since, NOW, True)


def reading(remaining: str, usage: str = "100", read_at: datetime = NOW) -> BalanceReading:
    bought = Decimal(remaining) + Decimal(usage)
    return BalanceReading("openrouter", read_at, Decimal(remaining), bought, Decimal(usage))


def one(connection: Connection, facts: LedgerFacts, query: Spend | None = None) -> Summary:
    return summarize(query or asked(), replace(facts, connections=[connection]), NOW)


def test_used_is_the_sum_of_the_covered_days_and_left_is_the_last_reading() -> None:
    """Used and left stand side by side, and are never added."""
    facts = LedgerFacts(
        [OPENAI, OPENROUTER],
        [*figures("openai", MTD, "2"), *figures("openrouter", MTD, "1.5")],
        balances={"openrouter": [reading("40.548840863")]},
        recent=figures("openrouter", Period(date(2026, 11, 9), TODAY), "4"),
    )
    summary = summarize(asked(), facts, NOW)
    openai, openrouter = summary.connections
    assert (openai.used, openrouter.used) == (Decimal(46), Decimal("34.5"))
    assert summary.used_total == Decimal("80.5")
    assert summary.is_complete
    assert openai.left is None
    assert openrouter.left is not None
    assert openrouter.left.remaining == Decimal("40.548840863")
    assert openrouter.left.burn_per_day == 4
    assert openrouter.left.runs_out_on == date(2026, 12, 3)
    assert summary.next_limit is not None
    assert summary.next_limit.on == date(2026, 12, 3)
    assert openai.settled_until == date(2026, 11, 20)


def test_a_connection_never_read_is_unknown_and_says_what_to_do() -> None:
    """Nothing read is not nothing used."""
    fresh = Connection("openai", "openai", "OpenAI", "postpaid", 3)
    summary = one(fresh, LedgerFacts([], []))
    (openai,) = summary.connections
    assert (openai.status, openai.used, summary.used_total) == ("unknown", None, None)
    assert not summary.is_complete
    assert openai.reason is not None
    assert "aicost sync" in openai.reason
    assert summary.days == ()


@pytest.mark.parametrize(
    ("connection", "days", "balance", "status", "used", "left"),
    [
        (replace(OPENAI, faults=(fault("charges"),)), True, None, "stale", 23, None),
        (replace(OPENAI, faults=(fault("charges"),)), False, None, "unknown", None, None),
        (replace(OPENROUTER, faults=(fault("balance"),)), True, None, "stale", 23, None),
        (replace(OPENROUTER, faults=(fault("balance"),)), True, "5", "stale", 23, 5),
        (replace(OPENROUTER, faults=(fault("charges"),)), False, "5", "stale", None, 5),
        (
            replace(OPENROUTER, faults=(fault("charges"), fault("balance"))),
            False,
            None,
            "unknown",
            None,
            None,
        ),
        (replace(OPENAI, faults=(fault("names"), fault("limits"))), True, None, "ok", 23, None),
        (replace(OPENAI, faults=(fault("breakdown"),)), True, None, "ok", 23, None),
    ],
)
def test_a_failed_part_makes_stale_and_leaves_the_rest_right(
    connection: Connection,
    days: bool,
    balance: str | None,
    status: str,
    used: int | None,
    left: int | None,
) -> None:
    """Figures are shown from the ledger with the reason; only where none are it is unknown."""
    facts = LedgerFacts(
        [],
        figures(connection.name, MTD) if days else [],
        balances={connection.name: [reading(balance)] if balance else []},
    )
    summary = one(connection, facts)
    (shown,) = summary.connections
    assert shown.status == status
    assert shown.used == used
    assert (shown.left.remaining if shown.left else None) == left
    assert summary.is_complete == (status == "ok")
    if status == "ok":
        assert shown.reason is None
    else:
        assert shown.reason is not None
        assert "not accepted" in shown.reason
        assert "Put a new key in place." in shown.reason


def test_a_breakdown_by_key_says_that_its_own_endpoint_failed() -> None:
    """The split by key is a figure where it is asked for."""
    broken = replace(OPENAI, faults=(fault("breakdown", "no permission"),))
    (shown,) = one(broken, LedgerFacts([], figures("openai", MTD)), asked(by="key")).connections
    assert shown.status == "stale"
    assert shown.reason is not None
    assert "breakdown by key" in shown.reason


def test_the_running_day_alone_unpublished_is_ok_and_not_zero() -> None:
    """An empty running day is missing: used is unknown, the connection is well."""
    (shown,) = one(OPENAI, LedgerFacts([], []), asked(Period.of_day(TODAY))).connections
    assert (shown.status, shown.used, shown.missing_days) == ("ok", None, (TODAY,))
    assert shown.reason is not None
    assert "23 Nov" in shown.reason


def test_past_days_never_read_are_missing_and_nothing_is_made_of_them() -> None:
    """A past day without a reading makes the answer incomplete, and is named."""
    days = [day for day in figures("openai", MTD) if day.day != date(2026, 11, 5)]
    summary = one(OPENAI, LedgerFacts([], days))
    (shown,) = summary.connections
    assert shown.missing_days == (date(2026, 11, 5),)
    assert shown.used == 22
    assert not summary.is_complete
    assert date(2026, 11, 5) not in [day.day for day in summary.days]
    none = one(replace(OPENAI, earliest_served=MTD.start), LedgerFacts([], []), asked(OCTOBER))
    assert none.connections[0].status == "unknown"
    assert "has no data before 1 Nov 2026" in str(none.connections[0].reason)


def test_the_running_day_does_not_count_against_completeness() -> None:
    """Today not yet published leaves the month to date complete."""
    summary = one(OPENAI, LedgerFacts([], figures("openai", Period(MTD.start, TODAY))))
    assert summary.connections[0].missing_days == (TODAY,)
    assert summary.is_complete


def test_a_day_has_settled_once_it_was_read_after_settling() -> None:
    """A day last read before it had settled holds the settled date back."""
    days = figures("openai", MTD)
    early = midnight(date(2026, 11, 12))
    days[9] = figure("openai", date(2026, 11, 10), read_at=early)
    assert one(OPENAI, LedgerFacts([], days)).connections[0].settled_until == date(2026, 11, 10)
    old = replace(OPENAI, charges_read_at=NOW - timedelta(days=10))
    days = [
        replace(day, last_read_at=NOW - timedelta(days=10)) for day in figures("openai", OCTOBER)
    ]
    shown = one(old, LedgerFacts([], days), asked(OCTOBER)).connections[0]
    assert shown.settled_until == date(2026, 11, 10)


def test_old_figures_are_stale_only_where_a_limit_is_set() -> None:
    """Without a limit `as_of` alone gives the age; with one the connection is stale."""
    old = replace(OPENAI, charges_read_at=NOW - timedelta(hours=5))
    facts = LedgerFacts([old], figures("openai", MTD))
    assert summarize(asked(), facts, NOW).connections[0].status == "ok"
    calm, late = (
        replace(facts, connections=[replace(each, stale_after=age) for each in facts.connections])
        for age in (timedelta(hours=6), timedelta(hours=4))
    )
    assert summarize(asked(), calm, NOW).connections[0].status == "ok"
    shown = summarize(asked(), late, NOW).connections[0]
    assert (shown.status, shown.used) == ("stale", Decimal(23))


def test_the_change_is_about_whole_days_that_both_periods_know() -> None:
    """Twenty-two complete days are compared with the same days of last month; the running one is
    not."""
    before = Period(date(2026, 10, 1), date(2026, 10, 23))
    facts = LedgerFacts([], figures("openai", MTD, "2"), days_before=figures("openai", before, "1"))
    summary = one(OPENAI, facts)
    assert summary.compared == Period(MTD.start, TODAY)
    assert summary.compared_with == before
    assert (summary.used_compared, summary.used_before) == (Decimal(44), Decimal(22))
    holed = one(OPENAI, replace(facts, days_before=facts.days_before[1:]))
    assert holed.used_before is None
    assert one(OPENAI, LedgerFacts([], [])).compared is None


def test_byok_is_next_to_the_total_and_never_inside() -> None:
    """What others bill is left out, and the amount left out is shown."""
    days = [figure("openrouter", MTD.start, "1", "7.953691638")]
    summary = one(OPENROUTER, LedgerFacts([], days))
    assert summary.used_total == 1
    assert summary.connections[0].byok_excluded == Decimal("7.953691638")


def test_a_scope_is_a_connection_or_a_provider() -> None:
    """Also if a connection has its provider's name."""
    second = replace(OPENAI, name="openai-eu")
    facts = LedgerFacts([OPENAI, second, OPENROUTER], [])
    one, whole = Scope("connection", "openai"), Scope("provider", "openai")
    assert [c.name for c in summarize(asked(scope=one), facts, NOW).connections] == ["openai"]
    names = [c.name for c in summarize(asked(scope=whole), facts, NOW).connections]
    assert names == ["openai", "openai-eu"]


def test_restatements_of_the_period_found_this_week_are_shown() -> None:
    """A restated day is shown for a week, where it lies in the period and scope."""

    def change(connection: str, day: date, ago: int) -> Restatement:
        found = NOW - timedelta(days=ago)
        return Restatement(
            connection=connection,
            day=day,
            before=Decimal(1),
            after=Decimal(2),
            found_at=found,
            was_settled=True,
        )

    reported = change("openai", date(2026, 11, 10), 1)
    others = [
        change("openai", date(2026, 10, 10), 1),
        change("openai", date(2026, 11, 10), 8),
        change("openrouter", date(2026, 11, 10), 1),
    ]
    assert one(OPENAI, LedgerFacts([], [], restatements=[reported, *others])).restatements == (
        reported,
    )


def test_what_no_item_accounts_for_is_one_row_of_its_connection() -> None:
    """Rows that the provider attributes to none, and what is missing, are one row."""
    items = [
        ItemFigure("openai", "gpt-5", None, Decimal(15)),
        ItemFigure("openai", None, None, Decimal(3)),
    ]
    summary = one(OPENAI, LedgerFacts([], figures("openai", MTD), items=items), asked(by="model"))
    assert summary.breakdown is not None
    assert [(row.name, row.used) for row in summary.breakdown.rows] == [
        ("gpt-5", Decimal(15)),
        (UNATTRIBUTED, Decimal(8)),
    ]
    empty = one(Connection("x", "openai", "X", "postpaid", 3), LedgerFacts([], []), asked(by="key"))
    assert empty.breakdown is not None
    assert empty.breakdown.rows == ()


NANO = st.integers(-(10**12), 10**15)
KNOWN = st.lists(
    st.tuples(st.sampled_from(["openai", "openrouter"]), st.integers(0, 22), NANO, NANO),
    max_size=30,
    unique_by=lambda row: (row[0], row[1]),
)
ITEMS = st.lists(
    st.tuples(
        st.sampled_from(["openai", "openrouter", "elsewhere"]),
        st.sampled_from([None, "a", "b", "c"]),
        NANO,
    ),
    max_size=8,
    unique_by=lambda row: (row[0], row[1]),
)
FAULTS = st.lists(
    st.sampled_from(["charges", "balance", "limits", "names", "breakdown"]), unique=True
)


@given(
    days=KNOWN,
    items=ITEMS,
    faults=st.tuples(FAULTS, FAULTS),
    balance=st.none() | NANO,
    by=st.sampled_from([None, "model", "project", "key", "day"]),
)
def test_everything_adds_up_and_unknown_is_never_zero(
    days: Sequence[tuple[str, int, int, int]],
    items: Sequence[tuple[str, str | None, int]],
    faults: tuple[Sequence[Part], Sequence[Part]],
    balance: int | None,
    by: Dimension | None,
) -> None:
    """Rows, days and connections each add up to the total, in memory and in JSON; what was not
    read is null, with a reason."""
    pair = [
        replace(connection, faults=tuple(fault(part) for part in parts))
        for connection, parts in zip((OPENAI, OPENROUTER), faults, strict=True)
    ]
    known = [
        replace(figure(name, MTD.start + DAY * n), used=from_nano(used), byok_estimate=from_nano(b))
        for name, n, used, b in days
    ]
    facts = LedgerFacts(
        pair,
        known,
        items=[ItemFigure(name, item, item, from_nano(used)) for name, item, used in items],
        balances={"openrouter": [reading(str(from_nano(balance)))] if balance is not None else []},
        recent=known,
    )
    summary = summarize(asked(by=by), facts, NOW)
    shown = spend_json(summary)
    total = shown["used"]["total"]
    assert (total is None) == (not known)
    used = [Decimal(c["used"]) for c in shown["connections"] if c["used"] is not None]
    assert sum(used, Decimal(0)) == Decimal(total or 0)
    assert sum((Decimal(day["used"]) for day in shown["days"]), Decimal(0)) == Decimal(total or 0)
    assert {day["date"] for day in shown["days"]} == {day.day.isoformat() for day in known}
    if by:
        rows = shown["breakdown"]["rows"]
        assert sum((Decimal(row["used"]) for row in rows), Decimal(0)) == Decimal(total or 0)
        unattributed = [row["connection"] for row in rows if row["name"] == UNATTRIBUTED]
        assert len(unattributed) == len(set(unattributed))
    else:
        assert shown["breakdown"] is None
    for part, connection in zip(shown["connections"], pair, strict=True):
        own = [day for day in known if day.connection == connection.name]
        assert (part["used"] is None) == (not own)
        assert len(part["missing_days"]) == len(MTD) - len(own)
        if part["status"] == "unknown":
            assert part["used"] is None
            assert part["left"] is None
        if part["status"] != "ok" or part["used"] is None:
            assert part["reason"]
    is_whole = all(len(c["missing_days"]) == 0 for c in shown["connections"])
    if shown["used"]["complete"]:
        assert all(c["status"] == "ok" for c in shown["connections"])
        assert is_whole or all(
            c["missing_days"] in ([], [TODAY.isoformat()]) for c in shown["connections"]
        )
