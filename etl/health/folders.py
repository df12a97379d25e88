"""The folders: whether they are there, can be written, and have room; and what waits in the inbox."""

import secrets
import shutil
from pathlib import Path

from upath import UPath

from etl.health.found import Case, Found, State, broken, look, minutes_since, modified_at, span_words, well
from etl.receive import LAST_ROUND, Arrival, find_arrivals

PROBE = ".ward-reports-doctor"  # the inbox leaves alone what begins with a dot
LATE_MINUTES = 60  # four rounds of intake
DEAD_MINUTES = 1_440
LITTLE, LEAST = 2_000_000_000, 200_000_000  # bytes


def check_inbox(case: Case) -> Found:
    """Say whether files can be taken out of the inbox."""
    inbox = UPath(case.settings.inbox)
    if not inbox.is_dir():
        return broken(f"không có {inbox}", f"there is no {inbox}")
    return _probe(inbox)


def check_archive(case: Case) -> Found:
    """Say whether files can be archived."""
    return _probe_made_later(case.settings.archive)


def check_published(case: Case) -> Found:
    """Say whether files can be published."""
    return _probe_made_later(case.settings.published)


def check_space(case: Case) -> Found:
    """Say how much room is left on the disk that has least."""
    own = (case.settings.home, case.settings.archive, case.settings.published)
    free = {folder: shutil.disk_usage(_nearest(folder)).free for folder in own}
    folder, left = min(free.items(), key=lambda one: one[1])
    state = broken if left < LEAST else look if left < LITTLE else well
    return state(f"{folder}: còn {left / 1e9:.1f} GB", f"{folder}: {left / 1e9:.1f} GB are free", free_bytes=left)


def check_waiting_files(case: Case) -> Found:
    """Count the files that lie still in the inbox, and say for how long."""
    arrivals = list(find_arrivals(case.settings.inbox, settle_seconds=case.settings.settle_seconds, now=case.now))
    now = case.now.timestamp()
    minutes = int(max((now - _lying_since(one) for one in arrivals), default=0) // 60)
    figures = {"inbox_files": len(arrivals), "inbox_minutes": minutes}
    if not arrivals:
        return well("không còn tệp nào", "no file waits", **figures)
    vi, en = span_words(minutes)
    state = look if minutes >= LATE_MINUTES else well
    return state(f"{len(arrivals)} tệp chờ, từ {vi}", f"{len(arrivals)} files wait, for {en}", **figures)


def check_intake(case: Case) -> Found:
    """Say when the last round of intake looked into the inbox."""
    seen = modified_at(case.settings.archive / LAST_ROUND)
    if seen is None:
        return look("chưa có lượt nhận nào", "there was no round yet")
    minutes = minutes_since(seen, case.now)
    vi, en = span_words(minutes)
    state = broken if minutes >= DEAD_MINUTES else look if minutes >= LATE_MINUTES else well
    return state(f"lượt nhận cuối cách đây {vi}", f"the last round was {en} ago", intake_minutes=minutes)


def _lying_since(arrival: Arrival) -> float:
    """Say since when a file lies where it is: its own date may be that of where it came from."""
    try:
        return max(arrival.modified, float(getattr(arrival.path.stat(), "st_ctime", 0.0)))
    except FileNotFoundError:
        return arrival.modified


def _probe(folder: UPath | Path) -> Found:
    """Write a file and remove it: what a right says and what a disk does are two things."""
    probe = folder / f"{PROBE}-{secrets.token_hex(4)}"  # several checks may look into one folder at once
    try:
        probe.write_bytes(b"?")
        probe.unlink()
    except OSError as error:
        why = error.strerror or type(error).__name__
        return broken(f"không ghi được {folder}: {why}", f"{folder} cannot be written: {why}")
    return well(f"{folder} ghi được", f"{folder} can be written")


def _probe_made_later(folder: Path) -> Found:
    """Look at a folder that the program makes itself when it first needs it."""
    if folder.is_dir():
        return _probe(folder)
    if folder.exists():
        return broken(f"{folder} không phải thư mục", f"{folder} is no folder")
    above = _probe(_nearest(folder))
    if above.state is State.WELL:
        return look(f"chưa có {folder}; sẽ được tạo khi cần", f"there is no {folder} yet; it is made when needed")
    return above


def _nearest(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.is_dir())
