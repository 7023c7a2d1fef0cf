"""Things that users ask for and that don't exist, each with the alternative."""

from collections.abc import Mapping

NOT_CONNECTED = (
    *("azure", "aws", "bedrock", "google", "gcp", "vertex", "gemini"),
    *("mistral", "cohere", "groq", "together", "fireworks"),
)
"""Providers that can't be connected. A model's name may have one in it."""
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
        ("department", "customer", "customers", "feature", "endpoint", "tag"),
        "Costs are known by provider, connection, project, key and model.",
    ),
    **dict.fromkeys(
        ("line", "item", "items", "sku"), "Costs can be grouped by model, not by line item."
    ),
    **dict.fromkeys(
        ("hour", "hours", "hourly"), "Costs are kept by UTC day. The smallest step is “by day”."
    ),
    **dict.fromkeys(
        ("except", "without", "excluding", "but", "not", "dont", "don't", "never"),
        "Nothing can be left out of a total. Ask “by provider”, or name one provider.",
    ),
    **dict.fromkeys(
        ("eur", "euro", "euros", "€", "gbp", "pounds", "£", "chf", "currency"),
        "Providers bill in US dollars, and so do answers and budgets.",
    ),
    **dict.fromkeys(NOT_CONNECTED, "That provider isn't connected."),
    **dict.fromkeys(
        ("connect", "disconnect", "reconnect"),
        "The person who runs aicost adds connections. “status” lists them.",
    ),
    **dict.fromkeys(WAYS_TO_SEND, "Files are sent in Slack, to you alone."),
}
"""Things that users ask for and that don't exist, with the alternative."""
