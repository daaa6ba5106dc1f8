"""Users: hashed passwords in a file, and what is no user in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import InputError, SettingsError
from ui.auth.users import User, Users, line_of

PASSWORD = "correct horse"


def users_of(path: Path, *lines: str) -> Users:
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return Users(path)


def test_a_user_is_known_by_the_password_only(tmp_path: Path) -> None:
    line = line_of("王主任", PASSWORD, admin=True)
    assert PASSWORD not in line
    users = users_of(tmp_path / "users", line, "", line_of("读者", "another one", admin=False))
    for _ in range(2):  # the second time from memory
        assert users.verify("王主任", PASSWORD) == User("王主任", admin=True)
        assert users.verify("读者", "another one") == User("读者")
        assert users.verify("王主任", "another one") is None
        assert users.verify("无名", PASSWORD) is None
        assert users.verify("王主任", PASSWORD * 20) is None


def test_a_changed_file_counts_at_once(tmp_path: Path) -> None:
    path = tmp_path / "users"
    users = users_of(path, line_of("甲", PASSWORD, admin=False))
    assert users.verify("甲", PASSWORD)
    users_of(path, line_of("乙", "a new password", admin=False))
    assert users.verify("甲", PASSWORD) is None and users.get("甲") is None
    assert users.verify("乙", "a new password")


@pytest.mark.parametrize(
    ("name", "password"),
    [("", PASSWORD), ("a:b", PASSWORD), (" a", PASSWORD), ("a\nb", PASSWORD), ("a", "short"),
     ("a", "长" * 25)],
)  # fmt: skip
def test_what_is_no_name_or_password_is_refused(name: str, password: str) -> None:
    with pytest.raises(InputError):
        line_of(name, password, admin=False)


@pytest.mark.parametrize("line", ["no colon", "name:plaintext", ":$2b$12$x", "name:"])
def test_a_line_that_is_no_user_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(SettingsError, match="第 2 行"):
        users_of(tmp_path / "users", line_of("甲", PASSWORD, admin=False), line)


def test_an_unknown_role_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="第 1 行"):
        users_of(tmp_path / "users", line_of("甲", PASSWORD, admin=False) + ":root")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PLANKG_AUTH"):
        Users(tmp_path / "none")
