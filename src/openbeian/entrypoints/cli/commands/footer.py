"""`openbeian footer`: which numbers a saved page shows, and whether they lead to the filing system."""

from __future__ import annotations

from datetime import date, datetime

import click

from openbeian.entrypoints.cli.output import print_json, say
from openbeian.kernel.clock import today
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text
from openbeian.observation.content.comparison import compare_with_record, form_of_province
from openbeian.observation.content.decoding import MAX_PAGE_BYTES
from openbeian.observation.content.footer import FooterReading, LinkState, read_footer
from openbeian.observation.content.numbers import PROVINCES, sponsor_number
from openbeian.observation.content.sources import read_source

_ADVICE = {
    LinkState.RIGHT: Text("链接正确。", "The link is right."),
    LinkState.OBSOLETE: Text(
        "链接指向已停用的旧备案系统，请改为 https://beian.miit.gov.cn/ 。",
        "The link leads to the retired filing system; change it to https://beian.miit.gov.cn/ .",
    ),
    LinkState.WRONG: Text(
        "编号链接到了别处，请改为 https://beian.miit.gov.cn/ 。",
        "The number leads elsewhere; link it to https://beian.miit.gov.cn/ .",
    ),
    LinkState.MISSING: Text(
        "编号没有链接，请链接到 https://beian.miit.gov.cn/ 。",
        "The number has no link; link it to https://beian.miit.gov.cn/ .",
    ),
    LinkState.NONE: Text(
        "没有看到备案号；请在首页底部中央标明并链接到备案系统。",
        "No filing number was seen; show it at the bottom centre of the home page and link it to the filing system.",
    ),
}
_UNSURE = Text(
    "页面由脚本生成或编码损坏，未见编号不等于没有编号；请保存渲染后的页面再读。",
    "The page is filled by scripts or its encoding is broken, so absence proves nothing; save the rendered page.",
)
_FORMS = {
    "sponsor": Text("{province}应显示主体备案号 {wanted}。", "{province} wants the sponsor's number {wanted}."),
    "service": Text("{province}应显示带“-序号”的服务备案号。", "{province} wants the service's number with its -n."),
}
_MARK = Text("该日规则还要求网站目录中有电子验证标识。", "The rules of that day also ask for the verification mark.")


@click.command(help="读出页面上的备案号及其链接。 Reads the numbers a saved page shows, and their link.")
@click.argument("files", nargs=-1, required=True, metavar="FILE|-…")
@click.option("--province", type=click.Choice(list(PROVINCES)), help="省份简称，如 粤。 The province's abbreviation.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="适用哪一天的规则。 The day whose rules apply.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 JSON on stdout.")
def command(files: tuple[str, ...], province: str | None, on: datetime | None, as_json: bool) -> int:
    """Prints one reading a file; exit code 2 when a file could not be read."""
    refused = 0
    for name in files:
        naming = {"file": name} if len(files) > 1 else {}
        try:
            reading = read_footer(read_source(name, limit_bytes=MAX_PAGE_BYTES))
        except OpenBeianError as refusal:
            if len(files) == 1:
                raise
            print_json({**naming, **refusal.as_json()})
            say(refusal.text)
            refused = 2
            continue
        print_json({**naming, **reading.as_json()})
        if not as_json or province or on:
            _explain(reading, province, on.date() if on else today())
    return refused


def _explain(reading: FooterReading, province: str | None, on: date) -> None:
    say(_ADVICE[reading.link])
    if not reading.certain:
        say(_UNSURE)
    for near in reading.near_misses:
        say(Text("“{near}”不是有效编号，请核对位数和“号”字。", "“{near}” is no valid number.").format(near=near))
    if province and reading.icp_filing:
        form = form_of_province(province)
        wanted = reading.icp_filing if form == "service" else tuple(map(sponsor_number, reading.icp_filing))
        has_form = all("-" in n for n in reading.icp_filing) if form == "service" else wanted == reading.icp_filing
        if not has_form:
            say(_FORMS[form].format(province=province, wanted="、".join(wanted)))
    if compare_with_record(reading, (), "service", on).verification_mark is not None:
        say(_MARK)
