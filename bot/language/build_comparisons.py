"""Build comparisons from what was parsed: of two periods, or of two names."""

from collections.abc import Iterator, Mapping, Sequence

from bot.language import commands, periods
from bot.language.build_budgets import Filled
from bot.language.build_spend import period, spend
from bot.language.periods import NamedPeriod
from bot.language.tokens import ParseError
from bot.scope import Scope
from providers.period import DAY


def compare(filled: Filled) -> commands.Compare:
    scopes, sides = filled.get("scopes", ()), filled.get("sides", ())
    items = (*filled.get("items", ()), *filled.get("places", ()))
    if "earlier" in filled or (len(sides) == 1 and len(scopes) + len(items) < 2):
        sides = _both_sides(sides, filled)
    is_of_periods = len(sides) == 2 and len(scopes) < 2 and len(items) < 2
    named = [{"scope": scope} for scope in scopes] + [{"about": item} for item in items]
    if len(items) == 2 and len(set(scopes)) == 1:
        named = [{"scope": scopes[0], "about": item} for item in items]
    if not is_of_periods and (len(named) != 2 or len(sides) > 1):
        raise ParseError(
            "Compare two periods, two providers, or two projects, models or keys, for example "
            "“this month vs last month”.",
            *_of_several(named, filled),
        )

    def side(names: Mapping[str, Scope], at: int) -> commands.Spend:
        asked = sides[min(at, len(sides) - 1)] if sides else None
        return spend({**filled, "period": asked, **names})

    if is_of_periods:
        both = {key: scope for names in named for key, scope in names.items()}
        return commands.Compare(side(both, 0), side(both, 1))
    return commands.Compare(side(named[0], 0), side(named[1], 0))


def _of_several(named: Sequence[Mapping[str, Scope]], filled: Filled) -> Iterator[str]:
    """Yield the breakdown that has more than two names, or months, side by side."""
    spans = sorted(side.period for side in filled.get("sides", ()))
    if len(spans) > 2 and not named:
        yield f"{spans[0].start}..{spans[-1].end - DAY} by month"
    kinds = {
        "provider" if slot == "scope" else of.kind for each in named for slot, of in each.items()
    }
    if len(named) > 2 and len(kinds) == 1:
        sides = filled.get("sides", ())
        asked = sides[0] if len(sides) == 1 else period(filled)
        yield f"{asked.text} by {kinds.pop()}"


def compare_either(filled: Filled) -> commands.Compare:
    """Return a comparison of two names: “openai or openrouter”. “up or down” names none."""
    if len((*filled.get("scopes", ()), *filled.get("items", ()))) < 2:
        raise ParseError("“or” compares two names. Ask “by provider”, or name two.")
    return compare(filled)


def _both_sides(sides: tuple[NamedPeriod, ...], filled: Filled) -> tuple[NamedPeriod, ...]:
    """Return both periods where one is named by the other: “up compared to last week”, “this week
    than the one before”. The running one comes first."""
    today = filled["today"]
    named = sides[0] if sides else periods.of_unit(filled.get("earlier", ""), today)
    if len(sides) > 1:
        raise ParseError("Compare two periods at a time.")
    if "earlier" in filled:
        return (named, periods.earlier(named, today))
    running = periods.running(named, today)
    return (running, named) if running and running != named else sides
