"""The bare thing: a Bolt app that imports the bot's libraries (what they put off until their first
use too, and what the bot itself imports only where it is needed), acknowledges, and answers a word.

`python -m tests.bench.bare` with the bot's own variables. It says ``imported`` once the imports
are done; with `SLACK_APP_TOKEN` it then connects by Socket Mode, else it serves HTTP on `PORT`.
"""

import asyncio
import os
import sys
from typing import Any

import aiosqlite
import alembic.command
import alembic.config
import alembic.migration
import anyio._backends._asyncio
import apscheduler.schedulers.asyncio
import click
import dotenv
import httpcore
import httpx
import prometheus_client
import pydantic
import pydantic_settings
import rich.table
import sqlalchemy.dialects.sqlite.aiosqlite
import sqlalchemy.ext.asyncio
import sqlmodel
import stamina
import structlog
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

IMPORTED = (
    aiosqlite,
    alembic.command,
    alembic.config,
    alembic.migration,
    anyio._backends._asyncio,
    apscheduler.schedulers.asyncio,
    click,
    dotenv,
    httpcore,
    httpx,
    prometheus_client,
    pydantic,
    pydantic_settings,
    rich.table,
    sqlalchemy.dialects.sqlite.aiosqlite,
    sqlalchemy.ext.asyncio,
    sqlmodel,
    stamina,
    structlog,
)


async def main() -> None:
    """Serve until killed."""
    token, app_token = os.environ["SLACK_BOT_TOKEN"], os.environ.get("SLACK_APP_TOKEN")
    client = AsyncWebClient(token, base_url=os.environ["SLACK_API_URL"])
    app = AsyncApp(client=client, signing_secret=os.environ.get("SLACK_SIGNING_SECRET", "-"))

    @app.command("/aicost")
    async def answer(ack: Any, respond: Any) -> None:
        await ack()
        await respond("$1.00")

    if app_token:
        await AsyncSocketModeHandler(app, app_token, web_client=client).connect_async()  # type: ignore[no-untyped-call]
    else:
        runner = web.AppRunner(app.web_app(path="/slack/events"), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(os.environ["PORT"])).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    sys.stdout.write("imported\n")
    sys.stdout.flush()
    asyncio.run(main())
