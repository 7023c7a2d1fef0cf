"""xAI in the whole product: spend by model, and what is left while a month runs."""

from datetime import date, timedelta
from decimal import Decimal

from providers.money import plain
from simulators.provider_server import serve_provider
from simulators.quirks import Quirks
from simulators.xai import XAIServer
from tests.harness import Harness


async def test_spend_and_balance_are_the_truth(simulators: Harness) -> None:
    """The month is right to the nano and the balance to the cent; a used-up balance isn't doubted
    though use goes on, since xAI bills the rest."""
    others = {"OPENAI_ADMIN_KEY": None, "OPENROUTER_MANAGEMENT_KEY": None}
    async with (
        serve_provider(XAIServer(simulators.providers.world, Quirks())) as server,
        simulators.app(**{**others, **server.environment}) as app,
    ):
        await app.sync_nothing_before(date(2026, 11, 1))
        answer = await app.ask("xai mtd by model")
        (found,) = answer["connections"]
        assert (found["status"], found["missing_days"]) == ("ok", [])
        assert found["used"] == plain(server.account.used(server.account.month))
        assert found["left"] == plain(server.account.left)
        assert {row["name"] for row in answer["breakdown"]["rows"]} == {
            *("grok-4 output tokens", "grok-4 input tokens", "live search")
        }
        account = server.account
        account.purchases = [(app.clock(), account.bought - account.left)]
        for _ in range(2):
            app.clock.advance(timedelta(hours=2))
            await app.sync()
        answer = await app.ask("balance")
        assert Decimal(answer["connections"][0]["left"]) == 0
        assert "billed up to the spending limit" in str(answer["earliest_stop"])
