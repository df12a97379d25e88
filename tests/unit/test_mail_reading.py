"""A mail is read from its bytes: who sent it, what it holds, what becomes of it; hostile bytes are an outcome."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.errors import ConfigError
from etl.mailbox.connection import parse_mailbox_url
from etl.mailbox.files import MailedFiles, MalformedError, find_files
from etl.mailbox.head import read_head
from etl.mailbox.sender import Doubt, Sender, find_codes
from etl.mailbox.sorting import Outcome, SortedMail, sort_large_mail, sort_mail
from etl.reference import Reference, read_reference
from etl.settings import CHECKOUT

WARD = "09574@phuong.sontay.example"
SAMPLE = next((CHECKOUT / "samples").rglob("*.xlsx"))
NOW = datetime(2022, 4, 15, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference(CHECKOUT / "reference" / "son-tay")


def head(*lines: str) -> bytes:
    return "\r\n".join((*lines, "", "text", "")).encode("utf-8", "surrogateescape")


def sender_of(*lines: str) -> Sender:
    return read_head(head(*lines)).sender


def part(headers: str, body: bytes) -> bytes:
    return headers.encode() + b"\r\n\r\n" + body + b"\r\n"


def mixed(*parts: bytes, head: str = f"From: {WARD}") -> bytes:
    """Put parts together by hand, as no well-behaved library would."""
    inside = b"".join(b"--=b\r\n" + one for one in parts)
    return f'{head}\r\nContent-Type: multipart/mixed; boundary="=b"\r\n\r\n'.encode() + inside + b"--=b--\r\n"


def attached(disposition: str, content: bytes = b"a;b\r\n") -> tuple[str, ...]:
    """Give the names of the report files of a mail with one attachment."""
    headers = f"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; {disposition}"
    return tuple(report.name for report in find_files(mixed(part(headers, content))).reports)


@pytest.mark.parametrize(
    "value",
    [
        WARD,
        f"  {WARD.upper()} ",
        f"<{WARD}>",
        f"Phường Lê Lợi <{WARD}>",
        f'"Lợi, Lê (một cửa)" <{WARD}>',
        f'"evil@evil.example" <{WARD}>',
        f"=?utf-8?q?Ph=C6=B0=E1=BB=9Dng?=\r\n =?utf-8?q?_L=C3=AA?= <{WARD}>",
        f"{WARD} (Phường Lê Lợi)",
        f"{WARD} <{WARD}>",
    ],
)
def test_one_address_is_read_however_it_is_written(value: str) -> None:
    assert sender_of(f"From: {value}", "Subject: x") == Sender(WARD)


@pytest.mark.parametrize(
    "value",
    [
        f"{WARD}, evil@evil.example",
        f"{WARD} <evil@evil.example>",
        f"ward: {WARD}, evil@evil.example;",
        f"ward: {WARD};",
        f"<@relay.example:{WARD}>",
        f"<{WARD}> <evil@evil.example>",
        f"<{WARD}>evil@evil.example",
        f"{WARD}(evil@evil.example",
        f"evil@evil.example\x00<{WARD}>",
        f"alice@evil.example)\x07{WARD}",
        f"\\{WARD}",
        f"a b {WARD}",
        "09574@phường.example",
        f'"{"x" * 1200}" <{WARD}>',
    ],
)
def test_an_address_that_two_programs_could_read_in_two_ways_is_none(value: str) -> None:
    assert sender_of(f"From: {value}").doubt is Doubt.SEVERAL


@pytest.mark.parametrize(
    "value", ["", "Phường Lê Lợi", "=?utf-8?q?09574=40phuong=2Esontay=2Eexample?=", "undisclosed:;"]
)
def test_a_mail_may_be_from_nobody(value: str) -> None:
    assert sender_of(f"From: {value}", "To: x@y.example") == Sender(None, Doubt.NONE)
    assert sender_of("To: x@y.example") == Sender(None, Doubt.NONE)


@pytest.mark.parametrize(
    "other",
    [
        "From: evil@evil.example",
        "FROM: evil@evil.example",
        "From : evil@evil.example",
        "no header\r\nFrom: evil@evil.example",
        "X: y\rFrom: evil@evil.example",
    ],
)
def test_two_from_headers_are_several_senders(other: str) -> None:
    assert sender_of(f"From: {WARD}", other).doubt is Doubt.SEVERAL
    assert sender_of(other, f"From: {WARD}").doubt is Doubt.SEVERAL


def test_a_display_name_with_a_registered_address_registers_nobody(reference: Reference) -> None:
    sender = sender_of(f'From: "{WARD}" <evil@evil.example>')
    assert sender == Sender("evil@evil.example")
    assert find_codes(sender.address, reference.town.ward_recipients) == ()
    assert find_codes(WARD, reference.town.ward_recipients) == ("09574",)
    assert find_codes(WARD, {"1": [WARD.upper()], "2": [f" {WARD}"]}) == ("1", "2")
    assert find_codes(None, reference.town.ward_recipients) == ()


def test_the_verdict_of_the_last_server_is_believed_and_no_other() -> None:
    def verdict(*results: str) -> Sender:
        return sender_of(*(f"Authentication-Results: {one}" for one in results), f"From: {WARD}")

    assert verdict("mx.sontay.example; spf=pass;\r\n DMARC = FAIL (p=reject) header.from=x") == Sender(
        WARD, Doubt.FORGED
    )
    assert verdict("mx.sontay.example; dmarc=pass (was dmarc=fail elsewhere)") == Sender(WARD)
    assert verdict('mx; dmarc=none reason="dmarc=fail"') == Sender(WARD)
    assert verdict("mx.sontay.example; dmarc=pass", "evil.example; dmarc=fail") == Sender(WARD)


@pytest.mark.parametrize(
    ("line", "is_automatic"),
    [
        ("Auto-Submitted: auto-replied; x=y", True),
        ("Auto-Submitted: no", False),
        ("Precedence: bulk", True),
        ("Precedence: first-class", False),
        ("Return-Path: <>", True),
        ("Return-Path: <a@b.example>", False),
        ("X-Autoreply: yes", True),
        ("List-Id: <x.example>", True),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=x", True),
        ("X-Mailer: Zalo", False),
    ],
)
def test_what_a_program_wrote_is_recognised(line: str, is_automatic: bool) -> None:
    assert read_head(head(f"From: {WARD}", line)).is_automatic is is_automatic


def test_an_answer_to_a_letter_of_ours_is_recognised() -> None:
    ours = f"<{'0a' * 20}@town.example>"
    said = read_head(head(f"In-Reply-To: {ours}"))
    assert said.answers_letter_from("reports@town.example") and not said.answers_letter_from("reports@other.example")
    assert read_head(head(f"References: <x@y> {ours}")).answers_letter_from("reports@town.example")
    assert not read_head(head("In-Reply-To: <x@town.example>")).answers_letter_from("reports@town.example")


def test_a_date_counts_where_it_can_be_true() -> None:
    def changed(date: str) -> datetime:
        return read_head(head(f"Date: {date}")).changed_at(NOW)

    assert changed("Fri, 15 Apr 2022 14:30:00 +0700") == NOW - timedelta(minutes=30)
    assert changed("Fri, 15 Apr 2022 07:00:00 -0000") == NOW - timedelta(hours=1)
    for odd in ("Fri, 15 Apr 2022 15:30:00 +0700", "Thu, 01 Jan 1970 00:00:00 +0000", "yesterday", "", "1 Jan 99999 x"):
        assert changed(odd) == NOW


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('filename="BC T4.xlsx"', "BC T4.xlsx"),
        ('filename="Báo cáo tháng 4.xlsx"', "Báo cáo tháng 4.xlsx"),
        ('filename="=?utf-8?B?QsOhbyBjw6FvLnhsc3g=?="', "Báo cáo.xlsx"),
        ('filename="=?utf-8?Q?B=C3=A1o_c?=\r\n =?utf-8?Q?=C3=A1o.xlsx?="', "Báo cáo.xlsx"),
        ("filename*=utf-8''B%C3%A1o%20c%C3%A1o.xlsx", "Báo cáo.xlsx"),
        ("filename*0*=utf-8''B%C3%A1o;\r\n filename*1*=%20c%C3%A1o.xlsx", "Báo cáo.xlsx"),
        ('filename="Ba\u0301o ca\u0301o.xlsx"', "Báo cáo.xlsx"),
        ('filename="../../etc/passwd.csv"', ".._.._etc_passwd.csv"),
        ('filename="BC T4/2022.csv"', "BC T4_2022.csv"),
        (r'filename="C:\\Users\\Lan\\BC.xls"', "BC.xls"),
        ('filename="a\u202excod.xlsx"', "axcod.xlsx"),
        ('filename="a\u0007\u200b.xlsx"', "a.xlsx"),
        (f'filename="{"x" * 500}.csv"', ""),
        ("filename*=nonsense''a.xlsx", "a.xlsx"),
        ('filename="=?nonsense?Q?a?=.xlsx"', "=_nonsense_Q_a_=.xlsx"),
    ],
)
def test_a_name_is_decoded_and_cleaned(disposition: str, name: str) -> None:
    if not name:
        assert all(len(found) <= 200 for found in attached(disposition))
    elif "nonsense" in disposition:
        assert [found.endswith(".xlsx") for found in attached(disposition)] == [True]
    else:
        assert attached(disposition) == (name,)


def test_report_files_are_taken_and_all_others_named() -> None:
    mail = EmailMessage()
    mail["From"] = WARD
    mail.set_content("Kính gửi")
    mail.add_alternative("<p>Kính gửi</p>", subtype="html")
    for name in (
        "a.xlsx",
        "b.XLSM",
        "c.xls",
        "d.ods",
        "e.csv",
        "f.xlsb",
        "scan.pdf",
        "all.zip",
        "winmail.dat",
        "BC T4.2022",
    ):
        mail.add_attachment(b"PK or not", maintype="application", subtype="octet-stream", filename=name)
    mail.add_attachment(SAMPLE.read_bytes(), maintype="application", subtype="octet-stream", filename="no-suffix")
    mail.add_attachment(SAMPLE.read_bytes(), maintype="application", subtype="zip", filename="a-letter.docx")
    mail.add_attachment("a;b", subtype="csv")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png")
    mail.add_attachment("a note", filename="note.txt")
    found = find_files(mail.as_bytes())
    assert [r.name for r in found.reports] == [
        "a.xlsx",
        "b.XLSM",
        "c.xls",
        "d.ods",
        "e.csv",
        "f.xlsb",
        "no-suffix",
        "attachment.csv",
    ]
    assert found.others == (
        "scan.pdf",
        "all.zip",
        "winmail.dat",
        "BC T4.2022",
        "a-letter.docx",
        "image/png",
        "note.txt",
    )


def test_the_files_of_a_forwarded_mail_are_found() -> None:
    inner, outer = EmailMessage(), EmailMessage()
    inner["From"] = "clerk@gmail.example"
    inner.set_content("x")
    inner.add_attachment(b"a;b", maintype="text", subtype="csv", filename="inner.csv")
    outer["From"] = WARD
    outer.set_content("fw")
    outer.add_attachment(inner)
    found = find_files(outer.as_bytes())
    assert [(r.name, r.content) for r in found.reports] == [("inner.csv", b"a;b")]
    assert found.others == ()


def test_bytes_stay_what_they_are() -> None:
    content = bytes(range(256)) * 3
    mail = MIMEMultipart()
    mail.attach(one := MIMEApplication(content))
    one.add_header("Content-Disposition", "attachment", filename="a.xls")
    assert find_files(mail.as_bytes()).reports[0].content == content
    raw = "Đơn vị;1\n".encode("cp1258", "replace") + b"\xff\xfe"
    headers = (
        "Content-Type: text/csv\r\nContent-Transfer-Encoding: 8bit\r\nContent-Disposition: attachment; filename=a.csv"
    )
    assert find_files(mixed(part(headers, raw))).reports[0].content == raw


def deep(levels: int) -> bytes:
    opened = [f'Content-Type: multipart/mixed; boundary="b{i}"\r\n\r\n--b{i}\r\n' for i in range(levels)]
    return f"From: {WARD}\r\n{''.join(opened)}\r\nhi\r\n".encode()


def forwarded(levels: int) -> bytes:
    return f"From: {WARD}\r\n".encode() + b"Content-Type: message/rfc822\r\n\r\n" * levels + b"\r\nhi"


HOSTILE = {
    "nested": deep(100),
    "nested beyond the stack": deep(20_000),
    "forwarded": forwarded(100),
    "forwarded beyond the stack": forwarded(100_000),
    "10 000 parts": mixed(*[part("Content-Type: image/png", b"x")] * 10_000),
    "a million parts": mixed(*[b"\r\n"] * 1_000_000),
    "101 reports": mixed(*[part("Content-Disposition: attachment; filename=a.csv", b"x")] * 101),
    "headers": b"a: b\r\n" * 6_000_000,
    "notices": b"Content-Type: message/delivery-status\r\n\r\n" + b"\r\n" * 300_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_is_an_outcome_in_good_time(name: str, reference: Reference) -> None:
    started = time.monotonic()
    with pytest.raises(MalformedError):
        find_files(HOSTILE[name])
    assert sort_mail(HOSTILE[name], reference).doubt is Doubt.MALFORMED
    assert time.monotonic() - started < 60


def test_what_is_broken_within_bounds_is_read_as_far_as_it_goes() -> None:
    base64 = "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.xlsx"
    assert len(find_files(mixed(part(base64, b"a!b*c"))).reports) == 1
    assert len(find_files(mixed(part(base64.replace("base64", "x-uuencode"), b"begin 666\n!!"))).reports) == 1
    odd = 'Content-Type: text/csv; charset="\x00none"\r\nContent-Disposition: attachment; filename=a.csv'
    assert len(find_files(mixed(part(odd, b"a;\xff"))).reports) == 1
    unclosed = f"From: {WARD}\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n".encode()
    assert find_files(unclosed) == MailedFiles()
    long = f"From: {WARD}\r\nContent-Type: multipart/mixed; a=".encode() + b'";' * 2_000_000 + b"\r\n\r\nx"
    started = time.monotonic()
    find_files(long)
    assert time.monotonic() - started < 20


def test_what_becomes_of_a_mail(reference: Reference) -> None:
    def become(*lines: str, name: str = "a.csv") -> SortedMail:
        sheet = part(f"Content-Disposition: attachment; filename={name}", b"a;b")
        return sort_mail(mixed(sheet, head="\r\n".join(lines)), reference)

    taken = become(f"From: {WARD}")
    assert (taken.outcome, taken.doubt, taken.unit_code) == (Outcome.TAKEN, None, "09574")
    stranger = become("From: a@b.example")
    assert (stranger.outcome, stranger.doubt, stranger.unit_code) == (Outcome.QUARANTINED, Doubt.UNKNOWN, None)
    forged = become("Authentication-Results: mx; dmarc=fail", f"From: {WARD}")
    assert (forged.outcome, forged.doubt) == (Outcome.QUARANTINED, Doubt.FORGED)
    assert become(f"From: {WARD}", name="a.pdf").outcome is Outcome.NOTHING_ATTACHED
    assert become("From: a@b.example", name="a.pdf").outcome is Outcome.NOTHING_ATTACHED
    assert become(f"From: {WARD}", "Auto-Submitted: auto-replied", name="a.pdf").outcome is Outcome.AUTOMATIC
    assert become(f"From: {WARD}", "Auto-Submitted: auto-generated").outcome is Outcome.TAKEN
    bounce = sort_mail(
        mixed(part("Content-Disposition: attachment; filename=a.csv", b"a;b"), head=f"From: {WARD}").replace(
            b"multipart/mixed", b"multipart/report"
        ),
        reference,
    )
    assert (bounce.outcome, bounce.files) == (Outcome.AUTOMATIC, MailedFiles())
    large = sort_large_mail(head(f"From: {WARD}"), reference)
    assert (large.outcome, large.doubt) == (Outcome.TOO_LARGE, None)


WORDS = st.sampled_from(
    [
        b"From: ", b"Content-Type: ", b"multipart/mixed; boundary=", b"message/rfc822", b"message/delivery-status",
        b"b", b"--b\r\n", b"--b--\r\n", b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"=?utf-8?B?", b"?=",
        b"=?utf-16?Q?=D8=00?=",
        b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"Content-Transfer-Encoding: x-uuencode\r\n", b"Content-Disposition: attachment; filename=", b'"', b";", b"=",
        b"a.xlsx", b"filename*0*=", b"utf-8''%", b"unicode_escape''\\ud800", b"Date: ", b"@", b"<", b">", b",",
        b"(", b")", b"text/plain; charset=", b"idna", b"\x00", b"\xff\xfe", b"PK\x03\x04",
        b"charset*=x'", b"'y", b"%ff", b"\t",
    ]
)  # fmt: skip


@given(st.one_of(st.binary(max_size=400), st.lists(WORDS, max_size=60).map(b"".join)))
def test_no_bytes_whatever_break_the_reader(reference: Reference, raw: bytes) -> None:
    mail = sort_mail(raw, reference)
    assert mail.outcome in Outcome
    assert sort_large_mail(raw, reference).outcome in (Outcome.TOO_LARGE, Outcome.AUTOMATIC)
    for text in (mail.head.message_id, mail.head.sender.address or "", *mail.files.names):
        text.encode("utf-8")
        assert "\x00" not in text


def test_the_url_says_where_the_mailbox_is() -> None:
    url = parse_mailbox_url("imaps://town%40sontay.example:p%40ss%2Fword@mail.example/Bao%20cao/2022")
    assert (url.user, url.password, url.port, url.folder) == ("town@sontay.example", "p@ss/word", 993, "Bao cao/2022")
    assert url.name == "town@sontay.example@mail.example/Bao cao/2022"
    ports = [parse_mailbox_url(f"{scheme}://u:p@h").port for scheme in ("imap", "imap+starttls", "imaps")]
    assert ports == [143, 143, 993] and parse_mailbox_url("imap://u:p@h:1143/").folder == "INBOX"
    for wrong in (
        "imaps://mail.example",
        "imaps://u:secret@",
        "imaps://u:secret@h:port/",
        "http://u:secret@h",
        "imap://",
    ):
        with pytest.raises(ConfigError) as raised:
            parse_mailbox_url(wrong)
        assert "secret" not in str(raised.value)


def test_the_oldest_names_first() -> None:
    raw = mixed(*(part(f"Content-Disposition: attachment; filename={i}.csv", b"x") for i in range(9)))
    names = [report.name for report in find_files(raw).reports]
    assert all(one < other for one, other in pairwise(names))
