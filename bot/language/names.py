"""Names in a text: connections, providers, and the ledger's projects, keys and models."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from bot.language.examples import fill
from bot.language.lookup import meaningful_words, single_words
from bot.language.tokens import Word, name_text, quoted, tokenize
from bot.scope import Scope, ScopeKind

KIND_WORDS: Mapping[str, ScopeKind] = {
    "project": "project",
    "workspace": "project",
    "key": "key",
    "model": "model",
    "team": "team",
}
"""Words that may precede a name."""
MOST_WORDS = 4
"""Words of a name without its kind and without quotes."""
_AROUND_MODEL = re.compile(r"^.*/|:[^/]*$|-[0-9]{4}-?[0-9]{2}-?[0-9]{2}$")
LONGEST_NAME = 12
"""Words of a name after its kind."""
SHORTEST_PART = 3


def plain_name(name: str) -> str:
    """Return a name in lower case, with its parts separated by single spaces."""
    return " ".join(re.findall(r"[^\W_]+", name.casefold()))


@dataclass(frozen=True)
class Vocabulary:
    """The names that a command may use."""

    providers: tuple[str, ...]
    connections: tuple[str, ...]
    items: tuple[Scope, ...] = ()
    """Projects, keys, models and teams that the person may see, as written where they come from."""
    has_channels: bool = False
    """A connection reports spend by channel of Slack. If none does, “here” has no meaning."""
    examples: tuple[str, str] | None = None
    """The names in examples: of a postpaid and of a prepaid connection."""
    prepaid: frozenset[str] = frozenset()
    """The names of connections with prepaid credit, and of their providers."""
    short_names: Mapping[str, str] = field(default_factory=dict)
    """What else the connected providers are called, with the provider: ``claude``."""

    def example(self, template: str) -> str:
        """Return an example with the names in it."""
        names = self.examples or self.providers or self.connections or ("",)
        return fill(template, {"postpaid": names[0], "prepaid": names[-1]})

    @cached_property
    def _names(self) -> Sequence[str]:
        return [name.casefold() for name in (*self.connections, *self.providers)]

    def has_name_with(self, first: str) -> bool:
        """Return True if the name of a connection or provider begins with this, in lower case."""
        return any(name.startswith(first) for name in self._names)

    @cached_property
    def by_plain_name(self) -> Mapping[str, Sequence[Scope]]:
        """Return the items by their plain names."""
        found: dict[str, list[Scope]] = {}
        for scope in self.items:
            found.setdefault(plain_name(scope.name or ""), []).append(scope)
        return found

    @cached_property
    def by_joined_name(self) -> Mapping[str, Sequence[str]]:
        """Return the plain names by what they are without spaces: ``gpt5mini``."""
        found: dict[str, list[str]] = {}
        for name in self.by_plain_name:
            found.setdefault(name.replace(" ", ""), []).append(name)
        return found

    @cached_property
    def by_short_name(self) -> Mapping[str, Sequence[Scope]]:
        """Return the models by their plain names without maker, variant and date of the
        snapshot."""
        found: dict[str, list[Scope]] = {}
        for scope in self.items:
            if scope.kind == "model":
                found.setdefault(plain_name(_AROUND_MODEL.sub("", scope.name or "")), []).append(
                    scope
                )
        return found

    @cached_property
    def containing(self) -> Callable[[str], Sequence[Scope]]:
        """Return a function from a part to the items whose plain names contain it."""

        def find(part: str) -> Sequence[Scope]:
            if f" {part} " not in self.all_plain_names:
                return ()
            names = self.by_plain_name.items()
            return [each for name, same in names if f" {part} " in f" {name} " for each in same]

        return lru_cache(maxsize=256)(find)

    @cached_property
    def all_plain_names(self) -> str:
        """All names in one text, each between spaces: a quick look whether one has a part."""
        return "\n".join(f" {name} " for name in self.by_plain_name)


def named(words: Sequence[Word], vocabulary: Vocabulary) -> tuple[Scope, int] | None:
    """Return the connection, or else the provider, that the first words name, and how many words
    that took.

    Longer names win. A name may be written as one word or several (``open router``). A short name
    counts unless it begins the name of an item: ``claude sonnet``.
    """
    first = "" if not words else words[0].raw.casefold() if words[0].quoted else words[0].key
    longest = min(MOST_WORDS, len(words)) if first and vocabulary.has_name_with(first) else 0
    for count in range(longest, 0, -1):
        parts = [word.raw.casefold() if word.quoted else word.key for word in words[:count]]
        if all(parts) and (scope := _called(parts, vocabulary)):
            return scope, count
    short = vocabulary.short_names.get(words[0].key) if words else None
    if (
        short is None
        or items_named(words[0].key, vocabulary)
        or items_with(words, vocabulary)[1] > 1
    ):
        return None
    scope = _called([short], vocabulary)
    return (scope, 1) if scope else None


def _called(parts: Sequence[str], vocabulary: Vocabulary) -> Scope | None:
    forms = {mark.join(parts) for mark in ("", " ", "-", "_")}
    for connection in vocabulary.connections:
        if connection.casefold() in forms:
            return Scope("connection", connection)
    for provider in vocabulary.providers:
        if provider.casefold() in forms:
            return Scope("provider", provider)
    return None


def items_called(words: Sequence[Word], vocabulary: Vocabulary) -> tuple[Sequence[Scope], int]:
    """Return the projects, keys and models whose name the first words are, and how many words that
    took. A single word with another meaning doesn't count."""
    for count in range(min(MOST_WORDS, len(words)), 0, -1):
        kept = words[:count]
        if _is_name(kept) and (found := items_named(_joined(kept), vocabulary)):
            return found, count
    return (), 0


