"""An alert names what rose most, if that is a part of the spend worth naming."""

from dataclasses import replace
from decimal import Decimal

from bot.budgets.messages.alert import act_buttons
from bot.budgets.models import BudgetFacts, Contributor
from tests.budgets.alert_facts import MONTH, line, notice

LARGE = Contributor("large", "openai", Decimal(300), Decimal(299), Decimal(290))
RISEN = Contributor("risen", "openai", Decimal(60), Decimal(10), Decimal(50))


def said(facts: BudgetFacts) -> str:
    """The alert's text in its blocks."""
    return str(notice(line(facts)).blocks)


def test_what_rose_most_is_the_main_driver() -> None:
    """With both amounts of complete days, and not the largest part."""
    words = said(replace(MONTH, contributors=(LARGE, RISEN)))
    assert (
        "*Main driver:* risen, $40.00 more (+400%) than in 1–23 Oct ($50.00 in 1–23 Nov)." in words
    )
    assert "Largest part" not in words


def test_without_a_rise_the_largest_part_is_named() -> None:
    """A rise below a twentieth of the spend is none; so is one that can't be compared."""
    for small in (Decimal(45), None):
        words = said(replace(MONTH, contributors=(LARGE, replace(RISEN, used_before=small))))
        assert "*Largest part:* large, $290.00 in 1–23 Nov" in words
        assert "Main driver" not in words


def test_who_cannot_change_a_budget_has_no_button_to_raise_it() -> None:
    """Everyone else has it."""
    for may_raise in (True, False):
        buttons = act_buttons([line(MONTH)], "#1", "1", may_raise=may_raise)
        labels = [each["text"]["text"] for each in buttons if each["type"] == "button"]
        assert ("Raise budget" in labels) == may_raise
        assert "Acknowledge" in labels
