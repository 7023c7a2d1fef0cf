"""The wheel is all that is needed: installed in an empty environment, far from the checkout."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools import missing

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
PAGE = """
from simulators.demo.page import server
print(server.__file__, (server.STATIC / "index.html").read_text())
"""


def run(
    folder: Path, *command: str | Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it there, in this environment or in another."""
    words = [str(word) for word in command]
    if env is None:  # the tests' own certificate is for the simulators alone
        env = {k: v for k, v in os.environ.items() if k != "SSL_CERT_FILE"}
        env |= {"UV_SYSTEM_CERTS": "1"}
    return subprocess.run(
        words, cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False
    )


@pytest.mark.slow
def test_the_demo_runs_from_the_wheel_alone(tmp_path: Path) -> None:
    """Built, installed and run, it answers in the simulated Slack; page and manifest are in it."""
    python = tmp_path / "venv/bin/python"
    made = run(tmp_path, UV, "venv", "--python", sys.executable, "venv")
    assert made.returncode == 0, made.stderr
    index = run(tmp_path, UV, "pip", "install", "--python", python, "--dry-run", "hatchling")
    if index.returncode != 0:
        missing(f"no package index can be reached, so no wheel can be built: {index.stderr}")
    built = run(tmp_path, UV, "build", "--wheel", "--out-dir", tmp_path, ROOT)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    installed = run(tmp_path, UV, "pip", "install", "--python", python, wheel)
    assert installed.returncode == 0, installed.stderr

    bare = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    aicost = tmp_path / "venv/bin/aicost"
    done = run(tmp_path, aicost, "demo", "--say", "balance", env=bare)
    assert done.returncode == 0, done.stderr
    assert "OpenRouter: $" in done.stdout
    as_named = run(tmp_path, tmp_path / "venv/bin/aicost-bot", "manifest", env=bare)
    assert as_named.stdout == (ROOT / "manifest.yml").read_text(encoding="utf-8"), as_named.stderr
    version = run(tmp_path, aicost, "--version", env=bare).stdout.split()[-1]
    assert wheel.name.split("-")[1] == version
    page = run(tmp_path, python, "-c", PAGE, env=bare)
    assert page.stdout.startswith(str(tmp_path)), page.stderr
    assert "<!doctype html>" in page.stdout.lower()
