"""From a connection's row to a client of its account."""

from __future__ import annotations

from openbeian.authority.envelope import Keys
from openbeian.authority.errors import NotAnswered
from openbeian.authority.interface import Algorithms, get_interface
from openbeian.authority.models import Connection
from openbeian.authority.profiles import Profile
from openbeian.authority.reaching import PinnedTransport, look_up
from openbeian.authority.soap.client import AuthorityClient


def open_client(connection: Connection) -> AuthorityClient:
    """It speaks with the very addresses that were checked here; the caller closes it.

    Raises: NotAnswered where the address may not be used.
    """
    reach = look_up(connection.url)
    if reach.obstacle is not None:
        raise NotAnswered(reason=reach.obstacle)
    chosen = get_interface().upload
    return AuthorityClient(
        Profile(
            url=connection.url,
            provider_id=connection.provider_number,
            user=connection.user,
            password=connection.password,
            keys=Keys(connection.aes_key.encode("ascii"), connection.aes_offset.encode("ascii")),
            upload=Algorithms(connection.encryption, chosen.hash, chosen.compression),
        ),
        transport=PinnedTransport(reach.addresses),
    )
