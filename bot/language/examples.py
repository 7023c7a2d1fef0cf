"""Examples of what can be typed, for help, refusals and the demo page's completion. `fill` puts
names in place of ``{postpaid}``, ``{prepaid}``, ``{project}`` and ``{model}``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.language.commands import Topic

_GENERIC = {"project": "search", "model": "gpt-5"}
"""Names for where the ledger has none to show."""
MOST_OF_A_TOPIC = 3
"""Examples in the help of one topic."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text, and its effect."""

    topic: Topic | None
    """The topic of the phrase that reads it; None: a plain question."""
    text: str
    """As typed after ``/aicost``."""
    does: str
    is_first: bool = False
    """Part of the help that names no topic."""

    @property
    def items(self) -> frozenset[str]:
        """Return the placeholders of a project or model in it."""
        return frozenset(each for each in _GENERIC if f"{{{each}}}" in self.text)


EXAMPLES: tuple[Example, ...] = (
    Example(None, "", "see this month's spend and what is left, by provider", True),
    Example(
        *(None, "{postpaid} last month by model"),
        "pick provider, period, breakdown, in any order",
        True,
    ),
    Example(None, "7d by project", "see the last seven days by project"),
    Example(None, "30d by day", "see the last 30 days, day by day"),
    Example(
        None,
        "this month vs last month by model",
        "compare two periods, providers, projects or models",
    ),
    Example(None, "last month by user", "see each user, if you are a manager or a lead"),
    Example("balance", "balance", "see prepaid balances and how long they last", True),
    Example("balance", "balance {prepaid}", "see one provider or connection"),
    Example(
        *("balance", "balance set {postpaid} 250"),
        "enter one the provider can't report; `at 2026-11-01` may follow",
    ),
    Example(
        *("balance", "balance add {postpaid} 100"),
        "add a purchase; `expires 2027-11-01` may follow",
    ),
    Example("balance", "balance forget {postpaid}", "remove what was entered"),
    Example("limits", "limits", "see the providers' own limits and what is used of them", True),
    Example("limits", "limits {prepaid}", "see those of one provider or connection"),
    Example("why", "why yesterday", "see what changed and why", True),
    Example("why", "why mtd", "compare this month with as many days before"),
    Example("why", "why last week by project", "list the changes by model, project or key"),
    Example("why", "why project {project} last week", "look at one project, model or key"),
    Example("why", "why model {model} mtd", "look at one model, this month so far"),
    Example("forecast", "forecast", "see where this month ends, and how sure that is", True),
    Example("forecast", "forecast {postpaid}", "see one provider or connection"),
    Example("forecast", "forecast model {model}", "see one model, project or key"),
    Example("forecast", "forecast project {project}", "see one project"),
    Example(
        *("budget", "budget set {postpaid} 500 monthly at 50,80,100"),
        "get alerts in this channel at these percentages",
        True,
    ),
    Example("budget", "budget list", "list budgets and how much is used"),
    Example("budget", "budget set {prepaid} left 20", "get an alert below $20"),
    Example("budget", "budget set project {project} 40 daily", "get alerts about one project"),
    Example("budget", "budget set model {model} 100 weekly", "get alerts about one model"),
    Example(
        *("budget", "budget set {prepaid} left 7d"),
        "get an alert when it lasts less than 7 days",
    ),
    Example(
        *("budget", "budget set all 900 weekly quiet in #search"),
        "post in another channel, and nothing when an alert is resolved",
    ),
    Example("budget", "budget remove {postpaid}", "remove one, by its scope or number"),
    Example(
        *("alerts", "alerts list"),
        "list open alerts; `{postpaid}`, `snoozed` or `page 2` may follow",
        True,
    ),
    Example("alerts", "alerts snooze 3 1h", "silence alert 3 for an hour"),
    Example("alerts", "alerts ack 3", "say that you look after it"),
    Example("alerts", "alerts history", "list resolved alerts"),
    Example("alerts", "alerts list project {project}", "list those about one project"),
    Example("alerts", "alerts list model {model}", "list those about one model"),
    Example(
        *("alerts", "alerts spikes on"),
        "get cost anomaly alerts in this channel; `off` ends them",
    ),
    Example(
        *("digest", "digest on 09:00 weekdays Europe/London"),
        "get a digest in this channel; without a time zone, yours is used",
        True,
    ),
    Example("digest", "digest list", "list this channel's digests"),
    Example("digest", "digest off", "end it"),
    Example("digest", "digest on 09:00 project {project}", "get one about one project"),
    Example(
        *("digest", "digest on 09:00 weekly {postpaid} short"),
        "one provider, in few words",
    ),
    Example(
        *("digest", "digest on 09:00 monthly"),
        "get each month once its days have settled",
    ),
    Example(
        *("digest", "digest on 09:00 daily when settled by 11:00"),
        "wait for yesterday's figures",
    ),
    Example("digest", "digest preview", "see the next one, only for you"),
    Example(
        *("export", "export last month"),
        "get every charge as CSV, with FOCUS column names, for you alone",
        True,
    ),
    Example("export", "export last week", "get any other period"),
    Example("export", "export project {project} last month", "get one project or model"),
    Example("export", "export model {model} last week", "get one model"),
    Example(
        *("statement", "statement last month"),
        "see balances, purchases, spend and corrections of a month",
        True,
    ),
    Example(
        *("statement", "statement october invoice {postpaid} 512.30"),
        "enter an invoice to compare it with",
    ),
    Example(
        *("statement", "export statement october"),
        "get it as CSV and Markdown files, for you alone",
    ),
    Example(
        *("statement", "statement october invoice remove {postpaid}"),
        "remove what was entered",
    ),
    Example("status", "status", "see how fresh the figures are and what needs fixing", True),
)


def fill(template: str, names: Mapping[str, str]) -> str:
    """Return a text with these names in place of its placeholders."""
    for placeholder, name in {**_GENERIC, **names}.items():
        template = template.replace(f"{{{placeholder}}}", name)
    return template


def help_on(topic: Topic | None, names: Mapping[str, str] | None = None) -> Sequence[Example]:
    """Return three examples of one topic, or the first of each topic. `names`: those that the
    person may see, by placeholder. After the topic's first example come those about a project or
    model among them."""
    if topic is None:
        return [each for each in EXAMPLES if each.is_first]
    first, *others = (
        each for each in EXAMPLES if each.topic == topic and each.items <= (names or {}).keys()
    )
    others.sort(key=lambda each: not each.items)
    return [first, *others][:MOST_OF_A_TOPIC]


def two_of(topic: Topic | None) -> tuple[str, str]:
    """Return two helpful texts for when a command of that topic was not understood."""
    texts = [each.text for each in EXAMPLES if each.topic == topic and each.text]
    first, second = [*texts, "balance"][:2]
    return first, second
