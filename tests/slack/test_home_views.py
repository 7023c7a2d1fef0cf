"""The Home tab and the modals at the extremes: Slack takes them, and nothing pings or breaks."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from bot.access.models import Denial, ScopeFilter, VisibilityRule
from bot.anomalies.views import anomalies_view
from bot.budgets.messages.budgets import rule_listing_message
from bot.budgets.models import (
    AlertLine,
    BalanceStatus,
    Budget,
    BudgetFacts,
    BudgetStatus,
    LowBalanceRule,
    RuleStatus,
    Threshold,
)
from bot.budgets.results import RuleListing
from bot.budgets.views.budget import budget_view, change_view, low_balance_view, percents
from bot.budgets.views.scopes import scope_of, value_of
from bot.db.models import AuditEntry, DigestSettings, DigestSubscription, Rule
from bot.digests.views import digest_view
from bot.home.models import STEPS, AdminSection, HomeData, OpenMessage
from bot.home.views.home import failed_view, home_view, refused_view
from bot.home.views.managing import AUDIT
from bot.home.views.visibility import visibility_view
from bot.ledger.data_quality import ConnectionState
from bot.ledger.models import Connection, Fault
from bot.reports.choices import LONGEST_NAME, Options, ScopeItem
from bot.reports.messages.sharing import shared
from bot.reports.models import ConnectionSummary, RemainingBalance, Summary
from bot.reports.views import question_here_view, question_view, share_view
from bot.schedule import EVERY_DAY, Schedule, Slot
from bot.scope import Scope
from bot.slack import openers
from bot.slack.modals import modal
from bot.slack.text_renderer import plain_text
from providers.period import Period
from simulators.slack.limits import blocks_problems, view_problems, view_too_large
from tests.entities import changed

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
NOVEMBER = Period.of_month(NOW.date())
AMOUNTS = (Decimal("4.6e-7"), Decimal(10) ** 9, Decimal("-3.2"), Decimal(0), None)
Make = Callable[..., ConnectionSummary]


def check(view: dict[str, Any]) -> str:
    """What a view says; it is inside Slack's limits, and nothing in it rings for everybody."""
    assert view_problems(view) == []
    assert not view_too_large(view)
    said = plain_text({"text": "", "blocks": view["blocks"]})
    for block in view["blocks"]:
        text = (block.get("text") or {}).get("text", "")
        if (block.get("text") or {}).get("type") == "mrkdwn":
            assert "<!channel>" not in text
            assert "<!here>" not in text
    return said


def rule(number: int, name: str, target: Budget | LowBalanceRule) -> Rule:
    return changed(Rule.of(Scope("project", name), target, f"C{number:06}", "U1", NOW), id=number)


def unknown(each: Rule, reason: str | None = None) -> RuleStatus:
    """The status of a rule without figures."""
    if isinstance(each.target, Budget):
        return BudgetStatus(each, each.target, NOVEMBER, reason=reason)
    return BalanceStatus(each, each.target, reason=reason)


def line(number: int, name: str) -> AlertLine:
    facts = BudgetFacts(
        scope=Scope("project", name),
        amount=Decimal(1),
        period="monthly",
        period_start=date(2026, 11, 1),
        period_end=date(2026, 12, 1),
        actual=Decimal(10) ** 9,
        forecast=None,
        forecast_low=None,
        forecast_high=None,
        as_of=NOW,
        contributors=(),
        next_stop=None,
    )
    return AlertLine(
        number,
        number,
        Threshold("actual", 100),
        facts,
        is_initial=False,
        crossed_at=NOW,
        state="open",
    )


def plan(number: int, name: str, paused: str | None = None) -> DigestSubscription:
    settings = DigestSettings(
        Scope("project", name), "daily", "full", Schedule(time(9), EVERY_DAY, "Europe/London")
    )
    made = DigestSubscription.new(f"C{number:06}", settings, "U1", NOW)
    made.id, made.paused_because = number, paused
    if paused is None:
        made.schedule(Slot(NOW, NOW.date()))
    return made


