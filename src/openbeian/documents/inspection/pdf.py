"""PDF: pages counted, and nothing in it that acts, hides or asks for a password.

Runs as a program of its own (see confinement), since a small PDF can ask for any amount of time and memory.
"""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from typing import Any

MOST_OBJECTS = 60_000
ACTIVE = frozenset({"/JavaScript", "/JS", "/Launch", "/AA", "/XFA", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR"})
EMBEDDED = frozenset({"/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/Movie", "/Sound", "/3D", "/AF"})
_ESCAPE = re.compile(rb"#([0-9a-fA-F]{2})")
_NAME = re.compile(rb"/[A-Za-z0-9#]{2,40}")


def find_fault(content: bytes, max_pages: int) -> dict[str, Any]:
    """{"pages": n} for a plain document, else {"reason": …} of decisions._REFUSALS with its places."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    # Names in the open are looked at as bytes too: a part no reader of ours reaches may be reached by another's.
    if reason := _find_forbidden_bytes(content):
        return {"reason": reason}
    if b"%%EOF" not in content[-2048:]:
        return {"reason": "damaged"}
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            return {"reason": "encrypted"}
        if reason := _find_forbidden(reader):
            return {"reason": reason}
        pages = len(reader.pages)
    except (PyPdfError, DependencyError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError):
        return {"reason": "damaged"}
    except (RecursionError, MemoryError):
        return {"reason": "too_complex"}
    if pages == 0:
        return {"reason": "damaged"}
    if pages > max_pages:
        return {"reason": "pages", "pages": pages, "limit": max_pages}
    return {"pages": pages}


def _find_forbidden_bytes(content: bytes) -> str | None:
    names = {_ESCAPE.sub(lambda m: bytes([int(m[1], 16)]), name) for name in set(_NAME.findall(content))}
    # Two letters occur by chance in compressed streams; longer names do not.
    if names & {n.encode() for n in ACTIVE if len(n) > 5}:
        return "active"
    return "embedded" if names & {n.encode() for n in EMBEDDED if len(n) > 6} else None


def _find_forbidden(reader: Any) -> str | None:
    """Walks every object that can be reached from the trailer, each once."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [reader.trailer]
    steps = 0
    while waiting:
        steps += 1
        if steps > MOST_OBJECTS * 10 or len(seen) > MOST_OBJECTS:
            return "too_complex"
        item = waiting.pop()
        if isinstance(item, IndirectObject):
            place = (item.idnum, item.generation)
            if place not in seen:
                seen.add(place)
                waiting.append(item.get_object())
        elif isinstance(item, DictionaryObject):
            said = set(item) | {v for v in item.values() if isinstance(v, NameObject)}
            if said & ACTIVE:
                return "active"
            if said & EMBEDDED:
                return "embedded"
            waiting.extend(item.raw_get(key) for key in item)
        elif isinstance(item, ArrayObject):
            waiting.extend(list.__iter__(item))
    return None


def main() -> None:
    """Reads a PDF from standard input under the limits given; answers in one line of JSON."""
    import resource

    max_pages, memory_bytes, cpu_s = map(int, sys.argv[1:4])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The answer alone goes to standard output; a killed or silent program counts as too complex.
    print(json.dumps(find_fault(sys.stdin.buffer.read(), max_pages)))


if __name__ == "__main__":
    main()
