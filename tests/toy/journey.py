"""The whole product on a provider that it doesn't know: started by test_toy_provider.py, with the
toy's folder among the providers."""

import asyncio
import csv
import io
import tempfile
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.cli.doctor import finding_lines, is_healthy, run_checks
from bot.cli.init import NO_PROVIDER
from bot.config.environment import SettingsError
from bot.home.views.onboarding import guide
from providers import catalog
from providers.money import total
from providers.period import DAY
from simulators.clock import DemoClock
from simulators.slack.office import COSTS, MANAGER, MEMBER
from tests.harness import NOW, Harness, start
from tests.quick import QUICK
from tests.webhook.receiver import SECRET, Receiver, receiving

TOKEN = "acme-billing-token-7Kq2"
RETIRED = web.AppKey("retired", bool)


@dataclass(slots=True)
class Credit:
    """What the account has left."""

    left: Decimal


CREDIT = web.AppKey("credit", Credit)
DOLLARS = Decimal("12.345678901")
TODAY = NOW.date()


async def spend(request: web.Request) -> web.Response:
    """Two rows for each day asked for; nothing once the token is retired."""
    if request.app[RETIRED]:
        error = {"message": "Token retired", "code": "token_retired"}
        return web.json_response({"error": error}, status=400)
    assert request.headers["X-Acme-Token"] == TOKEN
    assert request.headers["acme-version"] == "7"
    assert "Authorization" not in request.headers
    first, end = (date.fromisoformat(request.query[name]) for name in ("from", "to"))
    days = [first + DAY * n for n in range((end - first).days)]
    return web.json_response(
        {
            "rows": [
                {"day": f"{day}", "team": team, "model": model, "dollars": str(DOLLARS)}
                for day in days
                for team, model in (("rockets", "acme-large"), ("anvils", "acme-small"))
            ]
        }
    )


async def people(request: web.Request) -> web.Response:
    """Of each day, half is Wile's."""
    first, end = (date.fromisoformat(request.query[name]) for name in ("from", "to"))
    days = [first + DAY * n for n in range((end - first).days)]
    wile = {"login": "u-7", "name": "Wile E.", "dollars": str(DOLLARS)}
    return web.json_response({"rows": [{"day": f"{day}", **wile} for day in days]})


async def credit(request: web.Request) -> web.Response:
    """What is left."""
    return web.json_response({"left": str(request.app[CREDIT].left)})


async def cap(_: web.Request) -> web.Response:
    """Nearly used up."""
    return web.json_response({"dollars": "700", "used": "690"})


