"""The modal of a channel's digest, and its submission."""

from collections.abc import Mapping
from typing import Any, get_args

from bot.budgets.views.scopes import ALL, scope_of, scope_select
from bot.db.models import Depth, DigestSubscription
from bot.digests.messages.digest import PAUSE
from bot.digests.models import rhythm_of
from bot.language.build_digests import DEFAULT_TIME
from bot.language.commands import DigestOn, Incomplete, Rhythm
from bot.language.time_zones import UTC_NAME, is_zone, zones_by_continent
from bot.reports.choices import Options
from bot.schedule import EVERY_DAY, MONDAYS, WEEKDAYS
from bot.scope import Scope, ScopeKind
from bot.slack.blocks import Element, actions, button, context
from bot.slack.fields import (
    Option,
    channel,
    checkboxes,
    clock,
    field,
    form,
    grouped_select,
    radio,
    select,
)
from bot.slack.forms import FormErrors, Submission
from bot.slack.message import Block
from providers.period import DAY_NAMES

DIGEST_FORM = "aicost.digest.form"
PREVIEW_DIGEST = "aicost.digest.preview"
SEARCH_DIGEST = "aicost.digest.scope"

SCOPE = "scope"
RHYTHM = "rhythm"
DAYS = "days"
AT = "at"
ZONE = "zone"
DEPTH = "depth"
SETTLED_BY = "settled_by"
CHANNEL = "channel"
OFF = "off"
KINDS: tuple[ScopeKind, ...] = ("all", "provider", "connection", "project", "channel")
_RHYTHMS: Mapping[Rhythm, str] = {
    "daily": "Every day",
    "weekdays": "Monday to Friday",
    "days": "On the days chosen below",
    "weekly": "Once a week (choose a day below; default Monday)",
    "monthly": "Once a month, after its figures have settled",
}
_DEPTHS: Mapping[Depth, str] = {
    "full": "Full: with a chart and the top models",
    "short": "Short: a few lines",
}


def digest_view(
    choices: Options,
    where: str | None,
    zone: str,
    plan: DigestSubscription | None,
    prefill: Incomplete | None = None,
) -> dict[str, Any]:
    """Return the modal of a new digest, or of an existing one, whose number is the
    `private_metadata`; filled with `prefill`."""
    settings = plan.settings if plan else None
    typed = prefill or Incomplete("digest", "", ("", ""))
    rhythm = typed.rhythm or (rhythm_of(plan.settings) if plan else "weekdays")
    scope = typed.scope or (settings.scope if settings else Scope("all"))
    where = typed.channel or where
    zone = settings.schedule.zone if settings and not typed.zone else _known(typed.zone or zone)
    at = typed.at or (settings.schedule.at if settings else DEFAULT_TIME)
    is_kept = plan and rhythm == rhythm_of(plan.settings) and rhythm in ("days", "weekly")
    days = typed.weekdays or (settings.schedule.days if settings and is_kept else frozenset())
    return form(
        DIGEST_FORM,
        "Digest",
        "Save digest",
        [
            field(
                CHANNEL,
                "Channel",
                channel(plan.channel if plan else where),
                hint="You and the app must be in this channel.",
            ),
            field(
                SCOPE,
                "What it covers",
                scope_select(choices, KINDS, SEARCH_DIGEST, scope, plan.channel if plan else where),
            ),
            field(
                RHYTHM,
                "How often",
                select([Option(words, value) for value, words in _RHYTHMS.items()], rhythm),
            ),
            field(
                DAYS,
                "Days",
                checkboxes(
                    [Option(name, str(day)) for day, name in enumerate(DAY_NAMES)],
                    map(str, sorted(days)),
                ),
                optional=True,
            ),
            field(AT, "Time", clock(f"{at:%H:%M}")),
            field(
                ZONE,
                "Time zone",
                grouped_select(_zones(), zone),
            ),
            field(
                DEPTH,
                "Length",
                radio(
                    [Option(words, value) for value, words in _DEPTHS.items()],
                    settings.depth if settings else "full",
                ),
            ),
            field(
                SETTLED_BY,
                "Wait for settled figures until",
                clock(f"{settings.settled_by:%H:%M}" if settings and settings.settled_by else None),
                hint="Leave empty to post on time with the figures known then.",
                optional=True,
            ),
            *([] if plan is None else [_off_field()]),
            actions([button("Preview the digest", PREVIEW_DIGEST, "preview"), *_pause(plan)]),
            context(["Spend is by UTC day. The time is in the time zone above."]),
        ],
        metadata=str(plan.id) if plan else "",
    )


def _pause(plan: DigestSubscription | None) -> list[Element]:
    if plan is None or plan.is_managed or plan.next_due_at is None:
        return []
    return [button("Pause digest", PAUSE, str(plan.id))]


def _off_field() -> Block:
    return field(
        OFF,
        "Or turn this digest off",
        checkboxes([Option("Turn this digest off", OFF)]),
        hint="Turns the digest off; other fields are ignored.",
        optional=True,
    )


def is_to_end(sent: Submission) -> bool:
    """Return True if the digest is to be turned off."""
    return OFF in sent.options(OFF)


def read_digest_form(sent: Submission) -> DigestOn | FormErrors:
    """Return the command, or what to fix under each field."""
    at, zone = sent.clock(AT), sent.text(ZONE)
    scope = scope_of(sent.text(SCOPE) or ALL)
    rhythm = next((each for each in get_args(Rhythm) if each == sent.text(RHYTHM)), None)
    depth = next((each for each in get_args(Depth) if each == sent.text(DEPTH)), None)
    chosen = frozenset(int(each) for each in sent.options(DAYS) if each in tuple("0123456"))
    errors = {}
    if not sent.conversation(CHANNEL):
        errors[CHANNEL] = "Choose a channel."
    if scope is None:
        errors[SCOPE] = "Choose what it covers."
    if rhythm is None:
        errors[RHYTHM] = "Choose how often."
    if rhythm == "days" and not chosen:
        errors[DAYS] = "Choose at least one day."
    if at is None:
        errors[AT] = "Choose a time."
    if not is_zone(zone):
        errors[ZONE] = "Choose a time zone."
    if errors or scope is None or rhythm is None or at is None:
        return FormErrors(errors)
    return DigestOn(
        at, days_of(rhythm, chosen), rhythm, zone, scope, depth or "full", sent.clock(SETTLED_BY)
    )


def days_of(rhythm: Rhythm, chosen: frozenset[int]) -> frozenset[int]:
    """Return the weekdays of a rhythm."""
    match rhythm:
        case "weekdays":
            return WEEKDAYS
        case "days":
            return chosen
        case "weekly":
            return chosen or MONDAYS
        case _:
            return EVERY_DAY


def _zones() -> Mapping[str, list[Option]]:
    return {
        continent: [Option(name.replace("_", " "), name) for name in names]
        for continent, names in zones_by_continent().items()
    }


def _known(zone: str) -> str:
    """Return the zone if the menu has it, else UTC."""
    return zone if any(zone in names for names in zones_by_continent().values()) else UTC_NAME
