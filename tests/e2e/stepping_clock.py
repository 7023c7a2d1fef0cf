"""`python -m tests.e2e.stepping_clock SECONDS run`: the bot, with a wall clock that steps.

At SIGUSR1 it is set by so many seconds, ahead or (below zero) back; at SIGUSR2 it is right again.
time-machine moves the clocks of Python's `time` and `datetime` for all modules, the standard
library's too; the monotonic clock goes on, as it does at a real step.
"""

import signal
import sys
import time
from contextlib import ExitStack

import time_machine

from bot.cli import main


def _listen(seconds: float) -> None:
    step = ExitStack()

    def set_clock(*_: object) -> None:
        step.enter_context(time_machine.travel(time.time() + seconds))

    signal.signal(signal.SIGUSR1, set_clock)
    signal.signal(signal.SIGUSR2, lambda *_: step.close())


if __name__ == "__main__":
    _listen(float(sys.argv[1]))
    main(sys.argv[2:])
