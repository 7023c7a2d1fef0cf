"""What is answered to words and presses about digests."""

from dataclasses import dataclass
from datetime import datetime

from bot.db.models import DigestPlan, DigestTerms
from bot.digests.models import Digest


@dataclass(frozen=True, slots=True)
class DigestSet:
    """A digest was made, or changed from `before`."""

    plan: DigestPlan
    before: DigestTerms | None
    needs_invitation: bool
    """The app is not in the channel: it can post there only once it was invited."""
    is_changed: bool = True
    """False: it was so already."""
    is_here: bool = True
    """In the channel where it was typed."""


@dataclass(frozen=True, slots=True)
class DigestAwaitsYes:
    """It is kept, and posts nothing: the channel is, or may be, shared with people outside."""

    plan: DigestPlan
    is_known: bool
    """Slack says that the channel is shared; otherwise it does not say."""
    may_allow: bool
    """Who asked is a manager: they can say yes themselves."""


@dataclass(frozen=True, slots=True)
class DigestRemoved:
    """A digest comes no more."""

    plan: DigestPlan


@dataclass(frozen=True, slots=True)
class DigestListing:
    """A channel's digests."""

    channel: str
    plans: tuple[DigestPlan, ...]
    now: datetime
    elsewhere: int
    """Digests of other channels."""
    may_allow: bool
    page: int = 1


@dataclass(frozen=True, slots=True)
class DigestPreviewed:
    """What the next digest would say now; `plan` None: none is set, so as it would be by rule."""

    digest: Digest
    plan: DigestPlan | None
    next_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class DigestPaused:
    """The digest is paused until someone resumes it."""

    plan: DigestPlan
    was_already: bool


@dataclass(frozen=True, slots=True)
class DigestResumed:
    """It comes again."""

    plan: DigestPlan
    was_already: bool


DigestAnswer = (
    DigestSet
    | DigestAwaitsYes
    | DigestRemoved
    | DigestListing
    | DigestPreviewed
    | DigestPaused
    | DigestResumed
)
