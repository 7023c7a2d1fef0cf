"""The docs and the code say the same: settings, commands, metrics, scopes, words, messages."""

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from pydantic import BaseModel

from bot.cli import main, slack_checks
from bot.config.config_file import ConfigFile
from bot.config.settings import VARIABLES
from bot.language.commands import ParseFailure
from bot.language.names import Vocabulary
from bot.language.parser import parse
from bot.metrics import Metrics
from bot.monitoring import GAUGES
from bot.web import Web
from providers import catalog, errors

ROOT = Path(__file__).parents[1]
PAGES = (
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", ".github/CONTRIBUTING.md")),
    ROOT / "providers/README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
)


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def cells(text: str, column: int) -> list[str]:
    """A column of every table in the page, headings left out."""
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("|")]
    return [row[column].strip() for row in rows if len(row) > column and "---" not in row[column]]


def names_in(text: str, pattern: str, column: int = 0) -> set[str]:
    """What stands in backquotes in that column and looks like the pattern."""
    found = {name for cell in cells(text, column) for name in re.findall(r"`([^`]+)`", cell)}
    return {name for name in found if re.fullmatch(pattern, name)}


@cache
def trees() -> tuple[ast.Module, ...]:
    files = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "providers").rglob("*.py")]
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in files)


def variables_in_code() -> set[str]:
    """Every variable of the settings, and every other that a module reads."""
    found = set(VARIABLES)
    for call in (node for tree in trees() for node in ast.walk(tree) if isinstance(node, ast.Call)):
        match call:
            case ast.Call(
                ast.Attribute(ast.Name("environment"), "get"), [ast.Constant(str(name)), *_]
            ):
                found.add(name)
    return found


def on_pages_of_providers() -> set[str]:
    """The variables of each provider that its own page names."""
    return {
        variable
        for kind in catalog.ALL
        for variable in (kind.key_variable, kind.base_url_variable)
        if variable in page(f"docs/providers/{kind.name}.md")
    }


def test_every_setting_is_explained() -> None:
    """The table of settings names what the code reads, and nothing else. A provider's own page may
    name its variables instead."""
    table = page("docs/reference/settings.md").split("\n## ")[0]
    listed = names_in(table, r"[A-Z][A-Z_]+")
    assert variables_in_code() - on_pages_of_providers() <= listed
    assert listed <= variables_in_code()


def test_the_example_environment_names_every_setting_a_person_sets() -> None:
    """All but the addresses, which only tests and proxies change. A provider's page may name
    its key instead."""
    example = set(re.findall(r"^#?([A-Z][A-Z_]+)=", page(".env.example"), re.MULTILINE))
    wanted = {name for name in variables_in_code() if not name.endswith("_URL")} | {
        "DATABASE_URL",
        "AICOST_WEBHOOK_URL",
        "AICOST_RATES_URL",
    }
    assert wanted - on_pages_of_providers() <= example <= wanted


def fields_of(model: type[BaseModel]) -> Iterator[str]:
    """Every key that the configuration file may hold."""
    for name, field in model.model_fields.items():
        yield name
        for inner in getattr(field.annotation, "__args__", ()):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from fields_of(inner)


def test_the_configuration_file_in_the_docs_is_valid_and_complete() -> None:
    """It can be copied; and every key there is stands in it or in its comments."""
    [block] = re.findall(r"```toml\n(.*?)```", page("docs/reference/settings.md"), re.DOTALL)
    ConfigFile.model_validate(tomllib.loads(block))
    missing = {name for name in fields_of(ConfigFile) if not re.search(rf"\b{name}\b", block)}
    assert not missing


def test_every_command_is_explained() -> None:
    """The table of commands is what `aicost --help` lists."""
    table = page("docs/reference/command-line.md")
    listed = {name.split()[1] for name in names_in(table, r"aicost [a-z-]+( .*)?")}
    assert listed == set(main.commands)


