"""Administration in a real browser: plans in and out, hostile ones included, and back again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from docx import Document

from kg.settings import PROJECT_ROOT
from tests.conftest import SMALL_PLAN
from tests.e2e.axe import serious
from tests.e2e.browser import NARROW, Browser
from tests.e2e.cli import CommandLine, contents, small_state
from tests.e2e.serving import served

ROWS = ".pk-admin-table tbody tr"
#: a plan whose every name would be markup, were it not for us
HOSTILE = """<img src=x onerror="document.title='被攻破'">县国民经济和社会发展第十四个五年规划纲要

第一章 <script>document.title='被攻破'</script>发展目标
第一节 主要目标
到2025年，全县地区生产总值达到77亿元。<img src=x onerror="document.title='被攻破'">
由<b>山河<svg onload="document.title='被攻破'">有限公司</b>牵头。
专栏1-1：重点项目
1.<img src=x onerror="document.title='被攻破'">山河有限公司年产9万吨石料项目。
2.[点我](javascript:document.title='被攻破')物流项目。

第二章 保障措施
第一节 组织实施
加强组织领导，由'"><iframe src="javascript:alert(1)">负责落实。
"""


@pytest.fixture(autouse=True)
def no_console_errors(browser: Browser) -> Iterator[None]:
    browser.console_errors()  # what an earlier test left
    yield
    assert browser.console_errors() == []


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> CommandLine:
    home = tmp_path_factory.mktemp("admin") / "home"
    return small_state(tmp_path_factory, models_dir, home).with_variables(PLANKG_ADMIN="1")


@pytest.fixture(scope="module")
def address(command: CommandLine) -> Iterator[str]:
    with served(command) as found:
        yield found


def plans(address: str) -> list[str]:
    overview = httpx.get(f"{address}api/v1/admin", trust_env=False).json()
    return [plan["id"] for plan in overview["plans"]]


def open_tab(browser: Browser, address: str) -> None:
    browser.driver.get(f"{address}?tab=admin")
    browser.find(ROWS)


def press(browser: Browser, name: str) -> None:
    """Press the button with this text on the tab."""
    shown = browser.wait(
        lambda: [each for each in browser.all(".pk-admin button") if each.text == name and each.is_enabled()]
    )
    shown[0].click()


def upload(browser: Browser, *files: Path) -> None:
    browser.find(".pk-file").send_keys("\n".join(map(str, files)))
    press(browser, "上传并建库")


def ended(browser: Browser, state: str) -> str:
    """Wait until a build has ended so, and its end is drawn; what was told of it."""
    browser.wait(lambda: browser.all(f'.pk-outcome[data-state="{state}"]'))
    return browser.wait(lambda: browser.text(".pk-outcome"))


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    path = tmp_path / "hostile.md"
    path.write_text(HOSTILE, "utf-8")
    return path


def test_the_tab_tells_what_is_loaded(browser: Browser, address: str) -> None:
    open_tab(browser, address)
    assert "青山县" in browser.text(ROWS) and "small-plan" in browser.text(ROWS)
    assert "KGLite" in browser.text(".pk-admin-facts")
    assert not browser.find(f"{ROWS} button").is_enabled()  # the only plan cannot be removed


def test_an_uploaded_plan_is_built_and_is_mere_text(browser: Browser, address: str, hostile: Path) -> None:
    open_tab(browser, address)
    upload(browser, hostile)
    assert "hostile.md" in ended(browser, "done")
    browser.wait(lambda: len(browser.all(ROWS)) == 2)
    assert browser.run("return document.querySelector('.pk-job pre').textContent.length") > 20
    for query in ("?tab=admin", "?tab=graph", "?tab=projects", "?tab=indicators", "?tab=conflicts",
                  "?tab=source&at=hostile:0-40", "?tab=chat"):  # fmt: skip
        browser.driver.get(f"{address}{query}")
        browser.find(f"#pk-panel-{query.split('=')[1].split('&')[0]} > *")
        browser.wait(lambda: not browser.all(".pk-loading"))
        assert browser.run("return document.title") == "规划问答"
    browser.open(address)
    browser.console_errors()  # of pages that were left while they loaded
    turn = browser.ask("山河有限公司有哪些项目？")
    assert "石料项目" in turn.text
    browser.open_citation(1)
    assert browser.run("return document.title") == "规划问答"
    foreign = "img[src='x'], iframe, .pk-turn script, .pk-source script, a[href^='javascript']"
    assert browser.all(foreign) == []
    # answers come from both plans, without a restart
    assert "120亿元" in browser.ask("青山县2025年全县地区生产总值达到多少？").text


def test_a_plan_is_removed_and_brought_back(browser: Browser, address: str) -> None:
    open_tab(browser, address)
    browser.wait(lambda: len(browser.all(ROWS)) == 2)
    row = next(row for row in browser.all(ROWS) if "hostile" in row.text)
    row.find_element("css selector", "button").click()
    press(browser, "取消")
    assert plans(address) == ["small-plan", "hostile"]
    row.find_element("css selector", "button").click()
    press(browser, "确定")
    assert "hostile" in ended(browser, "done")
    browser.wait(lambda: len(browser.all(ROWS)) == 1)
    assert plans(address) == ["small-plan"]
    press(browser, "退回上一版")
    browser.wait(lambda: len(browser.all(ROWS)) == 2)
    assert plans(address) == ["small-plan", "hostile"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [("none.exe", b"MZ", "none.exe"), ("empty.txt", b" \n", "空"),
     ("gbk.txt", "第一章 总则".encode("gbk"), "UTF-8"),
     ("broken.docx", b"no zip", "broken.docx"), ("broken.pdf", b"no pdf", "broken.pdf"),
     ("letter.txt", "这不是规划，没有章节。".encode(), "章")],
)  # fmt: skip
def test_what_is_no_plan_is_told_in_one_line_and_changes_nothing(
    browser: Browser, address: str, command: CommandLine, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    before = contents(command.home)
    path = tmp_path / name
    path.write_bytes(content)
    open_tab(browser, address)
    upload(browser, path)
    errors = '.pk-admin-told:not(:empty), .pk-outcome[data-state="failed"]'
    said = browser.wait(lambda: [each.text for each in browser.all(errors) if told in each.text])
    assert len(said) == 1 and "\n" not in said[0]
    browser.console_errors()  # a refused request is told there too
    assert contents(command.home) == before
    assert list((command.home / "uploads").iterdir()) == []


def test_a_word_document_becomes_a_plan(browser: Browser, address: str, tmp_path: Path) -> None:
    document = Document()
    for line in SMALL_PLAN.replace("青山县", "绿水县").replace("120亿元", "88亿元").split("\n"):
        if line.startswith("第"):
            document.add_heading(line, 1 if "章" in line[:4] else 2)
        elif line:
            document.add_paragraph(line)
    path = tmp_path / "green.docx"
    document.save(str(path))
    open_tab(browser, address)
    upload(browser, path)
    browser.wait(lambda: [row for row in browser.all(ROWS) if "绿水县" in row.text])
    browser.open(address)
    turn = browser.ask("绿水县2025年全县地区生产总值达到多少？")
    assert "88亿元" in turn.text
    removed = httpx.delete(f"{address}api/v1/admin/plans/green", trust_env=False)
    assert removed.status_code == 202
    open_tab(browser, address)
    browser.wait(lambda: not [row for row in browser.all(ROWS) if "绿水县" in row.text])


def test_a_build_can_be_stopped(address: str, command: CommandLine, tmp_path: Path) -> None:
    before = contents(command.home)
    long = tmp_path / "long.txt"
    more = "".join(f"第{at}节 其他\n到2025年，建成道路{at}公里，投资{at}亿元。\n" for at in range(1, 3000))
    long.write_text(SMALL_PLAN + more, "utf-8")
    with httpx.Client(base_url=f"{address}api/v1/admin", trust_env=False) as web:
        with long.open("rb") as file:
            assert web.post("/plans", files={"files": (long.name, file)}).status_code == 202
        refused = web.post("/rebuild")
        assert refused.status_code == 503 and "正在建库" in refused.json()["error"]["message"]
        assert web.delete("/job").status_code == 204
        while (job := web.get("/job").json())["state"] == "running":
            pass
    assert job["state"] == "cancelled" and "保持原样" in job["message"]
    after = contents(command.home)
    assert {name: after[name] for name in before} == before
    assert plans(address) == ["small-plan", "hostile"]


def test_verdicts_are_taken_away(browser: Browser, address: str, tmp_path: Path) -> None:
    verdict = {"verdict": "down", "question": "问？", "answer": "答。", "comment": "数字不对"}
    put = httpx.put(f"{address}api/v1/feedback/0123456789abcdef", json=verdict, trust_env=False)
    assert put.status_code == 204
    browser.download_into(tmp_path)
    open_tab(browser, address)
    assert "有误 1 条" in browser.text(".pk-admin-facts")
    press(browser, "导出 CSV")
    browser.wait(lambda: list(tmp_path.glob("*.csv")))
    assert "数字不对" in next(tmp_path.glob("*.csv")).read_text("utf-8-sig")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, address: str, dark: bool) -> None:
    browser.open(address, dark=dark)
    open_tab(browser, address)
    assert serious(browser) == []


def test_the_tab_reads_on_a_phone(browser: Browser, address: str) -> None:
    browser.open(address, NARROW)
    open_tab(browser, address)
    assert browser.run("return document.documentElement.scrollWidth") <= NARROW[0]


def test_without_leave_there_is_no_administration(served_page: str) -> None:
    assert "pk-panel-admin" not in httpx.get(served_page, trust_env=False).text
    for method, path in (("GET", "admin"), ("POST", "admin/undo"), ("DELETE", "admin/plans/x")):
        found = httpx.request(method, f"{served_page}api/v1/{path}", trust_env=False)
        assert found.status_code == 404
        assert json.loads(found.text)["error"]["message"]


def test_the_documented_routes_are_those_that_there_are(address: str) -> None:
    text = (PROJECT_ROOT / "docs" / "administration.md").read_text("utf-8")
    told = set(re.findall(r"^\| `(GET|POST|DELETE) (/\S+)` \|", text, re.M))
    document = httpx.get(f"{address}api/openapi.json", trust_env=False).json()
    there = {(method.upper(), path) for path, of in document["paths"].items() for method in of}
    assert told == {(method, path) for method, path in there if path.startswith("/api/v1/admin")}
