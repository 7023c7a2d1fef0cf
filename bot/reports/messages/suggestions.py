"""Follow-up questions of an answer: each button or option carries a command as it could be
typed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from bot.language.commands import Compare, Export, Query, Spend, Why
from bot.language.names import scope_text, whole_text
from bot.language.text import text_of
from bot.ledger.models import Dimension
from bot.scope import Scope
from bot.slack.blocks import Element, actions, button, link
from bot.slack.fields import OPTION_VALUE, Option, menu
from bot.slack.message import Block
from bot.slack.openers import ASK
from bot.wording import tidy
from providers.base import ProviderKind

ASK_PERIOD = f"{ASK}.period"
ASK_SCOPE = f"{ASK}.scope"
ASK_DIMENSION = f"{ASK}.cut"
SHARE = "aicost.answer.share"
SHARE_ANYWAY = "aicost.answer.share_anyway"
IN_THREAD = "aicost.answer.in_thread"
CSV = "aicost.answer.csv"
SEE_CSV = "see *Get CSV*"
"""In mrkdwn, above a button *Get CSV*. `without_actions` has the command in its place."""
DIMENSIONS: tuple[Dimension, ...] = ("model", "project", "key", "day", "week", "month")
PERIODS = (
    ("This month", "mtd"),
    ("Today", "today"),
    ("Yesterday", "yesterday"),
    ("Last 7 days", "7d"),
    ("Last 30 days", "30d"),
    ("This week", "wtd"),
    ("Last week", "last week"),
    ("Last month", "last month"),
)
T = TypeVar("T")

Names = Sequence[tuple[str, str]]
"""Connections: the name to type, and the title."""


def ask(label: str, words: str) -> Element:
    """Return a button that sends this command to `/aicost`."""
    return button(label, ASK, words)


def asked_by(blocks: Sequence[Block]) -> list[str]:
    """Return the commands of the buttons, in order."""
    rows = [block["elements"] for block in blocks if block["type"] == "actions"]
    return [str(each["value"]) for row in rows for each in row if _asks(each)]


def _asks(element: Element) -> bool:
    return element["type"] == "button" and str(element["action_id"]).startswith(ASK)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a long list, with buttons to the others."""

    shown: Sequence[T]
    notes: list[str]
    """``Page 2 of 3: 21 to 40 of 55``; empty if everything is shown."""
    buttons: list[Element]


