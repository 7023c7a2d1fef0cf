"""`aicost apply`, `aicost export-config` and `aicost config-schema`, as typed at a terminal."""

import asyncio
import json
import os
import shlex
import tomllib
from pathlib import Path

import jsonschema
import pytest

from bot.db.migrating import migrate
from tests.e2e.conftest import Cli
from tests.quick import LONGEST, QUICK_AICOST

KEYS = {"OPENAI_ADMIN_KEY": "sk-admin-0123456789", "OPENROUTER_MANAGEMENT_KEY": "sk-or-0123456789"}
TOML = """
[[connection]]
name = "research"
provider = "openai"
key_env = "RESEARCH_KEY"
purchase_fee = "5.5%"

[alerts]
no_data_after_hours = 3

[[budget]]
connection = "research"
amount = 499.99
period = "monthly"
channel = "C0123456789"

[[digest]]
channel = "C0123456789"
time = "09:00"
zone = "Europe/London"
"""


async def test_a_dry_run_makes_no_database(cli: Cli, tmp_path: Path) -> None:
    """A dry run makes no database and exits with 2 for a difference; without Slack's tokens."""
    keys = {**KEYS, "RESEARCH_KEY": "sk-admin-9876543210"}
    (tmp_path / "aicost.toml").write_text(TOML)
    planned = await cli("apply", "--dry-run", **keys)
    assert (planned.code, planned.out.splitlines()[-1]) == (2, "2 to add.")
    assert not (tmp_path / "aicost.db").exists()
    done = await cli("apply", **keys)
    assert (done.code, done.out) == (0, planned.out)
    again = await cli("apply", "--dry-run", **keys)
    assert (again.code, again.out) == (0, "Everything is as the file says.\n")

    (tmp_path / "aicost.toml").write_text(TOML.replace("499.99", "600"))
    changed = await cli("apply", "--dry-run", **keys)
    assert changed.code == 2
    assert changed.out.splitlines() == [
        "~ [[budget]] connection research, period monthly, channel C0123456789 (#1)",
        "    amount: 499.99 → 600",
        "1 to change.",
    ]
    assert (await cli("apply", **keys)).code == 0
    audit = json.loads((await cli("audit", "--json", **keys)).out)
    assert [each["actor"] for each in audit] == ["aicost.toml"] * 3

    (tmp_path / "aicost.toml").write_text(TOML.replace("499.99", "-1"))
    for command in ("apply", "run", "sync"):
        wrong = await cli(command, **keys)
        assert wrong.code == 2
        assert "aicost.toml: budget 1 amount isn't an amount." in wrong.err

    (tmp_path / "aicost.toml").rename(tmp_path / "lost.toml")
    lost = await cli("apply", **keys)
    assert (lost.code, lost.out) == (2, "")
    assert "aicost.toml is missing or empty, but 2 settings are managed by it." in lost.err


async def test_what_is_exported_makes_no_difference(cli: Cli, tmp_path: Path) -> None:
    """What it prints is the present state: connections without keys, and every setting. Applied, it
    makes no difference."""
    keys = {**KEYS, "RESEARCH_KEY": "sk-admin-9876543210"}
    (tmp_path / "aicost.toml").write_text(TOML)
    await cli("apply", **keys)
    exported = await cli("export-config", **keys)
    assert exported.code == 0
    content = tomllib.loads(exported.out)
    schema = json.loads((await cli("config-schema")).out)
    jsonschema.validate(content, schema)
    expected = tomllib.loads(TOML)
    expected["budget"][0]["thresholds"] = [50, 80, 100]
    expected["digest"][0]["cadence"] = "daily"
    assert content == expected
    (tmp_path / "aicost.toml").write_text(exported.out)
    assert (await cli("apply", "--dry-run", **keys)).code == 0


async def test_an_export_makes_no_database(cli: Cli, tmp_path: Path) -> None:
    """Without a database, none is made."""
    exported = await cli("export-config", **KEYS)
    assert (exported.code, tomllib.loads(exported.out)) == (0, {})
    assert not (tmp_path / "aicost.db").exists()


