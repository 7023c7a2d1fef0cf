"""Every message and view there is, at the extremes: Slack takes it, and it pings nobody."""

import inspect
import re
import types
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, get_args, get_origin

import pytest

from bot.language.commands import ParseFailure
from bot.language.names import Vocabulary
from bot.language.parser import parse
from bot.reports.messages.sharing import shared, without_actions
from bot.slack import errors
from bot.slack.charts import charts_as_text
from bot.slack.message import Message
from bot.slack.text_renderer import plain_text
from simulators.slack.limits import blocks_problems, view_problems, view_too_large
from simulators.slack.pings import pings
from tests.slack.extremes import HOSTILE, NOW, Maker
from tests.slack.modules import modules_of

AMOUNTS = tuple(map(Decimal, ("4.6e-7", "1e9", "-3.2", "0")))
MAKERS: tuple[Callable[[], Maker], ...] = (
    *(lambda amount=amount: Maker(amount, 1) for amount in (*AMOUNTS, None)),
    *(lambda amount=amount: Maker(amount, 50) for amount in (AMOUNTS[1], None)),
    lambda: Maker(None, 0),
    lambda: Maker(AMOUNTS[0], 0, is_bare=True),
    lambda: Maker(AMOUNTS[1], 50, is_bare=True),
    lambda: Maker(AMOUNTS[0], 110),  # Slack takes at most 100 of anything
)
REST = re.compile(r"(?<!used )(?<![-$.,\d])\b\d[\d,]* more\b|\d others?\b")
WAY = re.compile(r"aicost [a-z\d]|see sync\.not_read in the log|\d others? below")
ALL_ROWS = re.compile(r"For all rows, see (Get CSV|/aicost )|can list every ")
REST_OR_ROWS = re.compile(f"{REST.pattern}|For all")
COMMAND = re.compile(r"`/aicost ([a-z0-9. -]+)`")
NAMED = {"<@U0MEMBER>"}
"""Whom a rule names."""
ELSEWHERE = {"answer_message"}
"""Calls what makes each kind of answer, which is here by itself."""
Builder = Callable[..., Any]


def builders() -> Iterator[tuple[str, Builder, dict[str, Any]]]:
    """Everything in the app that makes a message or a view, with the types it makes it of: once
    for each kind of answer where it takes several."""
    for module in (errors, *modules_of("messages"), *modules_of("views")):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            hints = typing.get_type_hints(function)
            makes = hints.pop("return") is Message or name.endswith("_view")
            if makes and name not in ELSEWHERE and Message not in hints.values():
                yield from _each_kind(f"{module.__name__.split('.')[-1]}.{name}", function, hints)


def _each_kind(
    name: str, function: Builder, hints: dict[str, Any]
) -> Iterator[tuple[str, Builder, dict[str, Any]]]:
    first, kind = next(iter(hints.items()), ("", None))
    kinds = get_args(kind) if get_origin(kind) in (types.UnionType, typing.Union) else (kind,)
    for each in kinds:
        of = f"({each.__name__})" if len(kinds) > 1 else ""
        yield f"{name}{of}", function, {**hints, **({first: each} if first else {})}


MONTH_LATER = NOW.date() + timedelta(days=31)
"""A statement is of a month that has ended."""
BUILDERS = {name: (function, hints) for name, function, hints in builders()}


@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_slack_takes_it(name: str) -> None:
    """No connection, one, fifty; a hundred and more of whatever there can be many of; long names,
    right-to-left, emoji, pings; amounts tiny, huge, negative, zero and unknown."""
    check_made_of(name, MAKERS)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_slack_takes_it_of_a_thousand(name: str) -> None:
    """As of a hundred, and fifty of every other amount."""
    others = (lambda amount=amount: Maker(amount, 50) for amount in (AMOUNTS[0], *AMOUNTS[2:]))
    check_made_of(name, [lambda: Maker(AMOUNTS[0], 1000), *others])


def check_made_of(name: str, makers: Iterable[Callable[[], Maker]]) -> None:
    """Make the message or view of each maker's values, and check it."""
    function, hints = BUILDERS[name]
    for make in makers:
        maker = make()
        try:
            made = function(**{each: argument(maker, kind, each) for each, kind in hints.items()})
        except ValueError:
            doc = " ".join((function.__doc__ or "").split())
            assert maker.size == 0
            assert re.search(r"Raises? `ValueError` (if no|where nothing|if there is no) ", doc)
            continue
        if isinstance(made, Message):
            check_message(made)
        else:
            check_view(made)


def argument(maker: Maker, kind: Any, name: str) -> Any:
    """The reasons we give ourselves are our own words; all else is whatever it may be."""
    return "Our own words." if name == "reason" else maker.make(kind, name)


def check_message(message: Message) -> None:
    """As it is, without charts and tables, as shared, and without what leads on."""
    assert message.text.strip()
    to_all = shared(message, HOSTILE, NOW, "mtd")
    for each in (message, charts_as_text(message), to_all, without_actions(message)):
        assert blocks_problems(list(each.blocks), "message") == []
        assert len(each.blocks) <= 50
        assert set(pings({"text": each.text, "blocks": list(each.blocks)})) <= NAMED
        labels = labels_in(each.blocks)
        check_rest(each.text, labels)
        check_rest(plain_text({"text": "", "blocks": list(each.blocks)}), labels)
        check_commands(list(each.blocks))


def check_rest(said: str, labels: Collection[str]) -> None:
    """Where something is only counted ("12 more"), the same line says what shows it: a command, or
    a button that is there. Of a table's row some other line does."""
    for line in said.splitlines():
        if REST.match(line):
            assert ALL_ROWS.search(said), line
        elif REST.search(line):
            assert WAY.search(line) or any(f"see {label}" in line for label in labels), line


def check_commands(blocks: Any) -> None:
    """A command that shows the rest is understood."""
    for text in texts_in(blocks):
        for line in filter(REST_OR_ROWS.search, text.splitlines()):
            for words in COMMAND.findall(line):
                asked = parse(words, Vocabulary(("openai",), ("openrouter-1",)), MONTH_LATER)
                assert not isinstance(asked, ParseFailure), words


def texts_in(shape: Any) -> Iterator[str]:
    """Every text of some blocks."""
    if isinstance(shape, str):
        yield shape
    elif isinstance(shape, Mapping):
        yield from texts_in(list(shape.values()))
    elif isinstance(shape, list | tuple):
        for each in shape:
            yield from texts_in(each)


def labels_in(blocks: Any) -> set[str]:
    """What the buttons say."""
    rows = [block["elements"] for block in blocks if block["type"] == "actions"]
    return {each["text"]["text"] for row in rows for each in row if each["type"] == "button"}


def check_view(view: dict[str, Any]) -> None:
    """A modal or the Home tab."""
    assert view_problems(view) == []
    assert not view_too_large(view)
    said = {"text": "", "blocks": view["blocks"]}
    assert set(pings(said)) <= NAMED | {"<!subteam^S0GROUP>"}  # whom a view names hears nothing
    assert plain_text({"text": "", "blocks": view["blocks"]}).strip()
    check_rest(plain_text(said), labels_in(view["blocks"]))
    check_commands(view["blocks"])
