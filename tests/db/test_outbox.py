"""The outbox against a real PostgreSQL and a real mail server: up, away, deferring, refusing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import compat32, default
from functools import partial
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from sqlalchemy import Connection, Engine, text

from etl.mail import Letter, MailKind, Message, compose_email, open_sender, send
from etl.outbox import queue_mail, send_queued

OUR_ADDRESS = "ward-reports@sontay.example"


@dataclass
class Mailbox:
    """What a mail server took, and how it answers."""

    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    sender_answer: str = "250 OK"
    data_answer: str = "250 OK"

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        envelope.mail_from = address
        return self.sender_answer

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802
        self, server: Any, session: Any, envelope: Envelope
    ) -> str:
        if self.data_answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.taken.append(message)
            self.recipients.append(envelope.rcpt_tos)
        return self.data_answer


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def smtp_url(mailbox: Mailbox) -> Iterator[str]:
    with running(mailbox) as place:
        yield f"smtp://{place}"


@contextmanager
def running(mailbox: Mailbox, **options: Any) -> Iterator[str]:
    """Run a mail server on a free port; give its host and port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    yield f"127.0.0.1:{port}"
    controller.stop()


def message(state: str = "one", topic: str = "submission", **changes: Any) -> Message:
    plain = Message(
        MailKind.RECEIPT, topic, state, ("ward@sontay.example",), "[Đạt] Phú Thịnh", "Kính gửi\n", "<p>Kính gửi</p>\n"
    )
    return replace(plain, **changes)


def queue(engine: Engine, *messages: Message) -> list[bool]:
    with engine.begin() as conn:
        return [queue_mail(conn, one) for one in messages]


def send_all(engine: Engine, smtp_url: str) -> dict[str, int]:
    with open_sender(smtp_url, OUR_ADDRESS) as send_one:
        return send_queued(engine, send_one)


def rows(engine: Engine) -> list[Any]:
    with engine.connect() as conn:
        return list(conn.execute(text("SELECT * FROM mail ORDER BY mail_no")))


def test_tells_each_change_of_state_once(engine: Engine) -> None:
    assert queue(engine, message("refused"), message("refused"), message("accepted"), message("accepted")) == [
        True, False, True, False,
    ]  # fmt: skip
    assert queue(engine, message("refused")) == [True], "refused again is news again"
    assert queue(engine, message("refused"), message("refused", "another")) == [False, True]
    assert len({row.state_key for row in rows(engine)}) == 4


def test_queues_once_what_two_queue_at_the_same_time(engine: Engine) -> None:
    with engine.connect() as first:
        transaction = first.begin()
        assert queue_mail(first, message())
        answers: list[bool] = []
        second = threading.Thread(target=lambda: answers.extend(queue(engine, message())))
        second.start()
        second.join(0.3)
        assert second.is_alive(), "waits for the first to end"
        transaction.commit()
        second.join(10)
    assert answers == [False]


def test_a_transaction_rolled_back_queues_nothing(conn: Connection, engine: Engine) -> None:
    transaction = conn.begin()
    assert queue_mail(conn, message())
    transaction.rollback()
    assert rows(engine) == []


def test_sends_what_waits_oldest_first_and_once(engine: Engine, mailbox: Mailbox, smtp_url: str) -> None:
    queue(engine, *(message(str(i), subject=f"[Đạt] số {i}") for i in range(3)))
    assert send_all(engine, smtp_url) == {"sent": 3, "waiting": 0, "refused": 0, "undeliverable": 0}
    assert send_all(engine, smtp_url)["sent"] == 0
    assert [mail["Subject"] for mail in mailbox.taken] == ["[Đạt] số 0", "[Đạt] số 1", "[Đạt] số 2"]
    mail = mailbox.taken[0]
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    body = mail.get_body(("plain",))
    assert body is not None and body.get_content().replace("\r\n", "\n") == "Kính gửi\n"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == OUR_ADDRESS and mail["To"] == "ward@sontay.example"
    assert all(row.sent_at and row.attempts == 1 and row.last_error is None for row in rows(engine))


def test_names_a_mail_by_its_state(engine: Engine, mailbox: Mailbox, smtp_url: str) -> None:
    queue(engine, message())
    row = rows(engine)[0]
    letter = Letter(row.state_key, tuple(row.recipients), row.subject, row.body_text, row.body_html, row.queued_at)
    for _ in range(2):
        send(letter, smtp_url, OUR_ADDRESS)
    first, again = mailbox.taken
    assert first["Message-ID"] == again["Message-ID"] and first["Message-ID"].endswith("@sontay.example>")
    assert first["Date"] == again["Date"]


def test_a_server_that_is_away_delays_mail_and_loses_nothing(engine: Engine, mailbox: Mailbox, smtp_url: str) -> None:
    queue(engine, message("one"), message("two"), message("three"))
    away = "smtp://127.0.0.1:1"
    for _ in range(2):
        assert send_all(engine, away) == {"sent": 0, "waiting": 3, "refused": 0, "undeliverable": 0}
    first, second, third = rows(engine)
    assert (first.attempts, first.last_error) == (second.attempts, second.last_error) == (2, "ConnectionRefusedError")
    assert third.attempts == 0
    assert send_all(engine, smtp_url)["sent"] == 3
    assert all(row.sent_at and row.last_error is None for row in rows(engine))


@pytest.mark.parametrize("answer", ["553 5.7.1 not your address", "451 4.3.0 later"])
def test_a_server_that_does_not_want_our_address_is_as_good_as_away(
    engine: Engine, mailbox: Mailbox, smtp_url: str, answer: str
) -> None:
    mailbox.sender_answer = answer
    queue(engine, message("one"), message("two"))
    assert send_all(engine, smtp_url)["waiting"] == 2
    assert "WARD_REPORTS_MAIL_FROM" in rows(engine)[0].last_error


