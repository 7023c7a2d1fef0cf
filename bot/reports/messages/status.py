"""The state of each connection, with what to do."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot.language.references import is_user, reference
from bot.ledger.data_quality import ConnectionState
from bot.ledger.models import Fault
from bot.ledger.reasons import PARTS, kept_though_empty, unreadable_days
from bot.notifications.models import DeliveryProblems, WebhookState
from bot.process_health import CLOCK_REMEDY, OTHER_BOT_REMEDY, ProcessHealth, clock_text, span_text
from bot.reports.messages.parts import more_keys_words
from bot.reports.messages.suggestions import ask, share
from bot.reports.models import ConnectionSummary, StatusAnswer, Summary
from bot.slack.blocks import (
    actions,
    bounded,
    escape,
    header,
    local_moments,
    message_of,
    moment,
    name,
    paragraphs,
    place,
)
from bot.slack.message import FIXES, Block, Message
from bot.wording import capitalized, day, day_list, listed, plural
from providers.redaction import clip

_KINDS = {"alert": "An alert", "digest": "A digest", "direct": "A direct message"}
WORDS = 500
UNDELIVERED_SHOWN = 10
KEYS_SHOWN = 5
FULL_STATUS = "`aicost ask status --json` where aicost runs"


def status_message(answer: StatusAnswer) -> Message:
    """Return each connection: its state, how far back it reaches, what failed and how to fix it."""
    summary, states = answer.summary, answer.states
    today = summary.now.date()
    summaries = {each.name: each for each in summary.connections}
    lines = [state_lines(each, summaries.get(each.name), today) for each in states]
    if not states:
        lines = ["No connection is set up. `aicost doctor` says what is missing."]
    title = f"Status: {well_words(states, summary)}{_unposted(answer.problems)}"
    unsent = _undelivered(answer.problems)  # first, because a phone shows the first line
    found = [*unsent, *_warnings(answer.health), *lines]
    blocks: list[Block] = [header(title), *paragraphs(found)]
    if (events := _events(answer.problems.webhook)) != []:
        blocks += paragraphs(["*Webhook*", *events])
    buttons = [ask("Spend", "mtd"), ask("Balance", "balance"), share("status")]
    return message_of(bounded(blocks, [actions(buttons)], rest=f"see {FULL_STATUS}"))


def well_words(states: Sequence[ConnectionState], summary: Summary) -> str:
    """``2 of 2 connections up to date``."""
    well = sum(each.status == "ok" for each in summary.connections)
    return f"{well} of {plural(len(states), 'connection')} up to date"


def _unposted(problems: DeliveryProblems) -> str:
    """Return ``, 2 messages not posted`` for the heading, because a phone shows little else."""
    count = len(problems.undelivered)
    return f", {plural(count, 'message')} not posted" if count else ""


_JOBS = {
    "sync": "The sync",
    "digests": "The digest schedule",
    "deliveries": "Posting to Slack",
    "calendar": "The check of periods and snoozes",
    "housekeeping": "Housekeeping",
    "webhook": "Sending events to the webhook",
    "alive": "The heartbeat for other copies",
}


def _warnings(health: ProcessHealth) -> list[str]:
    """Return problems of the process or its machine; empty if there are none."""
    lines = [
        f":warning: {_JOBS.get(name, escape(name))} hasn't run for "
        f"{span_text(since)}. Restart aicost and check its log."
        for name, since in health.late_jobs.items()
    ]
    lines += [
        f":warning: {_JOBS.get(name, escape(name))} fails: {escape(why)}. aicost tries again."
        for name, why in health.failing_jobs.items()
        if name not in health.late_jobs
    ]
    if health.sync_waits_for is not None:
        lines.append(
            f":warning: The sync waits for another process: {escape(health.sync_waits_for)}. "
            "If that process has ended, the sync starts within a minute."
        )
    if health.clock_offset is not None:
        lines.append(f":warning: {clock_text(health.clock_offset)} {CLOCK_REMEDY}")
    if health.unknown_connections:
        lines.append(
            f":warning: {plural(health.unknown_connections, 'connection')} to Slack with the app's "
            f"tokens isn't from a copy of aicost on this database. {OTHER_BOT_REMEDY}"
        )
    if health.response_urls_failing is not None:
        lines.append(
            ":warning: aicost can't reach hooks.slack.com "
            f"({escape(clip(health.response_urls_failing, WORDS))}), so answers come as ephemeral "
            "or direct messages. Allow that host."
        )
    return lines


def _undelivered(problems: DeliveryProblems) -> list[str]:
    """Return what Slack refused, and what waits for Slack; empty if nothing does."""
    lines = []
    for each in problems.undelivered[:UNDELIVERED_SHOWN]:
        where = "" if each.kind == "direct" else f" for {place(each.where)}"  # a mention would ring
        lines.append(
            f"{_KINDS[each.kind]}{where} couldn't be posted {moment(each.at)}: "
            f"{name(each.code, 150)}."
        )
    rest = len(problems.undelivered) - UNDELIVERED_SHOWN
    if rest > 0:
        lines.append(f"And {rest} more in the last seven days: see {FULL_STATUS}.")
    if problems.overdue:
        still = "is" if problems.overdue == 1 else "are"
        lines.append(f"{plural(problems.overdue, 'message')} {still} delayed; retrying.")
    for slowed in problems.slowed[:UNDELIVERED_SHOWN]:
        to = "one person" if is_user(slowed.channel) else reference(slowed.channel)
        lines.append(
            f"{plural(slowed.waiting, 'message')} to {to}: Slack limits posts there. "
            f"Next try: {moment(slowed.until)}."
        )
    return [*lines, *_digests(problems)]


def _events(state: WebhookState | None) -> list[str]:
    """What keeps events from the webhook; nothing where all is well."""
    lines = []
    if state is not None and state.is_stopped:
        lines.append(
            "The receiver says that its address is gone, so events are no longer sent. Correct "
            "the address and restart aicost."
        )
    if state is not None and state.since is not None and state.error is not None:
        lines.append(
            f"{plural(state.waiting, 'event')} waiting, the oldest {moment(state.since)} "
            f"({name(state.error, 150)}); retrying."
        )
    if state is not None and state.given_up:
        lines.append(
            f"{plural(state.given_up, 'event')} given up in the last seven days, the last for "
            f"{name(state.last_error or 'unknown', 150)}."
        )
    return lines


def _digests(problems: DeliveryProblems) -> list[str]:
    """Return which digests are paused, and which slots others missed."""
    fixes: Mapping[str, str] = dict(FIXES.items())
    lines = [
        f"Digest {each.digest_id} for {place(each.channel)} is paused ({moment(each.since)}). "
        f"{fixes.get(each.because, escape(each.because))}"
        for each in problems.stopped[:UNDELIVERED_SHOWN]
    ]
    lines += [
        f"Digest {each.digest_id} for {place(each.channel)} was skipped "
        f"{plural(each.slots, 'time')} (last {moment(each.last_due_at)}): aicost wasn't running."
        for each in problems.skipped[:UNDELIVERED_SHOWN]
    ]
    rest = max(0, len(problems.stopped) - UNDELIVERED_SHOWN) + max(
        0, len(problems.skipped) - UNDELIVERED_SHOWN
    )
    return [*lines, f"And {plural(rest, 'more digest')}: see {FULL_STATUS}."] if rest else lines


def state_lines(state: ConnectionState, summary: ConnectionSummary | None, today: date) -> str:
    """Return one connection, what was read, and each fault on a line of its own. Without a fault,
    the summary may have a reason why the figures are old or unknown."""
    status = summary.status if summary else "unknown"
    words = [f"*{name(state.title)}* – {status_words(state, status)}"]
    reads = []
    if state.charges_read_at:
        reads.append(f"spend updated {moment(state.charges_read_at)}")
    if state.balance_read_at:
        reads.append(f"balance updated {moment(state.balance_read_at)}")
    if reads:
        words.append(" · ".join(reads))
    words.append(_coverage(state, today))
    words += _faults(state.faults)
    if summary and not state.faults:
        words += _reasons(summary, is_open=status != "ok" and not state.unreadable)
    words += [
        f"Key {name(key.name)} expires {moment(key.expires_at)}. Requests with it then fail."
        for key in state.expiring_keys[:KEYS_SHOWN]
    ]
    if (more := len(state.expiring_keys) - KEYS_SHOWN) > 0:
        words.append(f"{more_keys_words(more)}: see {FULL_STATUS}.")
    if state.suspect_days:
        words.append(local_moments(escape(kept_though_empty(state.title, state.suspect_days))))
    if state.unreadable:
        words.append(escape(unreadable_days(state.unreadable)))
    if state.degraded:
        words.append(f"Read another way: {escape(clip(state.degraded, WORDS))}")
    words += [
        f"{capitalized(PARTS[part])}: only in part. {escape(clip(note, WORDS))}"
        for part, note in state.notes.items()
    ]
    return "\n• ".join(words)


def _reasons(summary: ConnectionSummary, *, is_open: bool) -> Sequence[str]:
    """Return why figures are not up to date, if that `is_open`, and why the balance is unknown; the
    same reason once."""
    found = [summary.reason] if is_open and summary.reason else []
    left = summary.left
    if left and left.remaining is None and left.reason and left.reason not in found:
        found.append(f"Balance unknown: {left.reason}")
    return [local_moments(escape(clip(each, WORDS))) for each in found]


def status_words(state: ConnectionState, status: str) -> str:
    """``up to date``, ``partly up to date``, ``not up to date`` or ``unknown``."""
    if status == "ok":
        is_whole = not (state.faults or state.unreadable or state.notes)
        return "up to date" if is_whole else "partly up to date"
    return "not up to date" if status == "stale" else "unknown"


def _coverage(state: ConnectionState, today: date) -> str:
    if not state.reports_spend:
        return "spend isn't reported, only the balance"
    if state.covered_from is None:
        return "no data yet"
    words = f"data since {day(state.covered_from, today)}"
    if state.holes:
        words += f"; no data for {day_list(state.holes, today)}"
    if state.earliest_served:
        words += f"; the provider has none before {day(state.earliest_served, today)}"
    return words


def _faults(faults: Sequence[Fault]) -> list[str]:
    """Return a line for each cause: what failed with the same kind of error since the same read has
    one, with the first message."""
    causes: dict[tuple[str, str, datetime], list[Fault]] = {}
    for fault in faults:
        if fault.part != "hours":
            causes.setdefault((fault.kind, fault.remedy, fault.since), []).append(fault)
    hourly = [fault for fault in faults if fault.part == "hours"]
    return [
        *(_reading_failed(of_one) for of_one in causes.values()),
        *(f"Hourly anomalies aren't watched {_why(fault)}" for fault in hourly),
    ]


def _reading_failed(faults: Sequence[Fault]) -> str:
    parts = listed([PARTS[fault.part] for fault in faults])
    return f"Reading {parts} has failed {_why(faults[0])}"


def _why(fault: Fault) -> str:
    message = escape(clip(fault.message, WORDS)).rstrip(".")
    return f"since {moment(fault.since)}: {message}. {escape(clip(fault.remedy, WORDS))}"