async def journey(folder: Path) -> None:
    """Every promise once."""
    app = web.Application()
    answers = {"/spend": spend, "/people": people, "/credit": credit, "/cap": cap}
    app.add_routes([web.get(path, answer) for path, answer in answers.items()])
    app[RETIRED], app[CREDIT] = False, Credit(Decimal(500))
    clock = DemoClock(NOW)

    async def date_of_clock(_: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(clock(), usegmt=True)

    app.on_response_prepare.append(date_of_clock)
    others = {kind.key_variable: None for kind in catalog.ALL}
    async with TestServer(app) as server, receiving() as receiver:
        own = {"ACME_TOKEN": TOKEN, "ACME_URL": str(server.make_url("")).rstrip("/")}
        own |= {"AICOST_WEBHOOK_URL": receiver.url, "AICOST_WEBHOOK_SECRET": SECRET}
        async with start(folder, clock, {**others, **own}) as harness:
            await terminal(harness)
            async with harness.run():
                await slack(harness)
                await files(harness)
                await prepaid(harness, app[CREDIT])
            events(receiver)
            await doctor(harness, folder)
            app[RETIRED] = True
            await refused(harness)
            said_where_nothing_is_set(harness)


async def terminal(harness: Harness) -> None:
    """Sync and ask."""
    month = DOLLARS * 2 * TODAY.day
    async with harness.app() as app:
        report = await app.sync()
        assert not report.has_faults, report
        answer = await app.ask("acme mtd by model")
        assert Decimal(answer["used"]["total"]) == month
        assert {row["name"]: Decimal(row["used"]) for row in answer["breakdown"]["rows"]} == {
            "acme-large": month / 2,
            "acme-small": month / 2,
        }
        (row,) = (await app.ask("mtd by key"))["breakdown"]["rows"]
        assert (row["name"], Decimal(row["used"])) == ("(unattributed)", month)
        rows = (await app.ask("mtd by user"))["breakdown"]["rows"]
        assert [(row["name"], row["id"]) for row in rows] == [
            ("Wile E.", "u-7"),
            ("(unattributed)", None),
        ]
        assert [Decimal(row["used"]) for row in rows] == [month / 2, month / 2]
        (connection,) = (await app.ask("status"))["connections"]
        assert (connection["provider"], connection["status"]) == ("acme", "ok")
        (connection,) = (await app.ask("balance"))["connections"]
        assert Decimal(connection["left"]) == Decimal(500)
        a_day = Decimal(700) * 12 / 365  # the cap lets no more through
        days_left = date.fromisoformat(connection["runs_out_on"]) - TODAY
        assert abs(days_left / DAY - float(500 / a_day)) <= 1


async def slack(harness: Harness) -> None:
    """Answers, a budget, its alert and the limit's, a digest, and Home."""
    assert "Acme AI" in await harness.ask("")
    assert "rockets" in await harness.ask("by project")
    for words in ("limits", "status", "statement last month", "last week vs this week by provider"):
        assert "Acme AI" in await harness.ask(words), words
    assert "Acme AI: fleet cap" in await harness.ask("acme")
    await harness.slack.say(MANAGER, COSTS, "/aicost budget set acme 500 monthly")
    await harness.advance(hours=2)
    posted = harness.shown()
    assert "Acme AI budget" in posted
    assert "Acme AI: fleet cap" in posted
    assert "Acme AI slows every request down" in posted
    await harness.slack.say(MANAGER, COSTS, "/aicost digest on 09:00 daily UTC")
    before = len(harness.posted())
    await harness.advance(hours=15, minutes=41)
    (digest,) = harness.posted()[before:]
    assert "Acme AI" in str(digest.blocks)
    assert "Acme AI" in await harness.home()


async def files(harness: Harness) -> None:
    """The charges in FOCUS columns, and a statement as a table and a page."""
    await harness.ask("export acme last month")
    await harness.ask("export statement last month")
    charges, table, page = harness.slack.person(MEMBER).files
    month = DOLLARS * 2 * 31
    rows = list(csv.DictReader(io.StringIO(charges.content.decode())))
    assert total(Decimal(row["EffectiveCost"]) for row in rows) == month
    assert {(row["ServiceProviderName"], row["x_Connection"]) for row in rows} == {
        ("Acme AI", "acme")
    }
    assert {row["SubAccountId"] for row in rows} == {"rockets", "anvils"}
    lines = list(csv.DictReader(io.StringIO(table.content.decode(), newline="")))
    used = [row for row in lines if row["Line"] == "used total" and row["Connection"] == "acme"]
    assert [Decimal(row["Amount"]) for row in used] == [month]
    assert "Acme AI" in page.content.decode()


async def prepaid(harness: Harness, account: Credit) -> None:
    """By its users, its credit and runway, and the alert before it runs out."""
    assert "Wile E." in await harness.ask("by user", MANAGER)
    assert "Acme AI: $500" in await harness.ask("balance")
    await harness.slack.say(MANAGER, COSTS, "/aicost budget set acme left 100")
    account.left = Decimal(90)
    before = len(harness.posted())
    await harness.advance(hours=2)
    (alert,) = harness.posted()[before:]
    said = str(alert.blocks)
    assert "Acme AI" in said
    assert "$90" in said
    assert "Acme AI sends every answer by mail until you add credit" in said
    assert "https://acme.example/credit" in said
    account.left = Decimal(5000)
    await harness.advance(hours=2)
    ended = str([each.blocks for each in harness.slack.channel(COSTS).messages])
    assert "Acme AI was topped up" in ended


def events(receiver: Receiver) -> None:
    """Its budget, its limit and its low balance were sent to the webhook, and the digest."""
    sent = [each.event for each in receiver.sent]
    opened = [each["data"] for each in sent if each["type"] == "aicost.alert.opened"]
    facts = {each["kind"]: each["facts"] for each in opened}
    assert set(facts) == {"budget", "limit", "low_balance"}
    assert facts["budget"]["scope"]["name"] == "acme"
    assert facts["limit"]["consequence"] == "Acme AI slows every request down"
    assert facts["low_balance"]["connection"] == "acme"
    digests = [each["data"] for each in sent if each["type"] == "aicost.digest"]
    assert [[one["name"] for one in each["connections"]] for each in digests] == [["acme"]]
    assert "aicost.alert.resolved" in {each["type"] for each in sent}


async def doctor(harness: Harness, folder: Path) -> None:
    """What the operator reads, with the token and without."""
    (folder / ".env").write_text(
        "".join(f"{name}={value}\n" for name, value in harness.variables.items())
    )
    found = await run_checks(folder, harness.clock, QUICK)
    lines = "\n".join(line for finding in found for line in finding_lines(finding))
    assert is_healthy(found), lines
    assert "The billing token works." in lines


async def refused(harness: Harness) -> None:
    """What failed, and the provider's own remedy; earlier figures stay."""
    async with harness.app() as app:
        report = await app.sync()
        assert report.has_faults
        (connection,) = (await app.ask("status"))["connections"]
        assert connection["status"] == "stale"
        assert "Acme AI answered 400" in connection["reason"]
        assert "Make a token at acme.example/tokens." in connection["reason"]
        assert connection["used"] is not None


def said_where_nothing_is_set(harness: Harness) -> None:
    """The words of a first start name it, its variable and where its key is made."""
    try:
        harness.settings(ACME_TOKEN=None)
    except SettingsError as error:
        (problem,) = error.problems
        assert "ACME_TOKEN" in problem.what
        assert "ACME_TOKEN takes a billing token, made at acme.example/tokens." in problem.remedy
    else:
        raise AssertionError("no provider is needed")
    assert "Acme AI" in NO_PROVIDER
    assert "ACME_TOKEN" in str(guide(frozenset()))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(journey(Path(name)))
