"""How requests leave this machine: proxies, exceptions and certificates of the environment, and
their description."""

import ipaddress
import os
import re
import ssl
import urllib.request
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from bot.config.environment import Environment, Problem, SettingsError
from bot.metrics import version_text
from providers.redaction import sanitize

_VARIABLES = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SSLKEYLOGFILE",
)
_PROXY = re.compile(
    r"\A(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?"
    r"([\w.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?"
)
"""User, host and port according to RFC 3986. HTTP clients differ in what else they accept."""
_OF_SOCKETS = {"wss": "https", "ws": "http"}
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")
"""OpenSSL's names of certificates in a folder."""

_PROXY_REMEDY = (
    "Use an HTTP proxy: http://user:password@host:port, with reserved characters escaped. NO_PROXY "
    "lists hosts to reach directly."
)
_NAME = re.compile(r"(\*?\.)?[0-9A-Za-z_-]{1,63}(\.[0-9A-Za-z_-]{1,63}){0,30}\.?(:[0-9]{1,5})?")
THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


def proxy_of(url: str) -> str | None:
    """Return the proxy for requests to an address, including WebSockets; None if there is none. The
    environment is read as httpx does, so that all requests go the same way."""
    return _way(_place(url))[0]


def user_agent() -> str:
    """Return ``aicost/0.2.0``, which every request carries."""
    return f"aicost/{version_text()}"


def route_text(url: str, variable: str) -> str:
    """Return ``Request: https://api.openai.com/v1 (OPENAI_BASE_URL), without a proxy (HTTPS_PROXY
    is not set).`` Passwords are left out. `variable` is the setting of the address."""
    place = _place(url)
    proxy, why = _way(place)
    way = "without a proxy" if proxy is None else f"through the proxy {_shown(_place(proxy))}"
    return f"Request: {_shown(place)} ({variable}), {way} ({why})."


def is_plain(url: str) -> bool:
    """Return True if others can read what is sent there: HTTP to another machine."""
    place = _place(url)
    return place.scheme == "http" and not is_this_machine(place.hostname or "")


