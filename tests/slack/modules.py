"""The modules of one kind, in every feature."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import bot


def modules_of(kind: str) -> Iterator[ModuleType]:
    """Every feature's `listeners`, `messages` or `views`: one module, or those of a package."""
    for found in pkgutil.walk_packages(bot.__path__, "bot."):
        if found.name.split(".")[2:3] == [kind]:
            yield importlib.import_module(found.name)
