"""What people read: complete in words, valid at the extremes, harmless whatever the names are."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.budgets.models import UpcomingLimit
from bot.db.models import Restatement
from bot.language.commands import BalanceQuery, Help, ParseFailure, Spend, Topic
from bot.ledger.data_quality import ConnectionState, ProcessHealth
from bot.ledger.models import By, Fault
from bot.notifications.models import DeliveryProblems, LimitedChannel, UndeliveredMessage
from bot.reports.messages.sharing import shared
from bot.reports.models import (
    UNATTRIBUTED,
    BalanceAnswer,
    Breakdown,
    BreakdownRow,
    ConnectionSummary,
    DayUsed,
    Left,
    SpendAnswer,
    StatusAnswer,
    Summary,
)
from bot.slack.charts import charts_as_text
from bot.slack.message import Message
from bot.slack.text_renderer import plain_text
from bot.wording import ROUNDED, money
from providers.money import cents, total
from providers.period import DAY, Period
from simulators.slack.limits import blocks_problems
from tests.harness.answers import render

Make = Callable[..., ConnectionSummary]
Summarise = Callable[..., Summary]
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def answered(summary: Summary, by: By | None = None) -> Message:
    """The message that answers the question behind a summary."""
    asked = Spend(summary.scope, summary.period, summary.period_words, by, "mtd")
    return render(SpendAnswer(asked, summary))


def check(message: Message) -> str:
    """Slack takes it, with and without charts; all that it says."""
    for one in (message, charts_as_text(message), shared(message, "Ana", AT)):
        assert not blocks_problems(list(one.blocks), "message")
        assert len(one.blocks) <= 50
        assert len({block.get("block_id") for block in one.blocks} - {None}) == sum(
            "block_id" in block for block in one.blocks
        )
    assert message.text
    return message.text + "\n" + plain_text({"blocks": message.blocks})


def values(message: Message) -> list[str]:
    """What the message's buttons would ask, in order."""
    return [
        element["value"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "button"
    ]


def choices(message: Message) -> dict[str, list[str]]:
    """What the message's menus would ask, by the menu's name."""
    return {
        element["placeholder"]["text"]: [option["value"] for option in element["options"]]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "static_select"
    }


def test_used_and_left_side_by_side(
    connection: Make, prepaid: ConnectionSummary, summary: Summarise, stop: UpcomingLimit
) -> None:
    """Each connection in its own terms, the total used, the change, and what stops first."""
    message = answered(summary([connection(), prepaid], is_complete=True, next_limit=stop))
    check(message)
    assert message.text == (
        "AI spend: $123.45 this month so far. "
        "1–24 Nov (UTC). 1–23 Nov: $20.00 more (+20%) than 9–31 Oct."
    )
    said = plain_text({"blocks": message.blocks})
    for line in (
        "OpenAI: $100.00 · postpaid",
        "OpenRouter: $23.45 · $40.55 left, lasts until about 3 Dec at $4.00 a day",
        "Next limit: OpenRouter credit, about 3 Dec. Then requests fail until you add credit.",
    ):
        assert f"\n{line}\n" in said


def test_small_print(
    connection: Make,
    prepaid: ConnectionSummary,
    summary: Summarise,
    restatements: tuple[Restatement, ...],
) -> None:
    """Age, finality, what is not published, what is left out, and what was restated are said."""
    said = check(answered(summary([connection(), prepaid], restatements=restatements)))
    assert "Updated 24 Nov 15:20 UTC · settled up to 20 Nov; later days may still change." in said
    assert "Excludes $7.95 billed by other providers (your own keys)." in said
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
    """A stale connection shows its figure, that it is not up to date, and why."""
    stale = connection(status="stale", reason="No answer since 14:00. It is tried again.")
    message = answered(summary([stale], is_complete=False))
    said = check(message)
    assert "at least $100.00" in message.text
    assert "Not up to date: No answer since 14:00. It is tried again." in said


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (Left(None, None, None, None, "The key can't see it"), "balance unknown (The key"),
        (Left(Decimal(-3), None, Decimal(1), None), "−$3.00 left (overdrawn)"),
        (Left(Decimal(3), None, None, None), "$3.00 left, too little data"),
        (Left(Decimal(3), None, Decimal(0), None), "$3.00 left, not being used"),
        (Left(Decimal(3), None, Decimal(4), date(2026, 11, 24)), "runs out today at $4.00 a day"),
        (Left(Decimal("4.6e-7"), None, None, None), "under $0.01 left"),
        (
            Left(Decimal(250), None, Decimal(2), date(2027, 3, 29), is_estimated=True),
            "about $250.00 left (estimated), lasts until about 29 Mar 2027 at $2.00 a day",
        ),
    ],
)
def test_what_is_left(connection: Make, summary: Summarise, left: Left, words: str) -> None:
    """Every state of a balance has its words, in the summary and in the answer to balance."""
    one = summary([connection(billing="prepaid", left=left)])
    assert words in check(answered(one))
    assert words in check(render(BalanceAnswer(BalanceQuery(None), one)))


