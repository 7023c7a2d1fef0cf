"""A connection's month, computed from what the ledger holds: exact, and open about the rest."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.db.models import Restatement, StoredInvoice
from bot.language.statement import Statement
from bot.ledger.models import BalanceReading, Connection, CreditChange, DayFigure, LineFigure
from bot.statements.compute import account_statement, month_statement
from bot.statements.files import csv_text
from bot.statements.messages import statement_message
from bot.statements.models import AccountFacts
from bot.statements.notes import account_notes, invoice_notes
from bot.statements.page import markdown
from providers.money import from_nano, total
from providers.period import DAY, Period, midnight
from simulators.slack.limits import blocks_problems
from simulators.slack.pings import pings

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
ASKED = Statement(None, OCTOBER)
OPENAI = Connection("openai", "openai", "OpenAI", "postpaid", 3, charges_read_at=NOW)
ROUTER = Connection("openrouter", "openrouter", "OpenRouter", "prepaid", 3, charges_read_at=NOW)
HOSTILE = "<!channel> |=cmd()| *evil* & <img src=x>"


def figures(used: Decimal, name: str = "openai") -> list[DayFigure]:
    """All of it on the first day."""
    none = Decimal(0)
    return [
        DayFigure(name, day, used if day == OCTOBER.start else none, none, NOW, NOW, NOW)
        for day in OCTOBER
    ]


def line(used: str | Decimal, project: str | None = "p", model: str | None = "gpt-5") -> LineFigure:
    return LineFigure("openai", project, model, "sku", None, Decimal(used), None, None)


def facts(used: str = "100", connection: Connection = OPENAI) -> AccountFacts:
    days = figures(Decimal(used), connection.name)
    return AccountFacts(connection, True, days, [line(used)], {"p": "search"})


def reading(at: datetime, left: str) -> BalanceReading:
    return BalanceReading(
        "openrouter", at, Decimal(left), Decimal(900), Decimal(900) - Decimal(left)
    )


def prepaid(used: str = "100", opening: str = "250", closing: str = "150") -> AccountFacts:
    return replace(
        facts(used, ROUTER),
        opening=reading(midnight(OCTOBER.start) - timedelta(minutes=9), opening),
        closing=reading(midnight(OCTOBER.end) - timedelta(minutes=3), closing),
    )


def restated(day: date, found: datetime, before: str, after: str) -> Restatement:
    return Restatement(
        connection="openrouter",
        found_at=found,
        day=day,
        before=Decimal(before),
        after=Decimal(after),
        was_settled=True,
    )


def invoiced(given: AccountFacts, amount: str) -> AccountFacts:
    invoice = StoredInvoice(
        connection=given.connection.name,
        month=OCTOBER.start,
        amount=Decimal(amount),
        made_by="U1",
        made_at=NOW,
    )
    return replace(given, invoice=invoice)


amounts = st.integers(-(10**15), 10**15).map(from_nano)


@given(
    opening=amounts,
    closing=amounts,
    credit=st.lists(amounts.filter(bool), max_size=4),
    used=st.lists(
        st.tuples(st.sampled_from(["p", "q", None]), st.sampled_from(["a", None]), amounts)
    ),
    later=st.lists(st.tuples(amounts, amounts), max_size=3),
    earlier=st.lists(st.tuples(amounts, amounts), max_size=3),
)
def test_balances_add_up_for_any_amounts(
    opening: Decimal,
    closing: Decimal,
    credit: list[Decimal],
    used: list[tuple[str | None, str | None, Decimal]],
    later: list[tuple[Decimal, Decimal]],
    earlier: list[tuple[Decimal, Decimal]],
) -> None:
    """The CSV's changes of a balance sum to its closing balance, its rows to what was used."""
    lines = [line(amount, project, model) for project, model, amount in used]
    changes = [
        restated(OCTOBER.start, NOW + timedelta(hours=n), str(before), str(after))
        for n, (before, after) in enumerate(later)
    ] + [
        restated(date(2026, 8, 3), midnight(date(2026, 10, 9 + n)), str(before), str(after))
        for n, (before, after) in enumerate(earlier)
    ]
    given_facts = replace(
        prepaid(opening=str(opening), closing=str(closing)),
        days=figures(total(each.used for each in lines), "openrouter"),
        lines=lines,
        restatements=changes,
        credit_changes=[CreditChange("openrouter", NOW, each) for each in credit],
    )
    statement = month_statement(ASKED, [given_facts], NOW)
    rows = list(csv.DictReader(io.StringIO(csv_text(statement), newline="")))

    def sums(column: str, *kinds: str) -> Decimal:
        cells = [row[column] for row in rows if not kinds or row["Line"] in kinds]
        return total(Decimal(each) for each in cells if each not in ("", "unknown"))

    assert sums("BalanceChange") == closing
    assert sums("Amount", "used") == total(each.used for each in lines)
    assert statement.used_total == total(each.used for each in lines)


