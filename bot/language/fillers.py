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
    "send me, spender, spenders, spends, someone, been spending"
)
"""Words without a meaning in a question."""
GREETINGS = _listed(
    "hi, hey, hello, hi there, hey there, hello there, good morning, good afternoon, thanks, "
    "thank you, thanks a lot, thx, cheers, great, cool, got it, ok, okay, pls, plz, kindly, "
    "aicost, @aicost"
)
"""Words without a meaning anywhere. A text of these alone is a greeting."""
FILLERS = QUESTION_FILLERS | GREETINGS
"""All words without a meaning in a question."""
CONNECTING = _listed(
    "a, an, and, are, at, be, can, cost, costs, could, credit, do, dollars, every, for, from, "
    "get, gets, goes, has, have, here, i, i'd, if, in, is, it, its, like, me, money, my, need, "
    "of, on, or, our, please, should, some, spend, spending, spends, that, the, them, there, "
    "this channel, this conversation, to, us, usd, want, we, we'd, when, whenever, with, would, "
    "you"
)
"""Words without a meaning in a command that changes something."""