def items_with(words: Sequence[Word], vocabulary: Vocabulary) -> tuple[Sequence[Scope], int]:
    """Return the models of which the first words are the short name, or else the items whose names
    contain them as whole parts; and how many words that took. ``gpt5`` is ``gpt-5``."""
    for count in range(min(MOST_WORDS, len(words)), 0, -1):
        part = plain_name(_joined(words[:count]))
        if not _is_name(words[:count]) or len(part) < SHORTEST_PART or part.isdigit():
            continue
        spelled = (part, part.removesuffix("s"))
        for each in dict.fromkeys((*spelled, re.sub(r"(?<=[^\W\d_])(?=[0-9])", " ", part))):
            if found := vocabulary.by_short_name.get(each) or vocabulary.containing(each):
                return found, count
    return (), 0


def items_named(name: str, vocabulary: Vocabulary) -> Sequence[Scope]:
    """Return the projects, keys and models with that name, ignoring case and punctuation; exact
    matches win."""
    found = vocabulary.by_plain_name.get(plain_name(name), ())
    return [each for each in found if (each.name or "").casefold() == name.casefold()] or found


def known_name(scope: Scope, vocabulary: Vocabulary) -> Scope:
    """Return the same item as the ledger writes it, if it knows exactly one."""
    found = [each for each in items_named(scope.name or "", vocabulary) if each.kind == scope.kind]
    return found[0] if len(found) == 1 else scope


def _joined(words: Sequence[Word]) -> str:
    return " ".join(word.raw if word.quoted else word.key for word in words)


def _is_name(words: Sequence[Word]) -> bool:
    """Return True if the words are quoted, or one of them has no other meaning."""
    if any(not (word.key or word.quoted) for word in words):
        return False
    ends = (words[0], words[-1])
    return any(word.quoted for word in words) or any(
        word.key not in meaningful_words() for word in ends
    )


def scope_text(scope: Scope) -> str:
    """Return a scope as it can be typed."""
    if scope.kind == "person":
        return "me"
    if scope.kind == "channel":
        return f"channel <#{scope.name}>" if scope.name else "channel here"
    if scope.kind == "each":
        return f"each {scope.name}"
    if scope.name is None:
        return "all"
    if scope.kind not in KIND_WORDS:
        return name_text(scope.name)
    is_word = any(word.key in single_words() for word in tokenize(scope.name))
    return f"{scope.kind} " + (quoted(scope.name) if is_word else name_text(scope.name))


def whole_text(scope: Scope) -> str:
    """Return the same, with its kind if a connection may have the name of a provider."""
    text = scope_text(scope)
    return f"provider {text}" if scope.kind == "provider" else text


def names(vocabulary: Vocabulary) -> list[str]:
    """Return the names of connections and providers, in lower case, for typo correction."""
    whole = (*vocabulary.connections, *vocabulary.providers)
    return [*map(str.casefold, whole), *vocabulary.short_names]


def item_names(vocabulary: Vocabulary) -> Collection[str]:
    """Return the names of projects, keys and models, in lower case and without punctuation."""
    return vocabulary.by_plain_name.keys()