@given(
    is_prepaid=st.booleans(),
    used=st.lists(amounts, max_size=4),
    credit=st.lists(amounts.filter(bool), max_size=4),
    fee=st.none() | st.integers(0, 200).map(lambda n: Decimal(n) / 1000),
    invoice=amounts,
    known_days=st.sampled_from([31, 31, 30]),
    are_balances_known=st.booleans(),
)
@example(
    is_prepaid=True,
    used=[Decimal(9)],
    credit=[Decimal(500), Decimal(-120)],
    fee=Decimal("0.055"),
    invoice=Decimal("527.49"),
    known_days=31,
    are_balances_known=True,
)
def test_the_invoice_difference_can_be_checked_in_the_csv(
    *,
    is_prepaid: bool,
    used: list[Decimal],
    credit: list[Decimal],
    fee: Decimal | None,
    invoice: Decimal,
    known_days: int,
    are_balances_known: bool,
) -> None:
    """Of its own cells alone: the invoice less what was spent or, prepaid, bought with its fee."""
    given_facts = prepaid() if is_prepaid else facts()
    given_facts = replace(
        given_facts,
        connection=replace(given_facts.connection, purchase_fee=fee),
        days=figures(total(used), given_facts.connection.name)[:known_days],
        lines=[line(amount) for amount in used],
        credit_changes=[CreditChange("openrouter", NOW, each) for each in credit],
        opening=given_facts.opening if are_balances_known else None,
    )
    statement = month_statement(ASKED, [invoiced(given_facts, str(invoice))], NOW)
    rows = list(csv.DictReader(io.StringIO(csv_text(statement), newline="")))
    own = [row for row in rows if row["Connection"] != "(all)"]

    def nano(*lines: str) -> int | None:
        """The sum of these lines' cells as whole nano-dollars; None if one is unknown."""
        cells = [row["Amount"] for row in own if row["Line"] in lines]
        digits = [int(cell.replace(".", "")) for cell in cells if cell != "unknown"]
        return sum(digits) if len(digits) == len(cells) else None

    if own[0]["Billing"] == "postpaid":
        due = None if nano("used total") is None else nano("used")
    else:
        is_known = nano("opening balance", "closing balance") is not None
        due = nano("credit bought", "fee on credit bought") if is_known else None
    billed = nano("invoice")
    assert billed == int(f"{invoice:.9f}".replace(".", ""))
    apart = None if due is None else billed - due
    assert nano("invoice difference") == apart
    assert (apart is None) == (not are_balances_known if is_prepaid else known_days < 31)


def test_corrections_after_the_close_are_told_apart() -> None:
    """What was corrected while the month settled is just spend; later it is a correction, which
    the month's own balance can't have."""
    settling = restated(date(2026, 10, 31), datetime(2026, 11, 2, tzinfo=UTC), "1", "4")
    late = restated(date(2026, 10, 20), datetime(2026, 11, 12, tzinfo=UTC), "13", "10")
    kept = restated(date(2026, 10, 21), datetime(2026, 11, 12, tzinfo=UTC), "5", "0")
    kept.was_kept = True
    found = account_statement(OCTOBER, replace(prepaid("97"), restatements=[settling, late, kept]))
    assert found.corrections == (late,)
    assert found.prepaid is not None
    assert found.prepaid.unexplained == 0  # 250 − 100 at the close = 150
    assert account_notes(found)[0] == (
        "Corrected since the month closed: −$3.00 (20 Oct), included in spend."
    )


def test_corrections_of_earlier_months_move_the_balance() -> None:
    """Found between both readings, they are a line of this month."""
    before = restated(date(2026, 8, 9), datetime(2026, 10, 12, tzinfo=UTC), "13", "10")
    while_settling = restated(date(2026, 9, 30), datetime(2026, 10, 2, tzinfo=UTC), "1", "2")
    given_facts = replace(prepaid(closing="153"), restatements=[before, while_settling])
    found = account_statement(OCTOBER, given_facts)
    assert found.prepaid is not None
    assert found.prepaid.earlier_corrections == -3
    assert found.prepaid.unexplained == 0


