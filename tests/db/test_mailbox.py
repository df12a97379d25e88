"""Mails as an inbox, with a real IMAP server and a real PostgreSQL: nothing is lost or doubled."""

from __future__ import annotations

import shutil
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from etl import pipeline
from etl.errors import ConfigError
from etl.installation import Installation, open_installation
from etl.mailbox import connection
from etl.mailbox_intake import receive_mailbox
from etl.model import Submission
from etl.settings import CHECKOUT, Limits, Settings
from etl.warehouse.submissions import find_unprocessed
from local.mailbox_server import MailboxServer, mailbox_server

WARD = "09574@phuong.sontay.example"
STRANGER = "le.loi@gmail.example"
MORNING = datetime(2022, 4, 15, 8, tzinfo=UTC)
DAY = timedelta(days=1)
TAKEN = {b"$WardReportsTaken"}
SAMPLES = sorted((CHECKOUT / "samples/2022-01/1-first").glob("*/*"))


@pytest.fixture
def box() -> Iterator[MailboxServer]:
    with mailbox_server() as running:
        yield running


@pytest.fixture
def settings(engine: Engine, tmp_path: Path, box: MailboxServer) -> Settings:
    """Give an installation with a reference folder of its own, whose mailbox is the server's."""
    shutil.copytree(CHECKOUT / "reference" / "son-tay", tmp_path / "reference")
    return Settings.from_env({
        "WARD_REPORTS_HOME": str(tmp_path),
        "WARD_REPORTS_REFERENCE": str(tmp_path / "reference"),
        "WARD_REPORTS_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "WARD_REPORTS_SETTLE_SECONDS": "0",
        "WARD_REPORTS_MAIL_FROM": "reports@sontay.example",
        "WARD_REPORTS_IMAP_URL": box.url(),
    })  # fmt: skip


@pytest.fixture
def here(settings: Settings) -> Installation:
    return open_installation(settings)


def mail(sender: str = WARD, files: Mapping[str, bytes] | None = None, **headers: str) -> bytes:
    """Write a mail with files."""
    written = EmailMessage()
    written["From"] = sender
    written["To"] = "reports@sontay.example"
    for name, value in headers.items():
        written[name.replace("_", "-")] = value
    written.set_content("Kính gửi thị xã")
    for name, content in ({"a.csv": b"a;b\n"} if files is None else files).items():
        written.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return written.as_bytes(policy=SMTP)


def rows(here: Installation, table: str = "mail_message") -> list[Any]:
    with here.engine.connect() as conn:
        return list(conn.execute(text(f"SELECT * FROM {table} ORDER BY recorded_at")))


def outcomes(here: Installation) -> list[str]:
    return [row.outcome for row in rows(here)]


def submissions(here: Installation) -> list[Submission]:
    with here.engine.connect() as conn:
        return find_unprocessed(conn)


def letters(here: Installation) -> list[Any]:
    with here.engine.connect() as conn:
        return list(conn.execute(text("SELECT * FROM mail ORDER BY mail_no")))


def register(here: Installation, address: str, code: str = "09574") -> Installation:
    """Add an address in town.yaml, as the operator does."""
    path = here.settings.reference / "town.yaml"
    path.write_text(path.read_text("utf-8").replace(f'"{code}": [', f'"{code}": ["{address}", '), "utf-8")
    return open_installation(here.settings)


def with_url(here: Installation, url: str) -> Installation:
    return replace(here, settings=replace(here.settings, imap_url=url))


def archived(here: Installation, content: bytes) -> bool:
    digest = sha256(content).hexdigest()
    path = here.settings.archive / digest[:2] / digest
    return path.is_file() and path.read_bytes() == content and path.stat().st_mode & 0o222 == 0


