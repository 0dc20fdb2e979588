"""Keep a test run on this machine: no connection and no name look-up leaves it."""

import ipaddress
import socket
import sys
from collections.abc import Callable, Iterable

type _Event = tuple[object, ...]


class NotLoopbackError(OSError):
    """Something under test tried to reach another machine."""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"localhost", "ip6-localhost"}


def _addresses(hosts: Iterable[str]) -> set[str]:
    """The hosts and what they resolve to."""
    return {str(row[4][0]) for host in hosts for row in socket.getaddrinfo(host, None)} | set(hosts)


def _guard(allowed: set[str]) -> Callable[[str, _Event], None]:
    def hook(event: str, arguments: _Event) -> None:
        if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
            address = arguments[1]  # a path for a Unix socket, None for a connected datagram socket
            host = address[0] if isinstance(address, tuple) else None
        elif event == "socket.getaddrinfo":
            host = arguments[0]
        else:
            return
        host = host.decode() if isinstance(host, bytes) else host
        if isinstance(host, str) and host and host not in allowed and not _is_loopback(host):
            raise NotLoopbackError(f"Tests stay on this machine, but something tried to reach {host}.")

    return hook


def allow_only_loopback(also: Iterable[str] = ()) -> None:
    """From now on this process reaches loopback and the hosts ``also`` only; cannot be undone.

    Raises NotLoopbackError in whatever tries to reach another host.
    """
    sys.addaudithook(_guard(_addresses(also)))
