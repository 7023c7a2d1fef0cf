"""How requests to an address leave this machine, and in words for whoever mends it."""

import ipaddress
import urllib.request
from urllib.parse import SplitResult, urlsplit

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
    if urllib.request.proxy_bypass(host):
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
