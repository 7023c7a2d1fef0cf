"""Whether “me”, “my” or “I” limits a question to the costs of the person who asks."""

from collections.abc import Sequence

from bot.language.fillers import listed
from bot.language.lookup import PERSON

_ADDRESSED = listed(
    "show, tell, give, send, get, let, remind, help, email, e-mail, mail, slack, bring, "
    "inform, update, brief, print, pull, fetch, find, explain, hand, ping, alert, notify, "
    "warn, message, dm, buy, save, prepare, make, spare, allow, excuse, forward, provide, "
    "please"
)
"""Verbs whose “me” is who gets the answer."""
SPENDING = listed(
    "spend, spent, spending, use, used, using, burn, burned, burnt, burning, cost, owe, "
    "consume, consumed, consuming, pay, paid, paying, waste, wasted, generate, generated, "
    "blow, blew, blown, rack, racked, run, ran, incur, incurred, eat, ate, cause, caused"
)
"""Verbs whose “I” is who spends."""
_ASKED_OF = frozenset(("did", "have", "am", "had"))
_BETWEEN = listed(
    "have, had, already, personally, still, just, only, really, actually, myself, to, be, been"
)
_MOST_BETWEEN = 3


def is_requester(keys: Sequence[str], at: int) -> bool:
    """Return True if the word there limits the costs to those of the person who asks: “my spend”,
    “what did I use”, “me last week”; not in “show me” or “what should I expect”."""
    key, before = keys[at], keys[at - 1] if at else ""
    if key == "me":
        return before not in _ADDRESSED
    if key != "i":
        return key in PERSON
    following = list(keys[at + 1 : at + 2 + _MOST_BETWEEN])
    while following and following[0] in _BETWEEN:
        del following[0]
    return bool(following and following[0] in SPENDING) or (
        before in _ASKED_OF and not any(each in _ADDRESSED for each in following[:1])
    )


def is_addressed(keys: Sequence[str], at: int) -> bool:
    """Return True for an “I” or “me” that says nothing about the costs."""
    return keys[at] in ("i", "me") and not is_requester(keys, at)