def test_the_balance_changes_of_the_page_add_up() -> None:
    """With corrections of this month and of earlier ones, their sum is the closing balance."""
    earlier = restated(date(2026, 9, 9), datetime(2026, 10, 12, tzinfo=UTC), "3", "10")
    late = restated(date(2026, 10, 20), datetime(2026, 11, 12, tzinfo=UTC), "10", "13")
    given_facts = replace(prepaid(closing="150"), restatements=[earlier, late])
    page = markdown(month_statement(ASKED, [given_facts], NOW))
    rows = page.partition("| Opening")[2].partition("| Closing")[0].splitlines()
    changes = [row.split(" | ")[-1].strip("| ").replace("−", "-").replace("$", "") for row in rows]
    assert "| Corrections of earlier months | +$7.00 | −$7.00 |" in page
    assert sum(map(Decimal, filter(None, changes))) == 150
    assert "| Closing balance | $150.00 |" in page


def test_a_difference_is_a_line_of_its_own() -> None:
    """It is never hidden, in any form."""
    statement = month_statement(ASKED, [prepaid(closing="148.5")], NOW)
    assert "Not explained: −$1.50." in " ".join(account_notes(statement.accounts[0]))
    assert "| Not explained | −$1.50 | −$1.50 |" in markdown(statement)
    assert ",not explained,,,,,-1.500000000,-1.500000000," in csv_text(statement)


def test_what_is_nothing_is_left_out() -> None:
    """Of a month in which nothing was bought and all is explained, neither is said. Less than half
    a cent, as a provider's rounding leaves, is in the CSV alone."""
    for closing, cell in (("150", "0.000000000"), ("150.003", "0.003000000")):
        statement = month_statement(ASKED, [prepaid(closing=closing)], NOW)
        said = f"{statement_message(statement).blocks}{markdown(statement)}".lower()
        assert "*openrouter*: $250.00 at the start." in said
        assert "not explained" not in said
        assert f",not explained,,,,,{cell},{cell}," in csv_text(statement)


@pytest.mark.parametrize(
    ("given_facts", "reason"),
    [
        (replace(prepaid(), opening=None), "No balance of OpenRouter was read before 1 Oct 2026."),
        (
            replace(prepaid(), opening=reading(midnight(OCTOBER.start) - DAY * 2, "250")),
            "No balance of OpenRouter was read in the day before 1 Oct 2026.",
        ),
        (replace(prepaid(), closing_doubt="Can't be right."), "Can't be right."),
        (
            replace(prepaid(), days=figures(Decimal(100), "openrouter")[:30]),
            "Not explained: unknown, as spend is incomplete.",
        ),
    ],
)
def test_unknown_is_never_zero(given_facts: AccountFacts, reason: str) -> None:
    """Without one of its parts, what is not explained is unknown, and the reason is given."""
    statement = month_statement(ASKED, [given_facts], NOW)
    (found,) = statement.accounts
    assert found.prepaid is not None
    assert found.prepaid.unexplained is None
    assert reason in " ".join(account_notes(found))
    assert ",not explained,,,,,unknown,,USD," in csv_text(statement)
    assert "| Not explained | unknown | unknown |" in markdown(statement)


def test_missing_days_make_the_total_unknown() -> None:
    """What is known of it is the least that it was."""
    given_facts = replace(facts(), days=figures(Decimal(100))[:-2])
    statement = month_statement(ASKED, [given_facts], NOW)
    assert "at least $100.00 spent" in markdown(statement)
    assert "used total,,,,,unknown,,USD,days are missing; at least 100.000000000" in csv_text(
        statement
    )
    assert "No data for 2 days: 30–31 Oct." in account_notes(statement.accounts[0])[0]


