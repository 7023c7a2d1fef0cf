"""The words of `/aicost`: each with its synonyms, its kind and its meaning.

A synonym may have several words, and a word may be in several entries: phrases decide. Words
without a meaning are in `bot.language.fillers`. Parser, help and docs use this table.
"""

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
    Entry("appear", "condition", "look like, looks like, will look like, would look like"),
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
    Entry("or", "condition", "or", "a comparison of two names"),
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
        "of control, spike, spikes, crazy, went crazy, gone crazy, went wild, went nuts, "
        "skyrocketed, through the roof, went through the roof, blew up, shot up, ballooned, off "
        "the charts",
    ),
    Entry(
        "spending",
        "condition",
        "spend, spending, spent, cost, costs, burn, burning, burned, pay, paying, paid, usage, "
        "use, expenses, bill, charges, how much, expenditure",
    ),
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
