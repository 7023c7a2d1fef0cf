"""Many thresholds crossed at once, and many of one rule: one line each, and every one reachable."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.budgets.messages.alert import DETAILS
from bot.budgets.messages.alert_list import alert_listing_message
from bot.budgets.messages.budgets import rule_listing_message
from bot.budgets.models import BudgetPeriod
from bot.language.commands import AlertsHistory, AlertsList, BudgetList, ParseFailure
from bot.language.names import Vocabulary
from bot.language.parser import parse
from bot.reports.messages.suggestions import asked_by
from bot.scope import Scope
from bot.slack.blocks import texts_of
from bot.slack.text_renderer import plain_text
from providers.period import utc_day
from simulators.slack.limits import blocks_problems
from simulators.slack.office import COSTS, MANAGER, MEMBER
from simulators.slack.things import Message
from tests.budgets.alert_facts import MONTH, line, notice
from tests.budgets.budget_harness import BudgetHarness
from tests.budgets.harness import AlertHarness
from tests.harness import Harness

MODELS = [f"model-{number}" for number in range(10)]
PERIODS: Mapping[BudgetPeriod, str] = {
    "monthly": "this month",
    "weekly": "this week",
    "daily": "today",
}
VOCABULARY = Vocabulary(("openai", "openrouter"), ("openai", "openrouter"))


async def sixty_crossings(alerting: AlertHarness) -> Message:
    """Ten models with three budgets each, and two thresholds of each passed by one sync."""
    team = alerting.team
    team.models = dict.fromkeys(MODELS, Decimal("0.01"))
    await team.sync()
    for model in MODELS:
        for period in PERIODS:
            scope = Scope("model", model)
            await team.budget(1_000_000, 1, 2, period=period, scope=scope, channel=COSTS)
    team.models = dict.fromkeys(MODELS, Decimal(30_000))
    assert await team.sync() >= 60
    await alerting.deliveries.deliver_due()
    return alerting.posted(COSTS)[-1]


async def listed(team: BudgetHarness, text: str) -> tuple[str, list[str]]:
    """What `/aicost TEXT` shows, and what its buttons ask."""
    query = parse(text, VOCABULARY, utc_day(team.now))
    assert isinstance(query, AlertsList | AlertsHistory), query
    answer = (
        await team.actions.listing(query.only)
        if isinstance(query, AlertsList)
        else await team.actions.history(team.now, query.only)
    )
    message = alert_listing_message(answer)
    assert blocks_problems(list(message.blocks), "message") == []
    return plain_text({"text": "", "blocks": list(message.blocks)}), asked_by(message.blocks)


async def test_one_message_has_one_line_for_each_budget(alerting: AlertHarness) -> None:
    """The first ones in full, the others in a table."""
    message = await sixty_crossings(alerting)
    assert blocks_problems(list(message.blocks), "message") == []
    shown = plain_text({"text": "", "blocks": message.blocks})
    assert "Figures from" not in shown  # they are from when the alerts opened
    assert shown.count("1% and 2%") == 30
    for model in MODELS:
        for period, when in PERIODS.items():
            line = rf"{model}: \$30,000.00 of \$1,000,000 used {when}"
            assert re.search(rf"{line}|{model}: \$1,000,000 {period}", shown, re.IGNORECASE)
    assert message.text.startswith("Alert: 30 budgets passed a threshold. ")


async def test_every_open_alert_is_on_a_page(alerting: AlertHarness) -> None:
    """The pages follow one another by a button, and each alert stands on exactly one."""
    await sixty_crossings(alerting)
    text, found, pages = "alerts list", list[str](), 0
    while text:
        shown, asked = await listed(alerting.team, text)
        pages += 1
        found += re.findall(r"#(\d+)", shown)
        text = next((each for each in asked if f"page {pages + 1}" in each), "")
    alerts = await alerting.team.open_alerts()
    assert sorted(map(int, found)) == [row.id for row in alerts]
    assert pages > 1


async def test_alerts_are_filtered(alerting: AlertHarness) -> None:
    """By model, provider, channel and state; what is left out follows the same filter by page."""
    await sixty_crossings(alerting)
    team = alerting.team
    shown, _ = await listed(team, "alerts list model model-3")
    assert shown.count("Model model-3") == 3
    assert sum(shown.count(f"used {when} (") for when in ("this month", "this week", "today")) == 3
    first, _ = await listed(team, "alerts list openai")
    assert "Page 1 of 2" in first
    second, _ = await listed(team, "alerts list openai page 2")
    assert "Page 2 of 2" in second
    assert (await listed(team, "alerts list 2 openai"))[0] == second
    assert "No alert matches" in (await listed(team, "alerts list openrouter"))[0]
    assert "No alert matches" in (await listed(team, "alerts list acknowledged"))[0]
    assert "No alert matches" in (await listed(team, "alerts list in <#C0OTHER|other>"))[0]
    assert "Page 1 of 2" in (await listed(team, f"alerts list in <#{COSTS}|ai-costs> open"))[0]
    await team.pass_time(days=20)
    history, _ = await listed(team, "alerts list resolved model model-3")
    assert history.count("Model model-3") == 3
    assert "resolved" in history


async def test_a_rule_is_one_line_everywhere(harness: Harness) -> None:
    """In the alert, the list, the latest figures, Home and the history: the highest threshold, with
    the lower ones named."""
    office = harness.slack
    await office.say(MANAGER, COSTS, "/aicost budget set openai 100 monthly at 50,80,100")
    await harness.idle()
    (alert,) = harness.posted()
    figures = r"\$[\d,.]+ over budget\. Passed 50%, 80% and 100%\."
    once = re.compile(rf"OpenAI: \$[\d,.]+ of \$100 used this month \([\d,]+%\), {figures}")
    headed = re.compile(rf"^\$[\d,.]+ used this month, {figures}", re.MULTILINE)

    was = re.compile(
        r"OpenAI: was at \$[\d,.]+ of \$100 monthly \([\d,]+%\)\. Passed 50%, 80% and 100%\."
    )

    async def check(said: str, words: re.Pattern[str] = once) -> None:
        assert len(words.findall(said)) == 1, said
        assert said.count("$100 used this month") == (words is once), said

    shown = plain_text({"text": "", "blocks": alert.blocks})
    await check(shown, headed)
    assert "Figures from" not in shown  # they are from when the alerts opened
    listing = await office.say(MEMBER, COSTS, "/aicost alerts list")
    await check(listing.plain)
    assert "Alerts #1, #2 and #3 open since" in listing.plain
    await check((await office.press(alert, DETAILS, MEMBER)).plain)
    home = await office.open_home(MEMBER)
    assert home is not None
    shown = plain_text({"text": "", "blocks": home.blocks})
    now = r"OpenAI budget: [\d,]+% used\. It passed 50%, 80% and 100%\."
    assert len(re.findall(now, shown)) == 1
    assert shown.count("of the $100 monthly budget") == 1  # the bar has the figures
    assert shown.count("Acknowledge all 3") == 1
    assert "$100 used this month" not in shown

    await office.say(MANAGER, COSTS, "/aicost budget remove openai")
    await harness.idle()
    assert office.channel(COSTS).thread(alert.ts)
    assert alert.text.startswith("Resolved: ")
    (reply,) = office.channel(COSTS).thread(alert.ts)
    assert reply.text == ("Resolved: the OpenAI budget was removed; it was at 50%, 80% and 100%.")
    history = await office.say(MEMBER, COSTS, "/aicost alerts history")
    await check(history.plain, was)
    assert "Alerts #1, #2 and #3 resolved" in history.plain


async def test_home_shows_a_rule_once_though_its_thresholds_have_messages_of_their_own(
    harness: Harness,
) -> None:
    """Each with its own state."""
    office = harness.slack
    used = int(harness.used("openai", harness.clock().replace(day=1)))
    amount = used * 2 - 20
    await office.say(MANAGER, COSTS, f"/aicost budget set openai {amount} monthly at 50,51")
    await harness.idle()
    await office.say(MEMBER, COSTS, "/aicost alerts ack 1")
    for _ in range(3):
        await harness.advance("sync", "deliveries", days=1)
    assert len(harness.posted()) == 2
    home = await office.open_home(MEMBER)
    assert home is not None
    shown = plain_text({"text": "", "blocks": home.blocks})
    assert shown.count("passed 50% and 51%") == 1
    assert "#1 acknowledged by ben" in shown
    assert "#2 open since" in shown


async def test_every_budget_is_on_a_page(alerting: AlertHarness) -> None:
    """Its list says how many there are, and the next page is a button away."""
    team = alerting.team
    await team.sync()
    for number in range(45):
        await team.budget(1000 + number, 50, channel=f"C{number:09}")
    text, found = "budget list", list[str]()
    while text:
        query = parse(text, VOCABULARY, utc_day(team.now))
        assert isinstance(query, BudgetList)
        listing = replace(await team.budgets.listing(team.now), page=query.page)
        message = rule_listing_message(listing)
        assert blocks_problems(list(message.blocks), "message") == []
        shown = plain_text({"text": "", "blocks": list(message.blocks)})
        assert f"of {len(listing.statuses)}" in shown
        found += re.findall(r"\$1,0\d\d monthly", shown)
        text = next(
            (
                each
                for each in asked_by(message.blocks)
                if re.fullmatch(r"budget list page \d", each) and each > text
            ),
            "",
        )
    assert len(set(found)) == len(found) == 45
    for text in ("budget list page", "budget list 2 frogs"):
        assert isinstance(parse(text, VOCABULARY, utc_day(team.now)), ParseFailure)


@pytest.mark.parametrize("count", [41, 170, 600])
def test_one_message_names_as_many_as_slack_takes(count: int) -> None:
    """Of a budget for each person: all of them up to some 200. The others are counted."""
    lines = [
        line(
            replace(MONTH, scope=Scope("person", f"U{number:010}"), actual=Decimal(600 + number)),
            threshold=100,
            alert_id=number,
        )
        for number in range(count)
    ]
    message = notice(*lines)
    assert blocks_problems(list(message.blocks), "message") == []
    texts = list(texts_of(message.blocks))
    assert sum(map(len, texts)) < 10_000
    shown = "\n".join(texts)
    named = re.findall(r"<@(U\d+)>", shown)
    assert len(named) == len(set(named))
    left = re.search(r"And (\d+) more", shown)
    assert len(named) + (int(left[1]) if left else 0) == count
    assert left is None or count > 200
