"""The one list of providers. A new one is a line here."""

from datetime import timedelta

from providers import openai, openrouter
from providers.base import ProviderKind

PUBLICATION_DELAY = timedelta(hours=24)
"""OpenAI's help (8554956) says that costs may be delayed; Datadog's integration sees them within 24
hours. OpenRouter says nothing of its delay, so the same is allowed for."""

ALL: tuple[ProviderKind, ...] = (
    ProviderKind(
        name="openai",
        title="OpenAI",
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
        publication_delay=PUBLICATION_DELAY,
        window_days=openai.WINDOW_DAYS,
        connect=openai.connect,
    ),
    ProviderKind(
        name="openrouter",
        title="OpenRouter",
        billing="prepaid",
        base_url="https://openrouter.ai/api/v1",
        key_variable="OPENROUTER_MANAGEMENT_KEY",
        base_url_variable="OPENROUTER_BASE_URL",
        key_words="a management key, made at openrouter.ai/settings/management-keys",
        history_days=openrouter.HISTORY_DAYS,
        settling_days=3,
        publication_delay=PUBLICATION_DELAY,
        window_days=openrouter.WINDOW_DAYS,
        connect=openrouter.connect,
    ),
)


def title_of(name: str) -> str:
    """What people call a provider: ``OpenAI``; any other name stays as it is."""
    kind = by_name(name)
    return kind.title if kind else name


def by_name(name: str) -> ProviderKind | None:
    """The provider of that name, as people type it; None where there is none."""
    return next((kind for kind in ALL if kind.name == name.lower()), None)
