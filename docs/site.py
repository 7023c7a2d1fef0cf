"""Hooks of mkdocs. The navigation has each page of a provider. Links that leave `docs/` lead to the
repository, or become plain text where the site isn't built for one (`DOCS_REPOSITORY`)."""

import posixpath
import re
from pathlib import Path
from typing import Any

_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(((?:\.\./)+[^)\s]*)\)")


def on_config(config: Any, **_: Any) -> Any:
    """Put every page of `docs/providers` into the section *Providers*, the comparison first."""
    names = sorted(path.name for path in Path(config.docs_dir, "providers").glob("*.md"))
    names.sort(key=lambda name: name != "index.md")
    for section in config.nav:
        if "Providers" in section:
            section["Providers"] = [f"providers/{name}" for name in names]
    return config


def on_page_markdown(markdown: str, page: Any, config: Any, **_: Any) -> str:
    """Return the page with these links changed."""
    folder = posixpath.dirname(page.file.src_uri)

    def change(link: re.Match[str]) -> str:
        label, path = link[1], posixpath.normpath(posixpath.join("docs", folder, link[2]))
        if path.startswith("docs/"):
            return link[0]
        return f"[{label}]({config.repo_url}/blob/main/{path})" if config.repo_url else label

    return _LINK.sub(change, markdown)
