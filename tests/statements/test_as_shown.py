"""A controller adds up the figures of a statement as they are shown, in each of its forms."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bot.ledger.models import CreditChange
from bot.statements.compute import month_statement
from bot.statements.files import statement_json
from bot.statements.messages import statement_message
from bot.statements.models import AccountFacts, MonthStatement
from bot.statements.notes import invoice_notes, rounding_notes
from bot.statements.page import markdown
from bot.wording import ROUNDED
from providers.money import total
from tests.statements.test_statement import (
    ASKED,
    NOW,
    facts,
    figures,
    invoiced,
    line,
    prepaid,
    restated,
)


def statement_of(given_facts: AccountFacts) -> MonthStatement:
    return month_statement(ASKED, [given_facts], NOW)


@pytest.mark.parametrize(
    ("amount", "rest", "is_apart"), [("2", "0.003", False), ("2.004", "1", True)]
)
def test_the_page_says_if_its_rows_do_not_add_up(amount: str, rest: str, is_apart: bool) -> None:
    """Those that it shows: of many, the last are one row. Slack shows none of them."""
    lines = [line(amount, f"project {n}") for n in range(15)]
    lines += [line(rest, "a"), line(rest, "b")]
    used = total(each.used for each in lines)
    found = statement_of(replace(facts(), lines=lines, days=figures(used)))
    page = markdown(found)
    assert "| 2 more, in the CSV |" in page
    assert (ROUNDED in page) == is_apart
    assert ROUNDED not in f"{statement_message(found).blocks}"


def test_an_entered_balance_already_has_its_corrections() -> None:
    """So they are no reason to say that figures were rounded; of a balance that was read they are
    a row."""
    late = restated(date(2026, 10, 20), NOW, "10", "13")
    found = statement_of(replace(prepaid("103"), restatements=[late]))
    (account,) = found.accounts
    assert account.prepaid is not None
    assert rounding_notes(found) == []
    entered = replace(account.prepaid, is_estimated=True, unexplained=Decimal(3))
    assert rounding_notes(replace(found, accounts=(replace(account, prepaid=entered),))) == []


def test_an_invoice_has_one_difference() -> None:
    """The page's row is the note's amount: of figures as they are shown."""
    found = statement_of(invoiced(facts("100.005"), "112.31"))
    assert "$12.31 more than spend ($100.00)" in " ".join(invoice_notes(found.accounts[0]))
    assert "| Invoice difference | +$12.31 |" in markdown(found)


def test_the_json_has_all_that_an_invoice_is_compared_with() -> None:
    """The invoice less credit bought and its fee is the difference; each is there."""
    given_facts = prepaid()
    given_facts = replace(
        given_facts,
        connection=replace(given_facts.connection, purchase_fee=Decimal("0.055")),
        credit_changes=[CreditChange("openrouter", NOW, Decimal(each)) for each in (500, -120)],
    )
    shown = statement_json(statement_of(invoiced(given_facts, "527.49")))["statement"]
    assert isinstance(shown, dict)
    (account,) = shown["connections"]
    bought = [Decimal(each["amount"]) for each in account["credit"]]
    due = total((*(each for each in bought if each > 0), Decimal(account["fee"])))
    assert Decimal(account["invoice"]) - due == Decimal(account["invoice_difference"])
