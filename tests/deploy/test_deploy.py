"""What is shipped to run aicost elsewhere is valid and hardened, and sets only known settings.

Linters that `make` does not install come into `.venv-deploy` for this, once.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.config.settings import VARIABLES
from tests.commands import run_here
from tests.tools import missing, need

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "systemd/aicost.service"
OURS = {*VARIABLES, *(f"{name}_FILE" for name in VARIABLES)}
KUBERNETES = ("1.32", "1.37")


def run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    environment = {k: v for k, v in os.environ.items() if k != "SSL_CERT_FILE"} | variables
    return subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False
    )


@pytest.fixture(scope="session")
def tools() -> Path:
    """The folder of the linters' commands."""
    uv = Path(sys.executable).with_name("uv")
    folder = ROOT / ".venv-deploy"
    done = run(
        *(uv, "sync", "--quiet", "--frozen", "--only-group", "deploy", "--python", sys.executable),
        UV_PROJECT_ENVIRONMENT=str(folder),
        VIRTUAL_ENV="",
        UV_SYSTEM_CERTS="1",  # the tests' own certificate is for the simulators alone
    )
    if done.returncode != 0:
        missing(f"the linters can't be installed: {done.stderr}")
    return folder / "bin"


def documents(path: Path) -> list[dict[str, Any]]:
    return [each for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if each]


@pytest.mark.slow
def test_the_dockerfile_is_clean(tools: Path) -> None:
    """By hadolint, without a rule left out."""
    done = run(tools / "hadolint", "Dockerfile")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize(
    "path", sorted((DEPLOY / "kubernetes").glob("*.yaml")), ids=lambda p: p.name
)
def test_kubernetes_takes_the_manifests(tools: Path, path: Path, version: str) -> None:
    """By the schemas of the oldest and the newest version; unknown keys are refused."""
    done = run(tools / "kubernetes-validate", "--strict", "-k", version, path)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_compose_takes_its_file(tools: Path) -> None:
    """By the schema of the Compose specification."""
    done = run(
        tools / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"
    )
    assert done.returncode == 0, done.stdout


def test_the_image_runs_without_rights() -> None:
    """Not as root, from a build that is left behind, with a health check."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    words = [line.split()[0] for line in lines if line and line[0].isupper()]
    assert words.count("FROM") == 3
    assert "HEALTHCHECK" in words
    assert "USER 10001:10001" in lines
    final = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM")) :]
    assert not any("pip" in line or "uv " in line for line in final)


def test_updates_and_another_base_reach_the_image() -> None:
    """Dependabot reads names of images in FROM, no ARG. `--build-context base=…` replaces both."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    named, *others = re.findall(r"^FROM (.*)$", text, re.MULTILINE)
    assert re.fullmatch(r"docker\.io/library/python:[\w.-]+ AS base", named)
    assert others == ["base AS build", "base"]
    script = (ROOT / "tests/deploy/build_image.sh").read_text(encoding="utf-8")
    assert "--build-context base=docker-image://" in script


