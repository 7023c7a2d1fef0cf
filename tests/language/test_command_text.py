"""A command that is written as text and read again is the same command."""

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.language import commands
from bot.language.adjustment import AmountDifference, BudgetAdjustment
from bot.language.commands import ParseFailure, Query
from bot.language.text import text_of
from bot.schedule import EVERY_DAY, MONDAYS, WEEKDAYS
from bot.scope import Scope
from tests.language.test_grammar import AMOUNTS, ITEMS, PROJECTS, TODAY, phrases, read

names = st.sampled_from(
    [*PROJECTS, "not in the ledger", "R&D", "acme.com", "a 500 b", 'Old "Beta" Project']
)
scopes = st.one_of(
    st.sampled_from(
        [Scope("all"), Scope("connection", "openai"), Scope("connection", "openrouter")]
    ),
    st.builds(Scope, st.just("project"), names),
    st.sampled_from(ITEMS),
)
connections = st.sampled_from([Scope("connection", "openai"), Scope("provider", "openrouter")])
channels = st.sampled_from([None, "C0123"])
percents = st.lists(st.integers(1, 1000), min_size=1, max_size=10, unique=True).map(
    lambda found: tuple(sorted(found))
)
days = st.dates(date(2016, 1, 1), TODAY)
numbers = st.integers(1, 9999).map(str)
pages = st.integers(1, 99)
filters = st.builds(
    commands.AlertFilter,
    st.one_of(st.none(), scopes.filter(lambda scope: scope.kind != "all")),
    channels,
    st.sampled_from([None, "open", "acknowledged", "snoozed"]),
    pages,
)
questions = st.tuples(
    st.sampled_from(["", "why ", "forecast ", "export ", "balance ", "status", "help"]),
    st.lists(
        st.sampled_from(
            [
                *("openai", "project search", '"Data Science 2"', "gpt-5", "last week", "q3"),
                *("since monday", "2026-11-01..2026-11-15", "3 weeks", "by model", "by week"),
                *("by project and model", "top 5", "vs last month", "vs openrouter", "2025"),
                *("yesterday", "2 months ago", "key ci", "last friday", "nov 1-15", "ytd"),
            ]
        ),
        max_size=4,
        unique=True,
    ).map(" ".join),
).map("".join)
changes = st.one_of(
    st.builds(
        commands.BudgetSet,
        scopes,
        AMOUNTS,
        st.sampled_from(["daily", "weekly", "monthly"]),
        percents,
        st.one_of(st.just(()), percents),
        channels,
        st.sampled_from([(), ((50, "U1"),), ((50, "U1"), (80, "U1"), (80, "S2"))]),
        st.booleans(),
    ),
    st.builds(
        commands.LowBalanceSet, connections, AMOUNTS, st.none(), channels, st.just(((0, "U1"),))
    ),
    st.builds(commands.LowBalanceSet, connections, st.none(), st.integers(1, 999), channels),
    st.builds(
        BudgetAdjustment,
        st.one_of(st.none(), scopes),
        st.builds(
            AmountDifference, st.sampled_from([Decimal(-25), Decimal("12.5")]), st.booleans()
        ),
        st.sampled_from([None, "daily", "monthly"]),
        channels,
    ),
    st.builds(commands.BudgetRemove, numbers),
    st.builds(commands.BudgetRemove, st.sampled_from(["openai", "project search", "all"])),
    st.builds(
        commands.BudgetList,
        pages,
        st.one_of(st.none(), scopes.filter(lambda scope: scope.kind != "all")),
    ),
    st.builds(commands.AlertsList, filters),
    st.builds(commands.AlertsHistory, filters),
    st.builds(commands.AlertsAck, st.one_of(st.none(), numbers)),
    st.builds(
        commands.AlertsSnooze,
        st.one_of(st.none(), numbers),
        st.one_of(
            st.integers(1, 40000).map(lambda minutes: timedelta(minutes=minutes)),
            st.sampled_from(["tomorrow", "period end"]),
        ),
    ),
    st.builds(commands.AnomalyAlertsSet, st.booleans(), channels),
    st.builds(
        commands.DigestOn,
        st.times(time(0), time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0)),
        *(st.just(EVERY_DAY), st.just("daily")),
        *(st.sampled_from([None, "Europe/Berlin", "America/New_York", "UTC"]),),
        scopes.filter(lambda scope: scope.kind not in ("key", "model")),
        *(st.sampled_from(["short", "full"]), st.sampled_from([None, time(11)]), channels),
    ),
    st.sampled_from(
        [
            commands.DigestOn(time(9), WEEKDAYS, "weekdays", None, Scope("all"), "full"),
            commands.DigestOn(time(9), MONDAYS, "weekly", None, Scope("all"), "full"),
            commands.DigestOn(time(9), frozenset({2}), "weekly", None, Scope("all"), "full"),
            commands.DigestOn(time(9), frozenset({0, 6}), "days", None, Scope("all"), "full"),
            commands.DigestOn(time(9), EVERY_DAY, "monthly", None, Scope("all"), "full"),
            *(
                commands.DigestList(),
                commands.DigestList(3),
                commands.DigestList(2, is_everywhere=True),
                commands.DigestOff(None),
                commands.DigestPreview(None),
            ),
        ]
    ),
    st.builds(commands.DigestOff, numbers),
    st.builds(commands.DigestPreview, numbers),
    st.builds(commands.BalanceSet, connections, AMOUNTS, st.one_of(st.none(), days)),
    st.builds(
        commands.BalanceAdd,
        connections,
        AMOUNTS,
        st.one_of(st.none(), days),
        st.just(date(2028, 1, 1)),
    ),
    st.builds(commands.BalanceForget, connections),
    st.sampled_from(
        [
            commands.BalanceQuery(None),
            commands.BalanceQuery(Scope("provider", "openai")),
            commands.StatusQuery(),
            commands.Help("why"),
        ]
    ),
)


@given(command=changes)
def test_a_command_as_text_is_that_command(command: Query) -> None:
    """Every command object is printed as a text that is read as the same object."""
    assert read(text_of(command)) == command


@given(text=questions)
def test_a_question_as_text_is_that_question(text: str) -> None:
    """So is every question, with what it is about, its periods and its breakdowns."""
    asked = read(text)
    if not isinstance(asked, ParseFailure):
        assert read(text_of(asked)) == asked


def test_what_is_missing_is_kept_as_text() -> None:
    """A change of which something is missing prints as a text that lacks the same."""
    asked = [read(text) for text, _ in phrases("phrases.txt")]
    forms = [each for each in asked if isinstance(each, commands.Incomplete)]
    assert len(forms) >= 15
    for form in forms:
        again = read(text_of(form))
        assert isinstance(again, commands.Incomplete)
        assert replace(again, message=form.message) == form
