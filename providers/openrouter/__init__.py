"""OpenRouter: an account's use and balance, read with a management key."""

from datetime import timedelta

from providers.base import ProviderKind
from providers.models import LimitKind
from providers.openrouter.makers import maker_of
from providers.openrouter.provider import HISTORY_DAYS, OpenRouter, connect
from providers.openrouter.usage import WINDOW_DAYS

__all__ = ["KIND", "OpenRouter"]

KIND = ProviderKind(
    name="openrouter",
    title="OpenRouter",
    billing="prepaid",
    base_url="https://openrouter.ai/api/v1",
    key_variable="OPENROUTER_MANAGEMENT_KEY",
    base_url_variable="OPENROUTER_BASE_URL",
    key_words="a management key, made at openrouter.ai/settings/management-keys",
    history_days=HISTORY_DAYS,
    settling_days=3,
    publication_delay=timedelta(hours=24),  # OpenRouter says nothing of its delay
    window_days=WINDOW_DAYS,
    connect=connect,
    breakdowns=frozenset({"key", "user"}),
    limits={
        "key_limit": LimitKind("limit of key", "key"),
        "budget": LimitKind("budget of"),
    },
    credit_lasts=timedelta(days=365),  # by OpenRouter's terms
    credit_url="https://openrouter.ai/settings/credits",
    publisher=maker_of,
)
