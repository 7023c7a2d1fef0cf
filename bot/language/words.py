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
        "balance, balances, credit, credits, funds, runway, burn rate, how long, run out, runs "
        "out, running out, run dry, runs dry, be gone, used up, next limit, enough credit, "
        "enough credits, enough money, enough left, need to top up, have to top up, should we "
        "top up, should i top up, do we top up, do i top up, time to top up, need to recharge, "
        "need to refill, last us, how many days are left, how fast, how quickly, our burn, the "
        "burn, my burn, daily burn, burn per day, current burn, going to be empty, be empty, "
        "is empty, become empty, i need to top up, i have to top up",
        "what is left of a prepaid balance, and until when",
    ),
    Entry(
        "limits",
        "subject",
        "limits, rate limits, spend limits, spending limits, key limits, provider limits, rate "
        "limit, key limit, provider limit, usage limit, usage limits, quota, quotas",
        "what providers let through: used, of how much, and when it resets",
    ),
    Entry(
        "why",
        "subject",
        "why, explain, reason, cause, caused, what changed, what has changed, what happened, "
        "what drove, drove, drives, driver, drivers, driving, whats driving, what is driving, "
        "how come, whats up with, what up with, whats going on, what going on, what is going "
        "on, what made, whats behind, what behind, what is behind, root cause, reasons, "
        "causes, explanation, explanations, contributed, contributing, contributors, to blame, "
        "spikes, anything unusual, anything weird, anything strange, anything odd, weird, "
        "strange, odd, abnormal, outlier, outliers, suspicious, out of the ordinary",
        "what changed, and what drove it",
    ),
    Entry("details", "subject", "details, detail, detailed", "all that is known of a change"),
    Entry(
        "forecast",
        "subject",
        "forecast, forecasts, projection, projected, predict, predicted, prediction, estimate, "
        "estimated, expect, expected, on track, on course, end up, will, will we, gonna, going "
        "to, are we going to, are we gonna, by end of month, by the end of the month, by month "
        "end, end of month, end of the month, at the end of the month, eom, run rate, runrate, "
        "on pace, at this pace, at this rate, heading, headed, going to spend, going to cost, "
        "likely, until the end of the month, rest of the month, rest of month, land at, come "
        "out at, would",
        "where the month ends",
    ),
    Entry("budget", "subject", "budget, budgets", "planned spend"),
    Entry(
        "cap",
        "subject",
        "cap, limit, ceiling, spending limit, spend limit, cost limit, spending cap, spend cap",
        "a budget, as a verb",
    ),
    Entry(
        "alerts",
        "subject",
        "alert, alerts, alarm, alarms, warning, warnings, on fire, anything wrong, incident, "
        "incidents, notification, notifications",
        "what crossed a threshold",
    ),
    Entry(
        "spikes",
        "subject",
        "spike, spikes, unusual, anomaly, anomalies, anomalous, unusual spend",
    ),
    Entry("digest", "subject", "digest, digests", "the scheduled report of a channel"),
    Entry("report", "subject", "report, reports, summary, update, updates"),
    Entry(
        "export",
        "subject",
        "export, csv, download, spreadsheet, excel, raw data, raw figures, raw numbers, data "
        "dump, dump, xlsx, google sheet, google sheets, sheet, as a file, extract, as files",
        "charges as a file",
    ),
    Entry("statement", "subject", "statement, statements, month close", "a month, to file"),
    Entry("invoice", "subject", "invoice, invoices, invoiced", "what was invoiced for a month"),
    Entry(
        "status",
        "subject",
        "status, health, connections, connected, up to date, out of date, last sync, last "
        "synced, fresh, freshness, version, last updated, working, broken, healthy, how old, "
        "how fresh, how recent, how current, how up to date, last refresh, last refreshed, "
        "last update, refreshed, refresh, stale, outdated, delayed, delay, lagging, lag, did "
        "you sync, last read, synced, syncing, in sync, online, alive, down right now, having "
        "problems, any errors, any problems, any issues, data delay, up and running",
        "how fresh the figures are",
    ),
    Entry(
        "help",
        "subject",
        "help, ?, commands, how do i, how do we, how can i, how can we, how do, how does, how "
        "to, what can you do, what do you do, what can i ask, what can i do, what do you know, "
        "who are you, what are you, what is this, examples, usage examples, what are my "
        "options, what else can you do, how does this work, how do you work, what do i type, "
        "what should i type, tutorial, docs, documentation, manual, instructions, guide, "
        "getting started, get started, i am new, i'm new, im new, new here, what can this bot "
        "do, what can this do, what can it do, what does this bot do, what does this do, what "
        "can you tell me, what can you tell us, how should i, how would i, how would we, how "
        "should we",
        "what can be asked",
    ),
    Entry(
        "compare",
        "subject",
        "compare, comparison",
        "two periods, providers, projects, models or keys side by side",
    ),
    Entry(
        "set",
        "verb",
        "set, set up, add, create, new, make, define, put, establish, introduce, configure",
        "set",
    ),
    Entry(
        "change",
        "verb",
        "change, raise, increase, lower, reduce, decrease, bump, adjust, edit, modify, update, "
        "set, make, move, push, shift, switch, reschedule, rename, double, halve, triple, cut",
        "change what is set",
    ),
    Entry(
        "remove",
        "verb",
        "remove, delete, rm, drop, cancel, get rid of, clear, erase, scrap, kill, undo, take "
        "away, throw away",
        "take out of force",
    ),
    Entry(
        "off",
        "verb",
        "off, stop, quit, end, disable, unsubscribe, turn off, turned off, switch off, no "
        "more, remove, delete, cancel, shut off, switched off, stop sending, stop posting, opt "
        "out",
        "turn off",
    ),
    Entry("on", "verb", "on, start, enable, turn on, switch on, subscribe, set", "turn on"),
    Entry("send", "verb", "send, post, give", "post"),
    Entry(
        "list",
        "verb",
        "list, show, which, what, any, see, list all, display, what are, what is, are there, "
        "is there, do we have, did we get",
        "list",
    ),
    Entry("preview", "verb", "preview", "show the next digest"),
    Entry("ack", "verb", "ack, acknowledge, acked", "take note of an alert"),
    Entry(
        "snooze",
        "verb",
        "snooze, mute, silence, pause, shut up, be quiet, keep quiet, quiet down, hush, shush, "
        "silent, go silent, do not disturb, leave me alone, leave us alone, stop pinging, stop "
        "pinging us, stop pinging me, stop bothering, stop bothering us, stop bothering me, "
        "stop bugging us, stop bugging me, stop spamming, stop spamming us, stop nagging, too "
        "noisy, noisy, annoying, spamming, spam, too many alerts, quiet please, silence "
        "please, shh",
        "quiet an alert for a while",
    ),
    Entry("history", "verb", "history, resolved", "resolved alerts"),
    Entry(
        "notify",
        "verb",
        "alert, alerted, alerting, warn, warned, notify, notified, notifying, ping, pinged, "
        "pinging, tell, let me know, let us know, remind, need to know when, need to know if, "
        "want to know when, want to know if, like to know when, like to know if, give me a "
        "heads up, heads up, shout, message me, message us, dm me, write me, text me, make "
        "noise, inform, inform us, inform me, i need to know when, i need to know if, i want "
        "to know when, i want to know if, page us, page me, let the team know, let everyone "
        "know, tell the team, tell everyone, tell us, notify the team, notify everyone, give "
        "us a heads up",
    ),
    Entry("declare", "verb", "set, declare", "enter a balance"),
    Entry("bought", "verb", "add, buy, bought, top up, topup, top-up, topped up, purchase"),
    Entry("forget", "verb", "forget, clear, undeclare", "take back what was entered"),
    Entry("left", "condition", "left, remaining, remains, remain, leftover, to spend, unspent"),
    Entry(
        "never",
        "condition",
        "don't let, dont let, do not let, never let, don't go, dont go, do not go, never go, "
        "don't spend, dont spend, do not spend, never spend, don't want, dont want, do not "
        "want, must not, mustn't, mustnt, should not, shouldn't, shouldnt, may not, should "
        "never",
    ),
    Entry("keep", "condition", "keep"),
    Entry(
        "used",
        "condition",
        "used, spent, how close, how far, close, closest, near, nearly, nearest, almost, "
        "approaching, consumed, spent so far, doing against, doing, doing so far, utilization, "
        "utilized",
    ),
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
        "is below, drop under, drops under, go under, goes under, fall under, falls under, get "
        "under, gets under, floor, drops to, down to, only, low, running low, runs low, empty, "
        "almost empty, nearly empty, about to run out, almost out, nearly out, out of credit, "
        "out of credits, out of money, gets low, getting low, too low, at less than, no more "
        "than, dips below, dip below, sinks below, left is",
    ),
    Entry(
        "above",
        "condition",
        "above, over, exceeds, exceed, reaches, reach, hits, hit, cross, crosses, pass, "
        "passes, more than, greater than, go over, goes over, go above, goes above, get over, "
        "gets over, exceeded, exceeding, go past, goes past, at more than, gets to, get to, "
        "spend more than, spends more than, costs more than, spikes above, climbs above, "
        "beyond, blow through, blows through, surpass, surpasses, tops, top out, pass the, "
        "uses more than, blow, overshoot, overrun, bust, smash, blow past, went past, gone "
        "past, hit the limit of",
    ),
    Entry("will we", "condition", "will we, are we going to, are we gonna"),
    Entry(
        "over budget",
        "condition",
        "over budget, within budget, under budget, in budget, over the budget, over our "
        "budget, over its budget, within the budget, within our budget, within its budget, "
        "under the budget, under our budget, inside budget, inside the budget, on budget, "
        "overspent, overspend, overspending, overspends, over spending, blown, blew, exceeded "
        "the budget, exceeded our budget, exceed the budget, exceed our budget, exceeded any "
        "budget, go over budget, gone over budget, went over budget, broke the budget, staying "
        "within budget, hit the budget, hit our budget, over limit, over the limit, over their "
        "limit, over their budget, can we still spend, can i still spend, still spend, left to "
        "spend, room left, headroom, still have budget",
    ),
    Entry(
        "vs",
        "condition",
        "vs, versus, against, compared to, compared with, compare to, than, vs., compares to, "
        "compares with, compared against, relative to, in comparison to, in comparison with, "
        "next to, side by side, more than, less than, higher than, lower than, cheaper than, "
        "more expensive than",
    ),
    Entry("all", "condition", "all, everything, everyone, total, totals, combined, both, overall"),
    Entry(
        "model",
        "dimension",
        "model, models, llm model, ai model, language model, ai models, language models",
        "by model",
    ),
    Entry(
        "project",
        "dimension",
        "project, projects, workspace, workspaces, proj, prj, projs",
        "by project",
    ),
    Entry("key", "dimension", "key, keys, api key, api keys", "by key"),
    Entry(
        "day",
        "dimension",
        "day, days, daily, day by day, each day, every day, a day, day to day, per diem, day "
        "over day, date, dates, by date",
        "by UTC day",
    ),
    Entry(
        "week",
        "dimension",
        "week, weeks, weekly, week by week, each week, every week, a week, week over week, "
        "week to week",
        "by week from Monday",
    ),
    Entry(
        "month",
        "dimension",
        "month, months, monthly, month by month, each month, every month, a month, month over "
        "month, month to month",
        "by calendar month",
    ),
    Entry(
        "provider",
        "dimension",
        "provider, providers, vendor, vendors, supplier, suppliers, api provider, accounts",
        "by provider",
    ),
    Entry(
        "user",
        "dimension",
        "user, users, person, people, who, whom, member, members, team member, team members, "
        "teammate, teammates, employee, employees, developer, developers, engineer, engineers, "
        "dev, devs, colleague, colleagues, anyone, anybody, everybody, individual, "
        "individuals, coworker, coworkers",
        "by user, for people who may see everything",
    ),
    Entry(
        "team",
        "dimension",
        "team, teams",
        "by team, as `aicost.toml` says whose costs are whose",
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
        "by, per, split by, grouped by, group by, broken down by, break down by, for each, "
        "across, broken out by, split out by, split up by, grouped per, per each, breakdown "
        "by, break it down by, broken down per, breakdown per, separated by, divided by, down "
        "by",
    ),
    Entry(
        "top",
        "rank",
        "top, biggest, highest, largest, most expensive, most, costliest, priciest, worst, "
        "heaviest, top spending, maximum, max, dearest, main, greediest, hungriest, number "
        "one, peak, largest share",
    ),
    Entry(
        "bottom",
        "rank",
        "bottom, cheapest, smallest, lowest, least expensive, least, minimum, min, tiniest, fewest",
    ),
    Entry(
        "changed",
        "condition",
        "up, down, went up, gone up, going up, go up, goes up, went down, gone down, going "
        "down, go down, goes down, increase, increases, increased, increasing, decrease, "
        "decreases, decreased, decreasing, rise, rises, rose, risen, rising, jump, jumps, "
        "jumped, jumping, spiked, spiking, drop, drops, dropped, dropping, fell, fallen, "
        "falling, grow, grows, grew, grown, growing, growth, trend, trends, trending, climb, "
        "climbed, climbing, surge, surged, doubled, tripled, exploded, explode, expensive, "
        "more expensive, got more expensive, gotten more expensive, became more expensive, "
        "less expensive, got cheaper, higher, lower, cheaper, changed, changes, change, "
        "difference, differences, different, differ, delta, movers, stable, steady, flat, so "
        "high, so much, so expensive, more than usual, higher than usual, usual, normal, out "
        "of control, spike, spikes",
    ),
    Entry(
        "spending",
        "condition",
        "spend, spending, spent, cost, costs, burn, burning, burned, pay, paying, paid, usage, "
        "use, expenses, bill, charges, how much, expenditure",
    ),
    Entry(
        "permission",
        "subject",
        "who can, who may, who is allowed, who are allowed, who gets to, whos allowed, who has "
        "access, who manages, who is able, allowed to, am i allowed, are we allowed, is "
        "everyone allowed, can everyone, can anyone, can anybody, can everybody, permission, "
        "permissions, access rights, rights, admin, admins, administrator, administrators, "
        "manager, managers, who sees, who can see, do i have access, give access, grant, "
        "revoke, who owns, can others, can other people, can my team, can guests, access, see "
        "this, see the costs, see our costs, see these numbers, see my costs",
        "who may do what",
    ),
    Entry(
        "connect",
        "subject",
        "connect, connecting, link, linking, integrate, integration, integrations, hook up, "
        "plug in, onboard, disconnect, reconnect, api key for, admin key, admin api key, "
        "rotate, where do i put, where do i enter, where do i add, track another, add another "
        "provider, add a provider, add another account, add an account, new provider, another "
        "provider, other providers, more providers, log in, login, sign in, sign up, "
        "credentials, password",
        "how providers are added",
    ),
    Entry("time zone", "subject", "timezone, time zone, timezones, time zones, tz, clock"),
    Entry("instead", "condition", "instead, instead of, rather than"),
    Entry(
        "ended",
        "verb",
        "past, ended, closed, old, previous, earlier, fired, triggered, went off, sent out, "
        "raised, happened, came in, popped up",
    ),
    Entry(
        "topped up",
        "verb",
        "topped up, bought, purchased, recharged, refilled, loaded up",
        "credit was bought",
    ),
    Entry(
        "asking",
        "condition",
        "how, hows, what, whats, which, who, whos, why, where, is, are, was, were, does, did, am",
    ),
)
"""One entry for each word."""
