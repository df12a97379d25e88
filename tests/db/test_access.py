"""Who may do what in the warehouse: the logins that docker/create-databases.sh makes, on a real server.

One installation for all tests here: its database is laid out by the script, migrated by the owner, and filled, decided
on and published by the login that loads, as the services of docker-compose.yaml do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from etl import decisions, pipeline
from etl.db import connect
from etl.embedded import EmbeddedServer, _find_programs, embedded_server
from etl.settings import CHECKOUT, Settings

SAMPLES = CHECKOUT / "samples" / "2022-04" / "1-first"
SIGNED = "09577"
CLERK, PHONE, IDENTITY, MAIL = "Nguyễn Thị Kiểm Thử", "0912345678", "001090123456", "kiemthu.ca-nhan@mail.example"
NAMED = "Trần Văn Tệp 0987654321.csv"
PERSONAL = (CLERK, "Nguyen Thi Kiem Thu", PHONE, "0912 345 678", IDENTITY, MAIL)
FORBIDDEN_TO_ALL = (
    "CREATE TABLE public.mine (a integer)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE ROLE mine",
    "ALTER ROLE loader SUPERUSER",
    "GRANT loader TO reader",
    "SET ROLE warehouse_owner",
    "SET session_replication_role = replica",
    "SET ROLE pg_read_all_data",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT lo_import('/etc/passwd')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/mine'",
    "SELECT passwd FROM pg_shadow",
    "ALTER DATABASE warehouse OWNER TO CURRENT_USER",
    "DROP OWNED BY warehouse_owner",
)
OF_TABLES = (
    "DROP TABLE {0}",
    "ALTER TABLE {0} ADD COLUMN mine integer",
    "ALTER TABLE {0} DISABLE TRIGGER ALL",
    "TRUNCATE {0}",
    "CREATE INDEX ON {0} ((1))",
    "CREATE TRIGGER mine BEFORE INSERT ON {0} EXECUTE FUNCTION refuse_change()",
)


@dataclass(frozen=True, slots=True)
class House:
    """An installation and the logins of its server."""

    server: EmbeddedServer
    settings: Settings

    def login(self, name: str, database: str = "warehouse") -> Engine:
        return connect(url_of(self.server, name, database))


def url_of(server: EmbeddedServer, name: str, database: str = "warehouse") -> str:
    """Compose the URL of a login; the server listens on a socket that only tests reach, so no password is asked for."""
    return make_url(server.url(database)).set(username=name).render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Lay out the databases as compose does, and have a month with a signed report taken in and published."""
    with tempfile.TemporaryDirectory(prefix="wr-") as folder, embedded_server(Path(folder) / "pg") as server:
        lay_out(server)
        home = tmp_path_factory.mktemp("house")
        settings = Settings.from_env({
            "WARD_REPORTS_HOME": str(home),
            "WARD_REPORTS_DATABASE_URL": url_of(server, "warehouse_owner"),
            "WARD_REPORTS_SETTLE_SECONDS": "0",
        })  # fmt: skip
        assert pipeline.migrate(settings)
        house = House(server, replace(settings, database_url=url_of(server, "warehouse_loader")))
        do_the_month(house.settings)
        yield house


def lay_out(server: EmbeddedServer) -> None:
    """Run the script that the image of PostgreSQL runs on an empty volume."""
    names = ("AIRFLOW_DB", "WAREHOUSE_OWNER", "WAREHOUSE_LOADER", "WAREHOUSE_ANALYST")
    environ = {f"{name}_PASSWORD": f"'{name}'; DROP--" for name in names} | {
        "PATH": f"{_find_programs()}:{os.environ['PATH']}",
        "PGHOST": str(server.socket_folder),
        "POSTGRES_USER": "postgres",
    }
    subprocess.run([CHECKOUT / "docker" / "create-databases.sh"], env=environ, check=True, capture_output=True)


def do_the_month(settings: Settings) -> None:
    """Do all that the login that loads has to do; the report of one ward says whom to call."""
    for folder in SAMPLES.iterdir():
        shutil.copytree(folder, Path(settings.inbox) / folder.name)
    sign(next(Path(settings.inbox, SIGNED).glob("*.xlsx")))
    (Path(settings.inbox) / SIGNED / NAMED).write_bytes(b"no form at all\n")
    for batch in pipeline.receive_inbox(settings):
        pipeline.take_in(settings, batch)
    decisions.correct(settings, "09574", "2022-04", {"I9": 49}, reason="đã gọi điện", author="lan")
    pipeline.judge_what_changed(settings)
    for period in pipeline.find_stale_periods(settings):
        pipeline.publish_period(settings, period)
    pipeline.close_period(settings, "2022-04")
    assert list(settings.published.rglob("*.xlsx"))


