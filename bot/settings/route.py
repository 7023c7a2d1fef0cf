"""How requests to an address leave this machine, in words for whoever mends it."""

import urllib.request
from urllib.parse import SplitResult, urlsplit

_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


def route_words(url: str, variable: str) -> str:
    """``Asked: https://api.openai.com (OPENAI_BASE_URL), without a proxy (HTTPS_PROXY is not
    set).`` Passwords are left out. `variable` says where the address can be set.

    The proxy is the one that both HTTP clients take from the environment.
    """
    place = _place(url)
    return f"Asked: {_shown(place)} ({variable}), {_by_proxy(place)}."


def _by_proxy(place: SplitResult) -> str:
    host = place.hostname or ""
    if host in _THIS_MACHINE:
        return "without a proxy (it is this machine)"
    proxies = urllib.request.getproxies()
    variable = f"{(place.scheme or 'https').upper()}_PROXY"
    if place.scheme in proxies:
        proxy = proxies[place.scheme]
    elif "all" in proxies:
        variable, proxy = "ALL_PROXY", proxies["all"]
    else:
        return f"without a proxy ({variable} is not set)"
    if urllib.request.proxy_bypass(host):
        return "without a proxy (NO_PROXY names it)"
    return f"by the proxy {_shown(_place(proxy))} ({variable})"


def _place(url: str) -> SplitResult:
    """Its parts; empty where it is no address."""
    try:
        place = urlsplit(url)
        _ = place.port  # read here, as it raises where it is none
    except ValueError:
        return urlsplit("")
    return place


def _shown(place: SplitResult) -> str:
    """Scheme, host and port alone."""
    if not place.hostname:
        return "an address that is none"
    port = f":{place.port}" if place.port else ""
    return f"{place.scheme}://{place.hostname}{port}"
