"""The made-up team at OpenAI: its projects, keys, and what each calls.

The line items are written as OpenAI's costs endpoint writes them:
``[<surface> | ]<model>[ <modality>], <component>``, or a service phrase.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from providers.period import midnight, utc_day
from simulators.world.rhythm import Rhythm, made_up_id
from simulators.world.usage import MILLION, Meter, Stream

ORGANIZATION_ID = "org-Q7vNw2dEo0simulated"
ORGANIZATION_NAME = "Fernhill Instruments"


@dataclass(slots=True)
class Project:
    """A project as the directory has it; `name` may change."""

    project_id: str
    name: str
    created_at: datetime
    archived_at: datetime | None = None


@dataclass(slots=True)
class ProjectKey:
    """A project's API key. A deleted one is in no list, but spent what it spent."""

    key_id: str
    project_id: str
    name: str
    is_deleted: bool = False
    has_active_owner: bool = True
    expires_at: datetime | None = None
    user_id: str | None = None
    """None: a service account."""


@dataclass(slots=True)
class User:
    """A user of the organization as the directory has one."""

    user_id: str
    name: str | None
    email: str


@dataclass(frozen=True, slots=True)
class Team:
    """Who spends how much on what."""

    projects: tuple[Project, ...]
    keys: tuple[ProjectKey, ...]
    users: tuple[User, ...]
    streams: tuple[Stream, ...]


def tokens(
    model: str, millions: tuple[float, float, float], prices: tuple[str, str, str], words: str = ""
) -> tuple[Meter, ...]:
    """Meters for input, cached input and output tokens, in millions a day, at prices a million."""
    label = f"{model} {words}".strip()
    return tuple(
        Meter(f"{label}, {component}", Decimal(price) / MILLION, amount * MILLION)
        for component, amount, price in zip(
            ("input", "cached input", "output"), millions, prices, strict=True
        )
        if amount
    )


def build_team(seed: str, start: datetime) -> Team:
    """The team as it is on the UTC day of `start`, with what it did before: its past does not
    depend on the hour."""
    start = midnight(utc_day(start))
    year_ago = start - timedelta(days=420)

    def project(name: str, archived_at: datetime | None = None) -> Project:
        return Project(f"proj_{made_up_id(seed, name, 24)}", name, year_ago, archived_at)

    search, support, voice = project("search"), project("support-assistant"), project("voice")
    marketing, research = project("Marketing images"), project("R&D")
    prototype = project("legacy-prototype", archived_at=start - timedelta(days=118))

    def key(owner: Project, name: str) -> ProjectKey:
        key_id = f"key_{made_up_id(seed, owner.name + name, 16)}"
        return ProjectKey(key_id, owner.project_id, name)

    search_prod, search_index = key(search, "search-prod"), key(search, "indexer")
    support_prod, voice_prod = key(support, "support-prod"), key(voice, "voice-prod")
    marketing_key, research_key = key(marketing, "studio"), key(research, "notebooks")
    eval_key, old_key = key(research, "evals-ci"), key(prototype, "prototype")
    research_key.has_active_owner = False
    old_key.is_deleted = True
    users = tuple(
        User(f"user-{made_up_id(seed, email, 24)}", name, email)
        for name, email in (
            ("Ines Duarte", "ines@fernhill.example"),
            (None, "kai@fernhill.example"),
            ("lee@fernhill.example", "lee@fernhill.example"),
        )
    )
    research_key.user_id, eval_key.user_id, marketing_key.user_id = (u.user_id for u in users)

    def stream(
        owner: ProjectKey | None,
        model: str,
        meters: tuple[Meter, ...],
        rhythm: Rhythm = "office",
        growth: float = 0.001,
        since: timedelta | None = None,
        until: timedelta | None = None,
    ) -> Stream:
        name = f"{owner.key_id if owner else 'organization'}/{meters[0].name}"
        return Stream(
            stream_id=name,
            model=model,
            meters=meters,
            rhythm=rhythm,
            growth=growth,
            owner=owner.project_id if owner else None,
            key=owner.key_id if owner else None,
            since=start - since if since else None,
            until=start - until if until else None,
        )

    gpt_5, mini = "gpt-5-2025-08-07", "gpt-5-mini-2025-08-07"
    nano, small = "gpt-5-nano-2025-08-07", "gpt-4o-mini-2024-07-18"
    audio, image = "gpt-audio-mini-2025-12-15", "gpt-image-2-2026-04-21"
    streams = (
        stream(search_prod, gpt_5, tokens(gpt_5, (14.0, 9.0, 2.1), ("1.25", "0.12375", "10"))),
        stream(search_prod, mini, tokens(mini, (30.0, 11.0, 4.2), ("0.25", "0.02475", "2"))),
        stream(
            search_index,
            "text-embedding-3-small",
            tokens("text-embedding-3-small", (160.0, 0, 0), ("0.0195", "0", "0")),
            rhythm="nightly",
        ),
        stream(
            search_prod,
            "web search tool calls",
            (Meter("web search tool calls", Decimal("0.01"), 310, None),),
        ),
        stream(
            support_prod,
            mini,
            tokens(mini, (52.0, 40.0, 6.5), ("0.25", "0.02475", "2")),
            rhythm="always",
            growth=0.0016,
        ),
        stream(
            support_prod,
            "assistants api | file search",
            (Meter("assistants api | file search", Decimal("0.0025"), 900, None),),
            rhythm="always",
            until=timedelta(days=90),
        ),
        stream(
            support_prod,
            nano,
            tokens(nano, (2.5, 0, 0), ("0", "0", "0")),  # complimentary tokens: used, and free
        ),
        stream(
            voice_prod,
            audio,
            (
                *tokens(audio, (1.4, 0.2, 0.5), ("10", "0.3125", "20"), "audio"),
                *tokens(audio, (3.0, 0, 1.1), ("0.6", "0", "2.4"), "text"),
            ),
            rhythm="always",
            since=timedelta(days=200),
            growth=0.003,
        ),
        stream(
            marketing_key,
            image,
            tokens(image, (0.9, 0.1, 0.32), ("8", "1.9875", "30"), "image"),
            since=timedelta(days=210),
        ),
        stream(research_key, gpt_5, tokens(gpt_5, (6.0, 1.0, 0.9), ("1.25", "0.12375", "10"))),
        stream(
            eval_key,
            gpt_5,
            tokens(f"evals | {gpt_5}", (120.0, 0, 14.0), ("1.25", "0", "10")),
            rhythm="month end",
        ),
        stream(
            eval_key,
            small,
            tokens(f"evals | {small}", (8.0, 2.0, 1.5), ("0.15", "0.07425", "0.6")),
            rhythm="nightly",
        ),
        stream(
            research_key,
            "ft-gpt-4o-2024-08-06",
            tokens("ft-gpt-4o-2024-08-06", (1.6, 0, 0.4), ("3.75", "0", "15")),
            growth=-0.001,
        ),
        stream(
            old_key,
            small,
            tokens(small, (40.0, 0, 5.0), ("0.15", "0.075", "0.6")),
            until=timedelta(days=118),
        ),
        stream(
            None,
            gpt_5,
            tokens(gpt_5, (1.1, 0.3, 0.2), ("1.25", "0.12375", "10")),
            rhythm="always",
        ),
    )
    return Team(
        (search, support, voice, marketing, research, prototype),
        (
            search_prod,
            search_index,
            support_prod,
            voice_prod,
            marketing_key,
            research_key,
            eval_key,
            old_key,
        ),
        users,
        streams,
    )
