"""Things that users ask for and that don't exist, each with the alternative."""

from collections.abc import Mapping

from bot.language.fillers import listed

NOT_CONNECTED = (
    *("azure", "aws", "bedrock", "google", "gcp", "vertex", "gemini"),
    *(
        "copilot",
        "cursor",
        "perplexity",
        "huggingface",
        "replicate",
        "mistral",
        "cohere",
        "groq",
        "togetherai",
        "together.ai",
        "fireworks",
    ),
)
"""Providers that can't be connected. A model's name may have one in it."""
SHARES = ("percent", "percentage", "share", "proportion", "%")
MEASURES = (
    *("average", "averages", "avg", "mean", "median", "typical", "typically", "token", "tokens"),
    *("request", "requests", "call", "calls", "prompt", "prompts", "latency"),
    *SHARES,
    *("price", "prices", "pricing"),
)
"""Other measures than costs: what else was asked is still useful."""
ADVICE = (
    *("save", "saving", "savings", "optimize", "optimise", "waste", "wasting", "advice"),
    *("advise", "recommend", "recommendation", "recommendations", "suggest"),
)
EXCLUDING = ("except", "without", "excluding", "minus", "besides", "but", "not")
"""Words for what is left out."""
TURNING = listed(
    "no, not, never, except, without, instead, stop, don't, dont, isn't, isnt, unless, but, until, "
    "excluding, won't, wont, can't, cant, cannot, none, nobody, neither, nor, rather, shouldn't, "
    "shouldnt, wasn't, wasnt, doesn't, doesnt, didn't, didnt, haven't, havent, aren't, arent, "
    "wouldn't, couldn't, minus, besides, off, pause, quit, away"
)
"""Words without which a text may mean the opposite."""
WAYS_TO_SEND = ("email", "e-mail", "mail", "fax")
"""Verbs for ways to send a file that don't exist. A “me” behind one belongs to it."""
NOT_OFFERED: Mapping[str, str] = {
    **dict.fromkeys(
        ("token", "tokens"),
        "Answers show costs, not tokens. The file of “export last month” has the quantities.",
    ),
    **dict.fromkeys(
        ("timezone", "time zone", "utc"),
        "Costs are counted in UTC days. A digest comes in your own time zone, or the one named.",
    ),
    **dict.fromkeys(
        (
            *("department", "departments", "customer", "customers", "client", "clients", "feature"),
            *("features", "endpoint", "endpoints", "tag", "tags", "agent", "agents", "app", "apps"),
            *(
                "application",
                "applications",
                "workflow",
                "workflows",
                "session",
                "sessions",
                "region",
            ),
        ),
        "Costs are known by provider, connection, project, key and model.",
    ),
    **dict.fromkeys(
        ("line", "item", "items", "sku"), "Costs can be grouped by model, not by line item."
    ),
    **dict.fromkeys(
        ("hour", "hours", "hourly"), "Costs are kept by UTC day. The smallest step is “by day”."
    ),
    **dict.fromkeys(
        (
            "except",
            "without",
            "excluding",
            "but",
            "not",
            "dont",
            "don't",
            "never",
            "isnt",
            "isn't",
            "arent",
            "aren't",
            "wasnt",
            "wasn't",
            "doesnt",
            "doesn't",
            "didnt",
            "didn't",
            "havent",
            "haven't",
        ),
        "Nothing can be left out of a total. Ask “by provider”, or name one provider.",
    ),
    **dict.fromkeys(
        ("eur", "euro", "euros", "€", "gbp", "pounds", "£", "chf", "currency", "exchange"),
        "Providers bill in US dollars, and so do answers and budgets. Totals can also be shown in "
        "a reporting currency, if the person who runs aicost sets one.",
    ),
    **dict.fromkeys(
        ("average", "averages", "avg", "mean", "median", "typical", "typically"),
        "Answers show totals, not averages. “by day” has each day, “balance” the spend per day.",
    ),
    **dict.fromkeys(
        ("request", "requests", "call", "calls", "prompt", "prompts", "latency"),
        "Answers show costs, not requests. The file of “export last month” has the quantities.",
    ),
    **dict.fromkeys(
        ("price", "prices", "pricing"),
        "Answers show costs, not price lists. “why details” shows the prices paid.",
    ),
    **dict.fromkeys(
        ADVICE,
        "aicost shows where costs come from. It doesn't advise how to save. Try “by model”.",
    ),
    **dict.fromkeys(
        ("block", "throttle", "suspend", "shut down", "cut off", "hard"),
        "aicost can't stop spending. A budget alerts you.",
    ),
    **dict.fromkeys(
        SHARES,
        "Shares are part of a breakdown. Try “by model”.",
    ),
    **dict.fromkeys(NOT_CONNECTED, "That provider isn't connected."),
    **dict.fromkeys(WAYS_TO_SEND, "Files are sent in Slack, to you alone."),
}
"""Things that users ask for and that don't exist, with the alternative."""
