"""The footer reader against a labelled corpus, against any noise around a number, and against hostile pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.observation.content.footer_corpus import labelled_footers

from openbeian.observation.content.decoding import MAX_PAGE_BYTES
from openbeian.observation.content.errors import ContentTooLarge
from openbeian.observation.content.footer import FooterReading, LinkState, link_state, may_show_number, read_footer
from openbeian.observation.content.numbers import PROVINCES, is_placeholder, sponsor_number
from openbeian.observation.content.scanner import find_numbers
from openbeian.observation.content.visible import visible_text

NUMBER = "京ICP备16020626号-1"

FOOTERS = labelled_footers()
PAGE = "<!DOCTYPE html><html><head><title>测试页</title></head><body><h1>你好</h1>{}</body></html>"
NOISE = (
    "",
    "",
    "",
    " ",
    "&nbsp;",
    "\n",
    "<br>",
    "<b>",
    "</b>",
    "<span class='x'>",
    "</span>",
    "\u200b",
    "　",
    "<!-- x -->",
)


def numbers(reading: FooterReading) -> list[str]:
    return [*reading.icp_filing, *reading.icp_licence, *reading.telecom_licence, *reading.public_security]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_precision_and_recall_on_the_labelled_footers_are_at_least_098(
    encoding: str, record_property: pytest.FixtureRequest
) -> None:
    right = found = wanted = 0
    for footer in FOOTERS:
        read = set(numbers(read_footer(PAGE.format(footer.markup).encode(encoding))))
        right, found, wanted = right + len(read & footer.numbers), found + len(read), wanted + len(footer.numbers)
    precision, recall = right / found, right / wanted
    record_property("precision", precision)  # type: ignore[operator]
    record_property("recall", recall)  # type: ignore[operator]
    assert len(FOOTERS) >= 150
    assert precision >= 0.98, f"{precision=}"
    assert recall >= 0.98, f"{recall=}"


def test_the_state_of_the_link_is_read_in_at_least_98_of_100_labelled_footers() -> None:
    right = sum(read_footer(PAGE.format(footer.markup)).link == footer.link for footer in FOOTERS)
    assert right / len(FOOTERS) >= 0.98


def test_traditional_characters_in_big5_bytes_are_read() -> None:
    page = (
        PAGE.format("<p>這個網站的備案號，我們的服務與產品：粵ICP備2021001858號</p>")
        .replace("测试页", "網站")
        .encode("big5")
    )
    assert read_footer(page, declared="big5").icp_filing == ("粤ICP备2021001858号",)
    assert read_footer(page).icp_filing == ("粤ICP备2021001858号",)


def test_a_wrong_charset_header_does_not_hide_the_number() -> None:
    page = PAGE.format("京ICP备16020626号-1")
    assert read_footer(page.encode(), declared="gbk").icp_filing == ("京ICP备16020626号-1",)
    assert read_footer(page.encode("gbk"), declared="utf-8").icp_filing == ("京ICP备16020626号-1",)


provinces = st.sampled_from(PROVINCES)
digits = st.from_regex(r"[0-9]{8}|[0-9]{10}", fullmatch=True).filter(lambda d: not is_placeholder(d))
suffixes = st.sampled_from(["", "-1", "-7A", "-3X", "-9K"])
valid_numbers = st.one_of(
    st.builds("{}ICP备{}号{}".format, provinces, digits, suffixes),
    st.builds("{}ICP证{}号{}".format, provinces, st.just("030173"), suffixes),
    st.builds("{}公网安备{}02{}号".format, provinces, st.just("110108"), st.from_regex("[0-9]{6}", fullmatch=True)),
    st.builds("{}B2-{}{}".format, provinces, st.just("20090059"), suffixes),
)


@st.composite
def noisy(draw: st.DrawFn) -> tuple[str, str]:
    """A valid number, and the same with tags, spaces, breaks and widths mixed in."""
    number = draw(valid_numbers)
    pieces = []
    for character in number:
        wide = character.isascii() and character.isalnum() and draw(st.booleans())
        pieces.append(chr(ord(character) + 0xFEE0) if wide else character)
    written = pieces[0]
    for place, piece in enumerate(pieces[1:], 1):
        # A space between suffix digit and letter would begin a new word, so only tags stand there.
        after_suffix = place == len(pieces) - 1 and number[-1] in "AXK"
        noise = draw(st.sampled_from(["", "<b>", "</b>", "\u200b"] if after_suffix else NOISE))
        written += noise + piece
    return number, written


@given(noisy())
def test_any_mixture_of_spaces_tags_and_widths_around_a_number_is_read_as_that_number(case: tuple[str, str]) -> None:
    number, written = case
    assert numbers(read_footer(PAGE.format(f"<p>{written}</p>"))) == [number]


@given(
    st.from_regex(
        r"(\+86[ -]?)?1[3-9][0-9]{9}|0[1-9][0-9]{1,2}-[1-9][0-9]{6,7}|400-?[0-9]{3}-?[0-9]{4}", fullmatch=True
    ),
    st.sampled_from(
        ["电话：{}", "京ICP备案咨询 {} 号线", "<b>{}</b>", "京 {}", "备案热线{}号", "京公网安备处 {}", "B2 座 {}"]
    ),
)
def test_a_phone_number_is_never_read_as_a_filing_number(phone: str, around: str) -> None:
    assert numbers(read_footer(PAGE.format(around.format(phone)))) == []


@given(
    st.lists(
        st.sampled_from([*"京粤ICPicp备備证證号號安公网B2Ａ２-－0189 <>&;", "<b>", "</p>", "&#22791;", "设备", "2009"])
    ).map("".join)
)
def test_the_cheap_look_never_skips_what_the_scanner_would_find(page: str) -> None:
    found = any(c.valid for c in find_numbers(visible_text(page)))
    assert may_show_number(page) or not found


@given(
    st.text(),
    st.lists(
        st.sampled_from(
            ["<a href=", "<!--", "<script>", "document.write(", "'", '"', ">", "备", "</a>", "ICP", "京", "\0"]
        )
    ),
)
def test_no_text_makes_the_reader_fail(text: str, pieces: list[str]) -> None:
    reading = read_footer(text + "".join(pieces) + text)
    assert reading.link in set(LinkState)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_fail(content: bytes) -> None:
    assert read_footer(content).link in set(LinkState)


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<div hidden>",
        "<a href=x>",
        "<!--",
        "<script>",
        '<a title="',
        "<a ='\"",
        "&#",
        "京ICP备1",
        "<p hidden><b onclick=x>",
    ],
)
def test_200_000_characters_of_open_ends_is_read_to_its_end(piece: str) -> None:
    page = "<p>京ICP备16020626号-1</p>" + piece * (200_000 // len(piece))
    assert read_footer(page).icp_filing == ("京ICP备16020626号-1",)


def test_a_page_over_the_limit_is_refused_and_not_half_read() -> None:
    with pytest.raises(ContentTooLarge):
        read_footer(b" " * (MAX_PAGE_BYTES + 1))


def test_a_shell_that_scripts_fill_proves_no_absence() -> None:
    shell = read_footer("<html><body><div id=app></div><script src=/app.js></script></body></html>")
    assert (shell.certain, shell.link) == (False, LinkState.NONE)
    assert read_footer(
        PAGE.format("<p>一段足够长的正文，说明这个页面不是空壳，它本来就没有任何编号，读者看到的就是这些文字。</p>")
    ).certain


def test_an_app_screen_dump_is_read_from_its_text_attributes() -> None:
    dump = (
        '<?xml version="1.0"?><hierarchy><node text="ICP备案号：粤ICP备2021001858号-2A" class="TextView"/></hierarchy>'
    )
    reading = read_footer(dump)
    assert (reading.icp_filing, reading.is_screen) == (("粤ICP备2021001858号-2A",), True)


def test_what_looks_like_a_number_and_is_none_is_named_as_a_near_miss() -> None:
    assert read_footer("<p>京ICP备1602062号</p>").near_misses == ("京ICP备1602062号",)


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("https://beian.miit.gov.cn", "right"),
        ("HTTPS://user:pw@beian.miit.gov.cn:443/x", "right"),
        ("https://beian.miit.gov.cn\\@example.com", "right"),
        ("https://example.com\\@beian.miit.gov.cn", "wrong"),
        ("ht\ntps://beian.miit.gov.cn", "right"),
        ("https://beian-miit.cn", "wrong"),
        ("http://xmiibeian.gov.cn", "wrong"),
        ("#top", "missing"),
    ],
)
def test_an_address_is_judged_by_the_host_a_browser_would_open(address: str, state: str) -> None:
    assert link_state(address) == state


def test_the_sponsors_part_drops_only_the_service_suffix() -> None:
    assert sponsor_number("粤ICP备2021001858号-3A") == "粤ICP备2021001858号"
    assert sponsor_number("粤B2-20090059-5") == "粤B2-20090059"
    assert sponsor_number("粤B2-20090059") == "粤B2-20090059"


@pytest.mark.parametrize(
    ("page", "link"),
    [
        (f"<a href=https://beian.miit.gov.cn/>{NUMBER}</a>", LinkState.RIGHT),
        (f'<a href="https://beian.miit.gov.cn/"/>{NUMBER}', LinkState.MISSING),
        (f"<div onclick=\"location='https://beian.miit.gov.cn'\"><p>{NUMBER}</p></div>", LinkState.RIGHT),
        (f'<a href="https://beian.miit.gov.cn/">备</a>{"字" * 600}<p>{NUMBER}</p>', LinkState.MISSING),
        (f'<a title="a>b" href="https://beian.miit.gov.cn/">{NUMBER}</a>', LinkState.RIGHT),
        (f'<a href="https://beian.miit.gov.cn/"><i>{"</i><i>" * 300}{NUMBER}</i></a>', LinkState.RIGHT),
        (f'<a href="/">{"字" * 900}{NUMBER}</a>', LinkState.WRONG),
        (f'<div style="display:none"><script>"</div>"</script>{NUMBER}</div>', LinkState.NONE),
        (f'<a href="https://beian.miit.gov.cn/">{NUMBER[:5]}&#x200b;{NUMBER[5:]}</a>', LinkState.RIGHT),
        (f"&#xF0000;&#xF0009;&#x100009;<p>{NUMBER}</p>", LinkState.MISSING),
    ],
)
def test_the_link_is_read_where_the_number_stands(page: str, link: LinkState) -> None:
    assert read_footer(page).link is link
