"""Words without a meaning: a text means the same without them.

They are published in docs/reference/words.md. A word that limits, excludes, counts or compares has
a meaning and is not here.
"""


def _listed(text: str) -> frozenset[str]:
    return frozenset(each.strip() for each in text.split(","))


QUESTION_FILLERS = _listed(
    "a, an, and, api, are, at, cost, costs, did, do, does, for, give, has, have, how, in, is, "
    "it, much, of, on, our, please, show, so, spend, spending, spent, tell, that, the, usage, "
    "use, used, using, was, we, were, what, whats, where, which, with, you, us, money, "
    "dollars, usd, ai, llm, bill, pay, paid, paying, charged, charges, expenses, expense, "
    "get, see, many, been, be, being, amount, amounts, there, now, currently, burned, "
    "burning, burn on, did we burn, burned through, burnt, doing, right now, so far, to date, "
    "figures, numbers, breakdown, break down, broken down, split, group, grouped, any, "
    "any idea, like, look, get me, get us, give us, send us, "
    "looking, looks, costing, costed, owe, owed, damage, gimme, lemme see, "
    "i want to see, i want to know, i would like to know, i would like to see, i need, "
    "i'd like to see, i'd like to know, "
    "can you, could you, can i, can we, would you, show me, give me, tell me, let me see, "
    "send me, spender, spenders, spends, someone, been spending, "
    "to, am, as, actually, just, really, quite, roughly, approximately, approx, about, around, "
    "already, still, ever, whole, entire, again, quick, quickly, overview, there, they, "
    "their, its, these, those, can, could, also, too, as well, by the way, btw, let, lets, let me, "
    "let us, "
    "check, find, find out, know, wondering, i wonder, wonder, wondering, curious, question, "
    "quick question, need, needs, want, wanna, want to know, want to see, need to know, "
    "need to see, would like, would love, i'd, i'd love, i'm, love, break, happen to, "
    "possible, list, view, display, print, pull, "
    "pull up, bring up, fetch, calculate, work out, tally, report, reports, summary, summarize, "
    "summarise, stats, statistics, analysis, analyze, break out, itemize, itemized, "
    "billed, billing, bills, rack up, racked up, run up, ran up, rung up, eat, eating, eats, ate, "
    "consume, consumes, consuming, consumption, go, goes, went, going, gone, went to, go to, "
    "goes to, came, come, comes, come to, came to, track, tracking, follow, monitor, "
    "company, organization, organisation, org, "
    "business, account, responsible, responsible for, accountable, expenditure, "
    "expenditures, spendings, outgoings, sum, value, price tag, tab, guys, folks, buddy, mate, "
    "bot, sir, hmm, um, uh, well, yo, anyway, i want, i wanna, i would like, id like, "
    "if you can, "
    "some, making, looked, looked like, look like, looks like, sum up, had, burn, as of, "
    "rank, ranked, order, "
    "like this, over here, llms, ais, apis, should, happen, on slack, in slack, via "
    "slack, chart, pie chart, bar chart, "
    "graph, plot, table, pie, here, by cost, by costs, by spend, by spending, by usage, "
    "by amount, own, until now,"
    " till now, "
    "up to now, up until now, thus far, if possible, when you can, asap, real quick, for "
    "me, for us, bucks, cash, "
    "dollar, dollars, of our, generated, generate, incurred, incur, accumulated, accrued, "
    "happening, stuff, things, thing, such, exactly, precisely, "
    "then, or so, put together, prepare, do we, did we, "
    "have we, are we, is it, does it, whether, anything, something, "
    "rn, atm, im, for accounting, for bookkeeping, for our accountant, for the accountant, "
    "for taxes, for the books, "
    "at the moment, at present, as of now, as of today, current"
)
"""Words without a meaning in a question."""
GREETINGS = _listed(
    "hi, hey, hello, hi there, hey there, hello there, good morning, good afternoon, thanks, "
    "good evening, greetings, howdy, hiya, heya, sup, hi all, hi team, hey team, hi everyone, "
    "hello everyone, nice, perfect, awesome, sorry, excuse me, bye, goodbye, see you, "
    "sure, alright, lol, haha, appreciated, much appreciated, thank you, thanks a lot, "
    "thx, cheers, great, cool, got it, ok, okay, pls, plz, kindly, "
    "aicost, @aicost"
)
"""Words without a meaning anywhere. A text of these alone is a greeting."""
FILLERS = QUESTION_FILLERS | GREETINGS
"""All words without a meaning in a question."""
LONG_FILLERS = frozenset(each.split()[0] for each in FILLERS if " " in each)
"""First words of those that have several words."""
CONNECTING = _listed(
    "number, as of, back, lets, let me, let us, "
    "use, using, on slack, in slack, via slack, turn, i'm, im, also, too, as"
    " well, now, just, again, "
    "everyone, everybody, someone, rn, atm, "
    "bucks, dollar, by the way, btw, "
    "a, an, and, are, at, be, can, cost, costs, could, credit, do, dollars, every, for, from, "
    "get, gets, goes, has, have, here, i, i'd, if, in, is, it, its, like, me, money, my, need, "
    "of, on, or, our, please, should, some, spend, spending, spends, that, the, them, there, "
    "this channel, this conversation, to, us, usd, want, we, we'd, when, whenever, with, would, "
    "you"
)
"""Words without a meaning in a command that changes something."""
