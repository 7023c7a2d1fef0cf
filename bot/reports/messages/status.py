"""How well each connection is being read, in words that say what to do."""

from collections.abc import Mapping
from datetime import date

from bot.db.models import Part
from bot.ledger.data_quality import (
    CLOCK_REMEDY,
    OTHER_BOT_REMEDY,
    ConnectionState,
    ProcessHealth,
    clock_text,
    span_text,
)
from bot.ledger.models import Fault
from bot.ledger.reasons import kept_though_empty, unreadable_days
from bot.notifications.models import DeliveryProblems
from bot.reports.messages.suggestions import ask, share
from bot.reports.models import StatusAnswer
from bot.slack.blocks import actions, bounded, escape, header, moment, name, paragraphs
from bot.slack.message import FIXES, Block, Message
from bot.wording import day, day_list, plural
from providers.redaction import clip

_PARTS: dict[Part, str] = {
    "charges": "what was used",
    "balance": "the balance",
    "limits": "the provider's own limits",
    "names": "names of projects and keys",
    "breakdown": "the cut by key",
    "hours": "single hours",
    "history": "all older days",
}
_KINDS = {"alert": "An alert", "digest": "A digest", "direct": "A direct message"}
WORDS = 500
UNDELIVERED_SHOWN = 10
EVERYTHING = "`aicost ask status --json` where aicost runs"
SPOKEN = 12


def status_message(answer: StatusAnswer) -> Message:
    """Each connection: fresh, stale or unknown; how far back; what failed and what fixes it."""
    summary, states = answer.summary, answer.states
    today = summary.now.date()
    statuses = {each.name: each.status for each in summary.connections}
    lines = [state_lines(each, statuses.get(each.name, "unknown"), today) for each in states]
    if not states:
        lines = ["No connection is set up: see `aicost doctor`."]
    well = sum(status == "ok" for status in statuses.values())
    lead = f"{well} of {len(states)} connections up to date."
    warnings = _warnings(answer.health)
    blocks: list[Block] = [header("Connections"), *paragraphs([lead, *warnings, *lines])]
    undelivered = _undelivered(answer.problems)
    if undelivered:
        blocks += paragraphs(["*Messages in Slack*", *undelivered])
    blocks.append(
        actions([ask("What was used", "mtd"), ask("Balance", "balance"), share("status")])
    )
    spoken = [_sentence(each, statuses.get(each.name, "unknown")) for each in states[:SPOKEN]]
    return Message(
        " ".join([lead, *warnings, *spoken, *undelivered]),
        bounded(blocks, rest=f"see {EVERYTHING}"),
    )


_JOBS = {
    "sync": "The sync",
    "digests": "The schedule of digests",
    "deliveries": "Posting to Slack",
    "calendar": "The check of periods and snoozes",
    "housekeeping": "Housekeeping",
    "alive": "The sign of life for other copies",
}


def _warnings(health: ProcessHealth) -> list[str]:
    """What is wrong with the process or its machine; nothing where all is well."""
    lines = [
        f":warning: {_JOBS.get(name, escape(name))} has not run for "
        f"{span_text(since)}. Restart aicost, and look at its log."
        for name, since in health.late_jobs.items()
    ]
    if health.sync_waits_for is not None:
        lines.append(
            f":warning: The sync waits for another process: {escape(health.sync_waits_for)}. "
            "If that one has ended, the sync starts within a minute."
        )
    if health.clock_offset is not None:
        lines.append(f":warning: {clock_text(health.clock_offset)} {CLOCK_REMEDY}")
    if health.strangers:
        lines.append(
            f":warning: Slack has {plural(health.strangers, 'connection')} with the app's tokens "
            f"that no copy of aicost on this database has. {OTHER_BOT_REMEDY}"
        )
    if health.response_urls_failing is not None:
        lines.append(
            ":warning: Answers don't get through hooks.slack.com "
            f"({escape(clip(health.response_urls_failing, WORDS))}), so they come as ephemeral or "
            "direct messages. Let aicost reach that host."
        )
    return lines


