"""A chat server of the OpenAI protocol on loopback, scripted: for what a real model does not do on demand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What the server does with one request.

    ``broken_after``: so many pieces are sent before the connection is cut. ``hangs``: nothing is sent
    after the pieces, and the connection stays open. ``raw``: the body as it is, in place of the pieces.
    """

    text: str = ""
    status: int = 200
    finish: str | None = "stop"
    broken_after: int | None = None
    hangs: bool = False
    raw: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Script = Callable[[dict[str, Any]], Reply]


class ChatServer:
    """Answers each request as the script says; keeps the requests. To be used with ``with``."""

    def __init__(self, script: Script | Reply) -> None:
        self.script = script
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def base_url(self) -> str:
        """What clients are configured with."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> ChatServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(owner) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                owner.requests.append(request)
                owner.keys.append(self.headers.get("Authorization", ""))
                reply = owner.script(request) if callable(owner.script) else owner.script
                with suppress(BrokenPipeError, ConnectionResetError):
                    self._send(reply)
                self.close_connection = True

            def _send(self, reply: Reply) -> None:
                self.send_response(reply.status)
                kind = "text/event-stream" if reply.status == 200 else "application/json"
                for name, value in {"Content-Type": kind, **reply.headers}.items():
                    self.send_header(name, value)
                if reply.broken_after is not None:  # so that the client notices the cut
                    self.send_header("Content-Length", "1000000")
                self.end_headers()
                if reply.raw is not None or reply.status != 200:
                    self.wfile.write(reply.raw or b'{"error": {"message": "scripted"}}')
                    return
                pieces = [reply.text[at : at + 4] for at in range(0, len(reply.text), 4)]
                for piece in pieces[: reply.broken_after]:
                    self._event({"content": piece}, None)
                if reply.broken_after is not None:
                    return
                if reply.hangs:
                    owner.closing.wait(60)
                    return
                if reply.finish is not None:
                    self._event({}, reply.finish)
                    self.wfile.write(b"data: [DONE]\n\n")

            def _event(self, delta: dict[str, str], finish: str | None) -> None:
                choice = {"index": 0, "delta": delta, "finish_reason": finish}
                event = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
                self.wfile.write(f"data: {json.dumps({**event, 'choices': [choice]})}\n\n".encode())
                self.wfile.flush()

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        return Handler
