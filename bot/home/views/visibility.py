"""The modal of visibility rules."""

import re
from collections.abc import Sequence
from typing import Any

from bot.access.managed import MANAGED
from bot.access.models import ScopeFilter, VisibilityRule
from bot.budgets.views.scopes import shown
from bot.language.references import reference
from bot.reports.choices import Options
from bot.slack.blocks import actions, button, context
from bot.slack.fields import (
    Option,
    any_channel,
    checkboxes,
    field,
    form,
    line,
    multi_select,
    multi_select_or_search,
)
from bot.slack.forms import FormErrors, Submission
from bot.wording import tidy

VISIBILITY_FORM = "aicost.visibility.form"
PREVIEW_VISIBILITY = "aicost.visibility.preview"
SEARCH_PROJECTS = "aicost.visibility.projects"
CHANNEL = "channel"
GROUP = "group"
CONNECTIONS = "connections"
PROJECTS = "projects"
OTHERS = "others"
LIFT = "lift"
RULES_SHOWN = 20
_GROUP_ID = re.compile(r"S[A-Z0-9]{2,}")


def visibility_view(choices: Options, rules: Sequence[VisibilityRule]) -> dict[str, Any]:
    """Return the modal that limits what a channel or user group sees, or removes a limit. Raises
    `ValueError` if there is no connection."""
    if not choices.connections:
        raise ValueError("nothing is connected")
    projects = project_options(choices)
    blocks = [
        field(
            CHANNEL,
            "Channel",
            any_channel(),
            hint="Applies to every answer in this channel, for everyone.",
            optional=True,
        ),
        field(
            GROUP,
            "Or a user group",
            line(placeholder="S0123456789"),
            hint="Its ID: in Slack, People, User groups, the three dots, Copy group ID.",
            optional=True,
        ),
        field(
            CONNECTIONS,
            "Show only these connections",
            multi_select([Option(tidy(each.title), each.name) for each in choices.connections]),
            hint="Leave empty to show all.",
            optional=True,
        ),
    ]
    if projects:
        blocks.append(
            field(
                PROJECTS,
                "Show only these projects",
                multi_select_or_search(projects, SEARCH_PROJECTS),
                hint="Leave empty to show all. Balances cover all projects, so they are hidden "
                "when projects are limited.",
                optional=True,
            )
        )
    blocks += [
        field(
            OTHERS,
            "More projects, by name or ID",
            line(placeholder="search, mobile app"),
            hint="Separate with commas.",
            optional=True,
        ),
        field(
            LIFT,
            "Or remove a limit",
            checkboxes([Option("Let this channel or group see everything again", LIFT)]),
            optional=True,
        ),
        actions([button("Preview what they see", PREVIEW_VISIBILITY, "preview")]),
    ]
    if rules:
        blocks.append(
            context(
                [f"Limited now: {', '.join(limited_words(each) for each in rules[:RULES_SHOWN])}"]
            )
        )
    return form(VISIBILITY_FORM, "Who sees what", "Save", blocks)


def project_options(choices: Options) -> list[Option]:
    """Return the projects to choose from."""
    return [Option(shown(item), item.value) for item in choices.projects]


def read_visibility(sent: Submission) -> VisibilityRule | FormErrors:
    """Return the rule, or what to fix under each field. A rule for everything removes a limit."""
    where, group = sent.conversation(CHANNEL), sent.text(GROUP)
    errors = {}
    if bool(where) == bool(group):
        errors[CHANNEL] = "Choose either a channel or a user group."
    if group and not _GROUP_ID.fullmatch(group):
        errors[GROUP] = "This isn't the ID of a user group. It starts with S."
    part = _part(sent)
    if sent.options(LIFT):
        part = ScopeFilter()
    elif part == ScopeFilter():
        errors[CONNECTIONS] = "Choose connections or projects, or remove the limit."
    return FormErrors(errors) if errors else VisibilityRule(where or group, part)


def _part(sent: Submission) -> ScopeFilter:
    connections = sent.options(CONNECTIONS)
    others = [each.strip().casefold() for each in sent.text(OTHERS).split(",") if each.strip()]
    projects = [*(each.casefold() for each in sent.options(PROJECTS)), *others]
    return ScopeFilter(
        frozenset(connections) if connections else None, frozenset(projects) if projects else None
    )


def limited_words(rule: VisibilityRule) -> str:
    """Return ``#ai-costs (managed by aicost.toml)`` in mrkdwn."""
    return f"{reference(rule.place)}{f' ({MANAGED})' if rule.is_managed else ''}"
