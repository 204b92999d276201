"""How long `./openbeian up` takes to its first page on a data folder that is ready: `./openbeian bench start`."""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

LAUNCHER = Path(__file__).parents[1] / "openbeian"


def run(arguments: list[str]) -> None:
    """Prints one JSON line: seconds from command to printed address, first (cold folder) and then warm.

    `arguments`: how many warm starts (default 5), and any flags for `up`, as `5 --demo`.
    """
    starts = int(arguments[0]) if arguments else 5
    with tempfile.TemporaryDirectory() as home:
        seconds = [measure_start(home, arguments[1:]) for _ in range(starts + 1)]
    warm = seconds[1:]
    print(
        json.dumps(
            {
                "first_start_s": round(seconds[0], 2),
                "warm_starts_s": [round(s, 2) for s in warm],
                "warm_median_s": round(statistics.median(warm), 2),
                "aim_s": 3,
            }
        )
    )


def measure_start(home: str, flags: list[str]) -> float:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    environment = {**os.environ, "OPENBEIAN_HOME": home}
    began = time.monotonic()
    process = subprocess.Popen(
        [LAUNCHER, "up", "--port", str(port), *flags], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if f":{port}/" in line:
                return time.monotonic() - began
        raise SystemExit(f"`up` ended with {process.wait()} before its first page")
    finally:
        process.send_signal(signal.SIGTERM)
        process.stderr.close()
        process.wait()
