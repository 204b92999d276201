"""Refusals of the probe: lists that cannot be read, sweeps that run already."""

from __future__ import annotations

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class MainlandRangesUnusable(OpenBeianError):
    """OPENBEIAN_MAINLAND_RANGES names a file that cannot be read."""

    code = "mainland_ranges_unusable"
    status = 500
    message = Text(
        "境内地址表 {path} 第 {line} 行无法读取。请每行写一个地址段，或使用地区互联网注册机构的分配表。",
        "The list of mainland addresses {path} cannot be read at line {line}. Write one range a line, or use a "
        "regional registry's delegation file.",
    )


class SitesUnreadable(OpenBeianError):
    """The list of sites to sweep cannot be used."""

    code = "sites_unreadable"
    message = Text(
        "网站清单 {name} 无法使用：{reason}。请使用 UTF-8 的 CSV，第一行为列名，至少有 domain 一列。",
        "The list of sites {name} cannot be used: {reason}. Give a CSV in UTF-8 whose first line names the columns, "
        "domain among them.",
    )


class SweepRunning(OpenBeianError):
    """The same sweep is being made by another process."""

    code = "sweep_running"
    status = 409
    message = Text(
        "同一清单的巡检正在另一个进程中进行。请等它结束，或换一个 --output。",
        "Another process is sweeping the same list. Wait for it, or choose another --output.",
    )


class OutputOccupied(OpenBeianError):
    """--output names a file that no sweep wrote."""

    code = "output_occupied"
    message = Text(
        "{path} 已存在且不是巡检结果，没有改动。请换一个文件名。",
        "{path} exists and is no sweep's; it was not touched. Choose another name.",
    )


class ResolverInvalid(OpenBeianError):
    """OPENBEIAN_RESOLVERS holds what is no address."""

    code = "resolver_invalid"
    message = Text(
        "“{value}”不是解析服务器地址。请写成 223.5.5.5 或 127.0.0.1#5353，多个以逗号分隔。",
        "“{value}” is no resolver. Write 223.5.5.5 or 127.0.0.1#5353, several separated by commas.",
    )


class ProbePortsInvalid(OpenBeianError):
    """OPENBEIAN_PROBE_PORTS is not two numbers."""

    code = "probe_ports_invalid"
    message = Text(
        "OPENBEIAN_PROBE_PORTS 不能是“{value}”。请写两个端口，如 80,443。",
        "OPENBEIAN_PROBE_PORTS cannot be “{value}”. Write two ports, such as 80,443.",
    )
