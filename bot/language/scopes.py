"""The names in a question: connections, providers and dimensions."""

from collections.abc import Sequence

from bot.budgets.models import Scope
from bot.language.commands import Vocabulary
from bot.language.tokens import Word
from bot.ledger.models import By

DIMENSIONS: dict[str, By] = {
    "model": "model",
    "models": "model",
    "project": "project",
    "projects": "project",
    "key": "key",
    "keys": "key",
    "day": "day",
    "days": "day",
}
EVERYTHING = ("all", "everything", "everyone", "total", "combined", "both")


def named(words: Sequence[Word], vocabulary: Vocabulary) -> tuple[Scope, int] | None:
    """The connection, or else the provider, that the first words name, and how many that took.

    Longer names win; a name may be written together or apart (``open router``).
    """
    for count in range(min(4, len(words)), 0, -1):
        parts = [word.raw.casefold() if word.quoted else word.key for word in words[:count]]
        if all(parts) and (scope := _called(parts, vocabulary)):
            return scope, count
    return None


def _called(parts: Sequence[str], vocabulary: Vocabulary) -> Scope | None:
    forms = {mark.join(parts) for mark in ("", " ", "-", "_")}
    for connection in vocabulary.connections:
        if connection.casefold() in forms:
            return Scope("connection", connection)
    for provider in vocabulary.providers:
        if provider.casefold() in forms:
            return Scope("provider", provider)
    return None


def names(vocabulary: Vocabulary) -> list[str]:
    """Every name, in lower case, as a slip may have meant it."""
    return [name.casefold() for name in (*vocabulary.connections, *vocabulary.providers)]
