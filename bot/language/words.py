"""The words of `/aicost`: each with its synonyms, its kind and its meaning.

A synonym may have several words, and a word may be in several entries: phrases decide. Words
without a meaning are in `bot.language.fillers`. Parser, help and docs use this table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["subject", "verb", "condition", "dimension", "rhythm", "group", "rank", "person"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One word with its synonyms, separated by commas."""

    word: str
    kind: Kind
    synonyms: str
    meaning: str = ""

    @property
    def spellings(self) -> Sequence[str]:
        """Return the word itself, if it can be typed, and its synonyms."""
        return [each.strip() for each in self.synonyms.split(",")]


WORDS_OF_AICOST: tuple[Entry, ...] = (
    Entry(
        "balance",
        "subject",
        "balance, balances, credit, credits, funds, runway, burn rate, burn, how long, run out, "
        "runs out, running out, run dry, runs dry, be gone, used up, next limit",
        "what is left of a prepaid balance, and until when",
    ),
    Entry(
        "limits",
        "subject",
        "limits, rate limits, spend limits, spending limits, key limits, provider limits",
        "what providers let through: used, of how much, and when it resets",
    ),
    Entry(
        "why",
        "subject",
        "why, explain, reason, cause, caused, what changed, what has changed, what happened, "
        "what drove, drove, drives, driver, drivers, driving, whats driving, what is driving",
        "what changed, and what drove it",
    ),
    Entry("details", "subject", "details, detail, detailed", "all that is known of a change"),
    Entry(
        "forecast",
        "subject",
        "forecast, forecasts, projection, projected, predict, predicted, prediction, estimate, "
        "estimated, expect, expected, on track, on course, end up, will, will we, gonna, going to, "
        "are we going to, are we gonna",
        "where the month ends",
    ),
    Entry("budget", "subject", "budget, budgets", "planned spend"),
    Entry("cap", "subject", "cap, limit", "a budget, as a verb"),
    Entry(
        "alerts",
        "subject",
        "alert, alerts, alarm, alarms, warning, warnings",
        "what crossed a threshold",
    ),
    Entry("spikes", "subject", "spike, spikes, unusual, anomaly, anomalies, anomalous"),
    Entry("digest", "subject", "digest, digests", "the scheduled report of a channel"),
    Entry("report", "subject", "report, reports, summary, update, updates"),
    Entry("export", "subject", "export, csv, download, spreadsheet, excel", "charges as a file"),
    Entry("statement", "subject", "statement, statements, month close", "a month, to file"),
    Entry("invoice", "subject", "invoice, invoices, invoiced", "what was invoiced for a month"),
    Entry(
        "status",
        "subject",
        "status, health, connections, connected, up to date, out of date, last sync, last synced, "
        "fresh, freshness, version, last updated, working, broken, healthy",
        "how fresh the figures are",
    ),
    Entry(
        "help",
        "subject",
        "help, ?, commands, how do i, how do we, how can i, how can we, how do, how does, how to, "
        "what can you do, what do you do, what can i ask, what can i do, what do you know, "
        "who are you, what are you, what is this, examples, usage examples",
        "what can be asked",
    ),
    Entry(
        "compare",
        "subject",
        "compare, comparison",
        "two periods, providers, projects, models or keys side by side",
    ),
    Entry("set", "verb", "set, set up, add, create, new, make, define", "set"),
    Entry(
        "change",
        "verb",
        "change, raise, increase, lower, reduce, decrease, bump, adjust, edit, modify, update, "
        "set, make, move, push, shift, switch, reschedule, instead",
        "change what is set",
    ),
    Entry("remove", "verb", "remove, delete, rm, drop, cancel, get rid of", "take out of force"),
    Entry(
        "off",
        "verb",
        "off, stop, quit, end, disable, unsubscribe, turn off, turned off, switch off, no more, "
        "remove, delete, cancel",
        "turn off",
    ),
    Entry("on", "verb", "on, start, enable, turn on, switch on, subscribe, set", "turn on"),
    Entry("send", "verb", "send, post, give", "post"),
    Entry("list", "verb", "list, show, which, what, any, see", "list"),
    Entry("preview", "verb", "preview", "show the next digest"),
    Entry("ack", "verb", "ack, acknowledge, acked", "take note of an alert"),
    Entry("snooze", "verb", "snooze, mute, silence, pause", "quiet an alert for a while"),
    Entry("history", "verb", "history, resolved, past, ended, closed", "resolved alerts"),
    Entry(
        "notify",
        "verb",
        "alert, alerted, alerting, warn, warned, notify, notified, notifying, ping, "
        "pinged, pinging, tell, let me know, let us know, remind",
    ),
    Entry("declare", "verb", "set, declare", "enter a balance"),
    Entry("bought", "verb", "add, buy, bought, top up, topup, top-up, topped up, purchase"),
    Entry("forget", "verb", "forget, clear, undeclare", "take back what was entered"),
    Entry("left", "condition", "left, remaining, remains, remain"),
    Entry(
        "never",
        "condition",
        "don't let, dont let, do not let, never let, don't go, dont go, do not go, never go, "
        "don't spend, dont spend, do not spend, never spend, don't want, dont want, do not want, "
        "must not, mustn't, mustnt, should not, shouldn't, shouldnt, may not, should never",
    ),
    Entry("keep", "condition", "keep"),
    Entry("used", "condition", "used, spent, how close, how far"),
    Entry("within", "condition", "within"),
    Entry(
        "weekday",
        "condition",
        "monday, tuesday, wednesday, thursday, friday, saturday, sunday, mondays, tuesdays, "
        "wednesdays, thursdays, fridays, saturdays, sundays",
    ),
    Entry("morning", "condition", "morning, mornings"),
    Entry(
        "below",
        "condition",
        "below, under, beneath, less than, lower than, fewer than, drop below, drops below, "
        "dropped below, fall below, falls below, go below, goes below, get below, gets below, "
        "is below, drop under, drops under, go under, goes under, fall under, falls under, "
        "get under, gets under, floor, drops to, down to, only, low, running low, runs low",
    ),
    Entry(
        "above",
        "condition",
        "above, over, exceeds, exceed, reaches, reach, hits, hit, cross, crosses, pass, passes, "
        "more than, greater than, go over, goes over, go above, goes above, get over, gets over",
    ),
    Entry("will we", "condition", "will we, are we going to, are we gonna"),
    Entry("over budget", "condition", "over budget, within budget, under budget, in budget"),
    Entry("vs", "condition", "vs, versus, against, compared to, compared with, compare to, than"),
    Entry("all", "condition", "all, everything, everyone, total, totals, combined, both, overall"),
    Entry("model", "dimension", "model, models", "by model"),
    Entry("project", "dimension", "project, projects, workspace, workspaces", "by project"),
    Entry("key", "dimension", "key, keys, api key, api keys", "by key"),
    Entry("day", "dimension", "day, days, daily, day by day", "by UTC day"),
    Entry("week", "dimension", "week, weeks, weekly, week by week", "by week from Monday"),
    Entry("month", "dimension", "month, months, monthly, month by month", "by calendar month"),
    Entry("provider", "dimension", "provider, providers, vendor, vendors", "by provider"),
    Entry(
        "user",
        "dimension",
        "user, users, person, people, who, whom, member, members, team member, team members, "
        "teammate, teammates, employee, employees, developer, developers, engineer, engineers",
        "by user, for people who may see everything",
    ),
    Entry(
        "team", "dimension", "team, teams", "by team, as `aicost.toml` says whose costs are whose"
    ),
    Entry("me", "person", "me, my, i, mine, myself", "the person who asks"),
    Entry("daily", "rhythm", "daily, everyday, every day, each day, every morning, each morning"),
    Entry("weekdays", "rhythm", "weekdays, workdays, weekday, workday"),
    Entry("weekends", "rhythm", "weekends"),
    Entry("weekly", "rhythm", "weekly, every week, each week, once a week"),
    Entry("monthly", "rhythm", "monthly, every month, each month, once a month"),
    Entry(
        "by",
        "group",
        "by, per, split by, grouped by, group by, broken down by, break down by, for each",
    ),
    Entry("top", "rank", "top, biggest, highest, largest, most expensive, most, costliest"),
    Entry("bottom", "rank", "bottom, cheapest, smallest, lowest, least expensive, least"),
)
"""One entry for each word."""