def home_data(shown: Summary, count: int, name: str) -> HomeData:
    """Everything there can be, so many times."""
    target = Budget(Decimal(100), "monthly", (50, 80, 100))
    rules = [rule(n, name, target) for n in range(count)]
    bars = tuple(
        BudgetStatus(each, target, NOVEMBER, AMOUNTS[n % 5]) for n, each in enumerate(rules[:2])
    )
    fault = Fault("charges", "Unavailable", name, name, NOW, NOW, is_permanent=False)
    return HomeData(
        now=NOW,
        summary=shown,
        states=tuple(
            ConnectionState(
                each.name, each.provider, each.title, NOW, NOW, None, (), None, name, (fault,)
            )
            for each in shown.connections
        ),
        done=frozenset(STEPS[: min(count, 4)]),
        overall=bars,
        bars=tuple((each.name, bars) for each in shown.connections),
        alerts=tuple(
            OpenMessage(n, f"C{n:06}", tuple(line(m, name) for m in range(min(count, 60))))
            for n in range(count)
        ),
        resolved=tuple(line(n, name) for n in range(count)),
        digests=tuple(plan(n, name) for n in range(count)),
        are_channels_known=False,
        managed=AdminSection(
            rules=count,
            pressing=tuple(BudgetStatus(each, target, NOVEMBER, AMOUNTS[0]) for each in rules[:5]),
            alert_channels=tuple((f"C{n:06}", n + 1) for n in range(count)),
            anomaly_channels=tuple(f"C{n:06}" for n in range(count)),
            digests=count,
            paused=count,
            first_digests=tuple(plan(n, name, "archived") for n in range(min(count, 8))),
            limited=tuple(VisibilityRule(f"S{n:06}", ScopeFilter()) for n in range(count)),
            audit=tuple(
                AuditEntry(
                    at=NOW,
                    actor="U1",
                    action="budget.changed",
                    target=name,
                    before={"a": 1},
                    after={"a": name},
                )
                for _ in range(min(count, 6))
            ),
        ),
    )


@pytest.mark.parametrize(
    "count", [0, 7, 50, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 500))]
)
@pytest.mark.parametrize("amount", AMOUNTS)
def test_slack_takes_home_at_the_extremes(
    connection: Make,
    summary: Callable[..., Summary],
    hostile: str,
    count: int,
    amount: Decimal | None,
) -> None:
    """From no connection to fifty, with names made to hurt and amounts of every size."""
    left = RemainingBalance(
        amount, NOW, amount, None, reason=None if amount is not None else hostile
    )
    connections = [
        connection(
            f"c{n}",
            title=hostile,
            used=amount,
            status="unknown" if amount is None else "ok",
            reason=hostile if amount is None else None,
            left=left,
        )
        for n in range(min(count, 50))
    ]
    view = home_view(home_data(summary(connections), count, hostile))
    said = check(view)
    assert "AI spend: " in said
    for action in (openers.NEW_BUDGET, openers.DIGEST, openers.VISIBILITY, AUDIT):
        assert action in str(view) or (action == AUDIT and not count)
    assert said.splitlines()[-1].startswith("Updated ")  # nothing was cut off
    if amount is None and count:
        assert "unknown" in said


def test_home_says_the_spend_of_a_budget_once(
    connection: Make, summary: Callable[..., Summary]
) -> None:
    """Two of three budgets have a bar in the figures, so the managers' list says only the third's
    spend."""
    said = check(home_view(home_data(summary([connection("openai")]), 3, "search")))
    listed = said.partition("Budgets")[2].partition("Digests")[0]
    assert listed.count("alerts at 50%, 80% and 100%") == 3
    assert listed.count("used this month") == 1


@pytest.mark.parametrize("count", [1, 40, 41, 500])
def test_a_manager_changes_what_a_list_names(hostile: str, count: int) -> None:
    """Each budget shown has its button, and the next hundred a menu; a modal and a message hold
    them, and neither goes before a channel."""
    target = Budget(Decimal(100), "monthly", (50, 80, 100))
    rules = [rule(n, hostile, target) for n in range(count)]
    statuses = tuple(BudgetStatus(each, target, NOVEMBER, reason=hostile) for each in rules)
    message = rule_listing_message(RuleListing(statuses, may_change=True))
    said = str(message.blocks)
    assert blocks_problems(list(message.blocks), "message") == []
    check(modal(message))
    assert said.count("'accessibility_label': 'Change budget ") == min(count, 20)
    assert ("Change another budget" in said) == (count > 20)
    assert openers.CHANGE_RULE not in str(shared(message, "ben", NOW).blocks)


def test_words_are_next_to_every_bar(connection: Make, summary: Callable[..., Summary]) -> None:
    """No meaning by a bar alone: each has its share, its budget and what remains in words."""
    said = check(home_view(home_data(summary([connection()]), 2, "search")))
    for drawn in [each for each in said.splitlines() if "░" in each]:
        assert "%" in drawn
        assert "of the $100 monthly budget for project search" in drawn
        assert " left" in drawn or "over" in drawn


