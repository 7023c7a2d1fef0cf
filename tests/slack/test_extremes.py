"""Every message and view there is, at the extremes: Slack takes it, and it pings nobody."""

import importlib
import inspect
import pkgutil
import types
import typing
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, get_args, get_origin

import pytest

from bot.slack import errors, messages, views
from bot.slack.message import Message
from bot.slack.messages.answer import shared, without_actions
from bot.slack.natives import without_native
from bot.slack.plain import plain_text
from simulators.slack.limits import blocks_problems, view_problems, view_too_large
from simulators.slack.pings import pings
from tests.slack.extremes import HOSTILE, NOW, Maker

AMOUNTS = tuple(map(Decimal, ("4.6e-7", "1e9", "-3.2", "0")))
MAKERS: tuple[Callable[[], Maker], ...] = (
    *(lambda amount=amount: Maker(amount, 1) for amount in (*AMOUNTS, None)),
    *(lambda amount=amount: Maker(amount, 50) for amount in (*AMOUNTS, None)),
    lambda: Maker(None, 0),
    lambda: Maker(AMOUNTS[0], 0, is_bare=True),
    lambda: Maker(AMOUNTS[1], 50, is_bare=True),
    lambda: Maker(AMOUNTS[0], 2000),
)
NAMED = {"<@U0MEMBER>"}
"""Whom a rule names."""
ELSEWHERE = {"answer_message"}
"""Calls what makes each kind of answer, which is here by itself."""
Builder = Callable[..., Any]


def builders() -> Iterator[tuple[str, Builder, dict[str, Any]]]:
    """Everything in the house that makes a message or a view, with the types it makes it of: once
    for each kind of answer where it takes several."""
    modules = [errors]
    for package in (messages, views):
        modules += [
            importlib.import_module(f"{package.__name__}.{each.name}")
            for each in pkgutil.iter_modules(package.__path__)
        ]
    for module in modules:
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


BUILDERS = {name: (function, hints) for name, function, hints in builders()}


@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_slack_takes_it(name: str) -> None:
    """No connection, one, fifty; two thousand of whatever there can be many of; long names,
    right-to-left, emoji, pings; amounts tiny, huge, negative, zero and unknown."""
    function, hints = BUILDERS[name]
    for make in MAKERS:
        maker = make()
        try:
            made = function(**{each: argument(maker, kind, each) for each, kind in hints.items()})
        except ValueError:
            doc = " ".join((function.__doc__ or "").split())
            assert maker.size == 0
            assert "Raises `ValueError` where nothing" in doc
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
    for each in (message, without_native(message), to_all, without_actions(message)):
        assert blocks_problems(list(each.blocks), "message") == []
        assert len(each.blocks) <= 50
        assert set(pings({"text": each.text, "blocks": list(each.blocks)})) <= NAMED


def check_view(view: dict[str, Any]) -> None:
    """A modal or the Home tab."""
    assert view_problems(view) == []
    assert not view_too_large(view)
    said = {"text": "", "blocks": view["blocks"]}
    assert set(pings(said)) <= NAMED | {"<!subteam^S0GROUP>"}  # whom a view names hears nothing
    assert plain_text({"text": "", "blocks": view["blocks"]}).strip()
