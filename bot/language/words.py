"""The words of `/aicost`: each with its synonyms, its kind and its meaning.

A synonym may have several words, and a word may be in several entries: phrases decide. Words
without a meaning are in `bot.language.fillers`. Parser, help and docs use this table.
"""

from bot.language.conditions import CONDITIONS
from bot.language.entry import Entry
from bot.language.subjects import SUBJECTS

WORDS_OF_AICOST: tuple[Entry, ...] = (
    *SUBJECTS,
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
    Entry("give", "verb", "give, assign, allot", "set a budget of an amount"),
    Entry("let", "condition", "let, allow, permit, authorize, authorise, entitle"),
    Entry(
        "unneeded",
        "condition",
        "don't need, dont need, do not need, doesn't need, doesnt need, no longer need, don't "
        "want, dont want, do not want, no longer want, not needed, isn't needed, isnt needed, "
        "no longer needed",
    ),
    Entry("send", "verb", "send, post, give", "post"),
    Entry(
        "list",
        "verb",
        "list, show, which, what, any, see, list all, display, what are, what is, are there, "
        "give me, is there, do we have, did we get",
        "list",
    ),
    Entry(
        "preview",
        "verb",
        "preview, test digest, test the digest, sample digest, try the digest",
        "show the next digest",
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
        "team, teams, unallocated, unassigned, not assigned, isn't assigned, isnt assigned, aren't "
        "assigned, arent assigned, not allocated, isn't allocated, isnt allocated, without a team",
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
        "topped up",
        "verb",
        "topped up, bought, purchased, recharged, refilled, loaded up",
        "credit was bought",
    ),
    Entry(
        "unsubscribe",
        "verb",
        "unsubscribe, unsubscribe me, unsubscribe us, opt out",
        "end the digest",
    ),
    *CONDITIONS,
)
"""One entry for each word."""
