"""What may not be in a text that changes something at once: such a text may say something else.

Entries are written as in `bot.language.shapes`. They are looked for among the words of a text, and
among the words with the values of its command in their place.
"""

WANTS_ANSWER = (
    "when|if|once|whenever is|are, NAME|AMOUNT|LIMIT|total|cost|costs|usage|spend|spending|"
    "balance|credit|of|about ... when|if|once|whenever|as, once of|about"
)
"""“Let me know the cost when …” asks for an answer, and “once” alone is said of one time."""
ON_WHICH_DAY = "tell ... when ... has|to|is|are|only LIMIT"
"""“When openrouter has 10 days left” may be a day that is asked for."""
NO_SPEND = (
    f"{WANTS_ANSWER}, today, this day|week|month, everything, there, only, hit, "
    "more than AMOUNT on, "
    "when|if|once|whenever everyone|everybody, AMOUNT ... MENTION, tell|let ... if"
)
PAST = "cost more|over|above, costs ... when"
NO_BUDGET = (
    "today, this day|week|month, PERCENTS of, AMOUNT ... AMOUNT, MENTION AMOUNT, "
    "notify|tell|ping|mention|warn|alert CHANNEL AMOUNT, for|of|at|to|by|from MENTION, "
    "for|of|at|by|from CHANNEL, "
    "create|add|define|establish|introduce|configure|up [a|an|the] [new] project|team|model|key "
    "... with, create|add|define|establish|introduce|configure|up [a|an|the] [new] NAME with"
)
"""“A budget for @ann” is a person's, “80% of 500” is 400, and “today” ends."""
ABOUT_ONE = (
    "about|of the|this|that|these|those|our, the spike|anomaly, spike|anomaly ... once, "
    "remind ... about|of, there ... once"
)
"""Said of one spike that is already known."""
NO_PURCHASE = "to|at AMOUNT, by|for|to DAY, for AMOUNT credit|credits, NAME to, up for"
WEEKDAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
LATER = f"by|for|to DAY, {WEEKDAYS}"
"""In an order, a weekday may be the next one."""
REMARKED = "cool|great|ok|okay|sorry|thanks|so|now|just|then|also|and|it a|an"
"""“Cool, a budget for search” may be said of one that is there."""
SAID_ASIDE = "sorry, ok, okay, cool, great, got it, just, so, then, also, and, lets, now, thanks"
NO_DIGEST = (
    "my, put ... in|on ... digest|digests, put ... digest|digests ... CHANNEL, the morning, "
    "pm ... morning|mornings, TIME mornings, on|in|at [the|our|another] time, on cost|costs, "
    "on me|us|everyone|everybody|only, and RHYTHM, TIME and WEEKDAY, only RHYTHM, "
    "on another WEEKDAY"
)
NOT_AT_ONCE = (
    "for now, here|channel|me|us and CHANNEL, CHANNEL and here|me|us, CHANNEL and this channel"
)
"""Entries with which nothing is changed at once."""
