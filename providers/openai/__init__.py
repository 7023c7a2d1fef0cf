"""OpenAI: the costs of an organization, read with an admin key."""

from datetime import timedelta

from providers.base import ProviderKind
from providers.models import LimitKind
from providers.openai.costs import WINDOW_DAYS
from providers.openai.provider import OpenAI, connect

__all__ = ["KIND", "OpenAI"]

KIND = ProviderKind(
    name="openai",
    title="OpenAI",
    short_names=("oai", "chatgpt"),
    billing="postpaid",
    base_url="https://api.openai.com/v1",
    key_variable="OPENAI_ADMIN_KEY",
    base_url_variable="OPENAI_BASE_URL",
    key_words=(
        "an admin key (sk-admin-…) that may read usage, made by an organization owner at "
        "platform.openai.com/settings/organization/admin-keys"
    ),
    history_days=365,
    settling_days=3,
    # Costs may be delayed (help.openai.com, 8554956). Datadog's integration sees them in 24 hours.
    publication_delay=timedelta(hours=24),
    window_days=WINDOW_DAYS,
    connect=connect,
    breakdowns=frozenset({"key", "user"}),
    limits={
        "organization_spend_limit": LimitKind("organization's spend limit", "account"),
        "project_spend_limit": LimitKind("spend limit of project", "project"),
        "spend_alert": LimitKind("spend alert"),
    },
    credit_lasts=timedelta(days=365),  # help.openai.com, "prepaid billing"
)
