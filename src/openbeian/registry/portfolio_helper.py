"""The process that prepares a large portfolio's rows beside the one that writes them: `portfolio_processes` starts it.

It reads no database and needs no framework. stdin: a pickled `Setting` with the key file's path, then batches of the
sheet; stdout: an answer to each. Both in frames of four bytes of length and as many of content.
"""

from __future__ import annotations

import gc
import pickle
import struct
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from openbeian.privacy.sealing import follow_keyring
from openbeian.registry.portfolio_preparing import Preparer

_LENGTH = struct.Struct(">I")


def main() -> None:
    frames = read_frames(sys.stdin.buffer)
    setting, keyring = pickle.loads(next(frames))  # noqa: S301  written by the process that started this one
    preparer = Preparer(setting, lambda: follow_keyring(keyring))
    gc.freeze()  # the tables stay for good
    gc.disable()  # what comes is let go batch by batch
    for frame in frames:
        first, batch, whole = pickle.loads(frame)  # noqa: S301
        write_frame(sys.stdout.buffer, preparer.prepare(first, batch, whole=whole))
        gc.collect(1)


def read_frames(stream: BinaryIO) -> Iterator[bytes]:
    """Until the stream ends; one that breaks off within a frame just ends, and whoever waits for the rest notices."""
    while (head := stream.read(_LENGTH.size)) and len(head) == _LENGTH.size:
        (length,) = _LENGTH.unpack(head)
        content = stream.read(length)
        if len(content) < length:
            return
        yield content


def write_frame(stream: BinaryIO, content: bytes) -> None:
    stream.write(_LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def pack_batch(first: int, batch: bytes, *, whole: bool) -> Any:
    return pickle.dumps((first, batch, whole))
