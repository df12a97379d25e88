"""The servers beside the warehouse: mail out, mail in, and Airflow's own parts."""

import json
from collections.abc import Mapping
from smtplib import SMTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

from etl.db import query
from etl.health.found import Case, Found, broken, look, minutes_since, span_words, well
from etl.mail import greet
from etl.mailbox.connection import MailboxAwayError, open_mailbox, parse_mailbox_url

_PARTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")
_SECONDS = 5


def check_smtp(case: Case) -> Found:
    """Speak to the mail server as far as the login, and send nothing."""
    if not case.settings.smtp_url:
        return look(
            "WARD_REPORTS_SMTP_URL chưa đặt: lệnh này không gửi thư; Airflow dùng kết nối smtp_default",
            "WARD_REPORTS_SMTP_URL is not set: no command sends mail; Airflow has its connection smtp_default",
        )
    parts = urlsplit(case.settings.smtp_url)
    where = f"{parts.hostname}:{parts.port}" if parts.port else f"{parts.hostname}"
    try:
        greet(case.settings.smtp_url)
    except (OSError, SMTPException) as error:
        said = f"{where}: {getattr(error, 'strerror', None) or type(error).__name__}"
        return broken(said, said)
    return well(f"{where} nhận thư", f"{where} answers and lets us in")


def check_imap(case: Case) -> Found:
    """Log in to the mailbox and open its folder, and read nothing."""
    if not case.settings.imap_url:
        return well("không đọc hộp thư nào (ở đây)", "no mailbox is read (from here)")
    url = parse_mailbox_url(case.settings.imap_url)
    try:
        with open_mailbox(url) as mailbox:
            return well(f"mở được {mailbox.name}", f"{mailbox.name} can be opened")
    except MailboxAwayError as away:
        return broken(f"{url.name}: {away}", f"{url.name}: {away}")


def check_mailbox(case: Case) -> Found:
    """Say whether the rounds can read the mailbox, and since when not."""
    assert case.engine
    with case.engine.begin() as conn:
        rows = conn.execute(query("find_mailbox_state")).all()
    away = [(row.mailbox, minutes_since(row.found_at, case.now)) for row in rows if row.is_away]
    if not away:
        vi, en = ("các lượt nhận", "the rounds can read it") if rows else ("chưa lượt nào", "no round has read one yet")
        return well(f"{vi} đọc được hộp thư", en, mailbox_away_minutes=0)
    mailbox, minutes = max(away, key=lambda one: one[1])
    vi, en = span_words(minutes)
    return (broken if minutes >= 180 else look)(
        f"{mailbox}: không đọc được từ {vi} nay",
        f"{mailbox}: cannot be read for {en}",
        mailbox_away_minutes=minutes,
    )


def check_airflow(case: Case) -> Found:
    """Ask Airflow how its parts are; it says so to anybody."""
    address = case.settings.pages_url.rstrip("/")
    if not address:
        unset = "WARD_REPORTS_PAGES_URL"
        return look(f"{unset} chưa đặt: không hỏi được Airflow", f"{unset} is not set: nobody to ask")
    if not address.startswith(("http://", "https://")):
        return broken(f"{address} không phải địa chỉ web", f"{address} is no address of a page")
    try:
        with urlopen(f"{address}/api/v2/monitor/health", timeout=_SECONDS) as answer:
            health: Mapping[str, Any] = json.load(answer)
    except HTTPError as error:
        return broken(f"{address} trả lời {error.code}", f"{address} answers {error.code}")
    except ValueError:
        return broken(f"{address} không phải Airflow", f"{address} is not Airflow")
    ill = [part for part in _PARTS if (health.get(part) or {}).get("status") != "healthy"]
    if ill:
        return broken(f"không chạy: {', '.join(ill)}", f"not running: {', '.join(ill)}", airflow_parts_ill=len(ill))
    return well("mọi phần đang chạy", "all parts are running", airflow_parts_ill=0)
