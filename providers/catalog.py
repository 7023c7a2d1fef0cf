"""The list of all providers. A new one is a line here."""

from collections.abc import Sequence

from providers import anthropic, deepseek, openai, openrouter, xai
from providers.base import ProviderKind
from providers.models import Billing

ALL: tuple[ProviderKind, ...] = (
    openai.KIND,
    openrouter.KIND,
    anthropic.KIND,
    deepseek.KIND,
    xai.KIND,
)


def title_of(name: str) -> str:
    """Return a provider's title, such as ``OpenAI``; any other name is returned unchanged."""
    kind = by_name(name)
    return kind.title if kind else name


def publisher_of(name: str, model: str | None) -> str | None:
    """Return who made a provider's model: the provider itself, unless it sells models of others.
    None if that isn't known."""
    kind = by_name(name)
    if kind is None:
        return None
    return kind.publisher(model) if kind.publisher and model else kind.title


def by_name(name: str) -> ProviderKind | None:
    """Return the provider with that name, as users type it; None if there is none."""
    return next((kind for kind in ALL if kind.name == name.lower()), None)


def example(billing: Billing) -> str:
    """Return the name of a provider with that billing, for examples."""
    return next(kind.name for kind in ALL if kind.billing == billing)


def either(words: Sequence[str]) -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


KEY_VARIABLES = either([kind.key_variable for kind in ALL])
"""The environment variables that each turn on a connection."""