def test_a_wards_mail_is_taken_once_over_many_rounds(here: Installation, box: MailboxServer) -> None:
    sent = mail(files={"Báo cáo.xlsx": b"PK1", "b.csv": b"a;b", "scan.pdf": b"%PDF"}, Date=format_datetime(MORNING))
    box.deliver(sent, MORNING + timedelta(minutes=5))
    assert receive_mailbox(here) == {"taken": 1}
    for _ in range(3):
        assert receive_mailbox(here) == {}
    assert archived(here, sent) and archived(here, b"PK1") and archived(here, b"a;b")
    assert {(one.name, one.sent_by) for one in submissions(here)} == {("Báo cáo.xlsx", "09574"), ("b.csv", "09574")}
    for one in submissions(here):
        assert (one.received_at, one.modified_at) == (MORNING + timedelta(minutes=5), MORNING)
        assert one.path.read_bytes() in (b"PK1", b"a;b")
    (row,) = rows(here)
    assert (row.sha256, row.outcome, row.unit_code, row.sender_address) == (
        sha256(sent).hexdigest(),
        "taken",
        "09574",
        WARD,
    )
    assert [(file["name"], file["became"]) for file in row.attachments] == [
        ("Báo cáo.xlsx", "received"),
        ("b.csv", "received"),
        ("scan.pdf", "not taken"),
    ]
    assert len(rows(here, "mail_place")) == 1 and letters(here) == []
    assert box.find_flags() == [TAKEN], "and it stays unread"


def test_real_reports_go_the_whole_way(here: Installation, box: MailboxServer) -> None:
    recipients = here.reference.town.ward_recipients
    for path in SAMPLES[:4]:
        box.deliver(mail(recipients[path.parent.name][0], {path.name: path.read_bytes()}), MORNING)
    assert receive_mailbox(here) == {"taken": 4}
    (waiting,) = pipeline.receive_inbox(replace(here.settings, imap_url=""))
    assert sum(n for key, n in pipeline.take_in(here.settings, waiting).items() if key.startswith("accepted")) == 4
    assert {tuple(letter.recipients) for letter in letters(here)} == {
        recipients[path.parent.name] for path in SAMPLES[:4]
    }


def test_messages_are_taken_in_the_order_they_lie(here: Installation, box: MailboxServer) -> None:
    sent = [mail(files={f"{i}.csv": b"%d" % i}) for i in range(4)]
    for i, one in enumerate(sent):
        box.deliver(one, MORNING - timedelta(days=i))
    receive_mailbox(here)
    assert [row.sha256 for row in rows(here)] == [sha256(one).hexdigest() for one in sent]
    assert [one.name for one in submissions(here)] == ["3.csv", "2.csv", "1.csv", "0.csv"], "by arrival at the server"


def test_an_arrival_is_never_later_than_now(here: Installation, box: MailboxServer) -> None:
    box.deliver(mail(Date="Mon, 01 Jan 2007 00:00:00 +0700"), datetime.now(UTC) + timedelta(days=30))
    receive_mailbox(here)
    (one,) = submissions(here)
    assert one.received_at <= datetime.now(UTC)
    assert one.modified_at == one.received_at


# ---------------------------------------------------------------------------------------------------------
# Strangers


def test_a_stranger_is_quarantined_the_operator_told_once_and_the_mail_taken_when_registered(
    here: Installation, box: MailboxServer
) -> None:
    sent = mail(f"Lê Lợi <{STRANGER}>", {"Báo cáo tháng 4.xlsx": b"PK"})
    box.deliver(sent, MORNING)
    assert receive_mailbox(here) == {"quarantined": 1}
    assert receive_mailbox(here) == {}
    assert archived(here, sent) and not archived(here, b"PK") and submissions(here) == []
    (letter,) = letters(here)
    assert (letter.kind, tuple(letter.recipients)) == ("alert", here.reference.town.operator_recipients)
    for said in (STRANGER, "Báo cáo tháng 4.xlsx", "15:00", "recipients.wards", "town.yaml"):
        assert said in letter.body_text, said
    assert box.find_flags() == [set()], "nothing is done with it yet"

    with box.client() as client:
        client.delete_messages(client.search())
        client.expunge()
    registered = register(here, STRANGER.upper())
    assert receive_mailbox(registered) == {"taken": 1}
    assert receive_mailbox(registered) == {}
    (one,) = submissions(here)
    assert (one.name, one.sent_by, one.received_at) == ("Báo cáo tháng 4.xlsx", "09574", MORNING)
    assert outcomes(here) == ["quarantined", "taken"] and len(letters(here)) == 1


