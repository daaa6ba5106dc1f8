"""Who may use the page where users are set: sign-in in a browser, programs, other sites, administrators."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest
from selenium.webdriver.common.keys import Keys

from tests.e2e.browser import Browser
from tests.e2e.cli import CommandLine, small_state
from tests.e2e.serving import served

READER, ADMIN = ("读者", "readers-password"), ("王主任", "admins-password")


@pytest.fixture(scope="module")
def command(
    tmp_path_factory: pytest.TempPathFactory, models_dir: Path
) -> CommandLine:
    """A state with two users, made with the command."""
    home = tmp_path_factory.mktemp("signed") / "home"
    command = small_state(tmp_path_factory, models_dir, home)
    command = command.with_variables(PLANKG_AUTH=str(home / "users"), PLANKG_ADMIN="1")
    for (name, password), options in ((READER, ()), (ADMIN, ("--admin",))):
        done = command.run_python("-m", "ui.cli", "user", name, *options, stdin=f"{password}\n")
        assert "已加入用户" in done.ok()
    return command


@pytest.fixture(scope="module")
def address(command: CommandLine) -> Iterator[str]:
    with served(command) as found:
        yield found


def basic(user: tuple[str, str]) -> httpx.BasicAuth:
    return httpx.BasicAuth(*user)


def client(address: str, user: tuple[str, str] | None = None) -> httpx.Client:
    return httpx.Client(base_url=address, auth=basic(user) if user else None, trust_env=False)


def test_the_file_holds_no_password_and_only_its_owner_reads_it(command: CommandLine) -> None:
    path = command.home / "users"
    assert path.stat().st_mode & 0o077 == 0
    assert not [word for _, word in (READER, ADMIN) if word in path.read_text("utf-8")]


def test_nobody_gets_past_without_signing_in(address: str) -> None:
    with client(address) as web:
        assert web.get("/api/v1/status").status_code == 401
        assert "登录" in web.get("/api/v1/status").json()["error"]["message"]
        assert web.get("/app/main.js").status_code == 401
        assert web.get("/gradio_api/info").status_code == 401
        page = web.get("/?tab=source", headers={"Accept": "text/html"})
        assert page.status_code == 303
        assert page.headers["location"] == "/login?next=%2F%3Ftab%3Dsource"


def test_the_page_opens_after_signing_in_where_one_wanted_to_go(browser: Browser, address: str) -> None:
    browser.driver.get(f"{address}?tab=source")
    for _ in range(2):  # wrong, then right
        name, password = browser.find("#name"), browser.find("#password")
        name.send_keys(READER[0])
        password.send_keys("wrong-password" if not browser.all("[role=alert]") else READER[1], Keys.ENTER)
        browser.wait(lambda: browser.all("[role=alert], .pk-tabs"))
    browser.find("#pk-panel-source .pk-tab")
    assert "tab=source" in browser.driver.current_url
    browser.driver.get(address)
    browser.find(".pk-welcome")
    browser.console_errors()  # the wrong password was one, and the page that was left
    browser.find("#pk-question textarea").send_keys("到2025年全县地区生产总值达到多少？", Keys.ENTER)
    browser.wait(lambda: "120亿元" in browser.text(".pk-answer"))
    assert browser.console_errors() == []


def test_signing_out_ends_it(browser: Browser, address: str) -> None:
    browser.find(".pk-sign-out").click()
    browser.find("#password")
    browser.driver.get(address)
    browser.find("#password")


@pytest.mark.parametrize("next", ["//else.example", "https://else.example", "/\\else.example", ""])
def test_signing_in_never_leads_to_another_site(address: str, next: str) -> None:
    with client(address) as web:
        form = {"name": READER[0], "password": READER[1]}
        done = web.post("/login", params={"next": next}, data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    cookie = done.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie


def test_a_form_without_end_is_not_read_to_its_end(address: str) -> None:
    with client(address) as web:
        assert web.post("/login", data={"name": "a" * 5_000_000, "password": "b"}).status_code == 401


def test_programs_give_name_and_password(address: str) -> None:
    with client(address, READER) as web:
        assert web.get("/api/v1/status").status_code == 200
    with client(address, (READER[0], "wrong-password")) as web:
        assert web.get("/api/v1/status").status_code == 401
    key = base64.b64encode(":".join(READER).encode()).decode()
    chat = openai.OpenAI(base_url=f"{address}v1", api_key=key)
    said = chat.chat.completions.create(
        model="plankg", messages=[{"role": "user", "content": "到2025年全县地区生产总值达到多少？"}]
    )
    assert "120亿元" in (said.choices[0].message.content or "")


def test_guessing_is_slowed_down(address: str) -> None:
    with client(address) as web:
        guesses = [{"name": "某人", "password": f"guess-{at}"} for at in range(7)]
        codes = [web.post("/login", data=guess).status_code for guess in guesses]
    assert codes == [401] * 5 + [429] * 2


def test_only_administrators_change_plans(address: str) -> None:
    with client(address, READER) as web:
        refused = web.get("/api/v1/admin")
        assert refused.status_code == 403
        assert "账号" in refused.json()["error"]["message"]
        assert web.post("/api/v1/admin/undo").status_code == 403
    with client(address, ADMIN) as web:
        assert web.get("/api/v1/admin").json()["plans"][0]["id"] == "small-plan"


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://elsewhere.example"},
     {"Origin": "null"}],
)  # fmt: skip
def test_other_sites_may_not_change_anything(address: str, headers: dict[str, str]) -> None:
    with client(address, ADMIN) as web:
        for method, path in (("POST", "/api/v1/admin/rebuild"), ("DELETE", "/api/v1/admin/plans/small-plan"),
                             ("POST", "/login"), ("POST", "/gradio_api/queue/join")):  # fmt: skip
            refused = web.request(method, path, headers=headers)
            assert refused.status_code == 403, path
            assert "另一个网站" in refused.json()["error"]["message"]
        assert web.get("/api/v1/admin/job").json() is None
        assert web.get("/api/v1/status", headers=headers).status_code == 200  # reading changes nothing


def test_the_page_is_no_administrator_for_the_whole_net(command: CommandLine) -> None:
    open_to_all = CommandLine(command.home, command.models, {"PLANKG_ADMIN": "1"})
    open_to_all.run("serve", "--host", "0.0.0.0", "--port", "7999").refusal("PLANKG_AUTH", "0.0.0.0")


def test_administration_without_users_is_for_this_machine_by_its_own_name(command: CommandLine) -> None:
    with served(CommandLine(command.home, command.models, {"PLANKG_ADMIN": "1"})) as address:
        with client(address) as web:
            assert web.get("/api/v1/admin").status_code == 200
            refused = web.get("/api/v1/admin", headers={"Host": "elsewhere.example"})
            assert refused.status_code == 403 and "127.0.0.1" in refused.json()["error"]["message"]


def test_a_user_is_removed(command: CommandLine) -> None:
    command.run("user", "无此人", "--remove").refusal("无此人")
    assert "已移除" in command.run("user", READER[0], "--remove").ok()
    assert READER[0] not in (command.home / "users").read_text("utf-8")


def test_without_a_file_users_have_no_place(command: CommandLine) -> None:
    CommandLine(command.home, command.models).run("user", "甲").refusal("PLANKG_AUTH")
    command.with_variables(PLANKG_AUTH=str(command.home / "none")).run("serve").refusal("plankg user")