def sign(path: Path) -> None:
    """Write below the table, and into what a workbook says of itself, whom to call."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    below = [None, CLERK, None, PHONE, int(PHONE), "0912 345 678", IDENTITY, f"ĐT: {PHONE}", MAIL]
    for row in ([], below, [None, f"Người lập biểu: {CLERK}, ĐT {PHONE}"], [int(IDENTITY)], [None, None, int(PHONE)]):
        sheet.append(row)
    book.properties.creator = book.properties.lastModifiedBy = CLERK
    book.save(path)


def find_relations(conn: Connection, kind: str) -> list[str]:
    return list(
        conn.execute(
            text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = :kind"),
            {"kind": kind},
        ).scalars()
    )


def refuses(conn: Connection, statement: str) -> None:
    """Hold that the server refuses a statement for want of a right, and for nothing else."""
    with pytest.raises(DBAPIError) as refused:
        conn.execute(text(statement))
    conn.rollback()
    assert refused.value.orig is not None
    assert refused.value.orig.sqlstate == "42501", f"{statement}: {refused.value.orig}"  # type: ignore[attr-defined]


@pytest.mark.parametrize("login", ["warehouse_loader", "analyst"])
def test_nobody_but_the_owner_makes_or_changes_anything(house: House, login: str) -> None:
    with house.login(login).connect() as conn:
        for statement in FORBIDDEN_TO_ALL:
            refuses(conn, statement)


@pytest.mark.parametrize("login", ["warehouse_loader", "analyst"])
def test_nobody_but_the_owner_touches_a_table_as_such(house: House, login: str) -> None:
    with house.login(login).connect() as conn:
        tables = find_relations(conn, "r")
        assert len(tables) > 20
        for table in tables:
            for statement in OF_TABLES:
                refuses(conn, statement.format(table))


def test_the_loader_changes_no_fact(house: House) -> None:
    with house.login("warehouse_loader").connect() as conn:
        for table in ("submission", "reading", "report", "report_row", "finding", "standing", "publication", "mail"):
            refuses(conn, f"DELETE FROM {table}")
        for change in ("report_row SET resolved_total = 0", "submission SET name = ''", "publication SET number = 7"):
            refuses(conn, f"UPDATE {change}")


def test_the_analyst_sees_the_views_and_no_table(house: House) -> None:
    with house.login("warehouse_loader").begin() as conn:
        conn.execute(text("GRANT SELECT ON report, mail TO PUBLIC"))  # PostgreSQL warns, and grants nothing
    with house.login("analyst").connect() as conn:
        for table in set(find_relations(conn, "r")) - {"migration"}:
            for statement in ("SELECT * FROM {0}", "SELECT count(*) FROM {0}", "DELETE FROM {0}", "COPY {0} TO STDOUT"):
                refuses(conn, statement.format(table))
        refuses(conn, "SELECT * FROM submission_log")
        refuses(conn, "CREATE TEMPORARY TABLE report (a integer)")
        for sequence in find_relations(conn, "S"):
            refuses(conn, f"SELECT nextval('{sequence}')")


def test_nothing_that_the_analyst_can_read_names_a_file_a_sender_or_an_address(house: House) -> None:
    with house.login("analyst").connect() as conn:
        readable = [name for name in find_relations(conn, "v") if name != "submission_log"]
        calls = ["ward_period_known_at('infinity')", "town_period_known_at('infinity')", "chain_known_at('infinity')"]
        calls += [
            "coverage_known_at('infinity')",
            "report_known_at('infinity')",
            "report_known_at('infinity', NULL, true)",
        ]
        calls += ["period_state_known_at('infinity')", "town_range('2022-04', '2022-04')"]
        said = "\n".join(
            str(row) for name in [*readable, *calls] for row in conn.execute(text(f"SELECT * FROM {name}"))
        )
    assert "phường Phú Thịnh" in said or "Phú Thịnh" in said
    names = [path.name for path in SAMPLES.rglob("*.xls*")]
    assert [
        word for word in (*PERSONAL, NAMED, *names, "@phuong.sontay.example", "@town.example") if word in said
    ] == []


@pytest.mark.parametrize(
    ("login", "database"), [("analyst", "airflow"), ("warehouse_loader", "airflow"), ("airflow", "warehouse")]
)
def test_no_login_enters_the_other_database(house: House, login: str, database: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied for database"):
        house.login(login, database).connect()


def test_whom_to_call_is_copied_nowhere(house: House) -> None:
    """What stands below a table stays in the archive, and in the copy of its own file that the ward gets back."""
    with connect(house.server.url("warehouse")).connect() as conn:
        kept = {
            table: "\n".join(str(row) for row in conn.execute(text(f"SELECT * FROM {table}")))
            for table in find_relations(conn, "r")
            if table != "mail_attachment"
        }
        to_others = conn.execute(
            text("SELECT mail.recipients FROM mail_attachment JOIN mail USING (mail_no)")
        ).scalars()
        assert all("@phuong.sontay.example" in address for recipients in to_others for address in recipients)
    said = {(table, word) for table, content in kept.items() for word in PERSONAL if word in content}
    assert said == set()
    in_names = {table for table, content in kept.items() if "Trần Văn Tệp" in content}
    assert in_names <= {"submission", "mail"}  # a file's name is told to its sender and the operator, and nobody else
    published = [path for path in house.settings.published.rglob("*") if path.is_file()]
    assert published
    assert [(p.name, word) for p in published for word in (*PERSONAL, NAMED) if word.encode() in read_unpacked(p)] == []


def read_unpacked(path: Path) -> bytes:
    """Read a file, and the parts of one that is a zip."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        shutil.unpack_archive(path, folder, "zip")
        return b"\n".join(part.read_bytes() for part in Path(folder).rglob("*") if part.is_file())
