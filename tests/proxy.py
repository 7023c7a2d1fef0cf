"""A proxy as companies have it: it asks for a password, and opens TLS with a certificate of its own
authority. The names below `.aicost.example` are known to it alone."""

import asyncio
import base64
import re
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

FOLDER = Path(__file__).parent / "certificates"
"""Made with openssl, valid until 2120; the file's name is what OpenSSL looks for in a folder."""
AUTHORITY = FOLDER / "9d8fa491.0"
USER, PASSWORD = "u", "p@ss:CANARY"


@dataclass(slots=True)
class Proxy:
    """A running proxy."""

    places: Mapping[str, str]
    """The URL of this machine that answers for each host."""
    url: str = ""
    """With its password, the reserved characters escaped."""
    hosts: set[str] = field(default_factory=set)
    """What was asked for with the right password."""
    user_agents: set[str] = field(default_factory=set)
    """Of all requests."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with suppress(OSError, asyncio.IncompleteReadError):
            await self._tunnel(reader, writer)
        writer.close()

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split(" ", 2)
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if method != "CONNECT" or f"Basic {token}" not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        host = target.partition(":")[0]
        self.hosts.add(host)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await writer.drain()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(AUTHORITY, FOLDER / "key.pem")
        await writer.start_tls(context)
        place = urlsplit(self.places[host])
        onward, back = await asyncio.open_connection(place.hostname, place.port)
        await asyncio.gather(
            _pass_on(reader, back, self._note), _pass_on(onward, writer, lambda _: None)
        )

    def _note(self, chunk: bytes) -> None:
        self.user_agents.update(
            each.decode() for each in re.findall(rb"\r\nUser-Agent: ([^\r]*)", chunk, re.IGNORECASE)
        )


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: Callable[[bytes], None]
) -> None:
    with suppress(OSError):
        while chunk := await reader.read(2**16):
            note(chunk)
            writer.write(chunk)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def serve_proxy(**places: str) -> AsyncIterator[Proxy]:
    """Serve a proxy by which NAME.aicost.example is the URL given for the name."""
    proxy = Proxy({f"{name}.aicost.example": url for name, url in places.items()})
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    proxy.url = f"http://{USER}:{PASSWORD.replace('@', '%40').replace(':', '%3A')}@127.0.0.1:{port}"
    try:
        yield proxy
    finally:
        server.close()
