"""A provider is its folder and a line in the catalog: nothing else of the product changes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import providers

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def test_a_provider_in_one_folder_is_whole(tmp_path: Path) -> None:
    """With a folder and a line more, the whole product runs on it: sync, questions, budget, alerts,
    digest, Home, files, webhook, doctor and the words of a first start."""
    copy = tmp_path / "providers"
    shutil.copytree(
        Path(providers.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(HERE / "acme", copy / "acme")
    catalog = (copy / "catalog.py").read_text()
    line = "    openrouter.KIND,\n"
    assert line in catalog
    catalog = catalog.replace(line, f"{line}    acme.KIND,\n")
    imported = "from providers import "
    (copy / "catalog.py").write_text(catalog.replace(imported, f"{imported}acme, "))
    done = subprocess.run(
        [sys.executable, "-P", HERE / "journey.py"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
