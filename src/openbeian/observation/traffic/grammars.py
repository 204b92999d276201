"""The log formats: how a line of each is recognised, and the SQL expressions that read its fields.

A grammar never drops a line. Every line becomes one row with either its fields or the reason why it has none, so that
read = counted + excluded + rejected holds by construction. Lines are plain text with control characters already made
visible; fields stay as the server wrote them (`\\x22`, percent signs), because nothing here is shown undecoded.
"""

# ruff: noqa: S608 - the SQL is put together from this package's own words; values from outside are parameters or literals made safe
from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from openbeian.kernel.text import Text

LONGEST_LINE = 65_536
TOO_LONG_MARK = "\x02"
EARLIEST = 788_918_400  # 1995-01-01 UTC: no web server's log is older
MOST_BYTES = 1 << 44  # 16 TiB in one answer is a broken number, and sums of such numbers would run over

REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "empty": Text("空行", "empty line"),
        "too_long": Text("单行超过 64 KiB", "line longer than 64 KiB"),
        "shape": Text("不符合日志格式", "not in the log's format"),
        "time": Text("时间不存在或不可能", "no such time, or an impossible one"),
        "status": Text("状态码不是三位数字", "the status is not a three-digit number"),
        "bytes": Text("字节数不是数字或大得不可能", "the byte count is not a number, or impossibly large"),
    }
)
"""Why a line is rejected."""

SKIPPED: Mapping[str, Text] = MappingProxyType(
    {
        "directive": Text("日志自身的说明行", "a directive of the log itself"),
        "not_access": Text("不是访问记录（程序日志）", "not an access record (the server's own message)"),
        "internal": Text("内部地址", "internal address"),
        "period": Text("在所选期间之外", "outside the chosen period"),
    }
)
"""Why a well-formed line is excluded."""

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_CLOCK = r"\[\d{1,2}/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]"


@dataclass(frozen=True, slots=True)
class Grammar:
    """One log format: SQL expressions over the column `l` (the line) and over `prepare`'s columns.

    `at` yields epoch seconds; `skip` names the lines that are no access records, as (SKIPPED key, condition).
    """

    name: str
    title: Text
    prepare: str
    shape: str
    address: str
    at: str
    request: str
    status: str
    size: str
    agent: str = "''"
    referrer: str = "''"
    host: str = "''"
    skip: tuple[str, str] | None = None

    def facts(self, lines: str, *, latest: int) -> str:
        """SQL for one row per line of the relation `lines(l)`.

        Columns: address, agent, request, referrer, host VARCHAR; moment BIGINT (epoch s); status SMALLINT;
        bytes BIGINT; reason VARCHAR (NULL: well-formed; `skip:…`: excluded); l VARCHAR (the line, only with a reason).
        `latest` bounds believable times, epoch seconds.
        """
        skip = f"WHEN {self.skip[1]} THEN 'skip:{self.skip[0]}'" if self.skip else ""
        # One condition decides for nearly all lines; the branches that name a reason run for the others only.
        good = f"""strlen(l) BETWEEN 1 AND {LONGEST_LINE} AND NOT starts_with(l, chr(2)) AND {self.shape}
            AND moment BETWEEN {EARLIEST} AND {latest} AND status BETWEEN 100 AND 999
            AND bytes BETWEEN 0 AND {MOST_BYTES}"""
        reason = f"""CASE WHEN {good} THEN NULL
            WHEN l IS NULL OR l = '' THEN 'empty'
            WHEN strlen(l) > {LONGEST_LINE} OR starts_with(l, chr(2)) THEN 'too_long'
            {skip} WHEN NOT coalesce({self.shape}, false) THEN 'shape'
            WHEN moment IS NULL OR moment NOT BETWEEN {EARLIEST} AND {latest} THEN 'time'
            WHEN status IS NULL OR status NOT BETWEEN 100 AND 999 THEN 'status' ELSE 'bytes' END"""
        fields = f"""SELECT *, {self.address} AS address, {self.agent} AS agent, {self.request} AS request,
            {self.referrer} AS referrer, {self.host} AS host, CAST({self.at} AS BIGINT) AS moment,
            {self.status} AS status, {self.size} AS bytes FROM ({self.prepare.format(lines=lines)})"""
        return f"""SELECT address, agent, request, referrer, host, moment, status, bytes, reason,
            CASE WHEN reason IS NOT NULL THEN l END AS l FROM (SELECT *, {reason} AS reason FROM ({fields}))"""


