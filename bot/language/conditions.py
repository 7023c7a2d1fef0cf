"""The words that limit or compare: “below”, “left”, “went up”. See `bot.language.words`."""

from bot.language.entry import Entry

CONDITIONS: tuple[Entry, ...] = (
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
        "asking",
        "condition",
        "how, hows, what, whats, which, who, whos, why, where, is, are, was, were, does, did, am",
    ),
)
