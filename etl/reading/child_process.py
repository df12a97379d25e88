"""Run a module of ours in a fresh interpreter: the place where strangers' files may crash, hang or fill the memory."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

_ROOT = Path(__file__).resolve().parents[2]
_NOT_INSTALLED = 78
_START = f"""
import json, sys
sys.path.insert(0, sys.argv[1])
try:
    module = __import__(sys.argv[2], fromlist=["main"])
except ImportError:
    sys.exit({_NOT_INSTALLED})
module.main(*json.loads(sys.argv[3]))
"""
START_ARGUMENTS = (sys.executable, "-I", "-c", _START, str(_ROOT))
"""Starts `main(*arguments)` of a module: to be followed by its name and the arguments as JSON."""
_GRACE_SECONDS = 5  # the processor time is limited in the child; the clock may run longer on a busy machine


class ChildDiedError(Exception):
    """The child ended early. Its last words may quote the file, so they go nowhere else."""

    def __init__(self, returncode: int, last_words: bytes) -> None:
        self.returncode = returncode
        self.last_words = last_words
        super().__init__(returncode)

    @property
    def is_out_of_memory(self) -> bool:
        return any(word in self.last_words for word in (b"MemoryError", b"memory allocation", b"capacity overflow"))

    @property
    def is_out_of_time(self) -> bool:
        return -self.returncode in (9, 24)  # SIGKILL and SIGXCPU: the processor time ran out


def run_child(
    module: str,
    arguments: Sequence[object],
    content: bytes,
    *,
    max_seconds: int,
    environ: Mapping[str, str] | None = None,
) -> bytes:
    """Call `main(*arguments)` of a module with `content` on its stdin, and give what it prints.

    A fresh interpreter: cheaper than a fork of a large process, and safe beside threads. The child limits itself.
    *Raises*: ChildDiedError, `subprocess.TimeoutExpired`; RuntimeError where the module cannot be imported.
    """
    child = subprocess.run(
        [*START_ARGUMENTS, module, json.dumps(arguments)],
        check=False,
        input=content,
        capture_output=True,
        timeout=max_seconds + _GRACE_SECONDS,
        env=inherited_environ() | dict(environ or {}),
        start_new_session=True,
    )
    if child.returncode != 0:
        refuse_end(module, child.returncode, child.stderr)
    return child.stdout


def inherited_environ() -> dict[str, str]:
    """Give what a child needs of this process's environment; it sees nothing else of it."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}


def refuse_end(module: str, returncode: int, last_words: bytes) -> NoReturn:
    """Say what a child ended of. *Raises*: ChildDiedError; RuntimeError where its module cannot be imported."""
    if returncode == _NOT_INSTALLED:
        raise RuntimeError(f"{module} does not start: is the installation complete?")
    raise ChildDiedError(returncode, last_words)
