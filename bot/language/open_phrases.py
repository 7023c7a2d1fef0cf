"""The phrases of help, of what is only explained, and of what leaves open what is meant. See
`bot.language.phrase`."""

from bot.language.phrase import Phrase
from bot.language.words import WORDS_OF_AICOST

_VERBS = " ".join(
    dict.fromkeys(
        spelling
        for entry in WORDS_OF_AICOST
        for spelling in entry.spellings
        if entry.kind == "verb" and " " not in spelling
    )
)
_READ_ONLY = (
    (
        "aicost only reads costs. It can't stop spending, block keys, switch models or pay. A "
        "budget "
        "alerts you."
    ),
    "budget set {postpaid} 500 monthly",
    "budget list",
)
OPEN: tuple[Phrase, ...] = (
    Phrase(
        "help",
        "help",
        "topic",
        f"{_VERBS} read understand interpret begin find know this that it me work works use "
        "about i need the my our time up",
    ),
    Phrase(
        "readings",
        "alerts remove",
        topic="alerts",
        readings=(
            "An alert can be snoozed, and a budget removed.",
            "alerts snooze 3 1d",
            "budget remove 2",
        ),
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
        "explained",
        "digest pause; report pause; digest resume; report resume; digest off pause",
        "number, rhythm, until, later",
        "the our this that a for until till my we us here now posting sending please can could",
        topic="digest",
        readings=(
            (
                "Each digest under “digest list” has a button to pause or resume it. It stays "
                "paused until it is resumed; it can't be paused for a time."
            ),
            "digest list",
            "help digest",
        ),
        comes_first=True,
    ),
    Phrase(
        "explained",
        "unsnooze; unsnooze alerts; unsnooze notify; unsnooze budget; unsnooze snooze",
        "number",
        "the our this that a my alert it please can could",
        topic="alerts",
        readings=(
            (
                "A snooze ends by itself: “alerts list snoozed” says when. A higher threshold of "
                "the budget alerts all the same."
            ),
            "alerts list snoozed",
            "alerts list",
        ),
        comes_first=True,
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
        "explained",
        "meaning; unattributed; meaning unattributed; unattributed +asking; meaning +asking",
        readings=(
            (
                "Unattributed costs are those that the provider gives no project, key or user for. "
                "Provisional figures may still change. A runway is how long a balance lasts at the "
                "recent spend. The glossary in the docs has every other word."
            ),
            "mtd by project",
            "help",
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
    Phrase(
        "readings",
        "used cap; used limits; cap above; cap above list; will_we above cap; cap +asking; cap "
        "when; "
        "cap above when; forecast cap; forecast above cap; cap list next",
        readings=("A provider's limit, or a budget?", "limits", "budget list"),
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
        "readings",
        "off; off +daily; off +weekly; off +weekdays; off +monthly; off send; off send +daily; "
        "off send +weekly",
        readings=(
            "Stop what?",
            "digest off",
            "alerts spikes off",
        ),
    ),
    Phrase(
        "explained",
        "control",
        readings=_READ_ONLY,
        comes_first=True,
    ),
    Phrase(
        "explained",
        "off key; snooze key; off key balance; snooze key balance; off key when; off +connection "
        "when; off +connection above; off +connection budget when; off "
        "+connection "
        "above when; off +connection above budget; off +connection above budget when; off "
        "+connection over_budget",
        readings=_READ_ONLY,
    ),
    Phrase(
        "explained",
        "buy +amount",
        readings=(
            (
                "aicost can't buy credit. Where a provider doesn't report its balance, you can "
                "enter what was bought there."
            ),
            "balance",
            "balance add {postpaid} 100",
        ),
    ),
    Phrase(
        "explained",
        "wrong; wrong why; wrong status; wrong why changed; wrong +asking",
        readings=(
            (
                "Recent days still change, and the running day may not be published yet. Days are "
                "UTC days. “status” shows how fresh the figures are, and what failed."
            ),
            "status",
            "mtd by provider",
        ),
    ),
    Phrase(
        "explained",
        "why alerts; why notify alerts; why alerts +asking; alerts wrong",
        readings=(
            "Each alert says what it is about. “alerts list” has the open ones, with details.",
            "alerts list",
            "budget list",
        ),
    ),
    Phrase(
        "balance said",
        "balance +amount; left +amount; balance left +amount; balance corrected +amount; balance "
        "corrected left "
        "+amount; left +amount corrected",
        "expiry, scope, declared, day",
        "was is were it should be now currently today as of at actually says shows have has "
        "there the "
        "we still real correct true right wrong incorrect not",
        topic="balance",
    ),
    Phrase(
        "readings",
        "alerts resolve",
        topic="alerts",
        readings=(
            (
                "An alert ends by itself, with its cause. Until then it can be acknowledged or "
                "snoozed."
            ),
            "alerts ack 3",
            "alerts snooze 3 1d",
        ),
    ),
    Phrase(
        "explained",
        "export vs; export compare; export compare vs",
        readings=(
            "A file has the charges of one name and one period. Export each of them.",
            "export last month",
            "mtd vs last month",
        ),
    ),
    Phrase(
        "explained",
        "forecast vs; forecast compare; forecast compare vs; forecast vs changed; will_we vs",
        readings=(
            "A forecast is of this month's end. A comparison is of days until today.",
            "forecast",
            "mtd vs last month",
        ),
    ),
)
