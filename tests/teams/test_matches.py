"""Whose provider users are whose, as stored and as the file says."""

from datetime import UTC, datetime

from bot.db.database import Database
from bot.db.models import UserMatch
from bot.db.session import upsert_rows
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.repository import LedgerRepository
from bot.teams.matching import load_matches
from bot.teams.models import AllocationRule, Match, Teams, whole, with_matches
from providers.models import Name
from tests.conftest import BOTH_DATABASES

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def rule(connection: str | None, name: str, slack_id: str) -> AllocationRule:
    return AllocationRule(connection, "user", name, whole(slack_id), "person 1")


@BOTH_DATABASES
async def test_stored_matches_are_used(database: Database) -> None:
    """A later result replaces one; who wasn't found and other connections are left out. Without the
    breakdown by user they are gone."""
    for users in ({"u1": "UOLD", "u2": None, "u3": "UCAT"}, {"u1": "UANN"}):
        rows = [
            {"connection": "openai", "user_id": user, "slack_id": slack, "checked_at": NOW}
            for user, slack in users.items()
        ]
        async with database.writing() as session:
            await upsert_rows(session.transaction, UserMatch, rows)
    async with database.writing() as session:
        await LedgerRepository(session).merge_names("openai", [Name("user", "u3", "Cat")])
    database.person_costs = Teams(("UBOSS",), (rule(None, "cat", "UBOSS"),))
    await load_matches(database)
    assert database.for_people().person_costs.names == ("UBOSS", "UANN")
    async with database.writing() as session:
        await ChargeWriter(session).forget_breakdown("openai", "user")
    await load_matches(database)
    assert database.person_costs.names == ("UBOSS",)


def test_the_file_goes_before_a_match() -> None:
    """By id or name, for its connection or any. Other users of the same person are added."""
    matches = [
        Match("openai", "u1", "Ann", "UANN"),
        Match("openai", "U2", None, "UANN"),
        Match("anthropic", "u1", "ann", "UANN"),
    ]

    def taken(*rules: AllocationRule) -> list[tuple[str | None, str]]:
        people = with_matches(Teams(("UBOSS",), rules), matches)
        assert people.names[0] == "UBOSS"
        return [(each.connection, each.name) for each in people.rules[len(rules) :]]

    assert taken() == [("openai", "u1"), ("openai", "u2"), ("anthropic", "u1")]
    assert taken(rule(None, "ann", "UBOSS")) == [("openai", "u2")]
    assert taken(rule("openai", "u1", "UBOSS")) == [("openai", "u2"), ("anthropic", "u1")]
    assert taken(rule(None, "u2", "UBOSS")) == [("openai", "u1"), ("anthropic", "u1")]
