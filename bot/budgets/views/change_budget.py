"""The modals that change, raise or remove a budget or low-balance alert, and their submissions."""

from decimal import Decimal
from typing import Any

from bot.budgets.messages.budget_words import rule_words
from bot.budgets.messages.budgets import standing_words
from bot.budgets.models import Budget, BudgetStatus, LowBalanceRule
from bot.budgets.system_alerts import typed
from bot.budgets.views.budget import LONGEST_RUNWAY, PERCENTS, percents
from bot.language.budget_words import dollars
from bot.slack.blocks import actions, button, context, section
from bot.slack.fields import Option, checkboxes, field, form, line, number
from bot.slack.forms import FormErrors, Submission, whole_number
from bot.slack.message import Block
from bot.wording import chosen

CHANGE_FORM = "aicost.budget.change"
RAISE_FORM = "aicost.budget.raise"
PREVIEW_CHANGE = "aicost.budget.preview_change"

AMOUNT = "amount"
THRESHOLDS = "thresholds"
FORECAST = "forecast"
REMOVE = "remove"
_LEAST = Decimal("0.01")
_FIXED = "To watch something else, add a budget. For another channel, choose where alerts go."


def change_rule_view(standing: BudgetStatus) -> dict[str, Any]:
    """What the rule is and where it stands, its line to be changed, and a way to remove it;
    `private_metadata` is the rule's number and version."""
    rule, target = standing.rule, standing.rule.target
    what = "budget" if isinstance(target, Budget) else "warning"
    fields = _budget_fields(target) if isinstance(target, Budget) else [_low_balance_field(target)]
    return form(
        CHANGE_FORM,
        f"Change {what}",
        "Save changes",
        [
            section(
                f"*#{rule.id} {rule_words(rule)}*\nIt warns <#{rule.channel}>. "
                f"{standing_words(standing)}"
            ),
            context([_FIXED]),
            *fields,
            field(
                REMOVE,
                f"Or remove this {what}",
                checkboxes([Option(f"Remove this {what}", REMOVE)]),
                hint="Then nothing else here matters, and its open alerts are resolved.",
                optional=True,
            ),
            actions([button("Preview the alert", PREVIEW_CHANGE, "preview")]),
        ],
        metadata=f"{rule.id} {rule.version}",
    )


def raise_view(standing: BudgetStatus) -> dict[str, Any]:
    """Return the budget's current state and a field for its new amount; `private_metadata` is the
    rule's number and version. Raises `ValueError` for a low-balance rule."""
    rule = standing.rule
    if not isinstance(rule.target, Budget):
        raise ValueError("only a budget can be raised")
    return form(
        RAISE_FORM,
        "Raise budget",
        "Raise",
        [
            section(f"*{rule_words(rule)}*\n{standing_words(standing)}"),
            field(
                AMOUNT,
                f"New amount in US dollars, {rule.target.period}",
                number(least=typed(_LEAST), decimals=True),
                hint=f"More than {chosen(rule.target.amount)}. The thresholds stay. "
                "Alerts below the new amounts are resolved, and say so in their threads.",
            ),
        ],
        metadata=f"{rule.id} {rule.version}",
    )


def _budget_fields(target: Budget) -> list[Block]:
    return [
        field(AMOUNT, f"Planned in US dollars, {target.period}", _amount(target.amount)),
        field(
            THRESHOLDS,
            "Warn when this much is used, in percent",
            line(_listed(target.thresholds)),
            hint="Several are told one by one, each once in a period.",
        ),
        field(
            FORECAST,
            "Warn when the forecast reaches, in percent",
            line(_listed(target.forecast_thresholds)),
            hint="For example 100. Leave it empty for no warning from the forecast.",
            optional=True,
        ),
    ]


def _low_balance_field(target: LowBalanceRule) -> Block:
    if target.dollars is not None:
        return field(AMOUNT, "Warn at this many dollars left, or fewer", _amount(target.dollars))
    days = number(str(target.days), least="1", decimals=False)
    return field(AMOUNT, "Warn when what is left lasts this many days, or fewer", days)


def _amount(held: Decimal) -> dict[str, Any]:
    return number(typed(held), least=typed(min(held, _LEAST)), decimals=True)


def _listed(thresholds: tuple[int, ...]) -> str:
    return ", ".join(map(str, thresholds))


def seen_version(sent: Submission) -> tuple[int, int]:
    """The rule's number, and the version that was shown. Raises `Outdated`."""
    number_, _, version = sent.metadata.partition(" ")
    return whole_number(number_), whole_number(version)


def is_to_go(sent: Submission) -> bool:
    """Whether the rule is to be removed."""
    return REMOVE in sent.options(REMOVE)


def read_change(
    sent: Submission, now: Budget | LowBalanceRule
) -> Budget | LowBalanceRule | FormErrors:
    """The new line of a rule that has this one now, or what is to be fixed under each field."""
    if isinstance(now, LowBalanceRule):
        return _read_low_balance(sent, now)
    amount, thresholds = dollars(sent.text(AMOUNT)), percents(sent.text(THRESHOLDS))
    forecast = percents(sent.text(FORECAST))
    errors = {}
    if amount is None:
        errors[AMOUNT] = "Give an amount in dollars, such as 500 or 500.50."
    if not thresholds:
        errors[THRESHOLDS] = PERCENTS
    if forecast is None:
        errors[FORECAST] = PERCENTS
    if amount is None or not thresholds or forecast is None:
        return FormErrors(errors)
    return Budget(amount, now.period, thresholds, forecast)


def _read_low_balance(sent: Submission, now: LowBalanceRule) -> LowBalanceRule | FormErrors:
    amount = dollars(sent.text(AMOUNT))
    if amount is None:
        return FormErrors({AMOUNT: "Give a number, such as 20."})
    if now.dollars is not None:
        return LowBalanceRule(dollars=amount)
    if amount != int(amount) or amount > LONGEST_RUNWAY:
        words = f"Give a whole number of days, at most {LONGEST_RUNWAY}."
        return FormErrors({AMOUNT: words})
    return LowBalanceRule(days=int(amount))