def test_a_row_is_rounded_on_its_own(
    connection: Make,
    prepaid: ConnectionSummary,
    summary: Summarise,
    breakdown: Callable[..., Breakdown],
) -> None:
    """Each row reads as its own amount; where they don't add up, a footnote says so."""
    cut = breakdown("model", 60)
    message = answered(summary([connection(), prepaid], breakdown=cut), "model")
    check(message)
    (table,) = [block for block in message.blocks if block["type"] == "data_table"]
    said = {row[0]["text"]: row[2]["text"] for row in table["rows"][1:]}
    assert "(unattributed)" in said
    assert "39 more" in said
    amounts = {row.name: row.used for row in cut.rows}
    assert all(said[name] == money(amounts[name]) for name in said if name in amounts)
    rows = [Decimal(text.strip("$").replace(",", "")) for text in said.values() if text[0] == "$"]
    is_even = sum(rows) == cents(total(amounts.values()))
    assert (ROUNDED in plain_text({"blocks": message.blocks})) != is_even
    assert values(message)[:2] == ["mtd by project", "mtd"]


def test_no_shares_of_what_has_credits(
    connection: Make, summary: Summarise, breakdown: Callable[..., Breakdown]
) -> None:
    """With a credit among the rows there are no shares, and it stands below them."""
    amounts = ["2.25", "1.25", "0.75", "0.13080438", "-4.82", "1.50"]
    rows = [
        BreakdownRow(f"model {n}" if n < 5 else UNATTRIBUTED, "openai", Decimal(used))
        for n, used in enumerate(amounts)
    ]
    used = summary([connection()], breakdown=Breakdown("model", tuple(rows)))
    message = answered(used, "model")
    (table,) = [block for block in message.blocks if block["type"] == "data_table"]
    assert [cell["text"] for cell in table["rows"][0]] == ["Model", "Spend"]
    assert table["rows"][-1][1]["text"] == "−$4.82"
    assert not [block for block in message.blocks if block["type"] == "data_visualization"]


def test_a_day_reads_the_same_in_table_and_chart(
    connection: Make, prepaid: ConnectionSummary, summary: Summarise
) -> None:
    """What the connections used of a day is in the table the amount that the chart draws."""
    parts = (("openai", Decimal("187.9051")), ("openrouter", Decimal("0.3343")))
    days = tuple(
        DayUsed(date(2026, 11, 20) + DAY * n, total(used for _, used in parts), parts)
        for n in range(3)
    )
    used = summary([connection(), prepaid], days=days)
    cut = Breakdown("day", (BreakdownRow("20 Nov", "openai", Decimal(3)),))
    message = answered(replace(used, breakdown=cut), "day")
    (table,) = [block for block in message.blocks if block["type"] == "data_table"]
    assert [cell["text"] for cell in table["rows"][1][1:]] == ["$188.24", "$187.91", "$0.33"]
    (drawn,) = [b["chart"] for b in answered(used).blocks if b["type"] == "data_visualization"]
    assert [one["data"][0]["value"] for one in drawn["series"]] == [187.91, 0.33]


def test_a_share_is_what_its_row_says(
    connection: Make,
    prepaid: ConnectionSummary,
    summary: Summarise,
    breakdown: Callable[..., Breakdown],
) -> None:
    """Parts are drawn in the cents of their rows; parts below a cent are drawn all the same."""
    message = answered(summary([connection(), prepaid], breakdown=breakdown("model", 4)), "model")
    (table,) = [block for block in message.blocks if block["type"] == "data_table"]
    [drawn] = [b["chart"] for b in message.blocks if b["type"] == "data_visualization"]
    said = {row[0]["text"]: row[2]["text"] for row in table["rows"][1:]}
    shares = {part["label"]: part["value"] for part in drawn["segments"]}
    assert [said[label] for label, value in shares.items() if value > 1] == [
        f"${value:.2f}" for value in shares.values() if value > 1
    ]
    assert min(shares.values()) == 0.004


def test_answers_lead_on(connection: Make, prepaid: ConnectionSummary, summary: Summarise) -> None:
    """Each answer offers other periods, providers and cuts as menus, in the words of /aicost."""
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


def test_connections_are_rounded_on_their_own(connection: Make, summary: Summarise) -> None:
    """Where what connections used does not add up as shown, a footnote says so."""
    thirds = [connection(str(n), title=f"Account {n}", used=Decimal("1.334")) for n in range(3)]
    message = answered(summary(thirds))
    said = plain_text({"blocks": message.blocks})
    assert message.text.startswith("AI spend: $4.00 ")
    assert re.findall(r"Account \d: \$([0-9.]+)", said) == ["1.33"] * 3
    assert ROUNDED in said