def _undelivered(problems: DeliveryProblems) -> list[str]:
    """What waits for Slack, and what it refused; nothing where all is well."""
    lines = []
    if problems.overdue:
        still = "is" if problems.overdue == 1 else "are"
        lines.append(
            f"{plural(problems.overdue, 'message')} {still} overdue: Slack has not taken "
            f"{'it' if problems.overdue == 1 else 'them'} yet, and is tried again."
        )
    for slowed in problems.slowed[:UNDELIVERED_SHOWN]:
        is_person = slowed.channel.startswith(("U", "W"))  # a mention would ring
        to = "one person" if is_person else f"<#{slowed.channel}>"
        lines.append(
            f"{plural(slowed.waiting, 'message')} to {to}: Slack limits posts there. "
            f"The next try is {moment(slowed.until)}."
        )
    for each in problems.undelivered[:UNDELIVERED_SHOWN]:
        where = "" if each.kind == "direct" else f" for <#{each.where}>"  # a mention would ring
        lines.append(
            f"{_KINDS[each.kind]}{where} could not be posted {moment(each.at)}: "
            f"{name(each.code, 150)}."
        )
    rest = len(problems.undelivered) - UNDELIVERED_SHOWN
    if rest > 0:
        lines.append(f"And {rest} more within seven days: see {EVERYTHING}.")
    return [*lines, *_digests(problems)]


def _digests(problems: DeliveryProblems) -> list[str]:
    """Which digests come no more, and what others missed."""
    fixes: Mapping[str, str] = dict(FIXES.items())
    lines = [
        f"Digest {each.digest_id} for <#{each.channel}> is paused since {moment(each.since)}: "
        f"{fixes.get(each.because, escape(each.because))}"
        for each in problems.stopped[:UNDELIVERED_SHOWN]
    ]
    lines += [
        f"Digest {each.digest_id} for <#{each.channel}> missed {plural(each.slots, 'time')}, last "
        f"{moment(each.last_due_at)}: nothing ran then, and it was too late to post it after."
        for each in problems.skipped[:UNDELIVERED_SHOWN]
    ]
    rest = max(0, len(problems.stopped) - UNDELIVERED_SHOWN) + max(
        0, len(problems.skipped) - UNDELIVERED_SHOWN
    )
    return [*lines, f"And {plural(rest, 'more digest')}: see {EVERYTHING}."] if rest else lines


def state_lines(state: ConnectionState, status: str, today: date) -> str:
    """One connection, what it was read for, and each fault on a line of its own."""
    words = [f"*{name(state.title)}* – {status_words(state, status)}"]
    reads = []
    if state.charges_read_at:
        reads.append(f"used: read {moment(state.charges_read_at)}")
    if state.balance_read_at:
        reads.append(f"balance: read {moment(state.balance_read_at)}")
    if reads:
        words.append("; ".join(reads))
    words.append(_coverage(state, today))
    words += [_fault(fault) for fault in state.faults]
    if state.suspect_days:
        words.append(escape(kept_though_empty(state.title, state.suspect_days)))
    if state.unreadable:
        words.append(escape(unreadable_days(state.unreadable)))
    if state.degraded:
        words.append(f"By a fallback: {escape(clip(state.degraded, WORDS))}")
    words += [
        f"Not read of {_PARTS[part]}: {escape(clip(note, WORDS))}"
        for part, note in state.notes.items()
    ]
    return "\n• ".join(words)


def _sentence(state: ConnectionState, status: str) -> str:
    more = [_fault(fault) for fault in state.faults]
    if state.suspect_days:
        more.append(escape(kept_though_empty(state.title, state.suspect_days)))
    return " ".join([f"{name(state.title)}: {status_words(state, status)}.", *more])


def status_words(state: ConnectionState, status: str) -> str:
    """``up to date``, ``shown as last read`` or ``unknown``."""
    if status == "ok":
        is_whole = not (state.faults or state.unreadable or state.notes)
        return "up to date" if is_whole else "up to date, but for less than all"
    return "shown as last read" if status == "stale" else "unknown"


def _coverage(state: ConnectionState, today: date) -> str:
    if state.covered_from is None:
        return "no days in the ledger yet"
    words = f"days since {day(state.covered_from, today)}"
    if state.holes:
        words += f", without {day_list(state.holes, today)}"
    if state.earliest_served:
        words += f"; the provider serves none before {day(state.earliest_served, today)}"
    return words


def _fault(fault: Fault) -> str:
    message = escape(clip(fault.message, WORDS)).rstrip(".")
    remedy = escape(clip(fault.remedy, WORDS))
    if fault.part == "hours":
        return f"Unusual hours are not watched since {moment(fault.since)}: {message}. {remedy}"
    return f"Could not read {_PARTS[fault.part]} since {moment(fault.since)}: {message}. {remedy}"
