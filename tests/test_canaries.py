"""No part of a password in a URL is printed by a command or logged."""

from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import Result

from tests.commands import run_here
from tests.test_redaction import RESERVED

CLOSED = "127.0.0.1:9"
OPENAI = {
    "OPENAI_ADMIN_KEY": "sk-admin-0123456789abcdef",
    "OPENAI_BASE_URL": "https://vendor.example/v1",
    "LOG_LEVEL": "debug",
}
SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "PORT": "0"}


def check(done: Result) -> None:
    said = done.stdout + done.stderr
    assert done.exit_code != 0
    for part in ("Zq8", "tY5w", "Traceback", "itself failed"):
        assert part not in said


@pytest.mark.parametrize("reserved", [*RESERVED, " ", "é", "%zz", "]x["])
def test_no_command_prints_a_part_of_a_password(tmp_path: Path, reserved: str) -> None:
    """With each character that a URL reserves, unescaped, in the URL of the database, the proxy, a
    provider and Slack: `doctor`, `sync` and `run`."""
    user = f"u:Zq8{reserved}tY5w"
    urls = {
        "DATABASE_URL": f"postgresql://{user}@{CLOSED}/x",
        "HTTPS_PROXY": f"http://{user}@{CLOSED}",
        "OPENAI_BASE_URL": f"https://{user}@vendor.example/v1",
        "SLACK_API_URL": f"https://{user}@slack.example/api",
    }
    check(run_here(tmp_path, "doctor", **(OPENAI | SLACK | urls)))
    check(run_here(tmp_path, "run", **(OPENAI | SLACK | urls)))
    for name in ("DATABASE_URL", "HTTPS_PROXY"):
        check(run_here(tmp_path, "sync", **(OPENAI | {name: urls[name]})))


def test_no_command_prints_an_escaped_password(tmp_path: Path) -> None:
    """It is used: the proxy and the database are named as what can't be reached."""
    user = f"u:Zq8{quote(RESERVED, safe='')}tY5w"
    proxy = {"HTTPS_PROXY": f"http://{user}@{CLOSED}"}
    database = {"DATABASE_URL": f"postgresql://{user}@{CLOSED}/x"}
    for given in (proxy, database, proxy | database):
        done = run_here(tmp_path, "doctor", **(OPENAI | given))
        check(done)
        assert ("through the proxy http://127.0.0.1:9 (HTTPS_PROXY)" in done.stdout) == (
            "HTTPS_PROXY" in given
        )
        check(run_here(tmp_path, "sync", **(OPENAI | given)))
