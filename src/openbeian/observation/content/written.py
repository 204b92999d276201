"""What an inline script writes into its page: the string literals handed to `document.write`, `innerHTML` and kin.

No script is run. Literals joined by `+` and variables assigned from literals are followed; anything computed is not.
"""

from __future__ import annotations

import re

_LITERAL = r"""(?:"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'|`(?:[^`\\]|\\.)*+`)"""
_WRITES = re.compile(
    r"(?:document\s?\.\s?write(?:ln)?|\.insertAdjacentHTML|\.html|\.text|\.append|\.prepend|createTextNode)\s{0,8}\("
    r"|\.(?:innerHTML|outerHTML|innerText|textContent)\s{0,8}\+?=(?!=)"
)
_ASSIGNED = re.compile(rf"([\w$]++)\s{{0,8}}=\s{{0,8}}({_LITERAL}(?:\s*+\+\s*+{_LITERAL})*+)", re.S)
_TOKEN = re.compile(rf"\s*+(?:({_LITERAL})|([\w$.]++)|[+(),])", re.S)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))|%u([0-9a-fA-F]{4})", re.S)
_LITERALS = re.compile(_LITERAL, re.S)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "", "v": "", "0": "", "\n": ""}
_CHINESE = re.compile("[\u4e00-\u9fff]")
_HINT = re.compile(r"[\u4e00-\u9fff]|\\u[4-9]|%u[4-9]|\\x")
_MAX_SCRIPT_CHARACTERS = 64 * 1024
_MAX_TOKENS = 400


def written_by_script(script: str) -> str:
    """The markup an inline script writes, as far as it stands there literally; empty when it writes no Chinese."""
    if len(script) > _MAX_SCRIPT_CHARACTERS or not _HINT.search(script) or not _WRITES.search(script):
        return ""
    known = {m[1]: _joined(m[2]) for m in _ASSIGNED.finditer(script)}
    pieces, position = [], 0
    while call := _WRITES.search(script, position):
        piece, position = _expression(script, call.end(), known)
        pieces.append(piece)
    written = "".join(pieces)
    return written if _CHINESE.search(written) else ""


def _expression(script: str, position: int, known: dict[str, str]) -> tuple[str, int]:
    """The text of one argument list or right-hand side, and where it ends."""
    pieces: list[str] = []
    for _ in range(_MAX_TOKENS):
        token = _TOKEN.match(script, position)
        if not token or (token[2] and _WRITES.match(script, token.end())):
            break
        position = token.end()
        if token[1]:
            pieces.append(_unescaped(token[1]))
        elif token[2]:
            pieces.append(known.get(token[2], ""))
    return "".join(pieces), position


def _joined(literals: str) -> str:
    return "".join(_unescaped(m[0]) for m in _LITERALS.finditer(literals))


def _unescaped(literal: str) -> str:
    def character(escape: re.Match[str]) -> str:
        code = escape[1] or escape[2] or escape[3] or escape[5]
        if code:
            number = int(code, 16)
            return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else "\ufffd"
        return _PLAIN.get(escape[4], escape[4])

    inside = literal[1:-1]
    return _ESCAPE.sub(character, inside) if "\\" in inside or "%u" in inside else inside
