"""The reference pages and the code say the same: options, defaults, keys, columns, providers."""

import ast
import re
from collections.abc import Iterator

import click
import pytest

from bot.cli import main
from bot.config.fields import EnvironmentSettings
from bot.config.settings import DatabaseSettings, ProcessSettings, SlackSettings
from bot.reports.focus import COLUMNS
from providers.catalog import ALL
from providers.errors import ProviderError
from tests.test_docs import ROOT, cells, names_in, page


def options() -> set[str]:
    """Every option of every command."""
    named = set()
    for command in main.commands.values():
        nested = command.commands.values() if isinstance(command, click.Group) else (command,)
        for each in nested:
            for parameter in each.params:
                if isinstance(parameter, click.Option):
                    named |= {name for name in parameter.opts if name.startswith("--")}
    return named


def test_every_option_is_explained() -> None:
    """The page of the command line and that of the demo name each option, and no other."""
    text = page("docs/reference/command-line.md") + page("docs/demo.md")
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) == options()


def default_of(settings: type[EnvironmentSettings], variable: str) -> object:
    """What a variable is where it isn't set."""
    (field,) = (each for each in settings.model_fields.values() if each.alias == variable)
    default = field.default
    return default.get_secret_value() if hasattr(default, "get_secret_value") else default


def test_defaults_are_those_of_the_code() -> None:
    """Each default in the table of settings."""
    rows = page("docs/reference/settings.md").split("\n## ")[0]
    shown = dict(zip(cells(rows, 0), cells(rows, 1), strict=True))
    assert shown["`PORT`"] == f"`{default_of(ProcessSettings, 'PORT')}`"
    assert shown["`DATABASE_URL`"] == f"`{default_of(DatabaseSettings, 'DATABASE_URL')}`"
    assert shown["`SLACK_API_URL`"] == f"`{default_of(SlackSettings, 'SLACK_API_URL')}/`"
    assert str(default_of(ProcessSettings, "AICOST_SYNC_EVERY")) == "0:15:00"
    assert shown["`AICOST_SYNC_EVERY`"] == "`15m`"
    assert shown["`AICOST_METRICS_AMOUNTS`"] == "`off`"
    assert default_of(ProcessSettings, "AICOST_METRICS_AMOUNTS") is False
    for kind in ALL:  # as far as the table has them: its own page may instead
        assert shown.get(f"`{kind.base_url_variable}`") in (None, f"`{kind.base_url}`")
        assert shown.get(f"`{kind.key_variable}`") in (None, "–")


def keys_written(source: str) -> set[str]:
    """The keys of every object that `as_json.py` makes: of literals, of `to_object`'s texts and of
    what is set by name."""
    tree = ast.parse(source)
    texts: dict[str, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign([ast.Name(name)], ast.Constant(str(text))):
                texts[name] = text
            case ast.AugAssign(ast.Name(name), ast.Add(), ast.Constant(str(text))):
                texts[name] += text

    def text_of(node: ast.expr) -> Iterator[str]:
        match node:
            case ast.Constant(str(text)):
                yield text
            case ast.Name(name):
                yield texts[name]
            case ast.JoinedStr(values):
                for value in values:
                    yield from text_of(value)
            case ast.FormattedValue(value):
                yield from text_of(value)

    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Dict(keys):
                found |= {key.value for key in keys if isinstance(key, ast.Constant)}
            case ast.Subscript(slice=ast.Constant(str(key)), ctx=ast.Store()):
                found.add(key)
            case ast.Call(ast.Name("to_object"), [_, described]):
                words = " ".join(text_of(described)).split()
                found |= {word.partition("=")[0] for word in words}
    return {str(key) for key in found}


def test_keys_are_found_in_code() -> None:
    """In a literal, in a text with and without an attribute, by name, added to, and set."""
    source = "K = 'c d=e'\nK += ' g'\nx = {'a': to_object(v, 'b'), **to_object(v, K)}\nx['f'] = 1"
    assert keys_written(source) == set("abcdfg")


def keys_explained(text: str) -> set[str]:
    """The keys that a page has as code: in the key column of a table, in its other column where
    they are keys of that key's object, and in an object that is shown. A word of a sentence or of
    an example that is typed explains none."""
    keys = set()
    for code in re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)):
        keys |= {code} if re.fullmatch(r"[a-z_]+", code) else set(re.findall(r'"([a-z_]+)":', code))
    return keys


def test_every_key_of_the_json_is_explained() -> None:
    """The page names what the answers hold, no more and no less."""
    values = {"ok", "stale", "day", "week", "month", "vs"}
    explained = keys_explained(page("docs/reference/json.md"))
    written = keys_written(page("bot/reports/as_json.py"))
    columns_too = keys_written(page("bot/statements/files.py"))
    written |= {key for key in columns_too if key.islower()}
    assert explained - values == written - values


def test_a_word_explains_no_key() -> None:
    """Nor does a command that is typed."""
    text = '| `a` | of b, with `c` |\n\nd `{"e": {"f": 1}}`\n\n```\njq .g `h`\n```\n'
    assert keys_explained(text) == set("acef")


def test_every_column_of_the_export_is_explained() -> None:
    """The page lists the columns that `aicost export` writes."""
    assert names_in(page("docs/reference/focus.md"), r"(x_)?[A-Z]\w+") == set(COLUMNS)


SECTIONS = [
    "What is read",
    "Key",
    "Delays",
    "What is not included",
    "Quirks",
    "Troubleshooting",
]
"""Of every provider's page, in this order; a page may have others between them."""


@pytest.mark.parametrize("name", [kind.name for kind in ALL])
def test_each_provider_has_a_page_of_its_own(name: str) -> None:
    """With the sections that every provider's page has, its key's variable, and each endpoint that
    is asked."""
    (kind,) = (kind for kind in ALL if kind.name == name)
    text = page(f"docs/providers/{name}.md")
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert [each for each in sections if each in SECTIONS] == SECTIONS
    assert kind.key_variable in text
    assert kind.title in page("docs/providers/index.md")
    if not kind.reports_spend:
        return
    delays = text.split("## Delays")[1].split("\n## ")[0]
    assert f"after {kind.settling_days} days" in delays
    assert f"{kind.publication_delay.total_seconds() / 3600:g} hours" in delays
    client = ROOT / "providers" / name / "client.py"  # a small adapter may have none
    source = (client if client.exists() else client.with_name("provider.py")).read_text("utf-8")
    asked = {re.sub(r"\{.*", "", path) for path in re.findall(r'f?"(/[a-z_/{]+)', source)}
    assert asked
    assert [path for path in sorted(asked) if f"`{path}" not in text] == []


def test_the_errors_on_the_pages_of_providers_are_real() -> None:
    """A kind of error that is renamed is missed here."""
    kinds = {kind.__name__ for kind in ProviderError.__subclasses__()}
    for kind in list(ProviderError.__subclasses__()):
        kinds |= {each.__name__ for each in kind.__subclasses__()}
    for provider in ALL:
        table = page(f"docs/providers/{provider.name}.md").split("## Troubleshooting")[1]
        named = {
            cell for cell in cells(table, 0) if re.fullmatch(r"[A-Z][a-z]+([A-Z][a-z]+)+", cell)
        }
        assert named
        assert named <= kinds
