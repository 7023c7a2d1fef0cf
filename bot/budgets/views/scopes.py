"""The menu of scopes, and its value."""

from collections.abc import Mapping, Sequence
from typing import get_args

from bot.reports.choices import Options, ScopeItem
from bot.scope import Scope, ScopeKind
from bot.slack.blocks import Element
from bot.slack.fields import Option, select_or_search
from bot.wording import tidy
from providers.catalog import title_of

ALL = "all"
ITEMS: tuple[tuple[ScopeKind, str], ...] = (
    ("project", "Projects"),
    ("model", "Models"),
    ("key", "Keys"),
    ("team", "Teams"),
)
_SEARCHED = 500
"""Characters of a name that are searched; menus show fewer."""


def scope_select(
    choices: Options,
    kinds: Sequence[ScopeKind],
    search: str,
    chosen: Scope | None = None,
    here: str | None = None,
) -> Element:
    """Return a menu of everything, providers, connections and the items of these kinds. If there
    are more than a menu can hold, it searches while typing, through the action `search`.

    `here`: the channel in which it is opened. A menu is plain text, which can't show the names of
    other channels to their members alone.
    """
    groups = scope_options(choices, kinds)
    if "channel" in kinds and here in choices.channels:
        groups = {**groups, "This channel": [Option("AI in this channel", f"channel:{here}")]}
    return select_or_search(groups, search, None if chosen is None else _option_of(chosen))


def scope_options(choices: Options, kinds: Sequence[ScopeKind]) -> Mapping[str, Sequence[Option]]:
    """Return all options, by heading."""
    groups: dict[str, list[Option]] = {}
    if "all" in kinds:
        groups["Everything"] = [_option_of(Scope("all"))]
    providers = list(dict.fromkeys(each.provider for each in choices.connections))
    groups["Providers"] = [_option_of(Scope("provider", each)) for each in providers]
    groups["Connections"] = [
        Option(tidy(each.title, _SEARCHED), f"connection:{each.name}")
        for each in choices.connections
        if each.name not in providers
    ]
    for kind, label in ITEMS:
        if kind in kinds:
            groups[label] = [
                Option(shown(item), f"{kind}:{item.value}") for item in choices.items(kind)
            ]
    if "each" in kinds:
        there = {"person": choices.has_people, "team": choices.teams, "project": choices.projects}
        every = [Scope("each", kind) for kind, is_there in there.items() if is_there]
        groups["Each, with the same amount"] = [_option_of(each) for each in every]
    return {label: options for label, options in groups.items() if options}


def shown(item: ScopeItem) -> str:
    """Return an item's name as menus show and search it."""
    return tidy(item.name[:_SEARCHED], _SEARCHED)


def value_of(scope: Scope) -> str:
    """Return the value of a scope's option."""
    return ALL if scope.kind == "all" else f"{scope.kind}:{scope.name}"


def scope_of(value: str) -> Scope | None:
    """Return the scope of an option's value; None if it is invalid."""
    if value == ALL:
        return Scope("all")
    kind, _, name = value.partition(":")
    for known in get_args(ScopeKind):
        if kind == known and name:
            return Scope(known, name)
    return None


def _option_of(scope: Scope) -> Option:
    name = scope.name or ""
    match scope.kind:
        case "all":
            return Option("All providers together", ALL)
        case "each":
            return Option(f"Each {name}", value_of(scope))
        case "channel":
            return Option("AI in one channel", value_of(scope))
        case "provider":
            return Option(title_of(name), value_of(scope))
        case _:
            return Option(tidy(name, _SEARCHED), value_of(scope))
