"""Anthropic: the costs of an organization, read with an Admin key."""

from datetime import timedelta

from providers.anthropic.costs import WINDOW_DAYS
from providers.anthropic.provider import BILLED_ELSEWHERE, HISTORY_DAYS, Anthropic, connect
from providers.base import ProviderKind
from providers.models import LimitKind

__all__ = ["KIND", "Anthropic"]

KIND = ProviderKind(
    name="anthropic",
    title="Anthropic",
    short_names=("claude",),
    billing="prepaid",  # credits; an organization may have a monthly invoice by contract
    base_url="https://api.anthropic.com/v1",
    key_variable="ANTHROPIC_ADMIN_KEY",
    base_url_variable="ANTHROPIC_BASE_URL",
    key_words=(
        "an Admin key (sk-ant-admin01-…), made by an organization admin at "
        "platform.claude.com/settings/admin-keys"
    ),
    history_days=HISTORY_DAYS,
    # Late events and reconciliation change a day for some 30 days (docs of the Enterprise reports).
    settling_days=30,
    publication_delay=timedelta(hours=24),
    window_days=WINDOW_DAYS,
    connect=connect,
    breakdowns=frozenset({"key", "user", "channel"}),
    has_discounts=True,
    billed_elsewhere=BILLED_ELSEWHERE,
    limits={
        "usage_tier_limit": LimitKind("usage tier's limit", "account"),
        "organization_spend_limit": LimitKind("organization's spend limit", "account"),
        "workspace_spend_limit": LimitKind("spend limit of workspace", "project"),
    },
    credit_lasts=timedelta(days=365),  # support.claude.com, 8977456
    # An export is made every 4 hours or so, and at worst once a day (same docs).
    refreshes_within=timedelta(hours=24),
    credit_url="https://platform.claude.com/settings/billing",
)
