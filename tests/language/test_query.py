"""The grammar of /aicost."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.language import commands
from bot.language.commands import ParseFailure, Query
from bot.language.names import Vocabulary
from bot.language.parser import parse
from bot.language.period_words import CALENDAR_UNITS, OTHER_WORDS, TIME_UNITS
from bot.language.text import text_of
from bot.schedule import EVERY_DAY, MONDAYS, WEEKDAYS
from bot.scope import Scope
from providers.period import Period

TODAY = date(2026, 11, 24)
VOCABULARY = Vocabulary(
    providers=("openai", "openrouter"),
    connections=("openai", "openrouter", "openai-eu", "team account"),
)
PROJECT = Scope("project", "Data Science 2")
OPENAI, OPENROUTER, ALL = (
    Scope("connection", "openai"),
    Scope("connection", "openrouter"),
    Scope("all", None),
)
STANDARD = (50, 80, 100)


def read(text: str) -> Query | ParseFailure:
    return parse(text, VOCABULARY, TODAY)


def days(first: str, last: str) -> Period:
    """Both days included."""
    return Period(date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1))


MTD = days("2026-11-01", "2026-11-24")


@pytest.mark.parametrize(
    ("text", "period", "words"),
    [
        ("", MTD, "this month so far"),
        ("mtd", MTD, "this month so far"),
        ("this month", MTD, "this month so far"),
        ("month to date", MTD, "this month so far"),
        ("today", days("2026-11-24", "2026-11-24"), "today so far"),
        ("yesterday", days("2026-11-23", "2026-11-23"), "yesterday"),
        ("1d", days("2026-11-24", "2026-11-24"), "today so far"),
        ("7d", days("2026-11-18", "2026-11-24"), "the last 7 days"),
        ("last 30 days", days("2026-10-26", "2026-11-24"), "the last 30 days"),
        ("wtd", days("2026-11-23", "2026-11-24"), "this week so far"),
        ("last week", days("2026-11-16", "2026-11-22"), "last week"),
        ("last month", days("2026-10-01", "2026-10-31"), "last month"),
        ("2026-10", days("2026-10-01", "2026-10-31"), "October 2026"),
        ("october", days("2026-10-01", "2026-10-31"), "October 2026"),
        ("december", days("2025-12-01", "2025-12-31"), "December 2025"),
        ("nov 2026", MTD, "November 2026 so far"),
        ("2026-11-05", days("2026-11-05", "2026-11-05"), "5 Nov 2026"),
        ("2026-11-01..2026-11-15", days("2026-11-01", "2026-11-15"), "1–15 Nov 2026"),
        ("2026-11-01 .. 2026-11-15", days("2026-11-01", "2026-11-15"), "1–15 Nov 2026"),
        ("2026-11-01…2026-11-15", days("2026-11-01", "2026-11-15"), "1–15 Nov 2026"),
        ("from 2026-11-01 to 2026-11-15", days("2026-11-01", "2026-11-15"), "1–15 Nov 2026"),
        ("2026-10-30..2026-11-02", days("2026-10-30", "2026-11-02"), "30 Oct – 2 Nov 2026"),
        ("2026-11-20..2026-12-05", days("2026-11-20", "2026-11-24"), "20–24 Nov 2026"),
        ("2026-09..2026-10", days("2026-09-01", "2026-10-31"), "1 Sep – 31 Oct 2026"),
    ],
)
def test_a_period_is_utc_days_up_to_the_running_one(text: str, period: Period, words: str) -> None:
    """Each period word stands for exactly these days, and is said back in words."""
    query = read(text)
    assert isinstance(query, commands.Spend)
    assert (query.period, query.period_words) == (period, words)


@pytest.mark.parametrize(
    ("text", "scope", "by", "period_text"),
    [
        ("openai last month by model", "openai", "model", "last month"),
        ("by model last month OpenAI", "openai", "model", "last month"),
        ("  OPENAI\t Last   Month  By  Model ", "openai", "model", "last month"),
        ("opnai yesteday by modle", "openai", "model", "yesterday"),
        ("openruoter lsat mnoth per projct", "openrouter", "project", "last month"),
        ("by kye", None, "key", "mtd"),
        ("by day in october", None, "day", "2026-10"),
        ("how much did we spend on open router last week?", "openrouter", None, "last week"),
        ("yesterday's costs of OpenAI", "openai", None, "yesterday"),
        ("“team account” 7d", "team account", None, "7d"),
        ("Team Account 7d by models", "team account", "model", "7d"),
        ("openai-eu", "openai-eu", None, "mtd"),
        ("all 7d", None, None, "7d"),
        ("/aicost `openrouter`", "openrouter", None, "mtd"),
    ],
)
def test_order_case_filler_and_slips_do_not_matter(
    text: str, scope: str | None, by: str | None, period_text: str
) -> None:
    """A plain question is understood however it is typed."""
    query = read(text)
    assert isinstance(query, commands.Spend)
    named = Scope("connection", scope) if scope else None
    assert (query.scope, query.by, query.period_text) == (named, by, period_text)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("balance", commands.BalanceQuery(None)),
        ("Balance of opnrouter", commands.BalanceQuery(OPENROUTER)),
        ("how much is left?", commands.BalanceQuery(None)),
        (
            "balance set openai 250 at 2026-11-01",
            commands.BalanceSet(OPENAI, Decimal(250), MTD.start),
        ),
        ("balance set openai $1,250.50", commands.BalanceSet(OPENAI, Decimal("1250.50"), None)),
        ("statsu", commands.StatusQuery()),
        ("help", commands.Help(None)),
        ("?", commands.Help(None)),
        ("help budgets", commands.Help("budget")),
        ("why", commands.Why(None, MTD, "this month so far", "mtd")),
        (
            "openai why last week",
            commands.Why(OPENAI, days("2026-11-16", "2026-11-22"), "last week", "last week"),
        ),
        (
            "why details by key",
            commands.Why(None, MTD, "this month so far", "mtd", None, "key", is_detailed=True),
        ),
        ("forecast openai", commands.ForecastQuery(OPENAI)),
        (
            "export yesterday",
            commands.Export(None, days("2026-11-23", "2026-11-23"), "yesterday", "yesterday"),
        ),
        ("budget", commands.BudgetList()),
        ("budgets list", commands.BudgetList()),
        ("budget remove 3", commands.BudgetRemove("3")),
        ("budget remove openai", commands.BudgetRemove("openai")),
        (
            "budget set openai 500 monthly at 50,80,100",
            commands.BudgetSet(OPENAI, Decimal(500), "monthly", STANDARD, (), None),
        ),
        (
            "budget openai 500",
            commands.BudgetSet(OPENAI, Decimal(500), "monthly", STANDARD, (), None),
        ),
        (
            "budget set all $1,250.50 weekly at 100% 80%",
            commands.BudgetSet(ALL, Decimal("1250.50"), "weekly", (80, 100), (), None),
        ),
        (
            "budget set project Data Science 2 300 daily in <#C0123|ops>",
            commands.BudgetSet(PROJECT, Decimal(300), "daily", STANDARD, (), "C0123"),
        ),
        (
            'budget set project "Data Science 2" 300 daily',
            commands.BudgetSet(PROJECT, Decimal(300), "daily", STANDARD, (), None),
        ),
        (
            "budget set project R&amp;D 5k",
            commands.BudgetSet(
                Scope("project", "R&D"), Decimal(5000), "monthly", STANDARD, (), None
            ),
        ),
        (
            "budget set model gpt-5 900 at 50 80 forecast at 100 mention <@U12|ann> at 80",
            commands.BudgetSet(
                Scope("model", "gpt-5"),
                Decimal(900),
                "monthly",
                (50, 80),
                (100,),
                None,
                ((80, "U12"),),
            ),
        ),
        (
            "budget set openrouter left 20",
            commands.LowBalanceSet(OPENROUTER, Decimal(20), None, None),
        ),
        ("budget set openrouter left 7d", commands.LowBalanceSet(OPENROUTER, None, 7, None)),
        ("budget set openrouter left 7 days", commands.LowBalanceSet(OPENROUTER, None, 7, None)),
        (
            "budget set openrouter left $20 in <#C0123|ops>",
            commands.LowBalanceSet(OPENROUTER, Decimal(20), None, "C0123"),
        ),
        ("alerts", commands.AlertsList()),
        ("alerts ack 3", commands.AlertsAck("3")),
        ("alerts ack", commands.AlertsAck(None)),
        ("alerts snooze 3 2h", commands.AlertsSnooze("3", timedelta(hours=2))),
        ("alerts snooze", commands.AlertsSnooze(None, timedelta(hours=1))),
        ("alerts snooze 3 until tomorrow", commands.AlertsSnooze("3", "tomorrow")),
        ("alerts snooze to the period end", commands.AlertsSnooze(None, "period end")),
        ("alerts histroy", commands.AlertsHistory()),
        (
            "digest on 09:00 weekdays Europe/London",
            commands.DigestOn(time(9), WEEKDAYS, "weekdays", "Europe/London", ALL, "full"),
        ),
        ("digest on", commands.DigestOn(time(9), EVERY_DAY, "daily", None, ALL, "full")),
        (
            "digest on 5:30pm Mon,Thu openai short",
            commands.DigestOn(time(17, 30), frozenset({0, 3}), "days", None, OPENAI, "short"),
        ),
        (
            "digest on 07:15 weekly asia/kathmandu project Search when settled by 11:00",
            commands.DigestOn(
                time(7, 15),
                MONDAYS,
                "weekly",
                "Asia/Kathmandu",
                Scope("project", "Search"),
                "full",
                time(11),
            ),
        ),
        ("digest off", commands.DigestOff(None)),
        ("digest off 2", commands.DigestOff("2")),
        ("digest", commands.DigestList()),
        ("digest preview", commands.DigestPreview(None)),
    ],
)
def test_every_word_of_the_interface_is_understood(text: str, query: Query) -> None:
    """Each text stands for exactly this command."""
    assert read(text) == query


def test_every_word_of_the_tables_of_periods_is_understood() -> None:
    """Each spelling of a unit means that unit, and another way to write a period that period."""
    for unit in TIME_UNITS:
        for spelled in unit.spellings:
            assert read(f"last 3 {spelled}") == read(f"3 {unit.name}s"), spelled
            if unit in CALENDAR_UNITS and len(spelled) > 1:
                assert read(f"last {spelled}") == read(f"last {unit.name}"), spelled
    for other, period in OTHER_WORDS.items():
        assert isinstance(read(other), commands.Spend), other
        assert read(f"openai {other} by model") == read(f"openai {period} by model"), other


@pytest.mark.parametrize(
    ("text", "in_message", "suggestion"),
    [
        ("openai-uk", "“openai-uk”", None),
        ("openai yesterday foo bar", "“foo”", "openai yesterday"),
        ("yesterday by colour", "“colour”", None),
        ("2026-11-15..2026-11-01", "later than", "2026-11-01..2026-11-15"),
        ("openai 2026-11-15..2026-11-01 by day", "later", "openai 2026-11-01..2026-11-15 by day"),
        ("openai 2026-12", "still to come", None),
        ("0000-01", "isn't in the calendar", None),
        ("2026-02-30", "isn't in the calendar", None),
        ("0d", "1 to 3660 days", None),
        ("99999999999999999999d", "1 to 3660 days", None),
        ("1999-01", "earlier", None),
        ("today yesterday", "one too many", None),
        ("openai openrouter", "One name at a time", None),
        ("mdt", "“mdt”", "mtd"),
        ("balance yesterday", "“yesterday” can't be said here", "balance"),
        ("why by day", "models, projects or keys", None),
        ("forecast by model", "Leave out", "forecast"),
        ("export by model", "every charge", "export mtd"),
        ("status yesterday", "of connections", "status"),
        ("budget set openai -5", "more than $0", None),
        ("budget set openai 500 in #ops", "Slack's list", None),
        ("budget set all left 20", "Whose", None),
        ("digest on 25:00", "isn't a valid time", None),
        ("digest on 08:00 Europe/Lodnon", "time zone", None),
        ("digest list foo", "“foo”", "digest list"),
        ("alerts snooze 3 99d", "month", None),
        ("xyzzy", "“xyzzy”", None),
        ("<@U12>", "person", "mtd by user"),
        ("x" * 5000, "5000 characters", None),
    ],
)
def test_what_is_not_understood_is_named(
    text: str, in_message: str, suggestion: str | None
) -> None:
    """The answer names what was not understood, and suggests a question only where one was
    obviously meant."""
    answer = read(text)
    assert isinstance(answer, ParseFailure)
    assert in_message in answer.message
    assert answer.suggestion == suggestion


def test_a_connection_is_meant_before_a_provider_of_the_same_name() -> None:
    """Where a connection and its provider share a name, the connection is asked about."""
    query = read("budget set openai 5")
    assert isinstance(query, commands.BudgetSet)
    assert query.scope == Scope("connection", "openai")
    provider = read("budget set provider openai 5")
    assert isinstance(provider, commands.BudgetSet)
    assert provider.scope == Scope("provider", "openai")
    other = parse("budget set openai 5", Vocabulary(("openai",), ("work",)), TODAY)
    assert isinstance(other, commands.BudgetSet)
    assert other.scope == Scope("provider", "openai")


@pytest.mark.parametrize("text", ["openai-ue 7d", "match", "opena1", "mdt", "2026-1l"])
def test_a_doubtful_slip_is_not_guessed(text: str) -> None:
    """Short parts, digits and ordinary words are asked about rather than guessed."""
    assert isinstance(read(text), ParseFailure)


FRAGMENTS = st.sampled_from(
    [
        *("openai", "openrouter", "openai-eu", "opnai", "by", "per", "model", "modle", "project"),
        *("key", "day", "today", "yesterday", "7d", "0d", "wtd", "mtd", "last", "week", "month"),
        *("2026-10", "2026-13", "0000-00", "2026-11-01..2026-11-15", "9999-12-31", "..", "…"),
        *("budget", "set", "list", "remove", "left", "at", "50,80,100", "101010%", "20", "$5"),
        *("-5", "1e9", "∞", "٣", "monthly", "daily", "in", "<#C1|x>", "<@U1>", "<!channel>"),
        *("<!subteam^S1>", "alerts", "ack", "snooze", "1h", "999999d", "tomorrow", "digest"),
        *("on", "off", "09:00", "25:99", "weekdays", "mon-fri", "Europe/London", "weekly"),
        *("when", "settled", "balance", "why", "forecast", "export", "status", "help", '"'),
        *("'", "“", "”", "`", "*", "&", "<", ">", "&lt;!channel&gt;", "\u202e", "\u200b", "👩‍👩‍👧"),
    ]
)
TEXTS = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="<>@#!|&;\"'`.-0123456789 abcdeilmoprtuy", max_size=60),
    st.lists(FRAGMENTS, max_size=10).map(" ".join),
    st.tuples(FRAGMENTS, st.text(max_size=30), FRAGMENTS).map(" ".join),
)


@given(text=TEXTS, today=st.dates(date(2016, 1, 1), date(2040, 1, 1)))
@example(text="\ud800", today=TODAY)
@example(text="\0" * 500, today=TODAY)
@example(text="9" * 600, today=TODAY)
def test_any_text_is_answered(text: str, today: date) -> None:
    """No text raises, and what is suggested or an example is understood."""
    answer = parse(text, VOCABULARY, today)
    if isinstance(answer, ParseFailure):
        assert answer.message
        for offer in filter(None, (answer.suggestion, *answer.examples)):
            assert not isinstance(parse(offer, VOCABULARY, today), ParseFailure), offer
    if isinstance(answer, commands.Spend | commands.Why | commands.Export):
        assert answer.period.start <= today
        assert len(answer.period) > 0
        assert answer.period.end <= today + timedelta(days=1)


@given(text=st.lists(FRAGMENTS, max_size=6).map(" ".join))
def test_a_question_can_be_typed_again(text: str) -> None:
    """What a question is said to be typed as is that question."""
    query = read(text)
    if isinstance(
        query,
        commands.Spend
        | commands.BalanceQuery
        | commands.StatusQuery
        | commands.Help
        | commands.Why
        | commands.ForecastQuery
        | commands.Export,
    ):
        assert read(text_of(query)) == query


@given(connection=st.text(min_size=1, max_size=20), provider=st.text(max_size=10))
def test_any_name_may_be_configured(connection: str, provider: str) -> None:
    """Whatever connections are called, no question about them raises."""
    vocabulary = Vocabulary((provider,), (connection,))
    for text in (connection, f'"{connection}"', f"budget set {connection} 5", "balance set"):
        parse(text, vocabulary, TODAY)


@pytest.mark.parametrize(
    "text",
    ["budget set openai 500 quiet", "budget set openai 500 monthly at 50 quietly in <#C1|ops>"],
)
def test_a_budget_may_end_quietly(text: str) -> None:
    """The end of its alerts is then not said in their threads; a low-balance rule's just so."""
    asked = read(text)
    assert isinstance(asked, commands.BudgetSet)
    assert asked.is_end_quiet
    floor = read("budget set openrouter left 20 quiet")
    assert isinstance(floor, commands.LowBalanceSet)
    assert floor.is_end_quiet
