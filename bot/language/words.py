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
        "set, make, move, push, shift, switch, reschedule, rename, cut",
        "change what is set",
    ),
    Entry(
        "remove",
        "verb",
        "remove, delete, rm, drop, cancel, get rid of, clear, erase, scrap, kill, take away, "
        "throw away",
        "take out of force",
    ),
    Entry(
        "off",
        "verb",
        "off, stop, quit, end, disable, unsubscribe, turn off, turned off, switch off, no more, "
        "remove, delete, cancel, shut off, switched off, stop sending, stop posting, opt out, "
        "cease, deactivate, get off, turn it off, switch it off, stop it",
        "turn off",
    ),
    Entry(
        "on",
        "verb",
        "on, start, enable, turn on, switch on, subscribe, set, activate, begin, opt in, turn "
        "back on, switch back on, resume, restart, re-enable",
        "turn on",
    ),
    Entry("give", "verb", "give, assign, allot", "set a budget of an amount"),
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
        "noise, inform, inform us, inform me, i need to know when, i need to know if, i want to "
        "know when, i want to know if, page us, page me, let the team know, let everyone know, "
        "tell the team, tell everyone, tell us, notify the team, notify everyone, give us a "
        "heads up, let me know once, flag, give us a shout, give me a shout, i want to be "
        "warned, want to be warned, to be warned, be notified, be alerted, be informed, to be "
        "told, be told, drop us a line, drop me a line, sound the alarm, scream, yell, poke me, "
        "poke us, nudge me, nudge us, tag me",
    ),
    Entry("declare", "verb", "set, declare", "enter a balance"),
    Entry(
        "bought",
        "verb",
        "add, bought, topped up",
    ),
    Entry(
        "forget",
        "verb",
        "forget, clear, undeclare, take back",
        "take back what was entered",
    ),
    Entry(
        "topped up",
        "verb",
        "topped up, bought, purchased, recharged, refilled, loaded up, charged up, loaded, paid "
        "in, paid into, deposited, added, added credit",
        "credit was bought",
    ),
    Entry("paid", "verb", "paid, put, transferred, sent, wired"),
    Entry(
        "unsubscribe",
        "verb",
        "unsubscribe, unsubscribe me, unsubscribe us, opt out",
        "end the digest",
    ),
    Entry(
        "ack",
        "verb",
        "ack, acknowledge, acked, i'm on it, im on it, i am on it, on it, looking into it, "
        "looking into, looking at it, looking at, taking care of it, taking care of, i'll take "
        "care of, i will take care of, i will take it, i'll take it, investigating, handling "
        "it, i'll handle, i will handle, will handle, i'll look into, i will look into, i'll "
        "look at, i will look at, taking, taking over, i take",
        "take note of an alert",
    ),
    Entry(
        "snooze",
        "verb",
        "snooze, mute, silence, pause, shut up, be quiet, keep quiet, quiet down, hush, shush, "
        "silent, go silent, do not disturb, leave me alone, leave us alone, stop pinging, stop "
        "pinging us, stop pinging me, stop bothering, stop bothering us, stop bothering me, "
        "stop bugging us, stop bugging me, stop spamming, stop spamming us, stop nagging, too "
        "noisy, noisy, annoying, spamming, spam, too many alerts, quiet please, silence please, "
        "shh, too many notifications, on hold, quiet alert, quiet alerts, quieten",
        "quiet an alert for a while",
    ),
    Entry(
        "unsnooze",
        "verb",
        "unsnooze, unmute, unsilence, un-snooze, un-mute, stop snoozing, stop muting, end the "
        "snooze, cancel the snooze, remove the snooze",
        "end a snooze",
    ),
    Entry("pause", "verb", "pause, paused, suspend, on pause", "stop for a while"),
    Entry("resume", "verb", "resume, unpause, un-pause", "go on after a pause"),
    Entry(
        "ended",
        "verb",
        "past, ended, closed, old, previous, earlier, fired, triggered, went off, sent out, "
        "raised, happened, came in, popped up, went out, came up, were there, got fired",
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
        "by user, for managers and leads",
    ),
    Entry(
        "team",
        "dimension",
        "team, teams, unallocated, unassigned, not assigned, isn't assigned, isnt assigned, aren't "
        "assigned, arent assigned, not allocated, isn't allocated, isnt allocated, without a team",
        "by team, as `aicost.toml` says whose costs are whose",
    ),
    Entry(
        "channel",
        "dimension",
        "channel, channels, slack channel, slack channels",
        "by channel of Slack, where the provider says in which one it worked",
    ),
    Entry("me", "person", "me, my, i, mine, myself", "the person who asks"),
    Entry("daily", "rhythm", "daily, everyday, every day, each day, every morning, each morning"),
    Entry(
        "weekdays",
        "rhythm",
        "weekdays, workdays, weekday, workday, working days, business days, work days, every "
        "weekday, every workday, each weekday, every working day, every business day, mon to "
        "fri, mon-fri, monday to friday",
    ),
    Entry("weekends", "rhythm", "weekends"),
    Entry("weekly", "rhythm", "weekly, every week, each week, once a week"),
    Entry("monthly", "rhythm", "monthly, every month, each month, once a month"),
    Entry(
        "by",
        "group",
        "by, per, split by, grouped by, group by, broken down by, break down by, for each, "
        "across, broken out by, split out by, split up by, grouped per, per each, breakdown by, "
        "break it down by, broken down per, breakdown per, separated by, divided by, down by, "
        "between, among, amongst",
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
        "model",
        "dimension",
        "model, models, llm model, ai model, language model, ai models, language models",
        "by model",
    ),
    Entry(
        "resolve",
        "verb",
        "resolve, dismiss, close",
    ),
    Entry(
        "start",
        "verb",
        "start, begin, enable, turn on, switch on, schedule, subscribe to, set up",
        "turn on",
    ),
    *CONDITIONS,
)
"""One entry for each word."""
