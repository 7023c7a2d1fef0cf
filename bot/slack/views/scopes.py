"""The menu of scopes, and what comes back of it."""

from collections.abc import Sequence
from typing import get_args

from bot.answers.choices import Choices
from bot.slack.messages.rule_words import TITLES
from bot.slack.text import tidy
from bot.slack.views.fields import Element, Option, grouped_select
from bot.spend.watching.rules import Scope, ScopeKind

ALL = "all"
ITEMS: tuple[tuple[ScopeKind, str], ...] = (
    ("project", "Projects"),
    ("model", "Models"),
    ("key", "Keys"),
)


def scope_select(
    choices: Choices, kinds: Sequence[ScopeKind], chosen: Scope | None = None
) -> Element:
    """Everything, providers, connections and the items of these kinds."""
    groups: dict[str, list[Option]] = {}
    if "all" in kinds:
        groups["Everything"] = [Option("All providers together", ALL)]
    providers = list(dict.fromkeys(each.provider for each in choices.connections))
    groups["Providers"] = [Option(TITLES.get(each, each), f"provider:{each}") for each in providers]
    groups["Connections"] = [
        Option(tidy(each.title), f"connection:{each.name}")
        for each in choices.connections
        if each.name not in providers
    ]
    for kind, label in ITEMS:
        if kind in kinds:
            groups[label] = [Option(tidy(name), f"{kind}:{name}") for name in choices.named(kind)]
    filled = {label: options for label, options in groups.items() if options}
    return grouped_select(filled, None if chosen is None else value_of(chosen))


def value_of(scope: Scope) -> str:
    """The value of a scope's option."""
    return ALL if scope.kind == "all" else f"{scope.kind}:{scope.name}"


def scope_of(value: str) -> Scope | None:
    """The scope of an option's value; None for anything else."""
    if value == ALL:
        return Scope("all")
    kind, _, name = value.partition(":")
    for known in get_args(ScopeKind):
        if kind == known and name:
            return Scope(known, name)
    return None
