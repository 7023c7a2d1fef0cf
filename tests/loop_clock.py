"""The event loop's clock, for tests in which time passes that nobody waits for."""

import asyncio

import pytest


class LoopClock:
    """The running event loop's clock, which can be set forward.

    To the loop, a step looks as if it had been busy for so long: it finds every timer of that time
    due at once, and answers that came in meanwhile unread.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        real, self._ahead = loop.time, 0.0
        monkeypatch.setattr(loop, "time", lambda: real() + self._ahead)

    def step(self, seconds: float) -> None:
        """Be busy for so long."""
        self._ahead += seconds

    async def run(self, seconds: float) -> None:
        """Let so much time pass in small steps, with room for what is due in each."""
        for _ in range(round(seconds * 20)):
            self.step(0.05)
            await asyncio.sleep(0.001)
