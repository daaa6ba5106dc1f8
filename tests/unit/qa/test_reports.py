"""Reports: contradictions with both places, named queries with Chinese titles."""

from __future__ import annotations

import json

import pytest

from kg.errors import InputError
from kg.named_queries import NAMED
from qa.knowledge import Knowledge
from qa.reports import (
    ReportedConflict,
    Statement,
    conflicts,
    conflicts_text,
    named_queries_text,
    named_text,
    run_named,
)
from qa.service import QuestionService


@pytest.fixture(scope="module")
def knowledge(second: QuestionService) -> Knowledge:
    return second.knowledge


def test_a_contradiction_has_both_quotes_verbatim_at_their_places(knowledge: Knowledge) -> None:
    found = conflicts(knowledge)
    assert found
    for item in found:
        assert 0 < item.confidence <= 1
        for statement in item.statements:
            text = knowledge.documents[statement.source].text
            assert text[statement.start : statement.end] == statement.quote != ""
            assert statement.locator
        assert item.statements[0].start < item.statements[1].start


def test_the_two_contradictions_of_the_plan_are_reported(knowledge: Knowledge) -> None:
    by_title = {item.title: item for item in conflicts(knowledge)}
    names = by_title["名称写法不一致"]
    assert [s.quote for s in names.statements] == ["枫溪镇", "丰溪镇"] == list(names.about)
    values = by_title["数值不一致"]
    assert "60" in values.statements[0].quote and "62%" in values.statements[1].quote


def test_contradictions_are_plain_values_for_programs(knowledge: Knowledge) -> None:
    item = conflicts(knowledge)[0]
    data = json.loads(json.dumps(item.to_json(), ensure_ascii=False))
    assert data.keys() == {"kind", "title", "about", "confidence", "statements"}
    first, second = data["statements"]
    assert first.keys() == second.keys() == {"quote", "start", "end", "source", "locator"}
    assert first["quote"] == item.statements[0].quote


def test_contradictions_read_as_numbered_pairs_of_quote_and_place(knowledge: Knowledge) -> None:
    found = conflicts(knowledge)
    text = conflicts_text(found)
    assert f"规划中有 {len(found)} 处表述互相矛盾" in text
    for number, item in enumerate(found, 1):
        assert f"\n{number}. {item.title}\n" in text
        for statement in item.statements:
            assert f"{statement.locator}（{statement.start}–{statement.end}）" in text
    assert "甲：“枫溪镇”" in text and "乙：“丰溪镇”" in text
    assert "\t" not in text and "\r" not in text
    assert "qingshan-plan" not in text


def test_with_several_plans_each_place_names_its_plan() -> None:
    def conflict(plan: str) -> ReportedConflict:
        statements = tuple(Statement("一句话", at, at + 3, plan, "第一章") for at in (1, 9))
        return ReportedConflict("odd", "表述不一致", ("甲", "乙"), 0.5, statements)  # type: ignore[arg-type]

    text = conflicts_text([conflict("first"), conflict("second")])
    assert "first 第一章（1–4）" in text and "second 第一章（9–12）" in text


def test_no_contradiction_is_said_in_a_sentence() -> None:
    assert conflicts_text([]) == "规划中没有发现互相矛盾的表述。"


def test_every_named_query_is_listed_with_what_it_wants() -> None:
    text = named_queries_text()
    for query in NAMED.values():
        assert f"  {query.usage}\n      {query.title}" in text
    assert "path 起点 终点" in text and "neighbourhood 名称 [条数=50]" in text


def test_rows_carry_chinese_titles_and_their_quote(knowledge: Knowledge) -> None:
    result = run_named(knowledge, "projects_of_town", ["石桥镇"])
    lines = named_text(result).splitlines()
    assert lines[-1] == f"共 {len(result.rows)} 行" and len(result.rows) >= 3
    first = result.rows[0]
    assert lines[0] == f"1. 地点：石桥镇，编号：{first['id']}，项目：{first['project']}，专栏：{first['box']}"
    assert lines[1] == f"   “{first['quote']}”（{first['start']}–{first['stop']}）"


def test_a_path_reads_as_arrows(knowledge: Knowledge) -> None:
    text = named_text(run_named(knowledge, "path", ["锂源新材", "年产5万吨磷酸铁锂正极材料项目"]))
    assert "青山锂源新材料股份有限公司 ←实施主体— 年产5万吨磷酸铁锂正极材料项目" in text


def test_lists_and_missing_values_are_shown_plainly(knowledge: Knowledge) -> None:
    text = named_text(run_named(knowledge, "chains", []))
    assert "环节：竹材采伐 · 竹单板 · 竹家居 · 竹炭" in text and "企业：石桥竹器厂" in text
    assert "企业：无" in text and "None" not in text
    assert "None" not in named_text(run_named(knowledge, "projects_by_industry", []))


def test_a_name_that_nothing_has_is_told_from_a_thing_without_rows(knowledge: Knowledge) -> None:
    nobody = run_named(knowledge, "projects_of_enterprise", ["从来没有的公司"])
    assert (nobody.rows, nobody.unknown) == ((), ("从来没有的公司",))
    assert "图谱里没有叫“从来没有的公司”的事物" in named_text(nobody)
    known = run_named(knowledge, "projects_of_enterprise", ["石桥镇"])
    assert (known.rows, known.unknown) == ((), ())
    assert named_text(known) == "共 0 行"


def test_an_unknown_query_names_those_that_there_are(knowledge: Knowledge) -> None:
    with pytest.raises(InputError, match="没有名为 nope 的查询。可用：projects_of_enterprise、") as caught:
        run_named(knowledge, "nope", [])
    assert "\n" not in str(caught.value)


def test_too_many_arguments_say_how_the_query_is_called(knowledge: Knowledge) -> None:
    with pytest.raises(InputError, match="用法：chains_of 名称"):
        run_named(knowledge, "chains_of", ["甲", "乙"])