def test_every_line_of_the_help_is_whole_at_80_columns() -> None:
    """click ends a summary that is too long with three dots."""
    pages = [([], main), *(([name], command) for name, command in main.commands.items())]
    for path, command in pages:
        context = click.Context(command, info_name=" ".join(["aicost", *path]), terminal_width=80)
        lines = command.get_help(context).splitlines()[1:]  # the first has click's own dots
        assert max(map(len, lines)) <= 80
        assert not [line for line in lines if line.endswith("...")]


def test_every_metric_is_explained() -> None:
    """`/metrics` and the table name the same; alarms name no others."""
    counted = set(GAUGES)
    registry = Metrics().registry
    Web(registry)
    for family in registry.collect():
        suffix = "_total" if family.type == "counter" else ""
        if not family.name.startswith(("process_", "python_")):  # not ours to explain
            counted.add(family.name + suffix)
    assert names_in(page("docs/reference/metrics.md"), r"aicost_[a-z_]+") == counted
    assert set(re.findall(r"aicost_[a-z_]+", page("docs/how-to/monitoring.md"))) <= counted


LOGS = {"debug", "info", "warning", "error", "exception", "critical"}
PASS_ON = {"failing": 1, "log_failure": 1, "defect": 0, "log": 1}
"""Our own functions that log an event, and which of their arguments it is."""


def events_in(tree: ast.Module) -> Iterator[ast.expr]:
    """Where a line of the log is written, its event."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute):
            name, of = call.func.attr, call.func.value
            is_log = isinstance(of, ast.Name) and of.id == "log"
            if isinstance(of, ast.Call) and isinstance(of.func, ast.Attribute):
                is_log = of.func.attr == "get_logger"
            if name in LOGS and is_log:
                yield call.args[0]
        else:
            name = call.func.id if isinstance(call.func, ast.Name) else ""
        if name in PASS_ON and len(call.args) > PASS_ON[name]:
            yield call.args[PASS_ON[name]]


def test_every_event_of_the_log_is_explained() -> None:
    """The table of events names what the code logs, no more and no less, and each is `area.event`;
    the level and the event's own text are not built from values."""
    found = [event for tree in trees() for event in events_in(tree)]
    logged = {each.value for each in found if isinstance(each, ast.Constant)}
    handed_on = {ast.unparse(each) for each in found if not isinstance(each, ast.Constant)}
    assert handed_on <= {"event", "state.event"}
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", str(each)) for each in logged)
    table = page("docs/reference/log.md")
    assert names_in(table, r"[a-z]+\.[a-z_]+") - {"hooks.slack.com"} == logged


def manifest() -> dict[str, Any]:
    return dict(yaml.safe_load(page("manifest.yml")))


def test_every_scope_has_its_reason() -> None:
    """The manifest, the docs and what `doctor` asks for agree."""
    scopes = manifest()["oauth_config"]["scopes"]
    text = page("docs/reference/slack-scopes.md").split("## Events")[0]
    assert names_in(text, r"[a-z_]+(:[a-z._]+)?") == {*scopes["bot"], *scopes["bot_optional"]}
    optional = {cell for cell in cells(text, 0) if cell.endswith("(optional)")}
    assert {cell.split("`")[1] for cell in optional} == set(scopes["bot_optional"])
    assert {*slack_checks.REQUIRED_SCOPES, *slack_checks.USEFUL_SCOPES} == set(scopes["bot"])


def test_every_event_has_its_reason() -> None:
    """The manifest subscribes to what the docs explain."""
    events = manifest()["settings"]["event_subscriptions"]["bot_events"]
    text = page("docs/reference/slack-scopes.md").split("## Events")[1]
    assert names_in(text, r"[a-z_.]+") == set(events)