def test_days_without_figures_have_no_bar(
    connection: Make, prepaid: ConnectionSummary, summary: Summarise
) -> None:
    """A day that a connection does not cover is left out of the chart, not drawn as zero."""
    hole = date(2026, 11, 20)
    gap = replace(prepaid, missing_days=(hole, date(2026, 11, 24)))
    message = answered(summary([connection(), gap]))
    (chart,) = [block for block in message.blocks if block["type"] == "data_visualization"]
    drawn = chart["chart"]["axis_config"]["categories"]
    assert "19 Nov" in drawn
    assert "20 Nov" not in drawn
    assert "24 Nov" not in drawn


def test_long_periods_are_drawn_whole_by_weeks_and_months(
    connection: Make, summary: Summarise
) -> None:
    """Beyond a month bars are weeks, beyond twenty weeks months: together they are the total, and
    labels say which are not whole."""
    for length, unit, parts in (
        (90, "week", ["24 Aug (4 days)", "9 Nov (6 days)", "23 Nov so far"]),
        (365, "month", ["Nov 2025 (6 days)", "Nov 2026 (23 days)"]),
    ):
        period = Period(date(2026, 11, 25) - DAY * length, date(2026, 11, 25))
        days = tuple(
            DayUsed(day, Decimal(1), (("openai", Decimal(1)),))
            for day in period
            if day != date(2026, 11, 10)
        )
        message = answered(summary([connection()], period=period, days=days))
        check(message)
        (drawn,) = [block for block in message.blocks if block["type"] == "data_visualization"]
        assert drawn["title"] == f"Spend by {unit}"
        labels = drawn["chart"]["axis_config"]["categories"]
        assert [each for each in labels if each.endswith((")", "far"))] == parts
        assert sum(bar["value"] for bar in drawn["chart"]["series"][0]["data"]) == len(days)


@pytest.mark.parametrize("count", [0, 1, 7, 50])
@pytest.mark.parametrize("by", [None, "model", "project", "day"])
def test_extremes(
    connection: Make,
    summary: Summarise,
    hostile: str,
    stop: UpcomingLimit,
    count: int,
    by: By | None,
) -> None:
    """No connection or fifty, 2,000 rows, hostile names and reasons: valid, and nothing pings."""
    many = [
        connection(
            f"{hostile} {n}",
            title=f"{hostile} {n}",
            status=("ok", "stale", "unknown")[n % 3],
            reason=hostile if n % 3 else None,
            used=None if n % 3 == 2 else Decimal("4.6e-7") * 10**n if n < 16 else Decimal(-n),
            left=Left(Decimal(10) ** 9, None, Decimal("1e-9"), None, hostile) if n % 2 else None,
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
        scope=hostile,
        breakdown=cut,
        next_limit=replace(stop, what=hostile, consequence=hostile * 9),
    )
    for message in (
        answered(one, by),
        render(BalanceAnswer(BalanceQuery(hostile), one)),
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


def mrkdwn(message: Message) -> list[str]:
    """Every text of a message in which Slack reads marks and mentions."""
    found = [message.text]

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if node.get("type") == "mrkdwn":
                found.append(str(node["text"]))
            for value in node.values():
                walk(value)
        elif isinstance(node, list | tuple):
            for value in node:
                walk(value)

    walk(list(message.blocks))
    return found


def test_status_says_what_failed_and_the_mend(connection: Make, summary: Summarise) -> None:
    """Status says which part failed, since when, why, and what to do."""
    one = connection(status="stale", reason="x")
    states = _states([one], "503 from the vendor")
    message = render(StatusAnswer(summary([one]), states, TROUBLES))
    said = check(message)
    assert message.text == "Status: 0 of 1 connection up to date. OpenAI – not up to date"
    assert "Spend couldn't be read since 24 Nov 12:00 UTC: 503 from the vendor" in said
    assert "2 messages are delayed; retrying." in said
    slowed = "4 messages to #C2: Slack limits posts there. Next try: 24 Nov 12:00 UTC."
    assert slowed in said
    assert "1 message to one person: Slack limits posts there." in said
    assert "An alert for #C1 couldn't be posted 24 Nov 12:00 UTC: is_archived." in said


def test_status_says_what_is_wrong_with_the_process(connection: Make, summary: Summarise) -> None:
    """A job that no longer runs, a sync that waits for another process, and a wrong clock."""
    health = ProcessHealth(
        {"deliveries": timedelta(minutes=5)}, "web-1, process 7", timedelta(hours=-6)
    )
    said = check(render(StatusAnswer(summary([connection()]), (), TROUBLES, health)))
    assert "Posting to Slack hasn't run for 5 minutes." in said
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
def test_help(topic: Topic | None) -> None:
    """Help on everything and on each subject shows words that start with /aicost."""
    assert "/aicost" in check(render(Help(topic)))


def test_not_understood(hostile: str) -> None:
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
    assert values(message) == ["mtd by model", "mtd by project", "why mtd", "export mtd"]


def test_no_suggestion_no_button() -> None:
    """Where there is no nearest thing there is no button for it."""
    message = render(ParseFailure("x", None, ("7d", "balance")))
    assert values(message) == ["help"]
