"""Values sealed many at once are sealed as well as one at a time."""

from __future__ import annotations

import base64

from openbeian.privacy.keyring import Keyring
from openbeian.privacy.sealing import Sealer


def test_many_values_sealed_together_each_have_a_nonce_of_their_own_and_open() -> None:
    sealer = Sealer(Keyring.generate())
    seal, other = sealer.prepare_seal("table.column"), sealer.prepare_seal("table.column")
    sealed = [f(f"值{n}") for n in range(600) for f in (seal, other)] + [sealer.seal("值", "table.column")]
    nonces = {base64.b64decode(s.partition(".")[2])[:12] for s in sealed}
    assert len(nonces) == len(sealed) == 1201
    assert [sealer.open(s, "table.column") for s in sealed[:1200:2]] == [f"值{n}" for n in range(600)]