def test_the_image_gets_all_that_it_copies() -> None:
    """What the Dockerfile copies is let through by .dockerignore, and nothing else: no .env."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = {
        word
        for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE)
        for word in line.split()[:-1]
    }
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == copied
    assert all((ROOT / each).exists() for each in copied)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("described", "version"),
    [("v0.2.0", "0.2.0"), ("v0.2.0-5-gabc1234", "0.2.1.dev5+gabc1234"), ("", "0+unknown")],
)
def test_an_image_knows_its_version(tmp_path: Path, described: str, version: str) -> None:
    """From what `git describe --tags` says: the image is built without git and its history."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    found = re.search(r'^RUN (echo ".*" > \S+)', dockerfile, re.MULTILINE)
    assert found
    for each in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / each, tmp_path)
    subprocess.run(["sh", "-c", found[1]], cwd=tmp_path, env={"VERSION": described}, check=True)
    build = ["--no-project", "--with", "hatchling", "--with", "hatch-vcs"]
    words = ["hatchling", "version"]
    environment = {k: v for k, v in os.environ.items() if k != "SSL_CERT_FILE"}
    done = subprocess.run(
        [Path(sys.executable).with_name("uv"), "run", *build, *words],
        cwd=tmp_path,
        env=environment | {"UV_SYSTEM_CERTS": "1", "VIRTUAL_ENV": ""},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.stdout.strip() == version, done.stderr


def test_containers_may_write_to_nothing_but_their_data() -> None:
    """Under Compose and under Kubernetes: read-only, without capabilities, not as root."""
    [compose] = documents(ROOT / "compose.yaml")
    service = compose["services"]["aicost"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    kinds = {each["kind"]: each for each in documents(DEPLOY / "kubernetes/aicost.yaml")}
    pod = kinds["StatefulSet"]["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert {each["mountPath"] for each in container["volumeMounts"]} == {"/data", "/tmp"}  # noqa: S108


def test_only_settings_that_there_are_are_set() -> None:
    """In every way to run it: a mistyped variable would be ignored."""
    [compose] = documents(ROOT / "compose.yaml")
    given = set(compose["services"]["aicost"]["environment"])
    for path in (DEPLOY / "kubernetes").glob("*.yaml"):
        for each in documents(path):
            given |= {*each.get("data", ()), *each.get("stringData", ())}
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    given |= set(re.findall(r"\b(AICOST_[A-Z_]+)=", dockerfile.rpartition("FROM ")[2]))
    assert "SLACK_BOT_TOKEN" in given
    assert given <= OURS


@pytest.mark.slow
def test_the_unit_is_hardened() -> None:
    """Its exposure is under 3 of 10 ("OK"), as systemd counts it."""
    analyze = need("systemd-analyze")
    done = run(analyze, "security", "--offline=true", "--no-pager", UNIT)
    found = re.search(r"exposure level for aicost\.service: ([\d.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) < 3
    # All that it may complain of: the command is not installed on this machine.
    verified = run(analyze, "verify", UNIT).stderr.splitlines()
    assert [line for line in verified if "is not executable" not in line] == []


def test_there_is_a_home_folder() -> None:
    """Users of services have none of their own, and `slack_bolt` looks for one when imported."""
    assert "Environment=HOME=/var/lib/aicost" in UNIT.read_text(encoding="utf-8").splitlines()
    assert " HOME=/data " in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_a_command_runs_as_the_service_does(tmp_path: Path) -> None:
    """`deploy/systemd/aicost` gives every command the unit's user, folder, settings and secrets."""
    unit = UNIT.read_text(encoding="utf-8").splitlines()
    script = (DEPLOY / "systemd/aicost").read_text(encoding="utf-8")
    given = re.findall(r"--property=(\S+)", script)
    assert {each.partition("=")[0] for each in given} >= {"EnvironmentFile", "LoadCredential"}
    assert all(each in unit for each in given)
    faked = tmp_path / "systemd-run"
    faked.write_text('#!/bin/sh\nfor last; do :; done; echo "$last"\n', encoding="utf-8")
    faked.chmod(0o755)
    done = run(DEPLOY / "systemd/aicost", "ask", "by model", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert done.stdout == "by model\n", done.stderr


def test_credentials_of_systemd_are_secrets(tmp_path: Path) -> None:
    """A file named like its variable is found as by NAME_FILE; a variable that is set goes first,
    and nothing of the secret is shown."""
    secrets = tmp_path / "credentials"
    secrets.mkdir()
    (secrets / "aicost_SLACK_BOT_TOKEN").write_text("xapp-1-secret", encoding="utf-8")
    (secrets / "aicost_OPENAI_ADMIN_KEY").write_text("", encoding="utf-8")
    (secrets / "other").write_text("x", encoding="utf-8")
    folder = {"CREDENTIALS_DIRECTORY": str(secrets)}
    done = run_here(tmp_path, "run", **folder)
    assert "The file in OPENAI_ADMIN_KEY_FILE is empty." in done.stderr
    done = run_here(tmp_path, "run", OPENAI_ADMIN_KEY="sk-admin-x", **folder)
    assert "SLACK_BOT_TOKEN holds an app-level token." in done.stderr
    assert "secret" not in done.stderr
    assert done.exit_code == 2


WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


@pytest.mark.slow
def test_workflows_are_safe(tools: Path) -> None:
    """By zizmor, with its strictest rules that need no network."""
    done = run(tools / "zizmor", "--offline", "--no-progress", "--persona=pedantic", ".github")
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", ".github/workflows/*.yml"),
        ("vendor.dependabot", ".github/dependabot.yml"),
    ],
)
def test_github_takes_its_files(tools: Path, schema: str, files: str) -> None:
    """By the schemas of GitHub's workflows and of Dependabot."""
    paths = sorted(ROOT.glob(files))
    done = run(tools / "check-jsonschema", "--builtin-schema", schema, *paths)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_have_no_rights_but_those_named(path: Path) -> None:
    """None for the whole, those it needs for each job; every action is pinned by its commit, the
    same one everywhere, with the version next to it."""
    text = path.read_text(encoding="utf-8")
    [workflow] = documents(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert "permissions" in job
        assert "timeout-minutes" in job or "uses" in job
    assert "pull_request_target" not in text
    used = re.findall(r"uses: (?!\$/)(\S+)(.*)", text)
    assert used
    for action, comment in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action)
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment)
    everywhere = {
        line for each in WORKFLOWS for line in re.findall(r"uses: (?!\$/)(\S+)", each.read_text())
    }
    assert len(everywhere) == len({line.partition("@")[0] for line in everywhere})


def test_every_supported_python_is_tested() -> None:
    """From the oldest that the package admits, the wheel and the tests run on the same ones."""
    [workflow] = documents(ROOT / ".github/workflows/ci.yml")
    versions = [
        workflow["jobs"][job]["strategy"]["matrix"]["python"] for job in ("installed", "test")
    ]
    assert versions[0] == versions[1]
    requires = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'requires-python = ">={versions[0][0]}"' in requires


def test_each_alert_rule_was_seen_to_fire() -> None:
    """By promtool, here or on what a bot gave in the month of faults, which the page describes."""
    rules = (DEPLOY / "prometheus/aicost.rules.yml").read_text(encoding="utf-8")
    names = set(re.findall(r"alert: (\w+)", rules))
    tested = documents(ROOT / "tests/deploy/aicost.rules.test.yml")[0]["tests"]
    fired = {
        case["alertname"]
        for test in tested
        for case in test["alert_rule_test"]
        if case.get("exp_alerts")
    }
    page = (ROOT / "docs/explanation/failures.md").read_text(encoding="utf-8")
    assert names == fired | set(re.findall(r"`(Aicost\w+)`", page))


@pytest.mark.slow
def test_prometheus_takes_the_alert_rules() -> None:
    """By its own check of syntax and expressions, and with series that make them fire."""
    for words in (
        ("check", "rules", DEPLOY / "prometheus/aicost.rules.yml"),
        ("test", "rules", ROOT / "tests/deploy/aicost.rules.test.yml"),
    ):
        done = run(need("promtool"), *words)
        assert done.returncode == 0, done.stdout + done.stderr
