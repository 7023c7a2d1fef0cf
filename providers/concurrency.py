"""A few questions to one provider at once, never many."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from typing import TypeVar

from providers.errors import ProviderError

About = TypeVar("About", bound=Hashable)
Answer = TypeVar("Answer")
_AT_ONCE = 4


async def together(
    ask: Callable[[About], Awaitable[Answer]], subjects: Iterable[About], seconds: float
) -> Mapping[About, Answer | ProviderError]:
    """Ask about each subject, four at a time: of each the answer, or why it failed.

    After `seconds` no more is waited for: subjects without an answer by then are absent. Another
    error than a `ProviderError` stops the others, and is raised.
    """
    turns = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(subject: About) -> Answer | ProviderError:
        async with turns:
            try:
                return await ask(subject)
            except ProviderError as error:
                return error

    tasks = {subject: asyncio.ensure_future(in_turn(subject)) for subject in subjects}
    try:
        if tasks:
            await asyncio.wait(tasks.values(), timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        return {subject: task.result() for subject, task in tasks.items() if task.done()}
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
