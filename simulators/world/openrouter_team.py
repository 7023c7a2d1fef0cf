"""The made-up team at OpenRouter: its workspaces, keys, and what each calls."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from providers.period import Period, midnight, utc_day
from simulators.world.rhythm import Rhythm, made_up_id
from simulators.world.usage import MILLION, Meter, Stream

Reset = Literal["daily", "weekly", "monthly"]


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace; the first of the team's is the default one."""

    workspace_id: str
    name: str
    slug: str


@dataclass(slots=True)
class RouterKey:
    """An inference key as the directory has it."""

    key_hash: str
    workspace_id: str
    name: str
    label: str
    created_at: datetime
    is_disabled: bool = False
    expires_at: datetime | None = None
    limit: Decimal | None = None
    limit_reset: Reset | None = None
    is_deleted: bool = False
    user_id: str | None = None
    """Who created it, and so whose its costs are; None: nobody that analytics knows."""


@dataclass(slots=True)
class Member:
    """A user, with the name that analytics shows now."""

    user_id: str
    name: str
    email: str
    is_member: bool = True
    """False: left the organization. No list has them any more; their spend stays."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is served, and its permanent name."""

    endpoint_id: str
    permaslug: str
    provider_name: str


@dataclass(frozen=True, slots=True)
class Team:
    """Who spends what. `byok` holds the streams that run on the team's own provider keys."""

    workspaces: tuple[Workspace, ...]
    keys: tuple[RouterKey, ...]
    users: tuple[Member, ...]
    streams: tuple[Stream, ...]
    byok: frozenset[str]
    endpoints: dict[str, Endpoint]


def window_of(reset: Reset, today: date) -> Period:
    """Return the UTC day, Monday-to-Sunday week or calendar month that `today` is in."""
    if reset == "daily":
        return Period.of_day(today)
    return Period.of_week(today) if reset == "weekly" else Period.of_month(today)


def router_meters(prompt: float, completion: float, prices: tuple[str, str]) -> tuple[Meter, ...]:
    """Prompt and completion tokens, in millions a day, at prices a million."""
    return (
        Meter("prompt", Decimal(prices[0]) / MILLION, prompt * MILLION),
        Meter("completion", Decimal(prices[1]) / MILLION, completion * MILLION),
    )


def build_team(seed: str, start: datetime) -> Team:
    """The team as it is on the UTC day of `start`, with what it did before: its past does not
    depend on the hour."""
    start = midnight(utc_day(start))

    def workspace(name: str, slug: str) -> Workspace:
        raw = made_up_id(seed, f"workspace/{slug}", 32)
        return Workspace(_uuid(raw), name, slug)

    default, product = workspace("Default Workspace", "default"), workspace("Product", "product")
    labs = workspace("Labs", "labs")

    def key(owner: Workspace, name: str) -> RouterKey:
        key_hash = made_up_id(seed, f"{owner.slug}/{name}", 64)
        return RouterKey(
            key_hash,
            owner.workspace_id,
            name,
            f"sk-or-v1-{key_hash[:3]}...{key_hash[-3:]}",
            start - timedelta(days=400),
        )

    ci, agents, chat = key(default, "ci"), key(product, "coding-agents"), key(product, "chat")
    labs_ci, hackday, contractor = key(labs, "ci"), key(labs, "hackday"), key(default, "contractor")
    chat.limit, chat.limit_reset = Decimal(600), "monthly"
    labs_ci.limit, labs_ci.limit_reset = Decimal(25), "weekly"
    users = tuple(
        Member(f"user_{made_up_id(seed, email, 26)}", name, email, is_member)
        for name, email, is_member in (
            ("Noor Haddad", "noor@fernhill.example", True),
            ("Alex Kim", "alex@fernhill.example", True),
            ("Alex Kim", "kim@fernhill.example", True),
            ("Rui Costa", "rui@contractor.example", False),
            ("sam@fernhill.example", "sam@fernhill.example", True),
        )
    )
    owned = (agents, ci, labs_ci, contractor, hackday)
    for each, user in zip(owned, users, strict=True):
        each.user_id = user.user_id
    hackday.is_disabled = True
    contractor.expires_at = start - timedelta(days=40)

    byok = set()
    endpoints = {}

    def stream(
        owner: tuple[Workspace, RouterKey | None],
        model: str,
        provider: str,
        meters: tuple[Meter, ...],
        rhythm: Rhythm = "office",
        growth: float = 0.001,
        until: timedelta | None = None,
        is_byok: bool = False,
    ) -> Stream:
        place, caller = owner
        stream_id = f"{place.slug}/{caller.name if caller else 'chatroom'}/{model}/{provider}"
        endpoints[stream_id] = Endpoint(
            _uuid(made_up_id(seed, f"endpoint/{model}/{provider}", 32)),
            f"{model}-{'2026' if 'claude' in model else '2025'}0514",
            provider,
        )
        if is_byok:
            byok.add(stream_id)
        return Stream(
            stream_id=stream_id,
            model=model,
            meters=meters,
            rhythm=rhythm,
            growth=growth,
            owner=place.workspace_id,
            key=caller.key_hash if caller else None,
            until=start - until if until else None,
        )

    sonnet, opus = "anthropic/claude-sonnet-4.5", "anthropic/claude-opus-4.5"
    flash, deepseek = "google/gemini-2.5-flash", "deepseek/deepseek-chat-v3.1"
    streams = (
        stream((product, agents), sonnet, "Anthropic", router_meters(3.4, 0.36, ("3", "15"))),
        stream((product, agents), sonnet, "Amazon Bedrock", router_meters(0.5, 0.05, ("3", "15"))),
        stream((product, agents), opus, "Anthropic", router_meters(0.35, 0.04, ("5", "25"))),
        stream(
            (product, chat),
            flash,
            "Google",
            router_meters(9.0, 1.1, ("0.3", "2.5")),
            rhythm="always",
            growth=0.002,
        ),
        stream(
            (product, chat),
            flash,
            "Google Vertex",
            router_meters(6.0, 0.8, ("0.3", "2.5")),
            rhythm="always",
            is_byok=True,
        ),
        stream(
            (default, ci),
            deepseek,
            "DeepInfra",
            router_meters(6.5, 0.9, ("0.2795", "0.8905")),
            rhythm="nightly",
        ),
        stream(
            (labs, labs_ci), deepseek, "DeepInfra", router_meters(2.0, 0.3, ("0.2795", "0.8905"))
        ),
        stream(
            (labs, labs_ci),
            "openai/gpt-5-mini",
            "OpenAI",
            router_meters(2.5, 0.3, ("0.25", "2")),
            is_byok=True,
        ),
        stream(
            (labs, hackday),
            "meta-llama/llama-3.3-70b-instruct:free",
            "Together",
            router_meters(1.0, 0.2, ("0", "0")),
            until=timedelta(days=12),
        ),
        stream(
            (default, contractor),
            opus,
            "Anthropic",
            router_meters(0.4, 0.05, ("5", "25")),
            until=timedelta(days=40),
        ),
        stream((default, None), sonnet, "Anthropic", router_meters(0.12, 0.02, ("3", "15"))),
    )
    keys = (ci, contractor, agents, chat, labs_ci, hackday)
    return Team((default, product, labs), keys, users, streams, frozenset(byok), endpoints)


def _uuid(raw: str) -> str:
    return f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-a{raw[17:20]}-{raw[20:32]}"
