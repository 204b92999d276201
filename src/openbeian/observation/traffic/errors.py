"""What the reading of access logs can refuse."""

from __future__ import annotations

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class LogUnreadable(OpenBeianError):
    """A named log does not exist, may not be read, or holds nothing."""

    code = "traffic.log-unreadable"
    message = Text(
        "无法读取 {path}：{why}。请检查路径和权限后重试。",
        "{path} cannot be read: {why}. Check the path and its permissions, then try again.",
    )


class FormatUnknown(OpenBeianError):
    """No known grammar fits the first lines of a log."""

    code = "traffic.format-unknown"
    message = Text(
        "认不出 {path} 的日志格式。请用 --format 指明（{known}），或给出自己的 nginx/Apache 格式串。",
        "The format of {path} is not known. Name it with --format ({known}) or give your own nginx/Apache format string.",
    )


class PatternRefused(OpenBeianError):
    """An own format string cannot be used."""

    code = "traffic.pattern-refused"
    message = Text(
        "格式串不能用：{why}。至少要有客户端地址、时间、请求和状态码。",
        "The format string cannot be used: {why}. It needs at least client address, time, request and status.",
    )


class LogAltered(OpenBeianError):
    """A log begins like one already saved but goes on differently, so that saving it could count lines twice."""

    code = "traffic.log-altered"
    message = Text(
        "{path} 的开头与已保存的 {known} 相同，但内容不是它的延续；为免重复计数，没有保存。请读取完整的原始日志。",
        "{path} begins like the saved {known} but does not continue it; nothing was saved, so that no line counts twice. "
        "Read the complete original log.",
    )


class StoreFailed(OpenBeianError):
    """The counts could not be written; what was saved before is untouched."""

    code = "traffic.store-failed"
    message = Text(
        "没能保存统计：{why}。先前保存的数字没有变化；请腾出空间或修正权限后重试。",
        "The counts could not be saved: {why}. Earlier figures are unchanged; free space or correct the permissions, then repeat.",
    )


class StoreBusy(OpenBeianError):
    """Another process is saving at this moment."""

    code = "traffic.store-busy"
    status = 409
    message = Text("另一个进程正在保存统计，请稍后重试。", "Another process is saving counts; try again in a moment.")


class ResourcesExhausted(OpenBeianError):
    """Memory or temporary disk space ran out while counting."""

    code = "traffic.resources-exhausted"
    message = Text(
        "统计时内存或临时空间不足：{why}。请腾出空间，或用 TMPDIR 指定更大的临时目录。",
        "Memory or temporary space ran out while counting: {why}. Free space, or name a larger folder in TMPDIR.",
    )


class RulesUnusable(OpenBeianError):
    """The counting rules cannot be read."""

    code = "traffic.rules-unusable"
    message = Text(
        "统计规则不能用：{why}。请恢复 rulebook/traffic。",
        "The counting rules cannot be used: {why}. Restore rulebook/traffic.",
    )


class LogGone(OpenBeianError):
    """An uploaded log was counted or has expired, or belongs to somebody else; or no log waits in the drop folder."""

    code = "traffic.log-gone"
    status = 410
    message = Text(
        "日志已统计、已过期，或文件夹中没有日志。请重新上传。",
        "The log was counted or has expired, or the folder holds none. Upload it again.",
    )


class LogNotSaved(OpenBeianError):
    """No saved log, or more than one, has a digest that begins so."""

    code = "traffic.log-not-saved"
    status = 404
    message = Text(
        "没有唯一一个 SHA-256 以 {sha256} 开头的已保存日志。请写出至少 8 位，见 traffic saved。",
        "There is not exactly one saved log whose SHA-256 begins with {sha256}. Give at least 8 characters of it; see traffic saved.",
    )


class RegionDatabaseUnusable(OpenBeianError):
    """The IP database for regions cannot be read."""

    code = "traffic.region-database-unusable"
    message = Text(
        "IP 地址库 {path} 不能用：{why}。请给出 MaxMind DB 格式（.mmdb）的文件，或不用地区统计。",
        "The IP database {path} cannot be used: {why}. Give a file in MaxMind DB format (.mmdb), or leave regions out.",
    )


class EngineMissing(OpenBeianError):
    """Counting on Spark was asked for, and something it needs is not here."""

    code = "traffic.engine-missing"
    message = Text(
        "不能用 Spark 统计：{why}。请{fix}，或不用 --engine spark，在本机统计。",
        "Cannot count on Spark: {why}. Please {fix}, or count on this machine without --engine spark.",
    )


class LogMerged(OpenBeianError):
    """The visitors of some of a log's days are forgotten, and its counts can no longer be told from those of other logs."""

    code = "traffic.log-merged"
    message = Text(
        "{before} 以前的访客标识已删除，这个日志在那些日期的统计已与其他日志合并，不能单独删除。",
        "The visitors of the days before {before} are forgotten, and this log's counts of those days were added to those of "
        "other logs; they cannot be removed alone.",
    )


class StoreUnmergeable(OpenBeianError):
    """Another store's counts cannot be added to this one."""

    code = "traffic.store-unmergeable"
    message = Text(
        "{path} 的统计不能并入：{why}。两边的统计都没有改变。",
        "The counts in {path} cannot be added here: {why}. Both stores are unchanged.",
    )