def test_every_dependency_has_its_reason() -> None:
    """The page names what `pyproject.toml` and `make bench` ask for, no more and no less."""
    project = tomllib.loads(page("pyproject.toml"))
    groups = project["dependency-groups"].values()
    wanted = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    wanted += [each for group in groups for each in group]
    series = re.findall(r"^BENCH_SERIES := (.*)$", page("Makefile"), re.MULTILINE)
    wanted += " ".join(series).replace("_", "-").split()
    assert names_in(page("docs/dependencies.md"), r"[a-z0-9-]+") == {
        re.split(r"[\[<>=~! ]", each)[0] for each in wanted
    }


def examples() -> list[str]:
    """Every `/aicost …` in the docs that has no placeholder in it."""
    texts = set()
    for path in PAGES:
        words = path.read_text(encoding="utf-8")
        texts |= set(re.findall(r"`/aicost ?([^`\n]*)`", words))
        texts |= set(re.findall(r"^/aicost ?(.*?)(?:   .*)?$", words, re.MULTILINE))
    return sorted(text for text in texts if not re.search(r"[\[…|]|TEXT|failed", text))


@pytest.mark.parametrize("text", examples())
def test_what_the_docs_say_to_aicost_is_understood(text: str) -> None:
    """Each example can be typed as it stands."""
    providers = tuple(kind.name for kind in catalog.ALL)
    connections = ("openai", "openai-research", "openrouter")
    words = Vocabulary(providers, connections, has_channels=True)
    sent = text.replace("#search", "<#C0SEARCH|search>")  # as Slack sends it
    asked = parse(sent, words, date(2026, 11, 24))
    assert not isinstance(asked, ParseFailure), asked.message


@cache
def said_in_code() -> list[re.Pattern[str]]:
    """Patterns of the texts in the code, anything where a value is put in."""
    patterns = []
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                patterns.append(re.escape(node.value))
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+"
                    for part in node.values
                ]
                patterns.append("".join(parts))
    return [re.compile(each) for each in patterns if len(each.replace(".+", "")) > 12]


def messages() -> list[str]:
    """The messages that the troubleshooting page quotes."""
    table = page("docs/troubleshooting.md").split("## At the start")[1].split("\n## ")[0]
    return [cell for cell in cells(table, 0) if cell != "message"]


@pytest.mark.parametrize("message", messages())
def test_the_messages_to_be_fixed_are_what_the_code_says(message: str) -> None:
    """Word for word."""
    found = [each for each in said_in_code() if each.search(message)]
    assert found, message


def test_every_kind_of_error_has_its_fix() -> None:
    """Each error that a provider's read can end with stands on the page."""
    kinds = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.ProviderError)
    } - {"ProviderError"}
    listed = {
        name.strip()
        for cell in cells(page("docs/troubleshooting.md"), 0)
        for name in cell.split(",")
    }
    assert kinds <= listed


def test_percentages_are_spelled_one_way() -> None:
    """Without a space, in every page and in every text of the code."""
    texts = [path.read_text(encoding="utf-8") for path in PAGES if path.name != "CHANGELOG.md"]
    texts += [
        node.value
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    spaced = re.compile(r"(?:\d|^)\s%(?!\w)")
    assert [found.group() + text for text in texts if (found := spaced.search(text))] == []


def test_code_named_in_the_docs_is_there() -> None:
    """`bot/x.py` is a file, `bot/x.py::Class.method` something defined in it."""
    named = [
        found
        for path in PAGES
        for found in re.findall(
            r"`((?:bot|providers|simulators)/[\w/]+(?:\.py(?:::[\w.]+)?)?)`",
            path.read_text("utf-8"),
        )
    ]
    assert any("::" in each for each in named)
    for each in named:
        file, _, name = each.partition("::")
        assert (ROOT / file).exists(), each
        scope: Sequence[ast.stmt] = ast.parse((ROOT / file).read_text("utf-8")).body if name else ()
        for part in filter(None, name.split(".")):
            (definition,) = [
                node
                for node in scope
                if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
                and node.name == part
            ]
            scope = definition.body
