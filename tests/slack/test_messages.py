"""What people read: complete in words, valid at the extremes, harmless whatever the names are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.budgets.models import UpcomingLimit
from bot.db.models import Restatement
from bot.language.commands import BalanceQuery, ParseFailure, Spend, Topic
from bot.ledger.data_quality import ConnectionState
from bot.ledger.models import Dimension, Fault
from bot.notifications.models import DeliveryProblems, LimitedChannel, UndeliveredMessage
from bot.process_health import ProcessHealth
from bot.reports.messages.sharing import shared
from bot.reports.models import (
    BalanceAnswer,
    Breakdown,
    BreakdownRow,
    ConnectionSummary,
    HelpAnswer,
    RemainingBalance,
    SpendAnswer,
    StatusAnswer,
)
from bot.scope import Scope
from bot.slack.text_renderer import plain_text
from tests.harness.answers import render
from tests.slack.shown import AT, Make, Summarise, answered, check, choices, mrkdwn, values


def test_used_and_left_side_by_side(
    connection: Make, prepaid: ConnectionSummary, summary: Summarise, stop: UpcomingLimit
) -> None:
    """The total used, the change and the end of credit first, then each connection in its own
    terms."""
    message = answered(summary([connection(), prepaid], is_complete=True, next_limit=stop))
    check(message)
    assert message.text == "AI spend: $123.45 this month so far. 20% more than 9–31 Oct (+$20.00)."
    said = plain_text({"blocks": message.blocks})
    lasts = "lasts until about 3 Dec at about $4.00 a day"
    end = 0
    for line in (
        "20% more than 9–31 Oct (+$20.00).",
        "Credit until about 3 Dec: OpenRouter. Then OpenRouter requests fail until you add credit.",
        "OpenAI: $100.00 · billed by invoice",
        f"OpenRouter: $23.45 · $40.55 left, {lasts}",
        "Compared: 1–23 Nov (UTC), $120.00 without today.",
    ):
        end = said.index(f"\n{line}\n", end)


def test_connections_read_together_share_a_line(
    connection: Make, prepaid: ConnectionSummary, summary: Summarise
) -> None:
    """Others say how old their own figures are."""
    other = replace(connection(), name="other", title="Other", as_of=AT - timedelta(hours=2))
    said = check(answered(summary([connection(), prepaid, other], is_complete=True)))
    assert "OpenAI and OpenRouter: updated 24 Nov 15:20 UTC. Days after" in said
    assert f"Other: updated 24 Nov {AT - timedelta(hours=2):%H:%M} UTC" in said


def test_a_day_that_could_not_be_read_is_not_called_unpublished(
    connection: Make, summary: Summarise
) -> None:
    """The running day too: an outage says nothing of what the provider has published."""
    days = (date(2026, 11, 23), AT.date())
    said = check(answered(summary([connection(missing_days=days, used=None)])))
    assert "No data for 23–24 Nov." in said
    assert "published" not in said


def test_small_print_says_what_is_left_out(
    connection: Make,
    prepaid: ConnectionSummary,
    summary: Summarise,
    restatements: tuple[Restatement, ...],
) -> None:
    """Age, finality, what is not published, what is left out, and what was restated are said."""
    said = check(answered(summary([connection(), prepaid], restatements=restatements)))
    assert "Updated 24 Nov 15:20 UTC. Days after 20 Nov may still change." in said
    assert (
        "Not in the spend of OpenRouter: $7.95 of calls with your own provider keys. Those "
        "providers bill them."
    ) in said
    assert "OpenRouter: today is not published yet." in said
    assert "OpenAI corrected 22 Nov: $41.20 → $44.02." in said
    assert "OpenAI now reports no spend for 21 Nov. The earlier $9.00 is kept." in said


def test_unknown_is_never_zero(connection: Make, summary: Summarise) -> None:
    """Where nothing is known no figure is shown, but the reason and the remedy are."""
    unknown = connection(
        status="unknown", used=None, as_of=None, settled_until=None, reason="Key refused. Renew it."
    )
    nothing = {"compared": None, "compared_with": None, "used_compared": None, "used_before": None}
    message = answered(summary([unknown], **nothing))
    said = check(message)
    assert "$" not in said.replace("$0.00 a day", "")
    assert said.count("Key refused. Renew it.") == 1
    assert "unknown" in message.text


def test_stale_says_why_and_what_is_known(connection: Make, summary: Summarise) -> None:
    """A stale connection shows its figure, when it was last updated, and why."""
    stale = connection(status="stale", reason="No answer since 14:00. It is tried again.")
    message = answered(summary([stale], is_complete=False))
    assert plain_text({"blocks": message.blocks}).lower().count("updated") == 1
    said = check(message)
    assert "at least $100.00" in message.text
    assert "OpenAI: at least $100.00" in said
    assert "UTC. No answer since 14:00. It is tried again." in said.partition("Last updated ")[2]


def ends(left: int, on: date, earliest: date, latest: date | None) -> RemainingBalance:
    """A balance of which $4.00 a day are used, and the range of its last day."""
    return RemainingBalance(Decimal(left), None, Decimal(4), on, None, False, earliest, latest)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (
            RemainingBalance(None, None, None, None, "The key can't see it"),
            "balance unknown (The key",
        ),
        (RemainingBalance(Decimal(-3), None, Decimal(1), None), "−$3.00 left (overdrawn)"),
        (RemainingBalance(Decimal(3), None, None, None), "$3.00 left, too little data"),
        (RemainingBalance(Decimal(3), None, Decimal(0), None), "$3.00 left, not being used"),
        (
            RemainingBalance(Decimal(3), None, Decimal(4), date(2026, 11, 24)),
            "runs out today at about $4.00 a day",
        ),
        (RemainingBalance(Decimal("4.6e-7"), None, None, None), "under $0.01 left"),
        (
            RemainingBalance(Decimal(250), None, Decimal(2), date(2027, 3, 29), is_estimated=True),
            "about $250 left, lasts until about 29 Mar 2027 at about $2.00 a day",
        ),
        (
            ends(40, date(2026, 12, 3), date(2026, 12, 1), date(2026, 12, 6)),
            "lasts until 1–6 Dec at about $4.00 a day",
        ),
        (
            ends(40, date(2026, 12, 3), date(2026, 11, 30), None),
            "lasts until 30 Nov or later at about $4.00 a day",
        ),
        (
            ends(4, date(2026, 11, 24), date(2026, 11, 24), date(2026, 11, 25)),
            "runs out 24–25 Nov at about $4.00 a day",
        ),
    ],
)
def test_what_is_left(
    connection: Make, summary: Summarise, left: RemainingBalance, words: str
) -> None:
    """Every state of a balance has its words, in the summary and in the answer to balance."""
    one = summary([connection(billing="prepaid", left=left)])
    assert words in check(answered(one))
    assert words in check(render(BalanceAnswer(BalanceQuery(None), one)))


def test_answers_lead_on(connection: Make, prepaid: ConnectionSummary, summary: Summarise) -> None:
    """Each answer offers other periods, providers and breakdowns as menus, in the words of
    /aicost."""
    shown = summary([connection(), prepaid])
    asked = Spend(None, shown.period, shown.period_words, None, "2026-11-01..2026-11-24")
    offered = (("openai", "OpenAI"), ("openrouter", "OpenRouter"))
    menus = choices(render(SpendAnswer(asked, shown, offered)))
    assert menus["Period"][0] == "2026-11-01..2026-11-24"
    assert {"mtd", "yesterday", "7d", "last month"} <= set(menus["Period"])
    assert menus["Provider"] == [
        "2026-11-01..2026-11-24",
        "openai 2026-11-01..2026-11-24",
        "openrouter 2026-11-01..2026-11-24",
    ]
    assert menus["Breakdown"][1] == "2026-11-01..2026-11-24 by model"
    assert len(menus["Breakdown"]) == 7


@pytest.mark.parametrize("count", [0, 1, 7, 50])
@pytest.mark.parametrize("by", [None, "model", "project", "day"])
def test_slack_takes_messages_at_the_extremes(
    connection: Make,
    summary: Summarise,
    hostile: str,
    stop: UpcomingLimit,
    count: int,
    by: Dimension | None,
) -> None:
    """No connection or fifty, 2,000 rows, hostile names and reasons: valid, and nothing pings."""
    many = [
        connection(
            f"{hostile} {n}",
            title=f"{hostile} {n}",
            status=("ok", "stale", "unknown")[n % 3],
            reason=hostile if n % 3 else None,
            used=None if n % 3 == 2 else Decimal("4.6e-7") * 10**n if n < 16 else Decimal(-n),
            left=RemainingBalance(Decimal(10) ** 9, None, Decimal("1e-9"), None, hostile)
            if n % 2
            else None,
            missing_days=tuple(date(2026, 11, d) for d in range(1, 24, 2)),
            byok_excluded=Decimal(1),
        )
        for n in range(count)
    ]
    rows = tuple(
        BreakdownRow(f"{hostile[: n % 700]}", many[n % count].name, Decimal(n - 5))
        for n in range(2000 if count else 0)
    )
    cut = Breakdown(by, rows) if by else None
    one = summary(
        many,
        scope=Scope("connection", hostile),
        breakdown=cut,
        next_limit=replace(stop, what=hostile, consequence=hostile * 9),
    )
    for message in (
        answered(one, by),
        render(BalanceAnswer(BalanceQuery(Scope("connection", hostile)), one)),
        render(StatusAnswer(one, _states(many, hostile), TROUBLES)),
    ):
        check(message)
        for text in mrkdwn(message):
            assert "<!channel" not in text
            assert "<@" not in text


def _states(many: Sequence[ConnectionSummary], hostile: str) -> tuple[ConnectionState, ...]:
    fault = Fault("charges", "Unavailable", hostile, hostile, AT, AT, is_permanent=False)
    return tuple(
        ConnectionState(
            name=each.name,
            provider=each.provider,
            title=each.title,
            charges_read_at=each.as_of,
            balance_read_at=None,
            covered_from=date(2026, 1, 1) if each.as_of else None,
            holes=each.missing_days,
            earliest_served=None,
            degraded=hostile,
            faults=(fault,) if each.reason else (),
        )
        for each in many
    )


def test_status_says_what_failed_and_how_to_fix_it(connection: Make, summary: Summarise) -> None:
    """Status says which part failed, since when, why, and what to do."""
    one = connection(status="stale", reason="x")
    states = _states([one], "503 from the provider")
    message = render(StatusAnswer(summary([one]), states, TROUBLES))
    said = check(message)
    heading = "Status: 0 of 1 connection up to date, 1 message not posted"
    assert message.text == (
        f"{heading}. An alert for <#C1> couldn't be posted 24 Nov 12:00 UTC: is_archived."
    )
    assert "Reading spend has failed since 24 Nov 12:00 UTC: 503 from the provider" in said
    assert "2 messages are delayed; retrying." in said
    slowed = "4 messages to #C2: Slack limits posts there. Next try: 24 Nov 12:00 UTC."
    assert slowed in said
    assert "1 message to one person: Slack limits posts there." in said
    assert "An alert for #C1 couldn't be posted 24 Nov 12:00 UTC: is_archived." in said


def test_status_says_what_is_wrong_with_the_process(connection: Make, summary: Summarise) -> None:
    """A job that no longer runs, one that fails, a sync that waits for another process, and a wrong
    clock."""
    health = ProcessHealth(
        {"deliveries": timedelta(minutes=5)},
        "web-1, process 7",
        timedelta(hours=-6),
        failing_jobs={"sync": "the database has no disk space left"},
    )
    said = check(render(StatusAnswer(summary([connection()]), (), TROUBLES, health)))
    assert "Posting to Slack hasn't run for 5 minutes." in said
    assert "The sync fails: the database has no disk space left. aicost tries again." in said
    assert "The sync waits for another process: web-1, process 7." in said
    assert "is 6 hours behind the time that providers and Slack report." in said


TROUBLES = DeliveryProblems(
    3,
    2,
    (LimitedChannel("C2", 4, AT), LimitedChannel("U3", 1, AT)),
    (UndeliveredMessage("alert", "C1", "is_archived", AT),),
)
TOPICS: tuple[Topic | None, ...] = (
    None,
    "budget",
    "alerts",
    "digest",
    "balance",
    "why",
    "forecast",
    "export",
    "status",
)


@pytest.mark.parametrize("topic", TOPICS)
def test_help_shows_words_that_work(topic: Topic | None) -> None:
    """Help on everything and on each subject shows words that start with /aicost."""
    assert "/aicost" in check(render(HelpAnswer(topic)))


def test_what_is_not_understood_has_a_button_for_the_nearest(hostile: str) -> None:
    """What was not understood is said, its nearest is a button, and there are two examples."""
    puzzle = ParseFailure(f"I don't know “{hostile}”", "openai mtd", ("7d", "balance"))
    message = render(puzzle)
    check(message)
    assert values(message)[0] == "openai mtd"
    assert "/aicost 7d and /aicost balance" in plain_text({"blocks": message.blocks})
    assert all("<!" not in text for text in mrkdwn(message))


def test_shared_says_who_and_when(connection: Make, summary: Summarise, now: datetime) -> None:
    """A shared answer names who shared it, pings nobody, and can't be shared again."""
    message = shared(answered(summary([connection()])), "<!here> Ana", now)
    assert message.text.endswith(
        "Shared by &lt;!here&gt; Ana, <!date^1795533600^{date_short_pretty}"
        " at {time}|24 Nov 15:20 UTC>."
    )
    assert values(message) == ["why mtd", "export mtd"]


def test_without_a_suggestion_there_is_no_button() -> None:
    """Where there is no nearest thing there is no button for it."""
    message = render(ParseFailure("x", None, ("7d", "balance")))
    assert values(message) == ["help"]