def test_a_mail_released_from_quarantine_is_marked_where_it_still_lies(here: Installation, box: MailboxServer) -> None:
    box.deliver(mail(STRANGER), MORNING)
    receive_mailbox(here)
    assert receive_mailbox(with_url(register(here, STRANGER), "")) == {"taken": 1}, "without a mailbox too"
    receive_mailbox(here)
    assert box.find_flags() == [TAKEN]


@pytest.mark.parametrize(
    "sent",
    [
        mail(f"{WARD}, {STRANGER}"),
        mail("phường: " + WARD + ";"),
        b"From: " + STRANGER.encode() + b"\r\n" + mail(),
        mail(f'"{WARD}" <{STRANGER}>'),
        mail(Authentication_Results="mx.sontay.example; dmarc=fail"),
        mail().replace(b"From:", b"X-From:"),
    ],
    ids=["several", "group", "two headers", "display name", "dmarc", "nobody"],
)
def test_a_sender_that_is_not_certain_is_no_sender(here: Installation, box: MailboxServer, sent: bytes) -> None:
    box.deliver(sent, MORNING)
    for _ in range(2):
        receive_mailbox(here)
    assert outcomes(here) == ["quarantined"] and submissions(here) == [] and archived(here, sent)
    assert [letter.kind for letter in letters(here)] == ["alert"]


def test_a_stranger_without_a_report_is_none_of_our_business(here: Installation, box: MailboxServer) -> None:
    box.deliver(mail(STRANGER, {"offer.pdf": b"%PDF"}), MORNING)
    assert receive_mailbox(here) == {"nothing attached": 1}
    assert letters(here) == [] and box.find_flags() == [TAKEN]


def test_an_address_of_two_units_reports_for_both_and_for_no_third(here: Installation, box: MailboxServer) -> None:
    head = "unit,period,received_in_period,carried_over,received_total,resolved_total,pending_total"
    line = "{unit},2022-04,{n},0,{n},{n},0"
    for unit, sender, n in (("09580", "09580@phuong.sontay.example", 5), ("09574", WARD, 6), ("09577", WARD, 7)):
        content = f"{head}\n{line.format(unit=unit, n=n)}\n".encode()
        box.deliver(mail(sender, {f"{unit}.csv": content}), MORNING)
    forged = f"{head}\n{line.format(unit='09580', n=999)}\n".encode()
    box.deliver(mail(WARD, {"third.csv": forged}), MORNING + timedelta(hours=1))
    shared = register(here, WARD, "09577")
    assert receive_mailbox(shared) == {"taken": 4}
    assert {one.name: one.sent_by for one in submissions(here)} == {
        "09574.csv": "09574+09577",
        "09577.csv": "09574+09577",
        "09580.csv": "09580",
        "third.csv": "09574+09577",
    }
    assert [row.unit_code for row in rows(here)] == ["09580", None, None, None]
    for batch in pipeline.receive_inbox(replace(here.settings, imap_url="")):
        pipeline.take_in(here.settings, batch)
    with here.engine.connect() as conn:
        counting = text(
            "SELECT submission.name FROM report JOIN submission ON submission.sha256 = report.submission "
            "WHERE report.verdict <> 'rejected' ORDER BY submission.name"
        )
        assert list(conn.execute(counting).scalars()) == ["09574.csv", "09577.csv", "09580.csv"]
    (refused,) = [letter for letter in letters(here) if "third.csv" in letter.body_text]
    assert refused.recipients == [WARD] and "phường Phú Thịnh" in refused.body_text