async def test_an_export_replaces_the_file_it_reads(cli: Cli, tmp_path: Path) -> None:
    """Its mode and a link to it stay, and so does a file that isn't the configuration. A file that
    can't be written is named."""
    keys = {**KEYS, "RESEARCH_KEY": "sk-admin-9876543210"}
    real, link, other = tmp_path / "real.toml", tmp_path / "aicost.toml", tmp_path / ".env"
    real.write_text(TOML)
    real.chmod(0o640)
    link.symlink_to(real)
    other.write_text("LOG_LEVEL=info\n")
    await cli("apply", **keys)
    done = await cli("export-config", "aicost.toml", **keys)
    assert (done.code, done.out, done.err) == (0, "aicost.toml was written.\n", "")
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert real.read_text() == (await cli("export-config", **keys)).out
    refused = await cli("export-config", ".env", **keys)
    assert (refused.code, other.read_text()) == (2, "LOG_LEVEL=info\n")
    lost = await cli("export-config", "no/folder.toml", **keys)
    assert lost.code == 1
    assert "no/folder.toml can't be written: No such file or directory." in lost.err
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".partial")]  # noqa: PTH208


async def test_an_emptied_file_removes_nothing(cli: Cli, tmp_path: Path) -> None:
    """As a shell leaves it that redirects into it: no command takes it for what was wanted."""
    keys = {**KEYS, "RESEARCH_KEY": "sk-admin-9876543210"}
    file = tmp_path / "aicost.toml"
    file.write_text(TOML)
    assert (await cli("apply", **keys)).code == 0
    file.write_text("")
    refused = await cli("export-config", **keys)
    assert (refused.code, refused.out) == (2, "")
    assert f"{file} is empty." in refused.err
    for words in (("apply", "--dry-run"), ("apply",)):
        done = await cli(*words, **keys)
        assert done.code == 2
        assert "aicost.toml is missing or empty, but 2 settings are managed by it." in done.err
    file.write_text("# nothing\n")
    assert (await cli("apply", **keys)).out.endswith("\n2 to remove.\n")
    file.write_text("")
    assert (await cli("apply", **keys)).out.startswith("Warning: aicost.toml is empty.")
    nowhere = dict.fromkeys(("OPENAI_BASE_URL", "OPENROUTER_BASE_URL"), "http://127.0.0.1:9/v1")
    checked = await cli("doctor", **keys, **nowhere)
    assert "warning  configuration: aicost.toml is empty." in checked.out
    again = await cli("export-config", "aicost.toml", **keys)
    assert (again.code, again.err[:29]) == (0, "aicost.toml was empty: connec")


@pytest.mark.slow
async def test_a_redirected_export_is_refused(tmp_path: Path) -> None:
    """By a real shell. Appended, every table would be in the file twice. Else the shell has emptied
    the file, and it says what to do."""
    file = tmp_path / "aicost.toml"
    file.write_text("[alerts]\nno_data_after_hours = 3\n")
    before = file.read_text()
    assert "The output goes into" in await _in_shell("export-config >> aicost.toml", tmp_path, KEYS)
    assert file.read_text() == before
    emptied = await _in_shell("export-config > aicost.toml", tmp_path, KEYS)
    assert "Put it back from version control or a backup" in emptied
    assert file.read_text() == ""


async def _in_shell(words: str, folder: Path, variables: dict[str, str]) -> str:
    """Run `aicost WORDS` in a real shell, which must fail; return what it wrote to standard
    error."""
    process = await asyncio.create_subprocess_shell(
        f"{shlex.join(QUICK_AICOST)} {words}",
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", **variables},
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await asyncio.wait_for(process.communicate(), LONGEST)
    assert process.returncode == 2
    return err.decode()


async def test_a_dry_run_upgrades_nothing(cli: Cli, tmp_path: Path) -> None:
    """A database of an earlier version is left as it is, with what to do."""
    url = f"sqlite:///{tmp_path}/old.db"
    migrate(url, "0010")
    before = (tmp_path / "old.db").read_bytes()
    done = await cli("apply", "--dry-run", DATABASE_URL=url, **KEYS)
    assert done.code == 1
    assert "aicost db upgrade" in done.err
    assert (tmp_path / "old.db").read_bytes() == before


async def test_a_dry_run_changes_nothing(cli: Cli, tmp_path: Path) -> None:
    """Not a byte of this version's database either, although the file has a new connection."""
    assert (await cli("apply", **KEYS)).code == 0
    (tmp_path / "aicost.toml").write_text(TOML)
    before = (tmp_path / "aicost.db").read_bytes()
    keys = {**KEYS, "RESEARCH_KEY": "sk-admin-9876543210"}
    assert (await cli("apply", "--dry-run", **keys)).code == 2
    assert (tmp_path / "aicost.db").read_bytes() == before
