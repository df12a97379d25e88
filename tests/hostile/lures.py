"""The places that no reader may go to, watched: a server that counts visits, a file whose word must not come back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.hostile.seeds import Lures

WORD = "canary-5f1c-word"


@dataclass(frozen=True, slots=True)
class Watched:
    """Lures that are there. `visits`: the paths that were asked for."""

    lures: Lures
    visits: list[str] = field(default_factory=list)


@contextmanager
def watch_lures(folder: Path) -> Iterator[Watched]:
    """Serve the lures for the length of a block."""
    canary = folder / "canary.xml"
    canary.write_text(f"<x>{WORD}</x>", "utf-8")
    visits: list[str] = []

    class Visit(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            visits.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Visit)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Watched(Lures(f"http://127.0.0.1:{server.server_port}/lure", str(canary)), visits)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
