"""Measures the content readers on one core: `python bench/content.py` prints one JSON line a figure.

Pages are made here: 28 kB, UTF-8. The audit is compared with pyahocorasick when that is importable.
"""

from __future__ import annotations

import importlib.util
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import ahocorasick_rs

from openbeian.observation.content.audit import audit_page, audit_text
from openbeian.observation.content.footer import read_footer
from openbeian.observation.content.lexicon import Lexicon, Term, fold_characters, load_lexicon
from openbeian.observation.content.visible import visible_text

COMMON = [
    "产品",
    "设备",
    "服务",
    "公司",
    "技术",
    "，",
    "。",
    "新闻",
    "中心",
    "联系",
    "我们",
    "关于",
    "行业",
    "动态",
    "解决",
    "方案",
    "案例",
    "展示",
    "准备",
    "的",
    "是",
    "在",
    "有",
    "这",
]


def made_page(footer: str, *, size_bytes: int = 28_000) -> bytes:
    """A list page with scripts, styles and Chinese text, and a footer."""
    choose = random.Random(5)
    parts = ["<!DOCTYPE html><html><head><meta charset=utf-8><title>样例</title><style>", ".a{color:#fff}" * 200]
    parts.append("</style><script>" + "function b(a){return a<2}" * 100 + "</script></head><body>")
    length = sum(len(part.encode()) for part in parts)
    while length < size_bytes:
        words = "".join(choose.choice(COMMON) for _ in range(30))
        parts.append(
            f'<li class="item"><a href="/p/{choose.randint(1, 99999)}.html">{words}</a><span>2024</span></li>\n'
        )
        length += len(parts[-1].encode())
    return ("".join(parts) + footer + "</body></html>").encode()


@cache
def large_lexicon() -> Lexicon:
    """The shipped lexicons and invented words up to 20,000 terms, none of which stands on the pages."""
    choose = random.Random(11)
    shipped = load_lexicon()
    letters = [chr(c) for c in range(0x4E00, 0x4E00 + 3000) if chr(c) not in "".join(COMMON)]
    sample = next(iter(shipped.terms.values()))
    terms = dict(shipped.terms)
    while len(terms) < 20_000:
        word = "".join(choose.choices(letters, k=choose.randint(2, 5)))
        terms[word] = Term(
            word, sample.category, sample.law, sample.source, sample.confidence, False, sample.advice, "bench"
        )
    return Lexicon(terms, shipped.allowed, {**shipped.versions, "bench": "1"})


def best_seconds(work: Callable[[], object], *, rounds: int = 7, each: int = 30) -> float:
    """The best round's seconds a call."""

    def once() -> float:
        start = time.perf_counter()
        for _ in range(each):
            work()
        return (time.perf_counter() - start) / each

    return min(once() for _ in range(rounds))


def report(name: str, value: float, unit: str) -> None:
    print(json.dumps({"figure": name, "value": round(value, 2), "unit": unit}), flush=True)


def footer_reading() -> None:
    """The footer reader on one core."""
    plain = made_page("<p>某某公司</p>")
    filed = made_page('<a href="https://beian.miit.gov.cn">京ICP备16020626号-1</a>')
    report("footer, no candidate", 1 / best_seconds(lambda: read_footer(plain)), "pages/s")
    report("footer, one number", 1 / best_seconds(lambda: read_footer(filed)), "pages/s")


def auditing() -> None:
    """The whole audit of a page's text with 20,000 terms beside pyahocorasick's bare matching of it, if installed."""
    lexicon = large_lexicon()
    text = visible_text(made_page("<p>某某公司</p>").decode())
    ours = best_seconds(lambda: audit_text(text, lexicon))
    report("audit of a page's text, 20,000 terms", len(text) / ours / 1e6, "million characters/s")
    if importlib.util.find_spec("ahocorasick"):
        peer = importlib.import_module("ahocorasick").Automaton()
        for place, term in enumerate(lexicon.terms):
            peer.add_word(fold_characters(term), place)
        peer.make_automaton()
        theirs = best_seconds(lambda: sum(1 for _ in peer.iter(text)), rounds=3, each=3)
        report("whole audit, times pyahocorasick's rate", theirs / ours, "x")


def matching() -> None:
    """20,000 terms over a million random characters: the matcher alone, and pyahocorasick where it is installed."""
    choose = random.Random(7)
    letters = [chr(c) for c in range(0x4E00, 0x4E00 + 3000)]
    terms = sorted({"".join(choose.choices(letters, k=choose.randint(2, 5))) for _ in range(20_000)})
    text = "".join(choose.choices(letters, k=1_000_000))
    automaton = ahocorasick_rs.BytesAhoCorasick(
        [term.encode("utf-16-le") for term in terms], implementation=ahocorasick_rs.Implementation.ContiguousNFA
    )
    ours = best_seconds(
        lambda: automaton.find_matches_as_indexes(text.encode("utf-16-le"), overlapping=True), rounds=3, each=1
    )
    report("matching 20,000 terms", len(text.encode()) / ours / 1e6, "MB/s")
    if importlib.util.find_spec("ahocorasick"):
        peer = importlib.import_module("ahocorasick").Automaton()
        for place, term in enumerate(terms):
            peer.add_word(term, place)
        peer.make_automaton()
        theirs = best_seconds(lambda: sum(1 for _ in peer.iter(text)), rounds=3, each=1)
        report("times pyahocorasick's rate", theirs / ours, "x")


def run(arguments: Sequence[str]) -> int:
    """`openbeian bench content`."""
    lexicon = load_lexicon()
    footer_reading()
    plain = made_page("<p>某某公司</p>")
    audit = best_seconds(lambda: audit_page(plain, lexicon))
    report("audit of a page", 1 / audit, "pages/s")
    report("audit of a page", len(plain) / audit / 1e6, "MB/s")
    auditing()
    matching()
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