# Apache writes \" and \\ inside quotes, nginx \x22 and \x5C; the first form is brought to the second before splitting.
_UNQUOTE = r"""CASE WHEN contains(l, '\"') THEN replace(replace(l, '\\', '\x5C'), '\"', '\x22') ELSE l END"""
_BY_QUOTES = f"SELECT l, string_split({_UNQUOTE}, '\"') AS p FROM {{lines}}"


def _number(text: str) -> str:
    return f"coalesce(TRY_CAST({text} AS BIGINT), CASE WHEN {text} = '-' THEN 0 END)"


def _status(text: str) -> str:
    return f"TRY_CAST({text} AS SMALLINT)"


def _epoch(text: str, form: str) -> str:
    # epoch() would give a DOUBLE, which costs a second conversion per line.
    return f"epoch_us(try_strptime({text}, '{form}')) // 1000000"


# Counting from the end keeps a client's user name, which stands before the time, out of it.
_CLOCK_AT = _epoch("right(p[1], 29)", "[%d/%b/%Y:%H:%M:%S %z] ")
_FIRST_WORD = "substring(p[1], 1, instr(p[1], ' ') - 1)"
# The number right after the status is the common case; a field in between or behind falls to the slower reading.
_THIRD = _number("split_part(p[3], ' ', 3)")
_STATUS_AFTER_REQUEST = _status("substring(p[3], 2, 3)")
_SIZE_AFTER_REQUEST = f"coalesce(TRY_CAST(substring(p[3], 6) AS BIGINT), {_THIRD})"
_AFTER_SHAPE = "starts_with(p[3], ' ') AND substring(p[3], 5, 1) = ' '"

COMMON = Grammar(
    name="common",
    title=Text("nginx/Apache 普通格式（common）", "nginx/Apache common"),
    prepare=_BY_QUOTES,
    shape=f"len(p) = 3 AND {_AFTER_SHAPE}",
    address=_FIRST_WORD,
    at=_CLOCK_AT,
    request="p[2]",
    status=_STATUS_AFTER_REQUEST,
    size=_SIZE_AFTER_REQUEST,
)
COMBINED = Grammar(
    name="combined",
    title=Text("nginx/Apache 组合格式（combined）", "nginx/Apache combined"),
    prepare=_BY_QUOTES,
    shape=f"len(p) >= 7 AND p[5] = ' ' AND {_AFTER_SHAPE}",
    address=_FIRST_WORD,
    at=_CLOCK_AT,
    request="p[2]",
    agent="p[6]",
    referrer="p[4]",
    status=_STATUS_AFTER_REQUEST,
    size=_SIZE_AFTER_REQUEST,
)
VHOST_COMBINED = Grammar(
    name="vhost_combined",
    title=Text("Apache 带主机名的组合格式（vhost_combined）", "Apache combined with virtual host"),
    prepare=_BY_QUOTES,
    shape=f"len(p) >= 7 AND p[5] = ' ' AND {_AFTER_SHAPE}",
    address="split_part(p[1], ' ', 2)",
    at=_CLOCK_AT,
    request="p[2]",
    agent="p[6]",
    referrer="p[4]",
    host="split_part(p[1], ' ', 1)",
    status=_STATUS_AFTER_REQUEST,
    size=_SIZE_AFTER_REQUEST,
)
ALIYUN_CDN = Grammar(
    name="aliyun_cdn",
    title=Text("阿里云 CDN 离线日志", "Aliyun CDN offline log"),
    prepare=_BY_QUOTES,
    shape="len(p) >= 7 AND starts_with(p[1], '[') AND p[3] = ' '",
    address="split_part(p[1], ' ', 3)",
    at=_epoch("split_part(p[1], ']', 1)", "[%d/%b/%Y:%H:%M:%S %z"),
    request="p[4]",
    status=_status("split_part(p[5], ' ', 2)"),
    size=_number("split_part(p[5], ' ', 4)"),
    agent="p[6]",
    referrer="p[2]",
    host="regexp_extract(p[4], '^[A-Z]+ [a-z]+://([^/ ]+)', 1)",
)
TENCENT_CDN = Grammar(
    name="tencent_cdn",
    title=Text("腾讯云 CDN 日志", "Tencent CDN log"),
    prepare=f"SELECT *, string_split(p[1], ' ') AS t FROM ({_BY_QUOTES})",
    shape="len(p) = 5 AND len(t) = 11 AND p[3] = ' '",
    address="t[2]",
    at=_epoch("t[1] || ' +0800'", "%Y%m%d%H%M%S %z"),
    request="split_part(p[5], ' ', 2) || ' ' || t[4]",
    status=_status("t[8]"),
    size=_number("t[5]"),
    agent="p[2]",
    referrer="CASE WHEN t[9] = 'NULL' THEN '-' ELSE t[9] END",
    host="t[3]",
)


