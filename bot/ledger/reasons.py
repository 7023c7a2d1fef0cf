"""Faults of a connection's figures in words: what failed, why, and what to do."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot import wording
from bot.db.models import Part, Restatement, UnreadableDay
from bot.ledger.models import PART_OF, Connection, Dimension, Fault
from bot.wording import dated_moment, listed, plural
from providers.errors import CurrencyNotSupported, of_unreadable

PARTS: dict[Part, str] = {
    "charges": "spend",
    "balance": "the balance",
    "breakdown": "the breakdown by key",
    "users": "the breakdown by user",
    "channels": "the breakdown by channel",
    "limits": "the provider's own limits",
    "names": "names of projects and keys",
    "hours": "hourly figures",
    "history": "older days",
}
EMPTY_CONFIRMED_AFTER = timedelta(hours=1)
"""How long a day with cost must have read empty before `sync --since` accepts that."""
_DAYS_SHOWN = 5
_OPERATOR = "The person who runs aicost"
_YEAR = 365


def figure_faults(connection: Connection, by: Dimension | None) -> list[Fault]:
    """Return the faults that affect figures. Names and limits don't; a breakdown only if it
    is requested."""
    parts: list[Part] = ["charges", "balance"]
    parts += [part for each, part in PART_OF.items() if each == by]
    return [fault for part in parts if (fault := connection.fault(part))]


def of_faults(faults: Sequence[Fault]) -> str:
    """Return what failed since when, why, and what to do. Parts with the same cause share a
    sentence."""
    causes: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        causes.setdefault((fault.message, fault.remedy), []).append(fault)
    return " ".join(
        _of_cause(message, remedy, of_one) for (message, remedy), of_one in causes.items()
    )


def _of_cause(message: str, remedy: str, faults: Sequence[Fault]) -> str:
    parts = listed([PARTS[fault.part] for fault in faults])
    since = dated_moment(min(fault.since for fault in faults))
    return f"Reading {parts} has failed since {since}: {message.rstrip('.')}. {remedy}"


def unknown_limits(connections: Sequence[Connection]) -> tuple[str, ...]:
    """Return which of the providers' limits aren't known, and why: a sentence for each connection.
    Of one that is seen in part, no limit is shown."""
    found = []
    for each in connections:
        if not each.is_whole:
            continue
        if fault := each.fault("limits"):
            found.append(f"{each.title}: {of_faults([fault])}")
        elif note := each.notes.get("limits"):
            found.append(f"{each.title}: not every limit is known. {note.rstrip('.')}.")
    return tuple(found)


def not_read_yet(connection: Connection) -> str:
    """Return that nothing was read yet."""
    return f"{connection.title} has not been read yet. {_OPERATOR} can run `aicost sync`."


def _loads(first: date) -> str:
    """Return what loads the data. The text fits every surface: users of Slack can't run
    commands."""
    return f"{_OPERATOR} can load them with `aicost sync --since {first}`."


def not_published(connection: Connection, days: Sequence[date]) -> str:
    """Return that the provider hasn't published these days yet."""
    title, words = connection.title, listed([wording.day(day) for day in days])
    return f"{title} hasn't published {words} (UTC) yet. Ask again later."


def gaps(connection: Connection, missing: Sequence[date], today: date) -> Sequence[str]:
    """Return which days of a period have no figures: one sentence for unpublished days, and one for
    others. `missing` is sorted."""
    awaited = [day for day in missing if connection.awaits(day)]
    others = [day for day in missing if day < today and day not in awaited]
    found = [not_published(connection, awaited)] if awaited else []
    if others:
        first = f"{wording.day(others[0])} {others[0].year}"
        count = plural(len(others), "day")
        what = f"No {connection.title} data for {count} from {first} on."
        found.append(f"{what} {_remedy(connection, others, today)}")
    return found


