"""The benchmarks can be run, and what keeps answers fast holds at any size."""

import importlib
from pathlib import Path

import pytest

from bot.language.names import Vocabulary
from bot.reports.answers import Answers
from tests.bench.__main__ import main
from tests.bench.answers import _statements
from tests.bench.ledger import CONNECTIONS, ledger
from tests.bench.row import at_least, at_most, below, percentile, shown
from tests.bench.sections import SECTIONS, measured

WORDS = Vocabulary(("openai", "openrouter"), tuple(item.name for item in CONNECTIONS))


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_there(section: str) -> None:
    """Each module named has a report."""
    assert callable(importlib.import_module(f"tests.bench.{section}").report)


def test_a_section_that_is_not_there_is_told() -> None:
    """Exit 2, before anything is measured."""
    assert main(["nonsense"]) == 2


def test_money_runs_in_processes_of_its_own() -> None:
    """A process gets as far as the section's name, and what it raises is raised here."""
    with pytest.raises(ModuleNotFoundError, match=r"tests\.bench\.nowhere"):
        list(measured(["nowhere"], untimed=["nowhere"]))


def test_a_limit_that_does_not_hold_is_seen() -> None:
    """Costs against a most, yields against a least, figures against a number."""
    assert at_most(1.5, "", 3, 2).is_met
    assert not at_most(1.5, "", 3.1, 2).is_met
    assert at_least(0.8, "", 8, 10).is_met
    assert not at_least(0.8, "", 7.9, 10).is_met
    assert not below(100, "", 100).is_met
    assert shown("", 5, 2).ratio == 2.5
    assert percentile([5, 1, 3, 2, 4], 50) == 3
    assert percentile([1, 2], 99) == 2


@pytest.mark.slow
async def test_an_answer_asks_as_much_of_a_large_ledger_as_of_a_small_one(tmp_path: Path) -> None:
    """The same few statements, whatever the number of charges."""
    texts = ("", "by model", "last month by project", "by key", "balance")
    counts = []
    for charges in (1100, 11_000):
        async with ledger(f"sqlite:///{tmp_path}/{charges}.db", charges) as database:
            answers = Answers(database)
            counts.append([len(await _statements(database, answers, text)) for text in texts])
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 25
