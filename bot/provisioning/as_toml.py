"""Settings as the file's tables: the keys and values of each, and the text of a file. Pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from pathlib import Path

from bot.budgets.models import Budget
from bot.config.config_file import ConfigFile, ConnectionEntry
from bot.config.managed_tables import SCOPE_KEYS
from bot.provisioning.file_settings import DAYS
from bot.provisioning.models import (
    AnomalyAlertsSetting,
    DigestSetting,
    RuleSetting,
    Setting,
    VisibilitySetting,
)
from bot.schedule import EVERY_DAY, MONDAYS
from bot.scope import Scope

Value = str | bool | int | Decimal | time | Sequence["Value"] | Mapping[str, "Value"]
HEADER = """\
#:schema ./aicost.schema.json
# Written by aicost export-config. See docs/how-to/configuration-as-code.md.
"""
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class TomlTable:
    """One `[[name]]`."""

    name: str
    about: Mapping[str, Value]
    """What no two entries share."""
    rest: Mapping[str, Value]
    """Everything else; what is usual is left out."""


def table_of(setting: Setting) -> TomlTable:
    """Return the table that says this setting."""
    match setting:
        case RuleSetting():
            return _rule(setting)
        case DigestSetting():
            return _digest(setting)
        case AnomalyAlertsSetting(channel):
            return TomlTable("anomaly_alerts", {"channel": channel}, {})
        case VisibilitySetting(place, part):
            kind = "group" if place.startswith("S") else "channel"
            limits = {"connections": part.connections, "projects": part.projects}
            rest = {key: sorted(names) for key, names in limits.items() if names is not None}
            return TomlTable("visibility", {kind: place}, rest)


def toml_of(file: ConfigFile, settings: Iterable[Setting]) -> str:
    """Return the text of a file with these settings; what can't be set in Slack is as in
    `file`: connections, `[alerts]`, teams and people."""
    parts = [HEADER]
    parts += [_text("[[connection]]", _connection(each)) for each in file.connection]
    if hours := file.alerts.model_dump(exclude_defaults=True):
        parts.append(_text("[alerts]", hours))
    for table in ("team", "shared_cost", "person"):
        for entry in getattr(file, table):
            parts.append(_text(f"[[{table}]]", entry.model_dump(exclude_defaults=True)))
    for each in map(table_of, settings):
        parts.append(_text(f"[[{each.name}]]", {**each.about, **each.rest}))
    return "\n".join(parts)


def value_text(value: Value) -> str:
    """Return a value as TOML has it."""
    match value:
        case bool():
            return str(value).lower()
        case Decimal():
            return _number(value)
        case int():
            return str(value)
        case time():
            return f'"{value:%H:%M}"'
        case str():
            return _quoted(value)
        case Mapping():
            pairs = (f"{_key(key)} = {value_text(each)}" for key, each in value.items())
            return f"{{ {', '.join(pairs)} }}"
        case _:
            return f"[{', '.join(map(value_text, value))}]"


def _rule(setting: RuleSetting) -> TomlTable:
    target, rest = setting.target, dict[str, Value]()
    about: dict[str, Value] = {**_scope(setting.scope)}
    if isinstance(target, Budget):
        name, about = "budget", about | {"period": target.period}
        rest |= {"amount": target.amount, "thresholds": target.thresholds}
        if target.forecast_thresholds:
            rest["forecast_thresholds"] = target.forecast_thresholds
        people: dict[str, Value] = {
            str(at): [who for level, who in sorted(setting.mentions) if level == at]
            for at in sorted({at for at, _ in setting.mentions})
        }
        if people:
            rest["mentions"] = people
    else:
        name = "low_balance"
        rest |= {"days": target.days} if target.days is not None else {}
        rest |= {"dollars": target.dollars} if target.dollars is not None else {}
        if setting.mentions:
            rest["mentions"] = sorted(who for _, who in setting.mentions)
    if setting.is_end_quiet:
        rest["notify_when_resolved"] = False
    return TomlTable(name, about | {"channel": setting.channel}, rest)


def _digest(setting: DigestSetting) -> TomlTable:
    settings = setting.settings
    schedule, is_weekly = settings.schedule, settings.cadence == "weekly"
    rest: dict[str, Value] = {"time": schedule.at, "zone": schedule.zone}
    if schedule.days != (MONDAYS if is_weekly else EVERY_DAY):
        rest["days"] = [DAYS[day] for day in sorted(schedule.days)]
    if settings.depth != "full":
        rest["depth"] = settings.depth
    if settings.settled_by is not None:
        rest["settled_by"] = settings.settled_by
    for key, is_so in (
        ("allow_external", setting.is_sharing_allowed),
        ("paused", setting.is_paused),
    ):
        rest |= {key: True} if is_so else {}
    about = {**_scope(settings.scope), "cadence": settings.cadence, "channel": setting.channel}
    return TomlTable("digest", about, rest)


def _scope(scope: Scope) -> Mapping[str, Value]:
    return {} if scope.name is None else {SCOPE_KEYS[scope.kind]: scope.name}


def _connection(entry: ConnectionEntry) -> Mapping[str, Value]:
    fee = entry.purchase_fee
    found = {
        "name": entry.name,
        "provider": entry.provider.name,
        "key_env": entry.key_env,
        "key_file": entry.key_file,
        "base_url": entry.base_url,
        "billing": entry.billing,
        "purchase_fee": None if fee is None else f"{(fee * 100).normalize():f}%",
    }
    return {
        key: str(value) if isinstance(value, Path) else value
        for key, value in found.items()
        if value is not None
    }


def _text(heading: str, fields: Mapping[str, Value]) -> str:
    lines = [f"{_key(key)} = {value_text(value)}" for key, value in fields.items()]
    return "\n".join([heading, *lines, ""])


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _quoted(key)


def _quoted(text: str) -> str:
    """A basic string: TOML escapes as JSON does, and DEL too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _number(amount: Decimal) -> str:
    """Digits where a reader gets the same amount of them, else in quotes: TOML's numbers are
    binary."""
    plain = f"{amount.normalize():f}"
    if "." not in plain or Decimal(repr(float(plain))) == amount:
        return plain
    return _quoted(plain)