def test_a_flood_does_not_flood_the_operator(
    here: Installation, box: MailboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl.mailbox_intake.MOST_ALERTS", 3)
    for i in range(5):
        box.deliver(mail(STRANGER, {f"{i}.csv": b"x"}), MORNING)
    assert receive_mailbox(here) == {"quarantined": 5}
    assert len(letters(here)) == 3


# ---------------------------------------------------------------------------------------------------------
# Mails without a report


def test_a_ward_whose_mail_has_no_report_is_told_once(here: Installation, box: MailboxServer) -> None:
    box.deliver(mail(files={"scan.pdf": b"%PDF", "winmail.dat": b"x"}), MORNING)
    assert receive_mailbox(here) == {"nothing attached": 1}
    assert receive_mailbox(here) == {}
    (letter,) = letters(here)
    assert (letter.kind, letter.recipients) == ("receipt", [WARD])
    for said in ("scan.pdf", "winmail.dat", "phường Lê Lợi", ".xlsx"):
        assert said in letter.body_text
    assert box.find_flags() == [TAKEN]


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"Return_Path": "<>"}, {"X_Autoreply": "yes"}],
    ids=str,
)
def test_nobody_answers_a_program(here: Installation, box: MailboxServer, headers: dict[str, str]) -> None:
    box.deliver(mail(files={}, **headers), MORNING)
    box.deliver(mail("MAILER-DAEMON@sontay.example", {}, **headers), MORNING)
    assert receive_mailbox(here) == {"automatic": 2}
    assert letters(here) == [] and box.find_flags() == [TAKEN, TAKEN]


def test_thanks_for_a_letter_are_not_answered_and_an_answering_machine_is_not_fed(
    here: Installation, box: MailboxServer
) -> None:
    box.deliver(mail(files={}, In_Reply_To=f"<{'0a' * 20}@sontay.example>"), MORNING)
    receive_mailbox(here)
    assert letters(here) == []
    for i in range(5):
        box.deliver(mail(files={}, Subject=f"away {i}"), MORNING)
    receive_mailbox(here)
    assert len(letters(here)) == 2, "three mails a day without a report, the first of them thanks"


def test_a_mail_that_is_too_large_is_never_fetched(here: Installation, box: MailboxServer) -> None:
    small = replace(here, settings=replace(here.settings, limits=Limits(max_bytes=50_000)))
    box.deliver(mail(files={"a.xlsx": bytes(100_000)}), MORNING)
    box.deliver(mail(STRANGER, {"a.xlsx": bytes(100_000)}), MORNING)
    assert receive_mailbox(small) == {"too large": 2}
    assert receive_mailbox(small) == {}
    box.folder.number_anew()
    assert receive_mailbox(small) == {}
    assert submissions(here) == [] and max(path.stat().st_size for path in here.settings.archive.rglob("??*/*")) < 1_000
    ward, operator = letters(here)
    assert (ward.recipients, tuple(operator.recipients)) == ([WARD], here.reference.town.operator_recipients)
    assert "quá lớn" in ward.body_text and "quá lớn" in operator.body_text and STRANGER in operator.body_text
    assert all(row.size_bytes > 100_000 for row in rows(here))


def test_hostile_mails_hold_up_no_other(here: Installation, box: MailboxServer) -> None:
    parts = b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n" * 10_000
    crowded = f"From: {WARD}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n".encode() + parts + b"--b--\r\n"
    broken = mail().replace(b"base64", b"x-nonsense").replace(b"a.csv", b"\xff\xfe\x00.csv")
    for one in (crowded, broken, b"\x01", bytes(range(1, 256)) * 9, mail(files={"good.csv": b"good"})):
        box.deliver(one, MORNING)
    receive_mailbox(here)
    assert outcomes(here) == ["quarantined", "taken", "nothing attached", "nothing attached", "taken"]
    assert "good.csv" in [one.name for one in submissions(here)]
    assert receive_mailbox(here) == {}


def test_names_come_out_clean(here: Installation, box: MailboxServer) -> None:
    box.deliver(mail(files={"../../a\u202exslx.csv": b"1", "C:\\Users\\Lan\\Báo cáo.xls": b"2"}), MORNING)
    receive_mailbox(here)
    assert {one.name for one in submissions(here)} == {".._.._axslx.csv", "Báo cáo.xls"}


# ---------------------------------------------------------------------------------------------------------
# The same again