@pytest.mark.parametrize(
    ("given_facts", "amount", "said"),
    [
        (facts(), "100.004", ["Invoice $100.00: matches spend."]),
        (facts(), "112.3", ["Invoice $112.30: $12.30 more than spend ($100.00)."]),
        (
            replace(facts("97"), lines=[line("100"), line("-3")]),
            "100",
            [
                "Invoice $100.00: $3.00 more than spend ($97.00).",
                "It matches spend without the $3.00 of credits.",
            ],
        ),
        (
            replace(
                facts("97"),
                restatements=[restated(OCTOBER.start, datetime(2026, 11, 9, tzinfo=UTC), "5", "2")],
            ),
            "100",
            [
                "Invoice $100.00: $3.00 more than spend ($97.00).",
                "It matches spend before the corrections.",
            ],
        ),
        (
            replace(facts(), days=figures(Decimal(100))[:9]),
            "100",
            ["Invoice $100.00. The difference is unknown, as is spend."],
        ),
        (
            replace(
                prepaid(closing="650"),
                connection=replace(ROUTER, purchase_fee=Decimal("0.055")),
                credit_changes=[CreditChange("openrouter", NOW, Decimal(500))],
            ),
            "527.5",
            ["Invoice $527.50: matches the credit bought and its fee."],
        ),
    ],
)
def test_an_invoice_is_compared_with_what_is_known(
    given_facts: AccountFacts, amount: str, said: list[str]
) -> None:
    """Only what explains the difference to the cent is called its explanation."""
    assert invoice_notes(account_statement(OCTOBER, invoiced(given_facts, amount))) == said


def test_names_from_outside_do_nothing() -> None:
    """They notify nobody in Slack, run in no spreadsheet, and are plain text on the page."""
    hostile = replace(
        facts(), project_names={"p": HOSTILE}, lines=[line("60"), line("40", "=p", "@m")]
    )
    statement = month_statement(ASKED, [hostile, prepaid()], NOW)
    message = statement_message(statement)
    assert not blocks_problems(list(message.blocks), "message")
    assert not pings({"text": message.text, "blocks": message.blocks})
    assert ",'=p,,'@m,40.000000000," in csv_text(statement)
    page = markdown(statement)
    assert "<img" not in page
    assert HOSTILE not in page


def test_the_page_stays_one_page() -> None:
    """Of many projects and models the largest are shown, and the sum of the rest."""
    lines = [line(str(n), f"project {n}") for n in range(1, 101)]
    used = total(each.used for each in lines)
    many = replace(facts(), lines=lines, days=figures(used), project_names={})
    page = markdown(month_statement(ASKED, [many], NOW))
    assert len(page.splitlines()) < 40
    assert "| 85 more, in the CSV |  | $3,655.00 |" in page


def test_a_part_says_that_it_is_one() -> None:
    """Where not all projects are visible there is no balance, invoice or correction."""
    found = account_statement(OCTOBER, replace(facts(), is_whole=False))
    assert found.prepaid is None
    assert account_notes(found) == [
        "Only a part is visible here: balance, corrections and invoice are left out."
    ]


def test_a_balance_without_spend_adds_up_in_its_own_currency() -> None:
    """What no purchase explains is a line, not spend; the others' total is complete without it."""
    alone = replace(ROUTER, name="deepseek", title="DeepSeek", reports_spend=False)
    alone = replace(alone, purchase_fee=Decimal("0.05"))
    bought = CreditChange("deepseek", midnight(OCTOBER.start) + DAY, Decimal(100), "CNY")
    given_facts = replace(
        prepaid(),
        connection=alone,
        days=[],
        lines=[],
        credit_changes=[bought],
        opening=replace(reading(midnight(OCTOBER.start), "250"), currency="CNY"),
        closing=replace(reading(midnight(OCTOBER.end), "310"), currency="CNY"),
    )
    whole = month_statement(ASKED, [facts(), given_facts], NOW)
    account = whole.accounts[1]
    assert (whole.used_total, whole.is_complete) == (Decimal(100), True)
    assert (account.used_total, account.missing_days, account.currency) == (None, (), "CNY")
    assert account.prepaid is not None
    assert account.prepaid.unexplained == Decimal(-40)
    rows = list(csv.DictReader(io.StringIO(csv_text(whole))))
    own = [row for row in rows if row["Connection"] == "deepseek"]
    assert {row["Currency"] for row in own} == {"CNY"}
    assert sum(Decimal(row["BalanceChange"] or 0) for row in own) == Decimal(310)
    assert "Not explained: −40.00 CNY. DeepSeek reports no spend" in "".join(account_notes(account))
    assert "$" not in markdown(replace(whole, accounts=(account,))).partition("## DeepSeek")[2]
