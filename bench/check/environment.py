"""The environment of the peers: built once from the list beside this file, nothing of it in the project's own."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).with_name("peers.txt")
FOLDER = ROOT / "var" / "bench" / "check"


def build_environment() -> Path:
    """Build the environment unless it is there; give its Python."""
    python = FOLDER / "peers" / "bin" / "python"
    built = FOLDER / "built.txt"
    wanted = hashlib.sha256(PEERS.read_bytes() + sys.version.encode()).hexdigest()
    if not (python.exists() and built.exists() and built.read_text() == wanted):
        print(f"building the peers' environment in {FOLDER}", file=sys.stderr, flush=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        for command in _commands(python):
            subprocess.run(command, check=True)
        built.write_text(wanted)
    return python


def _commands(python: Path) -> list[list[str]]:
    """Give what builds it: uv where it is at hand, else venv and pip."""
    target, uv = str(python.parents[1]), ROOT / ".tools" / "bin" / "uv"
    found = str(uv) if uv.exists() else shutil.which("uv")
    if found:
        return [
            [found, "venv", "--quiet", "--clear", "--python", sys.executable, target],
            [found, "pip", "install", "--quiet", "--python", str(python), "--requirement", str(PEERS)],
        ]
    return [
        [sys.executable, "-m", "venv", "--clear", target],
        [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(PEERS)],
    ]
