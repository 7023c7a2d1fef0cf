"""What is reached first."""

from datetime import UTC, date, datetime
from decimal import Decimal

from bot.db.models import LimitReading
from bot.ledger.models import Connection
from bot.reports.limits import next_limit
from bot.reports.models import RemainingBalance
from providers import openai, openrouter

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KINDS = {**openai.KIND.limits, **openrouter.KIND.limits}
CONNECTIONS = [
    Connection(name, name, title, "prepaid", 3, limit_kinds=KINDS)
    for name, title in (("openai", "OpenAI"), ("openrouter", "OpenRouter"), ("second", "Second"))
]


def left(remaining: str | None, on: date | None) -> RemainingBalance:
    return RemainingBalance(None if remaining is None else Decimal(remaining), NOW, None, on)


def limit(
    kind: str, remaining: str | None, *, is_hard: bool = True, is_enforcing: bool = False
) -> LimitReading:
    return LimitReading(
        connection="openai",
        position=0,
        read_at=NOW,
        kind=kind,
        scope_id="id-1",
        scope_name="<!channel>",
        amount=Decimal(100),
        used=None,
        remaining=None if remaining is None else Decimal(remaining),
        interval="month",
        resets_at=None,
        is_hard=is_hard,
        is_enforcing=is_enforcing,
        consequence="requests fail",
    )


def test_the_balance_that_runs_out_first_is_the_earliest_stop() -> None:
    """Unknown balances and those that last are no stops."""
    first, last = date(2026, 12, 1), date(2026, 12, 9)
    stop = next_limit(
        CONNECTIONS,
        {
            "openai": left(None, None),
            "openrouter": left("9", last),
            "second": left("4", first),
        },
        [],
        NOW,
    )
    assert stop is not None
    assert (stop.connection, stop.on, stop.is_biting) == ("second", first, False)


def test_an_empty_balance_is_reached_already() -> None:
    """It comes before anything that is still to come, and has no date."""
    stop = next_limit(
        CONNECTIONS,
        {"second": left("4", NOW.date()), "openrouter": left("-1", NOW.date())},
        [],
        NOW,
    )
    assert stop is not None
    assert (stop.connection, stop.on, stop.is_biting) == ("openrouter", None, True)


def test_a_limit_that_is_enforced_or_used_up_comes_first_the_widest_before_others() -> None:
    """The organization's limit stops more than a key's."""
    limits = [limit("key_limit", "0"), limit("organization_spend_limit", None, is_enforcing=True)]
    stop = next_limit(CONNECTIONS, {"second": left("4", NOW.date())}, limits, NOW)
    assert stop is not None
    assert stop.what == "OpenAI: organization's spend limit"
    assert stop.consequence == "requests fail"
    assert stop.is_biting


def test_a_limit_that_only_mails_or_has_room_is_no_stop() -> None:
    """A spend alert enforces nothing; and an unknown remainder is not a used up one."""
    limits = [
        limit("spend_alert", "0", is_hard=False),
        limit("key_limit", "5"),
        limit("project_spend_limit", None),
    ]
    assert next_limit(CONNECTIONS, {}, limits, NOW) is None
    assert next_limit(CONNECTIONS[1:], {}, [limit("key_limit", "0")], NOW) is None
