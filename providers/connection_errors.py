"""Why there was no answer, and what helps: from an exception and its causes. Pure."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

PROXY_FIX = (
    "Add the proxy's user name and password to HTTPS_PROXY (http://user:password@host:port). Or "
    "bypass the proxy with NO_PROXY."
)


@dataclass(frozen=True, slots=True)
class ConnectionFailure:
    """The reason, to follow "… could not be reached: ", and what to do, in whole sentences."""

    why: str
    fix: str


def connection_failure(error: BaseException) -> ConnectionFailure:
    """Return what a failed connection means, for any HTTP library."""
    causes = list(_causes(error))
    for cause in causes:
        found = _meaning(cause)
        if found is not None:
            return found
    return ConnectionFailure(
        f"no readable answer ({type(error).__name__})",
        "Check the network, a firewall and the proxy.",
    )


def _meaning(error: BaseException) -> ConnectionFailure | None:
    is_of_proxy = "Proxy" in type(error).__name__
    status = getattr(error, "status", None) or str(error)[:3]
    if str(status) == "407" or (is_of_proxy and str(status) == "401"):  # 401: tinyproxy 1.11
        return ConnectionFailure(
            f"the proxy requires a user name and password ({status})", PROXY_FIX
        )
    if is_of_proxy:
        return ConnectionFailure(
            "the proxy refused the connection",
            "Check HTTPS_PROXY, and which hosts the proxy allows.",
        )
    match error:
        case ssl.SSLCertVerificationError():
            return ConnectionFailure(
                "its certificate is not trusted",
                "If a proxy inspects TLS, set SSL_CERT_FILE to its certificate authority. Also "
                "check this machine's clock.",
            )
        case ssl.SSLError():
            return ConnectionFailure(
                "the TLS handshake failed",
                "Check the proxy, and whether the address is https:// or http://.",
            )
        case socket.gaierror():
            return ConnectionFailure(
                "its host name wasn't found (DNS)",
                "Check the host name, this machine's DNS and the proxy.",
            )
        case ConnectionRefusedError():
            return ConnectionFailure(
                "the connection was refused",
                "Check the address, its port, a firewall and the proxy.",
            )
        case TimeoutError():
            return ConnectionFailure(
                "the connection timed out",
                "Check the network and the proxy. A firewall may block outgoing connections.",
            )
        case _:
            return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and its causes, itself first, each once."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__, getattr(each, "os_error", None)]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
