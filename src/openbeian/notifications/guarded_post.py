"""The one way a channel reaches an address somebody typed in: a bounded POST that never enters a private network."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from openbeian.kernel.public_addresses import is_public_address
from openbeian.notifications.errors import AddressForbidden, MessageUndelivered

_TIMEOUT_S = 5.0
_LONGEST_S = 15.0
_LARGEST_REPLY_BYTES = 64 * 1024
LONGEST_ADDRESS = 500


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes

    @property
    def text(self) -> str:
        return self.body[:2000].decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class GuardedPost:
    """Posts to public https addresses; with `allows_private` also to private ones and by plain http.

    The name is resolved here and the connection made to the very address that was checked, while TLS still proves
    the name, so that a name cannot change its address between check and use.
    """

    allows_private: bool = False

    def check_address(self, url: str) -> None:
        """What can be told without the network: scheme, host, no password in it. Raises: AddressForbidden."""
        parts = urlsplit(url if len(url) <= LONGEST_ADDRESS else "")
        try:
            port = parts.port
        except ValueError:
            port = 0
        is_http = parts.scheme == "https" or (parts.scheme == "http" and self.allows_private)
        if not is_http or not parts.hostname or port == 0 or parts.username or parts.password:
            raise AddressForbidden(host=(parts.hostname or "?")[:100])

    def post(self, url: str, content: bytes, headers: dict[str, str]) -> Reply:
        """Raises: AddressForbidden; MessageUndelivered for time-outs, broken connections and replies without end."""
        self.check_address(url)
        target = httpx.URL(url)
        address = self._resolve(target.host, target.port or (443 if target.scheme == "https" else 80))
        ends_at, body = time.monotonic() + _LONGEST_S, bytearray()
        try:
            # No proxies from the environment and no redirects: the message goes where it was checked to go.
            with (
                httpx.Client(timeout=_TIMEOUT_S, trust_env=False, follow_redirects=False) as client,
                client.stream(
                    "POST",
                    target.copy_with(host=address),
                    content=content,
                    headers={**headers, "Host": target.netloc.decode("ascii")},
                    extensions={"sni_hostname": target.raw_host.decode("ascii")},
                ) as response,
            ):
                for part in response.iter_bytes():
                    body += part
                    if len(body) > _LARGEST_REPLY_BYTES or time.monotonic() > ends_at:
                        raise MessageUndelivered("the reply is too long or too slow")
                return Reply(response.status_code, bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL) as trouble:
            # Only the kind of trouble: the words may hold the address with its token.
            raise MessageUndelivered(type(trouble).__name__) from None

    def _resolve(self, host: str, port: int) -> str:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise MessageUndelivered("the name does not resolve") from None
        addresses = [str(entry[4][0]) for entry in found]
        if not self.allows_private and not all(is_public_address(a) for a in addresses):
            raise AddressForbidden(host=host[:100])
        return addresses[0]