def _json_columns(paths: Mapping[str, Sequence[str]]) -> str:
    """SQL that reads each column from the first of its JSON paths that is present; one parse for all.

    nginx without `escape=json` writes `\\x22`, which no JSON reader accepts; such lines get the backslash doubled.
    """
    flat = [path for alternatives in paths.values() for path in alternatives]
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in flat)
    columns, position = [], 1
    for column, alternatives in paths.items():
        places = ", ".join(f"v[{position + i}]" for i in range(len(alternatives)))
        columns.append(f"coalesce({places}) AS {column}")
        position += len(alternatives)
    document = r"""CASE WHEN strlen(l) > 65536 THEN NULL WHEN json_valid(l) THEN l
        WHEN contains(l, '\x') AND json_valid(replace(l, '\x', '\\x')) THEN replace(l, '\x', '\\x') END"""
    return f"""SELECT l, {", ".join(columns)} FROM (SELECT l, json_extract_string(d, [{listed}]) AS v
        FROM (SELECT l, CASE WHEN starts_with(d, '{{{{') THEN d END AS d FROM (SELECT l, {document} AS d FROM {{lines}})))"""


def _instant(text: str) -> str:
    """Epoch seconds of a time in the usual spellings; a time without a zone is China time (the session's zone)."""
    number = f"TRY_CAST({text} AS DOUBLE)"
    return f"""coalesce(CASE WHEN abs({number}) > 1e17 THEN NULL WHEN {number} > 1e11 THEN floor({number} / 1000) ELSE floor({number}) END,
        epoch(try_strptime({text}, '%d/%b/%Y:%H:%M:%S %z')), floor(epoch(TRY_CAST({text} AS TIMESTAMPTZ))))"""


_NGINX_KEYS: dict[str, Sequence[str]] = {
    "a": ("$.remote_addr", "$.client_ip", "$.clientip", "$.client", "$.remote_ip"),
    "t": ("$.time_iso8601", "$.time_local", '$."@timestamp"', "$.timestamp", "$.time", "$.msec"),
    "r": ("$.request",),
    "m": ("$.request_method", "$.method"),
    "u": ("$.request_uri", "$.uri", "$.url"),
    "s": ("$.status",),
    "b": ("$.body_bytes_sent", "$.bytes_sent", "$.size", "$.bytes"),
    "g": ("$.http_user_agent", "$.user_agent", "$.agent", "$.ua"),
    "f": ("$.http_referer", "$.referer", "$.referrer"),
    "h": ("$.host", "$.http_host", "$.server_name", "$.domain"),
}
NGINX_JSON = Grammar(
    name="nginx_json",
    title=Text("nginx JSON", "nginx JSON"),
    prepare=_json_columns(_NGINX_KEYS),
    shape="a <> '' AND t IS NOT NULL AND s IS NOT NULL AND (r IS NOT NULL OR u IS NOT NULL)",
    address="a",
    at=_instant("t"),
    request="coalesce(r, coalesce(m, 'GET') || ' ' || u)",
    status=_status("s"),
    size=_number("coalesce(b, '-')"),
    agent="coalesce(g, '')",
    referrer="coalesce(f, '')",
    host="coalesce(h, '')",
)
CADDY_JSON = Grammar(
    name="caddy_json",
    title=Text("Caddy JSON", "Caddy JSON"),
    prepare=_json_columns(
        {
            "a": ("$.request.client_ip", "$.request.remote_ip"),
            "t": ("$.ts",),
            "m": ("$.request.method",),
            "u": ("$.request.uri",),
            "s": ("$.status",),
            "b": ("$.size",),
            "g": ('$.request.headers."User-Agent"[0]',),
            "f": ("$.request.headers.Referer[0]",),
            "h": ("$.request.host",),
            "k": ("$.msg",),
        }
    ),
    shape="a <> '' AND t IS NOT NULL AND s IS NOT NULL AND u IS NOT NULL",
    address="a",
    at=_instant("t"),
    request="coalesce(m, 'GET') || ' ' || u",
    status=_status("s"),
    size=_number("coalesce(b, '-')"),
    agent="coalesce(g, '')",
    referrer="coalesce(f, '')",
    host="coalesce(h, '')",
    skip=("not_access", "k IS NOT NULL AND s IS NULL AND u IS NULL"),
)


