"""Which files of aicost's code a piece of work enters."""

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).parents[1]
_FOLDERS = (f"{ROOT}/bot/", f"{ROOT}/providers/")
_IS_TRACED = ContextVar("is_traced", default=False)


@contextmanager
def entered() -> Iterator[set[str]]:
    """Yield the files of `bot` and `providers` in which code of a function runs, filled meanwhile.

    What is run at import doesn't count, nor what others do in the same process at the same time,
    such as the simulators: a context variable reaches only this task and those that it starts.
    """
    found: set[str] = set()

    def note(frame: FrameType, _happens: str, _argument: object) -> None:
        code = frame.f_code
        if (
            code.co_filename.startswith(_FOLDERS)
            and code.co_flags & inspect.CO_OPTIMIZED  # neither a module nor the body of a class
            and _IS_TRACED.get()
        ):
            found.add(code.co_filename.removeprefix(f"{ROOT}/"))

    before = sys.getprofile()
    token = _IS_TRACED.set(True)
    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(before)
        _IS_TRACED.reset(token)
