"""The audit trail: written in words, kept for more than a year, let go of after that."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.access.messages import audit_json, audit_line, audit_lines, change_words
from bot.access.repository import AUDIT_KEPT_FOR, Audit
from bot.db.database import Database
from bot.db.models import AuditEntry

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)


def entry(at: datetime, action: str = "budget.changed") -> AuditEntry:
    before = {"target": {"amount": "500"}, "version": 1}
    return AuditEntry(
        at=at,
        actor="U1",
        action=action,
        target="budget #3",
        before=before,
        after={**before, "target": {"amount": "6"}},
    )


def test_changes_are_put_in_words() -> None:
    """What changed is written, from what to what; bookkeeping is not."""
    assert change_words(entry(NOW)) == "changed budget 3: amount 500 → 6"
    made = AuditEntry(
        at=NOW, actor="U1", action="budget.set", target="budget #3", after={"amount": "1"}
    )
    assert change_words(made) == "set budget 3"
    low = {"target": {"dollars": "20"}, "scope": {"kind": "provider", "name": "openrouter"}}
    alert = AuditEntry(at=NOW, actor="U1", action="budget.set", target="budget #3", after=low)
    assert change_words(alert) == "set low-balance alert (OpenRouter)"
    unheard = AuditEntry(at=NOW, actor="U1", action="odd.thing", target="x")
    assert change_words(unheard) == "odd.thing x"


def test_slack_shows_channels_and_people_by_name() -> None:
    """Never an id of Slack; what only looks like one, as a project may, stays text."""
    change = AuditEntry(
        at=NOW,
        actor="U0MEMBER",
        action="budget.changed",
        target="alerts in C0COSTS",
        before={"channel": "C0COSTS", "mentions": [], "name": "a"},
        after={"channel": "C0OTHER", "mentions": ["U0ADMIN"], "name": "U0PROJECT"},
    )
    shown = audit_line(change)
    assert "<@U0MEMBER> changed alerts in <#C0COSTS>: " in shown
    assert "channel <#C0COSTS> → <#C0OTHER>" in shown
    assert '["<@U0ADMIN>"]' in shown
    assert "name a → U0PROJECT" in shown


def test_people_read_a_line_and_programs_every_field() -> None:
    """A line for people; every field for programs."""
    assert audit_lines([entry(NOW)]) == [
        "2026-11-24 15:20:00 UTC  U1  changed budget 3: amount 500 → 6"
    ]
    (reported,) = audit_json([entry(NOW)])
    assert reported["at"] == "2026-11-24T15:20:00Z"
    assert set(reported) == {"at", "actor", "action", "target", "before", "after"}


async def test_kept_for_more_than_a_year(database: Database) -> None:
    """After a year every change is still there; what is older than 400 days goes."""
    assert timedelta(days=366) < AUDIT_KEPT_FOR
    audit = Audit(database)
    for days in (0, 366, 399, 401):
        await audit.record(entry(NOW - timedelta(days=days)))
    await audit.drop_old(NOW)
    kept = await audit.entries(NOW - timedelta(days=1000))
    assert sorted((NOW - each.at).days for each in kept) == [0, 366, 399]
    assert len(await audit.entries(NOW - timedelta(days=1000), 2)) == 2


@pytest.mark.parametrize("word", ["x" * 5000, "<!channel>"])
def test_long_values_are_shortened(word: str) -> None:
    """A value from outside is shortened where it is long; escaping is for what shows it."""
    change = entry(NOW)
    change.before, change.after = {"name": "a"}, {"name": word}
    assert len(change_words(change)) < 200