def iis(fields: Sequence[str]) -> Grammar:
    """The W3C extended format with the columns of its `#Fields:` line; times are UTC, as the standard says."""
    place = {name.lower(): f"p[{i}]" for i, name in enumerate(fields, 1)}

    def column(name: str, otherwise: str = "'-'") -> str:
        return place.get(name, otherwise)

    query = column("cs-uri-query")
    return Grammar(
        name="iis_w3c",
        title=Text("IIS W3C 扩展格式", "IIS W3C extended"),
        prepare="SELECT l, string_split(l, ' ') AS p FROM {lines}",
        shape=f"len(p) = {len(fields)}",
        address=column("c-ip"),
        at=f"floor(epoch(TRY_CAST({column('date')} || ' ' || {column('time')} || '+00' AS TIMESTAMPTZ)))",
        request=f"{column('cs-method')} || ' ' || {column('cs-uri-stem')} || CASE WHEN {query} = '-' THEN '' ELSE '?' || {query} END",
        status=_status(column("sc-status")),
        size=_number(column("sc-bytes")),
        agent=f"replace({column('cs(user-agent)')}, '+', ' ')",
        referrer=column("cs(referer)"),
        host=f"CASE WHEN {column('cs-host')} = '-' THEN '' ELSE {column('cs-host')} END",
        skip=("directive", "starts_with(l, '#')"),
    )


IIS_DEFAULT = iis(
    ["date", "time", "s-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "s-port", "cs-username", "c-ip",
     "cs(User-Agent)", "cs(Referer)", "sc-status", "sc-substatus", "sc-win32-status", "time-taken"]
)  # fmt: skip
IIS_FIELDS = "#Fields:"

GRAMMARS: Mapping[str, Grammar] = MappingProxyType(
    {
        g.name: g
        for g in (COMBINED, COMMON, VHOST_COMBINED, ALIYUN_CDN, TENCENT_CDN, NGINX_JSON, CADDY_JSON, IIS_DEFAULT)
    }
)


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda line: compiled.match(line) is not None


def _json_object(line: str) -> dict[str, object]:
    try:
        found = json.loads(line if "\\x" not in line else line.replace("\\x", "\\\\x"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_caddy(line: str) -> bool:
    return isinstance(_json_object(line).get("request"), dict)


def _is_nginx_json(line: str) -> bool:
    keys = {f"$.{key}" for key in _json_object(line)} | {f'$."{key}"' for key in _json_object(line)}
    return all(keys & set(_NGINX_KEYS[column]) for column in "ats") and not _is_caddy(line)


_TESTS: Sequence[tuple[Grammar, Callable[[str], bool]]] = (
    (ALIYUN_CDN, _matches(rf"{_CLOCK} \S+ \S+ \S+ {_QUOTED} {_QUOTED} \d{{3}} (?:\d+|-) (?:\d+|-) \S+ {_QUOTED}")),
    (COMBINED, _matches(rf"\S+ \S+ [^\"]{{0,300}}?{_CLOCK} {_QUOTED} \d{{3}} (?:\d+|-) {_QUOTED} {_QUOTED}")),
    (COMMON, _matches(rf"\S+ \S+ [^\"]{{0,300}}?{_CLOCK} {_QUOTED} \d{{3}} (?:\d+|-)\s*$")),
    (TENCENT_CDN, _matches(rf"\d{{14}} \S+ \S+ \S+ (?:\d+|-) \S+ \S+ \d{{3}} \S+ \S+ {_QUOTED} {_QUOTED} [A-Z]+ ")),
    (IIS_DEFAULT, _matches(r"#(?:Software: Microsoft|Version: \d|Fields: )")),
    (CADDY_JSON, _is_caddy),
    (NGINX_JSON, _is_nginx_json),
)
_VHOST = re.compile(r"\S+ [0-9A-Za-z-]*[.:]\S* \S+ ")  # the second word is an address, not the `-` of identd


def recognise(sample: Sequence[str]) -> Grammar | None:
    """The grammar that fits most of the sampled lines, at least one in ten of those that are not empty.

    A host name in front of the address makes combined `vhost_combined`. The threshold is low because a log may begin
    with rubbish; what does not fit is rejected with a reason, never guessed.
    """
    filled = [line[:LONGEST_LINE] for line in sample if line.strip()]
    best: tuple[int, Grammar] | None = None
    for grammar, fits in _TESTS:
        count = sum(map(fits, filled))
        if grammar is IIS_DEFAULT and count:
            count = len(filled)
        if grammar is COMBINED and count and sum(_VHOST.match(line) is not None for line in filled) * 2 > count:
            grammar = VHOST_COMBINED  # noqa: PLW2901 - the same lines, read with one field more
        if count * 10 >= len(filled) and count and (best is None or count > best[0]):
            best = (count, grammar)
    return best[1] if best else None
