"""Every sentence about causes, held against 10,000 tables in which it is said.

In `make test` each has a few cases, in `make test-slow` some hundreds. Here each has 10,000, no two
alike. A sentence that isn't true of its table ends this with its assertion.
"""

from collections import Counter
from random import Random

from tests.analysis.recipes import RECIPES, by_chance, sentences
from tests.analysis.truths import assert_true
from tests.bench.row import Row

CASES = 10_000
_TRIES = 3
"""Tables made for each case at most: in some of them another sentence says more."""


def report(cases: int = CASES) -> list[Row]:
    """Return a row for each sentence, with the number of tables of which it was said truly."""
    said: Counter[str] = Counter()
    for due, (recipe, choices) in RECIPES.items():
        chance = Random(" ".join(due))
        for _ in range(_TRIES * cases):
            if all(said[each] >= cases for each in due):
                break
            said.update(sentences(assert_true(by_chance(recipe, choices, chance))))
    wanted = {each for due in RECIPES for each in due}
    about = f"≥ {cases:,}"
    return [
        Row(f"cases of “{each}”", said[each], None, about, said[each] >= cases)
        for each in sorted(wanted)
    ]
