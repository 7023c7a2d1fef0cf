"""The modal of where a budget's alerts go and whom they name."""

from collections.abc import Sequence
from typing import Any

from bot.budgets.messages.budget_words import rule_label
from bot.db.models import Rule
from bot.slack.blocks import actions, button
from bot.slack.fields import Option, channel, field, form, grouped_select, people
from bot.slack.forms import FormErrors, Submission, whole_number

ROUTING_FORM = "aicost.routing.form"
PREVIEW_ROUTING = "aicost.routing.preview"
RULE = "rule"
CHANNEL = "channel"
ALWAYS = "always"
AT_LAST = "at_last"
MOST = 1000
MOST_NAMED = 10


def routing_view(rules: Sequence[Rule]) -> dict[str, Any]:
    """Choose a budget, the channel it warns, whom it names. Raises `ValueError` where nothing is
    set."""
    if not rules:
        raise ValueError("there is no budget to route")
    options = [Option(rule_label(rule), str(rule.id)) for rule in rules[:MOST]]
    only = rules[0] if len(rules) == 1 else None
    return form(
        ROUTING_FORM,
        "Where alerts go",
        "Save",
        [
            field(
                RULE,
                "Budget or warning of low credit",
                grouped_select({"Budgets and floors": options}, str(only.id) if only else None),
            ),
            field(
                CHANNEL,
                "Channel to warn from now on",
                channel(only.channel if only else None),
                hint="What was said before stays where it is, and is kept up to date there.",
            ),
            field(
                ALWAYS,
                "Name these people at each line",
                people(_named(only, everywhere=True)),
                hint="They are notified. Leave it empty to name nobody.",
                optional=True,
            ),
            field(
                AT_LAST,
                "Name these people at the last line only",
                people(_named(only, everywhere=False)),
                optional=True,
            ),
            actions([button("Preview the alert", PREVIEW_ROUTING, "preview")]),
        ],
    )


def _named(rule: Rule | None, *, everywhere: bool) -> tuple[str, ...]:
    """Whom a rule names at several lines, or at one alone."""
    if rule is None:
        return ()
    counts: dict[str, int] = {}
    for _, who in rule.mentions:
        counts[who] = counts.get(who, 0) + 1
    lines = len({threshold for threshold, _ in rule.mentions})
    return tuple(
        who
        for who, count in counts.items()
        if who.startswith(("U", "W")) and (count == lines) == everywhere
    )


def chosen_rule(sent: Submission) -> int | None:
    """The budget that was chosen; None where none was. Raises `Outdated`."""
    text = sent.text(RULE)
    return whole_number(text) if text else None


def read_people(sent: Submission) -> tuple[tuple[str, ...], frozenset[str]]:
    """Everybody to be named, and those of them only at the last line."""
    always, at_last = sent.people(ALWAYS), sent.people(AT_LAST)
    both = tuple(dict.fromkeys([*always, *at_last]))[:MOST_NAMED]
    return both, frozenset(at_last) - frozenset(always)


def routing_problems(sent: Submission) -> FormErrors | None:
    """What is to be fixed."""
    errors = {}
    if chosen_rule(sent) is None:
        errors[RULE] = "Choose a budget."
    if not sent.conversation(CHANNEL):
        errors[CHANNEL] = "Choose a channel."
    if len({*sent.people(ALWAYS), *sent.people(AT_LAST)}) > MOST_NAMED:
        errors[ALWAYS] = f"Name at most {MOST_NAMED} people."
    return FormErrors(errors) if errors else None
