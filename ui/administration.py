"""The commands of those who run the service for others: what users said, and who may use it."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

from kg.errors import InputError, SettingsError
from kg.settings import load_settings
from ui.output import check_output, say, write_bytes


def feedback(options: argparse.Namespace) -> int:
    """Write what users said of answers to a file."""
    from ui import texts
    from ui.exports import FORMATS
    from ui.feedback import FeedbackStore, json_lines, sheet_of

    settings, path = load_settings(), Path(options.file)
    texts.use(settings.language)
    entries = FeedbackStore.of(settings.home).all()
    if not entries:
        say("还没有评价，没有写文件。")
        return 0
    check_output(path)
    as_table = options.format in FORMATS
    write_bytes(path, FORMATS[options.format].write(sheet_of(entries)) if as_table else json_lines(entries))
    count = sum(entry.verdict == "up" for entry in entries)
    say(f"已导出 {len(entries)} 条评价（有用 {count}，有误 {len(entries) - count}），写入 {path}")
    return 0


def user(options: argparse.Namespace) -> int:
    """Add a user to the file of PLANKG_AUTH, give one a new password, or remove one."""
    from ui.auth.users import line_of

    path = load_settings().auth
    if path is None:
        raise SettingsError("没有设置 PLANKG_AUTH。请把它设为用户文件的路径，例如 .plankg/users。")
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    others = [line for line in lines if line.strip() and line.partition(":")[0].strip() != options.name]
    known = len(others) < len([line for line in lines if line.strip()])
    if options.remove and not known:
        raise InputError(f"用户文件 {path} 中没有 {options.name}。请检查用户名。")
    if not options.remove:
        others.append(line_of(options.name, _password(), options.admin))
    _write_private(path, "".join(f"{line}\n" for line in others))
    done = "已移除" if options.remove else "已更新" if known else "已加入"
    say(f"{done}用户 {options.name}（{path}）。正在运行的网页会立即采用。")
    return 0


def _password() -> str:
    """What is typed twice unseen, or the first line that comes from a pipe.

    Raises: InputError: the two differ.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("密码：")
    if getpass.getpass("再输入一次：") != password:
        raise InputError("两次输入的密码不同。请重新运行。")
    return password


def _write_private(path: Path, content: str) -> None:
    """Replace a file as a whole; only its owner may read it."""
    check_output(path)
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.touch(mode=0o600)
    write_bytes(temporary, content.encode())
    temporary.replace(path)
