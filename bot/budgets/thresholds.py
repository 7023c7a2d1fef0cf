"""The thresholds of a rule, and who is mentioned at which. Pure."""

from collections.abc import Sequence

from bot.budgets.models import Budget, LowBalanceRule, Mentions, Threshold


def thresholds_of(target: Budget | LowBalanceRule) -> tuple[Threshold, ...]:
    """Return the thresholds of a rule, lowest first, actual before forecast."""
    if isinstance(target, LowBalanceRule):
        return (Threshold("left" if target.dollars is not None else "runway", 0),)
    return (
        *(Threshold("actual", threshold) for threshold in sorted(set(target.thresholds))),
        *(
            Threshold("forecast", threshold)
            for threshold in sorted(set(target.forecast_thresholds))
        ),
    )


def map_mentions_to_thresholds(
    mentions: Mentions, before: Sequence[int], after: Sequence[int]
) -> Mentions:
    """Keep each person's mentions when thresholds change. All stays all, and last stays last.
    Others keep their threshold, or move up to the next one."""
    old, new = sorted(set(before)), sorted(set(after))
    if old == new or not new:
        return mentions
    found: list[tuple[int, str]] = []
    for who in dict.fromkeys(who for _, who in mentions):
        named = {threshold for threshold, each in mentions if each == who}
        if named >= set(old):
            found += [(line, who) for line in new]
        else:
            found += [(_moved(line, old, new), who) for line in sorted(named)]
    return tuple(dict.fromkeys(found))


def _moved(line: int, old: Sequence[int], new: Sequence[int]) -> int:
    if line == old[-1]:
        return new[-1]
    return next((each for each in new if each >= line), new[-1])
