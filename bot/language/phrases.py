"""The phrases of `/aicost`: which words mean which command, and which slots it has.

A phrase fits a text that contains all words of one of its patterns, in any order. Of several, the
one with the most words is tried first, then the first one here. Every other word must fill a slot,
be in `also`, or have no meaning.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.language.commands import Topic
from bot.language.words import WORDS_OF_AICOST


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to express a command."""

    command: str
    """Name of the function in `bot.language.build`."""
    patterns: str
    """Words of `bot.language.words`; patterns are separated by semicolons. Empty: a plain question.
    A word with a plus is required, and also fills its slot."""
    slots: str = ""
    """Names of `bot.language.slots`, separated by commas, in the order they are tried."""
    also: str = ""
    """Words that may accompany it without adding a meaning."""
    is_change: bool = False
    topic: Topic | None = None
    """Its topic in help, with the topic's examples."""
    refused: str = ""
    """Slots that can't be combined with it, separated by commas."""
    reason: str = ""
    """Why those slots can't be combined."""
    readings: tuple[str, str, str] | None = None
    """If it is ambiguous: the possible meanings, a question and two commands."""

    @property
    def slot_names(self) -> Sequence[str]:
        """Return the names of the slots."""
        return [each.strip() for each in self.slots.split(",") if each]

    @property
    def words(self) -> Sequence[Sequence[str]]:
        """Return the words of each pattern."""
        return [
            [word.strip().replace("_", " ") for word in pattern.split()]
            for pattern in self.patterns.split(";")
        ]


