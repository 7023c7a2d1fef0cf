"""Statements and invoices as people ask for and enter them, word for word."""

import csv
import io
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.access.models import ScopeFilter, VisibilityScope
from bot.language.statement import Invoice, Statement
from bot.ledger.models import CreditChange
from bot.reports.messages.suggestions import CSV, SHARE
from bot.scope import Scope
from bot.slack import openers
from bot.slack.message import Message
from bot.statements import views
from bot.statements.compute import account_statement, month_statement
from bot.statements.messages import invoice_message, statement_message
from bot.statements.models import InvoiceEntered
from bot.statements.page import markdown
from bot.statements.repository import InvoiceRepository
from providers.period import Period, midnight
from simulators.slack.answer import Answer
from simulators.slack.limits import blocks_problems, view_problems
from simulators.slack.office import COSTS, ENGINEERING, MANAGER, MEMBER
from simulators.slack.things import Message as Posted
from tests.harness import Harness
from tests.harness.fixtures import Start
from tests.statements.test_statement import facts, invoiced, prepaid, restated

GOLDEN = Path(__file__).parents[1] / "slack" / "golden" / "statements"
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)


def seen(answer: Answer) -> Posted:
    """The one message that the person got."""
    assert answer.message is not None
    return answer.message


async def test_an_invoice_from_entry_to_removal(harness: Harness) -> None:
    """A manager enters it, everyone who may read sees it compared, and all of it is on record."""
    refused = await harness.ask("statement october invoice openai 5000")
    assert "Only workspace admins" in refused
    said = await harness.ask("statement october invoice openai 5,000.50", MANAGER)
    assert "Saved: $5,000.50 invoiced by OpenAI for October 2026." in said
    assert "Taxes, seats and fees outside the API aren't known." in said
    again = await harness.ask("invoice openai october 5000.5", MANAGER)
    assert "Nothing changed: this was already saved" in again
    changed = await harness.ask("invoice openai october 4999", MANAGER)
    assert "Before: $5,000.50." in changed
    shown = await harness.ask("statement october")
    used = harness.providers.world.truth.used("openai", OCTOBER).quantize(Decimal("0.01"))
    assert f"OpenAI: Invoice $4,999.00: ${abs(4999 - used)}" in shown
    removed = await harness.ask("statement october invoice openai remove", MANAGER)
    assert "Removed the invoice of OpenAI for October 2026." in removed
    assert "Invoice" not in await harness.ask("statement october")
    assert [(each.action, each.before, each.after) for each in await harness.changes()] == [
        ("invoice.set", None, {"amount": "5000.500000000"}),
        ("invoice.set", {"amount": "5000.500000000"}, {"amount": "4999.000000000"}),
        ("invoice.removed", {"amount": "4999.000000000"}, None),
    ]


async def test_an_invoice_is_entered_in_its_modal(harness: Harness) -> None:
    """From the statement's answer: for its month and connection. An empty amount removes it."""
    asked = await harness.slack.say(MANAGER, COSTS, "/aicost statement october openrouter")
    modal = await harness.open_modal(seen(asked), openers.INVOICE, MANAGER, "2026-10 openrouter")
    assert view_problems(dict(modal.content)) == []
    assert "OpenRouter" in str(modal.blocks[0]["element"]["initial_option"])
    form = {views.CONNECTION: "openai", views.MONTH: "2026-10"}
    wrong = await harness.slack.submit(modal, MANAGER, form | {views.AMOUNT: "-5"})
    assert set(wrong.errors) == {views.AMOUNT}
    await harness.slack.submit(modal, MANAGER, form | {views.AMOUNT: "5000.50"})
    said = harness.slack.person(MANAGER).modal
    assert said is not None
    assert "*$5,000.50* invoiced by OpenAI for October 2026." in str(said.blocks)
    assert "than spend" in str(said.blocks)
    modal = await harness.open_modal(seen(asked), openers.INVOICE, MANAGER, "2026-10")
    await harness.slack.submit(modal, MANAGER, form)
    changes = [each.action for each in await harness.changes()]
    assert changes == ["invoice.set", "invoice.removed"]


async def test_the_files_go_to_the_requester_alone(harness: Harness) -> None:
    """CSV to the nano, and a page; the channel gets the message, and only when it is shared."""
    office = harness.slack
    answer = seen(await office.say(MEMBER, COSTS, "/aicost statement october"))
    await office.press(answer, CSV, MEMBER)
    table, page = office.person(MEMBER).files
    assert (table.name, page.name) == ("statement-2026-10.csv", "statement-2026-10.md")
    rows = list(csv.DictReader(io.StringIO(table.content.decode(), newline="")))
    (total,) = [row for row in rows if row["Connection"] == "(all)"]
    truth = harness.providers.world.truth
    used = truth.used("openai", OCTOBER) + truth.used("openrouter", OCTOBER)
    assert Decimal(total["Amount"]) == used
    assert f"**${used:,.2f} spent.**" in page.content.decode()
    assert not [each for each in office.channel(COSTS).messages if each.files]
    await office.press(answer, SHARE, MEMBER)
    (shared,) = harness.posted(COSTS)
    assert "Statement October 2026" in shared.text
    assert {each.action for each in await harness.changes()} >= {"statement.exported"}


