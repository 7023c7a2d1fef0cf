"""A real Prometheus, set up as docs/how-to/monitoring.md says, has data for every panel of the
dashboard and evaluates every alert rule."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from simulators.slack.office import COSTS, MANAGER
from tests.e2e.test_clock_steps import free_port
from tests.harness.fixtures import Start
from tests.tools import need

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy/prometheus/aicost.rules.yml"
WEBHOOK = {
    "AICOST_WEBHOOK_URL": "http://127.0.0.1:9/",
    "AICOST_WEBHOOK_SECRET": "whsec_" + "QUFB" * 8,
}


@asynccontextmanager
async def prometheus(folder: Path, bot_port: int) -> AsyncIterator[str]:
    """Run it on the bot, with the configuration of the docs; yields the address of its API."""
    page = (ROOT / "docs/how-to/monitoring.md").read_text(encoding="utf-8")
    found = re.search(r"```yaml\n(scrape_configs:.*?)```", page, re.DOTALL)
    assert found
    config = yaml.safe_load(found[1].replace(":3000", f":{bot_port}"))
    config |= {
        # As long may a scrape take: after a longer one there is no data until the next.
        "global": {"scrape_interval": "5s", "evaluation_interval": "1s"},
        "rule_files": [str(RULES)],
    }
    file, port = folder / "prometheus.yml", free_port()
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        need("prometheus"),
        f"--config.file={file}",
        f"--storage.tsdb.path={folder / 'series'}",
        f"--web.listen-address=127.0.0.1:{port}",
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}/api/v1"
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.slow
async def test_prometheus_has_data_for_every_panel(start_bot: Start, tmp_path: Path) -> None:
    """Each expression gives series, with every label that its legend names; no rule fails."""
    dashboard = json.loads((ROOT / "deploy/grafana/aicost.json").read_text(encoding="utf-8"))
    async with start_bot(AICOST_METRICS_AMOUNTS="on", **WEBHOOK) as harness:
        await harness.slack.say(MANAGER, COSTS, "/aicost budget set openai 4000 monthly")
        await harness.idle()
        async with (
            prometheus(tmp_path, harness.bot.port) as api,
            aiohttp.ClientSession() as session,
        ):

            async def get(path: str, **parameters: str) -> Any:
                try:
                    async with session.get(f"{api}/{path}", params=parameters) as answer:
                        return (await answer.json())["data"] if answer.status == 200 else None
                except aiohttp.ClientConnectionError:
                    return None
                finally:
                    await asyncio.sleep(0.1)  # the bot has to answer scrapes meanwhile

            async def rules() -> list[Any]:
                groups = (await get("rules") or {}).get("groups", [])
                return [rule for group in groups for rule in group["rules"]]

            async def are_evaluated() -> bool:
                known = await rules()
                return bool(known) and all(each["health"] != "unknown" for each in known)

            async def series(expression: str) -> list[Any]:
                found: list[Any] = []

                async def are_there() -> bool:
                    answer = await get("query", query=expression)
                    found[:] = answer["result"] if answer else []
                    return bool(found)

                try:
                    await harness.until(are_there)
                except TimeoutError:
                    pytest.fail(f"no data for {expression}: {await get('targets')}")
                return found

            await harness.until(are_evaluated)
            for target in (each for panel in dashboard["panels"] for each in panel["targets"]):
                found = await series(target["expr"])
                for label in re.findall(r"{{(\w+)}}", target.get("legendFormat", "")):
                    assert all(label in each["metric"] for each in found), target
            assert [each for each in await rules() if each["health"] != "ok"] == []
