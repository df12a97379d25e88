"""A ward's whole day: the form comes, a wrong file goes, its answer is corrected and sent, the town's table changes.

Real servers throughout: PostgreSQL, SMTP, IMAP; and LibreOffice as the clerk's spreadsheet.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine

from etl import commands, pipeline
from etl.figures import Wanted, build_release
from etl.settings import CHECKOUT, Settings
from local.layout import find_free_port
from local.mail_server import mail_server
from local.mailbox_server import MailboxServer, mailbox_server
from tests.libreoffice import needs_libreoffice, save_as

WARD, ADDRESS, TOWN = "09577", "09577@phuong.sontay.example", "vanphong@sontay.example"
APRIL, MAY = "2022-04", "2022-05"
TYPED = {"received_online": "D", "received_direct": "E", "resolved_early": "H", "resolved_on_time": "I",
         "resolved_overdue": "J", "pending_in_time": "L", "pending_overdue": "M"}  # fmt: skip
FIRST_ROW = 12
RIGHT, SLIP = 1236, 1263  # resolved on time, in the first row: two neighbouring digits swapped


@pytest.fixture
def box() -> Iterator[MailboxServer]:
    with mailbox_server() as running:
        yield running


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    folder = tmp_path / "mails"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(engine: Engine, tmp_path: Path, box: MailboxServer, mails: Path) -> Iterator[Settings]:
    """Give an installation with a mail server on each side."""
    port = find_free_port()
    with mail_server(mails, port):
        yield Settings.from_env({
            "WARD_REPORTS_HOME": str(tmp_path / "home"),
            "WARD_REPORTS_DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "WARD_REPORTS_SETTLE_SECONDS": "0",
            "WARD_REPORTS_MAIL_FROM": "reports@sontay.example",
            "WARD_REPORTS_SMTP_URL": f"smtp://127.0.0.1:{port}",
            "WARD_REPORTS_IMAP_URL": box.url(),
        })  # fmt: skip


def intake(settings: Settings) -> None:
    """Do what the schedule does in a quarter of an hour."""
    for batch in pipeline.receive_inbox(settings):
        pipeline.take_in(settings, batch)
    for period in pipeline.find_stale_periods(settings):
        pipeline.publish_period(settings, period)
    pipeline.send_mails(settings)


def read_new(mails: Path, known: set[str]) -> list[EmailMessage]:
    """Read the mails that came since last time, in the order in which they were sent."""
    fresh = sorted(path for path in mails.glob("*.eml") if path.name not in known)
    known.update(path.name for path in fresh)
    read = [message_from_bytes(path.read_bytes(), policy=default) for path in fresh]
    return [mail for mail in read if isinstance(mail, EmailMessage)]


def attachment_of(mail: EmailMessage) -> tuple[str, bytes]:
    ((name, content),) = ((part.get_filename(), part.get_content()) for part in mail.iter_attachments())
    return str(name), content


def type_in(content: bytes, cells: Mapping[str, int], folder: Path, name: str) -> bytes:
    """Fill cells of a workbook in and save it, as a clerk does: all formulas are calculated."""
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[-1]
    for cell, value in cells.items():
        assert not sheet.protection.sheet or not sheet[cell].protection.locked, f"{cell} cannot be typed into"
        sheet[cell] = value
    folder.mkdir(parents=True, exist_ok=True)
    book.save(folder / name)
    return save_as(folder / name, folder / "saved").read_bytes()


def send_to_town(box: MailboxServer, name: str, content: bytes) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Phú Thịnh <{ADDRESS}>", "reports@sontay.example", "Báo cáo tháng 5"
    mail.set_content("Kính gửi thị xã")
    mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    box.deliver(mail.as_bytes(policy=SMTP))


def resolved(settings: Settings) -> int | None:
    """Give the ward's figure in the town's dataset."""
    frame = build_release(settings, Wanted(MAY, MAY)).dataset.frame
    own = frame[(frame["unit_code"] == WARD) & (frame["field"] == "all") & (frame["source_system"] == "all")]
    (value,) = own["resolved_total"].tolist()
    return None if pd.isna(value) else int(value)


@needs_libreoffice
def test_a_wards_whole_day(settings: Settings, box: MailboxServer, mails: Path, tmp_path: Path) -> None:
    known: set[str] = set()
    commands.submit(settings, sorted((CHECKOUT / "samples" / APRIL / "1-first" / WARD).iterdir()))
    intake(settings)
    read_new(mails, known)

    # In the morning the form for May comes, with what April left open.
    assert len(list(commands.mail_forms(settings, MAY, WARD))) == 1
    intake(settings)
    (handed_out,) = read_new(mails, known)
    assert handed_out["To"] == ADDRESS
    name, form = attachment_of(handed_out)
    opening = load_workbook(io.BytesIO(form)).worksheets[0][f"F{FIRST_ROW}"].value
    assert isinstance(opening, int)

    # The clerk fills it in, and swaps two digits.
    rows = list(range(FIRST_ROW, FIRST_ROW + 17))
    zeros = {f"{column}{row}": 0 for row in rows for column in TYPED.values()}
    stocks = {row: load_workbook(io.BytesIO(form)).worksheets[0][f"F{row}"].value or 0 for row in rows}
    waiting = {f"L{row}": stock for row, stock in stocks.items()} | {f"F{row}": stock for row, stock in stocks.items()}
    counts = {"received_online": 40, "received_direct": 1212, "resolved_early": 16, "resolved_on_time": SLIP}
    typed = {f"{TYPED[measure]}{FIRST_ROW}": count for measure, count in counts.items()}
    filled = type_in(form, zeros | waiting | typed, tmp_path / "clerk", name)
    send_to_town(box, name, filled)
    intake(settings)
    told = read_new(mails, known)
    (receipt,) = (mail for mail in told if mail["To"] == ADDRESS)
    assert receipt["Subject"].startswith("[Cần sửa] Phú Thịnh – tháng 5/2022")
    assert resolved(settings) is None

    # The answer is their own workbook, coloured; the clerk corrects it there and sends it back.
    marked_name, marked = attachment_of(receipt)
    assert marked_name == name.removesuffix(".xlsx") + " (đã đánh dấu).xlsx"
    answer = load_workbook(io.BytesIO(marked))
    assert answer.sheetnames[0] == "Kết quả kiểm tra"
    sheet = answer.worksheets[-1]
    coloured = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment]
    assert f"I{FIRST_ROW}" in coloured, f"the slip is not among {coloured}"
    assert "1.236" in sheet[f"I{FIRST_ROW}"].comment.text
    corrected = type_in(marked, {f"I{FIRST_ROW}": RIGHT}, tmp_path / "clerk again", "sửa.xlsx")
    send_to_town(box, marked_name, corrected)
    intake(settings)
    told = read_new(mails, known)
    (receipt,) = (mail for mail in told if mail["To"] == ADDRESS)
    assert receipt["Subject"].startswith("[Đạt")
    assert [mail["Subject"] for mail in told if mail["To"] == TOWN] == [
        "[Số liệu thị xã] tháng 5/2022 – 1/16 đơn vị – chưa đầy đủ – công bố lần 2"
    ]
    assert resolved(settings) == 16 + RIGHT

    # Nothing is told twice, and the mailbox knows what is done.
    for _ in range(2):
        list(commands.mail_forms(settings, MAY, WARD))
        intake(settings)
    assert read_new(mails, known) == []
    assert box.find_flags() == [{b"$WardReportsTaken"}] * 2
