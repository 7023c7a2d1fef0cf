"""The shape that `ask --json` promises."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bot.language.commands import ParseFailure, Spend
from bot.ledger.data_quality import states
from bot.ledger.models import (
    BalanceReading,
    Connection,
    DayFigure,
    Fault,
    HourFigure,
    ItemFigure,
)
from bot.notifications.models import DeliveryProblems
from bot.reports.as_json import not_understood_json, spend_json, status_json
from bot.reports.models import LedgerFacts, StatusAnswer
from bot.reports.summarize import summarize
from providers.period import DAY, Period, midnight

NOW = datetime(2026, 11, 23, 15, 20, 7, 999, tzinfo=UTC)
OPENAI = Connection("openai", "openai", "OpenAI", "postpaid", 3, charges_read_at=NOW)
OPENROUTER = Connection("openrouter", "openrouter", "OpenRouter", "prepaid", 3, charges_read_at=NOW)
YESTERDAY = Period.of_day(date(2026, 11, 22))
LAST_WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))


def figure(connection: str, day: date, used: str, byok: str = "0") -> DayFigure:
    return DayFigure(connection, day, Decimal(used), Decimal(byok), NOW, NOW, NOW)


FACTS = LedgerFacts(
    [OPENAI, OPENROUTER],
    [
        figure("openai", YESTERDAY.start, "100"),
        figure("openrouter", YESTERDAY.start, "0.00000046", "7.953691638"),
    ],
    recent=[figure("openrouter", day, "4") for day in LAST_WEEK],
    items=[ItemFigure("openai", "gpt-5", None, Decimal(80))],
    balances={
        "openrouter": [
            BalanceReading("openrouter", NOW, Decimal("40.548840863"), Decimal(50), Decimal(9))
        ]
    },
)
ASKED = Spend(None, YESTERDAY, "yesterday", "model", "yesterday")


def test_an_answer_has_exactly_this_form() -> None:
    """Amounts are strings with nine decimals, days ISO 8601, ends exclusive."""
    assert spend_json(summarize(ASKED, FACTS, NOW)) == {
        "scope": None,
        "period": {
            "start": "2026-11-22",
            "end": "2026-11-23",
            "timezone": "UTC",
            "words": "yesterday",
        },
        "used": {"total": "100.000000460", "currency": "USD", "complete": True},
        "change": {
            "period": {"start": "2026-11-22", "end": "2026-11-23"},
            "used": "100.000000460",
            "before": {"start": "2026-11-15", "end": "2026-11-16"},
            "used_before": None,
        },
        "connections": [
            {
                "name": "openai",
                "provider": "openai",
                "billing": "postpaid",
                "status": "ok",
                "as_of": "2026-11-23T15:20:07Z",
                "settled_until": "2026-11-20",
                "final_until": None,
                "used": "100.000000000",
                "used_before": None,
                "reports_spend": True,
                "left": None,
                "missing_days": [],
                "unreadable_days": [],
                "unpublished_days": [],
                "reason": None,
                "doubt": None,
            },
            {
                "name": "openrouter",
                "provider": "openrouter",
                "billing": "prepaid",
                "status": "ok",
                "as_of": "2026-11-23T15:20:07Z",
                "settled_until": "2026-11-20",
                "final_until": None,
                "used": "0.000000460",
                "used_before": None,
                "reports_spend": True,
                "left": "40.548840863",
                "missing_days": [],
                "unreadable_days": [],
                "unpublished_days": [],
                "reason": None,
                "doubt": None,
                "left_as_of": "2026-11-23T15:20:07Z",
                "left_currency": "USD",
                "left_note": None,
                "left_is_estimated": False,
                "burn_per_day": "4.000000000",
                "runs_out_on": "2026-12-03",
                "runs_out_earliest": "2026-12-03",
                "runs_out_latest": "2026-12-04",
                "runway_thin": True,
                "estimate": None,
                "byok_excluded": "7.953691638",
            },
        ],
        "breakdown": {
            "by": "model",
            "rows": [
                {
                    "name": "gpt-5",
                    "connection": "openai",
                    "used": "80.000000000",
                    "id": "gpt-5",
                    "used_before": None,
                    "kind": "item",
                },
                {
                    "name": "(unattributed)",
                    "connection": "openai",
                    "used": "20.000000000",
                    "id": None,
                    "used_before": None,
                    "kind": "rest",
                },
                {
                    "name": "(unattributed)",
                    "connection": "openrouter",
                    "used": "0.000000460",
                    "id": None,
                    "used_before": None,
                    "kind": "rest",
                },
            ],
        },
        "days": [{"date": "2026-11-22", "used": "100.000000460"}],
        "restatements": [],
        "earliest_stop": {
            "connection": "openrouter",
            "what": "OpenRouter credit",
            "on": "2026-12-03",
            "biting": False,
            "consequence": "OpenRouter requests fail until you add credit",
            "earliest": "2026-12-03",
            "latest": "2026-12-04",
            "until": None,
        },
    }


def test_unknown_is_null_everywhere() -> None:
    """A connection that was never read has no figure at all, least of all zero."""
    fresh = replace(OPENROUTER, charges_read_at=None)
    shown = spend_json(summarize(ASKED, LedgerFacts([fresh], []), NOW))
    (openrouter,) = shown["connections"]
    assert shown["used"] == {"total": None, "currency": "USD", "complete": False}
    assert openrouter["status"] == "unknown"
    for key in ("used", "left", "left_as_of", "burn_per_day", "runs_out_on", "byok_excluded"):
        assert openrouter[key] is None
    assert (openrouter["as_of"], openrouter["settled_until"]) == (None, None)
    assert shown["days"] == []
    assert shown["breakdown"] == {"by": "model", "rows": []}


def test_a_status_is_the_same_object_with_the_state_of_each_connection() -> None:
    """Faults, freshness and holes are given next to the figures."""
    since = NOW - timedelta(hours=1)
    fault = Fault("charges", "Unavailable", "it did not answer", "Wait.", since, NOW, False)
    broken = replace(OPENAI, faults=(fault,))
    days = [figure("openai", LAST_WEEK.start + DAY * n, "1") for n in (0, 1, 3, 4, 5)]
    summary = summarize(ASKED, replace(FACTS, connections=[broken]), NOW)
    found = tuple(states([broken], days, [], NOW))
    shown = status_json(StatusAnswer(summary, found, DeliveryProblems()))
    assert shown["used"]["total"] == "100.000000000"
    (state,) = shown["states"]
    assert state["covered_from"] == "2026-11-16"
    assert state["holes"] == ["2026-11-18", "2026-11-22"]
    assert state["faults"][0]["since"] == "2026-11-23T14:20:07Z"
    assert shown["deliveries"] == {
        "waiting": 0,
        "overdue": 0,
        "rate_limited": [],
        "failed": [],
        "webhook": None,
    }


def test_what_is_not_understood_is_an_error_object() -> None:
    """The message, one suggestion and examples."""
    shown = not_understood_json(ParseFailure("What?", "help", ("mtd", "balance")))
    assert shown == {
        "error": {"message": "What?", "suggestion": "help", "examples": ["mtd", "balance"]}
    }


def test_an_early_figure_has_a_key_of_its_own() -> None:
    """What the running day's hours add up to stands next to it; `used` stays null."""
    today = NOW.date()
    hours = [HourFigure("openai", midnight(today), Decimal("1.5"), True, ("gpt-6",))]
    facts = LedgerFacts([OPENAI], [], hours=hours)
    shown = spend_json(summarize(Spend(None, Period.of_day(today), "today", None, ""), facts, NOW))
    (openai,) = shown["connections"]
    assert openai["used"] is None
    assert openai["early"] == {
        "used": "1.500000000",
        "until": "2026-11-23T01:00:00Z",
        "estimated": True,
        "not_priced": ["gpt-6"],
    }
    assert shown["used"]["total"] is None
    failing = replace(
        OPENAI, faults=(Fault("charges", "Unavailable", "Down.", "Wait.", NOW, NOW, False),)
    )
    asked = Spend(None, Period.of_day(today), "today", None, "")
    shown = spend_json(summarize(asked, replace(facts, connections=[failing]), NOW))
    assert "early" not in shown["connections"][0], "nothing is said of a day that may be published"
