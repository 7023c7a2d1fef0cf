"""Events of the team, the providers and Slack. Each does what the real one would, and the bot
notices by itself."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from providers.money import total
from providers.period import DAY, Period, utc_day
from simulators import faults
from simulators.openai import MANAGEMENT, USAGE
from simulators.providers import SimulatedProviders
from simulators.slack.faults import RATE_LIMITED, Status
from simulators.slack.happenings import archive, unarchive
from simulators.slack.office import ENGINEERING
from simulators.slack.workspace import Workspace

SPIKE = 6.0
SPIKE_LASTS = timedelta(days=2)
BURST = 40.0
BURST_LASTS = timedelta(hours=1)
TOP_UP = Decimal(250)
NEW_MODEL = "gpt-6-preview-2026-11-01"
NEW_MODEL_DOLLARS = 70.0
PRICED_MODEL = "gpt-5-2025-08-07"
PRICE_FACTOR = Decimal("1.4")
RESTATED = 1.18
SLACK_REFUSES = 3
POSTING = "chat.postMessage"


@dataclass(slots=True)
class Scene:
    """What events change, and the running outages."""

    providers: SimulatedProviders
    office: Workspace
    lasting: dict[str, faults.Fault] = field(default_factory=dict)


Doing = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Event:
    """An event; `ends` is set if it lasts until someone ends it."""

    title: str
    says: str
    """Its effect, in a sentence."""
    begins: Doing
    ends: Doing | None = None
    end_title: str = ""


async def _spike(scene: Scene) -> None:
    world = scene.providers.world
    search = world.openai.project("search").project_id
    world.openai.spike(search, SPIKE, world.clock(), SPIKE_LASTS)


async def _burst(scene: Scene) -> None:
    world = scene.providers.world
    search = world.openai.project("search").project_id
    world.openai.spike(search, BURST, world.clock(), BURST_LASTS)


async def _new_model(scene: Scene) -> None:
    world = scene.providers.world
    research = world.openai.project("R&D").project_id
    world.openai.new_model(research, NEW_MODEL, NEW_MODEL_DOLLARS, world.clock())


async def _price(scene: Scene) -> None:
    world = scene.providers.world
    world.openai.change_price(PRICED_MODEL, PRICE_FACTOR, world.clock())


async def _top_up(scene: Scene) -> None:
    scene.providers.world.openrouter.top_up(TOP_UP)


async def _key_limit(scene: Scene) -> None:
    router = scene.providers.world.openrouter
    router.run_into_limit(router.key("coding-agents").key_hash)


async def _key_limit_lifted(scene: Scene) -> None:
    router = scene.providers.world.openrouter
    router.limit_key(router.key("coding-agents").key_hash, None, None)


async def _outage(scene: Scene) -> None:
    if "outage" not in scene.lasting:
        scene.lasting["outage"] = scene.providers.openai.faults.add(faults.outage())


async def _outage_ends(scene: Scene) -> None:
    fault = scene.lasting.pop("outage", None)
    if fault is not None:
        scene.providers.openai.faults.remove(fault)


async def _permission(scene: Scene) -> None:
    server = scene.providers.openai
    server.scopes[server.keys.admin] = {MANAGEMENT}


async def _permission_back(scene: Scene) -> None:
    server = scene.providers.openai
    server.scopes[server.keys.admin] = {USAGE, MANAGEMENT}


async def _restated(scene: Scene) -> None:
    world = scene.providers.world
    world.openai.restate(utc_day(world.clock()) - DAY * 2, RESTATED)


async def _spend_limit(scene: Scene) -> None:
    world = scene.providers.world
    today = utc_day(world.clock())
    a_day = total(world.truth.openai(day) for day in Period(today - DAY * 7, today)) / 7
    world.openai.limit_spend(round(world.openai.month_to_date() + a_day / 4, 2))


async def _spend_limit_lifted(scene: Scene) -> None:
    scene.providers.world.openai.lift_limit()


async def _slack_limits(scene: Scene) -> None:
    scene.office.faults.plan(POSTING, RATE_LIMITED, SLACK_REFUSES)


async def _slack_fails(scene: Scene) -> None:
    scene.office.faults.plan(POSTING, Status(503), SLACK_REFUSES)


async def _archived(scene: Scene) -> None:
    await archive(scene.office, ENGINEERING)


async def _unarchived(scene: Scene) -> None:
    await unarchive(scene.office, ENGINEERING)


EVENTS: Mapping[str, Event] = {
    "spike": Event(
        "Spending spike", "The project “search” spends six times as much for two days.", _spike
    ),
    "burst": Event(
        "Burst of an hour",
        "The project “search” spends forty times as much for one hour.",
        _burst,
    ),
    "model": Event(
        "New model", f"R&D starts to call {NEW_MODEL}, for about $70 a working day.", _new_model
    ),
    "price": Event("Price change", f"{PRICED_MODEL} costs 40% more from now on.", _price),
    "top-up": Event("Top-up", "Someone buys $250 of credit at OpenRouter.", _top_up),
    "key-limit": Event(
        "Key near its limit",
        "Someone limits OpenRouter's key “coding-agents” to just above its spend this month.",
        _key_limit,
        _key_limit_lifted,
        "Lift the key's limit",
    ),
    "outage": Event(
        "Provider outage",
        "OpenAI answers every request with 503 until you end it.",
        _outage,
        _outage_ends,
        "End the outage",
    ),
    "permission": Event(
        "Permission taken away",
        "The OpenAI key may no longer read usage.",
        _permission,
        _permission_back,
        "Give the permission back",
    ),
    "restated": Event(
        "Day restated", "OpenAI corrects the day before yesterday by +18%.", _restated
    ),
    "spend-limit": Event(
        "Spend limit enforced",
        "Someone sets OpenAI's monthly spend limit just above what the month has cost: a few "
        "hours later OpenAI refuses all calls.",
        _spend_limit,
        _spend_limit_lifted,
        "Lift the spend limit",
    ),
    "slack-limit": Event(
        "Slack rate-limits", "Slack refuses the next three posts and asks to wait.", _slack_limits
    ),
    "slack-down": Event(
        "Slack fails", "Slack answers the next three posts with 503.", _slack_fails
    ),
    "archived": Event(
        "Channel archived",
        "Someone archives #engineering: messages for it can't be delivered.",
        _archived,
        _unarchived,
        "Unarchive #engineering",
    ),
}
"""By name. An event that lasts has its own end."""
