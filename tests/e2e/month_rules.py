"""The Prometheus rules of the repository, evaluated by promtool on what a bot gave."""

import math
import re
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.test_metrics import Scrape
from tests.tools import need

RULES = Path(__file__).parents[2] / "deploy/prometheus/aicost.rules.yml"
JOB = {"instance": "127.0.0.1:3000", "job": "aicost"}
"""Labels that Prometheus adds to each series, as `docs/how-to/monitoring.md` sets it up."""


def check_alerts(
    well: Scrape | None,
    scrapes: Mapping[str, Scrape | None],
    expected: Mapping[str, Collection[str]],
) -> None:
    """Check that exactly these alerts fire, by name, after each was scraped every minute for an
    hour, and `well` five times before. None: nothing answers."""
    promtool = need("promtool")
    names = set(re.findall(r"aicost_\w+", RULES.read_text(encoding="utf-8")))
    before = _series(well, names)
    tests = [
        _test(what, before, _series(each, names), expected[what]) for what, each in scrapes.items()
    ]
    file = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}
    done = subprocess.run(
        [promtool, "test", "rules", "/dev/stdin"],
        input=yaml.safe_dump(file, sort_keys=False, allow_unicode=True),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _test(
    what: str, before: Mapping[str, str], during: Mapping[str, str], alerts: Collection[str]
) -> dict[str, Any]:
    return {
        "name": what,
        "interval": "1m",
        "input_series": [
            {
                "series": series,
                "values": f"{before.get(series, '_')}x4 {during.get(series, '_')}x60",
            }
            for series in sorted({*before, *during})
        ],
        "promql_expr_test": [
            {
                "expr": f'group by (alertname) (ALERTS{{alertstate="firing"}}) # {what}',
                "eval_time": "60m",
                "exp_samples": [
                    {"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in sorted(alerts)
                ],
            }
        ],
    }


def _series(scrape: Scrape | None, names: Collection[str]) -> dict[str, str]:
    """Return the values of the series that rules ask for, and of `up`."""
    found = {_named("up", {}): "0" if scrape is None else "1"}
    for (name, labels), value in scrape.samples.items() if scrape else ():
        if name in names and math.isfinite(value):
            found[_named(name, dict(labels))] = repr(value)
    return found


def _named(name: str, labels: Mapping[str, str]) -> str:
    escaped = {
        label: text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
        for label, text in {**labels, **JOB}.items()
    }
    inside = ",".join(f'{label}="{text}"' for label, text in sorted(escaped.items()))
    return f"{name}{{{inside}}}"
