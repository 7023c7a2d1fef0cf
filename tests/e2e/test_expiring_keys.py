"""Keys that are in use and expire soon are named in status, digest and doctor, and no others."""

from datetime import time, timedelta
from decimal import Decimal

from bot.access.models import ScopeFilter, VisibilityScope
from bot.cli.checks import check_database
from bot.db.models import DigestSettings
from bot.digests.messages.digest import digest_message
from bot.digests.read import read_digest
from bot.reports.repository import read_expiring_keys
from bot.schedule import EVERY_DAY, Schedule, Slot
from bot.scope import Scope
from simulators.world.openai_team import ProjectKey
from tests.harness import NOW, App


def key_called(app: App, name: str) -> ProjectKey:
    (found,) = [key for key in app.providers.world.openai.keys if key.name == name]
    return found


async def test_a_key_in_use_that_expires_soon_is_named(app: App, sqlite_url: str) -> None:
    """With the day, and what it cost lately; not one that nobody uses, or that lasts for long."""
    key_called(app, "search-prod").expires_at = NOW + timedelta(days=5)
    key_called(app, "support-prod").expires_at = NOW + timedelta(days=60)
    key_called(app, "voice-prod").expires_at = NOW - timedelta(days=1)
    unused = app.providers.world.openai.project("search").project_id
    app.providers.world.openai.keys.append(
        ProjectKey("key_unused", unused, "unused", expires_at=NOW + timedelta(days=2))
    )
    router = app.providers.world.openrouter
    most = max(router.keys, key=lambda key: router.key_usage(key.key_hash))
    most.expires_at = NOW + timedelta(days=13)
    await app.sync()
    status = await app.ask("status")
    (openai,) = [each for each in status["states"] if each["name"] == "openai"]
    (found,) = openai["expiring_keys"]
    assert (found["name"], found["expires_at"]) == ("search-prod", "2026-11-29T15:20:00Z")
    assert Decimal(found["used"]) > 0
    (openrouter,) = [each for each in status["states"] if each["name"] == "openrouter"]
    assert [each["name"] for each in openrouter["expiring_keys"]] == [most.name]
    said = (await app.services.ask("status", NOW)).message
    assert "Key search-prod expires" in str(said.blocks)
    assert "partly up to date" not in str(said.blocks)
    async with app.database.reading() as session:
        part = session.seen_by(VisibilityScope(((ScopeFilter(None, frozenset({"search"})),),)))
        assert await read_expiring_keys(part, NOW) == ()
        slot, terms = Slot(NOW, NOW.date()), Schedule(time(9), EVERY_DAY, "UTC")
        everything = DigestSettings(Scope("all"), "daily", "full", terms)
        digest = digest_message(await read_digest(session, None, everything, slot, NOW))
        found_keys = [each.name for each in await read_expiring_keys(session, NOW)]
        assert found_keys == ["search-prod", most.name]
    assert "OpenAI key *search-prod* expires" in str(digest.blocks)
    assert f"OpenRouter key *{most.name}* expires" in str(digest.blocks)
    checked = await check_database(sqlite_url, NOW, app.services.settings.connections)
    warned = [each for each in checked if "Key" in each.message]
    assert [(each.subject, each.state) for each in warned] == [
        ("connection openai", "warning"), ("connection openrouter", "warning")
    ]  # fmt: skip
    assert warned[0].message == "Key search-prod expires on 2026-11-29 (UTC) and is in use."
