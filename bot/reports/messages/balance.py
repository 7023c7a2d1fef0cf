"""The answer to "how much is left, and until when?", and what is said of declared balances."""

from datetime import date

from bot.db.models import DeclaredBalance
from bot.language.text import text_of
from bot.ledger.balances import Estimate
from bot.reports.messages.parts import left_words, stop_line
from bot.reports.messages.suggestions import ask, scoped, share
from bot.reports.models import BalanceAnswer, ConnectionSummary, CreditDeclared, Summary
from bot.slack.blocks import actions, bounded, context, header, moment, name, paragraphs, section
from bot.slack.message import Block, Message
from bot.wording import day, day_list, listed, money
from providers.period import midnight, utc_day

SPOKEN = 12


def balance_message(answer: BalanceAnswer) -> Message:
    """Render each prepaid connection's balance, burn rate and runway; then the next limit."""
    asked, summary = answer.query, answer.summary
    today = summary.now.date()
    prepaid = [each for each in summary.connections if each.left]
    postpaid = [each for each in summary.connections if not each.left]
    lines = [_line(summary, each, strong="*") for each in prepaid]
    said = [_line(summary, each, strong="") for each in prepaid[:SPOKEN]]
    if not prepaid:
        lines = said = ["Nothing here is prepaid, so there is no balance to run out."]
    blocks: list[Block] = [header("Prepaid balances"), *paragraphs(lines)]
    if summary.next_limit:
        stop = stop_line(summary.next_limit, today)
        blocks.append(section(f"*Earliest stop:* {stop}"))
        said = [*said, f"Earliest stop: {stop}."]
    notes = [note for each in prepaid[:SPOKEN] for note in _read(each, today)]
    if postpaid:
        names = ", ".join(name(each.title) for each in postpaid[:SPOKEN])
        notes.append(f"Without a balance, billed afterwards or not declared: {names}")
    if notes:
        blocks.append(context(notes))
    blocks.append(
        actions([ask("What was used", scoped(asked.scope, "mtd")), share(text_of(asked))])
    )
    return Message(" ".join(said), bounded(blocks))


def _line(summary: Summary, connection: ConnectionSummary, *, strong: str) -> str:
    if connection.left is None:
        return name(connection.title)
    words = left_words(connection.left, summary.now.date(), strong=strong)
    return f"{strong}{name(connection.title)}{strong}: {words}."


def _read(connection: ConnectionSummary, today: date) -> list[str]:
    left = connection.left
    if left is None:
        return []
    title = name(connection.title)
    if left.estimate is not None:
        return [f"{title}: {words}" for words in rests_on(left.estimate, today)]
    return [f"{title}: balance read {moment(left.read_at)}"] if left.read_at else []


def rests_on(estimate: Estimate, today: date) -> list[str]:
    """``estimated from $250.00 declared for 1 Nov, $100.00 bought since and $84.00 used since``."""
    since = estimate.balance.at.date()
    parts = [f"{money(estimate.balance.amount)} declared for {day(since, today)}"]
    if estimate.bought:
        parts.append(f"{money(estimate.bought)} bought since")
    if estimate.remaining is not None:
        parts.append(f"{money(estimate.used)} used since, as the ledger has it")
    if estimate.expired:
        parts.append(f"{money(estimate.expired)} expired unused")
    lines = [f"estimated from {listed(parts)}"]
    if estimate.expiring:
        on, amount = estimate.expiring[0]
        lines.append(f"{money(amount)} of it expires on {day(on, today)} unless used before")
    return lines


def declared_message(answer: CreditDeclared) -> Message:
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