async def test_a_limited_channel_sees_a_part_of_the_month(start_bot: Start) -> None:
    """Only its projects, without balance, corrections or invoice; nobody enters one there."""
    async with start_bot() as probe:
        names = [row["name"] for row in (await _by_project(probe)) if row["connection"] == "openai"]
    toml = f'[[visibility]]\nchannel = "{ENGINEERING}"\nprojects = ["{names[0]}"]\n'
    async with start_bot(toml=toml) as harness:
        await harness.ask("statement october invoice openai 5000", MANAGER)
        shown = await harness.ask("statement october", MEMBER, ENGINEERING)
        assert "Invoice" not in shown
        assert "5,000" not in shown
        assert "Only a part is visible here" in shown
        await harness.ask("export statement october", MEMBER, ENGINEERING)
        table, page = harness.slack.person(MEMBER).files
        rows = csv.DictReader(io.StringIO(table.content.decode(), newline=""))
        assert {row["Project"] for row in rows if row["Line"] == "used"} == {names[0]}
        assert not [name for name in names[1:] if f"| {name} |" in page.content.decode()]
        refused = await harness.ask("invoice openai october 10.50", MANAGER, ENGINEERING)
        assert "not all are visible here" in refused


async def _by_project(harness: Harness) -> list[dict[str, str]]:
    answer = await harness.bot.services.ask("2026-10 by project", NOW)
    return [
        {"name": row.name, "connection": row.connection}
        for row in answer.result.summary.breakdown.rows
        if row.item_id
    ]


async def test_invoices_of_what_is_not_seen_are_not_read(harness: Harness) -> None:
    """The session leaves them out, as everything else."""
    await harness.ask("statement october invoice openai 5000", MANAGER)
    async with harness.database.reading() as session:
        assert len(await InvoiceRepository(session).of_month(OCTOBER)) == 1
        narrow = session.seen_by(VisibilityScope(((ScopeFilter(None, frozenset({"x"})),),)))
        assert await InvoiceRepository(narrow).of_month(OCTOBER) == []


def whole_month() -> Message:
    late = restated(date(2026, 10, 20), datetime(2026, 11, 12, tzinfo=UTC), "13", "10")
    router = replace(
        prepaid("101.2", closing="648.60"),
        credit_changes=[CreditChange("openrouter", midnight(date(2026, 10, 9)), Decimal(500))],
        restatements=[late],
    )
    openai = invoiced(facts("4907.104"), "5839.45")
    return statement_message(month_statement(Statement(None, OCTOBER), [openai, router], NOW))


def unknown_balances() -> Message:
    router = replace(prepaid(), opening=None, closing=None)
    now = midnight(OCTOBER.end) + timedelta(hours=30)
    return statement_message(
        month_statement(Statement(Scope("connection", "openrouter"), OCTOBER), [router], now)
    )


def invoice_saved() -> Message:
    account = account_statement(OCTOBER, invoiced(facts(), "119"))
    command = Invoice(Scope("connection", "openai"), OCTOBER, Decimal(119))
    return invoice_message(InvoiceEntered(command, "set", account, Decimal(100)))


def invoice_removed() -> Message:
    account = account_statement(OCTOBER, facts())
    return invoice_message(
        InvoiceEntered(
            Invoice(Scope("connection", "openai"), OCTOBER, None), "removed", account, None
        )
    )


@pytest.mark.parametrize(
    "make",
    [whole_month, unknown_balances, invoice_saved, invoice_removed],
    ids=lambda f: f.__name__,
)
def test_every_sentence_is_as_it_was_looked_at(make: Callable[[], Message]) -> None:
    """Slack takes each, and not a word has changed unseen."""
    message = make()
    assert blocks_problems(list(message.blocks), "message") == []
    content = {"text": message.text, "blocks": list(message.blocks)}
    check_golden(f"{make.__name__}.json", json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def test_the_page_is_as_it_was_looked_at() -> None:
    """The Markdown file, word for word."""
    openai = invoiced(facts("4907.104"), "5839.45")
    statement = month_statement(Statement(None, OCTOBER), [openai, prepaid("101.2")], NOW)
    check_golden("page.md", markdown(statement))


def check_golden(name: str, text: str) -> None:
    """`AICOST_GOLDEN=write` writes it again."""
    file = GOLDEN / name
    if os.environ.get("AICOST_GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text
