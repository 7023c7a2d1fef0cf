"""A line that says how far a run is and how long it will take, and failures as they happen.

The time left goes by how long each test took in the last run; without one, all count the same.
At a terminal the line is rewritten in place; elsewhere there is a new one every few seconds.
"""

import time
from collections.abc import Generator, Sequence

import pytest

_DURATIONS = "aicost/durations"
_EVERY_TERMINAL = 0.2
_EVERY_FILE = 10.0


def register(config: pytest.Config) -> None:
    """Take the place of the dots, unless more is asked for with `-vv`, or this is a worker."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None and config.get_verbosity() < 1 and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(config, terminal), "progress-line")


class Progress:
    """How far the run is."""

    def __init__(self, config: pytest.Config, terminal: pytest.TerminalReporter) -> None:
        self._config = config
        self._terminal = terminal
        self._cache: pytest.Cache | None = getattr(config, "cache", None)  # -p no:cacheprovider
        self._known: dict[str, float] = (
            self._cache.get(_DURATIONS, {}) if self._cache is not None else {}
        )
        self._durations: dict[str, float] = {}
        self._waiting: dict[str, float] = {}
        """The tests still to be run, with the seconds that each may take."""
        self._count = 0
        self._work = 0.0
        self._failed = 0
        self._started = self._shown = time.monotonic()
        self._every = _EVERY_TERMINAL if terminal.isatty else _EVERY_FILE
        self._say("collecting tests")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Begin, where no workers do the work."""
        self._begin([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Begin: every worker collects the same tests."""
        if not self._count:
            self._begin(ids)

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self) -> Generator[None, tuple[str, str, object], object]:
        """Count a test as pytest does, and print no letter for it."""
        category, _, word = yield
        return category, "", word

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Print what failed, at once."""
        self._durations[report.nodeid] = self._durations.get(report.nodeid, 0) + report.duration
        if report.failed:
            self._failed += 1
            self._clear()
            self._terminal.write_sep("_", f"{report.nodeid} ({report.when})", red=True, bold=True)
            self._terminal._outrep_summary(report)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Show how far the run is, every now and then."""
        self._waiting.pop(nodeid, None)
        if time.monotonic() - self._shown >= self._every or not self._waiting:
            self._show()

    def pytest_sessionfinish(self) -> None:
        """Keep how long each test took. What failed was printed: its name is enough at the end."""
        self._clear()
        self._config.option.tbstyle = "no"
        if self._cache is not None and self._durations:
            self._cache.set(_DURATIONS, {**self._known, **self._durations})

    def _begin(self, ids: Sequence[str]) -> None:
        if not ids:
            return
        known = [self._known[each] for each in ids if each in self._known]
        usual = sum(known) / len(known) if known else 1.0
        self._waiting = {each: self._known.get(each, usual) + 0.001 for each in ids}
        self._count, self._work = len(ids), sum(self._waiting.values())
        self._started = time.monotonic()
        self._show()

    def _show(self) -> None:
        passed, done = time.monotonic() - self._started, self._count - len(self._waiting)
        share = 1 - sum(self._waiting.values()) / self._work
        said = f"{int(share * 100):3}%  {done} of {self._count} tests in {_minutes(passed)}"
        if 0 < share < 1:
            said += f", {_minutes(passed / share - passed)} left"
        self._say(f"{said}, {self._failed} failed" if self._failed else said)

    def _say(self, line: str) -> None:
        self._shown = time.monotonic()
        if self._terminal.isatty:
            self._terminal.rewrite(line, erase=True)
        else:
            self._terminal.write_line(line)
        self._terminal.flush()

    def _clear(self) -> None:
        if self._terminal.isatty:
            self._terminal.rewrite("", erase=True)


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