def test_the_same_file_again_is_told_like_one_dropped_again(here: Installation, box: MailboxServer) -> None:
    lines = "Đơn vị;Kỳ báo cáo;Lĩnh vực;Tổng số tiếp nhận;Từ kỳ trước chuyển qua;Tổng số đã giải quyết;"
    lines += "Giải quyết trước hạn và đúng hạn;Giải quyết quá hạn\nphường Lê Lợi;2022-04;Hộ tịch;{n};0;{n};{n};0\n"
    old, new = (lines.format(n=n).encode("utf-8-sig") for n in (7, 9))
    box.deliver(mail(files={"old.csv": old}), MORNING)
    receive_mailbox(here)
    box.deliver(mail(files={"new.csv": new}), MORNING + timedelta(hours=1))
    box.deliver(mail(files={"old again.csv": old}), MORNING + timedelta(hours=2))
    assert receive_mailbox(here) == {"taken": 1}, "it waits until it is known which file counts"
    for batch in pipeline.receive_inbox(replace(here.settings, imap_url="")):
        pipeline.take_in(here.settings, batch)
    told = len(letters(here))
    assert receive_mailbox(here) == {"taken": 1}
    assert receive_mailbox(here) == {}
    again = letters(here)[told:]
    assert [letter.recipients for letter in again] == [[WARD]] and "new.csv" in again[0].body_text
    assert rows(here)[-1].attachments[0]["became"] == "received before"
    assert box.find_flags() == [TAKEN] * 3


