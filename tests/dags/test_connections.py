"""Airflow's connections become the addresses that the settings take, however they were written down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from airflow.sdk import Connection
from task_rules import compose_imap_url, read_imap_url, read_settings

from etl.mailbox.connection import MailboxUrl, parse_mailbox_url


def parsed(**fields: object) -> MailboxUrl:
    known = {"conn_id": "mailbox", "conn_type": "imap", "host": "mail.example", "login": "town", "password": "word"}
    return parse_mailbox_url(compose_imap_url(Connection(**{**known, **fields})))


def test_a_mailbox_is_encrypted_unless_its_connection_says_otherwise() -> None:
    assert (parsed().scheme, parsed().port, parsed().folder) == ("imaps", 993, "INBOX")
    for is_plain in (False, "false", "False"):
        assert parsed(extra=json.dumps({"use_ssl": is_plain})).scheme == "imap"
    upgraded = parsed(extra=json.dumps({"use_ssl": "false", "use_starttls": "true"}))
    assert (upgraded.scheme, upgraded.port) == ("imap+starttls", 143)
    assert parsed(port=1993, extra=json.dumps({"use_ssl": "true"})).port == 1993


def test_users_passwords_and_folders_arrive_as_they_are() -> None:
    url = parsed(login="bao-cao@sontay.example", password="p@ss:/w?#rd%", extra=json.dumps({"folder": "Báo cáo/2022"}))
    assert (url.user, url.password, url.folder) == ("bao-cao@sontay.example", "p@ss:/w?#rd%", "Báo cáo/2022")


def test_an_absent_connection_means_no_mailbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", "postgres://loader:word@localhost/warehouse")
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", "smtp://localhost:25")
    monkeypatch.setenv("WARD_REPORTS_HOME", str(tmp_path))
    monkeypatch.delenv("AIRFLOW_CONN_MAILBOX", raising=False)
    assert read_settings().imap_url == ""
    monkeypatch.setenv("AIRFLOW_CONN_MAILBOX", "")  # as docker-compose.yaml hands it down
    assert read_imap_url() == ""
    monkeypatch.setenv("AIRFLOW_CONN_MAILBOX", "imap://town%40sontay.example:p%40ss@mail.example:993/?folder=Reports")
    assert read_settings().imap_url == "imaps://town%40sontay.example:p%40ss@mail.example:993/Reports"
