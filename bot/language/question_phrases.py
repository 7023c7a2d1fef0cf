"""The phrases of questions, of help, and of what leaves open what is meant. See
`bot.language.phrase`."""

from bot.language.phrase import Phrase
from bot.language.words import WORDS_OF_AICOST

_ASKED = "scope, about, period"
_WHY = (
    "did do over budget we exceed biggest largest so much most usual normal about with "
    "for to in since from got gotten or"
    " became become "
    "costing by than last the of our who what anything it go going went gone up down "
    "increase increased increases decrease decreased jump jumped "
    "rise rose risen drop dropped grow grew grown more less higher lower high low expensive cheap "
    "cheaper change changed changes spike spiked than usual bill invoice difference"
)
_COMPARED = (
    "how our in of spending up down one or and with to is more less higher lower cheaper expensive"
)
_FORECAST = (
    "month end by monthly this the will we be for of spend cost costs total finish land reach "
    "expect expected pay bill budget over above exceed hit stay keep within"
)
_VERBS = " ".join(
    dict.fromkeys(
        spelling
        for entry in WORDS_OF_AICOST
        for spelling in entry.spellings
        if entry.kind == "verb" and " " not in spelling
    )
)
_BALANCE = (
    "to up refill recharge soon weekend for be we do does last lasts will when out enough"
    " long until our credit balance left budget next burning "
    "account rate prepaid limit limits before"
)
QUESTIONS: tuple[Phrase, ...] = (
    Phrase(
        "help",
        "help",
        "topic",
        f"{_VERBS} read understand interpret begin find know this that it me work works use "
        "about i need the my our time up",
    ),
    Phrase(
        "budget list",
        "budget list; budget status; budget list status",
        "page, each, scope, about",
        "every current currently set here which",
        topic="budget",
        refused="budget period",
        reason="The list has budgets of every period. Leave that out.",
    ),
    Phrase(
        "budget list",
        "over_budget; budget left; budget list left; budget over_budget; budget used; "
        "budget list used; budget list used cap; budget above; budget left above; budget "
        "+asking; budget list thresholds; budget thresholds +asking; thresholds list; "
        "thresholds +asking; list over_budget; cap "
        "list; budget used cap",
        "scope, about",
        "how much into through far along in "
        "until looking hold does will of current currently am which by this"
        " month monthly to have are we "
        "close their any all "
        "did our has gone any more ai llm still do",
        topic="budget",
    ),
    Phrase(
        "readings",
        "alerts below remove; alerts below balance remove; alerts remove",
        topic="alerts",
        readings=(
            "An alert can be snoozed, and a budget removed.",
            "alerts snooze 3 1d",
            "budget remove 2",
        ),
    ),
    Phrase(
        "alerts history",
        "alerts history; alerts ended; history",
        "state, page, channel, scope, about",
        "list show by from all what which any we",
        topic="alerts",
        refused="period",
        reason="The list has all resolved alerts, newest first. Leave that out.",
    ),
    Phrase(
        "alerts list",
        "alerts list; alerts; ack +asking; snooze +asking; alerts ack +asking",
        "state, page, channel, scope, about",
        "show all by from what which any we",
        topic="alerts",
        refused="period",
        reason="The list has all open alerts. Leave that out.",
    ),
    Phrase(
        "digest preview",
        "digest preview; preview; digest appear; digest appear forecast",
        "number",
        "next tomorrow tomorrows what show list this send",
        topic="digest",
    ),
    Phrase(
        "digest list",
        "digest list; digest history",
        "page",
        "all our set here up channel",
        topic="digest",
    ),
    Phrase(
        "compare",
        "compare vs; vs; compare; vs changed; compare changed; compare vs changed",
        "scopes, items, sides, earlier, by, rank",
        _COMPARED,
    ),
    Phrase(
        "compare either",
        "or; or changed; or compare",
        "scopes, items, sides, by, rank",
        _COMPARED,
    ),
    Phrase(
        "export",
        "export",
        f"{_ASKED}, by",
        "send file data as everything charges raw",
        topic="export",
        refused="rank",
        reason="An export always holds every charge. Leave out the grouping.",
    ),
    Phrase(
        "statement file",
        "statement export",
        "scope, period",
        "as file files monthly month",
        topic="statement",
        refused="by, rank, about",
        reason="A statement lists projects and models. Leave that out.",
    ),
    Phrase(
        "statement",
        "statement; invoice",
        "scope, period",
        "monthly month end statement invoice invoices invoiced total totals",
        topic="statement",
        refused="by, rank, about",
        reason="A statement lists projects and models. Leave that out.",
    ),
    Phrase(
        "why details",
        "why details; why details changed",
        f"{_ASKED}, by",
        _WHY,
        topic="why",
        refused="rank",
        reason="“why” lists the largest changes first.",
    ),
    Phrase(
        "why than",
        "why vs; why vs changed",
        "scope, about, sides, earlier, by",
        _WHY,
        topic="why",
        refused="rank",
        reason="“why” lists the largest changes first.",
    ),
    Phrase(
        "why",
        "why; changed; why changed; why over_budget; why budget above",
        f"{_ASKED}, by",
        _WHY,
        topic="why",
        refused="rank",
        reason="“why” lists the largest changes first.",
    ),
    Phrase(
        "balance",
        "balance; balance expiry; left; balance left; balance forecast; balance below",
        "scope",
        _BALANCE,
        topic="balance",
        refused="period, by, about",
        reason="A balance is what a connection has left now. Leave that out.",
    ),
    Phrase(
        "limits",
        "limits; list limits",
        "scope",
        f"{_BALANCE} how close near are to of set reset resets reached used up hit",
        topic="limits",
        refused="period, by, about",
        reason="Limits are as of now, and every limit is listed. Leave that out.",
    ),
    Phrase(
        "forecast",
        "forecast; will_we budget above; will_we budget; forecast above; forecast +monthly; "
        "forecast budget above; forecast budget above +monthly; forecast over_budget; "
        "forecast below; forecast below +monthly; will_we below",
        f"{_ASKED}, amount",
        _FORECAST,
        topic="forecast",
        refused="by, rank",
        reason="Forecasts always cover this month. Leave out the grouping.",
    ),
    Phrase(
        "status",
        "status; expiry key; expiry +asking key",
        "",
        "running run live data all sync when last working latest ok bot current "
        "everything figures numbers soon"
        " this these here "
        "the did you are still right correct complete",
        topic="status",
        refused="scope, about, period, by",
        reason="The status is always of every connection, as of now.",
    ),
    Phrase(
        "explained",
        "permission; let budget change; let budget set; let budget remove",
        readings=(
            (
                "Members ask, acknowledge and snooze alerts, and set digests in their channels. "
                "Workspace admins, owners and aicost's managers change budgets. "
                "The person who runs aicost names managers, in AICOST_MANAGERS."
            ),
            "help budget",
            "budget list",
        ),
        comes_first=True,
    ),
    Phrase(
        "explained",
        "visibility",
        readings=(
            (
                "Managers set what a channel or a group of people sees: on the Home tab, with "
                "“Choose who sees what”."
            ),
            "help",
            "status",
        ),
        comes_first=True,
    ),
    Phrase(
        "readings",
        "digest unneeded; report unneeded",
        topic="digest",
        readings=("“digest off” turns off this channel's digest.", "digest off", "digest list"),
    ),
    Phrase(
        "readings",
        "budget unneeded",
        topic="budget",
        readings=(
            "“budget remove” takes its number, or what it is for.",
            "budget remove 2",
            "budget list",
        ),
    ),
    Phrase(
        "explained",
        "connect",
        readings=(
            "The person who runs aicost adds connections and keys. “status” lists them.",
            "status",
            "mtd by provider",
        ),
        comes_first=True,
    ),
    Phrase(
        "readings",
        "set; change",
        readings=(
            (
                "What should be set? A budget, an alert or a digest. "
                "The person who runs aicost adds connections and keys."
            ),
            "budget set {postpaid} 500 monthly",
            "digest on 09:00 daily",
        ),
    ),
    Phrase("readings", "remove", readings=("Remove what?", "budget remove 2", "digest off")),
    Phrase(
        "readings",
        "daily; weekly; monthly; weekdays",
        readings=("A breakdown of costs, or a digest?", "mtd by day", "digest on 09:00 daily"),
    ),
    Phrase(
        "readings",
        "notify",
        readings=(
            "Alert on what? A budget watches what is spent, a low-balance alert what is left.",
            "budget set {postpaid} 500 monthly",
            "budget set {prepaid} left 20",
        ),
    ),
    Phrase(
        "spend",
        "; +spending +daily; +spending +weekly; +spending +monthly; "
        "+all +daily; +all +weekly; +all +monthly",
        "scope, about, period, by, rank",
    ),
)
