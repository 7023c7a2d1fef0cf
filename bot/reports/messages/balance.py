"""The answer to "how much is left, and until when?", and messages about declared balances."""

from collections.abc import Sequence
from datetime import date

from bot.db.models import DeclaredBalance
from bot.language.text import text_of
from bot.ledger.balances import Estimate
from bot.reports.messages.parts import BILLED, balance_words, left_words, next_limit_line
from bot.reports.messages.suggestions import ask, credit_buttons, scoped, share
from bot.reports.models import BalanceAnswer, ConnectionSummary, CreditDeclared
from bot.slack.blocks import (
    actions,
    context,
    header,
    message_of,
    moment,
    name,
    paragraphs,
    section,
)
from bot.slack.message import Block, Message
from bot.wording import day, day_list, estimate, likely_day, listed, money, tidy
from providers.catalog import by_name
from providers.period import midnight, utc_day

CONNECTIONS_NAMED = 12


def balance_message(answer: BalanceAnswer) -> Message:
    """Render each prepaid connection's balance and runway, and the next limit."""
    query, summary = answer.query, answer.summary
    today = summary.now.date()
    prepaid = [each for each in summary.connections if each.left]
    postpaid = [each for each in summary.connections if not each.left]
    lines = [
        f"*{name(each.title)}*: {left_words(each.left, today, strong='*')}."
        for each in prepaid
        if each.left
    ]
    blocks: list[Block] = [header(_title(prepaid, today)), *paragraphs(lines)]
    names = ", ".join(
        f"{name(each.title)} ({BILLED[each.billing]})" if each.billing else name(each.title)
        for each in postpaid[:CONNECTIONS_NAMED]
    )
    left_out = len(postpaid) - CONNECTIONS_NAMED
    rest = f" and {left_out} more (see `/aicost status`)" if left_out > 0 else ""
    if not prepaid:
        blocks.append(section(f"No prepaid balance: {names or 'nothing is connected'}{rest}."))
    if summary.next_limit is not None:
        blocks.append(section(next_limit_line(summary.next_limit, today)))
    notes = [note for each in prepaid[:CONNECTIONS_NAMED] for note in _read(each, today)]
    if prepaid and postpaid:
        notes.append(f"No prepaid balance: {names}{rest}.")
    lefts = [each.left for each in prepaid if each.left]
    if any(left.runs_out_earliest != left.runs_out_latest for left in lefts):
        notes.append("It is 80% likely that a balance ends in the range of days shown.")
    if any(left.burn_per_day for left in lefts):
        notes.append("Use per day is the mean that is expected for the coming week.")
    if notes:
        blocks.append(context(notes))
    kinds = [by_name(each.provider) for each in prepaid]
    buttons = credit_buttons(kinds)
    buttons += [ask("Spend", scoped(query.scope, "mtd")), share(text_of(query))]
    return message_of(blocks, [actions(buttons)])


def _title(prepaid: Sequence[ConnectionSummary], today: date) -> str:
    """``OpenRouter: $274.25 left, until 9–11 Dec``, in plain text."""
    if len(prepaid) != 1 or prepaid[0].left is None:
        return "Balances" if prepaid else "Balance"
    left, title = prepaid[0].left, tidy(prepaid[0].title)
    if left.remaining is None:
        return f"{title} balance: unknown"
    words = f"{title}: {balance_words(left)} left"
    if left.remaining <= 0 or left.runs_out_on is None or left.is_thin:
        return words
    first, last = left.runs_out_earliest, left.runs_out_latest
    return f"{words}, until {likely_day(left.runs_out_on, first, last, today)}"


def _read(connection: ConnectionSummary, today: date) -> list[str]:
    left = connection.left
    if left is None:
        return []
    title = name(connection.title)
    if left.estimate is not None:
        return [f"{title}: {words}" for words in estimate_basis_lines(left.estimate, today)]
    return [f"{title}: updated {moment(left.read_at)}."] if left.read_at else []


def estimate_basis_lines(basis: Estimate, today: date) -> list[str]:
    """Return ``Estimated from $250.00 entered for 1 Nov, $100.00 bought since and $84.00
    spent.``"""
    since = basis.balance.at.date()
    parts = [f"{money(basis.balance.amount)} entered for {day(since, today)}"]
    if basis.bought:
        parts.append(f"{money(basis.bought)} bought since")
    if basis.remaining is not None:
        parts.append(f"{money(basis.used)} spent since")
    if basis.expired:
        parts.append(f"{money(basis.expired)} expired unused")
    lines = [f"Estimated from {listed(parts)}."]
    if basis.expiring:
        on, amount = basis.expiring[0]
        lines.append(f"{money(amount)} of it expires on {day(on, today)} unless spent before.")
    return lines


def declared_message(answer: CreditDeclared) -> Message:
    """Return what was saved, and the balance that follows."""
    title = name(answer.title)
    if answer.declared is None:
        words = f"Removed the balance entered for {title}. What is left is unknown again."
        return message_of([section(words), actions([ask("Balance", "balance")])])
    today = utc_day(answer.declared.made_at)
    verb = "left" if answer.did == "set" else "bought"
    lead = "Saved" if answer.is_changed else "Nothing changed: this was already saved"
    amount = money(answer.declared.amount)
    lines = [f"{lead}: *{amount}* {verb} at {title} {_when(answer.declared)}."]
    notes = []
    if answer.estimate is not None:
        lines.append(_now(answer, today))
        notes = estimate_basis_lines(answer.estimate, today)
    if answer.declared.expires_on is not None:
        expires = day(answer.declared.expires_on, today)
        notes.append(f"Credit not spent by {expires} (UTC) expires.")
    blocks: list[Block] = [section("\n".join(lines))]
    if notes:
        blocks.append(context(notes))
    buttons = [ask("Balance", "balance"), ask("Status", "status")]
    return message_of(blocks, [actions(buttons)])


def _when(declared: DeclaredBalance) -> str:
    on = utc_day(declared.at)
    if declared.at == midnight(on):
        return f"at the start of {day(on, utc_day(declared.made_at))} (UTC)"
    return f"as of {moment(declared.at)}"


def _now(answer: CreditDeclared, today: date) -> str:
    found = answer.estimate
    if found is None or found.remaining is None:
        missing = found.missing_days if found else ()
        days = f": no data for {day_list(missing, today)}" if missing else ""
        return f"What is left now is unknown{days}."
    if found.remaining < 0:
        return (
            f"By our count {money(-found.remaining)} more was spent since. "
            "Was credit bought that isn't entered?"
        )
    return f"That leaves about *{estimate(found.remaining)}* now."
