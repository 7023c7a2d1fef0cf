"""Settings written as a file are the settings that the file says; and what a difference is."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import time
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access.models import ScopeFilter
from bot.budgets.evaluate import thresholds_of
from bot.budgets.models import Budget, LowBalanceRule
from bot.cli.apply import difference_lines
from bot.config.config_file import ConfigFile, schema_text
from bot.db.models import Cadence, DigestSettings
from bot.provisioning.as_toml import toml_of
from bot.provisioning.difference import changes_to
from bot.provisioning.file_settings import settings_of
from bot.provisioning.models import (
    AnomalyAlertsSetting,
    Difference,
    DigestSetting,
    Held,
    RuleSetting,
    Setting,
    VisibilitySetting,
    key_of,
)
from bot.schedule import EVERY_DAY, Schedule
from bot.scope import Scope

SCHEMA = Path(__file__).parents[2] / "docs/aicost.schema.json"
CHANNELS = st.from_regex(r"\AC[A-Z0-9]{2,10}\Z")
PEOPLE = st.from_regex(r"\A[UWS][A-Z0-9]{2,10}\Z")
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
AMOUNTS = st.decimals(Decimal("1e-9"), 10**9, places=9)
SCOPES = st.one_of(
    st.just(Scope("all")),
    st.builds(Scope, st.sampled_from(("provider", "connection", "project", "key", "model")), NAMES),
)
BALANCES = st.builds(Scope, st.sampled_from(("provider", "connection")), NAMES)
PERCENTS = st.sets(st.integers(1, 1000), max_size=10).map(lambda found: tuple(sorted(found)))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@st.composite
def rules(draw: st.DrawFn) -> RuleSetting:
    if draw(st.booleans()):
        target: Budget | LowBalanceRule = Budget(
            draw(AMOUNTS),
            draw(st.sampled_from(("daily", "weekly", "monthly"))),
            draw(PERCENTS.filter(bool)),
            draw(PERCENTS),
        )
        scope = draw(SCOPES)
    else:
        days = draw(st.none() | st.integers(1, 3650))
        target = LowBalanceRule(None if days else draw(AMOUNTS), days)
        scope = draw(BALANCES)
    at = st.sampled_from([level.percent for level in thresholds_of(target)])
    mentions = draw(st.frozensets(st.tuples(at, PEOPLE), max_size=4))
    return RuleSetting(scope, target, draw(CHANNELS), mentions, draw(st.booleans()))


@st.composite
def digests(draw: st.DrawFn) -> DigestSetting:
    cadence: Cadence = draw(st.sampled_from(("daily", "weekly", "monthly")))
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    at = draw(TIMES.filter(lambda at: at < time(23, 59)))
    settings = DigestSettings(
        draw(SCOPES.filter(lambda scope: scope.kind not in ("key", "model"))),
        cadence,
        draw(st.sampled_from(("full", "short"))),
        Schedule(
            at,
            EVERY_DAY if cadence == "monthly" else days,
            draw(st.sampled_from(("UTC", "Europe/London", "Asia/Tokyo"))),
        ),
        draw(st.none() | TIMES.filter(lambda late: late > at)) if at < time(23) else None,
    )
    return DigestSetting(draw(CHANNELS), settings, draw(st.booleans()), draw(st.booleans()))


@st.composite
def limits(draw: st.DrawFn) -> VisibilitySetting:
    names = st.none() | st.frozensets(NAMES, max_size=3)
    projects = st.none() | st.frozensets(NAMES.map(str.casefold), max_size=3)
    part = ScopeFilter(draw(names), draw(projects))
    place = draw(CHANNELS | st.from_regex(r"\AS[A-Z0-9]{2,10}\Z"))
    return VisibilitySetting(place, part if part != ScopeFilter() else ScopeFilter(frozenset()))


SETTINGS = st.lists(
    st.one_of(rules(), digests(), limits(), st.builds(AnomalyAlertsSetting, CHANNELS)),
    max_size=6,
    unique_by=lambda setting: tuple(
        part.casefold() if isinstance(part, str) else part for part in key_of(setting)
    ),
)


@given(SETTINGS)
def test_what_is_exported_says_the_same(settings: Sequence[Setting]) -> None:
    """Any settings, written as a file and read, differ in nothing; editors take the file."""
    content = tomllib.loads(toml_of(ConfigFile(), settings))
    read = settings_of(ConfigFile.model_validate(content), {})
    assert changes_to(read, [Held(each, is_managed=True) for each in settings], {}) == []
    taken_over = changes_to(read, [Held(each, is_managed=False) for each in settings], {})
    assert Difference(taken_over).is_empty
    assert len(taken_over) == len(settings)
    jsonschema.validate(content, json.loads(schema_text()))


def test_the_schema_in_the_docs_is_the_one_that_is_printed() -> None:
    """`aicost config-schema` prints what stands in docs/."""
    assert SCHEMA.read_text(encoding="utf-8") == schema_text()


OPENAI = RuleSetting(
    Scope("provider", "openai"), Budget(Decimal(500), "monthly", (50, 100)), "C111"
)
DIGEST = DigestSetting(
    "C111",
    DigestSettings(Scope("all"), "daily", "full", Schedule(time(9), EVERY_DAY, "UTC")),
)


def held(setting: Setting, number: int = 1, *, is_managed: bool = True) -> Held:
    return Held(setting, is_managed, number)


def kinds(wanted: Sequence[Setting], there: Sequence[Held]) -> list[str]:
    return [each.kind for each in changes_to(wanted, there, {})]


def test_what_was_set_in_slack_is_left_alone() -> None:
    """Only what the file managed is removed with its entry."""
    assert kinds([], [held(OPENAI, is_managed=False), held(DIGEST, 2)]) == ["remove"]


def test_a_name_in_another_case_is_the_same() -> None:
    """As in Slack."""
    here = replace(OPENAI, scope=Scope("project", "Search"))
    there = replace(OPENAI, scope=Scope("project", "search"))
    assert kinds([here], [held(there)]) == []


def test_a_provider_is_its_only_connection() -> None:
    """As the words of `/aicost` have it, whichever of the two was stored; of several it is all."""
    text = 'amount = 500\nperiod = "monthly"\nthresholds = [50, 100]\nchannel = "C111"\n'
    content = tomllib.loads(f'[[budget]]\nprovider = "openai"\n{text}')
    file = ConfigFile.model_validate(content)
    one = {"openai": "openai", "openrouter": "openrouter"}
    (stored,) = settings_of(file, one)
    assert stored == replace(OPENAI, scope=Scope("connection", "openai"))
    for there in (stored, OPENAI):
        assert changes_to([stored], [held(there)], one) == []
    (wide,) = settings_of(file, one | {"research": "openai"})
    assert wide == OPENAI


def test_a_budget_that_moves_stays_the_same() -> None:
    """It is changed, not removed and made again, where only one can be meant."""
    moved, other = replace(OPENAI, channel="C222"), replace(OPENAI, channel="C333")
    (change,) = changes_to([moved], [held(OPENAI, 7)], {})
    assert (change.kind, change.before and change.before.number) == ("change", 7)
    assert kinds([moved, other], [held(OPENAI)]) == ["remove", "add", "add"]
    assert kinds([moved], [held(OPENAI, is_managed=False)]) == ["add"]


@pytest.mark.parametrize("is_managed", [True, False])
def test_a_difference_is_readable(*, is_managed: bool) -> None:
    """What is added, changed, taken over and removed, with values before and after."""
    dearer = replace(OPENAI, target=Budget(Decimal("999.5"), "monthly", (50, 100)))
    lines = difference_lines(Difference(changes_to([dearer], [held(OPENAI, 3)], {})))
    assert lines == [
        "~ [[budget]] provider openai, period monthly, channel C111 (#3)",
        "    amount: 500 → 999.5",
        "1 to change.",
    ]
    there = [held(OPENAI, 3, is_managed=is_managed), held(AnomalyAlertsSetting("C2"), 0)]
    assert difference_lines(Difference(changes_to([OPENAI, DIGEST], there, {}), ["Check it."])) == [
        "- [[anomaly_alerts]] channel C2",
        *(
            []
            if is_managed
            else [
                "= [[budget]] provider openai, period monthly, channel C111 (#3): "  # noqa: ISC004
                "set in Slack, managed by the file from now on"
            ]
        ),
        "+ [[digest]] cadence daily, channel C111",
        '    time = "09:00"',
        '    zone = "UTC"',
        "Warning: Check it.",
        "1 to add, 1 to remove.",
    ]
