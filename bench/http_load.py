"""Asks a server on loopback as fast as it answers: wrk where it is installed, else a client of our own."""

from __future__ import annotations

import asyncio
import itertools
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

CONNECTIONS = 8


def requests_per_second(port: int, paths: list[str], seconds: float) -> float:
    """How many of the paths, asked in turn over keep-alive connections, are answered with 200 in a second.

    Raises: RuntimeError when any answer is not 200.
    """
    if shutil.which("wrk"):
        return _ask_with_wrk(port, paths, seconds)
    return asyncio.run(_ask(port, paths, seconds))


def _ask_with_wrk(port: int, paths: list[str], seconds: float) -> float:
    listed = ",\n".join(f'"{p}"' for p in paths)
    script = f"local paths = {{{listed}}}\nlocal i = 0\nrequest = function()\n  i = i % #paths + 1\n  return wrk.format('GET', paths[i])\nend\n"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "paths.lua")
        file.write_text(script)
        command = [
            "wrk",
            "-t1",
            f"-c{CONNECTIONS}",
            f"-d{round(seconds)}s",
            "-s",
            str(file),
            f"http://127.0.0.1:{port}",
        ]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if found is None:
        raise RuntimeError(said)
    return float(found[1])


async def _ask(port: int, paths: list[str], seconds: float) -> float:
    until = time.perf_counter() + seconds
    turns = itertools.cycle(paths)
    done = 0

    async def ask_on() -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < until:
            writer.write(f"GET {next(turns)} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode(errors="replace"))
            if length := re.search(rb"content-length: (\d+)", head, re.IGNORECASE):
                await reader.readexactly(int(length[1]))
            else:
                await _skip_chunks(reader)
            done += 1
        writer.close()

    await asyncio.gather(*(ask_on() for _ in range(CONNECTIONS)))
    return done / seconds


async def _skip_chunks(reader: asyncio.StreamReader) -> None:
    """A body whose length nobody said comes in pieces, each behind its own length in hexadecimal."""
    while size := int((await reader.readline()).split(b";")[0], 16):
        await reader.readexactly(size + 2)
    await reader.readline()
