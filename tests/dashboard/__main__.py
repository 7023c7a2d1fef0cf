"""Draw every panel of the Grafana dashboard with data: `python -m tests.dashboard [PICTURE]`.

A week of the demo is scraped, a real Prometheus answers each panel's expressions, and Grafana's own
components draw the answers in a browser. Before that, TypeScript compares the dashboard with
Grafana's published types. It needs Prometheus, Chromium and npm; docs/testing.md.
"""

import argparse
import asyncio
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import async_playwright

from tests.dashboard.week import EVERY, record
from tests.e2e.test_clock_steps import free_port
from tests.pictures.studio import FLAGS, chromium, take

ROOT = Path(__file__).parents[2]
SOURCE = Path(__file__).parent
DASHBOARD = ROOT / "deploy/grafana/aicost.json"
PICTURE = ROOT / "docs/pictures/dashboard.png"
POINTS = 336
"""Of each line."""
OPTIONS = {"stat": "Stat", "bargauge": "BarGauge", "timeseries": "TimeSeries"}
TYPES = "@grafana/schema/dist/types/raw/composable/{}/panelcfg/x/types.gen"
PAGE = """\
<!doctype html>
<meta charset="utf-8">
<link rel="stylesheet" href="draw.css">
<div id="root"></div>
<script src="draw.js"></script>
"""
CHECKED = """\
import type {{ Dashboard, Panel }} from "@grafana/schema";
{imports}
// JSON has the values of enums, not their names.
type Plain<T> = T extends string ? `${{T}}` : T extends (infer E)[] ? Plain<E>[]
  : T extends object ? {{ [K in keyof T]: Plain<T[K]> }} : T;
export const dashboard: Plain<Dashboard> = {dashboard};
{options}
"""


def checked(dashboard: Mapping[str, Any]) -> str:
    """Return TypeScript that compiles only if Grafana's types take the dashboard."""
    kinds = sorted({panel["type"] for panel in dashboard["panels"]})
    imports = "\n".join(
        f'import type {{ Options as {OPTIONS[kind]} }} from "./node_modules/{TYPES.format(kind)}";'
        for kind in kinds
    )
    options = "\n".join(
        f"export const options{panel['id']}: Plain<Partial<{OPTIONS[panel['type']]}>> = "
        f"{json.dumps(panel.get('options', {}))};"
        for panel in dashboard["panels"]
    )
    return CHECKED.format(
        imports=imports, dashboard=json.dumps(dashboard, indent=1), options=options
    )


@asynccontextmanager
async def prometheus(samples: Path, folder: Path) -> AsyncIterator[str]:
    """Run Prometheus on these samples; yields the address of its API."""
    series, port = folder / "series", free_port()
    _run("promtool", "tsdb", "create-blocks-from", "openmetrics", samples, series, "--quiet")
    (folder / "prometheus.yml").write_text("", encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={series}",
        "--storage.tsdb.retention.time=10y",
        f"--query.lookback-delta={int(EVERY.total_seconds())}s",
        f"--web.listen-address=127.0.0.1:{port}",
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as session, asyncio.timeout(60):
            while not await _is_ready(session, port):  # noqa: ASYNC110 - it announces nothing
                await asyncio.sleep(0.2)
        yield f"http://127.0.0.1:{port}/api/v1"
    finally:
        process.terminate()
        await process.wait()


async def _is_ready(session: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with session.get(f"http://127.0.0.1:{port}/-/ready") as answer:
            return answer.status == 200
    except aiohttp.ClientConnectionError:
        return False


async def answers(
    api: str, dashboard: Mapping[str, Any], start: datetime, end: datetime
) -> dict[str, Any]:
    """Return what Prometheus answers for each panel. Raises `SystemExit` where it has nothing."""
    found: dict[int, list[Any]] = {}
    async with aiohttp.ClientSession() as session:
        for panel in dashboard["panels"]:
            found[panel["id"]] = []
            for target in panel["targets"]:
                if target.get("instant"):
                    path, more = "query", {"time": end.timestamp()}
                else:
                    step = (end - start).total_seconds() / POINTS
                    more = {"start": start.timestamp(), "end": end.timestamp(), "step": step}
                    path = "query_range"
                query = {"query": target["expr"], **more}
                async with session.get(f"{api}/{path}", params=query) as answer:
                    result = (await answer.json())["data"]["result"]
                if not result:
                    raise SystemExit(f"{panel['title']}: no data for {target['expr']}")
                found[panel["id"]].append(result)
    return {"start": start.timestamp(), "end": end.timestamp(), "answers": found}


def _run(*words: str | Path, folder: Path = ROOT) -> None:
    subprocess.run([str(word) for word in words], cwd=folder, check=True)


def build(folder: Path, dashboard: Mapping[str, Any], data: Mapping[str, Any]) -> Path:
    """Check the dashboard by Grafana's types, and return a page that draws it."""
    for name in ("draw.tsx", "package.json"):
        shutil.copy(SOURCE / name, folder)
    (folder / "dashboard.ts").write_text(checked(dashboard), encoding="utf-8")
    (folder / "data.json").write_text(json.dumps(data), encoding="utf-8")
    if not (folder / "node_modules/.made").exists():
        _run(
            "npm",
            "install",
            "--legacy-peer-deps",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
            folder=folder,
        )
        (folder / "node_modules/.made").touch()
    strict = ("--noEmit", "--strict", "--skipLibCheck", "--moduleResolution", "bundler")
    _run("npx", "tsc", *strict, "--module", "esnext", "dashboard.ts", folder=folder)
    bundle = ("--bundle", "--jsx=automatic", "--loader:.ttf=dataurl", "--log-level=warning")
    define = '--define:process.env.NODE_ENV="production"'
    _run("npx", "esbuild", "draw.tsx", *bundle, define, "--outfile=draw.js", folder=folder)
    page = folder.resolve() / "index.html"
    page.write_text(PAGE, encoding="utf-8")
    return page


async def photograph(page_file: Path, picture: Path, titles: list[str]) -> None:
    """Take the picture. Raises `SystemExit` if a panel is missing or says that it has no data."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        page = await browser.new_page(viewport={"width": 1440, "height": 1100})
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(page_file.as_uri())
        await page.wait_for_timeout(3_000)  # fonts and graphs are drawn after the page has loaded
        if errors:
            raise SystemExit("\n".join(errors))
        for title in titles:
            text = await page.locator(f'[data-title="{title}"]').inner_text()
            if re.search("No data|NaN|undefined", text):
                raise SystemExit(f"{title}: {text}")
        await take(page.locator("#board"), picture)
        await browser.close()


async def draw(picture: Path, folder: Path) -> None:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as temporary:
        samples = Path(temporary) / "samples.txt"
        start, end = await record(samples)
        async with prometheus(samples, Path(temporary)) as api:
            data = await answers(api, dashboard, start, end)
    page = build(folder, dashboard, data)
    await photograph(page, picture, [panel["title"] for panel in dashboard["panels"]])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.dashboard", description=__doc__)
    parser.add_argument("picture", nargs="?", type=Path, default=PICTURE)
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".dashboard", help="of npm's packages"
    )
    options = parser.parse_args()
    options.folder.mkdir(exist_ok=True)
    asyncio.run(draw(options.picture, options.folder))


main()
