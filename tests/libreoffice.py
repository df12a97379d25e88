"""LibreOffice as a clerk's spreadsheet: opens a file, calculates it, and saves it in another format."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SOFFICE = shutil.which("soffice")
XLSX = "xlsx:Calc MS Excel 2007 XML"
PATIENCE_SECONDS = 180

needs_libreoffice = pytest.mark.skipif(
    not SOFFICE and not os.environ.get("CI"),
    reason="LibreOffice (soffice) is not installed: nobody has looked whether a spreadsheet opens what we write",
)


def save_as(path: Path, folder: Path, target: str = XLSX) -> Path:
    """Open a file, calculate it, and save it in a folder; give where it is. `target`: as soffice names formats."""
    assert SOFFICE, "CI needs LibreOffice: see .ci/run"
    folder.mkdir(parents=True, exist_ok=True)
    profile = f"-env:UserInstallation={(folder.parent / 'profile').absolute().as_uri()}"
    command = [SOFFICE, profile, "--headless", "--convert-to", target, "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, timeout=PATIENCE_SECONDS, capture_output=True)
    (saved,) = folder.glob(f"{path.stem}.{target.partition(':')[0]}")
    return saved