def is_this_machine(host: str) -> bool:
    """Return True for the loopback interface."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def export_network_variables(environment: Environment) -> None:
    """Copy the network's variables of `.env` to this process, before anything reads them: OpenSSL
    does too. Variables that the process already has, in either case, are kept."""
    own = {name.upper() for name in os.environ}
    for name, value in environment.items():
        if name.upper() in _VARIABLES and name.upper() not in own:
            os.environ[name] = value


def set_key_log_aside() -> None:
    """Unset SSLKEYLOGFILE if its file can't be written: otherwise nothing that uses TLS can be
    imported. `network_warnings` reports it."""
    _set_aside.clear()
    if path := os.environ.get("SSLKEYLOGFILE"):
        try:
            Path(path).open("ab").close()
        except (OSError, ValueError):
            _set_aside.append(os.environ.pop("SSLKEYLOGFILE"))


_set_aside: list[str] = []


def check_network(urls: Iterable[str]) -> None:
    """Check the proxies and certificates that the environment sets for these addresses. Raises
    `SettingsError` with every problem and the name of its variable."""
    places = [_place(url) for url in urls]
    ways = dict.fromkeys(_way(place) for place in places)
    problems = [_proxy_problem(proxy, variable) for proxy, variable in ways if proxy is not None]
    found = [each for each in problems if each is not None]
    if any(place.scheme == "https" for place in places):
        try:
            _read_certificates()
        except SettingsError as error:
            found += error.problems
    if found:
        raise SettingsError(*found)


def _proxy_problem(proxy: str, variable: str) -> Problem | None:
    place, scheme = _place(proxy), proxy.partition("://")[0].lower()
    if scheme.startswith("socks"):
        return Problem(f"{variable} names a SOCKS proxy, which isn't supported.", _PROXY_REMEDY)
    if scheme not in ("http", "https") or not _PROXY.fullmatch(place.netloc) or not _is_sure(place):
        return Problem(f"{variable} isn't the address of a proxy.", _PROXY_REMEDY)
    return None


def certificates() -> ssl.SSLContext | None:
    """Return what SSL_CERT_FILE and SSL_CERT_DIR trust. None if neither is set, or if neither can
    be used and nothing needs TLS; otherwise `check_network` refuses them."""
    try:
        return _read_certificates()
    except SettingsError:
        return None


def _read_certificates() -> ssl.SSLContext | None:
    file, folders = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    for folder in (folders or "").split(os.pathsep):
        if folder:
            _check_folder(Path(folder))
    if not file and not folders:
        return None
    try:
        return ssl.create_default_context(cafile=file or None, capath=folders or None)
    except (OSError, ValueError) as error:
        is_there = isinstance(error, ssl.SSLError) and Path(file or "").is_file()
        raise _unusable(
            f"SSL_CERT_FILE: {sanitize(file or '')}",
            "has no certificate" if is_there else "can't be read",
            "Use a readable file of certificates in PEM format, or unset it.",
        ) from None


def _check_folder(folder: Path) -> None:
    try:
        is_usable = any(_HASHED.fullmatch(each.name) for each in folder.iterdir())
    except (OSError, ValueError):
        raise _unusable(
            f"SSL_CERT_DIR: {sanitize(str(folder))}",
            "can't be read",
            "Use a folder of certificates, or unset it.",
        ) from None
    if not is_usable:
        raise _unusable(
            f"SSL_CERT_DIR: {sanitize(str(folder))}",
            "has no certificate that OpenSSL can find",
            "Run `openssl rehash` on that folder, or unset it.",
        )


def _unusable(what: str, why: str, remedy: str) -> SettingsError:
    return SettingsError(Problem(f"{what} {why}.", remedy))


def network_warnings() -> Sequence[Problem]:
    """Return network variables that are ignored or unsafe."""
    found = [
        Problem(
            f"NO_PROXY: the entry {sanitize(entry)} can't be used and is ignored.",
            "Use a host, a domain, an address or a network such as 10.0.0.0/8.",
        )
        for entry in _exceptions()
        if not _is_usable(entry)
    ]
    found += [
        Problem(
            f"SSLKEYLOGFILE: {sanitize(path)} can't be written, so it is ignored.",
            "Use a writable file, or unset it.",
        )
        for path in _set_aside
    ]
    if path := os.environ.get("SSLKEYLOGFILE"):
        found.append(
            Problem(
                f"SSLKEYLOGFILE: the keys of all connections are written to {sanitize(path)}.",
                "Unset it unless you are debugging. The keys decrypt all traffic.",
            )
        )
    return found


def _exceptions() -> list[str]:
    return [each for each in re.split(r"[,\s]+", urllib.request.getproxies().get("no", "")) if each]


def _is_usable(entry: str) -> bool:
    return entry == "*" or _network(entry) is not None or bool(_NAME.fullmatch(entry))


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(re.sub(r"[\[\]]", "", entry), strict=False)
    except ValueError:
        return None


def _is_spared(host: str, port: int | None) -> bool:
    """Return True if NO_PROXY names the host, its domain or its network."""
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
    host = place.hostname or ""
    if host in THIS_MACHINE:
        return None, "it is this machine"
    proxies = urllib.request.getproxies()
    scheme = _OF_SOCKETS.get(place.scheme, place.scheme)
    variable = f"{(scheme or 'https').upper()}_PROXY"
    if scheme in proxies:
        proxy = proxies[scheme]
    elif "all" in proxies:
        variable, proxy = "ALL_PROXY", proxies["all"]
    else:
        return None, f"{variable} is not set"
    if _is_spared(host, place.port):
        return None, "it is in NO_PROXY"
    return proxy if "://" in proxy else f"http://{proxy}", variable


def _place(url: str) -> SplitResult:
    """Return the parts of a URL; empty if it isn't one."""
    try:
        place = urlsplit(url)
        _ = place.port  # read here, as it raises where it is none
    except ValueError:
        return urlsplit("")
    return place


def _is_sure(place: SplitResult) -> bool:
    """Return True if it is certain which part is the host. A reserved character in a password ends
    it early, and the rest would be shown as the host or the path."""
    return bool(place.hostname) and "@" not in f"{place.path}{place.query}{place.fragment}"


def _shown(place: SplitResult) -> str:
    """Return scheme, host, port and path, without user and query."""
    if not _is_sure(place):
        return "an invalid address"
    host = place.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = f":{place.port}" if place.port else ""
    return f"{place.scheme}://{host}{port}{place.path.rstrip('/')}"
