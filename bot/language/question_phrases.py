"""The phrases of questions about costs, balances and limits. See `bot.language.phrase`."""

from bot.language.phrase import Phrase

_ASKED = "scope, place, about, period"
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
    "when date day expect expected pay bill budget over above exceed hit stay keep within"
)
_BALANCE = (
    "to up refill recharge soon weekend for be we do does last lasts will when out enough"
    " long until our credit balance left budget next burning "
    "account rate prepaid limit limits before days day weeks money still there quickly fast "
    "through now please about date"
)
QUESTIONS: tuple[Phrase, ...] = (
    Phrase(
        "compare",
        "compare vs; vs; compare; vs changed; compare changed; compare vs changed",
        "scopes, places, items, sides, earlier, by, rank",
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
        "export; export send; export +daily; export send +daily",
        f"{_ASKED}, by",
        "send file data as everything charges raw",
        topic="export",
        refused="rank",
        reason="An export always holds every charge. Leave out the grouping.",
    ),
    Phrase(
        "statement file",
        "statement export; invoice export",
        "scope, period",
        "as file files monthly month",
        topic="statement",
        refused="by, rank, about",
        reason="A statement lists projects and models. Leave that out.",
    ),
    Phrase(
        "statement",
        "statement; invoice; statement vs; invoice vs; statement wrong; invoice wrong; statement "
        "invoice",
        "scope, period",
        "monthly month end statement invoice invoices invoiced total totals match matches matching "
        "agree agrees our numbers figures ledger data right correct ours differ",
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
        "scope, place, about, sides, earlier, by",
        _WHY,
        topic="why",
        refused="rank",
        reason="“why” lists the largest changes first.",
    ),
    Phrase(
        "why",
        "why; changed; why changed; why over_budget; why budget above; "
        "notify why; notify why "
        "changed; notify changed +asking",
        f"{_ASKED}, by",
        _WHY,
        topic="why",
        refused="rank",
        reason="“why” lists the largest changes first.",
    ),
    Phrase(
        "balance",
        "balance; balance expiry; left; balance left; balance forecast; balance below; buy; buy "
        "when; buy balance; buy left; buy balance when; running_low; balance running_low",
        "scope, about",
        _BALANCE,
        topic="balance",
        refused="period, by",
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
        "status; expiry key; expiry +asking key; down +asking +connection",
        "scope",
        "running run live data all sync when last working latest ok bot current everything "
        "figures numbers soon this these here the did you are still right correct complete "
        "data's up time often how them it with from for",
        topic="status",
        refused="about, period, by",
        reason="The status is of connections, as of now.",
    ),
    Phrase(
        "spend",
        "; +spending +daily; +spending +weekly; +spending +monthly; "
        "+all +daily; +all +weekly; +all +monthly",
        "scope, place, about, period, by, rank",
    ),
)
