"""Receive: the archive is immutable, the inbox ends clean, and nothing is lost on the way."""

import errno
import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import pytest

from etl.errors import ConfigError
from etl.receive import archived_path, find_arrivals, forget, receive


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    (folder / "09574").mkdir(parents=True)
    return folder


def put(path: Path, content: bytes, *, seconds_ago: int = 60) -> Path:
    path.write_bytes(content)
    moment = (datetime.now(UTC) - timedelta(seconds=seconds_ago)).timestamp()
    os.utime(path, (moment, moment))
    return path


def test_a_file_goes_to_the_archive_under_its_hash_and_leaves_the_inbox(inbox: Path, tmp_path: Path) -> None:
    put(inbox / "09574" / "Báo cáo.xlsx", b"content")
    (arrival,) = find_arrivals(str(inbox), settle_seconds=10)
    submission = receive(arrival, tmp_path / "archive")
    forget(arrival)
    assert submission is not None
    assert (submission.sha256, submission.sent_by) == (hashlib.sha256(b"content").hexdigest(), "09574")
    assert submission.path == archived_path(tmp_path / "archive", submission.sha256)
    assert submission.path.read_bytes() == b"content"
    assert submission.path.stat().st_mode & 0o222 == 0
    assert not [path for path in inbox.rglob("*") if path.is_file()]
    assert not list((tmp_path / "archive").glob(".arriving-*"))


def test_a_file_still_being_written_waits(inbox: Path, tmp_path: Path) -> None:
    put(inbox / "new.xlsx", b"half", seconds_ago=1)
    assert list(find_arrivals(str(inbox), settle_seconds=10)) == []
    growing = put(inbox / "growing.xlsx", b"half")
    (arrival,) = find_arrivals(str(inbox), settle_seconds=10)
    growing.write_bytes(b"half and the rest")
    assert receive(arrival, tmp_path / "archive") is None
    forget(arrival)
    assert growing.read_bytes() == b"half and the rest"


def test_a_file_replaced_after_it_was_read_is_not_forgotten(inbox: Path, tmp_path: Path) -> None:
    path = put(inbox / "a.xlsx", b"first")
    (arrival,) = find_arrivals(str(inbox), settle_seconds=10)
    assert receive(arrival, tmp_path / "archive")
    put(path, b"second one", seconds_ago=30)
    forget(arrival)
    assert path.read_bytes() == b"second one"


def test_links_and_lock_files_are_left_alone(inbox: Path, tmp_path: Path) -> None:
    secret = put(tmp_path / "secret.xlsx", b"secret")
    (inbox / "link.xlsx").symlink_to(secret)
    (inbox / "folder").symlink_to(tmp_path)
    for name in ("~$a.xlsx", ".hidden.xlsx", "a.xlsx.part", "b.tmp"):
        put(inbox / name, b"x")
    assert list(find_arrivals(str(inbox), settle_seconds=10)) == []


def test_names_from_outside_lose_controls_and_directions(inbox: Path, tmp_path: Path) -> None:
    put(inbox / "a\u202eb\nc.xlsx", b"x")
    (arrival,) = find_arrivals(str(inbox), settle_seconds=10)
    submission = receive(arrival, tmp_path / "archive")
    assert submission is not None
    assert submission.name == "abc.xlsx"


def test_the_same_bytes_twice_are_one_file(inbox: Path, tmp_path: Path) -> None:
    put(inbox / "a.xlsx", b"same")
    put(inbox / "09574" / "b.xlsx", b"same")
    received = [receive(arrival, tmp_path / "archive") for arrival in find_arrivals(str(inbox), settle_seconds=10)]
    assert len({submission.path for submission in received if submission}) == 1


def test_the_inbox_may_be_any_fsspec_url(tmp_path: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/wards/09577/c.csv", b"1,2")
    (arrival,) = find_arrivals("memory:///wards", settle_seconds=10)
    submission = receive(arrival, tmp_path / "archive")
    forget(arrival)
    assert submission is not None
    assert (submission.path.read_bytes(), submission.sent_by) == (b"1,2", "09577")
    assert memory.find("/wards") == []


def test_a_file_that_cannot_be_read_is_no_fault_of_the_archive_and_leaves_nothing_there(
    inbox: Path, tmp_path: Path
) -> None:
    path, archive = put(inbox / "a.xlsx", b"content"), tmp_path / "archive"
    (arrival,) = find_arrivals(str(inbox), settle_seconds=10)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        receive(arrival, archive)
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        receive(arrival, archive)
    assert list(archive.iterdir()) == []


def test_an_archive_that_cannot_be_written_is_the_operator_s_and_the_file_stays(inbox: Path, tmp_path: Path) -> None:
    path = put(inbox / "a.xlsx", b"content")
    (arrival,) = find_arrivals(str(inbox), settle_seconds=10)
    (taken := tmp_path / "archive").write_bytes(b"a file lies where the archive should be")
    with pytest.raises(ConfigError, match="archive"):
        receive(arrival, taken)
    assert path.read_bytes() == b"content"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_is_the_operator_s_and_leaves_nothing_behind(
    inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path, archive = put(inbox / "a.xlsx", b"content"), tmp_path / "archive"
    (arrival,) = find_arrivals(str(inbox), settle_seconds=10)
    with monkeypatch.context() as broken:
        broken.setattr(*((os, "fsync", full) if step == "fsync" else (Path, "replace", full)))
        with pytest.raises(ConfigError, match="No space left"):
            receive(arrival, archive)
    assert [path for path in archive.rglob("*") if path.is_file()] == []
    assert path.exists() and receive(arrival, archive)