def page_of(items: Sequence[T], page: int, size: int, words: Callable[[int], str]) -> Page[T]:
    """Return a page of a list, or the last page; `words` is the command for a page."""
    pages = max(1, -(-len(items) // size))
    page = min(page, pages)
    first = (page - 1) * size
    shown = items[first : first + size]
    if pages == 1:
        return Page(shown, [], [])
    note = f"Page {page} of {pages}: {first + 1} to {first + len(shown)} of {len(items)}"
    buttons = [ask("Next page", words(page + 1))] if page < pages else []
    buttons += [ask("Previous page", words(page - 1))] if page > 1 else []
    return Page(shown, [note], buttons)


def credit_buttons(kinds: Iterable[ProviderKind | None]) -> list[Element]:
    """Return buttons to the providers' pages where credit is added, as far as they are known."""
    urls = {kind.title: kind.credit_url for kind in kinds if kind and kind.credit_url}
    if len(urls) == 1:
        return [link("Add credit", url) for url in urls.values()]
    return [link(f"Add {title} credit", url) for title, url in urls.items()]


def share(words: str) -> Element:
    """Return a button that posts this answer to the whole channel."""
    return button("Share to channel", SHARE, words)


def share_costs(query: Query) -> list[Element]:
    """Return the button that posts an answer about costs; none for people's."""
    sides = (query.first, query.second) if isinstance(query, Compare) else (query,)
    abouts = [getattr(each, "about", None) for each in sides]
    is_of_one = any(isinstance(about, Scope) and about.kind == "person" for about in abouts)
    if is_of_one or getattr(sides[0], "by", None) == "user":
        return []
    return [share(text_of(query))]


def csv(query: Spend) -> Element:
    """Return a button that sends the requester the charges behind an answer."""
    words = (query.period_words, query.period_text, query.about)
    return csv_of(text_of(Export(query.scope, query.period, *words)))


def all_rows(by: str, about: Scope | None = None) -> str:
    """Return where all rows of a table are. No charge names a key, user, team or channel, so an
    export has none."""
    if by in ("key", "user", "team", "channel") or not (about is None or about.has_items):
        return f"The person who runs aicost can list every {by}."
    return f"For all rows, {SEE_CSV}."


def csv_of(export: str) -> Element:
    """Return a button that sends the requester what this export command answers."""
    return button("Get CSV", CSV, export, spoken="Get these charges as a CSV file")


def leads(
    query: Spend, offered: Names, *, has_teams: bool = False, has_spend: bool = True
) -> list[Block]:
    """Return what is below a summary: buttons for what can be done with it, then menus for what it
    shows: another period, provider or breakdown. Where only a balance is reported, no more than
    another provider."""
    words = (query.period_words, query.period_text, query.about)
    why = Why(query.scope, query.period, *words)
    has_items = query.about is None or query.about.has_items
    buttons = [ask("Why", text_of(why))] if has_spend else []
    buttons += [*share_costs(query), *([csv(query)] if has_items and has_spend else [])]
    menus = [
        each
        for each in _menus(query, offered, has_teams=has_teams)
        if each["options"] and (has_spend or each["action_id"] == ASK_SCOPE)
    ]
    return [actions(row) for row in (buttons, menus) if row]


def period_menu(query: Spend | Why) -> Element:
    """Return a menu that asks the same for another period."""
    periods = [(label, text) for label, text in PERIODS]
    if query.period_text not in dict(periods).values():
        periods.insert(0, (query.period_words, query.period_text))
    options = [(label, text_of(replace(query, period_text=text))) for label, text in periods]
    return _menu(ASK_PERIOD, "Period", options, text_of(query))


def _menus(query: Spend, offered: Names, *, has_teams: bool) -> list[Element]:
    menus = [period_menu(query)]
    if len(offered) > 1:
        scopes = [("All providers", text_of(replace(query, scope=None)))]
        scopes += [
            (title, text_of(replace(query, scope=Scope("connection", name))))
            for name, title in offered
        ]
        menus.append(_menu(ASK_SCOPE, "Provider", scopes, text_of(query)))
    every = [*_dimensions(query)]
    if has_teams and query.about is None:
        every.insert(every.index("key") + 1, "team")
    dimensions = [("Total only", _grouped(query, None))]
    dimensions += [(f"By {each}", _grouped(query, each)) for each in every]
    menus.append(_menu(ASK_DIMENSION, "Breakdown", dimensions, text_of(query)))
    return menus


def _menu(action_id: str, label: str, options: Sequence[tuple[str, str]], chosen: str) -> Element:
    kept = {words: tidy(shown) for shown, words in reversed(options) if len(words) <= OPTION_VALUE}
    made = [Option(shown, words) for words, shown in reversed(kept.items())]
    return menu(label, action_id, made, chosen)


def _dimensions(query: Spend) -> Sequence[Dimension]:
    """Return the available dimensions: costs by key come without project and model."""
    if query.about is None:
        return DIMENSIONS
    mixed: tuple[Dimension, ...] = ("model", "project") if query.about.has_items else ()
    return (*(each for each in mixed if each != query.about.kind), "day", "week", "month")


def _grouped(query: Spend, by: Dimension | None) -> str:
    return text_of(replace(query, by=by, then_by=None, top=None))


def scoped(scope: Scope | None, words: str, about: Scope | None = None) -> str:
    """Return the command limited to a scope, and to one project, key, model or team if
    given."""
    named = [whole_text(scope)] if scope else []
    return " ".join([*named, *([scope_text(about)] if about else []), words])
