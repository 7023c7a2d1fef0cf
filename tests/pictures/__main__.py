"""Take the pictures of the docs, or those named: `python -m tests.pictures [NAME …]`."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Page

from simulators.slack.office import MANAGER
from tests.pictures import film
from tests.pictures.scenes import FILM, SCENES, SETTING, go_to, part
from tests.pictures.studio import (
    DESKTOP,
    PHONE,
    THEMES,
    Screen,
    Studio,
    close_up,
    open_studio,
    settled,
    take,
)

FOLDER = Path(__file__).parents[2] / "docs/pictures"


async def pictures(folder: Path, names: list[str]) -> None:
    """Play every scene, and take the pictures of those named; of all without names."""
    async with open_studio() as studio:
        pages = {MANAGER: await _pages(studio, (DESKTOP, PHONE), MANAGER)}
        await studio.do(*SETTING)
        for scene in SCENES:
            await studio.do(*scene.steps)
            if names and scene.name not in names:
                continue
            if scene.who not in pages:
                pages[scene.who] = await _pages(studio, scene.screens, scene.who)
            for screen, suffix, page in pages[scene.who]:
                if screen not in scene.screens:
                    continue
                path = folder / f"{scene.name}{screen.suffix}{suffix}.png"
                await close_up(page, screen, on=False)
                await go_to(page, scene.place)
                await close_up(page, screen, on=bool(scene.shows))
                await settled(page)
                await take(part(page, scene), path)
                sys.stdout.write(f"{path.name}: {path.stat().st_size // 1000} kB\n")


async def _pages(
    studio: Studio, screens: Sequence[Screen], who: str
) -> list[tuple[Screen, str, Page]]:
    """Return a page for each screen and theme, with the end of its pictures' names."""
    return [
        (screen, suffix, await studio.open(screen, theme, who))
        for screen in screens
        for theme, suffix in THEMES.items()
    ]


async def run(folder: Path, names: list[str]) -> None:
    """Take what is named; everything without names. The film has a demo of its own."""
    if names != [FILM]:
        await pictures(folder, [name for name in names if name != FILM])
    if not names or FILM in names:
        async with open_studio() as studio:
            await film.shoot(studio, folder / f"{FILM}.gif")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*(scene.name for scene in SCENES), FILM, []])
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    asyncio.run(run(options.folder, options.names))


main()
