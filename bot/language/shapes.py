"""The forms of a text that changes something at once. See `bot.language.imperatives`.

They are published in docs/reference/words.md. Entries are separated by commas and alternatives by
``|``; what is in ``[]`` may be left out. Capitals are values of the command. All are words that
people type, so words that aicost itself doesn't use are among them.
"""

from collections.abc import Mapping

from bot.language.not_at_once import (
    ABOUT_ONE,
    LATER,
    NO_BUDGET,
    NO_DIGEST,
    NO_PURCHASE,
    NO_SPEND,
    ON_WHICH_DAY,
    PAST,
    REMARKED,
    SAID_ASIDE,
    WANTS_ANSWER,
)
from bot.language.shape import Command, Shape

_ARTICLES = "a, an, the, our, this"
_AUDIENCE = "me, us, MENTION, CHANNEL, this channel, [the] team, everyone, everybody, here, in here"
_ALERT = "alert|warn|notify|ping|page|remind|message|inform"
_LET_KNOW = "let me|us|everyone know, let the team know, give me|us a heads up"
_BE_ALERTED = "[to] be alerted|warned|notified|pinged|told|informed"
_TO_ALERT = (
    f"{_ALERT}, {_BE_ALERTED}, MENTION, an alert if|when|once, "
    "create|set|add [an] alert, set up [an] alert"
)
_TO_SAY = f"tell, {_LET_KNOW}"
_WHEN = "when, if, once, whenever, as soon as"
_WHENEVER = "when, once, whenever, as soon as"
_ABOVE = (
    "total, spend, spending, spends, cost, costs, usage, uses, goes, go, gets, get, rises, climbs, "
    "above, over, past, beyond, exceeds, exceed, passes, pass, reaches, reach, crosses, cross, "
    "hits, more, than, in, a, at, of, to, the, our, for, on, its, PERCENTS of, NAME, AMOUNT, "
    "PERIOD"
)
_BELOW = (
    "the, our, my, a, an, of, on, in, at, has, gets, get, goes, go, drops, drop, falls, fall, "
    "runs, below, under, less, than, lower, down, to, left, remaining, balance, credit, credits, "
    "runway, money, account, NAME, LIMIT"
)
_IS = "is, are, only, there"
_DOWN = (
    "below, under, less than, lower than, left, remaining, only, down to, drops|drop to, "
    "falls|fall to"
)
_ENDING = (
    "before, the, our, my, of, is, are, we, run|runs out, empty, gone, used up, credit, credits, "
    "money, balance, account, NAME, LIMIT"
)
_BUDGET = (
    f"{_ARTICLES}, NAME, PERIOD, PERCENTS, FORECAST, MENTION, CHANNEL, PLACE, quiet, quietly, new, "
    "of, for, on, at, in, with, and, per, budget, cap, limit, here, in here, together, "
    "project, team, key, model, alert|alerts|warning|warnings PERCENTS, "
    "ping|warn|alert|notify [me|us] PERCENTS, notify|tell|ping|mention CHANNEL|MENTION [PERCENTS], "
    "thresholds|threshold PERCENTS, from now on"
)
_SPIKES = (
    "spike|spikes|anomaly|anomalies|unusual|weird|strange|odd|abnormal|suspicious|unexpected|"
    "sudden|fishy"
)
_SPIKE_ALERTS = "alert|alerts|warning|warnings|notification|notifications|detection|alarm|alarms"
_SPIKE_NOUNS = f"{_SPIKE_ALERTS}, spend, spending, cost, costs, usage"
_HERE = "here, in here, in|for this channel, [for] CHANNEL"
_SPIKE_CASE = (
    f"{_AUDIENCE}, {_SPIKES}, {_SPIKE_NOUNS}, of, for, on, a, an, any, anything, something, "
    "things, there, is, are, our, the, in, with, suddenly, unusually, happens, happen, looks, "
    "look, gets, get, goes, go, seems, seem, jump|jumps, explode|explodes, skyrockets, surges, "
    "crazy, nuts, out of control, through the roof, high"
)
_DIGEST = "digest, digests"
_REPORT = "report, reports, summary, overview, recap, update, rundown, roundup"
_SCHEDULE = (
    f"{_ARTICLES}, {_AUDIENCE}, {_DIGEST}, TIME, RHYTHM, DAYS, WEEKDAY, ZONE, DEPTH, SETTLED, "
    "OWN_PLACE, PLACE, for|about|of [the|our] NAME, to TIME|me|us|everyone, to the team, "
    "to this channel, at, on, in, about, and, only, cost, costs, time, morning, mornings, "
    "from now on"
)
_STOPPED = (
    f"{_ARTICLES}, these, those, {_DIGEST}, RHYTHM, {_HERE}, for us, sending [me|us], posting, "
    "digest [number] NUMBER"
)
_BOUGHT = (
    "AMOUNT, NAME, with, of, for, to, at, the, our, credit, credits, balance, account, DAY, EXPIRY"
)
_REPORTS = "report|reports|summary|overview|recap|update|rundown|roundup"
_NOW = "now, right now"
_FAVOR = "for me, for us"