def test_the_same_mail_twice_and_other_uids_double_nothing(
    here: Installation, box: MailboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SEARCHED_AT_ONCE", 2)
    for one in [mail()] * 2 + [mail(STRANGER), mail(files={})]:
        box.deliver(one, MORNING)
    receive_mailbox(here)
    before = (rows(here), submissions(here), letters(here))
    assert len(before[0]) == 3 and box.find_flags() == [TAKEN, TAKEN, set(), TAKEN]
    box.folder.number_anew()
    with box.client() as client:
        client.set_flags(client.search(), [])
    assert receive_mailbox(here) == {}
    assert (rows(here), submissions(here), letters(here)) == before
    assert len(rows(here, "mail_place")) == 8 and box.find_flags() == [TAKEN, TAKEN, set(), TAKEN]


def test_the_ledger_is_the_truth_whoever_moves_the_marks(here: Installation, box: MailboxServer) -> None:
    box.deliver(mail(), MORNING)
    with box.client() as client:
        client.add_flags(client.search(), [b"$WardReportsTaken"])
    assert receive_mailbox(here) == {"taken": 1}
    with box.client() as client:
        client.set_flags(client.search(), [b"\\Seen"])
    assert receive_mailbox(here) == {}
    assert box.find_flags() == [{b"\\Seen", *TAKEN}]


def test_a_server_without_keywords_is_marked_by_a_flag(here: Installation, box: MailboxServer) -> None:
    box.folder.keywords = False
    box.deliver(mail(), MORNING)
    box.deliver(mail(STRANGER), MORNING)
    receive_mailbox(here)
    assert box.find_flags() == [{b"\\Flagged"}, set()]
    assert receive_mailbox(here) == {}


# ---------------------------------------------------------------------------------------------------------
# Servers that are away, and rounds that end in the middle


def test_a_server_that_is_away_or_refuses_us_is_a_warning_without_secrets(
    here: Installation, box: MailboxServer, caplog: pytest.LogCaptureFixture
) -> None:
    box.deliver(mail(), MORNING)
    for url, words in ((box.url(port=1), "away"), (box.url("wr0ng"), "refuses the login")):
        caplog.clear()
        assert receive_mailbox(with_url(here, url)) == {}
        (said,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
        assert words in said
        assert not any(secret in caplog.text for secret in ("wr0ng", "p@ss", "sontay.example", "localhost"))
    assert receive_mailbox(here) == {"taken": 1}


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate of localhost that nobody trusts until told to; give it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + DAY)
    made = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    written, kept = folder / "certificate.pem", folder / "key.pem"
    written.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    kept.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return written, kept


def test_an_encrypted_server_is_spoken_to_only_where_its_certificate_is_trusted(
    here: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    certificate, key = make_certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    with mailbox_server(tls=tls) as encrypted:
        assert encrypted.url().startswith("imaps://")
        receive_mailbox(with_url(here, encrypted.url()))
        assert "SSLCertVerificationError" in caplog.text
        caplog.clear()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        receive_mailbox(with_url(here, encrypted.url()))
        assert "WARNING" not in caplog.text


def test_a_url_that_is_none_is_the_operators_affair(here: Installation) -> None:
    with pytest.raises(ConfigError, match="WARD_REPORTS_IMAP_URL"):
        receive_mailbox(with_url(here, "imaps://mail.example"))


class Cutter:
    """A wire to the server that breaks where it is told to: before the n-th line that holds some words."""

    def __init__(self, port: int, words: bytes, count: int = 1, *, inside_answer: bool = False) -> None:
        self.target, self.words, self.left, self.inside_answer = port, words, count, inside_answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.has_cut = False

    def run(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
                threading.Thread(target=self.carry, args=(server, client), kwargs={"limit": True}, daemon=True).start()
                self.carry(client, server)

    def carry(self, source: socket.socket, target: socket.socket, *, limit: bool = False) -> None:
        with suppress(OSError):
            while piece := source.recv(4096):
                if not limit and self.words in piece:
                    self.left -= 1
                if self.left == 0 and (limit or not self.inside_answer):
                    self.has_cut = True
                    target.sendall(piece[:60] if limit else b"")
                    break
                target.sendall(piece)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@contextmanager
def cutting(box: MailboxServer, words: bytes, count: int, *, inside_answer: bool = False) -> Iterator[Cutter]:
    cutter = Cutter(box.port, words, count, inside_answer=inside_answer)
    thread = threading.Thread(target=cutter.run, daemon=True)
    thread.start()
    yield cutter
    cutter.listener.shutdown(socket.SHUT_RDWR)
    cutter.listener.close()
    thread.join(10)


@pytest.mark.parametrize("inside_answer", [False, True], ids=["before the command", "inside the answer"])
@pytest.mark.parametrize(
    "cut",
    [
        (b"LOGIN", 1, 0),
        (b"SELECT", 1, 0),
        (b"SEARCH", 1, 0),
        (b"RFC822.SIZE", 1, 0),
        (b"BODY.PEEK[]", 1, 0),
        (b"BODY.PEEK[]", 2, 1),
        (b"UNKEYWORD", 1, 3),
        (b"STORE", 1, 3),
        (b"LOGOUT", 1, 3),
    ],
)
def test_a_wire_that_breaks_anywhere_loses_and_doubles_nothing(
    here: Installation, box: MailboxServer, cut: tuple[bytes, int, int], *, inside_answer: bool
) -> None:
    words, count, taken = cut
    sent = [mail(files={f"{i}.csv": b"%d" % i * 9000}) for i in range(3)]
    for one in sent:
        box.deliver(one, MORNING)
    with cutting(box, words, count, inside_answer=inside_answer) as cutter:
        broken = receive_mailbox(with_url(here, box.url(port=cutter.port)))
        assert cutter.has_cut
    assert broken == ({"taken": taken} if taken else {})
    for flags, one in zip(box.find_flags(), sent, strict=True):
        assert not flags or archived(here, one)
    assert receive_mailbox(here) == ({"taken": 3 - taken} if taken < 3 else {})
    assert outcomes(here) == ["taken"] * 3 and len(submissions(here)) == 3
    assert len(rows(here, "mail_place")) == 3 and box.find_flags() == [TAKEN] * 3


def test_an_archive_that_cannot_be_written_leaves_the_mail_unmarked(here: Installation, box: MailboxServer) -> None:
    box.deliver(mail(), MORNING)
    here.settings.archive.write_text("not a folder")
    with pytest.raises(ConfigError, match="the archive"):
        receive_mailbox(here)
    assert rows(here) == [] and submissions(here) == [] and box.find_flags() == [set()]
    here.settings.archive.unlink()
    assert receive_mailbox(here) == {"taken": 1}
    assert box.find_flags() == [TAKEN]


@pytest.mark.parametrize("table", ["mail_message", "mail_place", "submission", "mail"])
def test_a_warehouse_that_fails_in_the_middle_keeps_all_or_nothing(
    here: Installation, box: MailboxServer, table: str
) -> None:
    sent = mail(STRANGER) if table == "mail" else mail(files={"a.csv": b"1", "b.csv": b"2"})
    box.deliver(sent, MORNING)
    refuse = "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'dead'; END$$; "
    with here.engine.begin() as conn:
        conn.execute(text(f"{refuse} CREATE TRIGGER die BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION die()"))
    with pytest.raises(SQLAlchemyError, match="dead"):
        receive_mailbox(here)
    assert archived(here, sent), "first of all"
    assert rows(here) == rows(here, "mail_place") == submissions(here) == letters(here) == []
    assert box.find_flags() == [set()]
    with here.engine.begin() as conn:
        conn.execute(text(f"DROP TRIGGER die ON {table}"))
    receive_mailbox(here)
    assert len(rows(here)) == len(rows(here, "mail_place")) == 1
    assert (len(submissions(here)), len(letters(here))) == ((0, 1) if table == "mail" else (2, 0))


def test_the_role_that_loads_may_do_all_of_it(here: Installation, box: MailboxServer) -> None:
    for one in (mail(), mail(STRANGER), mail(files={})):
        box.deliver(one, MORNING)
    with here.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text(f"ALTER DATABASE {here.engine.url.database} SET role TO loader"))
    with here.engine.connect() as conn:
        assert conn.execute(text("SELECT current_user")).scalar_one() == "loader"
    assert receive_mailbox(here) == {"taken": 1, "quarantined": 1, "nothing attached": 1}
    assert receive_mailbox(register(here, STRANGER)) == {"taken": 1}
    assert receive_mailbox(with_url(here, box.url("wrong"))) == {}


def test_the_ledger_is_append_only_and_not_for_readers(here: Installation, box: MailboxServer) -> None:
    box.deliver(mail(), MORNING)
    receive_mailbox(here)
    for table in ("mail_message", "mail_place"):
        with pytest.raises(SQLAlchemyError, match="append-only"), here.engine.begin() as conn:
            conn.execute(text(f"DELETE FROM {table}"))
        granted = text(
            "SELECT grantee, privilege_type FROM information_schema.table_privileges WHERE table_name = :name"
        )
        with here.engine.begin() as conn:
            grants = {
                tuple(row) for row in conn.execute(granted, {"name": table}) if row.grantee in ("loader", "reader")
            }
        assert grants == {("loader", "SELECT"), ("loader", "INSERT")}


def test_the_operator_hears_once_a_day_of_a_mailbox_that_stays_away(
    here: Installation, box: MailboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = with_url(here, box.url("wrong"))
    for _ in range(2):
        receive_mailbox(away)
    assert letters(here) == [], "a server may be away for a while"
    monkeypatch.setattr("etl.mailbox_intake.AWAY", timedelta(minutes=-1))
    for _ in range(2):
        receive_mailbox(away)
    (letter,) = letters(here)
    assert tuple(letter.recipients) == here.reference.town.operator_recipients
    assert "login" in letter.body_text and "wrong" not in letter.body_text and "p@ss" not in letter.body_text
    receive_mailbox(here)
    assert [row.is_away for row in rows_of_states(here)] == [True, False]
    receive_mailbox(away)
    assert len(letters(here)) == 2, "away again is news again"


def rows_of_states(here: Installation) -> list[Any]:
    with here.engine.connect() as conn:
        return list(conn.execute(text("SELECT * FROM mailbox_state ORDER BY state_no")))


def test_a_folder_that_is_not_there_is_said(here: Installation, box: MailboxServer, caplog: Any) -> None:
    assert receive_mailbox(with_url(here, box.url().replace("INBOX", "Nowhere"))) == {}
    assert "does not open the folder" in caplog.text
