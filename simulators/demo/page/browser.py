"""Open the page if there is a browser."""

import asyncio
import os
import sys
import webbrowser


async def open_browser(url: str) -> None:
    """Open a window of the person's browser, if there is a screen for one; a browser that lives in
    the terminal would take it over."""
    has_screen = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if has_screen:
        await asyncio.to_thread(webbrowser.open, url)
