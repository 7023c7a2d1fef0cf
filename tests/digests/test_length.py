"""A digest of a normal day fits a phone before its chart, also for a large organization."""

from dataclasses import replace
from math import ceil

from bot.digests.messages.digest import digest_message
from bot.scope import Scope
from bot.slack.text_renderer import mrkdwn_to_plain
from tests.digests.digest_ledger import DigestLedger
from tests.digests.test_golden import spike

PHONE_LINE = 34
"""Characters of a line of text on a screen of 360 px."""
PHONE_LINES = 30
"""Lines of 22 px on a screen of 740 px, below the sender (24 px) and a heading (two of 28 px)."""
MANY = 20


async def test_a_rich_normal_day_fits_a_phone(books: DigestLedger) -> None:
    """Twenty providers, each with a balance, and twenty budgets that matter."""
    digest = await spike(books)
    [one] = [each for each in digest.connections if each.summary.left is not None]
    [budget] = digest.budgets
    connections = tuple(
        replace(one, summary=replace(one.summary, name=f"account-{n}", title=f"Account {n}"))
        for n in range(MANY)
    )
    budgets = tuple(
        replace(budget, rule=budget.rule.model_copy(update={"id": n, "scope": Scope("all")}))
        for n in range(MANY)
    )
    rich = replace(digest, connections=connections, budgets=budgets)

    blocks = digest_message(rich).blocks

    kinds = [block["type"] for block in blocks]
    above = blocks[1 : kinds.index("data_visualization")]
    lines = [line for each in above for line in mrkdwn_to_plain(each["text"]["text"]).splitlines()]
    assert sum(ceil(len(line) / PHONE_LINE) for line in lines) <= PHONE_LINES
    assert "And 18 more connections" in str(blocks)
    assert "And 18 more budgets: see `/aicost budget list`" in str(blocks)
    assert "And 18 more balances: see `/aicost balance`" in str(blocks)
