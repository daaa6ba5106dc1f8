"""The users of a file: a line each, ``name:bcrypt hash`` and, for administrators, ``:admin``."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path

import bcrypt

from kg.errors import InputError, SettingsError

MIN_PASSWORD_CHARS = 8
#: bcrypt looks at no more
MAX_PASSWORD_BYTES = 72
_ADMIN = "admin"
#: verified passwords that are remembered, so that a program's every request does not cost a fifth of a second
_MAX_VERIFIED = 1000


@dataclass(frozen=True, slots=True)
class User:
    """Someone who may sign in."""

    name: str
    admin: bool = False


class Users:
    """The users of a file, which is read again when it changes. Thread-safe."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises: SettingsError: missing, or a line is no user.
        """
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._hashes: dict[User, bytes] = {}
        self._key = secrets.token_bytes(32)
        self._verified: dict[bytes, User] = {}
        self._nobody = bcrypt.hashpw(secrets.token_bytes(16), bcrypt.gensalt())
        self._read()

    def get(self, name: str) -> User | None:
        """The user of a name, if there is one now."""
        self._read()
        return next((user for user in self._hashes if user.name == name), None)

    def verify(self, name: str, password: str) -> User | None:
        """The user, if the password is theirs. As slow for names that do not exist."""
        given = password.encode()
        user = self.get(name)
        mark = hashlib.blake2b(f"{name}\0{password}".encode(), key=self._key).digest()
        if user is not None and self._verified.get(mark) == user:
            return user
        known = self._hashes.get(user, self._nobody) if user else self._nobody
        right = len(given) <= MAX_PASSWORD_BYTES and bcrypt.checkpw(given, known)
        if user is None or not right:
            return None
        with self._lock:
            if len(self._verified) >= _MAX_VERIFIED:
                self._verified.clear()
            self._verified[mark] = user
        return user

    def _read(self) -> None:
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if stamp == self._stamp:
                return
            lines = self._path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as exc:
            raise SettingsError(
                f"无法读取用户文件 {self._path}（PLANKG_AUTH）。请用 plankg user 建立它，或检查权限。"
            ) from exc
        users = dict(_user(line, at, self._path) for at, line in enumerate(lines, 1) if line.strip())
        with self._lock:
            self._hashes, self._stamp = users, stamp
            self._verified.clear()


def line_of(name: str, password: str, admin: bool) -> str:
    """A user as the file has it.

    Raises: InputError: the name or the password cannot be used.
    """
    if not name or name != name.strip() or any(char in name for char in ":\n\r\t") or not name.isprintable():
        raise InputError("用户名不能为空，不能含冒号或空白。请换一个。")
    if len(password) < MIN_PASSWORD_CHARS or len(password.encode()) > MAX_PASSWORD_BYTES:
        limits = f"至少 {MIN_PASSWORD_CHARS} 个字符，至多 {MAX_PASSWORD_BYTES} 个字节"
        raise InputError(f"密码应{limits}。请换一个。")
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt()).decode()
    return ":".join((name, hashed, *((_ADMIN,) if admin else ())))


def _user(line: str, at: int, path: Path) -> tuple[User, bytes]:
    name, _, rest = line.strip().partition(":")
    hashed, _, role = rest.partition(":")
    try:
        bcrypt.checkpw(b"", hashed.encode())
    except ValueError as exc:
        raise SettingsError(_wrong(at, path)) from exc
    if not name or role not in ("", _ADMIN):
        raise SettingsError(_wrong(at, path))
    return User(name, role == _ADMIN), hashed.encode()


def _wrong(at: int, path: Path) -> str:
    return f"用户文件 {path} 第 {at} 行不是“用户名:密码散列”。请用 plankg user 重新生成这一行。"
