"""A difference as lines for people to read. Pure."""

from collections.abc import Mapping

from bot.provisioning.as_toml import TomlTable, Value, table_of, value_text
from bot.provisioning.models import Difference, SettingChange

NO_DIFFERENCE = "Everything is as the file says."
_UNSET = "not set"


def difference_lines(difference: Difference) -> list[str]:
    """Return a line for each change, one for each value in it, and how many changes there are."""
    lines = [line for change in difference.changes for line in _lines(change)]
    lines += [f"Warning: {each}" for each in difference.warnings]
    return [*lines, _summary(difference)]


def _lines(change: SettingChange) -> list[str]:
    before = table_of(change.before.setting) if change.before else None
    after = table_of(change.after) if change.after else None
    number = f" (#{change.before.number})" if change.before and change.before.number else ""
    match change.kind:
        case "add" if after:
            return [f"+ {_title(after)}", *_values(after.rest)]
        case "remove" if before:
            return [f"- {_title(before)}{number}"]
        case "adopt" if after:
            return [f"= {_title(after)}{number}: set in Slack, managed by the file from now on"]
        case "change" if before and after:
            return [f"~ {_title(before)}{number}", *_changed(before, after)]
    raise AssertionError("a change has a value for each of its sides")


def _title(table: TomlTable) -> str:
    about = ", ".join(f"{key} {_shown(value)}" for key, value in table.about.items())
    return f"[[{table.name}]] {about}"


def _values(fields: Mapping[str, Value]) -> list[str]:
    return [f"    {key} = {value_text(value)}" for key, value in fields.items()]


def _changed(before: TomlTable, after: TomlTable) -> list[str]:
    old, new = {**before.about, **before.rest}, {**after.about, **after.rest}
    return [
        f"    {key}: {_shown(old.get(key))} → {_shown(new.get(key))}"
        for key in dict.fromkeys((*old, *new))
        if old.get(key) != new.get(key)
    ]


def _shown(value: Value | None) -> str:
    if value is None:
        return _UNSET
    return value if isinstance(value, str) and value.isprintable() else value_text(value)


def _summary(difference: Difference) -> str:
    kinds = [each.kind for each in difference.changes]
    words = {"add": "to add", "change": "to change", "remove": "to remove"}
    counts = [f"{kinds.count(kind)} {what}" for kind, what in words.items() if kind in kinds]
    return f"{', '.join(counts)}." if counts else NO_DIFFERENCE
