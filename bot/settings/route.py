"""How requests to an address leave this machine, and in words for whoever mends it."""

import ipaddress
import os
import re
import ssl
import urllib.request
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from bot.settings.environment import Problem, SettingsError
from providers.redaction import redact

_PROXY_REMEDY = (
    "aicost supports HTTP proxies: http://user:password@host:port, reserved characters escaped. "
    "NO_PROXY names what is reached without it."
)
_NAME = re.compile(r"(\*?\.)?[0-9A-Za-z_-]{1,63}(\.[0-9A-Za-z_-]{1,63}){0,30}\.?(:[0-9]{1,5})?")
THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


def proxy_of(url: str) -> str | None:
    """The proxy by which requests to an address go; None: they go straight. As httpx reads the
    environment, so that all that leaves goes the same way."""
    return _way(_place(url))[0]


def route_words(url: str, variable: str) -> str:
    """``Asked: https://api.openai.com/v1 (OPENAI_BASE_URL), without a proxy (HTTPS_PROXY is not
    set).`` Passwords are left out. `variable` says where the address can be set."""
    place = _place(url)
    proxy, why = _way(place)
    way = "without a proxy" if proxy is None else f"by the proxy {_shown(_place(proxy))}"
    return f"Asked: {_shown(place)} ({variable}), {way} ({why})."


def is_plain(url: str) -> bool:
    """Whether what is sent there can be read on the way: HTTP to another machine."""
    place = _place(url)
    return place.scheme == "http" and not is_this_machine(place.hostname or "")


def is_this_machine(host: str) -> bool:
    """Whether the host is the loopback interface."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_network(urls: Iterable[str]) -> None:
    """Check what the environment says of the way to these addresses: a proxy and a certificate file
    that can't be used are `SettingsError`, by the name of their variable."""
    for url in urls:
        proxy, variable = _way(_place(url))
        scheme = "" if proxy is None else proxy.partition("://")[0].lower()
        if scheme.startswith("socks"):
            raise SettingsError(
                Problem(f"{variable} names a SOCKS proxy, which isn't supported.", _PROXY_REMEDY)
            )
        place = None if proxy is None else _place(proxy)
        if place and (scheme not in ("http", "https") or not place.hostname or "@" in place.path):
            raise SettingsError(Problem(f"{variable} isn't the address of a proxy.", _PROXY_REMEDY))
    certificates()


def certificates() -> ssl.SSLContext | None:
    """What SSL_CERT_FILE trusts; None where it isn't set. Raises `SettingsError`."""
    path = os.environ.get("SSL_CERT_FILE")
    if not path:
        return None
    try:
        return ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as error:
        reason = "holds no certificate" if Path(path).is_file() else "can't be read"
        if isinstance(error, PermissionError):
            reason = "can't be read"
        raise SettingsError(
            Problem(
                f"SSL_CERT_FILE: {path} {reason}.",
                "Name a readable file of certificates in PEM format, or unset it.",
            )
        ) from None


def ignored_exceptions() -> Sequence[str]:
    """Entries of NO_PROXY that can't be used, and so are ignored."""
    return [redact(entry) for entry in _exceptions() if not _is_usable(entry)]


def _exceptions() -> list[str]:
    return [each for each in re.split(r"[,\s]+", urllib.request.getproxies().get("no", "")) if each]


def _is_usable(entry: str) -> bool:
    return entry == "*" or _network(entry) is not None or bool(_NAME.fullmatch(entry))


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The network or the one address that an entry names, with or without brackets."""
    try:
        return ipaddress.ip_network(re.sub(r"[\[\]]", "", entry), strict=False)
    except ValueError:
        return None


def _is_spared(host: str, port: int | None) -> bool:
    """Whether NO_PROXY names the host: by itself, by its domain, or by its network."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    for entry in _exceptions():
        name = re.sub(rf"(?<=[^:]):{port}\Z", "", entry) if port else entry
        network = _network(name)
        if entry == "*" or (network and address and address in network):
            return True
        domain = name.lower().removeprefix("*").removeprefix(".")
        if _NAME.fullmatch(name) and (host == domain or host.endswith(f".{domain}")):
            return True
    return False


def _way(place: SplitResult) -> tuple[str | None, str]:
    """The proxy, and what says so."""
    host = place.hostname or ""
    if host in THIS_MACHINE:
        return None, "it is this machine"
    proxies = urllib.request.getproxies()
    variable = f"{(place.scheme or 'https').upper()}_PROXY"
    if place.scheme in proxies:
        proxy = proxies[place.scheme]
    elif "all" in proxies:
        variable, proxy = "ALL_PROXY", proxies["all"]
    else:
        return None, f"{variable} is not set"
    if _is_spared(host, place.port):
        return None, "NO_PROXY names it"
    return proxy if "://" in proxy else f"http://{proxy}", variable


def _place(url: str) -> SplitResult:
    """Its parts; empty where it is no address."""
    try:
        place = urlsplit(url)
        _ = place.port  # read here, as it raises where it is none
    except ValueError:
        return urlsplit("")
    return place


def _shown(place: SplitResult) -> str:
    """Scheme, host, port and path: neither a user nor a query."""
    if not place.hostname or "@" in place.path:
        return "an address that is none"
    host = f"[{place.hostname}]" if ":" in place.hostname else place.hostname
    port = f":{place.port}" if place.port else ""
    return f"{place.scheme}://{host}{port}{place.path.rstrip('/')}"
