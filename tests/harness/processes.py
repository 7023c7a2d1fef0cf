"""Processes that a test starts, and kills at any moment."""

import asyncio
import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from typing import TypeVar

_Task = TypeVar("_Task")


@dataclass(slots=True)
class Processes:
    """Those that were started and have not been seen to end."""

    running: list[BaseProcess] = field(default_factory=list)

    def start(self, work: Callable[[_Task], object], task: _Task) -> BaseProcess:
        """Start one that does this work; its module is imported only once."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([work.__module__])
        process = context.Process(target=work, args=(task,), daemon=True)
        process.start()
        self.running.append(process)
        return process

    async def ended(self, process: BaseProcess) -> int:
        """Wait for its end, and return its exit code; negative: the signal that killed it."""
        await asyncio.to_thread(process.join)
        self.running.remove(process)
        return process.exitcode or 0

    async def kill(self, process: BaseProcess) -> None:
        """Kill it with SIGKILL, and wait for its end."""
        process.kill()
        await self.ended(process)

    async def kill_all(self) -> None:
        """Kill those that still run."""
        for process in list(self.running):
            await self.kill(process)
