"""Tables of which each makes one sentence due, for every sentence about causes that there is.

A made-up table seldom holds what some sentences need: a fifth of a model's tokens that another one
gained. Here that is put there, in many sizes, next to line items that hardly change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from math import prod
from random import Random
from typing import Any

from hypothesis import strategies as st

from bot.analysis.drivers import ChangeCauses
from bot.analysis.explanations import Explanation
from bot.reports.messages.causes import causes_sentence, effects_sentence
from tests.analysis.sold import ALL_KINDS, NOTHING, Choices, Sold, one_price, some, values
from tests.analysis.truths import NAMES

EFFECT_WORDS = (
    "more use", "less use", "other models", "caching", "batches", "higher prices", "lower prices",
    "new or ended line items", "credits", "not explained",
)  # fmt: skip
MOSTLY = ("mostly because it was used more", "mostly because it was used less")
_STEADY = Sold("search", "embedding", "input", Decimal("0.02"), Decimal(5), Decimal(5))
_LITTLE_MORE = replace(_STEADY, now=Decimal("5.5"))
_OTHER = replace(_LITTLE_MORE, project="chat")
_SHARED: Choices = {
    "project": ("search", None, "chat"),
    "price": some("0.25", "1.25", "2", "10", "40", "75", "150"),
    "size": some("3", "5", "9", "20", "40", "61", "240", "999"),
    "growth": some("0.3", "0.6", "1", "2", "4", "19"),
    "around": ((), (_STEADY,), (_LITTLE_MORE,), (_STEADY, _OTHER)),
}


def sentences(found: ChangeCauses) -> set[str]:
    """Which sentences are said: by kind and subject, of prices, and the words of the effects."""
    said: set[str] = set()
    has_projects = any(each.name for each in found.by_project)
    for each in found.findings:
        subject, named = ("model", each.model) if each.is_of_model else ("project", each.project)
        is_all = not (each.is_of_model or has_projects)
        of = "all" if is_all else f"{'a' if named else 'no'} {subject}"
        said |= {each.kind, f"{each.kind} of {of}"}
        words = causes_sentence(replace(found, findings=(each,)), NAMES)
        said |= {use for use in MOSTLY if use in words}
        if each.kind in ("more", "less") and each.quantity is None:
            said.add(f"{each.kind}, no number")
        said |= {f"moved, {how}" for how in _shapes(each)}
        said |= {f"moved, {how} of a model" for how in _shapes(each) if each.is_of_model}
        if each.kind == "changed":
            said.add(f"cost {'more' if each.change > 0 else 'less'}")
    said.add(f"prices {found.prices.seen}")
    said |= {f"price {'up' if each.ratio > 1 else 'down'}" for each in found.prices.changes}
    said |= {"the same"} if causes_sentence(found, NAMES).endswith("both times.") else set()
    parts = effects_sentence(found) or ""
    return said | {word for word in EFFECT_WORDS if f" {word} " in parts}


def _shapes(finding: Explanation) -> set[str]:
    """How many models replaced how many, and whether several replacements are named."""
    words = ("", "one", "two")
    by = [(words[len(m.models_before)], words[len(m.models)]) for m in finding.moves]
    return {f"{before} by {now}" for before, now in by} | ({"several"} if len(by) > 1 else set())


@dataclass(frozen=True, slots=True)
class Made:
    """What a recipe is given: one value of each choice."""

    project: str | None
    price: Decimal
    size: Decimal
    growth: Decimal
    around: tuple[Sold, ...]
    extra: Any = None

    def line(self, model: str | None = "gpt-5", meter: str = "input", **fields: Any) -> Sold:
        """Return a line item at the price, of which the size was used before and is now."""
        known = {
            "project": self.project, "before": self.size, "now": self.size, "price": self.price,
        }  # fmt: skip
        return Sold(model=model, meter=meter, **{**known, **fields})

    @property
    def more(self) -> Decimal:
        """What is used after the growth."""
        return self.size * (1 + self.growth)


Recipe = Callable[[Made], list[Sold]]


def _new(made: Made) -> list[Sold]:
    return [made.line("gpt-6", before=NOTHING)]


def _more(made: Made) -> list[Sold]:
    return [made.line(now=made.more)]


def _more_of_no_model(made: Made) -> list[Sold]:
    searches = made.line(None, "web search", now=made.more)
    return [made.line(now=made.more, price=made.price * 4), searches]


def _more_outside_projects(made: Made) -> list[Sold]:
    twice = made.size * (1 + 2 * made.growth)
    return [made.line(now=made.more), made.line("gpt-6", now=twice, project="search")]


def _more_searches(made: Made) -> list[Sold]:
    return [made.line(None, "web search", now=made.more)]


def _more_of_two_units(made: Made) -> list[Sold]:
    return [made.line(now=made.more), made.line(meter="image", unit="images", now=made.more)]


def _more_of_two_models(made: Made) -> list[Sold]:
    return [made.line(now=made.more), made.line("gpt-6", "output", now=made.more)]


def _moved(made: Made) -> list[Sold]:
    """Tokens of one kind, or of two, leave a model, and about as many come to another."""
    kept = made.size * made.growth / 8  # at most 2.4 times: more than a fifth is gone
    table = []
    for meter, times in (("input", 1), ("output", 4))[: 1 + (made.growth < 1)]:
        dollars = made.price * times
        before, now = kept + made.size, kept + made.size * made.extra
        table += [
            made.line("gpt-5-mini", meter, price=dollars, before=before, now=kept),
            made.line("gpt-5", meter, price=dollars * 5, before=kept, now=now),
        ]
    return table


def _moved_one_by_two(made: Made) -> list[Sold]:
    """Tokens leave a model, and about as many come to two others."""
    part = made.size * made.extra / 5
    return [
        made.line("gpt-4o", before=made.size, now=NOTHING),
        made.line("gpt-5", price=made.price * 4, before=NOTHING, now=part * 3),
        made.line("gpt-5-mini", price=made.price * 2, before=NOTHING, now=part * 2),
    ]


def _moved_twice(made: Made) -> list[Sold]:
    """Two models are replaced in one project, each by another."""
    times = made.extra * 2
    return [
        made.line("gpt-4o", before=made.size, now=NOTHING),
        made.line("gpt-5", price=made.price * 4, before=NOTHING, now=made.size * made.extra),
        made.line("claude-3", before=made.size * 2, now=NOTHING),
        made.line("claude-4", price=made.price * 3, before=NOTHING, now=made.size * times),
    ]


def _moved_everywhere(made: Made) -> list[Sold]:
    """Five projects replace a model by the same other one."""
    lines = _moved(made)
    return [replace(each, project=f"{n}") for n in range(5) for each in lines]


def _cached(made: Made) -> list[Sold]:
    kept = made.size * made.growth / 8
    cached = made.line(meter="cached input", price=made.price / 10, before=kept)
    return [
        made.line(before=kept + made.size, now=kept),
        replace(cached, now=kept + made.size * made.extra),
    ]


def _batched(made: Made) -> list[Sold]:
    """Tokens of one kind, or of two, leave the normal line items for batches at half the price."""
    kept = made.size * made.growth / 8
    table = []
    for meter, times in (("input", 1), ("output", 4))[: 1 + (made.growth < 1)]:
        normal = made.line(meter=meter, price=made.price * times, before=kept + made.size, now=kept)
        batch = replace(normal, is_batch=True, price=normal.price / 2, before=kept)
        table += [normal, replace(batch, now=kept + made.size * made.extra)]
    return table


def _dearer(made: Made) -> list[Sold]:
    return [made.line(dearer=Decimal("1.24"), now=made.size * made.extra)]


def _cheaper(made: Made) -> list[Sold]:
    return [made.line(dearer=Decimal("0.8"), now=made.size * made.extra)]


def _more_per_unit(made: Made) -> list[Sold]:
    """Several kinds of token in one figure, of which the dear ones became more."""
    now = made.size * made.extra
    return [made.line(meter=ALL_KINDS, dearer=1 + made.growth / 2, now=now)]


def _less_per_unit(made: Made) -> list[Sold]:
    now = made.size * made.extra
    return [made.line(meter=ALL_KINDS, dearer=1 / (1 + made.growth), now=now)]


def _credited(made: Made) -> list[Sold]:
    given = round(made.size * made.price * made.growth * 4, 9)
    return [made.line(credit=(NOTHING, given), now=made.size * made.extra)]


def _unmeasured(made: Made) -> list[Sold]:
    return [made.line(now=made.more, is_measured=False)]


def _free_tokens_used_up(made: Made) -> list[Sold]:
    return [made.line(now=made.more, allowance=made.size / 2)]


def _partly_measured(made: Made) -> list[Sold]:
    return [made.line(now=made.more), made.line(meter="hour", is_measured=False)]


def _same(made: Made) -> list[Sold]:
    return [made.line()]


def _backwards(recipe: Recipe) -> Recipe:
    return lambda made: [
        replace(each, before=each.now, now=each.before, credit=each.credit[::-1])
        for each in recipe(made)
    ]


_NAMED: Choices = {"project": ("search", "chat")}
_ALONE: Choices = {"project": (None,), "around": ((), (replace(_LITTLE_MORE, project=None),))}
_QUIET: Choices = {"around": ((), (_STEADY,), (_STEADY, replace(_STEADY, project="chat")))}
_ALIKE: Choices = {"extra": some("1", "0.9", "1.15")}
_NEARLY: Choices = {"extra": some("1", "0.99", "1.01")}
RECIPES: Mapping[tuple[str, ...], tuple[Recipe, Choices]] = {
    ("new of a project", "new or ended line items"): (_new, {"project": ("fresh",)}),
    ("new of a model",): (_new, _ALONE),
    ("gone of a project",): (_backwards(_new), {"project": ("fresh",)}),
    ("gone of a model",): (_backwards(_new), _ALONE),
    ("more of a project", "more use", "prices unchanged"): (_more, _NAMED),
    ("more of no project",): (_more_outside_projects, {"project": (None,), "around": ((),)}),
    ("changed of all",): (_more_searches, _ALONE),
    ("less", "less use"): (_backwards(_more), _QUIET),
    ("more of a model", "changed of no model"): (_more_of_no_model, _ALONE),
    ("more, no number",): (_more_of_two_units, {}),
    ("less, no number",): (_backwards(_more_of_two_units), {}),
    ("mostly because it was used more",): (_more_of_two_models, _NAMED),
    ("mostly because it was used less",): (_backwards(_more_of_two_models), _NAMED),
    ("moved", "other models"): (_moved, {**_NAMED, **_ALIKE}),
    ("moved, one by two",): (_moved_one_by_two, {**_NAMED, **_ALIKE}),
    ("moved, two by one",): (_backwards(_moved_one_by_two), {**_NAMED, **_ALIKE}),
    ("moved, several",): (_moved_twice, {**_NAMED, **_ALIKE}),
    ("moved of a model",): (_moved_everywhere, _ALIKE),
    ("moved, one by two of a model",): (_moved_one_by_two, {"project": (None,), **_ALIKE}),
    ("cached", "caching"): (_cached, _ALIKE),
    ("uncached",): (_backwards(_cached), _ALIKE),
    ("batched", "batches"): (_batched, _ALIKE),
    ("unbatched",): (_backwards(_batched), _ALIKE),
    ("dearer", "price up", "higher prices"): (_dearer, _NEARLY),
    ("cheaper", "price down", "lower prices"): (_cheaper, _NEARLY),
    ("more_per_unit",): (_more_per_unit, {**_NEARLY, **_QUIET}),
    ("less_per_unit",): (_less_per_unit, {**_NEARLY, **_QUIET}),
    ("credited", "credits"): (_credited, _NEARLY),
    ("cost more",): (_unmeasured, {}),
    ("cost less",): (_backwards(_unmeasured), {}),
    ("prices partly",): (_partly_measured, {}),
    ("prices unknown",): (_free_tokens_used_up, {}),
    ("not explained",): (_unmeasured, {"around": ((_LITTLE_MORE,), (_STEADY, _OTHER))}),
    ("the same",): (_same, _QUIET),
}
"""By the sentences that are due: how such a table is made, and from what."""


def by_chance(recipe: Recipe, choices: Choices, chance: Random) -> list[Sold]:
    """Return one table made by that recipe, of a price and a size that no other has."""
    chosen = {name: chance.choice(each) for name, each in {**_SHARED, **choices}.items()}
    for name in ("price", "size"):
        chosen[name] = round(chosen[name] * Decimal(chance.uniform(0.8, 1.25)), 6)
    given = Made(**chosen)
    return one_price([*recipe(given), *given.around])


def made(recipe: Recipe, choices: Choices) -> st.SearchStrategy[list[Sold]]:
    """Return tables made by that recipe. One number chooses all their values."""
    options = {**_SHARED, **choices}

    def table(number: int) -> list[Sold]:
        chosen = Made(**values([options], [number]))
        return one_price([*recipe(chosen), *chosen.around])

    return st.integers(0, prod(map(len, options.values())) - 1).map(table)