def test_refusal_and_failure_say_why() -> None:
    """Both say why in words, and the failure its reference."""
    assert "not here" in check(refused_view(Denial("You may not, not here.")))
    assert "ab12cd34" in check(failed_view("ab12cd34"))


@pytest.mark.parametrize(
    ("count", "length", "many"),
    [
        (1, 1, 100),
        (50, LONGEST_NAME, 100),
        pytest.param(50, 1, 2000, marks=pytest.mark.slow),
        pytest.param(50, LONGEST_NAME, 2000, marks=pytest.mark.slow),
    ],
)
def test_slack_takes_modals_at_the_extremes(
    hostile: str, count: int, length: int, many: int
) -> None:
    """Every modal with as many choices as there can be, their names made to hurt."""
    names = tuple(f"{n} {hostile}"[:length].ljust(3, "ß") + str(n)[:1] for n in range(many))
    values = dict.fromkeys(name[:LONGEST_NAME] for name in names)
    items = tuple(ScopeItem(f"{value} {hostile}", value) for value in values)
    connections = tuple(
        Connection(f"c{n}", "openrouter", hostile, "prepaid", 2) for n in range(count)
    )
    choices = Options(connections, items, items, items)
    rules: Sequence[Rule] = [
        rule(
            n,
            hostile,
            LowBalanceRule(Decimal(20)) if n % 2 else Budget(Decimal(5), "daily", (100,)),
        )
        for n in range(600)
    ]
    limited = [VisibilityRule(f"S{n}", ScopeFilter(), is_managed=True) for n in range(50)]
    views = [
        budget_view(choices, None),
        budget_view(choices, "C1"),
        low_balance_view(choices, None),
        digest_view(choices, "C1", "Europe/London", None),
        digest_view(choices, None, "Mars/Olympus", plan(1, items[0].value)),
        *(change_view(unknown(each, hostile)) for each in rules[:2]),
        change_view(unknown(rule(3, hostile, Budget(Decimal("1e-9"), "daily", (1,))))),
        change_view(unknown(rule(4, hostile, LowBalanceRule(None, 3650)))),
        anomalies_view([f"C{n}" for n in range(count)], None),
        visibility_view(choices, limited),
        visibility_view(replace(choices, projects=()), ()),
        share_view("mtd"),
        question_view(),
        question_here_view("C1", "1.2"),
    ]
    for view in views:
        check(view)


def test_forms_offer_the_channel_in_which_they_are_opened() -> None:
    """Where a provider reports spend for it. Other channels are not named to everyone."""
    choices = Options((), (), (), (), channels=frozenset({"C1", "C2"}))
    for where, is_offered in (("C1", True), ("C3", False), (None, False)):
        for view in (
            budget_view(choices, where),
            digest_view(choices, where, "Europe/London", None),
        ):
            assert ("AI in this channel" in str(view)) is is_offered
            assert "channel:C2" not in str(view)


def test_a_low_balance_is_changed_in_the_currency_of_its_balance() -> None:
    """The field names it: dollars, or what the balance is in."""
    for currency, named in (("USD", "(US$)"), ("CNY", "(CNY)")):
        standing = unknown(rule(1, "deepseek", LowBalanceRule(Decimal(50), currency=currency)))
        assert f"Alert at this much or less {named}" in str(change_view(standing))


@pytest.mark.parametrize(
    "scope",
    [Scope("all"), Scope("provider", "openai"), Scope("project", "a:b c"), Scope("key", "k")],
)
def test_scopes_come_back_as_they_went(scope: Scope) -> None:
    """What a menu's option stands for is read from its value, whatever the name holds."""
    assert scope_of(value_of(scope)) == scope


@pytest.mark.parametrize("value", ["", "planet:mars", "project:", "all:", "x"])
def test_forged_scopes_are_none(value: str) -> None:
    """A value that no menu offers is nothing."""
    assert scope_of(value) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("50, 80,100", (50, 80, 100)),
        ("100% 50%", (50, 100)),
        ("", ()),
        ("1000", (1000,)),
        ("1001", None),
        ("0", None),
        ("-5", None),
        ("٥٠", None),
        ("50.5", None),
        (", ".join(map(str, range(1, 12))), None),
    ],
)
def test_percentages_are_read_as_people_write_them(
    text: str, found: tuple[int, ...] | None
) -> None:
    """As people write them; anything else is not guessed at."""
    assert percents(text) == found