def test_a_refused_mail_is_recorded_and_blocks_nobody(engine: Engine, mailbox: Mailbox, smtp_url: str) -> None:
    mailbox.answers["gone@sontay.example"] = "550 5.1.1 <gone@sontay.example> unknown"
    queue(engine, message("one", recipients=("gone@sontay.example",)), message("two"))
    assert send_all(engine, smtp_url) == {"sent": 1, "waiting": 0, "refused": 1, "undeliverable": 0}
    assert send_all(engine, smtp_url) == {"sent": 0, "waiting": 0, "refused": 0, "undeliverable": 0}
    refused, sent = rows(engine)
    assert refused.refused_at and not refused.sent_at and sent.sent_at
    assert refused.last_error == "the mail server answered 550 (5.1.1)", "no address in it"


def test_content_that_is_refused_is_recorded(engine: Engine, mailbox: Mailbox, smtp_url: str) -> None:
    mailbox.data_answer = "554 5.7.0 looks like spam"
    queue(engine, message())
    assert send_all(engine, smtp_url)["refused"] == 1


def test_a_deferred_mail_waits_while_the_others_go(engine: Engine, mailbox: Mailbox, smtp_url: str) -> None:
    mailbox.answers["busy@sontay.example"] = "450 4.2.1 try again"
    both = ("ward@sontay.example", "busy@sontay.example")
    queue(engine, message("one", recipients=both), message("two"))
    assert send_all(engine, smtp_url) == {"sent": 1, "waiting": 1, "refused": 0, "undeliverable": 0}
    assert mailbox.recipients == [["ward@sontay.example"]], "not one of the two before the other"
    mailbox.answers.clear()
    assert send_all(engine, smtp_url)["sent"] == 1
    assert mailbox.recipients[1] == list(both)


def test_a_mail_that_makes_the_server_hang_up_does_not_block_the_others(
    engine: Engine, mailbox: Mailbox, smtp_url: str
) -> None:
    mailbox.answers["poison@sontay.example"] = "421 4.7.0 closing"
    poison = message("one", recipients=("poison@sontay.example",))
    queue(engine, poison, message("two"), message("three"))
    assert send_all(engine, smtp_url) == {"sent": 2, "waiting": 1, "refused": 0, "undeliverable": 0}


def test_goes_to_the_recipients_that_are_known_and_says_that_one_is_not(
    engine: Engine, mailbox: Mailbox, smtp_url: str
) -> None:
    mailbox.answers["gone@sontay.example"] = "550 unknown"
    queue(engine, message(recipients=("ward@sontay.example", "gone@sontay.example")))
    assert send_all(engine, smtp_url)["sent"] == 1
    assert rows(engine)[0].last_error == "the mail server refused 1 of 2 recipients"


def test_a_mail_for_nobody_is_counted(engine: Engine, mailbox: Mailbox, smtp_url: str) -> None:
    forged = ("x\r\nBcc: y@example.org",)
    queue(engine, message("one", recipients=()), message("two", recipients=forged), message("three"))
    assert send_all(engine, smtp_url) == {"sent": 1, "waiting": 0, "refused": 1, "undeliverable": 1}
    assert len(mailbox.taken) == 1


def test_two_senders_never_send_the_same(engine: Engine) -> None:
    queue(engine, *(message(str(i)) for i in range(20)))
    sent: list[str] = []
    meet = threading.Barrier(2, timeout=10)

    def send_slowly(letter: Letter) -> int:
        if len(sent) < 2:
            meet.wait()
        sent.append(letter.state_key)
        return 0

    threads = [threading.Thread(target=partial(send_queued, engine, send_slowly)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(sent) == len(set(sent)) == 20


def test_a_sender_that_dies_leaves_the_mail_waiting(engine: Engine) -> None:
    queue(engine, message())

    def die(letter: Letter) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send_queued(engine, die)
    assert send_queued(engine, lambda letter: 0)["sent"] == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
def test_logs_in_where_the_url_says_so(engine: Engine, mailbox: Mailbox) -> None:
    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, login: LoginPassword) -> AuthResult:
        is_known = (login.login, login.password) == (b"town", b"p@ss/word")
        return AuthResult(success=is_known, handled=False)

    queue(engine, message())
    with running(mailbox, authenticator=authenticate, auth_require_tls=False, auth_required=True) as place:
        assert send_all(engine, f"smtp://town:wrong@{place}")["waiting"] == 1
        error = rows(engine)[0].last_error
        assert error.startswith("SMTPAuthenticationError") and "wrong" not in error
        assert send_all(engine, f"smtp://town:p%40ss%2Fword@{place}")["sent"] == 1


def test_long_lines_and_long_subjects_arrive_as_they_were_written() -> None:
    words = "Bộ phận một cửa thị xã Sơn Tây – báo cáo tháng 4 năm 2022 – cần sửa hai lỗi trước ngày mai"
    line = "Ô G9 (Chứng thực): tổng số đã giải quyết ghi 54, nhưng các ô kia cộng lại là 99. " * 40
    letter = Letter("a:b:c", ("a@b.example",), words, line, f"<p>{line}</p>", datetime(2022, 4, 17, tzinfo=UTC))
    content = compose_email(letter, "town@b.example").as_bytes(policy=compat32.clone(linesep="\r\n"))
    assert max(map(len, content.split(b"\r\n"))) <= 78
    content.decode("ascii")
    arrived = message_from_bytes(content, policy=default)
    assert isinstance(arrived, EmailMessage)
    assert arrived["Subject"] == words
    for kind, written in (("plain", line), ("html", f"<p>{line}</p>")):
        part = arrived.get_body((kind,))
        assert part is not None
        assert part.get_content().strip() == written.strip()
