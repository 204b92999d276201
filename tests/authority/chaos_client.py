"""A provider's process for the chaos test: sends and receives until nothing is left; made to be killed at any moment."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.authority.boxes import Boxes
from tests.authority.bureau import connect

from openbeian.authority.exchange import Exchange


def main(database: str, url: str) -> None:
    boxes = Boxes(Path(database))
    with connect(url) as client:
        exchange = Exchange(client, boxes, boxes)
        while True:
            sent, fetched = exchange.send_next(), exchange.receive_next()
            if sent.state == fetched.state == "nothing":
                return
            if sent.state == fetched.state == "again":
                time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
