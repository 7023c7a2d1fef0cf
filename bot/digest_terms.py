"""From what was wished to a digest's terms, and what stands against them. Pure."""

from collections.abc import Mapping

from bot.answers.asker import Asker
from bot.delivery.channels import NO_APPS, ChannelLook, ConversationKind
from bot.spend.digesting.digest import Cadence
from bot.spend.digesting.plan import DigestPlan, DigestTerms
from bot.spend.digesting.schedule import EVERY_DAY, Schedule
from bot.spend.grammar import digest_words, zones
from bot.spend.grammar.query_types import DigestOn, Rhythm
from bot.spend.watching.rule_answers import NotDone
from bot.spend.watching.rules import Scope

CADENCES: Mapping[Rhythm, Cadence] = {"weekly": "weekly", "monthly": "monthly"}


def terms_wished(wish: DigestOn, asker: Asker) -> DigestTerms:
    """What was wished; in the zone of whoever asks where none was named."""
    zone = wish.zone or _zone_of(asker)
    return DigestTerms(
        scope=wish.scope,
        cadence=CADENCES.get(wish.rhythm, "daily"),
        depth=wish.depth,
        schedule=Schedule(wish.at, wish.days, zone),
        settled_by=wish.settled_by,
    )


def terms_by_rule(asker: Asker) -> DigestTerms:
    """What a digest is where nothing else is said."""
    return DigestTerms(
        Scope("all"),
        "daily",
        "full",
        Schedule(digest_words.DEFAULT_TIME, EVERY_DAY, _zone_of(asker)),
    )


def _zone_of(asker: Asker) -> str:
    """As Slack tells it, where this machine knows such a zone."""
    return zones.zone_called(asker.person.zone.casefold()) or "UTC"


def is_same(plan: DigestPlan, terms: DigestTerms) -> bool:
    """Whether these terms are another version of that digest, not one beside it."""
    return plan.terms.scope == terms.scope and plan.terms.cadence == terms.cadence


def unfit_times(wish: DigestOn) -> NotDone | None:
    """Why such times can't be kept."""
    if wish.settled_by is None or wish.settled_by > wish.at:
        return None
    return NotDone(
        "The latest time to wait until has to be later on the same day than the digest's own."
    )


def trouble_in(look: ChannelLook | None, kind: ConversationKind) -> str | None:
    """Why nothing can be posted in a conversation, and what mends it; None where nothing is known
    against it."""
    if look is None:
        return NO_APPS[kind] if kind == "group" else None
    if not look.is_there or (look.is_private and not look.is_member):
        return (
            NO_APPS.get(kind)
            or "I am not in this channel: invite me with /invite @aicost, then say it again."
        )
    if look.is_archived:
        return "This channel is archived: unarchive it first, or choose another one."
    return None


def awaits_yes(plan: DigestPlan, look: ChannelLook | None) -> bool:
    """Whether people outside read it, or Slack does not say, and no manager said yes."""
    return not plan.is_sharing_allowed and (look is None or look.is_shared)


def no_connection(scope: Scope) -> NotDone:
    """There is nothing to tell of that scope."""
    if scope.kind == "all":
        return NotDone(
            "No connection is set up here that can be seen in this channel.", ("status",)
        )
    return NotDone(
        f"No connection to {scope.name} is set up here that can be seen in this channel.",
        ("status", "digest on 09:00"),
    )
