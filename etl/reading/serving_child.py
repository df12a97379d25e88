"""One child that answers many questions, and may crash, hang, lie or fill its memory at any of them.

A fresh interpreter, not a fork: safe beside threads, and small. It starts itself nothing and ends by itself when its
parent is gone, however that ended.
"""

import json
import os
import select
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from etl.reading.child_process import START_ARGUMENTS, inherited_environ, refuse_end

_HEAD = 8  # bytes that say how long an answer is
_MOST_LAST_WORDS = 65_536
_SECONDS_TO_DIE = 0.5


class LiesError(Exception):
    """What the child says is no answer."""


class ServingChild:
    """Calls `main(parent's pid, *arguments)` of a module, which answers its stdin; each question ends in a NUL."""

    def __init__(self, module: str, arguments: Sequence[object]) -> None:
        self._module = module
        self._process = subprocess.Popen(
            [*START_ARGUMENTS, module, json.dumps([os.getpid(), *arguments])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=inherited_environ(),
            start_new_session=True,
            bufsize=0,
        )
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._questions, self._answers, self._words = self._process.stdin, self._process.stdout, self._process.stderr
        self._poll = select.poll()
        self._poll.register(self._answers, select.POLLIN)

    def ask(self, question: bytes) -> None:
        """Put a question, so short that it never waits; a child that is dead is found out when it should answer."""
        with suppress(BrokenPipeError):
            self._questions.write(question + b"\0")

    def answer(self, *, max_bytes: int, max_seconds: float) -> bytes:
        """Give the answer to the oldest question that has none.

        *Raises*: ChildDiedError, TimeoutError, LiesError; RuntimeError where the module cannot be imported.
        """
        deadline = time.monotonic() + max_seconds
        length = int.from_bytes(self._read(_HEAD, deadline), "big")
        if length > max_bytes:
            raise LiesError(f"{length} bytes")
        return self._read(length, deadline)

    def _read(self, size: int, deadline: float) -> bytes:
        parts, missing = [], size
        while missing:
            if not self._poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise TimeoutError
            part = os.read(self._answers.fileno(), min(missing, 1 << 20))
            if not part:
                self._mourn()
            parts.append(part)
            missing -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _mourn(self) -> NoReturn:
        """Find out what the child died of, and say so."""
        with suppress(subprocess.TimeoutExpired):  # it closed its stdout and lives
            self._process.wait(_SECONDS_TO_DIE)
        self._process.kill()
        code = self._process.wait()
        os.set_blocking(self._words.fileno(), False)
        refuse_end(self._module, code, self._words.read(_MOST_LAST_WORDS) or b"")

    def close(self) -> None:
        """End the child, whatever it is doing, and leave nothing of it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._questions, self._answers, self._words):
            pipe.close()
