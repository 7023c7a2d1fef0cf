"""A prepaid balance was declared, credit was added, or both were taken back."""

from datetime import date

from bot.db.models import DeclaredBalance
from bot.reports.messages.balance import rests_on
from bot.reports.messages.suggestions import ask
from bot.reports.results import CreditDeclared
from bot.slack.blocks import actions, context, moment, name, section
from bot.slack.message import Block, Message
from bot.wording import day, day_list, money
from providers.period import midnight, utc_day


def credit_message(answer: CreditDeclared) -> Message:
    """What was kept, and what is left by it now."""
    title = name(answer.title)
    if answer.declared is None:
        words = f"Forgotten: what was declared of {title}'s balance. What is left is unknown again."
        return Message(words, (section(words), actions([ask("Balance", "balance")])))
    today = utc_day(answer.declared.made_at)
    verb = "left of" if answer.did == "set" else "bought for"
    lead = "Noted" if answer.is_changed else "Nothing changed: this was declared already"
    lines = [f"{lead}: *{money(answer.declared.amount)}* {verb} {title} {_when(answer.declared)}."]
    notes = []
    if answer.estimate is not None:
        lines.append(_now(answer, today))
        notes = rests_on(answer.estimate, today)
    if answer.declared.expires_on is not None:
        expires = day(answer.declared.expires_on, today)
        notes.append(f"What is unused of it expires on {expires} (UTC)")
    blocks: list[Block] = [section("\n".join(lines))]
    if notes:
        blocks.append(context(notes))
    blocks.append(actions([ask("Balance", "balance"), ask("Status", "status")]))
    return Message(" ".join(lines).replace("*", ""), tuple(blocks))


def _when(declared: DeclaredBalance) -> str:
    on = utc_day(declared.at)
    if declared.at == midnight(on):
        return f"at the start of {day(on, utc_day(declared.made_at))} (UTC)"
    return f"as of {moment(declared.at)}"


def _now(answer: CreditDeclared, today: date) -> str:
    estimate = answer.estimate
    if estimate is None or estimate.remaining is None:
        missing = estimate.missing_days if estimate else ()
        return (
            "What is left now is unknown: days since then are not in the ledger"
            + (f" ({day_list(missing, today)})" if missing else "")
            + "."
        )
    if estimate.remaining < 0:
        return (
            f"By the ledger it is overdrawn by about {money(-estimate.remaining)} (estimated): "
            "was credit bought that is not declared?"
        )
    return f"That leaves about *{money(estimate.remaining)}* now (estimated)."