_BUDGET = (
    "forecast thresholds, mentions, thresholds, channel, scope, about, amount, budget period, quiet"
)
_ASKED = "scope, about, period"
_WHY = (
    "it go going went gone up down increase increased increases decrease decreased jump jumped "
    "rise rose risen drop dropped grow grew grown more less higher lower high low expensive cheap "
    "cheaper change changed changes spike spiked than usual bill invoice difference"
)
_COMPARED = "and with to is more less higher lower cheaper expensive"
_FORECAST = (
    "month end by monthly this the will we be for of spend cost costs total finish land reach "
    "expect expected pay bill budget over above exceed hit stay within"
)
_VERBS = " ".join(
    dict.fromkeys(
        word
        for entry in WORDS_OF_AICOST
        for spelling in entry.spellings
        for word in spelling.split()
        if entry.kind == "verb"
    )
)
_BALANCE = (
    "last lasts will when out enough long until our credit balance left budget next burning "
    "account rate prepaid limit limits before"
)
PHRASES: tuple[Phrase, ...] = (
    Phrase("help", "help", "topic", f"{_VERBS} me work works use about i need the my our time up"),
    Phrase(
        "low balance",
        "budget set left; budget left; budget set below; budget below; notify below; notify left; "
        "notify below left; alerts set below; notify below balance; "
        "notify below left balance; notify left balance; notify balance",
        "mentions, limit, channel, scope, about, quiet",
        "balance account there are only at than or less drops goes falls runs alert",
        is_change=True,
        topic="budget",
        refused="thresholds, budget period",
        reason="A low-balance alert has no period and no percentages.",
    ),
    Phrase("budget remove", "budget remove", "reference", "alert", True, "budget"),
    Phrase("budget set", "budget set; budget set alerts", _BUDGET, "alert alerts", True, "budget"),
    Phrase("budget change", "budget change", _BUDGET, "alert alerts", True, "budget"),
    Phrase(
        "budget alert",
        "notify above; alerts set above",
        _BUDGET,
        "usage more than or at budget",
        is_change=True,
        topic="budget",
    ),
    Phrase(
        "low balance form",
        "alerts below; alerts below balance",
        "limit, channel, scope, about",
        "balance account there are only at than or less drops goes falls runs",
        is_change=True,
        topic="budget",
        refused="thresholds, budget period",
        reason="A low-balance alert has no period and no percentages.",
    ),
    Phrase(
        "budget form",
        "alerts above; never above; keep below; keep within; budget keep below; budget keep within",
        "thresholds, channel, scope, about, amount, budget period",
        "more than budget",
        is_change=True,
        topic="budget",
    ),
    Phrase(
        "budget list",
        "budget list; budget status; budget list status",
        "page, scope, about",
        "every current currently set here which",
        topic="budget",
        refused="budget period",
        reason="The list has budgets of every period. Leave that out.",
    ),
    Phrase(
        "budget list",
        "over_budget; budget left; budget list left; budget over_budget; budget used",
        "scope, about",
        "how much of current currently am which by this month to have are we close",
        topic="budget",
    ),
    Phrase("budget", "budget", _BUDGET, "alert alerts", True, "budget"),
    Phrase("budget set", "cap", _BUDGET, "", True, "budget"),
    Phrase(
        "spikes on",
        "spikes on; alerts spikes on",
        "channel",
        "alert spend costs",
        is_change=True,
        topic="alerts",
    ),
    Phrase(
        "spikes off",
        "spikes off; alerts spikes off",
        "channel",
        "alert spend costs",
        is_change=True,
        topic="alerts",
    ),
    Phrase("spikes", "alerts spikes", "channel", "", True, "alerts"),
    Phrase(
        "alerts snooze",
        "alerts snooze",
        "until, number, scope, about",
        "alert",
        is_change=True,
        topic="alerts",
        refused="rhythm",
        reason="Give an alert's number, and for how long.",
    ),
    Phrase(
        "snooze",
        "snooze",
        "until, number, scope, about",
        "this it that alerts",
        is_change=True,
        topic="alerts",
        readings=("Name the alert by its number.", "alerts snooze 3 1d", "digest off"),
    ),
    Phrase(
        "readings",
        "alerts off; alerts remove; alerts below remove; alerts below balance remove",
        topic="alerts",
        readings=(
            "An alert can be snoozed, and a budget removed.",
            "alerts snooze 3 1d",
            "budget remove 2",
        ),
    ),
    Phrase("alerts list", "notify off", "scope, about", "about", True, "alerts"),
    Phrase("alerts ack", "alerts ack; ack", "number", "alert", True, topic="alerts"),
    Phrase(
        "alerts history",
        "alerts history; history",
        "state, page, channel, scope, about",
        "list show by from all",
        topic="alerts",
    ),
    Phrase(
        "alerts list",
        "alerts list; alerts",
        "state, page, channel, scope, about",
        "show all by from",
        topic="alerts",
    ),
    Phrase("digest preview", "digest preview; preview", "number", "next", topic="digest"),
    Phrase(
        "digest off",
        "digest off; report off; digest snooze; digest off send",
        "number",
        "posting sending for channel here more",
        is_change=True,
        topic="digest",
        refused="rhythm, days, until, scope, about",
        reason="A digest is turned off until it is turned on again. If there are several here, "
        "give its number.",
    ),
    Phrase(
        "digest list",
        "digest list; digest history",
        "page",
        "all our set here up channel",
        topic="digest",
    ),
    Phrase(
        "digest change",
        "digest change; digest send change; digest on change; digest set change",
        "rhythm, days, time, zone, channel, scope, about",
        "morning timezone time zone mornings",
        is_change=True,
        topic="digest",
    ),
    Phrase(
        "digest on",
        "digest on; digest send; report send; digest set; digest off on",
        "settled, rhythm, days, time, zone, depth, channel, scope, about",
        "morning timezone time zone mornings",
        is_change=True,
        topic="digest",
    ),
    Phrase(
        "digest",
        "digest",
        "settled, rhythm, days, time, zone, depth, channel, scope, about",
        "morning timezone time zone mornings",
        is_change=True,
        topic="digest",
    ),
    Phrase(
        "digest form",
        "report morning; report +daily; report +weekly; report +weekdays; report +monthly; "
        "report +weekday; report +weekday morning; report +weekly +weekday",
        "rhythm, days, time, zone, channel, scope, about",
        is_change=True,
        topic="digest",
    ),
    Phrase(
        "balance set",
        "balance declare",
        "expiry, scope, declared, day",
        "was is were",
        is_change=True,
        topic="balance",
    ),
    Phrase(
        "balance add",
        "balance bought",
        "expiry, scope, amount, day",
        "was is were up worth",
        is_change=True,
        topic="balance",
    ),
    Phrase("balance forget", "balance forget", "scope", "", True, topic="balance"),
    Phrase("compare", "compare vs; vs; compare", "scopes, items, sides, by, rank", _COMPARED),
    Phrase(
        "export",
        "export",
        _ASKED,
        "send file data as everything charges raw",
        topic="export",
        refused="by, rank",
        reason="An export always holds every charge. Leave out the grouping.",
    ),
    Phrase(
        "invoice remove",
        "statement invoice remove; statement invoice forget; invoice remove; invoice forget",
        "scope, period",
        is_change=True,
        topic="statement",
    ),
    Phrase(
        "invoice",
        "statement invoice set; invoice set; invoice change; statement invoice; invoice",
        "scope, declared, month",
        "total was is",
        is_change=True,
        topic="statement",
    ),
    Phrase(
        "statement file",
        "statement export",
        "scope, period",
        "as file files monthly month",
        topic="statement",
        refused="by, rank, about",
        reason="A statement lists projects and models. Leave that out.",
    ),
    Phrase(
        "statement",
        "statement; invoice",
        "scope, period",
        "monthly month end statement invoice invoices invoiced total totals",
        topic="statement",
        refused="by, rank, about",
        reason="A statement lists projects and models. Leave that out.",
    ),
    Phrase(
        "why details",
        "why details",
        f"{_ASKED}, by",
        _WHY,
        topic="why",
        refused="rank",
        reason="“why” lists the largest changes first.",
    ),
    Phrase(
        "why",
        "why",
        f"{_ASKED}, by",
        _WHY,
        topic="why",
        refused="rank",
        reason="“why” lists the largest changes first.",
    ),
    Phrase(
        "balance",
        "balance; left; balance left",
        "scope",
        _BALANCE,
        topic="balance",
        refused="period, by, about",
        reason="A balance is what a connection has left now. Leave that out.",
    ),
    Phrase(
        "limits",
        "limits; list limits",
        "scope",
        f"{_BALANCE} set reset resets reached used up hit",
        topic="limits",
        refused="period, by, about",
        reason="Limits are as of now, and every limit is listed. Leave that out.",
    ),
    Phrase(
        "forecast",
        "forecast; will_we budget above; will_we budget",
        _ASKED,
        _FORECAST,
        topic="forecast",
        refused="by, rank",
        reason="Forecasts always cover this month. Leave out the grouping.",
    ),
    Phrase(
        "status",
        "status",
        "",
        "data all sync when last working latest ok bot current everything",
        topic="status",
        refused="scope, about, period, by",
        reason="The status is always of every connection, as of now.",
    ),
    Phrase(
        "readings",
        "off",
        readings=(
            "Stop what?",
            "digest off",
            "alerts spikes off",
        ),
    ),
    Phrase("readings", "remove", readings=("Remove what?", "budget remove 2", "digest off")),
    Phrase(
        "readings",
        "daily; weekly; monthly; weekdays",
        readings=("A breakdown of costs, or a digest?", "mtd by day", "digest on 09:00 daily"),
    ),
    Phrase(
        "readings",
        "notify",
        readings=(
            "Alert on what? A budget watches what is spent, a low-balance alert what is left.",
            "budget set {postpaid} 500 monthly",
            "budget set {prepaid} left 20",
        ),
    ),
    Phrase("spend", "", "scope, about, period, by, rank"),
)