def not_in_ledger(connection: Connection, missing: Sequence[date], today: date) -> str:
    """Return which past days are not known, and how to load them if that is possible."""
    remedy = _remedy(connection, missing, today)
    if missing[-1] < connection.served_from(today):
        return remedy
    return f"No data for these days. {remedy}"


def _remedy(connection: Connection, missing: Sequence[date], today: date) -> str:
    served = connection.served_from(today)
    if missing[-1] < served:
        return not_served(connection, today)
    return _loads(max(missing[0], served))


def not_served(connection: Connection, today: date) -> str:
    """Return that the provider no longer serves days before some day, so no command can load
    them."""
    title, served = connection.title, connection.served_from(today)
    first = f"{wording.day(served)} {served.year}"
    if connection.earliest_served == served:
        return f"{title} has no data before {first}."
    back = "a year" if connection.history_days == _YEAR else f"{connection.history_days} days"
    return f"{title} keeps {back} of history. It has no data before {first}."


def too_old(connection: Connection, read_at: datetime) -> str:
    """Return that nothing failed, but nothing was read for too long."""
    return (
        f"{connection.title} was last read {dated_moment(read_at)}, later than planned. "
        f"{_OPERATOR} can check that the bot is running, or run `aicost sync`."
    )


def no_balance(connection: Connection) -> str:
    """Return why the balance is unknown."""
    if connection.charges_read_at is None and connection.balance_read_at is None:
        return not_read_yet(connection)
    if connection.balance_read_at is not None:  # but not by this clock: it was set back since
        read_at = dated_moment(connection.balance_read_at)
        return (
            f"{connection.title}'s balance was read {read_at}, which this machine's clock hasn't "
            f"reached. {_OPERATOR} can check the clock."
        )
    return (
        f"{connection.title} doesn't report its prepaid balance. "
        f"Enter it with `/aicost balance set {connection.name} AMOUNT at DATE`."
    )


def no_spend(connection: Connection) -> str:
    """Return that only the balance of a connection is known."""
    return f"{connection.title} reports its balance, but no spend. No total includes it."


def no_estimate(since: date, first_missing: date) -> str:
    """Return that a balance was declared, but days since then are not in the ledger."""
    return (
        f"A balance was entered for {wording.day(since)}, but later days have no data. "
        f"{_loads(first_missing)}"
    )


def kept_though_empty(title: str, suspect_days: Sequence[Restatement]) -> str:
    """Return which days had cost and were last read empty, and what to do if that is right."""
    days = sorted(each.day for each in suspect_days)
    shown = ", ".join(wording.day(day) for day in days[:_DAYS_SHOWN])
    rest = _more(days)
    after = dated_moment(max(each.found_at for each in suspect_days) + EMPTY_CONFIRMED_AFTER)
    return (
        f"{title} now reports no spend for {shown}{rest}. The earlier figures are kept. "
        f"If there was none, the person who runs aicost can confirm it with "
        f"`aicost sync --since {days[0]}`, after {after}."
    )


def unreadable_days(days: Sequence[UnreadableDay]) -> str:
    """Return which days are unknown because of an unreadable row, what is wrong with it, and who
    can correct it: mostly only the provider."""
    shown = [f"{wording.day(each.day)} ({each.reason.rstrip('.')})" for each in days[:_DAYS_SHOWN]]
    rest = _more([each.day for each in days])
    it = "it" if len(days) == 1 else "them"
    errors = [of_unreadable(each.reason) for each in days]
    remedies = dict.fromkeys(
        each.remedy
        if isinstance(each, CurrencyNotSupported)
        else f"Only the provider can correct {it}."
        for each in errors
    )
    return f"Unknown: {'; '.join(shown)}{rest}. {' '.join(remedies)}"


def _more(days: Sequence[date]) -> str:
    """Return how many of these sorted days are not shown, and where to see them."""
    rest = days[_DAYS_SHOWN:]
    return f" and {len(rest)} more (see `/aicost {rest[0]}..{rest[-1]}`)" if rest else ""
