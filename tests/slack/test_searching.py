"""What is offered for words typed into a menu: within Slack's limits, each heading its share."""

import pytest

from bot.budgets.views.budget import ALL_KINDS
from bot.budgets.views.scopes import scope_options
from bot.ledger.models import Connection
from bot.reports.choices import Options, ScopeItem
from bot.slack.fields import Option, suggestions
from simulators.slack.suggestions import read_suggestions


@pytest.mark.parametrize(("connections", "items"), [(0, 0), (1, 1), (50, 1), (50, 2000)])
@pytest.mark.parametrize("typed", ["  ", "channel \u202e", "🚀"])
def test_choices_are_within_the_limits(
    hostile: str, connections: int, items: int, typed: str
) -> None:
    """From nothing to fifty connections and 2,000 projects with names made to hurt."""
    known = tuple(
        Connection(f"c{n}", "openrouter", f"{hostile} {n}", "prepaid", 2)
        for n in range(connections)
    )
    many = tuple(ScopeItem(f"{n} {hostile}", f"{n} {hostile}"[:120]) for n in range(items))
    offered = scope_options(Options(known, many, many, many), ALL_KINDS)
    found = read_suggestions(suggestions(offered, typed))
    assert found.failure is None
    assert len(found.options) <= 100
    if not typed.strip():
        each = 1 if items else 0  # "each project"
        everything = 1 + bool(connections) + connections + each + 3 * items
        assert len(found.options) == min(100, everything)


def test_each_heading_has_its_share() -> None:
    """Few connections are never crowded out by many projects, and leave their room to them."""
    groups = {
        "Projects": [Option(f"p{n}", f"project:{n}") for n in range(500)],
        "Connections": [Option("one", "connection:1"), Option("two", "connection:2")],
        "Models": [Option(f"m{n}", f"model:{n}") for n in range(500)],
    }
    found = read_suggestions(suggestions(groups, ""))
    assert [(label, len(options)) for label, options in found.groups] == [
        ("Projects", 49),
        ("Connections", 2),
        ("Models", 49),
    ]


def test_every_word_has_to_fit() -> None:
    """In whatever order and case they are typed."""
    groups = {"Projects": [Option("Search for Ärzte", "project:1"), Option("Search", "project:2")]}
    assert read_suggestions(suggestions(groups, "ÄRZTE search")).texts == ["Search for Ärzte"]
