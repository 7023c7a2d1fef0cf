"""Links out of the docs are found and tried: one that leads nowhere fails, one that can't be tried
doesn't."""

from pathlib import Path

from aiohttp import web

from tests.external_links import check, external_links


def test_links_are_found_outside_code(tmp_path: Path) -> None:
    """Each once, without its anchor and the sentence's end."""
    page = tmp_path / "page.md"
    page.write_text(
        "[a](https://a.example/x#part), <https://b.example>. See https://a.example/x.\n"
        "`https://code.example`\n```\nhttps://code.example\n```\n"
    )
    name = f"{tmp_path.name}/page.md"
    found = external_links([page])
    assert found == {"https://a.example/x": [name], "https://b.example": [name]}


async def test_what_leads_nowhere_is_broken() -> None:
    """A page that is gone, also after a redirect, and a host that isn't there. A site that refuses
    programs says nothing; one that fails for a moment is asked again."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        match request.path:
            case "/moved":
                raise web.HTTPFound("/gone")
            case "/passing":
                return web.Response(status=503 if asked.count("/passing") == 1 else 200)
            case path:
                status = {"/gone": 404, "/refused": 403, "/down": 500}.get(path, 200)
                return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/{path}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    names = ("well", "gone", "moved", "refused", "down", "passing")
    urls = {name: f"{site.name}/{name}" for name in names} | {"nobody": "http://127.0.0.1:9/"}
    found = await check([*urls.values()], pause=0)
    await runner.cleanup()
    problems = {name for name, url in urls.items() if found[url].problem is not None}
    broken = {name for name, url in urls.items() if found[url].is_broken}
    assert problems == {"gone", "moved", "refused", "down", "nobody"}
    assert broken == {"gone", "moved", "nobody"}
    assert asked.count("/down") == 3
