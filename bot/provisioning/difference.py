"""Compare the file's settings with the database's. Pure."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import replace

from bot.provisioning.models import (
    DigestSetting,
    Held,
    RuleSetting,
    Setting,
    SettingChange,
    key_of,
)
from bot.scope import Connections, usual_scope


def changes_to(
    wanted: Sequence[Setting], held: Sequence[Held], connections: Connections
) -> list[SettingChange]:
    """Return what makes the database's settings the file's: removals first, then in the file's
    order.

    What was set in Slack alone is left alone. A budget that only moved to another channel stays
    the same budget, with its alerts.
    """

    def key(setting: Setting) -> Hashable:
        return key_of(_with_usual_scope(setting, connections))

    by_key: dict[Hashable, Held] = {}
    for each in sorted(held, key=lambda each: not each.is_managed):
        by_key.setdefault(key(each.setting), each)
    keys = {key(each) for each in wanted}
    gone = [each for known, each in by_key.items() if each.is_managed and known not in keys]
    moved = _moved([each for each in wanted if key(each) not in by_key], gone)
    changes = [
        change
        for setting in wanted
        if (change := _change(setting, by_key.get(key(setting)) or moved.get(setting)))
    ]
    kept = [id(each) for each in moved.values()]
    removals = [SettingChange("remove", each, None) for each in gone if id(each) not in kept]
    return [*removals, *changes]


def _with_usual_scope(setting: Setting, connections: Connections) -> Setting:
    match setting:
        case RuleSetting(scope):
            return replace(setting, scope=usual_scope(scope, connections))
        case DigestSetting(_, settings):
            scope = usual_scope(settings.scope, connections)
            return replace(setting, settings=replace(settings, scope=scope))
        case _:
            return setting


def _change(wanted: Setting, held: Held | None) -> SettingChange | None:
    if held is None:
        return SettingChange("add", None, wanted)
    wanted = _as_written(wanted, held.setting)
    if wanted != held.setting:
        return SettingChange("change", held, wanted)
    return None if held.is_managed else SettingChange("adopt", held, wanted)


def _as_written(wanted: Setting, held: Setting) -> Setting:
    """With the scope as it is held: in any case, and for the only connection of a provider."""
    match wanted, held:
        case RuleSetting(), RuleSetting(scope):
            return replace(wanted, scope=scope)
        case DigestSetting(_, settings), DigestSetting(_, there):
            return replace(wanted, settings=replace(settings, scope=there.scope))
        case _:
            return wanted


def _moved(new: Sequence[Setting], gone: Sequence[Held]) -> dict[Setting, Held]:
    """Return which new budgets are those that are gone elsewhere, where only one can be meant."""
    here = Counter(map(_without_channel, new))
    there = Counter(_without_channel(each.setting) for each in gone)
    found = {_without_channel(each.setting): each for each in gone}
    return {
        setting: found[key]
        for setting in new
        if (key := _without_channel(setting)) is not None and (here[key], there[key]) == (1, 1)
    }


def _without_channel(setting: Setting) -> Hashable | None:
    return key_of(setting)[:-1] if isinstance(setting, RuleSetting) else None
