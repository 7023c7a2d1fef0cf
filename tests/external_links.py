"""`python -m tests.external_links`: ask for every address outside that the docs link to, and exit
with 1 if one leads nowhere. CI runs it weekly, because pages elsewhere move without a change here.

A site that refuses programs, limits them or is down says nothing about the page: it is printed, and
doesn't fail.
"""

import asyncio
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import httpx

from tests.test_docs_links import PAGES, ROOT, without_code

GONE = (404, 410)
TRIES = 3
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address gave: `problem` is None for a page."""

    problem: str | None = None
    is_broken: bool = False


def external_links(pages: Iterable[Path]) -> dict[str, list[str]]:
    """Return the names of the pages that link to each address, without its anchor."""
    found: dict[str, list[str]] = {}
    for page in pages:
        text = without_code(page.read_text(encoding="utf-8"))
        for link in re.findall(r"https?://[^\s<>()\"'\]|]+", text):
            url = urldefrag(link.rstrip(".,;:*")).url
            name = page.name if page.parent == ROOT else f"{page.parent.name}/{page.name}"
            names = found.setdefault(url, [])
            if name not in names:
                names.append(name)
    return found


async def ask(client: httpx.AsyncClient, url: str, pause: float = 5.0) -> Answer:
    """Ask for one page, again after a failure that may pass. `pause` is in seconds."""
    answer = Answer()
    for attempt in range(TRIES):
        if attempt:
            await asyncio.sleep(pause)
        try:
            async with client.stream("GET", url) as response:  # its body isn't needed
                status = response.status_code
        except (httpx.ConnectError, httpx.TooManyRedirects, httpx.UnsupportedProtocol) as error:
            answer = Answer(f"{type(error).__name__}: {error}", is_broken=True)
            continue
        except httpx.HTTPError as error:
            answer = Answer(f"{type(error).__name__}: {error}")
            continue
        if status < 400:
            return Answer()
        answer = Answer(f"answered {status}", is_broken=status in GONE)
        if status < 500 and status != 429:
            return answer
    return answer


async def check(urls: Sequence[str], pause: float = 5.0) -> Mapping[str, Answer]:
    """Ask for each address; one at a time of each host."""
    hosts = {urlsplit(url).netloc: asyncio.Semaphore(1) for url in urls}
    places = asyncio.Semaphore(AT_ONCE)
    headers = {"User-Agent": "Mozilla/5.0 (compatible; aicost-docs-links)"}
    async with httpx.AsyncClient(follow_redirects=True, timeout=20, headers=headers) as client:

        async def one(url: str) -> Answer:
            async with hosts[urlsplit(url).netloc], places:
                return await ask(client, url, pause)

        return dict(zip(urls, await asyncio.gather(*map(one, urls)), strict=True))


async def main() -> int:
    """Check all pages, print what isn't well, and return the exit status."""
    links = external_links(PAGES)
    answers = await check(sorted(links))
    for url, answer in answers.items():
        if answer.problem is not None:
            mark = "BROKEN" if answer.is_broken else "unsure"
            sys.stdout.write(f"{mark}  {url}: {answer.problem} ({', '.join(links[url])})\n")
    broken = sum(answer.is_broken for answer in answers.values())
    sys.stdout.write(f"{len(links)} links, {broken} broken.\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
