"""The words that limit or compare: “below”, “left”, “went up”. See `bot.language.words`."""

from bot.language.entry import Entry

CONDITIONS: tuple[Entry, ...] = (
    Entry("let", "condition", "let, allow, permit, authorize, authorise, entitle"),
    Entry(
        "unneeded",
        "condition",
        "don't need, dont need, do not need, doesn't need, doesnt need, no longer need, don't "
        "want, dont want, do not want, no longer want, not needed, isn't needed, isnt needed, "
        "no longer needed, not need, no need for, have no need for, can do without, is "
        "obsolete, obsolete, useless, has no use, no use for",
    ),
    Entry("left", "condition", "left, remaining, remains, remain, leftover, to spend, unspent"),
    Entry(
        "never",
        "condition",
        "don't let, dont let, do not let, never let, don't go, dont go, do not go, never go, "
        "don't spend, dont spend, do not spend, never spend, don't want, dont want, do not "
        "want, must not, mustn't, mustnt, should not, shouldn't, shouldnt, may not, should "
        "never",
    ),
    Entry("appear", "condition", "look like, looks like, will look like, would look like"),
    Entry("keep", "condition", "keep"),
    Entry("into", "condition", "into, onto"),
    Entry(
        "quieted",
        "condition",
        "don't alert, dont alert, do not alert, don't notify, dont notify, do not notify, don't "
        "ping, "
        "dont ping, don't warn, dont warn",
    ),
    Entry(
        "used",
        "condition",
        "used, spent, how close, how far, close, closest, near, nearly, nearest, almost, "
        "approaching, consumed, spent so far, doing, doing so far, utilization, "
        "utilized, full, how full, used up, spent up, eaten up, along, is used up, are used up, "
        "is used, been used",
    ),
    Entry("within", "condition", "within"),
    Entry(
        "down",
        "condition",
        "down, offline, unreachable, unavailable, not responding, having problems, having issues, "
        "having trouble, having an outage",
    ),
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
        "out of credits, out of money, gets low, getting low, too low, at less than, "
        "dips below, dip below, sinks below, left is, almost gone, nearly gone, getting "
        "empty, gets empty, about to be empty",
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
        "over budget, within budget, under budget, in budget, over the budget, over our budget, "
        "over its budget, within the budget, within our budget, within its budget, under the "
        "budget, under our budget, inside budget, inside the budget, on budget, overspent, "
        "overspend, overspending, overspends, over spending, blown, blew, exceeded the budget, "
        "exceeded our budget, exceed the budget, exceed our budget, exceeded any budget, go "
        "over budget, gone over budget, went over budget, broke the budget, staying within "
        "budget, hit the budget, hit our budget, over limit, over the limit, over their limit, "
        "over their budget, can we still spend, can i still spend, still spend, left to spend, "
        "room left, headroom, still have budget, over any budget, over any of our budgets, over "
        "our budgets, over their budgets, over a budget, above budget, above our budget, beyond "
        "budget, bust the budget, blow the budget, blow our budget, blow through our budget, "
        "blown our budget, stick to budget, stick to our budget, stay in budget, staying in "
        "budget, stay within budget, on target",
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
    Entry(
        "all",
        "condition",
        "all, everything, everyone, total, totals, combined, both, overall, everywhere, "
        "anywhere, across the board, in total, in all, grand total, all of it, all of them, all "
        "together, in sum",
    ),
    Entry(
        "changed",
        "condition",
        "up, down, went up, gone up, going up, go up, goes up, went down, gone down, going "
        "down, go down, goes down, increase, increases, increased, increasing, decrease, "
        "decreases, decreased, decreasing, rise, rises, rose, risen, rising, jump, jumps, "
        "jumped, jumping, spiked, spiking, drop, drops, dropped, dropping, fell, fallen, "
        "falling, grow, grows, grew, grown, growing, growth, trend, trends, trending, climb, "
        "climbed, climbing, surge, surged, doubled, tripled, exploded, explode, expensive, more "
        "expensive, got more expensive, gotten more expensive, became more expensive, less "
        "expensive, got cheaper, higher, lower, cheaper, changed, changes, change, difference, "
        "differences, different, differ, delta, movers, stable, steady, flat, so high, so much, "
        "so expensive, more than usual, higher than usual, usual, normal, out of control, "
        "spike, spikes, crazy, went crazy, gone crazy, went wild, went nuts, skyrocketed, "
        "through the roof, went through the roof, blew up, shot up, ballooned, off the charts, "
        "explosion, hike, hikes, blowup, bump, uptick, leap, swing, swings, fluctuation, "
        "fluctuations, variance, deviation, shock, bill shock, overage, much higher, much "
        "lower, way up, way down, a lot higher, a lot more, a lot less, down a lot, up a lot, "
        "surging, soared, soaring, soar, plummeted, dipped, dip",
    ),
    Entry(
        "spending",
        "condition",
        "spend, spending, spent, cost, costs, burn, burning, burned, pay, paying, paid, usage, "
        "use, expenses, bill, charges, how much, expenditure",
    ),
    Entry(
        "multiplied",
        "condition",
        "double, halve, triple",
        "by how much a budget is raised or lowered",
    ),
    Entry("instead", "condition", "instead, instead of, rather than"),
    Entry(
        "asking",
        "condition",
        "how, hows, what, whats, which, who, whos, why, where, is, are, was, were, does, did, am",
    ),
    Entry(
        "when",
        "condition",
        "when, if, once, whenever, as soon as, in case, the moment, what time, at what time, "
        "what day, which day, how often, due",
    ),
    Entry(
        "missing",
        "condition",
        "missing, didn't, didnt, did not, not, no, never, hasn't, hasnt, has not, haven't, "
        "havent, wasn't, wasnt, was not, isn't, isnt, failed, fail, late, where, skipped, lost, "
        "doesn't, doesnt, not sent, not posted, not come",
    ),
    Entry(
        "next",
        "condition",
        "next, upcoming, coming",
    ),
    Entry(
        "jumps",
        "condition",
        "jump, jumps, spike, spikes, surge, surges, explode, explodes, skyrocket, skyrockets, "
        "go crazy, goes crazy, going crazy, go nuts, goes nuts, look weird, looks weird, weird, "
        "strange, odd, fishy, funny, unusual, unusually, unusually high, abnormal, abnormally, "
        "abnormally high, anything weird, anything strange, anything odd, anything unusual, "
        "something weird, something strange, something odd, something unusual, suspicious, "
        "suspiciously, suspiciously high, suddenly, sudden, "
        "unexpected, unexpectedly, out of control, out of the ordinary, out of hand, runaway, "
        "run away, higher than usual, more than usual, higher than normal, more than normal, "
        "too fast, go through the roof, goes through the roof, anomalous, anomaly, out of line, "
        "crazy",
    ),
    Entry(
        "at most",
        "condition",
        "max, maximum, at most, no more than, not more than, up to, maximally, as a maximum",
    ),
    Entry(
        "running low",
        "condition",
        "running low, runs low, low, low on credit, low on credits, low on money, getting low, "
        "nearly empty, almost empty, about to run out, almost out, nearly out, out of credit, "
        "out of credits, out of money, too low",
    ),
    Entry(
        "gets",
        "condition",
        "gets, get, has, have, receives, receive, may spend, can spend, should have, is allowed",
    ),
)
