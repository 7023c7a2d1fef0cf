"""The phrases of questions about budgets, alerts and digests. See `bot.language.phrase`."""

from bot.language.phrase import Phrase

LISTS: tuple[Phrase, ...] = (
    Phrase(
        "budget list",
        "budget list; budget status; budget list status",
        "page, each, scope, about",
        "every current currently set here which my me i our",
        topic="budget",
        refused="budget period",
        reason="The list has budgets of every period. Leave that out.",
    ),
    Phrase(
        "budget list",
        "over_budget; budget left; budget list left; budget over_budget; budget used; budget "
        "list used; budget list used cap; budget above; budget left above; budget +asking; "
        "budget list thresholds; budget thresholds +asking; thresholds list; thresholds "
        "+asking; list over_budget; cap list; budget used cap; budget list used over_budget; "
        "budget list used left",
        "scope, about",
        "how much into through far along in until looking hold does will of current currently "
        "am which by this month monthly to have are we close their any all did our has gone "
        "more ai llm still do my me i mine till dollars until end team teams project projects",
        topic="budget",
    ),
    Phrase(
        "alerts history",
        "alerts history; alerts ended; history",
        "state, period, page, channel, scope, about",
        "list show by from all what which any we my me i our last get got",
        topic="alerts",
    ),
    Phrase(
        "alerts list",
        "alerts list; alerts; notify +asking; notify ended +asking; ack +asking; snooze +asking; "
        "alerts ack +asking",
        "state, period, page, channel, scope, about",
        "show all by from what which any we my me i our who gets get got that about is was last "
        "did",
        topic="alerts",
    ),
    Phrase(
        "digest preview",
        "digest preview; preview; digest appear; digest appear forecast",
        "number",
        "next tomorrow tomorrows what show list this send daily weekly monthly weekdays of",
        topic="digest",
    ),
    Phrase(
        "digest list",
        "digest list; digest history; digest when; report when; digest missing; report missing; "
        "digest why missing; report why missing; digest why; report why; digest next; report "
        "next; digest when next; report when next; report list when; digest list when; digest "
        "list next; report list next; digest when missing",
        "everywhere, page",
        "all our set here up channel did we get come comes arrive arrives be does is do was "
        "posted sent it what why this morning today todays yesterday due there post send at "
        "time day the how any getting received receive have has go goes i daily weekly "
        "monthly weekdays",
        topic="digest",
    ),
)