SHAPES: Mapping[Command, tuple[Shape, ...]] = {
    "set a budget": (
        Shape(
            "[a|an] [new] [AMOUNT] [PERIOD] budget|cap [set], NAME budget|cap",
            f"{_BUDGET}, to, AMOUNT",
            "AMOUNT",
            f"{NO_BUDGET}, {REMARKED}, want the|our",
        ),
        Shape("budget set NAME AMOUNT [PERIOD] [PERCENT]", _BUDGET, without=NO_BUDGET),
        Shape("set|make, set up", f"{_BUDGET}, to, AMOUNT", "AMOUNT", NO_BUDGET),
        Shape("limit NAME", f"{_BUDGET}, to, AMOUNT", "AMOUNT", f"{NO_BUDGET}, limit NAME CHANNEL"),
        Shape(
            "create|add|define|establish|introduce|configure|give, "
            "put a|an [AMOUNT] [PERIOD] budget|cap|limit",
            f"{_BUDGET}, AMOUNT",
            "AMOUNT",
            NO_BUDGET,
        ),
        Shape(
            "change|raise|lower|increase|reduce|decrease|bump|adjust|update|move|cut",
            f"{_BUDGET}, to AMOUNT",
            "to AMOUNT",
            NO_BUDGET,
        ),
    ),
    "alert above an amount": (
        Shape(_TO_ALERT, f"{_AUDIENCE}, {_WHEN}, {_ABOVE}, {_IS}", f"AMOUNT; {_WHEN}", NO_SPEND),
        Shape(
            _TO_SAY,
            f"{_AUDIENCE}, {_WHENEVER}, {_ABOVE}, is, are",
            f"AMOUNT; {_WHENEVER}",
            f"{NO_SPEND}, {PAST}",
        ),
        Shape(
            f"{_WHEN}, should",
            f"{_AUDIENCE}, {_ALERT}, {_LET_KNOW}, tell, {_ABOVE}, {_IS}, please",
            "alert, warn, notify, ping, page, remind, message, inform, tell, let",
            "when|if|once|whenever is|are, there, only, hit, more than AMOUNT on, "
            "when|if|once|whenever everyone|everybody, everyone|everybody alert, everything, "
            "MENTION alert|warn|notify|ping|page|remind|message|inform|tell|let",
            is_alone=True,
        ),
    ),
    "alert on a low balance": (
        Shape("budget [set] NAME left LIMIT", "quiet, MENTION, CHANNEL"),
        Shape("low balance|credit alert|warning [for] NAME [at|below] LIMIT", "CHANNEL"),
        Shape(
            _TO_ALERT,
            f"{_AUDIENCE}, {_WHEN}, {_BELOW}, {_IS}",
            f"LIMIT; {_WHEN}; {_DOWN}",
            WANTS_ANSWER,
        ),
        Shape(f"{_TO_ALERT}, {_TO_SAY}", f"{_AUDIENCE}, {_ENDING}", "LIMIT before"),
        Shape(
            _TO_SAY,
            f"{_AUDIENCE}, {_WHENEVER}, {_BELOW}, {_IS}",
            f"LIMIT; {_WHENEVER}; {_DOWN}",
            f"{WANTS_ANSWER}, {ON_WHICH_DAY}",
        ),
        Shape(
            f"{_WHEN}, should",
            f"{_AUDIENCE}, {_ALERT}, {_LET_KNOW}, tell, {_BELOW}, {_IS}, please",
            "alert, warn, notify, ping, page, remind, message, inform, tell, let; " + _DOWN,
            "when|if|once|whenever is|are, if ... tell|let",
            is_alone=True,
        ),
    ),
    "remove a budget": (
        Shape("budget|cap remove|delete|rm|cancel [number] NUMBER"),
        Shape("budget|cap remove|delete|rm|drop|cancel NAME"),
        Shape(
            "remove|delete|rm|drop|cancel|erase|scrap|kill, get rid of",
            f"the, our, budget [number] NUMBER, NAME, budget, cap, for, on, of, {_FAVOR}, {_NOW}",
            "budget, cap",
            "drop ... NUMBER",
        ),
    ),
    "acknowledge": (
        Shape("[alerts|alert] ack|acknowledge [the|this|that] [alert] [number] NUMBER"),
        Shape("[alerts|alert] ack|acknowledge [the|this|that] [alert]"),
        Shape("ack|acknowledge it|this|that"),
    ),
    "snooze": (
        Shape(
            "[alerts|alert] snooze|mute|silence|pause|quiet [the|this|that] [alert] [number] "
            "NUMBER [for] [LENGTH]"
        ),
        Shape("[alerts] snooze [alert] NUMBER tomorrow"),
        Shape("[alerts] snooze [for] [LENGTH]"),
        Shape("[alert] snooze|mute|silence|pause|quiet [the|this|that] [alert] for LENGTH"),
        Shape("snooze|mute|silence it|this|that [for] [LENGTH]"),
        Shape("put [the] alert NUMBER on hold [for] LENGTH"),
    ),
    "anomaly alerts on": (
        Shape(f"[alerts|alert] {_SPIKES} [alerts|alert|warnings] on", _HERE),
        Shape(
            "turn|switch|enable|activate|start|create|add|set, turn|switch on, set up, "
            "subscribe [to]",
            f"{_SPIKES}, {_SPIKE_NOUNS}, {_HERE}, a, an, any, the, our, of, for, on, about, {_NOW}",
            f"{_SPIKES}; {_SPIKE_ALERTS}",
        ),
        Shape(
            _TO_ALERT,
            f"{_SPIKE_CASE}, {_WHEN}, about",
            f"{_WHEN}, about, of, on, for",
            f"{ABOUT_ONE}, {WANTS_ANSWER}",
        ),
        Shape(
            _LET_KNOW,
            f"{_SPIKE_CASE}, about",
            "about",
            f"{ABOUT_ONE}, {WANTS_ANSWER}, is, are, there, has",
        ),
        Shape(
            _TO_SAY,
            f"{_SPIKE_CASE}, {_WHENEVER}",
            _WHENEVER,
            f"{ABOUT_ONE}, {WANTS_ANSWER}, is, are, there, has",
        ),
    ),
    "anomaly alerts off": (
        Shape(f"[alerts|alert] {_SPIKES} [alerts|alert|warnings] off", _HERE),
        Shape(
            "turn|switch|disable|deactivate|stop|end, turn|switch off, unsubscribe from, "
            "stop sending|posting",
            f"{_SPIKES}, {_SPIKE_NOUNS}, {_HERE}, a, an, any, the, our, these, those, of, for, "
            "off, about, with, me, us, alerting|notifying|pinging|warning [me|us], too noisy|many, "
            f"{_NOW}",
            f"{_SPIKES}; {_SPIKE_ALERTS}, alerting|notifying|pinging|warning",
        ),
    ),
    "digest on": (
        Shape(
            "[a|an] [DEPTH] [RHYTHM] [WEEKDAY] [NAME] digest",
            _SCHEDULE,
            "TIME, on",
            f"{NO_DIGEST}, the|our|this digest",
        ),
        Shape("digest", _SCHEDULE, "TIME; from now on", NO_DIGEST),
        Shape("digest on [another]", f"{_SCHEDULE}, NAME", without=NO_DIGEST),
        Shape(
            "start|set|create|add|schedule|make|put|enable|activate, set up, "
            "turn|switch on, subscribe [to]",
            _SCHEDULE,
            "digest; TIME",
            f"{NO_DIGEST}, WEEKDAY",
        ),
        Shape("send|post|give|get", _SCHEDULE, "digest; TIME; RHYTHM, DAYS", NO_DIGEST),
        Shape(
            "send|post|give|get",
            _SCHEDULE,
            "digest; TIME",
            f"{NO_DIGEST}, the|our|this digest, WEEKDAY",
        ),
        Shape(
            "set|put|schedule|create|start, set up",
            _SCHEDULE,
            "digest; RHYTHM, DAYS",
            NO_DIGEST,
        ),
        Shape(
            "send|post|give",
            f"{_SCHEDULE}, {_REPORT}",
            "RHYTHM, DAYS; TIME; me, us, CHANNEL, here, channel, everyone, team, send a, post a",
            f"{NO_DIGEST}, an {_REPORTS}",
        ),
        Shape(
            "RHYTHM, DAYS",
            f"{_SCHEDULE}, {_REPORT}, send|post|give",
            "send, post, give; TIME",
            f"{NO_DIGEST}, an|the|our|this {_REPORTS}",
        ),
        Shape(
            "turn|start|enable|activate|switch, turn|switch on, turn back on, subscribe to",
            "the, our, a, this, RHYTHM, digest, back on, on, again, here, in this channel",
            "digest",
        ),
    ),
    "digest off": (
        Shape("digest|report off|stop [NUMBER] [RHYTHM]", _HERE, without="the|our report"),
        Shape(
            "stop [sending|posting] [me|us] [the|our] RHYTHM report|reports|summary",
            f"{_HERE}, {_NOW}",
        ),
        Shape(
            "stop|cancel|end|disable|delete|remove|quit|deactivate, turn|switch off, "
            "unsubscribe from",
            f"{_STOPPED}, {_NOW}",
            _DIGEST,
        ),
        Shape("turn|switch", f"{_STOPPED}, off, {_NOW}", f"{_DIGEST}; off"),
        Shape("unsubscribe"),
    ),
    "enter a balance": (
        Shape("balance set|declare NAME AMOUNT", "DAY, EXPIRY", without=LATER),
        Shape(
            "set|declare",
            "the, our, my, NAME, balance, of, for, to, AMOUNT, DAY, EXPIRY, as",
            "balance",
            f"{LATER}, for AMOUNT",
        ),
    ),
    "enter a purchase": (
        Shape("balance add NAME AMOUNT", "DAY, EXPIRY", without=LATER),
        Shape(
            "add AMOUNT to [the|our|my] NAME balance",
            "DAY, EXPIRY",
            without=f"{LATER}, lets",
            is_alone=True,
        ),
        Shape(
            "i|we [just] [have] topped up, i|we [just] [have] recharged, "
            "i|we [just] [have] paid AMOUNT into",
            _BOUGHT,
            without=NO_PURCHASE,
            is_alone=True,
        ),
        Shape(
            "i|we [just] [have] bought|purchased|added",
            _BOUGHT,
            "credit, credits, balance",
            NO_PURCHASE,
            is_alone=True,
        ),
    ),
    "take back a balance": (
        Shape("balance forget NAME"),
        Shape("forget|undeclare NAME balance", without=SAID_ASIDE),
        Shape("forget|undeclare balance of NAME", without=SAID_ASIDE),
    ),
    "enter an invoice": (
        Shape("statement MONTH invoice NAME AMOUNT"),
        Shape("invoice NAME MONTH AMOUNT"),
        Shape(
            "set|enter|change [the|our] [MONTH] NAME [MONTH] invoice [for|of] [MONTH] to|of AMOUNT",
            needs="MONTH",
        ),
    ),
    "remove an invoice": (
        Shape("statement MONTH invoice remove|delete NAME, statement MONTH invoice NAME remove"),
        Shape(
            "remove|delete [the|our] [MONTH] NAME [MONTH] invoice [for|of] [MONTH]",
            needs="MONTH",
            without="of|from ... invoice",
        ),
    ),
}
BEFORE = (
    "hi, hey, hello, hi|hey all|there|team|bot, good morning|afternoon|evening, "
    "please, pls, plz, kindly, ok, okay, great, cool, thanks, thank you, sorry, got it, so, now, "
    "i'm on it, on it, lets, do, just, then, and, also, @aicost, aicost"
)
"""What may stand before a command."""
ASKED_FOR = (
    "can|could you [please|kindly|just], would you please|kindly, i'd like [you] [to], "
    "i|we would like [you] [to], we'd like [you] [to], i|we want [you to], i|we want the|our, "
    "can|could we|i [please] have|get"
)
"""What asks politely for the command behind it."""
POLITE_VERBS = ("can", "could", "would")
"""Only a text with one of them may end with a question mark: they ask for the command."""
ANSWERED = ("tell", "know")
"""With a question mark, these ask for an answer: “can you let me know if it is over 500?”."""
AFTER = (
    "please, pls, plz, kindly, thanks, thx, thank you, cheers, thanks a lot, thank you very much, "
    "many thanks, ok, okay, asap, too, as well, "
    "right away"
)
"""What may stand behind a command."""
