"""Links between the docs lead somewhere, and every page can be found: in the repository and on the
site, without building it."""

import re
import runpy
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from tests.pictures.scenes import FILM, SCENES
from tests.pictures.studio import THEMES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = (
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md", "providers/README.md")),
    ROOT / ".github/CONTRIBUTING.md",
    *sorted(DOCS.rglob("*.md")),
)
LARGEST_PICTURE, LARGEST_FILM = 300_000, 3_000_000
"""Bytes."""


def without_code(text: str) -> str:
    """A page, without blocks of code and what stands in backquotes."""
    return re.sub(r"`[^`\n]*`", "code", re.sub(r"^ *```.*?^ *```", "", text, flags=re.M | re.S))


@cache
def links_of(path: Path) -> tuple[str, ...]:
    """Every link and picture of a page that leads to a file here."""
    text = without_code(path.read_text(encoding="utf-8"))
    found = re.findall(r"\]\(([^)\s]+)[^)]*\)|(?:src|srcset|href)=\"([^\"]+)\"", text)
    return tuple(link for pair in found for link in pair if link and "://" not in link)


@cache
def anchors_of(path: Path) -> frozenset[str]:
    """The anchors of a page's headings, as GitHub makes them; the site is set to do the same."""
    text = re.sub(r"^ *```.*?^ *```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    anchors: list[str] = []
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower())
        anchors.append(slug.strip().replace(" ", "-"))
    assert len(anchors) == len(set(anchors)), f"{path.name} has two headings of one name"
    return frozenset(anchors)


def missing(path: Path, link: str) -> str | None:
    """Return what is wrong with a link; None: nothing."""
    name, _, anchor = link.partition("#")
    target = (path.parent / name).resolve() if name else path
    if not target.exists():
        return f"{link}: no such file"
    if anchor and target.suffix == ".md" and anchor not in anchors_of(target):
        return f"{link}: no such heading"
    most = LARGEST_FILM if target.suffix == ".gif" else LARGEST_PICTURE
    if target.is_file() and target.stat().st_size > most:
        return f"{link}: too large"
    return None


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    """A file that isn't there, a heading that isn't there, a picture that is too large."""
    page = tmp_path / "page.md"
    (tmp_path / "big.png").write_bytes(b"x" * (LARGEST_PICTURE + 1))
    page.write_text(
        "# Title: a `b`\n[x](none.md) [x](#title-a-b) [x](page.md#other) ![x](big.png) `[](no)`",
        encoding="utf-8",
    )
    assert [missing(page, link) for link in links_of(page)] == [
        "none.md: no such file",
        None,
        "page.md#other: no such heading",
        "big.png: too large",
    ]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    """Every relative link, anchor and picture is there; pictures are small enough to load."""
    assert [wrong for link in links_of(path) if (wrong := missing(path, link))] == []


def linked_from(start: Path) -> set[Path]:
    """Every page that a reader reaches by links from a page."""
    reached, open_pages = {start}, [start]
    while open_pages:
        page = open_pages.pop()
        for link in links_of(page):
            target = (page.parent / link.partition("#")[0]).resolve()
            if target.suffix == ".md" and target not in reached:
                reached.add(target)
                open_pages.append(target)
    return reached


def linked_at(page: Path) -> set[Path]:
    """The files that one page links."""
    return {(page.parent / link.partition("#")[0]).resolve() for link in links_of(page)}


def site() -> dict[str, Any]:
    """The settings of the site; its one Python tag is left out."""
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(re.sub(r"!!python/\S+|!ENV", "", text)))


def paths_in(navigation: Any) -> list[str]:
    """The pages of the site's navigation."""
    match navigation:
        case str():
            return [navigation]
        case list():
            return [path for each in navigation for path in paths_in(each)]
        case _:
            return [path for each in navigation.values() for path in paths_in(each)]


def test_every_page_can_be_found() -> None:
    """The README leads to each page, and the site's navigation names each once. So does its first
    page, except those of providers: their comparison does."""
    pages = set(DOCS.rglob("*.md"))
    assert pages <= linked_from(ROOT / "README.md")
    config = SimpleNamespace(nav=site()["nav"], docs_dir=str(DOCS))
    listed = paths_in(runpy.run_path(str(DOCS / "site.py"))["on_config"](config).nav)
    assert sorted(listed) == sorted(str(page.relative_to(DOCS)) for page in pages)
    compared = DOCS / "providers/index.md"
    of_providers = {each for each in pages if each.parent == compared.parent} - {compared}
    assert of_providers <= linked_at(compared)
    assert pages - of_providers - {DOCS / "index.md"} <= linked_at(DOCS / "index.md")


def test_every_picture_is_of_a_scene_and_is_shown() -> None:
    """`make pictures` takes all that there are but the dashboard, and a page shows each."""
    taken = {f"{FILM}.gif", "dashboard.png"}  # that one by tests.dashboard
    for scene in SCENES:
        taken |= {
            f"{scene.name}{screen.suffix}{theme}.png"
            for screen in scene.screens
            for theme in THEMES.values()
        }
    assert {path.name for path in (DOCS / "pictures").iterdir()} == taken
    shown = {Path(link).name for page in PAGES for link in links_of(page) if "pictures/" in link}
    assert shown == taken
