"""Build questions about spend from what was parsed."""

from bot.language import commands, periods
from bot.language.build_budgets import Filled
from bot.language.names import scope_text
from bot.language.periods import NamedPeriod
from bot.language.text import text_of
from bot.language.tokens import ParseError
from bot.ledger.models import Dimension
from bot.scope import Scope


def scope_of(filled: Filled) -> Scope | None:
    """Return the connection or provider; None for all."""
    scope: Scope | None = filled.get("scope")
    return scope if scope and scope.name else None


def about_asked(filled: Filled) -> Scope | None:
    """Return the one project, key, model, team, person or channel that is asked about."""
    about: Scope | None = filled.get("about")
    place: Scope | None = filled.get("place")
    if about and place:
        raise ParseError(f"One at a time: {scope_text(about)} or {scope_text(place)}.")
    return about or place


def period(filled: Filled) -> NamedPeriod:
    return filled.get("period") or periods.month_to_date(filled["today"])


def spend(filled: Filled) -> commands.Spend:
    by, rank, about = filled.get("by", ()), filled.get("rank"), about_asked(filled)
    if rank and not by:
        raise ParseError(f"The top {abs(rank)} of what? For example top {abs(rank)} models.")
    asked = period(filled)
    first, second = _dimensions(by)
    if about and about.kind in (first, second):
        raise ParseError(
            f"{scope_text(about)} is one {about.kind}. Leave out “by {about.kind}”.",
            text_of(spend({**filled, "by": (), "rank": None})),
        )
    return commands.Spend(
        scope=scope_of(filled),
        period=asked.period,
        period_words=asked.words,
        by=first,
        period_text=asked.text,
        about=about,
        then_by=second,
        top=rank,
    )


def _dimensions(by: tuple[Dimension, ...]) -> tuple[Dimension | None, Dimension | None]:
    """Return one or two dimensions. Each row names its provider, so that one can be combined with
    any other."""
    others = tuple(each for each in by if each != "provider") or by
    if len(others) > 1 and (len(others) > 2 or set(others) != {"project", "model"}):
        raise ParseError(
            "One breakdown at a time, or by project and model: "
            f"“by {others[0]}” or “by {others[1]}”."
        )
    return (others[0] if others else None), (others[1] if len(others) > 1 else None)
