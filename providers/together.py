"""A few questions to one vendor at once, never many."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

About = TypeVar("About")
Answer = TypeVar("Answer")
_AT_ONCE = 4


async def together(
    ask: Callable[[About], Awaitable[Answer]], subjects: Iterable[About]
) -> list[Answer]:
    """Ask about each subject, four at a time; the answers, in the same order. Where one raises,
    the others are stopped and its error is raised as it is."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(subject: About) -> Answer:
        async with turns:
            return await ask(subject)

    tasks = [asyncio.ensure_future(in_turn(subject)) for subject in subjects]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
