"""The content audit: what hits, what must not, disguises, offsets, and an installation's own allow-list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.observation.content.audit import MAX_HITS, audit_page, audit_text
from openbeian.observation.content.lexicon import load_lexicon
from openbeian.observation.content.visible import visible_text

LEXICON = load_lexicon()


def terms(page: str) -> list[str]:
    return [hit.term.term for hit in audit_page(page, LEXICON).hits]


@pytest.mark.parametrize(
    "text",
    [
        "首次备案", "第一季度", "唯一标识", "女装", "最后一天提交材料", "顶级域名", "第一条", "第一步", "大麻烦", "然后交通不便",
        "最好提前准备材料", "我们追求极致", "力争行业第一", "最佳食用期三个月", "国家级高新技术开发区", "万能钥匙", "100%纯棉",
        "全局唯一编号", "业界之最 好评如潮", "之最，好", "独家村的故事", "反邪教宣传", "严禁赌博", "最佳实践指南", "第一财经报道",
    ],
)  # fmt: skip
def test_ordinary_words_do_not_hit(text: str) -> None:
    assert terms(text) == []


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("全国最佳代办,100%包过", ["最佳", "100%", "包过"]),
        ("全国<b>最</b><i>佳</i>", ["最佳"]),
        ("最 佳 服务", ["最佳"]),
        ("最*佳", ["最佳"]),
        ("最\u200b佳", ["最佳"]),
        ("國家級品質", ["国家级"]),
        ("ＮＯ.１ 品牌", ["NO.1"]),
        ("国，家，级", ["国家级"]),
        ("zui佳选择", ["最佳"]),
        ("lhc 开奖直播", ["六合彩"]),
        ("最后一天特价抢购", ["最后一天"]),
        ("保本保收益理财", ["保本保收益"]),
        ("祖传秘方根治", ["祖传秘方", "根治"]),
    ],
)
def test_a_term_hits_plain_or_disguised(page: str, wanted: list[str]) -> None:
    assert terms(page) == wanted


def test_a_prohibited_class_is_a_hint_and_carries_its_law() -> None:
    (hit,) = audit_page("线上赌场注册", LEXICON).hits
    assert hit.term.hint
    assert hit.as_json()["law"] == "互联网信息服务管理办法 第十五条第七项"


def test_offsets_refer_to_the_visible_text() -> None:
    page = "<title>店</title><p>欢迎 <b>最</b>佳\n服务</p>"
    (hit,) = audit_page(page, LEXICON).hits
    assert visible_text(page)[hit.start : hit.end] == hit.matched == "最佳"


def test_comments_scripts_and_hidden_text_do_not_hit() -> None:
    assert terms("<!-- 最佳 --><script>var a='最佳'</script><p hidden>最佳</p>好") == []


def test_an_installations_own_phrase_allows_the_term_it_covers() -> None:
    own = LEXICON.allowing(["最佳西部酒店"])
    assert audit_page("最佳西部酒店", own).hits == ()
    assert len(audit_page("最佳东部酒店", own).hits) == 1


def test_a_flood_of_hits_is_cut_off_and_says_so() -> None:
    audit = audit_text("最佳！" * 200_000, LEXICON)
    assert (len(audit.hits), audit.truncated) == (MAX_HITS, True)


def test_a_term_across_a_window_is_found_once() -> None:
    for shift in range(4):
        hits = audit_text("好" * (65_536 - shift) + "最*佳好", LEXICON).hits
        assert [(hit.start, hit.end) for hit in hits] == [(65_536 - shift, 65_539 - shift)]


@given(st.text(), st.lists(st.sampled_from(["最", "佳", " ", "*", "，", "国家级", "İ", "包过", "100%", "\n", "<b>"])))
def test_every_hit_stands_where_it_says(text: str, pieces: list[str]) -> None:
    page = text + "".join(pieces)
    visible = visible_text(page)
    for hit in audit_page(page, LEXICON).hits:
        assert visible[hit.start : hit.end] == hit.matched
