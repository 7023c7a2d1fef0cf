"""`aicost audit`."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.access.repository import Audit
from bot.db.database import open_database
from bot.db.models import AuditEntry
from tests.e2e.conftest import Cli

KEY = {"OPENAI_ADMIN_KEY": "sk-admin-not-a-real-key"}


async def test_it_says_who_changed_what(cli: Cli, tmp_path: Path) -> None:
    """Lines or JSON, newest first, from a day on; without Slack, and before any change was made."""
    url = f"sqlite:///{tmp_path}/aicost.db"
    empty = await cli("audit", DATABASE_URL=url, **KEY)
    assert (empty.code, empty.out) == (0, "No changes yet.\n")
    now = datetime.now(UTC)
    database = await open_database(url, (), now)
    for days, target in ((30, "budget #1"), (0, "budget #2")):
        entry = AuditEntry(
            at=now - timedelta(days=days), actor="U1", action="budget.set", target=target
        )
        await Audit(database).record(entry)
    await database.close()
    shown = await cli("audit", DATABASE_URL=url, **KEY)
    assert [line.split("  ")[2] for line in shown.out.splitlines()] == [
        "set budget 2",
        "set budget 1",
    ]
    since = f"{now - timedelta(days=2):%Y-%m-%d}"
    narrow = await cli("audit", "--json", "--since", since, DATABASE_URL=url, **KEY)
    (only,) = json.loads(narrow.out)
    assert only["target"] == "budget #2"
    wrong = await cli("audit", "--since", "yesterday", DATABASE_URL=url, **KEY)
    assert wrong.code == 2
