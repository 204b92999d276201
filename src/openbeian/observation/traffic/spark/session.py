"""Starts Spark, or refuses with what is missing: PySpark is an extra, and Java is the machine's own."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openbeian.kernel.text import Text
from openbeian.observation.traffic.errors import EngineMissing

if TYPE_CHECKING:
    from openbeian.observation.traffic.spark.engine import SparkEngine

_EXTRA = "spark"


def find_extra() -> None:
    """Makes PySpark importable: already there (spark-submit brings it), or the extra beside the environment.

    Raises: EngineMissing.
    """
    beside = sorted((Path(sys.prefix) / _EXTRA).glob("lib/python*/site-packages"))
    if beside and str(beside[0]) not in sys.path and not all(map(find_spec, ("pyspark", "sqlglot"))):
        sys.path.append(str(beside[0]))
    missing = [name for name in ("pyspark", "sqlglot") if find_spec(name) is None]
    if missing:
        names = " ".join(missing)
        raise EngineMissing(
            why=Text(f"没有安装 {names}", f"{names} not installed"),
            fix=Text("运行 ./openbeian extra spark", "run ./openbeian extra spark"),
        )
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise EngineMissing(
            why=Text("没有 Java", "there is no Java"),
            fix=Text("安装 Java 17（apt-get install openjdk-17-jre-headless）", "install Java 17 (apt-get install openjdk-17-jre-headless)"),
        )  # fmt: skip


@contextmanager
def spark_engine(master: str | None, shared: Path | None) -> Iterator[SparkEngine]:
    """An engine for the length of the block. `master` as Spark writes it, None for the one that spark-submit chose.

    `shared`: a folder that all machines see under the same name; None for a temporary one, which suits one machine only.
    Raises: EngineMissing, also when Spark does not start.
    """
    find_extra()
    from openbeian.observation.traffic.spark.engine import SparkEngine

    folder = Path(tempfile.mkdtemp(prefix="openbeian-traffic-", dir=shared))
    try:
        session = _start(master, folder)
        try:
            yield SparkEngine(folder, session)
        finally:
            session.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(master: str | None, folder: Path) -> Any:
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.app.name": "openbeian traffic",
        # A time without a zone in a log is China time; what is no number or time is NULL and gets its reason.
        "spark.sql.session.timeZone": "Asia/Shanghai",
        "spark.sql.ansi.enabled": "false",
        "spark.sql.legacy.timeParserPolicy": "CORRECTED",
        "spark.sql.adaptive.enabled": "true",
        "spark.ui.showConsoleProgress": "false",
        "spark.executorEnv.PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
    }
    if master is not None:
        settings["spark.master"] = master
    if (master or "").startswith("local"):
        settings |= {
            "spark.ui.enabled": "false",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.local.dir": str(folder),
            "spark.sql.shuffle.partitions": "8",
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
        }
    builder = SparkSession.builder
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except (PySparkException, OSError, RuntimeError) as fault:
        why = str(fault).splitlines()[0][:200]
        raise EngineMissing(
            why=Text(f"Spark 没有启动：{why}", f"Spark did not start: {why}"),
            fix=Text("检查 --master 与 Java", "check --master and Java"),
        ) from fault
    session.sparkContext.setLogLevel("ERROR")
    return session
